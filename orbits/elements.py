"""Mean elements as arrays, and the other forms they take."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from orbits.constants import EARTH_RADIUS_KM, J2, XKE
from orbits.errors import OrbitError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_RAD_MIN_PER_REV_DAY = 2.0 * np.pi / 1440.0


@dataclass(frozen=True, slots=True, eq=False)
class MeanElements:
    """SGP4 mean elements of N element sets, one array a field.

    Parameters
    ----------
    epoch_us : (N,) int64
        Epoch in UTC [us since 1970-01-01].
    mean_motion_rev_day : (N,) float64
        Kozai mean motion, as printed in an element set [rev/day].
    eccentricity : (N,) float64
    inclination_deg, raan_deg, arg_pericenter_deg, mean_anomaly_deg : (N,) float64
        Angles in TEME [deg].
    bstar_inv_er : (N,) float64
        SGP4 drag term [1/Earth radius].
    """

    epoch_us: IntArray
    mean_motion_rev_day: FloatArray
    eccentricity: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    arg_pericenter_deg: FloatArray
    mean_anomaly_deg: FloatArray
    bstar_inv_er: FloatArray

    def __post_init__(self) -> None:
        lengths = {len(getattr(self, field.name)) for field in fields(self)}
        if len(lengths) > 1:
            raise OrbitError(f"fields of mean elements have different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.epoch_us)

    def __getitem__(self, index: slice | NDArray[np.bool_] | IntArray) -> MeanElements:
        """The element sets at ``index`` (a slice, mask or integer array)."""
        return MeanElements(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


class Equinoctial(NamedTuple):
    """Equinoctial elements without the semi-major axis: regular for circular and equatorial orbits.

    h = e sin(ω+Ω), k = e cos(ω+Ω), p = tan(i/2) sin Ω, q = tan(i/2) cos Ω, lambda_rad = M+ω+Ω in [0, 2π) [rad]
    (Broucke & Cefola 1972, Celestial Mechanics 5). Singular only at an inclination of 180 degrees.
    """

    h: FloatArray
    k: FloatArray
    p: FloatArray
    q: FloatArray
    lambda_rad: FloatArray


class Angles(NamedTuple):
    """Eccentricity and the Keplerian angles [deg], Ω, ω and M in [0, 360)."""

    eccentricity: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    arg_pericenter_deg: FloatArray
    mean_anomaly_deg: FloatArray


def wrap_deg(angle_deg: ArrayLike) -> FloatArray:
    """Angle brought into [-180, 180) [deg]."""
    return np.mod(np.asarray(angle_deg, dtype=np.float64) + 180.0, 360.0) - 180.0


def regime(mean_motion_rev_day: ArrayLike, eccentricity: ArrayLike) -> NDArray[np.str_]:
    """Orbital regime: 'leo', 'meo', 'geo' or 'heo'.

    Geosynchronous between 0.9 and 1.1 rev/day with e < 0.2, highly elliptical from e = 0.25, low from 11.25 rev/day (a
    period of 128 minutes), medium otherwise.
    """
    n = np.asarray(mean_motion_rev_day, dtype=np.float64)
    e = np.asarray(eccentricity, dtype=np.float64)
    return np.select([(n > 0.9) & (n < 1.1) & (e < 0.2), e >= 0.25, n >= 11.25], ["geo", "heo", "leo"], default="meo")


def semi_major_axis_km(
    mean_motion_rev_day: ArrayLike, eccentricity: ArrayLike, inclination_deg: ArrayLike
) -> FloatArray:
    """Brouwer's mean semi-major axis, as SGP4 recovers it from the Kozai mean motion of an element set [km].

    NaN where the elements are out of range. Source: Hoots & Roehrich 1980, Spacetrack Report No. 3, section 6 (the
    recovery of n0'' and a0''); Vallado et al. 2006.
    """
    n = np.asarray(mean_motion_rev_day, dtype=np.float64) * _RAD_MIN_PER_REV_DAY
    with np.errstate(invalid="ignore", divide="ignore"):
        brouwer = n / (1.0 + _kozai_delta(n, eccentricity, inclination_deg))
        return EARTH_RADIUS_KM * np.power(XKE / brouwer, 2.0 / 3.0)


def kozai_mean_motion_rev_day(a_km: ArrayLike, eccentricity: ArrayLike, inclination_deg: ArrayLike) -> FloatArray:
    """Kozai mean motion to print in an element set, from Brouwer's semi-major axis: inverts `semi_major_axis_km`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        brouwer = XKE * np.power(np.asarray(a_km, dtype=np.float64) / EARTH_RADIUS_KM, -1.5)
        n = brouwer
        for _ in range(12):  # a contraction by about J2 a turn
            n = brouwer * (1.0 + _kozai_delta(n, eccentricity, inclination_deg))
        return n / _RAD_MIN_PER_REV_DAY


def _kozai_delta(n_rad_min: FloatArray, eccentricity: ArrayLike, inclination_deg: ArrayLike) -> FloatArray:
    """δ0 of Spacetrack Report No. 3: what relates Kozai's to Brouwer's mean motion."""
    e2 = np.square(np.asarray(eccentricity, dtype=np.float64))
    cos_i = np.cos(np.radians(np.asarray(inclination_deg, dtype=np.float64)))
    d1 = 0.75 * J2 * (3.0 * cos_i**2 - 1.0) / ((1.0 - e2) * np.sqrt(1.0 - e2))
    a1 = np.power(XKE / n_rad_min, 2.0 / 3.0)
    delta1 = d1 / a1**2
    a0 = a1 * (1.0 - delta1**2 - delta1 * (1.0 / 3.0 + 134.0 * delta1**2 / 81.0))
    delta: FloatArray = d1 / a0**2
    return delta


def equinoctial(
    eccentricity: ArrayLike,
    inclination_deg: ArrayLike,
    raan_deg: ArrayLike,
    arg_pericenter_deg: ArrayLike,
    mean_anomaly_deg: ArrayLike,
) -> Equinoctial:
    """Equinoctial elements from Keplerian angles [deg] (arrays that broadcast)."""
    e, i, raan, argp, m = (
        np.asarray(value, dtype=np.float64)
        for value in (eccentricity, inclination_deg, raan_deg, arg_pericenter_deg, mean_anomaly_deg)
    )
    node = np.radians(raan)
    pericenter = np.radians(raan + argp)
    half = np.tan(np.radians(i) / 2.0)
    return Equinoctial(
        h=e * np.sin(pericenter),
        k=e * np.cos(pericenter),
        p=half * np.sin(node),
        q=half * np.cos(node),
        lambda_rad=np.radians(np.mod(raan + argp + m, 360.0)),
    )


def angles(elements: Equinoctial) -> Angles:
    """Keplerian angles from equinoctial elements; a node or pericenter that is not defined is put anywhere."""
    pericenter = np.arctan2(elements.h, elements.k)
    node = np.arctan2(elements.p, elements.q)
    return Angles(
        eccentricity=np.hypot(elements.h, elements.k),
        inclination_deg=np.degrees(2.0 * np.arctan(np.hypot(elements.p, elements.q))),
        raan_deg=np.mod(np.degrees(node), 360.0),
        arg_pericenter_deg=np.mod(np.degrees(pericenter - node), 360.0),
        mean_anomaly_deg=np.mod(np.degrees(elements.lambda_rad - pericenter), 360.0),
    )
