"""Histories of geosynchronous objects whose longitude and drift are given day by day."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from orbits.elements import kozai_mean_motion_rev_day
from orbits.frames import gmst_deg
from orbits.geosynchronous import j22_acceleration_deg_day2, semi_major_axis_of_drift_km

BEGIN = pd.Timestamp("2026-01-01", tz="UTC")
_STEP_DAYS = 0.02


def flown(
    norad_id: int,
    days: float,
    longitude_deg: float,
    drift_deg_day: float = 0.0,
    burns: dict[float, float] | None = None,
    *,
    keep_deg: float = 0.0,
    eccentricity: float = 2e-4,
    inclination_deg: float = 0.1,
    raan_deg: float = 60.0,
    noise_deg_day: float = 0.0005,
    spacing_days: float = 0.7,
    thrust: Callable[[float], float] = lambda _: 0.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Element sets of one object under the equator's pull, its ``burns`` (day: the drift from then on) and its keeping.

    ``keep_deg``: whenever it has gone so far to the side the pull takes it to, a burn turns it about. ``thrust(day)`` is a
    lasting change of the drift [deg/day^2].
    """
    rng = np.random.default_rng(seed)
    grid = np.arange(0.0, days + _STEP_DAYS, _STEP_DAYS)
    longitude, drift = np.empty(len(grid)), np.empty(len(grid))
    place, rate, pending = longitude_deg, drift_deg_day, sorted((burns or {}).items())
    for i, day in enumerate(grid):
        while pending and pending[0][0] <= day:
            rate = pending.pop(0)[1]
        if keep_deg and abs(place - longitude_deg) > keep_deg and rate * (place - longitude_deg) > 0:
            rate = -rate
        longitude[i], drift[i] = place, rate
        step = float(j22_acceleration_deg_day2(place)) + thrust(day)
        place += rate * _STEP_DAYS + 0.5 * step * _STEP_DAYS**2
        rate += step * _STEP_DAYS
    seen = np.clip(np.cumsum(rng.uniform(0.6, 1.4, int(days / spacing_days))) * spacing_days, 0, days)
    seen = np.unique(seen)
    return element_sets(
        norad_id,
        seen,
        np.interp(seen, grid, longitude) + rng.normal(0, 0.001, len(seen)),
        drift[np.searchsorted(grid, seen, "right") - 1] + rng.normal(0, noise_deg_day, len(seen)),
        eccentricity=eccentricity,
        inclination_deg=inclination_deg,
        raan_deg=raan_deg,
    )


def element_sets(
    norad_id: int, days, longitude_deg, drift_deg_day, *, eccentricity=2e-4, inclination_deg=0.1, raan_deg=60.0
) -> pd.DataFrame:
    """Sets at ``days`` after `BEGIN` with these mean longitudes and drifts."""
    epoch = (BEGIN + pd.to_timedelta(np.asarray(days, dtype=float), unit="D")).as_unit("us")
    epoch_us = epoch.astype("int64").to_numpy()
    a_km = semi_major_axis_of_drift_km(np.asarray(drift_deg_day, dtype=float))
    count = len(a_km)
    e, i = np.full(count, eccentricity), np.full(count, inclination_deg)
    anomaly = (np.asarray(longitude_deg) + gmst_deg(epoch_us) - raan_deg) % 360
    return pd.DataFrame(
        {
            "norad_id": norad_id, "epoch": epoch, "available_at": (epoch + pd.Timedelta(hours=6)).as_unit("us"),
            "available_at_imputed": True, "source": "file",
            "mean_motion_rev_day": kozai_mean_motion_rev_day(a_km, e, i), "eccentricity": e, "inclination_deg": i,
            "raan_deg": raan_deg, "arg_pericenter_deg": 0.0, "mean_anomaly_deg": anomaly, "bstar_inv_er": 0.0,
        }
    )  # fmt: skip
