"""Space weather: geomagnetic and solar indices of CelesTrak's SW-All.csv, and what was known of them at a time."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock
from numpy.lib.stride_tricks import sliding_window_view

from catalog.atomic import replace_parquet
from catalog.errors import FileError
from catalog.records import epoch_us
from orbits.elements import FloatArray, IntArray

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
_OBSERVED_TYPES = ("OBS", "INT")  # measured, or interpolated between measured days; PRD and PRM are predictions
_PREDICTED_TYPES = ("PRD", "PRM")
_US_PER_DAY = 86_400_000_000
_US_PER_3H = 3 * 3_600_000_000


class WeatherError(FileError):
    """A space-weather file that cannot be read."""


def empty_weather() -> pd.DataFrame:
    """A weather table with every column and no row."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in WEATHER_DTYPES.items()})


def read_space_weather(path: Path | str) -> pd.DataFrame:
    """Read CelesTrak's space-weather CSV (``SW-All.csv``, ``SW-Last5Years.csv``).

    Format: https://celestrak.org/SpaceData/SpaceWx-format.php. Kp is printed times ten there; flux in sfu
    (1e-22 W/m²/Hz) as observed, not reduced to 1 au, because drag follows what reaches the atmosphere.

    Parameters
    ----------
    path : Path
        The file, plain or compressed with gzip.

    Returns
    -------
    DataFrame
        ``WEATHER_DTYPES``, sorted by date, one row a date; NaN where the file is blank. ``observed`` is False on
        predicted days, and true on days whose flux was measured or interpolated.

    Raises
    ------
    WeatherError
        The file is no such CSV, or a line holds something that is not a date or a number.
    """
    name = Path(path).name
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").fillna("")
    except (OSError, ValueError, EOFError, zlib.error) as error:
        raise WeatherError(f"cannot be read as CSV ({error}); expected CelesTrak's SW-All.csv", file=name) from error
    missing = [column for column in ("DATE", *_COLUMNS, "F10.7_DATA_TYPE") if column not in raw]
    if missing:
        raise WeatherError(
            f"has no column {', '.join(missing)} (found {', '.join(map(str, raw.columns))}); "
            "expected CelesTrak's SW-All.csv",
            file=name,
        )
    table = pd.DataFrame({"date": _dates(raw["DATE"], name)})
    for column, target in _COLUMNS.items():
        table[target] = _numbers(raw[column], name)
    table["kp_sum"] /= 10.0
    kind = raw["F10.7_DATA_TYPE"].str.strip().str.upper()
    _refuse(kind, ~kind.isin(_OBSERVED_TYPES + _PREDICTED_TYPES), "is not one of OBS, INT, PRD, PRM", name)
    table["observed"] = kind.isin(_OBSERVED_TYPES)
    return _tidy(table)


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
        return pd.read_parquet(self._path).astype(WEATHER_DTYPES) if self._path.exists() else empty_weather()

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
            merged = _tidy(pd.concat([known, table[list(WEATHER_DTYPES)].astype(WEATHER_DTYPES)], ignore_index=True))
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


def _dates(text: pd.Series, name: str) -> pd.Series:
    dates = pd.to_datetime(text.str.strip(), format="%Y-%m-%d", errors="coerce", utc=True)
    _refuse(text, dates.isna(), "is no date like 2026-05-31", name)
    return dates.astype("datetime64[us, UTC]")


def _numbers(text: pd.Series, name: str) -> pd.Series:
    stripped = text.str.strip()
    numbers = pd.to_numeric(stripped, errors="coerce")
    _refuse(text, (numbers.isna() & (stripped != "")) | np.isinf(numbers), "is no number", name)
    return numbers.astype("float64")


def _refuse(text: pd.Series, bad: pd.Series, reason: str, name: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise WeatherError(
            f"{text.iloc[row][:40]!r} {reason}; download the file again", file=name, line=row + 2, field=str(text.name)
        )
