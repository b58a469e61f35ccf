"""Longitude terms of geosynchronous objects; NaN for every other."""

from __future__ import annotations

import numpy as np

from features.column import Column
from features.passes import Passes
from orbits.elements import FloatArray
from orbits.geosynchronous import drift_deg_day, j22_acceleration_deg_day2, mean_longitude_deg

COLUMNS = [
    Column("longitude_deg", "deg", "float64", "mean east longitude at the later epoch (geo only)"),
    Column("drift_deg_day", "deg/day", "float64", "eastward drift rate of the later set's orbit (geo only)"),
    Column(
        "step_drift_deg_day",
        "deg/day",
        "float64",
        "drift rate of the later set less that of the earlier one, less what J22 makes of it over the gap (geo only)",
    ),
]


def geosynchronous(
    passes: Passes, a_km: FloatArray, earlier_a_km: FloatArray, gap_days: FloatArray, is_geo: np.ndarray
) -> dict[str, FloatArray]:
    """Mean longitude, its drift and the drift's step less the J22 pull, each (G,)."""
    rows = passes.gaps
    out = {column.name: np.full(len(rows), np.nan) for column in COLUMNS}
    if not is_geo.any():
        return out
    longitude = mean_longitude_deg(passes.elements[rows.later[is_geo]])
    drift = drift_deg_day(a_km[is_geo])
    pull = j22_acceleration_deg_day2(longitude) * gap_days[is_geo]
    out["longitude_deg"][is_geo] = longitude
    out["drift_deg_day"][is_geo] = drift
    out["step_drift_deg_day"][is_geo] = drift - drift_deg_day(earlier_a_km[is_geo]) - pull
    return out
