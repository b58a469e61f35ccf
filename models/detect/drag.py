"""What a misfit of the drag term does to the semi-major axis."""

from __future__ import annotations

import numpy as np

from models.detect.pursuit import MAD_TO_SIGMA, FloatArray, moving_median

_CLIP_SIGMA = 3.0  # burns and bad sets say nothing about the misfit


def less_drag_misfit(steps: FloatArray, bstar_steps: FloatArray, window: int, ahead: int) -> FloatArray:
    """Steps of the semi-major axis less what goes with a step of the drag term, (N,).

    A fit to days of observations trades the semi-major axis against the drag term: where one is too
    large the other makes up for it, and the next fit swings back. The share of a step that goes with
    the step of B* is a regression through zero, both clipped at three robust σ, over ``window`` gaps of
    which ``ahead`` are later. A burn leaves the net step: B* returns to what it was.
    """
    change, term = (_clipped(values, window, ahead) for values in (np.nan_to_num(steps), np.nan_to_num(bstar_steps)))
    power = _moving_sum(term * term, window, ahead)
    slope = np.divide(_moving_sum(change * term, window, ahead), power, out=np.zeros(len(power)), where=power > 0)
    return np.asarray(steps - slope * term)


def _clipped(values: FloatArray, window: int, ahead: int) -> FloatArray:
    limit = _CLIP_SIGMA * MAD_TO_SIGMA * np.nan_to_num(moving_median(np.abs(values), window, ahead))
    return np.asarray(np.clip(values, -limit, limit))


def _moving_sum(values: FloatArray, window: int, ahead: int) -> FloatArray:
    """Sum over ``window`` values of which ``ahead`` lie after the current one."""
    return np.asarray(np.convolve(values, np.ones(window))[ahead : ahead + len(values)])
