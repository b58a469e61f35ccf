"""Labels as a CSV: instants with their precision, days or windows; Δv, source, whether announced, whether the list is whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.delimited import DelimitedError, delimited, first_names
from catalog.object_records import LARGEST_NUMBER
from models.benchmark.label_fields import (
    FASTEST_M_S,
    LONGEST_BURN,
    LabelError,
    instant,
    number,
    ordered,
    stretch,
    text_of,
    whole,
)

Row = dict[str, Any]

TIMES = ("burn_time", "window_start", "burn_begin")  # any of them says when
# A verdict of the desk has the sets that bracket the burn for a window, and a team for a source.
_OF_VERDICTS = {"epoch_before": "window_start", "epoch_after": "window_end", "team": "source"}
_BURNED, VERDICT = ("confirmed", "routine"), "verdict"
FIELDS = (
    "norad_id", "name", "burn_time", "precision_h", "window_start", "window_end", "burn_begin", "burn_end", "dv_m_s",
    "dv_r_m_s", "dv_t_m_s", "dv_n_m_s", "kind", "source", "announced", "partial", "log_start", "log_end",
)  # fmt: skip
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_LONGEST_H = LONGEST_BURN.total_seconds() / 3600 / 2


def is_burn_table(path: Path, columns: Mapping[str, str]) -> bool:
    """Whether a file is a CSV of burns, not of verdicts."""
    names = first_names(text_of(path))
    there = {field for field in FIELDS if columns.get(field, field) in names}
    return VERDICT not in names and "norad_id" in there and not there.isdisjoint(TIMES)


def read_table(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Row]:
    """The burns of a CSV, as rows of `models.benchmark.labels.label_frame`.

    Of verdicts (`burnwatch labels export`) those that say that there was a burn, marked as partial: nobody says that all
    burns were flagged.

    Parameters
    ----------
    path : Path
    columns : mapping of str to str, optional
        Which column of the file holds a field of ``FIELDS``, where it has another name.

    Raises
    ------
    LabelError
        If columns are missing or a row cannot be read.
    """
    columns = columns or {}
    fields = {columns.get(field, field): field for field in (*FIELDS, VERDICT)}
    text = text_of(path)

    def is_header(names: list[str]) -> bool:
        known = {fields.get(name) for name in names}
        return "norad_id" in known and not known.isdisjoint(TIMES)

    table = delimited(text, is_header, strict=True)
    if table is None:
        there = {fields.get(name) for name in first_names(text)}
        missing = [] if "norad_id" in there else [columns.get("norad_id", "norad_id")]
        missing += [] if not there.isdisjoint(TIMES) else [" or ".join(columns.get(name, name) for name in TIMES)]
        raise LabelError(path, 1, "header", f"lacks the columns {', '.join(missing)}")
    header = [fields.get(name, "") for name in table.header]
    if VERDICT in header:
        header = [_OF_VERDICTS.get(name, field) for name, field in zip(table.header, header, strict=True)]
    twice = next((field for field in FIELDS if header.count(field) > 1), None)
    if twice is not None:
        raise LabelError(path, table.line, twice, "the header has this column twice")
    try:
        for line, cells in table.rows:
            if len(cells) != len(header):
                raise LabelError(path, line, "row", f"{len(cells)} fields where the header has {len(header)}")
            given = {field: cell.strip() for field, cell in zip(header, cells, strict=True) if field and cell.strip()}
            if VERDICT in header:
                if given.get(VERDICT) not in _BURNED:
                    continue
                given["partial"] = "yes"
                given.pop("burn_time", None)  # a fit's, which may lie beside the window
            yield _row(path, line, given)
    except DelimitedError as error:
        raise LabelError(path, error.line, "row", f"is no CSV: {error.reason}") from error


def _row(path: Path, line: int, given: Mapping[str, str]) -> Row:
    row: Row = {"norad_id": whole(path, line, "norad_id", given.get("norad_id", ""), 1, LARGEST_NUMBER)}
    row |= _times(path, line, given)
    for name, least in (("dv_m_s", 0.0), *((axis, -FASTEST_M_S) for axis in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s"))):
        if name in given:
            row[name] = number(path, line, name, given[name], least, FASTEST_M_S)
    for name in ("announced", "partial"):
        if name in given:
            row[name] = _yes_no(path, line, name, given[name])
    if "log_start" in given:
        row["log_start"] = instant(path, line, "log_start", given["log_start"])
    if "log_end" in given:
        row["log_end"] = stretch(path, line, "log_end", given["log_end"])[1]
    return row | {name: given[name] for name in ("name", "kind", "source") if name in given}


def _times(path: Path, line: int, given: Mapping[str, str]) -> Row:
    """When the burn was: an instant, or the middle of a window in which it lies."""
    start, end = _window(path, line, given)
    begin = instant(path, line, "burn_begin", given["burn_begin"]) if "burn_begin" in given else start
    until = stretch(path, line, "burn_end", given["burn_end"])[1] if "burn_end" in given else end
    ordered(path, line, begin, until, "burn_end")
    middle = start + (end - start) / 2
    return {"burn_begin": begin, "burn_end": until, "burn_time": middle, "window_start": start, "window_end": end}


def _window(path: Path, line: int, given: Mapping[str, str]) -> tuple[datetime, datetime]:
    told = stretch(path, line, "burn_time", given["burn_time"]) if "burn_time" in given else None
    if "window_start" in given or "window_end" in given:
        missing = next((name for name in ("window_start", "window_end") if name not in given), None)
        if missing:
            raise LabelError(path, line, missing, "is empty: a window has a start and an end")
        start = instant(path, line, "window_start", given["window_start"])
        end = stretch(path, line, "window_end", given["window_end"])[1]
        ordered(path, line, start, end, "window_end")
        if told and not (told[0] <= end and start <= told[1]):
            raise LabelError(path, line, "burn_time", f"{given['burn_time'][:40]} is outside its window")
        return start, end
    if told is None:
        if "burn_begin" not in given:
            raise LabelError(path, line, "burn_time", f"is empty: give one of {', '.join(TIMES)}")
        begin, day_end = stretch(path, line, "burn_begin", given["burn_begin"])
        end = stretch(path, line, "burn_end", given["burn_end"])[1] if "burn_end" in given else day_end
        middle = begin + (end - begin) / 2
        return (middle, middle) if begin == day_end else (begin, end)
    reach = timedelta(0)
    if "precision_h" in given:
        reach = timedelta(hours=number(path, line, "precision_h", given["precision_h"], 0.0, _LONGEST_H))
    return told[0] - reach, told[1] + reach


def _yes_no(path: Path, line: int, field: str, text: str) -> bool:
    if text.lower() not in _YES_NO:
        raise LabelError(path, line, field, f"{text[:40]!r} is neither yes nor no")
    return _YES_NO[text.lower()]
