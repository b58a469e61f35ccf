"""Robust center and scale of feature columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def center_and_scale(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median and interquartile range of each column of ``values`` (N, C), NaN left out.

    A column that is undefined throughout gets center 0, a constant one scale 1.
    """
    defined = np.where(np.isfinite(values).any(axis=0), values, 0.0)
    low, center, high = np.nanquantile(defined, [0.25, 0.5, 0.75], axis=0)
    return center, np.where(high > low, high - low, 1.0)
