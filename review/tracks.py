"""What element sets say of the ways of a finding's objects: longitudes, drifts, planes, and where a drift leads."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements
from orbits.elements import semi_major_axis_km, wrap_deg
from orbits.geosynchronous import drift_deg_day, j22_acceleration_deg_day2, mean_longitude_deg
from orbits.propagate import drift
from orbits.relative import plane_angle_deg

_US_PER_DAY = 86_400e6
_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_STANDING_DEG_DAY = 0.05  # no slower drift is foretold: station-keeping ends it
_LATEST_SETS = 8  # whose median is the drift now
_STEP_DAYS = 0.25
_STALE_DAYS = 5.0  # a neighbor's set farther away in time says nothing of its plane


def track(history: pd.DataFrame, norad_id: int) -> pd.DataFrame:
    """One object's way: epoch, available_at, a_km, drift_deg_day and longitude_deg (east, in one piece) of each set.

    Parameters
    ----------
    history : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of any objects.
    norad_id : int
    """
    sets = history[history["norad_id"] == norad_id].sort_values("epoch", ignore_index=True)
    a_km = semi_major_axis_km(sets["mean_motion_rev_day"], sets["eccentricity"], sets["inclination_deg"])
    rate = drift_deg_day(a_km)
    longitude = mean_longitude_deg(mean_elements(sets))
    if len(sets) > 1:
        days = np.diff(epoch_us(sets["epoch"])) / _US_PER_DAY
        foretold = 0.5 * (rate[1:] + rate[:-1]) * days
        steps = foretold + wrap_deg(np.diff(longitude) - foretold)
        longitude = longitude[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return sets[["epoch", "available_at"]].assign(a_km=a_km, drift_deg_day=rate, longitude_deg=longitude)


def beside(way: pd.DataFrame, longitude_deg: float) -> pd.DataFrame:
    """The way by as many whole turns about the Earth as bring its end nearest a longitude."""
    if way.empty:
        return way
    turns = np.round((longitude_deg - way["longitude_deg"].iloc[-1]) / 360.0)
    return way.assign(longitude_deg=way["longitude_deg"] + 360.0 * turns)


def forecast(way: pd.DataFrame, since: datetime, as_of: datetime, days: float) -> pd.DataFrame:
    """Where the drift leads if it is left alone: epoch, longitude_deg, low_deg and high_deg, or nothing if it stands.

    The drift is the median of the latest sets after ``since`` that were available at ``as_of``, the band that of its
    scatter from set to set, both ways. The equator's ellipse pulls on the way (`j22_acceleration_deg_day2`).

    Parameters
    ----------
    way : DataFrame
        As from `track`.
    since : datetime
        When the last burn was over: earlier sets show another drift.
    as_of : datetime
    days : float
        How far ahead.
    """
    known = way[way["available_at"] <= as_of]
    now = known[known["epoch"] >= since].tail(_LATEST_SETS)
    nothing = pd.DataFrame({"epoch": [], "longitude_deg": [], "low_deg": [], "high_deg": []})
    if now.empty:
        return nothing
    rate = float(now["drift_deg_day"].median())
    if abs(rate) < _STANDING_DEG_DAY:
        return nothing
    scatter = known["drift_deg_day"].diff().abs().tail(4 * _LATEST_SETS).median() * _SIGMA_PER_MAD / np.sqrt(2.0)
    spread = 0.0 if np.isnan(scatter) else float(scatter)
    rates = np.array([rate, rate - spread, rate + spread])
    places = np.full(3, float(now["longitude_deg"].iloc[-1]))
    steps = [places]
    count = int(np.ceil(days / _STEP_DAYS))
    for _ in range(count):
        middle = places + 0.5 * _STEP_DAYS * rates
        rates = rates + _STEP_DAYS * j22_acceleration_deg_day2(middle)
        places = middle + 0.5 * _STEP_DAYS * rates
        steps.append(places)
    center, low, high = np.transpose(steps)
    epochs = now["epoch"].iloc[-1] + pd.to_timedelta(_STEP_DAYS * np.arange(count + 1), unit="D")
    return pd.DataFrame({"epoch": epochs, "longitude_deg": center, "low_deg": low, "high_deg": high})


def longitude_at(way: pd.DataFrame, time: datetime) -> float:
    """Longitude between the sets about a time; beyond them the nearest set's, carried by its drift [deg]."""
    if way.empty:
        return float("nan")
    days = (way["epoch"] - pd.Timestamp(time)).dt.total_seconds().to_numpy() / -86_400.0  # since each set
    longitude = way["longitude_deg"].to_numpy()
    if days[0] <= 0 or days[-1] >= 0:
        end = 0 if days[0] <= 0 else -1
        rate = way["drift_deg_day"].iloc[end]
        return float(longitude[end] + (days[end] * rate if abs(rate) >= _STANDING_DEG_DAY else 0.0))
    return float(np.interp(0.0, -days, longitude))


def planes(history: pd.DataFrame, norad_id: int, other_id: int) -> pd.DataFrame:
    """Angle between an object's plane and another's, and how much larger the other's orbit is, at each of its sets.

    Returns
    -------
    DataFrame
        epoch, plane_angle_deg, delta_a_km: the other's nearest set, if it is near enough in time, carried by SGP4.
    """
    own = history[history["norad_id"] == norad_id].sort_values("epoch", ignore_index=True)
    other = history[history["norad_id"] == other_id].sort_values("epoch", ignore_index=True)
    if own.empty or other.empty:
        return pd.DataFrame({"epoch": own["epoch"].iloc[:0], "plane_angle_deg": [], "delta_a_km": []})
    times, theirs = epoch_us(own["epoch"]), epoch_us(other["epoch"])
    later = np.minimum(np.searchsorted(theirs, times), len(theirs) - 1)
    earlier = np.maximum(later - 1, 0)
    near: NDArray[np.intp] = np.where(np.abs(theirs[earlier] - times) <= np.abs(theirs[later] - times), earlier, later)
    fresh = np.abs(theirs[near] - times) <= _STALE_DAYS * _US_PER_DAY
    own, times, near = own[fresh].reset_index(drop=True), times[fresh], near[fresh]
    mine, others = mean_elements(own), mean_elements(other.iloc[near])
    carried = drift(others, times)
    angle = plane_angle_deg(mine, replace(others, inclination_deg=carried.inclination_deg, raan_deg=carried.raan_deg))
    a_km = semi_major_axis_km(mine.mean_motion_rev_day, mine.eccentricity, mine.inclination_deg)
    return pd.DataFrame({"epoch": own["epoch"], "plane_angle_deg": angle, "delta_a_km": carried.a_km - a_km})
