"""Precision, recall and F1 from counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def f1_score(hits: ArrayLike, misses: ArrayLike, false_alarms: ArrayLike) -> NDArray[np.float64]:
    """Harmonic mean of precision and recall; 0 where there is nothing to find and nothing found."""
    hits, wrong = np.asarray(hits), np.asarray(misses) + np.asarray(false_alarms)
    return np.asarray(2 * hits / np.maximum(2 * hits + wrong, 1))


def rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Counts (hits, misses, false_alarms, years) with detections, precision, recall, f1 and false alarms a year.

    A rate without a denominator is 0.
    """
    hits, misses, alarms = counts["hits"], counts["misses"], counts["false_alarms"]
    detections = hits + alarms
    return counts.assign(
        detections=detections,
        precision=hits / detections.clip(lower=1),
        recall=hits / (hits + misses).clip(lower=1),
        f1=f1_score(hits, misses, alarms),
        false_alarms_per_year=alarms / counts["years"],
    )
