"""Columns in units of their own local noise, from the object's past alone."""

from __future__ import annotations

from itertools import pairwise

import bottleneck
import numpy as np

from features.column import Column
from features.history import Gaps
from orbits.elements import FloatArray

# Column -> the least noise that its values can have: what the fields of an element set resolve.
NOISE_FLOORS: dict[str, float] = {
    "step_a_m": 0.05,
    "step_a_m_lag2": 0.05,
    "step_a_m_lag3": 0.05,
    "step_i_deg": 5e-5,
    "step_raan_deg": 5e-5,
    "step_lambda_deg": 1e-4,
    "step_h": 1e-7,
    "step_k": 1e-7,
    "step_bstar_inv_er": 1e-7,
    "residual_r_km": 1e-3,
    "residual_t_km": 1e-3,
    "residual_n_km": 1e-3,
    "back_t_km": 1e-3,
    "jump_a_m_k0": 0.05,
    "jump_a_m_k1": 0.05,
    "jump_a_m_k2": 0.05,
    "jump_a_m_k3": 0.05,
}

_LATER = {f"jump_a_m_k{k}": k for k in range(4)}
_MAD_TO_SIGMA = 1.4826022185056018  # of a normal distribution

COLUMNS = [
    Column(
        f"z_{name}",
        "-",
        "float64",
        f"{name} less its median over the object's earlier gaps, in units of their robust σ",
        later_sets=_LATER.get(name, 0),
    )
    for name in NOISE_FLOORS
]


def normalize(values: dict[str, FloatArray], gaps: Gaps, *, window_gaps: int, min_gaps: int) -> dict[str, FloatArray]:
    """Robust z of the main columns, each (G,).

    Center and spread are the median and the scaled median absolute deviation (Rousseeuw and Croux
    1993) of the ``window_gaps`` gaps before the row's own: the noise of an object changes from era
    to era. A column that sees k later sets takes its past from k gaps earlier still, so that what
    it is compared with never overlaps what it measures.
    """
    names = list(NOISE_FLOORS)
    stacked = np.stack([values[name] for name in names])
    center, sigma = np.full_like(stacked, np.nan), np.full_like(stacked, np.nan)
    for start, stop in pairwise(gaps.bounds.tolist()):
        if stop - start > min_gaps:
            own = stacked[:, start:stop]
            center[:, start:stop], sigma[:, start:stop] = _running_noise(own, window_gaps, min_gaps)
    out = {}
    for row, name in enumerate(names):
        past = np.maximum(np.arange(len(gaps)) - 1 - _LATER.get(name, 0), 0)
        known = gaps.rank > _LATER.get(name, 0)
        score = (stacked[row] - center[row, past]) / np.maximum(sigma[row, past], NOISE_FLOORS[name])
        out[f"z_{name}"] = np.where(known, score, np.nan)
    return out


def _running_noise(values: FloatArray, window: int, least: int) -> tuple[FloatArray, FloatArray]:
    """Median and robust σ of the ``window`` values up to and with each one, by row, each like ``values``."""
    window = min(window, values.shape[1])
    center = bottleneck.move_median(values, window, min_count=least, axis=1)
    first = bottleneck.nanmedian(values[:, :least], axis=1)[:, None]
    deviation = np.abs(values - np.where(np.isnan(center), first, center))
    return center, _MAD_TO_SIGMA * bottleneck.move_median(deviation, window, min_count=least, axis=1)
