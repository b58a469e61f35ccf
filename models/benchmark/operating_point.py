"""The threshold and the probabilities of a trained detector, chosen on satellites that did not teach it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from configs.detect import CandidateConfig
from models.benchmark.choice import Judged, choose_threshold, fit_probability
from models.benchmark.contest import EVER, LEAST_SATELLITES, Job, Window, compete, group_of, plan
from models.benchmark.decision import judged_window
from models.detect.base import Detector
from models.detect.calibration import OperatingPoint
from models.errors import ModelError

_KNOTS = 41  # of the probability curve


def operating_points(
    create: Callable[[], Detector],
    rows: Mapping[int, pd.DataFrame],
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    candidates: CandidateConfig,
    *,
    teachers: Mapping[int, int] = MappingProxyType({}),
    loosest: Collection[str] = (),
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
    teachers : mapping of int to int
        Objects in ``rows`` that teach and are never judged, and whose copies they are: who is judged has no copy among its teachers.
    loosest : collection of str
        Groups in which logs are known to lack burns: there the threshold is the loosest of those that serve them as well.
    """
    groups = spans["regime"].map(group_of)
    large = groups.map(groups.value_counts()) >= LEAST_SATELLITES
    folds, _ = plan(spans[large], create(), "loso")
    always = {group: _windows(teachers, rows, group) for group in groups.unique()}
    judged: dict[str, list[Judged]] = {}
    for fold in folds:
        try:
            unseen = {window.norad_id for window in fold.outer.judged}
            own = [window for window in always[fold.group] if teachers[window.norad_id] not in unseen]
            job = Job(tuple(sorted((*fold.outer.taught, *own))), fold.outer.judged)
            found = compete(create(), job, rows, maneuvers, candidates)
        except ModelError:  # the others are too few to learn from: nobody to judge this one by
            continue
        for window in fold.outer.judged:
            judged.setdefault(fold.group, []).append(judged_window(found, window, maneuvers, spans))
    log_odds = create().scores_log_odds
    points: dict[str, OperatingPoint] = {}
    for group, satellites in judged.items():
        point = choose_point(satellites, log_odds=log_odds, strictest=group not in loosest)
        if point is not None:
            members = spans.loc[large & (groups == group), "norad_id"]
            points |= {str(regime): point for each in members for regime in rows[each]["regime"].unique()}
    return points


def _windows(teachers: Collection[int], rows: Mapping[int, pd.DataFrame], group: str) -> list[Window]:
    return [Window(each, *EVER) for each in teachers if group_of(str(rows[each]["regime"].iloc[0])) == group]


def choose_point(judged: Sequence[Judged], *, log_odds: bool, strictest: bool = True) -> OperatingPoint | None:
    """What is chosen on satellites of one group, each judged by what the others taught; None where they are too few.

    Parameters
    ----------
    judged : sequence of Judged
    log_odds : bool
        Whether the scores are log-odds.
    strictest : bool
        As in `choose_threshold`.
    """
    chosen = choose_threshold(judged, strictest=strictest) if len(judged) >= LEAST_SATELLITES - 1 else None
    if chosen is None:
        return None
    platt, knots = fit_probability(judged, log_odds=log_odds), np.empty(0)
    if platt is not None:
        scores = np.concatenate([each.ranked["score"].to_numpy(np.float64) for each in judged])
        knots = np.unique(np.quantile(scores, np.linspace(0.0, 1.0, _KNOTS)))
    return OperatingPoint(
        threshold=chosen.threshold,
        knots=tuple(knots.tolist()),
        probabilities=tuple(platt.probability(knots).tolist()) if platt else (),
        satellites=len(judged),
    )
