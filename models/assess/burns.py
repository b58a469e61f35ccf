"""Fitted events as the pattern of life looks at them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from orbits.constants import MU_KM3_S2
from orbits.elements import FloatArray, IntArray
from orbits.frames import gmst_deg
from orbits.geosynchronous import drift_deg_day

US_PER_DAY = 86_400e6
DIRECTIONS = ("forward", "backward", "cross-track", "radial", "unclear")
LEAST_DV_M_S = 1e-5
LEAST_A_KM = 6_378.0  # whatever a withheld fit says
MIN_SNR = 2.0  # a Δv component below it does not tell the direction
RADIAL_SNR = 4.0  # radial Δv is seen by the eccentricity alone and rarely fired: it takes more to believe it
EARLIEST = pd.Timestamp(0, tz="UTC")
CLEAR_HOURS = 6.0  # a burn whose time is known no better tells nothing of place and hour


class Part(NamedTuple):
    """A component of the Δv."""

    direction: str
    dv_m_s: float  # above 0
    sigma_m_s: float

    @property
    def log(self) -> float:
        """Log10 of the Δv."""
        return math.log10(self.dv_m_s)

    @property
    def log_sigma(self) -> float:
        """Error of that."""
        return self.sigma_m_s / self.dv_m_s / math.log(10)


class Burn(NamedTuple):
    """One event as the pattern of life sees it."""

    row: int
    norad_id: int
    regime: str
    available_us: int
    day: float
    parts: tuple[Part, ...]  # those that stand above the noise, the clearest first; at least one
    a_km: float
    delta_a_km: float
    drift_deg_day: float  # after the burn, as if in the geosynchronous belt
    drift_before_deg_day: float
    longitude_deg: float
    observed_days: float
    age_days: float  # since launch; NaN where that is not known
    kind: str
    place_deg: float  # argument of latitude of the burn, in GEO right ascension; NaN where not known
    hour_deg: float  # time of day, a day being 360 degrees; NaN where not known
    probability: float

    @property
    def direction(self) -> str:
        """Of its largest part."""
        return self.parts[0].direction

    @property
    def dv_m_s(self) -> float:
        """Of its largest part."""
        return self.parts[0].dv_m_s


def burns_of(events: pd.DataFrame, launched: pd.Series | None = None) -> list[Burn]:
    """The events' burns, each by its clearest direction.

    Parameters
    ----------
    events : DataFrame
        As from `burn_fit.fit_burns`.
    launched : Series, optional
        Launch date by norad_id, for events that do not say how old their object is.
    """
    dv = events[["dv_r_m_s", "dv_t_m_s", "dv_n_m_s"]].to_numpy(np.float64, copy=True)
    sigma = events[["dv_r_sigma_m_s", "dv_t_sigma_m_s", "dv_n_sigma_m_s"]].to_numpy(np.float64, copy=True)
    a, delta_a = (events[name].to_numpy(np.float64) for name in ("a_km", "delta_a_km"))
    # Where the Δv was withheld, the change of the orbit still says how much along-track Δv it took.
    equivalent = 0.5 * delta_a * np.sqrt(MU_KM3_S2 / a**3) * 1e3
    withheld = ~np.isfinite(dv).all(1)
    dv[withheld] = np.column_stack([np.zeros(len(a)), equivalent, np.zeros(len(a))])[withheld]
    sigma[withheld] = np.column_stack([np.zeros(len(a)), 0.3 * np.abs(equivalent), np.zeros(len(a))])[withheld]
    dv, sigma = np.nan_to_num(dv), np.nan_to_num(sigma)
    clear = np.where(
        np.abs(dv) > np.maximum(np.array([RADIAL_SNR, MIN_SNR, MIN_SNR]) * sigma, LEAST_DV_M_S), np.abs(dv), 0.0
    )
    # Beside a clear along-track burn, and in GEO, radial Δv is how a pair of along-track burns looks to a fit of one.
    geo = (events["regime"] == "geo").to_numpy()
    clear[:, 0] = np.where((clear[:, 1] > 0) | geo, 0.0, clear[:, 0])
    burn_us = _burn_us(events)
    place_deg, hour_deg = _place_and_hour(events, burn_us)
    columns = {
        "norad_id": events["norad_id"].to_numpy(np.int64).tolist(),
        "regime": events["regime"].astype(str).tolist(),
        "available_us": epoch_us(events["available_at"]).tolist(),
        "day": (burn_us / US_PER_DAY).tolist(),
        "parts": [_parts(*row) for row in zip(dv.tolist(), sigma.tolist(), clear.tolist(), strict=True)],
        "a_km": a.tolist(),
        "delta_a_km": np.nan_to_num(delta_a).tolist(),
        "drift_deg_day": drift_deg_day(a).tolist(),
        "drift_before_deg_day": drift_deg_day(np.maximum(a - np.nan_to_num(delta_a), LEAST_A_KM)).tolist(),
        "longitude_deg": _optional(events, "longitude_deg", math.nan).tolist(),
        "observed_days": _optional(events, "observed_days", math.nan).tolist(),
        "age_days": _age_days(events, burn_us, launched).tolist(),
        "kind": events["kind"].astype(str).tolist() if "kind" in events else ["unknown"] * len(events),
        "place_deg": place_deg.tolist(),
        "hour_deg": hour_deg.tolist(),
        "probability": np.nan_to_num(_optional(events, "probability", 1.0), nan=1.0).clip(0.0, 1.0).tolist(),
    }
    return [Burn(row, *values) for row, values in enumerate(zip(*columns.values(), strict=True))]


def _parts(dv: list[float], sigma: list[float], clear: list[float]) -> tuple[Part, ...]:
    along = "forward" if dv[1] > 0 else "backward"
    found = [
        Part(direction, size, error)
        for direction, size, error in zip(("radial", along, "cross-track"), clear, sigma, strict=True)
        if size > 0
    ]
    found.sort(key=lambda part: -part.dv_m_s)
    return tuple(found) or (Part("unclear", max(abs(dv[1]), LEAST_DV_M_S), sigma[1]),)


def _optional(events: pd.DataFrame, name: str, default: float) -> FloatArray:
    if name not in events:
        return np.full(len(events), default)
    return events[name].to_numpy(np.float64)


def _burn_us(events: pd.DataFrame) -> IntArray:
    """When they burned [us]; where no time was fitted, when that could be known."""
    return epoch_us(events["burn_time"].fillna(events["available_at"]))


def _age_days(events: pd.DataFrame, burn_us: IntArray, launched: pd.Series | None) -> FloatArray:
    age = _optional(events, "age_days", math.nan)
    if launched is not None and len(launched):
        launch = events["norad_id"].map(launched)
        by_date = np.where(launch.isna(), np.nan, (burn_us - epoch_us(launch.fillna(EARLIEST))) / US_PER_DAY)
        age = np.where(np.isfinite(age), age, by_date)
    return age


def _place_and_hour(events: pd.DataFrame, burn_us: IntArray) -> tuple[FloatArray, FloatArray]:
    """Where on its orbit and when in the day it burned [deg], where its time is known well enough."""
    unknown = np.full(len(events), np.nan)
    if "burn_time_low" not in events:
        return unknown, unknown
    span = (events["burn_time_high"] - events["burn_time_low"]).dt.total_seconds().to_numpy(np.float64)
    known = span <= CLEAR_HOURS * 3600
    hour = np.where(known, burn_us % US_PER_DAY / US_PER_DAY * 360, np.nan)
    ascension = np.where(known, _optional(events, "longitude_deg", math.nan) + gmst_deg(burn_us), np.nan)
    latitude = _optional(events, "arg_latitude_deg", math.nan)
    geo = (events["regime"] == "geo").to_numpy()
    return np.where(geo, ascension, latitude), hour
