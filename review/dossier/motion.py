"""Where a neighbor is as seen from the object, before the burn, after it, and as it would be without it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements, time_us
from orbits.propagate import propagate
from orbits.relative import relative_rtn
from review.records import FlagRecord

_BEFORE, _LEAST_AFTER, _MOST_AFTER = timedelta(days=2), timedelta(days=3), timedelta(days=20)
_BEYOND = timedelta(hours=12)  # of the meeting
_POINTS_PER_TURN = 16
_FEWEST_POINTS, _MOST_POINTS = 200, 1200
_STALE = timedelta(days=15)  # a neighbor whose sets are all farther away in time is not where they say


def relative_motion(history: pd.DataFrame, flag: FlagRecord, other_id: int, when: datetime | None) -> pd.DataFrame:
    """A neighbor's position on the RTN axes of the object, by SGP4 from the set of each that is nearest in time.

    The object's sets of before the burn serve until the burn, those of after it from then on.

    Parameters
    ----------
    history : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of both.
    flag : FlagRecord
    other_id : int
    when : datetime, optional
        When they meet: the span reaches a little beyond it, and at least three days beyond the burn.

    Returns
    -------
    DataFrame
        epoch; r_km, t_km, n_km, range_km; unburnt_km, the distance if the object had not burned, NaN before the burn. No
        row where one of them has no set that is fresh enough.
    """
    own = history[history["norad_id"] == flag.norad_id].sort_values("epoch", ignore_index=True)
    other = history[history["norad_id"] == other_id].sort_values("epoch", ignore_index=True)
    before = np.flatnonzero(own["epoch"] <= flag.epoch_before)
    after = np.flatnonzero(own["epoch"] >= flag.epoch_after)
    burn_us = _us(flag.burn_time)
    if other.empty or not (before.size or after.size) or _age(other, burn_us) > _STALE:
        columns = ["r_km", "t_km", "n_km", "range_km", "unburnt_km"]
        return pd.DataFrame({"epoch": own["epoch"].iloc[:0], **{name: [] for name in columns}})
    times_us = _times_us(flag, when, float(own["mean_motion_rev_day"].median()))
    is_after = times_us >= burn_us
    early = _nearest(own, before if before.size else after, times_us)
    late = _nearest(own, after if after.size else before, times_us)
    elements = mean_elements(own)
    neighbor = propagate(mean_elements(other)[_nearest(other, np.arange(len(other)), times_us)], times_us)
    seen = relative_rtn(propagate(elements[np.where(is_after, late, early)], times_us), neighbor).position_km
    unburnt = relative_rtn(propagate(elements[early], times_us), neighbor).position_km
    known = is_after & bool(before.size) & bool(after.size)
    return pd.DataFrame(
        {
            "epoch": pd.to_datetime(times_us, unit="us", utc=True).astype("datetime64[us, UTC]"),
            "r_km": seen[:, 0],
            "t_km": seen[:, 1],
            "n_km": seen[:, 2],
            "range_km": np.linalg.norm(seen, axis=1),
            "unburnt_km": np.where(known, np.linalg.norm(unburnt, axis=1), np.nan),
        }
    )


def _times_us(flag: FlagRecord, when: datetime | None, motion_rev_day: float) -> NDArray[np.int64]:
    start = flag.burn_time - _BEFORE
    beyond = when + _BEYOND if when is not None and when > flag.burn_time else flag.burn_time
    end = min(max(beyond, flag.burn_time + _LEAST_AFTER), flag.burn_time + _MOST_AFTER)
    turns = (end - start) / timedelta(days=1) * motion_rev_day
    points = int(np.clip(turns * _POINTS_PER_TURN, _FEWEST_POINTS, _MOST_POINTS))
    times: NDArray[np.int64] = np.linspace(_us(start), _us(end), points).astype(np.int64)
    return times


def _nearest(sets: pd.DataFrame, rows: NDArray[np.intp], times_us: NDArray[np.int64]) -> NDArray[np.intp]:
    """Which of some rows (by epoch) is nearest in time to each time."""
    epochs = epoch_us(sets["epoch"])[rows]
    later = np.minimum(np.searchsorted(epochs, times_us), len(rows) - 1)
    earlier = np.maximum(later - 1, 0)
    first = np.abs(epochs[earlier] - times_us) <= np.abs(epochs[later] - times_us)
    chosen: NDArray[np.intp] = rows[np.where(first, earlier, later)]
    return chosen


def _age(sets: pd.DataFrame, at_us: int) -> timedelta:
    return timedelta(microseconds=int(np.abs(epoch_us(sets["epoch"]) - at_us).min()))


def _us(time: datetime) -> int:
    return time_us(pd.Timestamp(time))
