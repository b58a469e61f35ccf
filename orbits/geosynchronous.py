"""Geosynchronous motion: longitude, drift, the pull of the equator's ellipse, and what station-keeping costs.

Relations of Soop 1994, Handbook of Geostationary Orbits, for nearly circular, nearly equatorial orbits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from orbits.constants import (
    BELT_HARMONICS,
    EARTH_RADIUS_KM,
    GEO_SEMI_MAJOR_AXIS_KM,
    GEO_SPEED_KM_S,
    J22,
    LAMBDA22_DEG,
    SIDEREAL_RATE_DEG_DAY,
)
from orbits.elements import FloatArray, MeanElements, wrap_deg
from orbits.frames import gmst_deg

# A tangential impulse dv changes the drift by -3 dv / a: 0.352 deg/day for 1 m/s.
_DRIFT_DEG_DAY_PER_M_S = -3.0e-3 / GEO_SEMI_MAJOR_AXIS_KM * math.degrees(1.0) * 86400.0

_RADIUS_RATIO = EARTH_RADIUS_KM / GEO_SEMI_MAJOR_AXIS_KM
_ACCELERATION_DEG_DAY2 = 3.0 * math.radians(SIDEREAL_RATE_DEG_DAY) * SIDEREAL_RATE_DEG_DAY
J22_PEAK_DEG_DAY2 = 6.0 * _ACCELERATION_DEG_DAY2 * J22 * _RADIUS_RATIO**2
_LEGENDRE_AT_EQUATOR = {(3, 1): -1.5, (3, 3): 15.0, (4, 2): -7.5, (4, 4): 105.0}


def mean_longitude_deg(elements: MeanElements) -> FloatArray:
    """Mean longitude Ω + ω + M less sidereal time, at the epoch of each set, in [-180, 180) [deg].

    Free of the daily swing of the true longitude (2 e radians either way). Source: Soop 1994.
    """
    turn = elements.raan_deg + elements.arg_pericenter_deg + elements.mean_anomaly_deg
    return wrap_deg(turn - gmst_deg(elements.epoch_us))


def drift_deg_day(a_km: ArrayLike) -> FloatArray:
    """Drift of the mean longitude, positive to the east, of a mean (Brouwer) semi-major axis [deg/day].

    Kepler's third law about the synchronous semi-major axis; to first order -1.5 n Δa / a. J2 is in that axis for an
    inclination of zero; at 15 degrees the drift is 0.003 deg/day more to the west.
    """
    ratio = np.asarray(a_km, dtype=np.float64) / GEO_SEMI_MAJOR_AXIS_KM
    return SIDEREAL_RATE_DEG_DAY * (np.power(ratio, -1.5) - 1.0)


def semi_major_axis_of_drift_km(drift_deg_day: ArrayLike) -> FloatArray:
    """Mean semi-major axis that drifts so [km]: inverts `drift_deg_day`."""
    ratio = 1.0 + np.asarray(drift_deg_day, dtype=np.float64) / SIDEREAL_RATE_DEG_DAY
    return GEO_SEMI_MAJOR_AXIS_KM * np.power(ratio, -2.0 / 3.0)


def j22_acceleration_deg_day2(longitude_deg: ArrayLike) -> FloatArray:
    """Acceleration of the mean longitude by the ellipticity of the equator [deg/day^2].

    18 n^2 (R/a)^2 J22 sin 2(λ - λ22), at most 0.0017: zero and stable at 75.1 E and 104.9 W, unstable a quarter turn away
    (from the potential term of Kaula 1966, Theory of Satellite Geodesy, with J22 of EGM96; Soop 1994 adds the third degree,
    which changes it by up to a fifth).
    """
    angle = np.radians(2.0 * (np.asarray(longitude_deg, dtype=np.float64) - LAMBDA22_DEG))
    return J22_PEAK_DEG_DAY2 * np.sin(angle)


def tesseral_acceleration_deg_day2(longitude_deg: ArrayLike) -> FloatArray:
    """Acceleration of the mean longitude by the Earth's gravity to fourth degree [deg/day^2].

    That of J22 and, for each harmonic, 3 n^2 (R/a)^l m P_lm(0) (C sin mλ - S cos mλ): -3/a times the force along the track,
    the derivative of the potential of Kaula 1966 with the longitude on a circular orbit in the equator (Soop 1994).
    """
    angle = np.radians(np.asarray(longitude_deg, dtype=np.float64))
    pull = j22_acceleration_deg_day2(longitude_deg)
    for degree, order, c, s in BELT_HARMONICS:
        peak = _ACCELERATION_DEG_DAY2 * _RADIUS_RATIO**degree * order * _LEGENDRE_AT_EQUATOR[degree, order]
        pull = pull + peak * (c * np.sin(order * angle) - s * np.cos(order * angle))
    return pull


def coast_deg(longitude_deg: ArrayLike, drift_deg_day: ArrayLike, days: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Longitude [deg] and drift [deg/day], (N, M), of N objects left alone.

    The Earth's pull alone (`tesseral_acceleration_deg_day2`), by the leapfrog of its pendulum in steps of a day at most.
    Longitudes go on beyond 180.

    Parameters
    ----------
    longitude_deg, drift_deg_day : (N,) array_like
    days : (M,) or (N, M) float64
        Ordered, into the future or the past [days].
    """
    place, rate = np.asarray(longitude_deg, dtype=np.float64), np.asarray(drift_deg_day, dtype=np.float64)
    days = np.broadcast_to(days, (len(place), np.shape(days)[-1]))
    places, rates = np.empty(days.shape), np.empty(days.shape)
    span = np.diff(days, axis=1, prepend=0.0)
    for j in range(days.shape[1]):
        turns = math.ceil(np.abs(span[:, j]).max(initial=0.0))
        for _ in range(turns):
            step = span[:, j] / turns
            middle = place + 0.5 * step * rate
            rate = rate + step * tesseral_acceleration_deg_day2(middle)
            place = middle + 0.5 * step * rate
        places[:, j], rates[:, j] = place, rate
    return places, rates


def inclination_vector_deg(inclination_deg: ArrayLike, raan_deg: ArrayLike) -> FloatArray:
    """Inclination vector (i cos Ω, i sin Ω), shape (..., 2) [deg] (Soop 1994)."""
    i = np.asarray(inclination_deg, dtype=np.float64)
    node = np.radians(np.asarray(raan_deg, dtype=np.float64))
    return np.stack(np.broadcast_arrays(i * np.cos(node), i * np.sin(node)), axis=-1)


def dv_of_drift_change_m_s(drift_change_deg_day: ArrayLike) -> FloatArray:
    """Along-track Δv that changes the drift so [m/s]: -2.84 for 1 deg/day; to the east (positive) slows the drift.

    From Δa = 2 a Δv / v and Δ(drift) = -1.5 n Δa / a (Soop 1994).
    """
    return np.asarray(drift_change_deg_day, dtype=np.float64) / _DRIFT_DEG_DAY_PER_M_S


def drift_change_of_dv_deg_day(dv_t_m_s: ArrayLike) -> FloatArray:
    """Change of the drift by an along-track Δv [deg/day]: inverts `dv_of_drift_change_m_s`."""
    return np.asarray(dv_t_m_s, dtype=np.float64) * _DRIFT_DEG_DAY_PER_M_S


def dv_of_inclination_change_m_s(change_deg: ArrayLike) -> FloatArray:
    """Cross-track Δv that tilts the orbit by an angle, the length of the inclination vector's change [m/s].

    2 v sin(Δi/2): 53.7 m/s for one degree (Soop 1994; Vallado 2013, section 6.4).
    """
    return 2e3 * GEO_SPEED_KM_S * np.sin(np.radians(np.asarray(change_deg, dtype=np.float64)) / 2.0)


def inclination_change_of_dv_deg(dv_n_m_s: ArrayLike) -> FloatArray:
    """Angle by which a cross-track Δv tilts the orbit [deg]: inverts `dv_of_inclination_change_m_s`."""
    return np.degrees(2.0 * np.arcsin(np.asarray(dv_n_m_s, dtype=np.float64) / (2e3 * GEO_SPEED_KM_S)))
