"""Slow, obvious versions of the burn fit's kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.characterize.secular import carry, keplerian_deg
from orbits.burns import gauss_matrix
from orbits.constants import MU_KM3_S2

FloatArray = NDArray[np.float64]


def transition(elements: FloatArray, days: float) -> FloatArray:
    """Jacobian (6, 6) of `carry` by central differences, one element at a time."""
    steps = np.array([1e-3, 1e-7, 1e-7, 1e-7, 1e-7, 1e-7])
    matrix = np.empty((6, 6))
    for column, step in enumerate(steps):
        offset = np.zeros(6)
        offset[column] = step
        ends = [carry((elements + sign * offset)[None], np.array([days]))[0] for sign in (1, -1)]
        matrix[:, column] = (ends[0] - ends[1]) / (2 * step)
    return matrix


def impulse_at(
    before: FloatArray, step: FloatArray, covariance: FloatArray, day: float, radial_sigma_m_s: float
) -> tuple[FloatArray, float]:
    """Δv [m/s] and χ² of one burn at one time, by weighted least squares with the radial prior as a seventh datum."""
    middle = before + step / 2
    at_burn = carry(middle[None], np.array([day]))
    gauss = gauss_matrix(*keplerian_deg(at_burn))[0]
    design = transition(at_burn[0], -day) @ gauss
    root = np.linalg.cholesky(np.linalg.inv(covariance)).T
    rows = np.vstack([root @ design, [1 / radial_sigma_m_s, 0, 0]])
    data = np.append(root @ step, 0.0)
    dv, *_ = np.linalg.lstsq(rows, data, rcond=None)
    return dv, float(((rows @ dv - data) ** 2).sum())


def impulse_effect(middle: FloatArray, day: float) -> FloatArray:
    """What impulses of 1 m/s at a time change the elements by, seen at the middle (6, 3)."""
    at_burn = carry(middle[None], np.array([day]))
    return transition(at_burn[0], -day) @ gauss_matrix(*keplerian_deg(at_burn))[0]


def wander_covariance(days: FloatArray, memory_days: float, per_a: float) -> tuple[FloatArray, FloatArray]:
    """Covariance of (a, λ) at the epochs, (2n, 2n), and of one of h to q, (n, n), by a unit rate error of a memory.

    The rate is constant between epochs, as the fit takes it; its integrals are summed in small steps.
    """
    edges = np.sort(np.append(days, 0.0))
    center = (edges[1:] + edges[:-1]) / 2
    correlation = np.exp(-np.abs(center[:, None] - center) / memory_days)
    once, twice = np.zeros((len(days), len(center))), np.zeros((len(days), len(center)))
    for i, day in enumerate(days):
        fine = np.linspace(0, day, 2_001)
        middles, width = (fine[1:] + fine[:-1]) / 2, day / 2_000
        for middle in middles:
            column = int(np.clip(np.searchsorted(edges, middle) - 1, 0, len(center) - 1))
            once[i, column] += width
            twice[i, column] += width * (day - middle)
    both = np.vstack([once, per_a * twice])
    return both @ correlation @ both.T, once @ correlation @ once.T


def mean_motion_per_km(a_km: float) -> float:
    """Change of the mean motion by that of a [rad/day/km], of two bodies."""
    return float(-1.5 * np.sqrt(MU_KM3_S2 / a_km**3) * 86400 / a_km)
