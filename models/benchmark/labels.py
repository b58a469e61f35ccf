"""Operators' burn logs of the benchmark of Shorten et al. 2023, read from the raw files, in UTC."""

from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

import numpy as np
import pandas as pd

from catalog.delimited import DelimitedError, delimited, first_names
from catalog.object_records import LARGEST_NUMBER
from configs.documents import DocumentError, line_of, one_line, read_yaml
from models.errors import ModelError

LABEL_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "name": "str",
    "burn_begin": "datetime64[us, UTC]",
    "burn_end": "datetime64[us, UTC]",
    "burn_time": "datetime64[us, UTC]",
    "dv_r_m_s": "float64",
    "dv_t_m_s": "float64",
    "dv_n_m_s": "float64",
    "kind": "str",
}

# Satellite codes of the International DORIS Service's maneuver files -> catalog number, name.
_DORIS_CODES: dict[str, tuple[int, str]] = {
    "CRYO2": (36508, "CryoSat-2"),
    "ENVI1": (27386, "Envisat"),
    "HY-2A": (37781, "Haiyang-2A"),
    "JASO1": (26997, "Jason-1"),
    "JASO2": (33105, "Jason-2"),
    "JASO3": (41240, "Jason-3"),
    "SARAL": (39086, "SARAL"),
    "SEN3A": (41335, "Sentinel-3A"),
    "SEN3B": (43437, "Sentinel-3B"),
    "SEN6A": (46984, "Sentinel-6A"),
    "SPOT2": (20436, "SPOT-2"),
    "SPOT4": (25260, "SPOT-4"),
    "SPOT5": (27421, "SPOT-5"),
    "TOPEX": (22076, "TOPEX"),
}
_FENGYUN: dict[str, tuple[int, str]] = {
    "2006-053A": (29640, "Fengyun-2D"),
    "2008-066A": (33463, "Fengyun-2E"),
    "2012-002A": (38049, "Fengyun-2F"),
    "2018-050A": (43491, "Fengyun-2H"),
    "2016-077A": (41882, "Fengyun-4A"),
}
_FENGYUN_KINDS = {
    "GEO-EW-STATION-KEEPING": "east-west station-keeping",
    "GEO-NS-STATION-KEEPING": "north-south station-keeping",
}
# Where radial, along-track and cross-track lie among the three Δv of a firing, by parameter type.
_RTN_ORDER = {"005": (2, 1, 0), "006": (0, 1, 2), "007": (0, 1, 2)}

_CST = timezone(timedelta(hours=8))  # China Standard Time
_FIRST_YEAR, _LAST_YEAR = 1957, 2056
_FASTEST_M_S = 20_000.0
_LONGEST_BURN = timedelta(days=90)  # electric thrust goes on for weeks
_MOST_FIRINGS = 1000  # of one line
_MOST_DIGITS = 12
_LONGEST_LOG = 64 * 2**20  # characters; the longest known has a hundred thousand
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_FIRING_FIELDS = 15
_HEAD_FIELDS = 9
_FENGYUN_LINE = re.compile(r'^(\S+)\s+([0-9]{4}-[0-9]{3}[A-Z]+)\s+"(\S+) CST"\s+"(\S+) CST"$')


class LabelError(ModelError):
    """A burn log cannot be read; says the file, the line, the field and why."""

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        self.path, self.line, self.field, self.reason = path, line, field, reason
        super().__init__(one_line(f"{path.name}, line {line}, {field}: {reason}"))


def read_labels(path: Path | str, *, as_shipped: bool = False) -> pd.DataFrame:
    """Every logged firing, one row each, sorted by object and time.

    Parameters
    ----------
    path : path
        A folder in the layout of Shorten et al. 2023 (any subset of its satellites), from whose
        ``raw_data/manoeuvres`` the labels are built, or a CSV file with the columns of ``LABEL_DTYPES``.
    as_shipped : bool
        Read ``processed_files/manoeuvres_*.yaml`` instead, which are 24 h (LEO) and 8 h (GEO) late:
        only to reproduce published figures. Warns.

    Returns
    -------
    DataFrame
        Columns of ``LABEL_DTYPES``; Δv in radial, along-track, cross-track [m/s], NaN where the log
        has none. ``burn_time`` is the middle of the firing, the begin where only that is logged.

    Raises
    ------
    LabelError
        If a log has a line that cannot be read.
    ModelError
        If there are no labels at ``path``.
    """
    path = Path(path)
    if path.is_file():
        return _read_csv(path)
    labels, refused = read_logs(path, as_shipped=as_shipped)
    if refused:
        raise refused[0]
    return labels


def read_logs(path: Path, *, as_shipped: bool = False) -> tuple[pd.DataFrame, list[LabelError]]:
    """Every firing of the logs that can be read, and why the others cannot; a log is taken as a whole or not at all.

    Parameters
    ----------
    path : Path
        A folder in the layout of Shorten et al. 2023.
    as_shipped : bool
        As for `read_labels`.

    Raises
    ------
    ModelError
        If the folder has no logs.
    """
    if as_shipped:
        folder, pattern, read = path / "processed_files", "manoeuvres_*.yaml", _read_shipped
        warnings.warn(
            "as-shipped labels are late by 24 h (LEO) and 8 h (GEO): figures from them are not comparable with any others",
            stacklevel=3,
        )
    else:
        folder, pattern, read = path / "raw_data" / "manoeuvres", "*man*.txt*", _read_log
    logs = sorted(file for file in folder.glob(pattern) if file.is_file())
    if not logs:
        raise ModelError(f"no maneuver logs in {folder}: expected the layout of Shorten et al. 2023")
    rows: list[tuple[object, ...]] = []
    refused: list[LabelError] = []
    for log in logs:
        try:
            rows += read(log)
        except LabelError as error:
            refused.append(error)
        except OSError as error:
            refused.append(LabelError(log, 0, "file", error.strerror or str(error)))
    return _frame(rows), refused


def merge_burns(labels: pd.DataFrame, hours: float = 24.0) -> pd.DataFrame:
    """Burns of one object less than ``hours`` apart become one maneuver.

    Returns
    -------
    DataFrame
        The columns of ``LABEL_DTYPES`` plus ``burns`` (their number) and ``dv_m_s`` (the sum of
        their magnitudes). Δv components are summed. ``burn_time`` is the mean of the burns' times
        weighted by |Δv|, unweighted where one is not known.
    """
    labels = labels.sort_values(["norad_id", "burn_time"], kind="stable").reset_index(drop=True)
    apart = labels["burn_time"].diff() >= pd.Timedelta(hours=hours)
    group = (apart | labels["norad_id"].ne(labels["norad_id"].shift())).cumsum()
    size = np.sqrt((labels[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]] ** 2).sum(axis=1, skipna=False))
    weight = size.where(size.groupby(group).transform(lambda dv: dv.notna().all() and dv.sum() > 0), 1.0)
    start = labels.groupby(group)["burn_time"].transform("first")
    lead_s = (labels["burn_time"] - start).dt.total_seconds()
    mean_s = (lead_s * weight).groupby(group).sum() / weight.groupby(group).sum()
    groups = labels.groupby(group)
    merged = groups.agg(
        norad_id=("norad_id", "first"),
        name=("name", "first"),
        burn_begin=("burn_begin", "min"),
        burn_end=("burn_end", "max"),
        burn_time=("burn_time", "first"),
        kind=("kind", lambda kinds: kinds.iloc[0] if (kinds == kinds.iloc[0]).all() else "unknown"),
        burns=("norad_id", "size"),
    )
    merged["burn_time"] = (merged["burn_time"] + pd.to_timedelta(mean_s, unit="s")).dt.as_unit("us")
    for name in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s"):
        merged[name] = groups[name].sum(min_count=1)
    merged["dv_m_s"] = size.groupby(group).sum(min_count=1)
    return merged[[*LABEL_DTYPES, "burns", "dv_m_s"]].reset_index(drop=True)


def _read_log(path: Path) -> list[tuple[object, ...]]:
    read = _fengyun_line if path.name.endswith(".fy") else _doris_line
    rows: list[tuple[object, ...]] = []
    for number, line in enumerate(_text(path, encoding="ascii").split("\n"), start=1):
        if line.strip():
            rows += read(path, number, line.strip())
    return rows


def _text(path: Path, encoding: str = "utf-8-sig") -> str:
    """The text of a log, its newlines LF."""
    with path.open(encoding=encoding, errors="replace") as file:
        text = file.read(_LONGEST_LOG + 1)
    if len(text) > _LONGEST_LOG:
        raise LabelError(path, 0, "file", f"is longer than {_LONGEST_LOG} characters: split it")
    return text


def _number(path: Path, line: int, field: str, text: str, least: float, most: float) -> float:
    """A decimal number within limits, in ASCII digits."""
    if not _NUMBER.fullmatch(text):
        raise LabelError(path, line, field, f"{text[:40]!r} is no number")
    value = float(text)
    if not least <= value <= most:
        raise LabelError(path, line, field, f"{text[:40]} is not in {least:g}..{most:g}")
    return value


def _whole(path: Path, line: int, field: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise LabelError(path, line, field, f"{text[:40]!r} is no whole number")
    return int(_number(path, line, field, text, least, most))


def _ordered(path: Path, line: int, begin: datetime, end: datetime) -> None:
    if end < begin:
        raise LabelError(path, line, "end", f"{end:%Y-%m-%dT%H:%M:%SZ} is before the begin")
    if end - begin > _LONGEST_BURN:
        raise LabelError(path, line, "end", f"is more than {_LONGEST_BURN.days} days after the begin")


def _doris_line(path: Path, number: int, line: str) -> list[tuple[object, ...]]:
    """The firings of one line of an International DORIS Service maneuver file."""
    fields = line.split()
    if len(fields) < _HEAD_FIELDS:
        raise LabelError(path, number, "begin and end", f"expected {_HEAD_FIELDS} fields, got {len(fields)}")
    if fields[0] not in _DORIS_CODES:
        raise LabelError(path, number, "satellite", f"unknown code {fields[0][:40]!r}")
    norad_id, name = _DORIS_CODES[fields[0]]
    begin = _day_of_year(path, number, fields[1:5])
    end = _day_of_year(path, number, fields[5:9])
    _ordered(path, number, begin, end)
    rest = fields[_HEAD_FIELDS:]
    if rest and rest[0] not in _RTN_ORDER:  # the optional maneuver type
        rest = rest[1:]
    if not rest:
        return [(norad_id, name, begin, end, begin, np.nan, np.nan, np.nan, "unknown")]
    if rest[0] not in _RTN_ORDER or len(rest) < 2:
        raise LabelError(path, number, "parameter type", f"expected one of {', '.join(_RTN_ORDER)} and a count")
    firings = _whole(path, number, "firings", rest[1], 0, _MOST_FIRINGS)
    if len(rest) != 2 + _FIRING_FIELDS * firings:
        raise LabelError(path, number, "firings", f"{firings} announced, {len(rest) - 2} fields follow")
    rows: list[tuple[object, ...]] = []
    for at in range(2, len(rest), _FIRING_FIELDS):
        middle = _day_of_year(path, number, rest[at : at + 5])
        duration_s = _number(path, number, "duration", rest[at + 5], 0.0, _LONGEST_BURN.total_seconds())
        dv = [_number(path, number, "Δv", value, -_FASTEST_M_S, _FASTEST_M_S) for value in rest[at + 6 : at + 9]]
        half = timedelta(seconds=duration_s / 2)
        rtn = (dv[place] for place in _RTN_ORDER[rest[0]])
        rows.append((norad_id, name, middle - half, middle + half, middle, *rtn, "unknown"))
    return rows


def _day_of_year(path: Path, number: int, fields: list[str]) -> datetime:
    """``year day hour minute [second]``, where day 1 is January 1st."""
    year = _whole(path, number, "date", fields[0], _FIRST_YEAR, _LAST_YEAR)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) - datetime(year, 1, 1, tzinfo=UTC)).days
    day = _whole(path, number, "date", fields[1], 1, days)
    hour, minute = (
        _whole(path, number, "date", field, 0, most) for field, most in zip(fields[2:4], (23, 59), strict=True)
    )
    second = _number(path, number, "date", fields[4], 0.0, 60.999) if len(fields) > 4 else 0.0
    return datetime(year, 1, 1, hour, minute, tzinfo=UTC) + timedelta(days=day - 1, seconds=second)


def _fengyun_line(path: Path, number: int, line: str) -> list[tuple[object, ...]]:
    match = _FENGYUN_LINE.match(line)
    if match is None:
        raise LabelError(path, number, "line", 'expected KIND DESIGNATOR "begin CST" "end CST"')
    kind, designator, *times = match.groups()
    if designator not in _FENGYUN:
        raise LabelError(path, number, "designator", f"unknown satellite {designator[:40]!r}")
    begin, end = (_instant(path, number, "date", time.replace("/", "-"), zone=_CST) for time in times)
    _ordered(path, number, begin, end)
    kind = _FENGYUN_KINDS.get(kind, "unknown")
    return [(*_FENGYUN[designator], begin, end, begin + (end - begin) / 2, np.nan, np.nan, np.nan, kind)]


def _instant(path: Path, line: int, field: str, text: str, zone: tzinfo = UTC) -> datetime:
    """A time in ISO 8601, of ``zone`` where it names none, in UTC."""
    try:
        time = datetime.fromisoformat(text.strip())
        time = (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise LabelError(path, line, field, f"{text[:40]!r} is no time such as 2026-05-31T12:00:00Z") from error
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise LabelError(path, line, field, f"{text[:40]!r} is not in {_FIRST_YEAR}..{_LAST_YEAR}")
    return time


def _read_shipped(path: Path) -> list[tuple[object, ...]]:
    name = path.stem.removeprefix("manoeuvres_")
    try:
        data, root = read_yaml(_text(path))
    except DocumentError as error:
        raise LabelError(path, error.line or 0, error.field or "YAML", error.reason) from error
    stamps = data.get("manoeuvre_timestamps") if isinstance(data, dict) else None
    if not isinstance(stamps, list) or "SATCAT number" not in data:
        reason = "expected 'SATCAT number' and a list of times 'manoeuvre_timestamps'"
        raise LabelError(path, 0, "content", reason)
    line = line_of(root, ["SATCAT number"])
    norad_id = _whole(path, line, "SATCAT number", str(data["SATCAT number"]), 1, LARGEST_NUMBER)
    rows: list[tuple[object, ...]] = []
    for place, stamp in enumerate(stamps):
        line = line_of(root, ["manoeuvre_timestamps", str(place)])
        time = _instant(path, line, "manoeuvre_timestamps", str(stamp))
        rows.append((norad_id, name, time, time, time, np.nan, np.nan, np.nan, "unknown"))
    return rows


def _read_csv(path: Path) -> pd.DataFrame:
    needed = ("norad_id", "burn_time")
    text = _text(path)
    table = delimited(text, lambda names: set(needed) <= set(names), strict=True)
    if table is None:
        missing = [name for name in needed if name not in first_names(text)]
        raise ModelError(f"{path.name} lacks the columns {', '.join(missing)}")
    twice = next((name for name in LABEL_DTYPES if table.header.count(name) > 1), None)
    if twice is not None:
        raise LabelError(path, table.line, twice, "the header has this column twice")
    rows: list[tuple[object, ...]] = []
    try:
        for line, cells in table.rows:
            if len(cells) != len(table.header):
                reason = f"{len(cells)} fields where the header has {len(table.header)}"
                raise LabelError(path, line, "row", reason)
            rows.append(_csv_row(path, line, dict(zip(table.header, (cell.strip() for cell in cells), strict=True))))
    except DelimitedError as error:
        raise LabelError(path, error.line, "row", f"is no CSV: {error.reason}") from error
    return _frame(rows)


def _csv_row(path: Path, line: int, cells: dict[str, str]) -> tuple[object, ...]:
    norad_id = _whole(path, line, "norad_id", cells["norad_id"], 1, LARGEST_NUMBER)
    middle = _instant(path, line, "burn_time", cells["burn_time"])
    begin, end = (
        _instant(path, line, name, cells[name]) if cells.get(name) else middle for name in ("burn_begin", "burn_end")
    )
    _ordered(path, line, begin, end)
    sizes = (
        _number(path, line, name, cells[name], -_FASTEST_M_S, _FASTEST_M_S) if cells.get(name) else np.nan
        for name in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")
    )
    return (norad_id, cells.get("name", ""), begin, end, middle, *sizes, cells.get("kind") or "unknown")


def _frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return _sorted(pd.DataFrame(rows, columns=list(LABEL_DTYPES)))


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame[list(LABEL_DTYPES)].astype(LABEL_DTYPES)
    return frame.sort_values(["norad_id", "burn_time"], kind="stable").reset_index(drop=True)
