"""Which gaps are quiet: those of objects that cannot maneuver, and arcs without a lasting step."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

import bottleneck
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from features.normalization import NOISE_FLOORS

STEPS = ("step_a_m", "step_i_deg")  # what a lasting step is seen in
LASTING_SETS = 4  # element sets on each side of a gap whose medians must differ
LONGEST_GAP_DAYS = 30.0  # a gap counts as observed time up to this
_QUARTILE_OF_NORMAL = 0.31863936396437514  # of |z|
_DAY_US = 86_400e6


def quiet_gaps(
    features: pd.DataFrame, quiet_ids: Collection[int] = (), *, guard_days: float, lasting_sigma: float
) -> NDArray[np.bool_]:
    """Gaps in which nothing but noise is to be expected, shape (N,).

    Gaps of ``quiet_ids`` are all quiet. Of any other object those are that lie at least ``guard_days`` from every
    *lasting* step in semi-major axis or inclination: medians over four sets on both sides that differ by
    more than ``lasting_sigma`` robust sigmas of the object. The sigma comes from the lower quartile of the
    differences, so that it holds while up to half the gaps are near a burn.

    This is not circular. A burn lasts; a bad element set, a storm's scatter or a wrong match of observations goes
    back, leaves both medians where they were, and stays in the quiet data with whatever score it got. So the
    tail keeps what causes false alarms. What the rule errs in raises the threshold and not the alarms: burns too
    small to be lasting are counted as quiet. The one exception is a real change that lasts and is no burn (a drag
    regime that SGP4 misses): its peaks are left out; objects in ``quiet_ids`` keep theirs.

    Parameters
    ----------
    features : DataFrame
        norad_id, epoch, step_a_m, step_i_deg; sorted by (norad_id, epoch).
    quiet_ids : collection of int
    guard_days : float
        [day]
    lasting_sigma : float
    """
    ids = features["norad_id"].to_numpy(np.int64)
    cannot = np.isin(ids, np.fromiter(quiet_ids, dtype=np.int64))
    quiet = cannot.copy()
    times = epoch_us(features["epoch"])
    bounds = np.flatnonzero(np.diff(ids, prepend=-1, append=-1))
    steps = {name: np.nan_to_num(features[name].to_numpy(np.float64)) for name in STEPS}
    for low, high in pairwise(bounds):
        if not cannot[low]:
            lasting = np.zeros(high - low, dtype=bool)
            for name, values in steps.items():
                lasting |= _lasting(values[low:high], NOISE_FLOORS[name], lasting_sigma)
            own = times[low:high]
            quiet[low:high] = _days_to_nearest(own, own[lasting]) >= guard_days
    return quiet


def _lasting(steps: NDArray[np.float64], floor: float, sigmas: float) -> NDArray[np.bool_]:
    """Whether the level of the summed ``steps`` (G,) is another after each gap than before it, shape (G,)."""
    level = np.concatenate(([0.0], np.cumsum(steps)))
    window = min(LASTING_SETS, len(level))
    before = bottleneck.move_median(level, window, min_count=1)[:-1]
    after = bottleneck.move_median(level[::-1], window, min_count=1)[::-1][1:]
    change = np.abs(after - before)
    sigma = max(float(np.quantile(change, 0.25)) / _QUARTILE_OF_NORMAL, floor)
    return np.asarray(change > sigmas * sigma)


def _days_to_nearest(times_us: NDArray[np.int64], marks_us: NDArray[np.int64]) -> NDArray[np.float64]:
    """Distance of each time (G,) to the nearest mark [day]; infinite where there is none."""
    if not len(marks_us):
        return np.full(len(times_us), np.inf)
    right = np.clip(np.searchsorted(marks_us, times_us), 0, len(marks_us) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.minimum(np.abs(marks_us[right] - times_us), np.abs(marks_us[left] - times_us))
    return np.asarray(nearest / _DAY_US)
