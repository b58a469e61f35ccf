"""Which element sets of a history are used, and how the rows of features lie in it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

import numpy as np
import pandas as pd

from catalog.records import ELEMENT_SET_DTYPES, epoch_us
from configs.features import FeatureConfig
from features.column import Column
from features.errors import MissingFieldError
from orbits.elements import IntArray

LAGS = (1, 2, 3)

NEEDED = (
    "norad_id",
    "epoch",
    "available_at",
    *(name for name in ELEMENT_SET_DTYPES if name.endswith(("_deg", "_er"))),
    "mean_motion_rev_day",
    "eccentricity",
)


class Quality(IntFlag):
    """Why a row's figures are to be doubted; 0 where there is no reason."""

    GOOD = 0
    PROPAGATION_FAILED = 1
    LONG_GAP = 2
    FEW_EARLIER_SETS = 4


KEYS = [
    Column("norad_id", "-", "int64", "catalog number of the object"),
    Column("epoch_before", "UTC", "datetime64[us, UTC]", "epoch of the earlier element set"),
    Column("epoch", "UTC", "datetime64[us, UTC]", "epoch of the later element set"),
    Column("available_at", "UTC", "datetime64[us, UTC]", "when the later of the two sets became available"),
    Column("regime", "-", "str", "leo, meo, geo or heo, by the later element set"),
    Column("gap_days", "day", "float64", "time between the two epochs"),
    Column(
        "quality",
        "-",
        "int8",
        "sum of: 1 SGP4 failed for one of the two sets (the columns made of it are NaN); 2 the gap is long; "
        "4 fewer than three earlier sets, so lags are NaN",
    ),
]


@dataclass(frozen=True, slots=True)
class Gaps:
    """Positions of the feature rows in a frame of used element sets.

    Parameters
    ----------
    later : (G,) int64
        Position of the later set of each gap; the earlier set is the one before it.
    bounds : (B + 1,) int64
        Gap rows ``bounds[b]:bounds[b + 1]`` belong to one object.
    rank : (G,) int64
        How many gaps of the same object come before this one.
    """

    later: IntArray
    bounds: IntArray
    rank: IntArray

    def __len__(self) -> int:
        return len(self.later)

    def earlier(self, lag: int) -> IntArray:
        """Position of the set ``lag`` before the later one, or -1 where the object has none, (G,)."""
        return np.where(self.rank >= lag - 1, self.later - lag, -1)


def used_sets(history: pd.DataFrame, config: FeatureConfig) -> pd.DataFrame:
    """The element sets that features are made of, sorted by (norad_id, epoch).

    Of sets with one epoch the latest available is used. A set within ``min_gap_minutes`` of the
    last used one is left out: two fits minutes apart differ by their errors alone, and leaving out
    the *later* one never changes a row that was already there.
    """
    missing = [name for name in NEEDED if name not in history.columns]
    if missing:
        raise MissingFieldError(missing)
    sets = history[list(NEEDED)].sort_values(["norad_id", "epoch", "available_at"], kind="stable")
    sets = sets.drop_duplicates(["norad_id", "epoch"], keep="last")
    kept = _spaced(sets["norad_id"].to_numpy(np.int64), epoch_us(sets["epoch"]), round(config.min_gap_minutes * 60e6))
    return sets[kept].reset_index(drop=True)


def sets_in(features: pd.DataFrame) -> pd.DataFrame:
    """The element sets that feature rows hold, the later one of each gap, as a history of the columns ``NEEDED``.

    The first used set of each object is in no row as the later one and is missing.
    """
    return features[list(NEEDED)].reset_index(drop=True)


def gaps(norad_id: IntArray) -> Gaps:
    """The gaps between successive sets of each object; ``norad_id`` is sorted."""
    same = norad_id[1:] == norad_id[:-1]
    later = np.flatnonzero(same) + 1
    starts = np.flatnonzero(np.diff(later, prepend=-2) > 1)
    bounds = np.append(starts, len(later)).astype(np.int64)
    rank = np.arange(len(later)) - np.repeat(starts, np.diff(bounds))
    return Gaps(later.astype(np.int64), bounds, rank.astype(np.int64))


def _spaced(norad_id: IntArray, times_us: IntArray, least_us: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mask of the sets that lie at least ``least_us`` after the last kept one of their object."""
    kept = np.ones(len(norad_id), dtype=np.bool_)
    close = np.flatnonzero((norad_id[1:] == norad_id[:-1]) & (np.diff(times_us) < least_us)) + 1
    for position in close:
        last = position - 1
        while not kept[last]:
            last -= 1
        kept[position] = times_us[position] - times_us[last] >= least_us
    return kept
