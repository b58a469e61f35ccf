"""Published layouts of burn logs: the International DORIS Service's, Fengyun's, and the lists of Shorten et al. 2023."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from catalog.delimited import delimited
from catalog.object_records import LARGEST_NUMBER
from configs.documents import DocumentError, line_of, read_yaml
from models.benchmark.label_fields import (
    FASTEST_M_S,
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_BURN,
    LabelError,
    instant,
    number,
    ordered,
    text_of,
    whole,
)

Row = dict[str, Any]

_SATELLITES = Path(__file__).with_name("logged_satellites.csv")
_FENGYUN_KINDS = {
    "GEO-EW-STATION-KEEPING": "east-west station-keeping",
    "GEO-NS-STATION-KEEPING": "north-south station-keeping",
}
# Where radial, along-track and cross-track lie among the three Δv of a firing, by parameter type.
_RTN_ORDER = {"005": (2, 1, 0), "006": (0, 1, 2), "007": (0, 1, 2)}
_DV = ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")

_CST = timezone(timedelta(hours=8))  # China Standard Time
_MOST_FIRINGS = 1000  # of one line
_FIRING_FIELDS = 15
_HEAD_FIELDS = 9
_FENGYUN_LINE = re.compile(r'^(\S+)\s+([0-9]{4}-[0-9]{3}[A-Z]+)\s+"(\S+) CST"\s+"(\S+) CST"$')


def read_log(path: Path) -> Iterator[Row]:
    """The firings of a log in either layout, as rows of `models.benchmark.labels.label_frame`.

    Raises
    ------
    LabelError
    """
    read = _fengyun_line if path.name.endswith(".fy") else _doris_line
    for line, text in enumerate(text_of(path, encoding="ascii").split("\n"), start=1):
        if text.strip():
            yield from read(path, line, text.strip())


def read_shipped(path: Path) -> Iterator[Row]:
    """The times of ``processed_files/manoeuvres_*.yaml``, which are late, as such rows.

    Raises
    ------
    LabelError
    """
    name = path.stem.removeprefix("manoeuvres_")
    try:
        data, root = read_yaml(text_of(path))
    except DocumentError as error:
        raise LabelError(path, error.line or 0, error.field or "YAML", error.reason) from error
    stamps = data.get("manoeuvre_timestamps") if isinstance(data, dict) else None
    if not isinstance(stamps, list) or "SATCAT number" not in data:
        reason = "expected 'SATCAT number' and a list of times 'manoeuvre_timestamps'"
        raise LabelError(path, 0, "content", reason)
    line = line_of(root, ["SATCAT number"])
    norad_id = whole(path, line, "SATCAT number", str(data["SATCAT number"]), 1, LARGEST_NUMBER)
    for place, stamp in enumerate(stamps):
        line = line_of(root, ["manoeuvre_timestamps", str(place)])
        time = instant(path, line, "manoeuvre_timestamps", str(stamp))
        yield {"norad_id": norad_id, "name": name, "burn_begin": time, "burn_end": time, "burn_time": time}


@cache
def _satellites() -> dict[str, Row]:
    """Catalog number and name by the code or designator that logs use."""
    table = delimited(_SATELLITES.read_text(encoding="utf-8"), lambda names: "code" in names)
    rows = [] if table is None else [cells for _, cells in table.rows]
    return {code: {"norad_id": int(norad_id), "name": name} for code, norad_id, name in rows}


def _satellite(path: Path, line: int, field: str, code: str) -> Row:
    if code not in _satellites():
        raise LabelError(path, line, field, f"unknown code {code[:20]!r}; a CSV takes any satellite")
    return _satellites()[code]


def _doris_line(path: Path, line: int, text: str) -> Iterator[Row]:
    """The firings of one line of an International DORIS Service maneuver file."""
    fields = text.split()
    if len(fields) < _HEAD_FIELDS:
        raise LabelError(path, line, "begin and end", f"expected {_HEAD_FIELDS} fields, got {len(fields)}")
    satellite = _satellite(path, line, "satellite", fields[0])
    begin = _day_of_year(path, line, fields[1:5])
    end = _day_of_year(path, line, fields[5:9])
    ordered(path, line, begin, end)
    rest = fields[_HEAD_FIELDS:]
    if rest and rest[0] not in _RTN_ORDER:  # the optional maneuver type
        rest = rest[1:]
    if not rest:
        yield {**satellite, "burn_begin": begin, "burn_end": end, "burn_time": begin}
        return
    if rest[0] not in _RTN_ORDER or len(rest) < 2:
        raise LabelError(path, line, "parameter type", f"expected one of {', '.join(_RTN_ORDER)} and a count")
    firings = whole(path, line, "firings", rest[1], 0, _MOST_FIRINGS)
    if len(rest) != 2 + _FIRING_FIELDS * firings:
        raise LabelError(path, line, "firings", f"{firings} announced, {len(rest) - 2} fields follow")
    for at in range(2, len(rest), _FIRING_FIELDS):
        middle = _day_of_year(path, line, rest[at : at + 5])
        duration_s = number(path, line, "duration", rest[at + 5], 0.0, LONGEST_BURN.total_seconds())
        dv = [number(path, line, "Δv", value, -FASTEST_M_S, FASTEST_M_S) for value in rest[at + 6 : at + 9]]
        half = timedelta(seconds=duration_s / 2)
        rtn = dict(zip(_DV, (dv[place] for place in _RTN_ORDER[rest[0]]), strict=True))
        yield {**satellite, "burn_begin": middle - half, "burn_end": middle + half, "burn_time": middle, **rtn}


def _day_of_year(path: Path, line: int, fields: list[str]) -> datetime:
    """``year day hour minute [second]``, where day 1 is January 1st."""
    year = whole(path, line, "date", fields[0], FIRST_YEAR, LAST_YEAR)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) - datetime(year, 1, 1, tzinfo=UTC)).days
    day = whole(path, line, "date", fields[1], 1, days)
    hour, minute = (
        whole(path, line, "date", field, 0, most) for field, most in zip(fields[2:4], (23, 59), strict=True)
    )
    second = number(path, line, "date", fields[4], 0.0, 60.999) if len(fields) > 4 else 0.0
    return datetime(year, 1, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1, seconds=second)


def _fengyun_line(path: Path, line: int, text: str) -> Iterator[Row]:
    match = _FENGYUN_LINE.match(text)
    if match is None:
        raise LabelError(path, line, "line", 'expected KIND DESIGNATOR "begin CST" "end CST"')
    kind, designator, *times = match.groups()
    satellite = _satellite(path, line, "designator", designator)
    begin, end = (instant(path, line, "date", time.replace("/", "-"), zone=_CST) for time in times)
    ordered(path, line, begin, end)
    middle = begin + (end - begin) / 2
    yield {
        **satellite,
        "burn_begin": begin,
        "burn_end": end,
        "burn_time": middle,
        "kind": _FENGYUN_KINDS.get(kind, "unknown"),
    }
