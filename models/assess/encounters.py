"""Closest approaches of objects in nearly one plane, sought only when the phases let them meet."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.assess.orbit_index import Orbits
from orbits.elements import FloatArray, IntArray, wrap_deg
from orbits.propagate import NOT_A_TIME_US
from orbits.relative import closest_approach

_US_PER_DAY = 86_400e6
_MOST_PASSES = 6
_SLACK_DEG = 3.0  # drag moves a low object by so much along its track within days
_LONGEST_DAYS = 1.0  # on either side of the time of least phase: slower pairs hardly change within it


class Encounter(NamedTuple):
    """Smallest distance (N,) [km] and when (N,) [us since 1970-01-01]; NaN and NaT where unknown."""

    miss_km: FloatArray
    time_us: IntArray


def encounters(
    mover: Orbits, other: Orbits, phase_deg: FloatArray, rate_deg_day: FloatArray, start_us: IntArray, days: float
) -> Encounter:
    """Closest approach of N pairs in the days after a time, about the times when one passes the other.

    Objects in nearly one plane come close only when their phase is near zero: SGP4 is asked for these times alone, and
    where there are none for the time of the least phase. Passes beyond the sixth are left out.

    Parameters
    ----------
    mover, other : Orbits
        N each.
    phase_deg, rate_deg_day : (N,) float64
        As from `orbit_index.pairing`, at ``start_us``.
    start_us : (N,) int64
        [us since 1970-01-01].
    days : float
        How far ahead [days].
    """
    pair, center, half = _windows(mover, other, wrap_deg(phase_deg), rate_deg_day, days)
    begin = start_us[pair] + (np.maximum(center - half, 0.0) * _US_PER_DAY).astype(np.int64)
    end = start_us[pair] + (np.minimum(center + half, days) * _US_PER_DAY).astype(np.int64)
    miss, when = closest_approach(mover.elements[pair], other.elements[pair], begin, end)
    order = np.lexsort((miss, pair))
    best = order[np.unique(pair[order], return_index=True)[1]]
    out = Encounter(np.full(len(start_us), np.nan), np.full(len(start_us), NOT_A_TIME_US, dtype=np.int64))
    out.miss_km[pair[best]], out.time_us[pair[best]] = miss[best], when[best]
    return out


def _windows(
    mover: Orbits, other: Orbits, phase_deg: FloatArray, rate_deg_day: FloatArray, days: float
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Pair, middle and half length [days] of each span in which a pair may meet."""
    rate = np.where(np.abs(rate_deg_day) < 1e-9, 1e-9, rate_deg_day)
    lap = np.abs(360.0 / rate)
    first = np.mod(-phase_deg / rate, lap)
    centers = first[:, None] + lap[:, None] * np.arange(-1, _MOST_PASSES)
    # True anomalies stray from mean ones by twice the eccentricity.
    slack = _SLACK_DEG + 2.0 * np.degrees(mover.eccentricity + other.eccentricity)
    period = 360.0 / np.minimum(mover.latitude_rate_deg_day, other.latitude_rate_deg_day)
    half = np.minimum(slack / np.abs(rate), _LONGEST_DAYS) + period
    met = (centers + half[:, None] > 0.0) & (centers - half[:, None] < days)
    none = ~met.any(axis=1)
    end_phase = np.abs(wrap_deg(phase_deg + rate * days))
    ends = np.where(np.abs(phase_deg) <= end_phase, 0.0, days)
    pair, lap_no = np.nonzero(met)
    rows = np.flatnonzero(none)
    middle = np.concatenate([centers[pair, lap_no], ends[rows]])
    return np.concatenate([pair, rows]), middle, np.concatenate([half[pair], half[rows]])
