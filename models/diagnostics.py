"""Plots that show a trained detector at work, kept beside it in MLflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from models import plots
from models.benchmark.protocol import match
from models.detect.base import Detector
from models.detect.calibration import Calibration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN_OBJECTS = 3
"""How many objects the timeline of scores shows: more cannot be read."""


def figures(
    detector: Detector,
    calibration: Calibration,
    features: pd.DataFrame,
    scores: NDArray[np.float64],
    ranked: pd.DataFrame,
    maneuvers: pd.DataFrame | None,
) -> dict[str, Figure]:
    """Plots of a training: scores over time, features' weight, loss, and precision–recall where labels are given.

    Parameters
    ----------
    detector : Detector
    calibration : Calibration
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), N gaps.
    scores : (N,) float64
        The detector's scores of these rows.
    ranked : DataFrame
        Events at a low threshold, with ``score``.
    maneuvers : DataFrame, optional
        Labeled maneuvers.
    """
    shown = _eventful(features, scores)
    rows = features["norad_id"].isin(shown).to_numpy()
    regime = str(features.loc[rows, "regime"].mode().iloc[0])
    made = {
        "score_timeline": plots.score_timeline(features[rows], scores[rows], calibration.threshold(regime)),
        "feature_weights": plots.feature_weights(feature_weights(features, detector.inputs, scores)),
    }
    if detector.curves():
        made["training_loss"] = plots.training_loss(detector.curves())
    if maneuvers is not None and len(ranked):
        own = ranked[ranked["norad_id"].isin(maneuvers["norad_id"])].reset_index(drop=True)
        hits = match(own, maneuvers).event_to_maneuver >= 0
        if hits.any():
            made["precision_recall"] = plots.precision_recall(hits, own["score"])
    return made


def feature_weights(features: pd.DataFrame, inputs: Sequence[str], scores: ArrayLike) -> dict[str, float]:
    """How much of a score each input column tells by itself, whatever the detector.

    Spearman's rank correlation (1904) of the column's size with the score, over the rows that have both.
    """
    scores = np.asarray(scores, dtype=np.float64)
    weights: dict[str, float] = {}
    for name in inputs:
        if not pd.api.types.is_numeric_dtype(features[name]):
            continue
        size = np.abs(features[name].to_numpy(np.float64))
        known = np.isfinite(size)
        if known.sum() > 2 and np.ptp(size[known]) > 0 and np.ptp(scores[known]) > 0:
            weights[name] = float(np.corrcoef(rankdata(size[known]), rankdata(scores[known]))[0, 1])
    return weights


def _eventful(features: pd.DataFrame, scores: NDArray[np.float64]) -> list[int]:
    """The objects whose highest score lies in the middle of all: neither the wildest nor the quietest."""
    highest = pd.Series(scores).groupby(features["norad_id"].to_numpy()).max().sort_values(kind="stable")
    middle = max(0, len(highest) // 2 - SHOWN_OBJECTS // 2)
    return [int(norad_id) for norad_id in highest.index[middle : middle + SHOWN_OBJECTS]]
