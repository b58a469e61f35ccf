"""Labels as files that teams exchange: CSV and JSON, out and in."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pandas as pd

from catalog.parse.result import Refusal, refused_frame
from review.columns import Row, clean_text, iso_z
from review.errors import ReviewError
from review.export import FORMULA_STARTS, csv_table, json_array
from review.labels import BURNED, LABEL_DTYPES, VERDICTS, label_frame

Form = Literal["csv", "json"]

REQUIRED = ("norad_id", "epoch_before", "epoch_after", "verdict", "decided_at")
LONGEST_WINDOW = timedelta(days=90)
LARGEST_BYTES = 100_000_000
_SPACE_AGE = datetime(1957, 10, 4, tzinfo=UTC)
_LONGEST = {"team": 200, "name": 200, "kind": 100, "note": 10_000}
_LARGEST_NUMBER = 999_999_999
_FASTEST_M_S = 20_000.0
_BLANK = " \t\r\n,"


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


class _RefusedError(Exception):
    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(reason)


@dataclass(frozen=True)
class LabelFile:
    """What a file holds.

    Parameters
    ----------
    labels : DataFrame
        ``review.labels.LABEL_DTYPES``.
    refused : DataFrame
        ``file, line, field, reason, text``, one row a label that was not taken.
    """

    labels: pd.DataFrame
    refused: pd.DataFrame


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


def read_labels(data: bytes, *, name: str, team: str = "", now: datetime | None = None) -> LabelFile:
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
    rows, refusals = [], []
    for line, record in records:
        try:
            rows.append(_label(record, team, now))
        except _RefusedError as error:
            shown = json.dumps(record, ensure_ascii=False, default=str)
            refusals.append(Refusal(line, error.field, error.reason, clean_text(shown)))
    return LabelFile(label_frame(rows), refused_frame(name, refusals))


def _csv_records(text: str, name: str) -> Iterable[tuple[int, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        header = next(reader, [])
        missing = [column for column in REQUIRED if column not in header]
        if missing:
            raise LabelFileError(
                name, 1, f"lacks the columns {', '.join(missing)}: `burnwatch labels export` writes all"
            )
        records = []
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                fitting = len(cells) == len(header)
                records.append((line, dict(zip(header, map(_unguarded, cells), strict=True)) if fitting else cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise LabelFileError(name, line, f"is no CSV ({error}); nothing was read") from error
    return records


def _json_records(text: str, name: str) -> Iterable[tuple[int, Any]]:
    decoder = json.JSONDecoder(parse_constant=_no_number)
    at, line, counted = text.find("[") + 1, 1, 0
    records: list[tuple[int, Any]] = []
    if text.lstrip().startswith("{"):
        raise LabelFileError(name, 1, "is one JSON object: give an array of them")
    while True:
        while at < len(text) and text[at] in _BLANK:
            at += 1
        line, counted = line + text.count("\n", counted, at), at
        if text[at : at + 1] == "]":
            if text[at + 1 :].strip():
                raise LabelFileError(name, line, "goes on after its array; nothing was read")
            return records
        try:
            record, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise LabelFileError(name, line, f"is no JSON ({error}); nothing was read") from error
        records.append((line, record))


def _no_number(constant: str) -> float:
    raise ValueError(f"{constant} is no JSON")


def _label(record: Any, team: str, now: datetime) -> Row:  # noqa: ANN401 - whatever a file holds
    if not isinstance(record, dict):
        raise _RefusedError("", "is no label: give as many fields as the header has names")
    texts = {name: _text(record, name) for name in _LONGEST}
    before, after, decided_at = (_time(record, name) for name in ("epoch_before", "epoch_after", "decided_at"))
    burn_time = _time(record, "burn_time") if _given(record, "burn_time") else before + (after - before) / 2
    verdict = str(record.get("verdict") or "").strip()
    number = _norad_id(record)
    rules: list[tuple[str, Callable[[], bool], str]] = [
        ("team", lambda: bool(texts["team"] or team), "says not whose label it is: name the team with --team"),
        ("verdict", lambda: verdict in VERDICTS, f"is none of {', '.join(VERDICTS)}"),
        ("epoch_after", lambda: before < after, "is not later than epoch_before"),
        (
            "epoch_after",
            lambda: after - before <= LONGEST_WINDOW,
            f"the window is longer than {LONGEST_WINDOW.days} days",
        ),
        ("burn_time", lambda: before <= burn_time <= after, "is outside the window"),
        ("decided_at", lambda: decided_at <= now, "is in the future"),
    ]
    for field, holds, reason in rules:
        if not holds():
            raise _RefusedError(field, reason)
    burned = verdict in BURNED
    return {
        "team": texts["team"] or team,
        "norad_id": number,
        "name": texts["name"],
        "epoch_before": before,
        "epoch_after": after,
        "burn_time": burn_time,
        "verdict": verdict,
        "kind": texts["kind"] if burned else "",
        **{name: _speed(record, name) if burned else math.nan for name in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")},
        "decided_at": decided_at,
        "note": texts["note"],
    }


def _given(record: Row, name: str) -> bool:
    value = record.get(name)
    return value is not None and str(value).strip() != ""


def _text(record: Row, name: str) -> str:
    if not _given(record, name):
        return ""
    if not isinstance(record[name], str):
        raise _RefusedError(name, "is no text")
    text = "\n".join(clean_text(line) for line in record[name].splitlines()).strip()
    if len(text) > _LONGEST[name]:
        raise _RefusedError(name, f"has {len(text)} characters: shorten it to {_LONGEST[name]}")
    return text


def _time(record: Row, name: str) -> datetime:
    try:
        time = datetime.fromisoformat(str(record.get(name) or "").strip())
        if time.tzinfo is not None:
            time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _RefusedError(name, "is no time: give ISO 8601 in UTC, as 2026-03-02T04:30:00Z") from None
    if time.tzinfo is None:
        raise _RefusedError(name, "says not its zone: write Z after it if it is UTC")
    if time < _SPACE_AGE:
        raise _RefusedError(name, "is before the first satellite")
    return time


def _norad_id(record: Row) -> int:
    value = record.get("norad_id")
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and 0 < int(text[:10]) <= _LARGEST_NUMBER):
        raise _RefusedError("norad_id", "is no catalog number of one to nine digits")
    return int(text)


def _speed(record: Row, name: str) -> float:
    if not _given(record, name):
        return math.nan
    try:
        speed = float(record[name])
    except (TypeError, ValueError):
        raise _RefusedError(name, "is no number") from None
    if not abs(speed) <= _FASTEST_M_S:
        raise _RefusedError(name, f"is not within ±{_FASTEST_M_S:.0f} m/s")
    return speed


def _written(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, pd.Timestamp):
        return iso_z(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _unguarded(cell: str) -> str:
    """A cell of a CSV without the apostrophe that keeps a spreadsheet from taking it for a formula."""
    guarded = cell.startswith("'") and cell[1:].lstrip(" \u00a0").startswith(FORMULA_STARTS)
    return cell[1:] if guarded else cell
