"""All orbits at one time, searchable by plane and altitude."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from catalog.records import mean_elements
from models.characterize.secular import rates
from orbits.elements import FloatArray, IntArray, MeanElements, wrap_deg
from orbits.propagate import drift

DAYS_PER_YEAR = 365.25
_AT_ONCE = 4096  # movers of one query: bounds the memory of what it finds


class Orbits(NamedTuple):
    """Orbits of N objects at one time; NaN where a set cannot be carried there.

    ``elements`` are the sets as published; the other fields are SGP4's mean elements at the time, and their secular rates.
    ``latitude_deg`` is the mean argument of latitude ω+M, ``normal`` (N, 3) the unit vector across the plane.
    """

    norad_id: IntArray
    elements: MeanElements
    a_km: FloatArray
    eccentricity: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    latitude_deg: FloatArray
    node_rate_deg_day: FloatArray
    latitude_rate_deg_day: FloatArray
    normal: FloatArray

    def at(self, rows: IntArray | NDArray[np.bool_]) -> Orbits:
        """The orbits of some rows."""
        return Orbits._make(field[rows] for field in self)


class Pairing(NamedTuple):
    """How each other object (second) lies to a mover (first): arrays (N,).

    Parameters
    ----------
    plane_angle_deg : float
        Angle between the planes [deg].
    inclination_difference_deg, node_difference_deg, delta_a_km : float
        Other less mover.
    node_rate_difference_deg_year : float
        Rate of ``node_difference_deg`` [deg/year].
    phase_deg, phase_rate_deg_day : float
        How far the other is ahead along the track, in [-180, 180) [deg], and the rate of that [deg/day].
    radii_gap_km : float
        Difference of the pericenter or the apocenter radii, whichever is larger [km].
    """

    plane_angle_deg: FloatArray
    inclination_difference_deg: FloatArray
    node_difference_deg: FloatArray
    node_rate_difference_deg_year: FloatArray
    delta_a_km: FloatArray
    phase_deg: FloatArray
    phase_rate_deg_day: FloatArray
    radii_gap_km: FloatArray


def orbits_at(element_sets: pd.DataFrame, at_us: int) -> Orbits:
    """Orbits of N element sets, carried by SGP4 to one time [us since 1970-01-01]; rates are those of J2."""
    elements = mean_elements(element_sets)
    mean = drift(elements, np.full(len(elements), at_us, dtype=np.int64))
    inclination, node = np.radians(mean.inclination_deg), np.radians(mean.raan_deg)
    with np.errstate(invalid="ignore"):
        rate = np.degrees(rates(mean.a_km, np.square(mean.eccentricity), np.cos(inclination)))
    normal = [np.sin(inclination) * np.sin(node), -np.sin(inclination) * np.cos(node), np.cos(inclination)]
    return Orbits(
        norad_id=element_sets["norad_id"].to_numpy(np.int64),
        elements=elements,
        a_km=mean.a_km,
        eccentricity=mean.eccentricity,
        inclination_deg=mean.inclination_deg,
        raan_deg=mean.raan_deg,
        latitude_deg=np.mod(mean.arg_pericenter_deg + mean.mean_anomaly_deg, 360.0),
        node_rate_deg_day=rate[:, 1],
        latitude_rate_deg_day=rate[:, 2] - rate[:, 1],
        normal=np.stack(normal, axis=-1),
    )


def pairing(mover: Orbits, other: Orbits) -> Pairing:
    """How N others lie to N movers, row by row.

    The phase is the difference of the mean arguments of latitude, the other's counted from where the mover's plane begins:
    Δ(ω+M) + cos i ΔΩ, which the relative mean longitude of formation flight is (D'Amico & Montenbruck 2006, J. Guidance 29).
    """
    chord = np.linalg.norm(other.normal - mover.normal, axis=-1)
    tilt = np.cos(np.radians(0.5 * (mover.inclination_deg + other.inclination_deg)))
    node = wrap_deg(other.raan_deg - mover.raan_deg)
    node_rate = other.node_rate_deg_day - mover.node_rate_deg_day
    delta_a = other.a_km - mover.a_km
    stretch = other.a_km * other.eccentricity - mover.a_km * mover.eccentricity
    return Pairing(
        plane_angle_deg=np.degrees(2.0 * np.arcsin(np.minimum(0.5 * chord, 1.0))),
        inclination_difference_deg=other.inclination_deg - mover.inclination_deg,
        node_difference_deg=node,
        node_rate_difference_deg_year=node_rate * DAYS_PER_YEAR,
        delta_a_km=delta_a,
        phase_deg=wrap_deg(other.latitude_deg - mover.latitude_deg + tilt * node),
        phase_rate_deg_day=other.latitude_rate_deg_day - mover.latitude_rate_deg_day + tilt * node_rate,
        radii_gap_km=np.maximum(np.abs(delta_a - stretch), np.abs(delta_a + stretch)),
    )


def plane_angle_after_deg(mover: Orbits, other: Orbits, days: FloatArray | float) -> FloatArray:
    """Angle (N,) between the planes of N pairs some days later, as J2 turns their nodes [deg].

    From sin²(θ/2) = sin²(Δi/2) + sin i1 sin i2 sin²(ΔΩ/2), the haversine of two orbit normals.
    """
    node = other.raan_deg - mover.raan_deg + (other.node_rate_deg_day - mover.node_rate_deg_day) * days
    first, second = np.radians(mover.inclination_deg), np.radians(other.inclination_deg)
    square = np.square(np.sin(0.5 * (second - first)))
    square = square + np.sin(first) * np.sin(second) * np.square(np.sin(np.radians(0.5 * node)))
    return np.asarray(np.degrees(2.0 * np.arcsin(np.sqrt(np.clip(square, 0.0, 1.0)))))


def days_to_zero(angle_deg: FloatArray, rate_deg_day: FloatArray) -> FloatArray:
    """Days (N,) until an angle that turns at a rate comes to zero; infinite where it stands still."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ahead = np.mod(-angle_deg * np.sign(rate_deg_day), 360.0)
        return np.where(angle_deg == 0.0, 0.0, np.where(rate_deg_day == 0.0, np.inf, ahead / np.abs(rate_deg_day)))


class OrbitIndex:
    """Finds the orbits that are like given ones in plane and altitude without looking at all.

    Parameters
    ----------
    orbits : Orbits
        Of all objects at one time.
    plane_deg : float
        Largest angle between the planes [deg].
    band_km : float
        Largest difference of the pericenter and of the apocenter radii [km].
    """

    def __init__(self, orbits: Orbits, plane_deg: float, band_km: float) -> None:
        self.orbits, self.plane_deg, self.band_km = orbits, plane_deg, band_km
        points = self._points(orbits)
        self._rows = np.flatnonzero(np.isfinite(points).all(axis=1))
        self._tree = cKDTree(points[self._rows]) if len(self._rows) else None

    def near(self, movers: Orbits) -> tuple[IntArray, IntArray]:
        """Rows of movers and of the index's orbits, a pair each: all within both limits, a mover's own set among them."""
        points = self._points(movers)
        sound = np.flatnonzero(np.isfinite(points).all(axis=1))
        firsts, seconds = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        if self._tree is None:
            return firsts[0], seconds[0]
        for start in range(0, len(sound), _AT_ONCE):
            rows = sound[start : start + _AT_ONCE]
            # A component of the difference of two normals is never larger than the angle between them: none is missed.
            found = [
                np.asarray(one, dtype=np.int64) for one in self._tree.query_ball_point(points[rows], 1.0, p=np.inf)
            ]
            first = np.repeat(rows, [len(one) for one in found])
            second = self._rows[np.concatenate(found)]
            pair = pairing(movers.at(first), self.orbits.at(second))
            within = (pair.plane_angle_deg <= self.plane_deg) & (pair.radii_gap_km <= self.band_km)
            firsts.append(first[within])
            seconds.append(second[within])
        return np.concatenate(firsts), np.concatenate(seconds)

    def _points(self, orbits: Orbits) -> FloatArray:
        """Plane and radii (N, 5), each in units of its limit."""
        low, high = orbits.a_km * (1 - orbits.eccentricity), orbits.a_km * (1 + orbits.eccentricity)
        radii = np.stack([low, high], axis=-1) / self.band_km
        return np.concatenate([orbits.normal / np.radians(self.plane_deg), radii], axis=-1)
