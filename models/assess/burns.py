"""Fitted events as the pattern of life looks at them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from orbits.constants import MU_KM3_S2
from orbits.geosynchronous import drift_deg_day

US_PER_DAY = 86_400e6
DIRECTIONS = ("forward", "backward", "cross-track", "radial", "unclear")
MIN_SNR = 2.0  # a Δv component below it does not tell the direction


class Burn(NamedTuple):
    """One event as the pattern of life sees it."""

    row: int
    norad_id: int
    regime: str
    available_us: int
    day: float
    direction: str
    dv_m_s: float
    sigma_m_s: float
    a_km: float
    delta_a_km: float
    drift_deg_day: float  # after the burn, as if in the geosynchronous belt
    drift_before_deg_day: float
    longitude_deg: float
    observed_days: float
    probability: float


def burns_of(events: pd.DataFrame) -> list[Burn]:
    """The events' burns, each by its clearest direction."""
    dv = events[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].to_numpy(np.float64, copy=True)
    sigma = events[["dv_r_sigma_m_s", "dv_t_sigma_m_s", "dv_n_sigma_m_s"]].to_numpy(np.float64, copy=True)
    a, delta_a = (events[name].to_numpy(np.float64) for name in ("a_km", "delta_a_km"))
    # Where the Δv was withheld, the change of the orbit still says how much along-track Δv it took.
    equivalent = 0.5 * delta_a * np.sqrt(MU_KM3_S2 / a**3) * 1e3
    withheld = ~np.isfinite(dv).all(1)
    dv[withheld] = np.column_stack([np.zeros(len(a)), equivalent, np.zeros(len(a))])[withheld]
    sigma[withheld] = np.column_stack([np.zeros(len(a)), 0.3 * np.abs(equivalent), np.zeros(len(a))])[withheld]
    dv, sigma = np.nan_to_num(dv), np.nan_to_num(sigma)
    # Radial Δv is seen by the eccentricity alone and rarely fired: it takes more to believe it.
    clear = np.where(np.abs(dv) > MIN_SNR * np.array([2.0, 1.0, 1.0]) * sigma, np.abs(dv), 0.0)
    axis = clear.argmax(1)
    rows = np.arange(len(dv))
    direction = np.select(
        [clear.max(1) == 0, axis == 0, axis == 2, dv[:, 1] > 0],
        ["unclear", "radial", "cross-track", "forward"],
        "backward",
    )
    axis = np.where(clear.max(1) == 0, 1, axis)
    columns = {
        "norad_id": events["norad_id"].to_numpy(np.int64).tolist(),
        "regime": events["regime"].astype(str).tolist(),
        "available_us": epoch_us(events["available_at"]).tolist(),
        "day": (epoch_us(events["burn_time"]) / US_PER_DAY).tolist(),
        "direction": direction.tolist(),
        "dv_m_s": np.maximum(np.abs(dv[rows, axis]), 1e-5).tolist(),
        "sigma_m_s": sigma[rows, axis].tolist(),
        "a_km": a.tolist(),
        "delta_a_km": np.nan_to_num(delta_a).tolist(),
        "drift_deg_day": drift_deg_day(a).tolist(),
        "drift_before_deg_day": drift_deg_day(a - np.nan_to_num(delta_a)).tolist(),
        "longitude_deg": _optional(events, "longitude_deg", math.nan),
        "observed_days": _optional(events, "observed_days", math.nan),
        "probability": [p if math.isfinite(p) else 1.0 for p in _optional(events, "probability", 1.0)],
    }
    return [Burn(row, *values) for row, values in enumerate(zip(*columns.values(), strict=True))]


def _optional(events: pd.DataFrame, name: str, default: float) -> list[float]:
    if name not in events:
        return [default] * len(events)
    return [float(value) for value in events[name].to_numpy(np.float64)]
