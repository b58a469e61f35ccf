"""Histories of objects that fall: drag that grows with the density of the air, and B* that follows it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.characterize.secular import rates
from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.propagate import drift

DAY_US = 86_400_000_000
START_US = 1_777_593_600_000_000  # 2026-05-01
SCALE_HEIGHT_KM = 30.0
_STEPS_A_DAY = 240
_GROUND_KM = 120.0  # below it there is no set


def reentry_history(
    height_km: float = 265.0,
    fall_km_day: float = 3.0,
    *,
    steps_km: dict[int, float] | None = None,
    last_height_km: float = 165.0,
    norad_id: int = 90001,
    seed: int = 0,
) -> pd.DataFrame:
    """Element sets of an object in a near-circular orbit, one a day, down to ``last_height_km`` or for thirty days.

    Parameters
    ----------
    height_km, fall_km_day : float
        Mean height at the beginning and how fast it falls there; e-folding in 30 km of height.
    steps_km : dict of int to float, optional
        Change of the semi-major axis by a burn in the middle of a gap (0 is the one between the first two sets) [km].
    """
    rng = np.random.default_rng(seed)
    eccentricity, inclination_deg = 0.001, 53.0
    a_km, days, angles = EARTH_RADIUS_KM + height_km, 0.0, np.radians([110.0, 40.0, 230.0])  # of ϖ, Ω and λ
    rows = []
    for place in range(30):
        if a_km - EARTH_RADIUS_KM <= _GROUND_KM:
            break
        turned = np.degrees(angles) % 360
        elements = {
            "mean_motion_rev_day": float(kozai_mean_motion_rev_day(a_km, eccentricity, inclination_deg)),
            "eccentricity": eccentricity,
            "inclination_deg": inclination_deg,
            "raan_deg": turned[1],
            "arg_pericenter_deg": (turned[0] - turned[1]) % 360,
            "mean_anomaly_deg": (turned[2] - turned[0]) % 360,
        }
        fall = fall_km_day * np.exp((EARTH_RADIUS_KM + height_km - a_km) / SCALE_HEIGHT_KM)
        epoch_us = START_US + round(days * DAY_US)
        bstar = _bstar(elements, epoch_us, fall) * rng.lognormal(0.0, 0.1)
        rows.append({"norad_id": norad_id, "epoch_us": epoch_us, **elements, "bstar_inv_er": bstar})
        if a_km - EARTH_RADIUS_KM <= last_height_km:
            break
        width = float(rng.uniform(0.8, 1.2))
        for step in range(_STEPS_A_DAY):
            fall = fall_km_day * np.exp((EARTH_RADIUS_KM + height_km - a_km) / SCALE_HEIGHT_KM)
            a_km = max(a_km - fall * width / _STEPS_A_DAY, EARTH_RADIUS_KM + _GROUND_KM)
            a_km += (steps_km or {}).get(place, 0.0) if step == _STEPS_A_DAY // 2 else 0.0
            angles = angles + rates(a_km, eccentricity**2, np.cos(np.radians(inclination_deg))) * width / _STEPS_A_DAY
        days += width
    frame = pd.DataFrame(rows).assign(rev_at_epoch=0)
    epoch = pd.Series(frame.pop("epoch_us").to_numpy().astype("datetime64[us]")).dt.tz_localize("UTC")
    frame.insert(1, "epoch", epoch)
    frame.insert(2, "available_at", epoch + pd.Timedelta(hours=6))
    return frame.astype({"epoch": "datetime64[us, UTC]", "available_at": "datetime64[us, UTC]"})


def _bstar(elements: dict[str, float], epoch_us: int, fall_km_day: float) -> float:
    """The B* with which SGP4 has the semi-major axis fall so fast."""
    trial = 1e-4
    fields = {name: np.array([value]) for name, value in elements.items()}
    times = np.array([[epoch_us, epoch_us + DAY_US // 24]])
    a_km = drift(MeanElements(epoch_us=np.array([epoch_us]), bstar_inv_er=np.array([trial]), **fields), times).a_km[0]
    return float(trial * fall_km_day / (24 * (a_km[0] - a_km[1])))
