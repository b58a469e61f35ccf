"""The Moon's wave in the semi-major axis of high orbits, which SGP4's mean elements keep."""

from __future__ import annotations

import numpy as np

from models.detect.pursuit import MAD_TO_SIGMA, FloatArray, moving_median

_PERIODS_DAYS = np.array([27.5546, 13.6608])  # anomalistic month, half a tropical month
_PASSES = 3
_REJECT_SIGMA = 3.0
_LEAST_SIGMA_M = 1.0
_RIDGE = 1e-3  # of the trace: a short history does not tell two waves apart


def less_lunar_wave(
    steps_m: FloatArray, days: FloatArray, gap_days: FloatArray, window: int = 181, ahead: int | None = None
) -> FloatArray:
    """Steps of the semi-major axis less a local wave of the Moon's periods, (N,).

    Amplitude and phase at both periods are a weighted regression of the steps over ``window`` gaps about
    each one, on the differences of cosine and sine across each gap; steps beyond three robust σ, such as
    burns, have no weight.

    Parameters
    ----------
    steps_m : (N,) float64
        Steps across the gaps [m], NaN where not known.
    days : (N,) float64
        Epochs of the later sets [days].
    gap_days : (N,) float64
    window : int
        Odd number of gaps.
    ahead : int, optional
        How many of them are later; half of them if left out.
    """
    count, ahead = len(steps_m), window // 2 if ahead is None else ahead
    turn = 2 * np.pi / _PERIODS_DAYS[:, None]
    now, then = turn * days, turn * (days - gap_days)
    waves = np.concatenate([np.cos(now) - np.cos(then), np.sin(now) - np.sin(then)])
    known = np.nan_to_num(steps_m)
    products = waves[:, None] * waves
    ones = np.ones(window)

    def summed(values: FloatArray) -> FloatArray:
        return np.asarray(np.convolve(values, ones)[ahead : ahead + count])

    wave = np.zeros(count)
    for _ in range(_PASSES):
        left = np.abs(known - wave)
        sigma = MAD_TO_SIGMA * np.nan_to_num(moving_median(left, window, ahead)) + _LEAST_SIGMA_M
        weight = (left < _REJECT_SIGMA * sigma) / sigma**2
        normal = np.stack([[summed(weight * cell) for cell in row] for row in products])
        normal = normal.transpose(2, 0, 1)
        trace = np.trace(normal, axis1=1, axis2=2)
        normal = normal + (1e-6 + _RIDGE * trace)[:, None, None] * np.eye(len(waves))
        right = np.stack([summed(weight * row * known) for row in waves], axis=1)
        wave = np.einsum("ni,in->n", np.linalg.solve(normal, right[..., None])[..., 0], waves)
    return np.asarray(steps_m - wave)
