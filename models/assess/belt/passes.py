"""How near two geosynchronous objects come, with longitudes that are foretold and not exact."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import mean_elements
from configs.belt import BeltConfig
from orbits.constants import US_PER_DAY
from orbits.elements import FloatArray, IntArray, MeanElements
from orbits.frames import gmst_deg
from orbits.relative import closest_approach

_SHIFTS = np.array([0.0, -1.0, -0.5, 0.5, 1.0])  # of the longitude, in sigma
_STANDING_SIGMA_DEG = 0.005  # longitude of one beside another, days ahead


class ElementsOf(NamedTuple):
    """The newest good element set of each of N objects, sorted by ``norad_id``."""

    norad_id: IntArray
    elements: MeanElements

    def of(self, norad_ids: NDArray[np.generic]) -> MeanElements:
        """The sets of objects, one each."""
        return self.elements[np.searchsorted(self.norad_id, norad_ids)]


def element_sets_of(
    history: pd.DataFrame, phases: pd.DataFrame, norad_ids: NDArray[np.generic], as_of: pd.Timestamp
) -> ElementsOf:
    """The sets that objects' current phases end with: their newest good ones."""
    ends = phases.loc[phases["current"] & phases["norad_id"].isin(norad_ids), ["norad_id", "phase_end"]]
    known = history[history["norad_id"].isin(norad_ids) & (history["available_at"] <= as_of)]
    newest = ends.merge(known, left_on=["norad_id", "phase_end"], right_on=["norad_id", "epoch"])
    newest = newest.sort_values(["norad_id", "available_at"], kind="stable").drop_duplicates("norad_id", keep="last")
    return ElementsOf(newest["norad_id"].to_numpy(np.int64), mean_elements(newest))


def miss_in_passing_km(
    own: MeanElements,
    other: MeanElements,
    day: FloatArray,
    longitude_deg: FloatArray,
    relative_drift_deg_day: FloatArray,
    sigma_deg: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Closest approach (N,) [km] of two that are level at a foretold time, and half its range within the error [km].

    Both keep the shape and plane of their orbits; their mean longitudes are set to the foretold one, where the drift of the
    one and the error of both decide at which hour of the day, so at which radius and latitude, they pass.
    """
    pace = np.maximum(np.abs(relative_drift_deg_day), 0.1)
    half_days = np.clip(1.0 / pace, 0.6, 4.0)
    half_us = np.rint(half_days * US_PER_DAY).astype(np.int64)
    # A day of drift brings every hour of passing: a larger error changes nothing more.
    sigma_deg = np.minimum(sigma_deg, 0.8 * pace * half_days)
    epoch = np.rint(day * US_PER_DAY).astype(np.int64)
    misses = []
    for shift in _SHIFTS:
        mover = _moved_to(own, epoch, longitude_deg + shift * sigma_deg)
        misses.append(
            closest_approach(mover, _moved_to(other, epoch, longitude_deg), epoch - half_us, epoch + half_us).miss_km
        )
    return _nominal_and_half_range(misses)


def miss_beside_km(
    own: MeanElements, other: MeanElements, now_day: float, config: BeltConfig = BeltConfig()
) -> tuple[FloatArray, FloatArray]:
    """Closest approach (N,) [km] in the next days of two that stay together, and half its range within the error [km]."""
    start = np.full(len(own), round(now_day * US_PER_DAY), dtype=np.int64)
    end = start + round(config.beside_days * US_PER_DAY)
    misses = []
    for shift in _SHIFTS:
        moved = replace(own, mean_anomaly_deg=np.mod(own.mean_anomaly_deg + shift * _STANDING_SIGMA_DEG, 360.0))
        misses.append(closest_approach(moved, other, start, end).miss_km)
    return _nominal_and_half_range(misses)


def _nominal_and_half_range(misses: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    stacked = np.stack(misses)
    return stacked[0], 0.5 * (stacked.max(axis=0) - stacked.min(axis=0))


def _moved_to(elements: MeanElements, epoch: IntArray, longitude_deg: FloatArray) -> MeanElements:
    """The same orbits at another time, at the mean longitudes given."""
    anomaly = np.mod(longitude_deg + gmst_deg(epoch) - elements.raan_deg - elements.arg_pericenter_deg, 360.0)
    return replace(elements, epoch_us=epoch, mean_anomaly_deg=anomaly)
