"""Raises in low orbit that are plain to see: air only lowers an orbit, so who stands higher than before was pushed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import semi_major_axis_km

LEAST_SETS = 10
LEAST_RISE_KM = 0.3
NOISE_RATIO = 8.0
NOISE_SCALE = 0.67  # of the median absolute second difference
HIGHEST_KM, LEAST_PERIGEE_KM, LARGEST_ECCENTRICITY = 8_400.0, 300.0, 0.02
SIDE = 3  # sets whose median is a level

FloatArray = NDArray[np.float64]


def raises(sets: pd.DataFrame) -> pd.DataFrame:
    """Raises from a level that held to one that holds.

    Parameters
    ----------
    sets : DataFrame
        Element sets, sorted by (norad_id, epoch), one an epoch.

    Returns
    -------
    DataFrame
        ``norad_id``, ``epoch_before``, ``epoch_after``, ``rise_m``, ``noise_m``, ``sets_a_day``.
    """
    eccentricity = sets["eccentricity"].to_numpy(np.float64)
    axis_km = semi_major_axis_km(
        sets["mean_motion_rev_day"].to_numpy(np.float64), eccentricity, sets["inclination_deg"].to_numpy(np.float64)
    )
    norad_id, epoch = sets["norad_id"].to_numpy(np.int64), sets["epoch"]
    rows = []
    for start, stop in pairwise(np.flatnonzero(np.diff(norad_id, prepend=-1, append=-1)).tolist()):
        a, e = axis_km[start:stop], eccentricity[start:stop]
        low = a.max() < HIGHEST_KM and (a * (1 - e)).min() > EARTH_RADIUS_KM + LEAST_PERIGEE_KM
        if len(a) < LEAST_SETS or e.max() > LARGEST_ECCENTRICITY or not low:
            continue
        noise_km = float(np.median(np.abs(np.diff(a, 2)))) / NOISE_SCALE
        days = (epoch.iloc[stop - 1] - epoch.iloc[start]) / pd.Timedelta(days=1)
        rows += [
            (
                norad_id[start],
                epoch.iloc[start + i - 2],
                epoch.iloc[start + i + 1],
                1e3 * rise,
                1e3 * noise_km,
                len(a) / days,
            )
            for i, rise in _steps(a, max(LEAST_RISE_KM, NOISE_RATIO * noise_km))
        ]
    columns = ["norad_id", "epoch_before", "epoch_after", "rise_m", "noise_m", "sets_a_day"]
    return pd.DataFrame(rows, columns=columns).sort_values(["norad_id", "epoch_before"], ignore_index=True)


def _steps(a_km: FloatArray, least_km: float) -> list[tuple[int, float]]:
    """Largest first, the first set after each rise of the median of three sets that holds on both sides, and its size [km]."""
    starts = np.arange(SIDE, len(a_km) - SIDE + 1)
    rise = np.array([np.median(a_km[i : i + SIDE]) - np.median(a_km[i - SIDE : i]) for i in starts])
    found: list[tuple[int, float]] = []
    while len(rise) and rise.max() > least_km:
        at = int(rise.argmax())
        i, size = int(starts[at]), float(rise[at])
        before, after = a_km[max(0, i - 7) : i - SIDE], a_km[i + SIDE : i + 8]
        held = len(before) >= SIDE and abs(np.median(before) - np.median(a_km[i - SIDE : i])) <= 0.3 * size
        if held and len(after) >= SIDE and np.median(after) >= np.median(a_km[i - SIDE : i]) + 0.7 * size:
            found.append((i, size))
            rise[max(0, at - 4) : at + 5] = 0.0
        else:
            rise[at] = 0.0  # back from a dip, soon gone, or one of many steps
    return found
