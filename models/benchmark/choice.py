"""What a fold chooses on the satellites that its outer job does not judge: a threshold, and probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from catalog.records import epoch_us
from models.benchmark.matching import inside, pairs, point_estimates_us
from models.benchmark.ranking import rank
from models.benchmark.rates import f1_score
from models.detect.forward import SCORE_BEFORE

WINDOW_DAYS = 1.5
_GRID = 101
_EVENTS_A_MANEUVER = (0.25, 4.0)  # where thresholds are tried, by how many events lie above them
_SMOOTH = 21  # thresholds over which the F1 is averaged, about ±30 % in events: a lone peak is luck
_AS_GOOD = 0.9975  # of the best F1; about one maneuver of those it is chosen on
_LEAST_OF_A_KIND = 5  # hits, and false alarms, below which no probability is fitted

BINS = 10
LEAST_PROBABILITY = 0.05


class Judged(NamedTuple):
    """One satellite's ranked events, its maneuvers and the stretch in which they count (one row)."""

    ranked: pd.DataFrame
    maneuvers: pd.DataFrame
    span: pd.DataFrame


class Chosen(NamedTuple):
    """A threshold and the smoothed pooled F1 that it had where it was chosen."""

    threshold: float
    f1: float


@dataclass(frozen=True, slots=True)
class Platt:
    """Logistic probability of a hit, from the log-odds that a score stands for (Platt 1999).

    Parameters
    ----------
    slope, offset : float
        Of the log-odds.
    on_log : bool
        Whether the logarithm of the score stands for the log-odds, not the score itself.
    """

    slope: float
    offset: float
    on_log: bool

    def probability(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Of a hit, (N,)."""
        odds = self.slope * _stand_in(scores, self.on_log) + self.offset
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0))))


def choose_threshold(satellites: Sequence[Judged], *, strictest: bool = True) -> Chosen | None:
    """The strictest threshold with all but the best F1 (or the loosest), pooled over satellites; None where there is nothing to choose from.

    F1 is flat about its best, where false alarms on objects that nobody logs are not. The grid has no scale: thresholds lie between the scores of successive events of all satellites together, so that
    from a quarter to four times as many events lie above as there are maneuvers.
    """
    tables = [_Pairs.of(each) for each in satellites]
    scores = -np.sort(-np.concatenate([table.score[table.fired] for table in tables])) if tables else np.empty(0)
    sought = sum(table.sought for table in tables)
    if not len(scores) or not sought:
        return None
    low, high = (ratio * sought for ratio in _EVENTS_A_MANEUVER)
    above = np.unique(np.clip(np.round(np.geomspace(low, high, _GRID)).astype(np.int64), 1, len(scores)))
    following = np.append(scores, scores[-1] - 1e-9 * max(1.0, abs(scores[-1])))
    thresholds = (following[above - 1] + following[above]) / 2
    counts = np.asarray([sum(table.count(at) for table in tables) for at in thresholds])
    f1 = f1_score(*counts.T)
    smooth = np.convolve(np.pad(f1, _SMOOTH // 2, "edge"), np.ones(_SMOOTH) / _SMOOTH, "valid")
    as_good = np.flatnonzero(smooth >= _AS_GOOD * smooth.max())
    best = int(as_good[0] if strictest else as_good[-1])
    return Chosen(float(thresholds[best]), float(smooth[best]))


def fit_probability(satellites: Sequence[Judged], *, log_odds: bool) -> Platt | None:
    """How likely events of a score are hits; None where there are too few of either kind, or scores tell nothing.

    Parameters
    ----------
    satellites : sequence of Judged
    log_odds : bool
        Whether the scores are log-odds already.
    """
    from sklearn.linear_model import LogisticRegression

    rankings = [rank(each.ranked, each.maneuvers, each.span) for each in satellites]
    if not rankings:
        return None
    score = np.concatenate([ranking.score for ranking in rankings])
    hit = np.concatenate([ranking.hit for ranking in rankings])
    if min(hit.sum(), (~hit).sum()) < _LEAST_OF_A_KIND:
        return None
    fit = LogisticRegression(C=1e6, max_iter=1000).fit(_stand_in(score, not log_odds)[:, None], hit)
    slope = float(fit.coef_[0, 0])
    return Platt(slope, float(fit.intercept_[0]), not log_odds) if slope > 0 else None


def calibration_error(probability: ArrayLike, hit: ArrayLike) -> float:
    """Expected calibration error: mean distance of said and found frequency over ten bins of equal count; NaN for none."""
    table = reliability(probability, hit)
    return float(np.average(np.abs(table["said"] - table["found"]), weights=table["events"])) if len(table) else np.nan


def reliability(probability: ArrayLike, hit: ArrayLike) -> pd.DataFrame:
    """Said and found frequency of hits in ten bins of equal count: ``said``, ``found``, ``events``."""
    said, found = np.asarray(probability, dtype=np.float64), np.asarray(hit, dtype=np.float64)
    order = np.argsort(said, kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    rows = [(said[part].mean(), found[part].mean(), len(part)) for part in bins]
    return pd.DataFrame(rows, columns=["said", "found", "events"])


@dataclass(frozen=True, slots=True)
class _Pairs:
    """One satellite's events and maneuvers within reach of each other, nearest first, to be matched at many thresholds."""

    score: NDArray[np.float64]
    score_before: NDArray[np.float64]
    fired: NDArray[np.bool_]
    in_span: NDArray[np.bool_]
    sought: int
    events: list[int]
    maneuvers: list[int]

    @classmethod
    def of(cls, judged: Judged) -> _Pairs:
        ranked, maneuvers, span = judged
        found, wanted, apart = pairs(ranked, maneuvers, WINDOW_DAYS, "point")
        order = np.lexsort((found, wanted, *reversed(apart)))
        in_span = inside(maneuvers["norad_id"], epoch_us(maneuvers["burn_time"]), span)
        fired = inside(ranked["norad_id"], point_estimates_us(ranked), span)
        score, before = (ranked[name].to_numpy(np.float64) for name in ("score", SCORE_BEFORE))
        return cls(score, before, fired, in_span, int(in_span.sum()), found[order].tolist(), wanted[order].tolist())

    def count(self, threshold: float) -> NDArray[np.int64]:
        """Hits, misses and false alarms of the events above the threshold: as `match` and `count_satellites` have it."""
        kept = (self.score > threshold) & (self.score_before <= threshold)
        event_free, maneuver_free = kept.copy(), np.ones(len(self.in_span), np.bool_)
        for event, maneuver in zip(self.events, self.maneuvers, strict=True):
            if event_free[event] and maneuver_free[maneuver]:
                event_free[event] = maneuver_free[maneuver] = False
        hits = int((self.in_span & ~maneuver_free).sum())
        return np.array([hits, self.sought - hits, int((self.fired & event_free).sum())], dtype=np.int64)


def _stand_in(scores: ArrayLike, on_log: bool) -> NDArray[np.float64]:
    scores = np.asarray(scores, dtype=np.float64)
    return np.log(np.fmax(scores, 1e-9)) if on_log else scores
