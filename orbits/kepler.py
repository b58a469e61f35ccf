"""Two-body motion: Kepler's equation, and osculating elements from states and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from orbits.constants import MU_KM3_S2
from orbits.elements import Angles, Equinoctial, FloatArray, angles, equinoctial


def eccentric_anomaly_rad(mean_anomaly_rad: ArrayLike, eccentricity: ArrayLike) -> FloatArray:
    """Solve Kepler's equation M = E - e sin E for elliptic orbits [rad].

    Danby's start and quartic iteration (Danby 1987, Celestial Mechanics 40, 303-312). E is on the turn of M. NaN unless
    0 <= e < 1.
    """
    m, e = np.broadcast_arrays(
        np.asarray(mean_anomaly_rad, dtype=np.float64), np.asarray(eccentricity, dtype=np.float64)
    )
    e = np.where((e >= 0.0) & (e < 1.0), e, np.nan)
    turns = 2.0 * np.pi * np.round(m / (2.0 * np.pi))
    m = m - turns
    anomaly = m + 0.85 * e * np.sign(m)
    for _ in range(20):
        sine, cosine = e * np.sin(anomaly), e * np.cos(anomaly)
        f, f1 = anomaly - sine - m, 1.0 - cosine
        step = -f / f1
        step = -f / (f1 + 0.5 * step * sine)
        step = -f / (f1 + 0.5 * step * sine + step**2 * cosine / 6.0)
        anomaly = anomaly + step
        if not np.any(np.abs(step) > 1e-15 * np.maximum(1.0, np.abs(anomaly))):
            break
    return np.asarray(anomaly + turns)


def state_of_equinoctial(a_km: ArrayLike, elements: Equinoctial) -> tuple[FloatArray, FloatArray]:
    """Position [km] and velocity [km/s], (..., 3) each, of osculating equinoctial elements.

    Source: Broucke & Cefola 1972; Danielson et al. 1995, Semianalytic Satellite Theory, section 2.1.
    """
    a = np.asarray(a_km, dtype=np.float64)
    h, k, p, q, longitude = elements
    root = np.sqrt(1.0 - h * h - k * k)
    beta = 1.0 / (1.0 + root)
    pericenter = np.arctan2(h, k)
    eccentric = pericenter + eccentric_anomaly_rad(longitude - pericenter, np.hypot(h, k))
    cos, sin = np.cos(eccentric), np.sin(eccentric)
    x = a * ((1.0 - h * h * beta) * cos + h * k * beta * sin - k)
    y = a * ((1.0 - k * k * beta) * sin + h * k * beta * cos - h)
    speed = np.sqrt(MU_KM3_S2 / a) / (1.0 - k * cos - h * sin)
    vx = speed * (h * k * beta * cos - (1.0 - h * h * beta) * sin)
    vy = speed * ((1.0 - k * k * beta) * cos - h * k * beta * sin)
    f, g, _ = _axes(p, q)
    return x[..., None] * f + y[..., None] * g, vx[..., None] * f + vy[..., None] * g


def equinoctial_of_state(position_km: FloatArray, velocity_km_s: FloatArray) -> tuple[FloatArray, Equinoctial]:
    """Osculating semi-major axis [km] and equinoctial elements of TEME states (..., 3); NaN where not elliptic.

    Source: Danielson et al. 1995, Semianalytic Satellite Theory, section 2.1.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.linalg.norm(position_km, axis=-1)
        momentum = np.cross(position_km, velocity_km_s)
        a = 1.0 / (2.0 / r - np.vecdot(velocity_km_s, velocity_km_s) / MU_KM3_S2)
        normal = momentum / np.linalg.norm(momentum, axis=-1, keepdims=True)
        p = normal[..., 0] / (1.0 + normal[..., 2])
        q = -normal[..., 1] / (1.0 + normal[..., 2])
        f, g, _ = _axes(p, q)
        pull = np.cross(velocity_km_s, momentum) / MU_KM3_S2 - position_km / r[..., None]
        k, h = np.vecdot(pull, f), np.vecdot(pull, g)
        x, y = np.vecdot(position_km, f), np.vecdot(position_km, g)
        root = np.sqrt(1.0 - h * h - k * k)
        beta = 1.0 / (1.0 + root)
        cos = k + ((1.0 - k * k * beta) * x - h * k * beta * y) / (a * root)
        sin = h + ((1.0 - h * h * beta) * y - h * k * beta * x) / (a * root)
        longitude = np.arctan2(sin, cos) + h * cos - k * sin
        a = np.where((a > 0.0) & np.isfinite(longitude), a, np.nan)
    return a, Equinoctial(h, k, p, q, np.mod(longitude, 2.0 * np.pi))


def state_of_keplerian(a_km: ArrayLike, elements: Angles) -> tuple[FloatArray, FloatArray]:
    """Position [km] and velocity [km/s] of osculating Keplerian elements."""
    return state_of_equinoctial(a_km, equinoctial(*elements))


def keplerian_of_state(position_km: FloatArray, velocity_km_s: FloatArray) -> tuple[FloatArray, Angles]:
    """Osculating semi-major axis [km] and Keplerian angles [deg] of TEME states (..., 3); NaN where not elliptic."""
    a, elements = equinoctial_of_state(position_km, velocity_km_s)
    return a, angles(elements)


def _axes(p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unit vectors (..., 3) of the equinoctial frame: two in the orbit's plane, and its normal."""
    norm = 1.0 + p * p + q * q
    f = np.stack([1.0 - p * p + q * q, 2.0 * p * q, -2.0 * p], axis=-1) / norm[..., None]
    g = np.stack([2.0 * p * q, 1.0 + p * p - q * q, 2.0 * q], axis=-1) / norm[..., None]
    w = np.stack([2.0 * p, -2.0 * q, 1.0 - p * p - q * q], axis=-1) / norm[..., None]
    return f, g, w
