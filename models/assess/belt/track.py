"""Longitude and drift of every element set, and how far two of them fit one motion."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.numbers import newest_identity
from catalog.records import epoch_us, mean_elements
from configs.belt import BeltConfig
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM, US_PER_DAY
from orbits.elements import FloatArray, IntArray, regime, semi_major_axis_km, wrap_deg
from orbits.geosynchronous import drift_deg_day, mean_longitude_deg, tesseral_acceleration_deg_day2

BoolArray = NDArray[np.bool_]

_SAME_DAYS = 1e-3  # sets closer than this are one fit published twice


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Element sets of geosynchronous objects as points in longitude and drift, N in all, by object and epoch.

    Parameters
    ----------
    norad_id : (N,) int64
    epoch_us : (N,) int64
        [us since 1970-01-01].
    day : (N,) float64
        The same [days since 1970-01-01].
    longitude_deg : (N,) float64
        Mean longitude, unwrapped along the object's drift [deg].
    drift_deg_day : (N,) float64
        Drift that the semi-major axis stands for [deg/day].
    pull_deg_day : (N,) float64
        What the equator's ellipse has added to the drift since the object's first set [deg/day].
    offset_km : (N,) float64
        Semi-major axis less the synchronous one [km].
    eccentricity, inclination_deg : (N,) float64
    """

    norad_id: IntArray
    epoch_us: IntArray
    day: FloatArray
    longitude_deg: FloatArray
    drift_deg_day: FloatArray
    pull_deg_day: FloatArray
    offset_km: FloatArray
    eccentricity: FloatArray
    inclination_deg: FloatArray

    def __len__(self) -> int:
        return len(self.day)

    def kept(self, mask: BoolArray) -> Track:
        """The sets in a mask, with longitude and pull followed anew along them."""
        chosen = {field.name: getattr(self, field.name)[mask] for field in fields(self)}
        return _followed(chosen)

    @property
    def goes_on(self) -> BoolArray:
        """Mask (N - 1,): the next set is of the same object."""
        mask: BoolArray = self.norad_id[1:] == self.norad_id[:-1]
        return mask


def track(history: pd.DataFrame, as_of: pd.Timestamp) -> Track:
    """The sets available at ``as_of`` of all objects that have a geosynchronous one among them.

    Where a number stands for another object by now, its sets alone are followed. Of two fits of one epoch the later available one counts.
    """
    known = history[(history["available_at"] <= as_of) & (history["epoch"] <= as_of)]
    known = known[known["mean_motion_rev_day"] > 0]
    is_geo = regime(known["mean_motion_rev_day"].to_numpy(), known["eccentricity"].to_numpy()) == "geo"
    geo_ids = np.unique(known["norad_id"].to_numpy(np.int64)[is_geo])
    known = known[np.isin(known["norad_id"].to_numpy(np.int64), geo_ids)]
    ids, epochs, available = (
        known["norad_id"].to_numpy(np.int64),
        epoch_us(known["epoch"]),
        epoch_us(known["available_at"]),
    )
    known = known.iloc[np.lexsort((available, epochs, ids))]
    known = known[newest_identity(known)]
    elements = mean_elements(known)
    ids = known["norad_id"].to_numpy(np.int64)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    again = np.zeros(len(ids), dtype=np.bool_)
    again[:-1] = (ids[1:] == ids[:-1]) & (np.diff(elements.epoch_us) < _SAME_DAYS * US_PER_DAY)
    columns = {
        "norad_id": ids,
        "epoch_us": elements.epoch_us,
        "day": elements.epoch_us / US_PER_DAY,
        "longitude_deg": mean_longitude_deg(elements),
        "drift_deg_day": drift_deg_day(a_km),
        "pull_deg_day": np.zeros(len(ids)),
        "offset_km": a_km - GEO_SEMI_MAJOR_AXIS_KM,
        "eccentricity": elements.eccentricity,
        "inclination_deg": elements.inclination_deg,
    }
    return _followed({name: values[~again] for name, values in columns.items()})


def excess_deg(sets: Track, before: IntArray, after: IntArray, config: BeltConfig = BeltConfig()) -> FloatArray:
    """How far the longitude of later sets lies outside what the drifts of both allow, signed [deg].

    A burn at any time between the two puts the longitude between that of the earlier drift held to the end and that of
    the later one held from the start. Zero within the noise of either end.
    """
    days = sets.day[after] - sets.day[before]
    bend = 0.5 * tesseral_acceleration_deg_day2(sets.longitude_deg[before]) * days**2
    way = np.stack([sets.drift_deg_day[before] * days + bend, sets.drift_deg_day[after] * days - bend])
    noise = longitude_noise_deg(np.abs(way).max(axis=0), config) + config.pull_error * np.abs(bend)
    noise += config.smear * np.abs(way[1] - way[0])  # either may be fitted across the burn
    moved = way.mean(axis=0) + wrap_deg(sets.longitude_deg[after] - sets.longitude_deg[before] - way.mean(axis=0))
    return np.asarray(np.maximum(moved - way.max(axis=0) - noise, 0) + np.minimum(moved - way.min(axis=0) + noise, 0))


def longitude_noise_deg(way_deg: FloatArray, config: BeltConfig) -> FloatArray:
    """How far a longitude may be off that was foretold over a way [deg]."""
    return config.longitude_noise_deg + config.drift_error * np.abs(way_deg)


def _followed(columns: dict[str, NDArray[np.generic]]) -> Track:
    """Unwrap the longitudes along the drift, and sum the pull on the way."""
    ids, day = columns["norad_id"], columns["day"].astype(np.float64)
    longitude, drift = columns["longitude_deg"].astype(np.float64), columns["drift_deg_day"].astype(np.float64)
    if not len(ids):
        return Track(**columns)  # type: ignore[arg-type]
    goes_on = ids[1:] == ids[:-1]
    days = np.diff(day)
    foretold = 0.5 * (drift[1:] + drift[:-1]) * days
    moved = foretold + wrap_deg(np.diff(longitude) - foretold)
    pull = tesseral_acceleration_deg_day2(longitude)
    columns = columns | {
        "longitude_deg": _summed(wrap_deg(longitude), moved, goes_on),
        "pull_deg_day": _summed(np.zeros(len(ids)), 0.5 * (pull[1:] + pull[:-1]) * days, goes_on),
    }
    return Track(**columns)  # type: ignore[arg-type]


def _summed(start: FloatArray, steps: FloatArray, goes_on: BoolArray) -> FloatArray:
    """Running sums of steps, from the first value of each object."""
    total = np.concatenate([[0.0], np.cumsum(np.where(goes_on, steps, 0.0))])
    first = np.concatenate([[0], np.flatnonzero(~goes_on) + 1])
    counts = np.diff(np.append(first, len(start)))
    return np.asarray(total + np.repeat(start[first] - total[first], counts))
