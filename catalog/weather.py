"""Space weather: geomagnetic and solar indices of CelesTrak's SW-All.csv, and what was known of them at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock
from numpy.lib.stride_tricks import sliding_window_view

from catalog.atomic import read_parquet, replace_parquet
from catalog.delimited import (
    MOST_REFUSALS,
    MOST_ROWS,
    Delimited,
    DelimitedError,
    decoded,
    delimited,
    first_names,
    read_bytes,
)
from catalog.errors import FileError
from catalog.parse.result import Refusal, refused_frame
from catalog.records import epoch_us
from orbits.elements import FloatArray, IntArray

_log = logging.getLogger(__name__)

AP_COLUMNS = tuple(f"ap{k}" for k in range(1, 9))

# Column -> dtype. ``ap1`` .. ``ap8`` are the three-hour ap of 00-03 .. 21-24 UTC, ``kp_sum`` is in units of Kp.
# ``f107_81d_sfu`` is the mean of the 81 days that end with this one: the centered mean would see the future.
WEATHER_DTYPES: dict[str, str] = {
    "date": "datetime64[us, UTC]",
    **dict.fromkeys(AP_COLUMNS, "float64"),
    "ap_daily": "float64",
    "kp_sum": "float64",
    "f107_obs_sfu": "float64",
    "f107_81d_sfu": "float64",
    "observed": "bool",
}

_COLUMNS = {
    **{f"AP{k}": f"ap{k}" for k in range(1, 9)},
    "AP_AVG": "ap_daily",
    "KP_SUM": "kp_sum",
    "F10.7_OBS": "f107_obs_sfu",
    "F10.7_OBS_LAST81": "f107_81d_sfu",
}
_NEEDED = ("DATE", *_COLUMNS, "F10.7_DATA_TYPE")
# ap ends at 400, Kp at 9 eight times a day. A flare's radio burst at the hour of measurement has reached 940 sfu.
_LARGEST = dict.fromkeys(_COLUMNS, 400.0) | {"KP_SUM": 720.0} | dict.fromkeys(("F10.7_OBS", "F10.7_OBS_LAST81"), 2000.0)
FIRST_DAY, LAST_DAY = pd.Timestamp("1932-01-01", tz="UTC"), pd.Timestamp("2100-12-31", tz="UTC")  # Kp begins in 1932
MAX_BYTES = 64 * 2**20  # after decompression; all days since 1957 are 3 MB
_NUMBER = "[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]{1,3})?"
_OBSERVED_TYPES = ("OBS", "INT")  # measured, or interpolated between measured days; PRD and PRM are predictions
_PREDICTED_TYPES = ("PRD", "PRM")
_REMEDY = "restore it from a backup, or move it away and `burnwatch ingest weather` again"
_US_PER_DAY = 86_400_000_000
_US_PER_3H = 3 * 3_600_000_000


class WeatherError(FileError):
    """A space-weather file that cannot be read."""


def empty_weather() -> pd.DataFrame:
    """A weather table with every column and no row."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in WEATHER_DTYPES.items()})


def read_space_weather(path: Path | str, *, refuse: Callable[[pd.DataFrame], object] | None = None) -> pd.DataFrame:
    """Read CelesTrak's space-weather CSV (``SW-All.csv``, ``SW-Last5Years.csv``).

    Format: https://celestrak.org/SpaceData/SpaceWx-format.php. Kp is printed times ten there; flux in sfu
    (1e-22 W/m²/Hz) as observed, not reduced to 1 au, because drag follows what reaches the atmosphere.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip.
    refuse : callable, optional
        Called once with the days that could not be used: a frame of file, line, field, reason, text. Without it their
        number is logged.

    Returns
    -------
    DataFrame
        ``WEATHER_DTYPES``, sorted by date, one row a date; NaN where the file is blank. ``observed`` is False on
        predicted days, and true on days whose flux was measured or interpolated.

    Raises
    ------
    WeatherError
        The file is no such CSV, or none of its days can be used.
    """
    path = Path(path)
    text = decoded(read_bytes(path, max_bytes=MAX_BYTES, refuse=WeatherError), file=path.name, refuse=WeatherError)
    table = delimited(text, lambda names: set(_NEEDED) <= set(names))
    if table is None:
        found = first_names(text)
        missing = [column for column in _NEEDED if column not in found]
        raise WeatherError(
            f"has no column {', '.join(missing)} (found {', '.join(found)[:300]}); expected CelesTrak's SW-All.csv",
            file=path.name,
        )
    cells, lines, refused = _gathered(table, path.name)
    days = pd.DataFrame({"date": _dates(cells["DATE"])})
    faults = {"DATE": (days["date"].isna(), f"is no date like 2026-05-31 from {FIRST_DAY.year} to {LAST_DAY.year}")}
    for column, target in _COLUMNS.items():
        days[target], faults[column] = _numbers(cells[column], _LARGEST[column])
    kind = cells["F10.7_DATA_TYPE"].str.upper()
    faults["F10.7_DATA_TYPE"] = (~kind.isin(_OBSERVED_TYPES + _PREDICTED_TYPES), "is not one of OBS, INT, PRD, PRM")
    days["kp_sum"] /= 10.0
    days["observed"] = kind.isin(_OBSERVED_TYPES)
    bad = pd.Series(False, index=days.index)
    for column, (failed, reason) in faults.items():
        for row in np.flatnonzero(failed & ~bad)[:MOST_REFUSALS]:
            told = f"{cells[column][row][:40]!r} {reason}; the day is left out"
            refused.append(Refusal(lines[row], column, told, ",".join(cells.loc[row])))
        bad |= failed
    _tell(refused, path.name, refuse, whole=bool(bad.all()))
    return _tidy(days[~bad])


def weather_at(table: pd.DataFrame, times: pd.Series, *, predicted: bool = False) -> pd.DataFrame:
    """What was known of the weather at each time, and nothing later.

    Parameters
    ----------
    table : DataFrame
        ``WEATHER_DTYPES``.
    times : Series of datetime64[us, UTC]
    predicted : bool
        Use predicted days too. They were not made at ``times``, so only for times ahead of the observed days.

    Returns
    -------
    DataFrame
        Index of ``times``; NaN where the table does not cover the time.

        - ``ap_daily``, ``ap_max_24h``: mean and maximum of the eight three-hour ap whose intervals had ended. Where a
          day has its mean only, the mean stands for each of its eight.
        - ``f107_sfu``: observed F10.7 of the day before (the day's own is measured at 20:00 UTC, and drag follows
          with a day's lag).

    Notes
    -----
    The delay between the end of an interval and its publication (nowcasts: minutes to hours) is not modeled.
    """
    used = table if predicted else table[table["observed"]]
    time_us = epoch_us(times)
    result = pd.DataFrame(np.nan, index=times.index, columns=["ap_daily", "ap_max_24h", "f107_sfu"])
    if used.empty:
        return result
    day = epoch_us(used["date"]) // _US_PER_DAY
    first, days = int(day[0]), int(day[-1] - day[0]) + 1

    ap = np.full((days, 8), np.nan)
    three_hour = used[list(AP_COLUMNS)].to_numpy(dtype=np.float64)
    ap[day - first] = np.where(np.isnan(three_hour), used[["ap_daily"]].to_numpy(dtype=np.float64), three_hour)
    trailing = sliding_window_view(np.concatenate([np.full(8, np.nan), ap.ravel()]), 8)
    ended = time_us // _US_PER_3H - first * 8  # how many of the table's intervals had ended
    result["ap_daily"] = _take(trailing.mean(axis=1), ended)
    result["ap_max_24h"] = _take(trailing.max(axis=1), ended)

    flux = np.full(days, np.nan)
    flux[day - first] = used["f107_obs_sfu"].to_numpy(dtype=np.float64)
    result["f107_sfu"] = _take(flux, time_us // _US_PER_DAY - 1 - first)
    return result


class WeatherTable:
    """The weather kept under ``home/weather.parquet``.

    Parameters
    ----------
    home : Path
        ``$BURNWATCH_HOME``.
    """

    def __init__(self, home: Path) -> None:
        self._path = Path(home) / "weather.parquet"

    def load(self) -> pd.DataFrame:
        """The table, ``WEATHER_DTYPES`` sorted by date; empty where nothing was merged yet."""
        return (
            _sound(read_parquet(self._path, _REMEDY).astype(WEATHER_DTYPES)) if self._path.exists() else empty_weather()
        )

    def merge(self, table: pd.DataFrame) -> int:
        """Add days, and replace predicted days by observed ones and old editions by the one given.

        An observed day is never replaced by a predicted one, so old and new files may come in any order. Merging the
        same table again changes nothing.

        Parameters
        ----------
        table : DataFrame
            ``WEATHER_DTYPES``.

        Returns
        -------
        int
            Number of days that were not in the table before.
        """
        missing = [column for column in WEATHER_DTYPES if column not in table]
        if missing:
            raise WeatherError(f"the table lacks {', '.join(missing)}", file=self._path.name)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            known = self.load()
            merged = _tidy(
                pd.concat([known, _sound(table[list(WEATHER_DTYPES)].astype(WEATHER_DTYPES))], ignore_index=True)
            )
            if not merged.equals(known):
                replace_parquet(self._path, merged)
        return len(merged) - len(known)


def _take(values: FloatArray, at: IntArray) -> FloatArray:
    inside = (at >= 0) & (at < len(values))
    return np.where(inside, values[np.where(inside, at, 0)], np.nan)


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    """One row a date: the last observed one, else the last predicted one."""
    order = table.sort_values(["date", "observed"], kind="stable")
    return (
        order.drop_duplicates("date", keep="last").reset_index(drop=True).astype(WEATHER_DTYPES)[list(WEATHER_DTYPES)]
    )


def _sound(table: pd.DataFrame) -> pd.DataFrame:
    """What can be used of a table, however it came to be stored: days of another age are left out, impossible values NaN."""
    days = table[table["date"].between(FIRST_DAY, LAST_DAY)]
    largest = {target: _LARGEST[column] / (10.0 if target == "kp_sum" else 1.0) for column, target in _COLUMNS.items()}
    return days.assign(**{name: days[name].where(days[name].between(0.0, most)) for name, most in largest.items()})


def _gathered(table: Delimited, file: str) -> tuple[pd.DataFrame, list[int], list[Refusal]]:
    """The columns that are read, as text, and the line of each row; a row of another width is refused."""
    twice = next((name for name in _NEEDED if table.header.count(name) > 1), None)
    if twice is not None:
        raise WeatherError("the header has this column twice", file=file, line=table.line, field=twice)
    places = [table.header.index(name) for name in _NEEDED]
    records: list[list[str]] = []
    lines: list[int] = []
    refused: list[Refusal] = []
    try:
        for line, cells in table.rows:
            if len(cells) == len(table.header):
                records.append([cells[place].strip() for place in places])
                lines.append(line)
            elif len(refused) < MOST_REFUSALS:
                reason = f"has {len(cells)} fields where the header has {len(table.header)}; the day is left out"
                refused.append(Refusal(line, "row", reason, ",".join(cells)))
            if len(records) > MOST_ROWS:
                raise WeatherError(f"has more than {MOST_ROWS} rows: no table of days has", file=file, line=line)
    except DelimitedError as error:
        raise WeatherError(f"cannot be read as CSV ({error.reason})", file=file, line=error.line) from error
    columns = {name: [record[at] for record in records] for at, name in enumerate(_NEEDED)}
    return pd.DataFrame(columns, dtype="str"), lines, refused


def _dates(text: pd.Series) -> pd.Series:
    dates = pd.to_datetime(
        text.where(text.str.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}"), ""), format="%Y-%m-%d", errors="coerce", utc=True
    ).astype("datetime64[us, UTC]")
    return dates.where(dates.between(FIRST_DAY, LAST_DAY))


def _numbers(text: pd.Series, largest: float) -> tuple[pd.Series, tuple[pd.Series, str]]:
    """Numbers, NaN where the text is blank, and which of them are none or out of range."""
    numbers = pd.to_numeric(text.where(text.str.fullmatch(_NUMBER), ""), errors="coerce").astype("float64")
    bad = (text != "") & ~numbers.between(0.0, largest)
    return numbers, (bad, f"is no number from 0 to {largest:g}")


def _tell(refused: list[Refusal], file: str, refuse: Callable[[pd.DataFrame], object] | None, *, whole: bool) -> None:
    """Hand on what was refused; it is an error where nothing is left."""
    if not refused:
        return
    refused.sort(key=lambda refusal: refusal.line)
    frame = refused_frame(file, refused)
    if refuse is not None:
        refuse(frame)
    else:
        _log.warning("%s: %d days left out, the first: %s", file, len(frame), refused[0].reason)
    if whole:
        first = refused[0]
        raise WeatherError(f"no day can be used: {first.reason}", file=file, line=first.line, field=first.field)
