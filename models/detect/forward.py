"""From scores to events going forward in time: each is decided once its later sets are there and stands from then on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from catalog.records import epoch_us
from configs.detect import CandidateConfig
from models.detect.candidates import EVENT_DTYPES, by_regime, locate
from models.detect.pursuit import FloatArray

SCORE_BEFORE, PEAK = "score_before", "peak"
_DAY_US = 86_400e6


def rank_forward(
    features: pd.DataFrame,
    scores: FloatArray,
    least: float | Mapping[str, float],
    config: CandidateConfig | None = None,
    *,
    later_sets: int,
    detector: str = "",
    log_odds: bool = False,
) -> pd.DataFrame:
    """Every gap that is an event at some threshold, with the thresholds at which it is.

    Going forward, the first gap above the threshold is the event; what is above it within ``separation_days`` afterwards
    belongs to it, and so on, as long as it goes on. Only a gap that scores 1 / ``rival_ratio`` times as much and begins
    ``rival_days`` later is no part of what came before: a weak false alarm does not hide a burn. Log-odds say how sure a
    burn is, not how large, so there is no such exception for them. Which gap is first depends on the threshold, so ``score_before`` holds the strongest score
    before a gap that would take it in: it is an event at every threshold from there up to its own score. Of gaps that are
    one event at different thresholds the strongest is the ``peak``: it stands for all in a ranking.

    Parameters
    ----------
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), N gaps.
    scores : (N,) float64
        Of which none depends on more than ``later_sets`` sets after its gap.
    least : float or mapping of regime to float
        Only gaps that score more are returned.
    config : CandidateConfig, optional
    later_sets : int
        A gap is decided when so many sets after it are there, and not before. ``available_at`` is when they all were.
    detector : str
    log_odds : bool
        Whether scores are log-odds rather than positive strengths.

    Returns
    -------
    DataFrame
        Columns of ``EVENT_DTYPES`` (``threshold`` and ``probability`` NaN), ``score_before`` and ``peak``.
    """
    config = config or CandidateConfig()
    norad_id, regime = features["norad_id"].to_numpy(np.int64), features["regime"].to_numpy(str)
    apart_us = by_regime(config.separation_days, regime, "separation_days") * _DAY_US
    begins_us = epoch_us(features["epoch_before"])
    before, peak = score_before(norad_id, begins_us, scores, apart_us, config, log_odds=log_odds)
    available_us, decided = _decided(norad_id, epoch_us(features["available_at"]), later_sets)
    rows = np.flatnonzero(decided & (scores > before) & (scores > by_regime(least, regime, "threshold")))
    hint_us, begin_us = locate(features, rows, config, later_sets=later_sets)
    found = features.iloc[rows].rename(columns={"epoch": "epoch_after"}).reset_index(drop=True)
    found = found.assign(
        epoch_before=pd.to_datetime(begin_us, unit="us", utc=True),
        burn_time_hint=pd.to_datetime(hint_us, unit="us", utc=True),
        available_at=pd.to_datetime(available_us[rows], unit="us", utc=True),
        score=scores[rows],
        threshold=np.nan,
        probability=np.nan,
        detector=detector,
    )
    return found[list(EVENT_DTYPES)].astype(EVENT_DTYPES).assign(**{SCORE_BEFORE: before[rows], PEAK: peak[rows]})


def above(ranked: pd.DataFrame, threshold: float | Mapping[str, float]) -> pd.DataFrame:
    """The events at a threshold, of `rank_forward`: the columns of ``EVENT_DTYPES``."""
    limits = by_regime(threshold, ranked["regime"].to_numpy(str), "threshold")
    events = ranked.assign(threshold=limits)[list(EVENT_DTYPES)]
    return events[fires(ranked, limits)].reset_index(drop=True)


def fires(ranked: pd.DataFrame, threshold: ArrayLike) -> NDArray[np.bool_]:
    """Whether each row of `rank_forward` or ``Detector.ranked`` is an event at a threshold, one for all or one for each."""
    scores, before = (ranked[name].to_numpy(np.float64) for name in ("score", SCORE_BEFORE))
    return np.asarray((scores > threshold) & (before <= threshold))


def score_before(
    norad_id: NDArray[np.int64],
    times_us: NDArray[np.int64],
    scores: FloatArray,
    apart_us: FloatArray,
    config: CandidateConfig,
    *,
    log_odds: bool = False,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The strongest score before each gap of which it would be a part, (N,); -inf where there is none. And its peaks, (N,).

    Parameters
    ----------
    norad_id, times_us : (N,) int64
        Objects and when their gaps begin, sorted.
    scores, apart_us : (N,) float64
    config : CandidateConfig
    log_odds : bool
    """
    peak = np.ones(len(scores), np.bool_)
    near, far = np.full(len(scores), -np.inf), np.full(len(scores), -np.inf)
    for back in range(1, len(scores)):
        away_us = (times_us[back:] - times_us[:-back]).astype(np.float64)
        away_us[norad_id[back:] != norad_id[:-back]] = np.inf
        inside = np.flatnonzero(away_us < apart_us[back:])
        if not len(inside):
            break
        at, earlier = inside + back, scores[inside]
        rival = away_us[inside] >= config.rival_days * _DAY_US
        far[at] = np.fmax(far[at], np.where(rival, earlier, -np.inf))
        near[at] = np.fmax(near[at], np.where(rival, -np.inf, earlier))
        own = rival & (scores[at] >= _much(earlier, config, log_odds))
        peak[inside[(scores[at] > earlier) & ~own]] = False
    return np.maximum(near, np.where(scores >= _much(far, config, log_odds), -np.inf, far)), peak


def _much(scores: FloatArray, config: CandidateConfig, log_odds: bool) -> FloatArray:
    """What is too much to be a part of what came before."""
    return np.full(len(scores), np.inf) if log_odds else np.asarray(scores / config.rival_ratio)


def _decided(
    norad_id: NDArray[np.int64], available_us: NDArray[np.int64], later_sets: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """When each gap's later sets were all there [us], and whether they are."""
    latest, decided = available_us.copy(), np.ones(len(norad_id), np.bool_)
    for later in range(1, later_sets + 1):
        of_same = np.zeros(len(norad_id), np.bool_)
        of_same[:-later] = norad_id[later:] == norad_id[:-later]
        decided &= of_same
        rows = np.flatnonzero(of_same)
        latest[rows] = np.maximum(latest[rows], available_us[rows + later])
    return latest, decided
