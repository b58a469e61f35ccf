"""Equinoctial mean elements and how small differences in them grow with time."""

from __future__ import annotations

import numpy as np

import orbits.elements
from orbits.burns import gauss_rows
from orbits.constants import EARTH_RADIUS_KM, J2, MU_KM3_S2
from orbits.elements import FloatArray, MeanElements
from orbits.propagate import MeanDrift

SECONDS_PER_DAY = 86400.0
ELEMENTS = 6  # a [km], h, k, p, q, λ [rad]
RATES = 5  # all but λ, whose rate follows from a


def equinoctial(drift: MeanDrift) -> FloatArray:
    """Equinoctial elements of drifted mean elements, shape (..., 6).

    Returns
    -------
    (..., 6) float64
        a [km], h = e sin(ω+Ω), k = e cos(ω+Ω), p = tan(i/2) sin Ω, q = tan(i/2) cos Ω, λ = M+ω+Ω [rad].
    """
    elements = orbits.elements.equinoctial(
        drift.eccentricity, drift.inclination_deg, drift.raan_deg, drift.arg_pericenter_deg, drift.mean_anomaly_deg
    )
    return np.stack([drift.a_km, elements.h, elements.k, elements.p, elements.q, elements.lambda_rad], axis=-1)


def at_epoch(elements: MeanElements) -> FloatArray:
    """Equinoctial elements (N, 6) of element sets at their own epochs, as SGP4 has them."""
    motion, eccentricity, inclination = elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg
    rest = orbits.elements.equinoctial(
        eccentricity, inclination, elements.raan_deg, elements.arg_pericenter_deg, elements.mean_anomaly_deg
    )
    a = orbits.elements.semi_major_axis_km(motion, eccentricity, inclination)
    return np.stack([a, *rest], axis=-1)


def difference(later: FloatArray, earlier: FloatArray) -> FloatArray:
    """Equinoctial elements (..., 6) subtracted, the angle brought into [-π, π)."""
    step = later - earlier
    step[..., 5] = np.mod(step[..., 5] + np.pi, 2 * np.pi) - np.pi
    return step


def rates(a_km: FloatArray, eccentricity2: FloatArray, cos_inclination: FloatArray) -> FloatArray:
    """Secular rates under J2 of ϖ = ω+Ω, Ω and λ = M+ω+Ω, shape (..., 3) [rad/day].

    Source: Vallado, Fundamentals of Astrodynamics and Applications, 4th ed., eqs. 9-38, 9-40, 9-41.
    """
    n = np.sqrt(MU_KM3_S2 / a_km**3) * SECONDS_PER_DAY
    eta2 = 1 - eccentricity2
    kappa = 0.75 * J2 * n * (EARTH_RADIUS_KM / (a_km * eta2)) ** 2
    c = cos_inclination
    node = -2 * kappa * c
    pericenter = kappa * (5 * c**2 - 1) + node
    longitude = n + kappa * np.sqrt(eta2) * (3 * c**2 - 1) + pericenter
    return np.stack([pericenter, node, longitude], axis=-1)


def transition(elements: FloatArray, days: FloatArray) -> FloatArray:
    """Matrix that carries a small difference of equinoctial elements over a time, under J2.

    Parameters
    ----------
    elements : (..., 6) float64
        Equinoctial elements at the start, as from `equinoctial`.
    days : (...) float64
        Time to carry over, of either sign [days].

    Returns
    -------
    (..., 6, 6) float64
        First-order: the vectors (h, k) and (p, q) turn with the pericenter and node, and the rates of
        all angles change with a, e and i. The largest term is ∂λ/∂a = -1.5 n/a · days.
    """
    a, h, k, p, q = (elements[..., i] for i in range(5))
    base, per_a, per_e2, per_s2 = _rates_and_partials(a, h**2 + k**2, p**2 + q**2)
    grown = (
        np.stack(  # of the three angles per unit of a, h, k, p, q
            [
                per_a,
                per_e2 * 2 * h[..., None],
                per_e2 * 2 * k[..., None],
                per_s2 * 2 * p[..., None],
                per_s2 * 2 * q[..., None],
            ],
            axis=-1,
        )
        * days[..., None, None]
    )

    turned = base * days[..., None]
    cos_w, sin_w = np.cos(turned[..., 0]), np.sin(turned[..., 0])
    cos_o, sin_o = np.cos(turned[..., 1]), np.sin(turned[..., 1])
    matrix = np.zeros((*days.shape, 6, 6))
    matrix[..., 0, 0] = matrix[..., 5, 5] = 1.0
    matrix[..., 1, 1] = matrix[..., 2, 2] = cos_w
    matrix[..., 1, 2], matrix[..., 2, 1] = sin_w, -sin_w
    matrix[..., 3, 3] = matrix[..., 4, 4] = cos_o
    matrix[..., 3, 4], matrix[..., 4, 3] = sin_o, -sin_o
    h_end, k_end = h * cos_w + k * sin_w, k * cos_w - h * sin_w
    p_end, q_end = p * cos_o + q * sin_o, q * cos_o - p * sin_o
    matrix[..., 1, :5] += k_end[..., None] * grown[..., 0, :]
    matrix[..., 2, :5] -= h_end[..., None] * grown[..., 0, :]
    matrix[..., 3, :5] += q_end[..., None] * grown[..., 1, :]
    matrix[..., 4, :5] -= p_end[..., None] * grown[..., 1, :]
    matrix[..., 5, :5] += grown[..., 2, :]
    return matrix


def _rates_and_partials(
    a: FloatArray, e2: FloatArray, s2: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """`rates` and what they change by a, e² and tan²(i/2), each (..., 3)."""
    c = (1 - s2) / (1 + s2)
    # Numeric partials of smooth closed forms: relative error about 1e-8, far below what is fitted.
    per_a = (rates(a * (1 + 1e-6), e2, c) - rates(a * (1 - 1e-6), e2, c)) / (2e-6 * a[..., None])
    per_e2 = (rates(a, e2 + 1e-6, c) - rates(a, e2 - 1e-6, c)) / 2e-6
    per_c = (rates(a, e2, c + 1e-6) - rates(a, e2, c - 1e-6)) / 2e-6
    return rates(a, e2, c), per_a, per_e2, per_c * (-2 / (1 + s2) ** 2)[..., None]


def impulse_effect(middle: FloatArray, days: FloatArray) -> FloatArray:
    """What impulses of 1 m/s at other times change the elements by, seen at the middle.

    The same as ``transition(at_burn, -days) @ gauss_matrix(at_burn)``, written out: it is tried at hundreds of times an event.

    Parameters
    ----------
    middle : (E, 6) float64
        Equinoctial elements at the middle.
    days : (E, T) float64
        Times of the impulses after the middle [days].

    Returns
    -------
    (E, 6, 3, T) float64
        Elements by radial, along-track and cross-track impulse.
    """
    a, h, k, p, q, longitude = (middle[:, i, None] for i in range(ELEMENTS))
    base, per_a, per_e2, per_s2 = _rates_and_partials(a[:, 0], (h**2 + k**2)[:, 0], (p**2 + q**2)[:, 0])
    turned_w, turned_o = base[:, :1] * days, base[:, 1:2] * days
    cos_w, sin_w, cos_o, sin_o = np.cos(turned_w), np.sin(turned_w), np.cos(turned_o), np.sin(turned_o)
    h_burn, k_burn = h * cos_w + k * sin_w, k * cos_w - h * sin_w
    p_burn, q_burn = p * cos_o + q * sin_o, q * cos_o - p * sin_o
    rows = gauss_rows(np.broadcast_to(a, days.shape), h_burn, k_burn, p_burn, q_burn, longitude + base[:, 2:] * days)
    effect = np.empty((*middle.shape, 3, days.shape[1]))
    for axis in range(3):
        da, dh, dk, dp, dq, dl = (row[axis] for row in rows)
        e2 = 2 * (h_burn * dh + k_burn * dk)
        s2 = 2 * (p_burn * dp + q_burn * dq)
        angle_w, angle_o, angle_l = (
            -(per_a[:, i, None] * da + per_e2[:, i, None] * e2 + per_s2[:, i, None] * s2) * days for i in range(3)
        )
        effect[:, 0, axis] = da
        effect[:, 1, axis] = dh * cos_w - dk * sin_w + k * angle_w
        effect[:, 2, axis] = dh * sin_w + dk * cos_w - h * angle_w
        effect[:, 3, axis] = dp * cos_o - dq * sin_o + q * angle_o
        effect[:, 4, axis] = dp * sin_o + dq * cos_o - p * angle_o
        effect[:, 5, axis] = dl + angle_l
    return effect


def carry(elements: FloatArray, days: FloatArray) -> FloatArray:
    """Equinoctial elements (..., 6) after a time [days] under the secular rates of J2 alone."""
    a, h, k, p, q, longitude = (elements[..., i] for i in range(6))
    s2 = p**2 + q**2
    angle = rates(a, h**2 + k**2, (1 - s2) / (1 + s2)) * days[..., None]
    w, o = angle[..., 0], angle[..., 1]
    return np.stack(
        [
            np.broadcast_to(a, days.shape),
            h * np.cos(w) + k * np.sin(w),
            k * np.cos(w) - h * np.sin(w),
            p * np.cos(o) + q * np.sin(o),
            q * np.cos(o) - p * np.sin(o),
            longitude + angle[..., 2],
        ],
        axis=-1,
    )


def keplerian_deg(
    elements: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Equinoctial elements (..., 6) as a [km], e, i, Ω, ω, M [deg]."""
    a, h, k, p, q, longitude = (elements[..., i] for i in range(6))
    raan, pericenter = np.arctan2(p, q), np.arctan2(h, k)
    inclination = 2 * np.arctan(np.hypot(p, q))
    angles = (inclination, raan, pericenter - raan, longitude - pericenter)
    i_deg, raan_deg, arg_deg, anomaly_deg = (np.rad2deg(angle) for angle in angles)
    return a, np.hypot(h, k), i_deg, raan_deg, arg_deg, anomaly_deg
