"""Labels as files that teams exchange: CSV and JSON, out and in."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import pandas as pd

from catalog.delimited import DelimitedError, delimited, first_names
from catalog.parse.json_items import JsonError, json_items
from catalog.parse.result import Refusal, refused_frame
from review.columns import Row, clean_text, iso_z
from review.errors import ReviewError
from review.export import csv_table, json_array, unguarded
from review.label_rules import REQUIRED, RefusedLabelError, label_of
from review.labels import LABEL_DTYPES, label_frame

Form = Literal["csv", "json"]

LARGEST_BYTES = 100_000_000
MOST_REFUSED = 1000  # kept with their reasons, of one file


class LabelFileError(ReviewError):
    """A file of labels of which nothing can be read.

    Attributes
    ----------
    file : str
    line : int
        Counted from 1; 0 where the file as a whole is at fault.
    """

    def __init__(self, file: str, line: int, reason: str) -> None:
        self.file, self.line = file, line
        super().__init__(f"{file}{f', line {line}' if line else ''}: {reason}")


@dataclass(frozen=True)
class LabelFile:
    """What a file holds.

    Parameters
    ----------
    labels : DataFrame
        ``review.labels.LABEL_DTYPES``.
    refused : DataFrame
        ``file, line, field, reason, text``, one row a label that was not taken, the first `MOST_REFUSED` of them.
    refused_count : int
        How many they are in all.
    """

    labels: pd.DataFrame
    refused: pd.DataFrame
    refused_count: int


def rendered(labels: pd.DataFrame, form: Form, *, team: str) -> str:
    """Labels as a file for others; `read_labels` gives the same labels back.

    Parameters
    ----------
    labels : DataFrame
        ``review.labels.LABEL_DTYPES``.
    form : 'csv' or 'json'
    team : str
        Whose the verdicts are that were given here.
    """
    rows = [
        {str(name): _written(value) for name, value in {**row, "team": row["team"] or team}.items()}
        for row in labels[list(LABEL_DTYPES)].to_dict("records")
    ]
    return json_array(rows) if form == "json" else csv_table(LABEL_DTYPES, rows)


def read_labels(
    data: bytes, *, name: str, team: str = "", now: datetime | None = None, most: int | None = None
) -> LabelFile:
    """Labels from the bytes of a file, each by itself: what cannot be used is refused with its line and why.

    Parameters
    ----------
    data : bytes
        CSV with a header, or a JSON array of objects, in UTF-8. Of the columns of ``LABEL_DTYPES`` those of `REQUIRED` must
        be there; times are ISO 8601 with their zone. Others are left alone.
    name : str
        Of the file, for messages.
    team : str
        Whose labels they are, where the file does not say.
    now : datetime, optional
        Decisions after it are refused; the present by default [UTC].
    most : int, optional
        How many labels it may hold; as many as there are by default.

    Raises
    ------
    LabelFileError
        If the file as a whole cannot be read.
    """
    now = now or datetime.now(UTC)
    if len(data) > LARGEST_BYTES:
        raise LabelFileError(name, 0, f"{len(data)} bytes are more than {LARGEST_BYTES}: split it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabelFileError(name, data[: error.start].count(b"\n") + 1, "is not UTF-8: save it so") from error
    records = _json_records(text, name) if text.lstrip().startswith(("[", "{")) else _csv_records(text, name)
    rows: list[Row] = []
    refusals: list[Refusal] = []
    refused = 0
    for line, record in records:
        if most is not None and len(rows) + refused == most:
            raise LabelFileError(name, line, f"has more than {most:,} labels; nothing was read: split it")
        try:
            if isinstance(record, RefusedLabelError):
                raise record
            rows.append(label_of(record, team, now))
        except RefusedLabelError as error:
            refused += 1
            if refused <= MOST_REFUSED:
                shown = json.dumps(record, ensure_ascii=False, default=str)
                refusals.append(Refusal(line, error.field, error.reason, clean_text(shown)))
    return LabelFile(label_frame(rows), refused_frame(name, refusals), refused)


def _csv_records(text: str, name: str) -> Iterator[tuple[int, object]]:
    table = delimited(text, lambda names: set(REQUIRED) <= set(names), strict=True)
    if table is None:
        found = first_names(text)
        missing = [column for column in REQUIRED if column not in found]
        raise LabelFileError(name, 1, f"lacks the columns {', '.join(missing)}: `burnwatch labels export` writes all")
    twice = next((column for column in LABEL_DTYPES if table.header.count(column) > 1), None)
    if twice is not None:
        raise LabelFileError(name, table.line, f"has the column {twice} twice")
    try:
        for line, cells in table.rows:
            fitting = len(cells) == len(table.header)
            yield line, dict(zip(table.header, map(unguarded, cells), strict=True)) if fitting else cells
    except DelimitedError as error:
        raise LabelFileError(name, error.line, f"is no CSV ({error.reason}); nothing was read") from error


def _json_records(text: str, name: str) -> Iterator[tuple[int, object]]:
    try:
        for item in json_items(text):
            if not item.in_list:
                raise LabelFileError(name, item.line, "is one JSON object: give an array of them")
            if item.twice:
                yield item.line, RefusedLabelError(item.twice, "is given twice")
            else:
                yield item.line, item.text if item.fields is None else item.fields
    except JsonError as error:
        raise LabelFileError(name, error.line, f"is no JSON ({error.reason}); nothing was read") from error


def _written(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, pd.Timestamp):
        return iso_z(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
