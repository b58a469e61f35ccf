"""Slow, obvious versions of the burn fit's kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.characterize.secular import carry, keplerian_deg
from orbits.burns import gauss_matrix

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
