"""The threshold and the probabilities of a trained detector, chosen on satellites that did not teach it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from configs.detect import CandidateConfig
from models.benchmark.choice import Judged, Platt, choose_threshold, fit_probability
from models.benchmark.contest import LEAST_SATELLITES, compete, group_of, plan
from models.benchmark.decision import judged_window
from models.detect.base import Detector
from models.detect.calibration import Calibration
from models.errors import ModelError

_KNOTS = 41  # of the probability curve


class OperatingPoint(NamedTuple):
    """Of one group of regimes.

    Parameters
    ----------
    threshold : float
    platt : Platt or None
        Probability of a hit by score; None where there were too few of either kind.
    scores : (K,) float64
        Of what was judged, ascending: where the probability is known.
    satellites : int
        On which it was chosen.
    """

    threshold: float
    platt: Platt | None
    scores: np.ndarray
    satellites: int


def operating_points(
    create: Callable[[], Detector],
    rows: Mapping[int, pd.DataFrame],
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    candidates: CandidateConfig,
) -> dict[str, OperatingPoint]:
    """Operating point by regime, for regimes with labelled satellites in a group of three or more.

    Every labelled satellite is judged by a detector taught by the others of its group, as in the benchmark, and the
    threshold is the one that the benchmark chooses inside its folds (`choose_threshold`): what is measured there is what a
    home gets.

    Parameters
    ----------
    create : callable
        Makes such a detector, not fitted.
    rows : mapping of norad_id to DataFrame
        Whole labelled satellites, prepared by such a detector.
    maneuvers : DataFrame
        ``norad_id``, ``burn_time``.
    spans : DataFrame
        From `models.benchmark.protocol.evaluated_spans`.
    candidates : CandidateConfig
    """
    groups = spans["regime"].map(group_of)
    large = groups.map(groups.value_counts()) >= LEAST_SATELLITES
    folds, _ = plan(spans[large], create(), "loso")
    judged: dict[str, list[Judged]] = {}
    for fold in folds:
        try:
            found = compete(create(), fold.outer, rows, maneuvers, candidates)
        except ModelError:  # the others are too few to learn from: nobody to judge this one by
            continue
        for window in fold.outer.judged:
            judged.setdefault(fold.group, []).append(judged_window(found, window, maneuvers, spans))
    log_odds = create().scores_log_odds
    points: dict[str, OperatingPoint] = {}
    for group, own in judged.items():
        chosen = choose_threshold(own) if len(own) >= LEAST_SATELLITES - 1 else None
        if chosen is None:
            continue
        scores = np.sort(np.concatenate([each.ranked["score"].to_numpy(np.float64) for each in own]))
        point = OperatingPoint(chosen.threshold, fit_probability(own, log_odds=log_odds), scores, len(own))
        points |= {str(regime): point for regime in spans.loc[large & (groups == group), "regime"].unique()}
    return points


def calibrated_at(calibration: Calibration, points: Mapping[str, OperatingPoint]) -> Calibration:
    """A calibration whose thresholds and probabilities are those of the points, in the regimes that have one.

    The tail of quiet scores stays what it was: it says how rarely quiet objects come that far.
    """
    entries = dict(calibration.regimes)
    for regime, point in points.items():
        changes: dict[str, object] = {
            "threshold": point.threshold,
            "satellites": point.satellites,
            "extrapolated": False,
        }
        if point.platt is not None:
            knots = np.unique(np.quantile(point.scores, np.linspace(0.0, 1.0, _KNOTS)))
            changes |= {
                "knots": tuple(knots.tolist()),
                "probabilities": tuple(point.platt.probability(knots).tolist()),
            }
        entries[regime] = calibration.of(regime).model_copy(update=changes)
    return calibration.model_copy(update={"regimes": entries})
