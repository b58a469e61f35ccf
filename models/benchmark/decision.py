"""From the jobs' ranked events to events with a threshold and a probability, each chosen inside its fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from models.benchmark.choice import Judged, Platt, choose_threshold, fit_probability
from models.benchmark.contest import Fold, Job, Window
from models.detect.base import Detector
from models.detect.forward import SCORE_BEFORE, fires

_DAYS_A_YEAR = 365.25
_DAY_US = 86_400e6


class Decided(NamedTuple):
    """What counts in a benchmark.

    Parameters
    ----------
    ranked : DataFrame
        All events of the judged satellites with their fold's ``threshold`` and ``probability`` (NaN where none was fitted).
    spans : DataFrame
        What of each satellite was judged: norad_id, name, regime, start, stop, years.
    folds : DataFrame
        One row a judged satellite: norad_id, group, threshold, inner_f1, chosen ('inner folds' or 'default'), slope,
        offset, taught (satellites), judged_for_choice (satellites).
    skipped : dict
        Group -> why nothing was measured in it.
    """

    ranked: pd.DataFrame
    spans: pd.DataFrame
    folds: pd.DataFrame
    skipped: dict[str, str]

    @property
    def events(self) -> pd.DataFrame:
        """Those above the threshold."""
        return self.ranked[fires(self.ranked, self.ranked["threshold"])].reset_index(drop=True)


def decide(
    folds: Sequence[Fold],
    outcomes: Sequence[Mapping[Job, pd.DataFrame]],
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    detector: Detector,
) -> Decided:
    """Choose each fold's threshold and probability on its inner events, and give them to its outer ones.

    Parameters
    ----------
    folds : sequence of Fold
    outcomes : sequence of mappings of Job to DataFrame
        What `models.benchmark.contest.compete` returned for each fold's jobs.
    maneuvers, spans : DataFrame
    detector : Detector
        For its default thresholds, used where a fold has no inner jobs, and for what its scores mean.
    """
    regimes = spans.set_index("norad_id")["regime"]
    ranked, judged, chosen = [], [], []
    skipped: dict[str, str] = {}
    for fold, found in zip(folds, outcomes, strict=True):
        inner = inner_events(fold, found, maneuvers, spans)
        best = choose_threshold(inner)
        platt = fit_probability(inner, log_odds=detector.scores_log_odds)
        for window in fold.outer.judged:
            regime = str(regimes[window.norad_id])
            threshold = best.threshold if best else detector.default_threshold.get(regime)
            if threshold is None:
                skipped[fold.group] = f"too few satellites to choose a threshold on, and {detector.name} has no default"
                continue
            own = judged_window(found[fold.outer], window, maneuvers, spans)
            chance = platt.probability(own.ranked["score"]) if platt else np.full(len(own.ranked), np.nan)
            ranked.append(own.ranked.assign(threshold=threshold, probability=chance))
            judged.append(own.span)
            chosen.append(_row(fold, window, threshold, best.f1 if best else np.nan, platt))
    if not judged:
        return Decided(
            pd.DataFrame({"score": [], SCORE_BEFORE: [], "threshold": []}), spans.iloc[:0], pd.DataFrame(), skipped
        )
    return Decided(
        pd.concat(ranked, ignore_index=True), pd.concat(judged, ignore_index=True), pd.DataFrame(chosen), skipped
    )


def inner_events(
    fold: Fold, outcomes: Mapping[Job, pd.DataFrame], maneuvers: pd.DataFrame, spans: pd.DataFrame
) -> list[Judged]:
    """What a fold may choose on."""
    return [judged_window(outcomes[job], window, maneuvers, spans) for job, window in fold.inner]


def judged_window(events: pd.DataFrame, window: Window, maneuvers: pd.DataFrame, spans: pd.DataFrame) -> Judged:
    """One satellite's share of a job, its evaluated span cut to the window."""
    span = spans[spans["norad_id"] == window.norad_id].assign(
        start=pd.Timestamp(window.start_us, unit="us", tz="UTC"),
        stop=pd.Timestamp(window.stop_us, unit="us", tz="UTC"),
        years=(window.stop_us - window.start_us) / _DAY_US / _DAYS_A_YEAR,
    )
    return Judged(
        events[events["norad_id"] == window.norad_id].reset_index(drop=True),
        maneuvers[maneuvers["norad_id"] == window.norad_id].reset_index(drop=True),
        span.reset_index(drop=True),
    )


def _row(fold: Fold, window: Window, threshold: float, inner_f1: float, platt: Platt | None) -> dict[str, object]:
    return {
        "norad_id": window.norad_id,
        "group": fold.group,
        "threshold": threshold,
        "chosen": "default" if np.isnan(inner_f1) else "inner folds",
        "inner_f1": inner_f1,
        "slope": platt.slope if platt else np.nan,
        "offset": platt.offset if platt else np.nan,
        "taught": len(fold.outer.taught),
        "chosen_on": len(fold.inner),
    }
