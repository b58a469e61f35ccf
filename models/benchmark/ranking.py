"""Figures over all thresholds: average precision and recall at fixed false alarm rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from catalog.records import epoch_us
from models.benchmark.matching import Rule, inside, lists_all, pairs, point_estimates_us
from models.detect.forward import PEAK

FALSE_ALARMS_A_YEAR = (0.3, 1, 3)
_CHUNK = 100  # resamples at a time, so that memory stays small


class Ranking(NamedTuple):
    """The events of satellites whose burns are all listed, in their evaluated spans, best first.

    Parameters
    ----------
    row : (E,) int64
        Of the frame of events.
    score : (E,) float64
    satellite : (E,) int64
        Row of ``spans``.
    hit, alarm : (E,) bool
        Whether it found a maneuver of the span; whether it found none. Neither, where the maneuver lies outside.
    maneuvers, years : (S,)
        How many there are to be found, and for how long each satellite is evaluated.
    """

    row: NDArray[np.int64]
    score: NDArray[np.float64]
    satellite: NDArray[np.int64]
    hit: NDArray[np.bool_]
    alarm: NDArray[np.bool_]
    maneuvers: NDArray[np.float64]
    years: NDArray[np.float64]


def rank(
    ranked: pd.DataFrame, maneuvers: pd.DataFrame, spans: pd.DataFrame, window_days: float = 1.5, rule: Rule = "point"
) -> Ranking:
    """Down the ranking each event takes the nearest maneuver that is still free.

    Parameters
    ----------
    ranked : DataFrame
        Events down to a low threshold, with ``score``; with a column ``peak`` only those where it holds.
    maneuvers, spans : DataFrame
    window_days, rule
        As for `models.benchmark.matching.match`.
    """
    order = np.argsort(-ranked["score"].to_numpy(np.float64), kind="stable")
    if PEAK in ranked.columns:
        order = order[ranked[PEAK].to_numpy(np.bool_)[order]]
    ranked = ranked.iloc[order].reset_index(drop=True)
    taken = np.full(len(ranked), -1, np.int64)
    free = np.ones(len(maneuvers), np.bool_)
    found, sought, apart = pairs(ranked, maneuvers, window_days, rule)
    for pair in np.lexsort((sought, *reversed(apart), found)):
        if taken[found[pair]] < 0 and free[sought[pair]]:
            taken[found[pair]] = sought[pair]
            free[sought[pair]] = False
    counts = inside(maneuvers["norad_id"], epoch_us(maneuvers["burn_time"]), spans)
    hit = (taken >= 0) & np.append(counts, False)[taken]
    alarm = inside(ranked["norad_id"], point_estimates_us(ranked), spans) & (taken < 0)
    row_of = pd.Series(np.arange(len(spans)), spans["norad_id"].to_numpy())
    told = spans.loc[lists_all(spans), "norad_id"]
    shown = (hit | alarm) & ranked["norad_id"].isin(told).to_numpy()
    satellite = row_of.reindex(ranked["norad_id"].to_numpy()[shown]).to_numpy(np.int64)
    owners = row_of.reindex(maneuvers["norad_id"].to_numpy()[counts]).to_numpy(np.int64)
    return Ranking(
        order[shown],
        ranked["score"].to_numpy(np.float64)[shown],
        satellite,
        hit[shown],
        alarm[shown],
        np.bincount(owners, minlength=len(spans)).astype(np.float64),
        spans["years"].to_numpy(np.float64),
    )


def curve_figures(ranking: Ranking, weights: ArrayLike) -> dict[str, NDArray[np.float64]]:
    """Average precision and recall at each rate of false alarms, for each of B weightings of the satellites.

    The precision at each newly found maneuver is averaged over all there are to find.

    Parameters
    ----------
    ranking : Ranking
    weights : (B, S) array_like
        How often each satellite counts: ones, or a bootstrap's draws.

    Returns
    -------
    dict
        'ap' and 'recall_at_{rate}_fa', each (B,).
    """
    weights = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    parts = [_figures(ranking, weights[low : low + _CHUNK]) for low in range(0, len(weights), _CHUNK)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _figures(ranking: Ranking, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    each = weights[:, ranking.satellite]
    new = each * ranking.hit
    hits, alarms = np.cumsum(new, axis=1), np.cumsum(each * ranking.alarm, axis=1)
    total = np.maximum(weights @ ranking.maneuvers, 1.0)
    years = weights @ ranking.years
    out = {"ap": (new * hits / np.maximum(hits + alarms, 1.0)).sum(axis=1) / total}
    for rate in FALSE_ALARMS_A_YEAR:
        within = alarms <= rate * years[:, None] + 1e-9
        out[f"recall_at_{rate}_fa"] = np.where(within, hits, 0.0).max(axis=1, initial=0.0) / total
    return out
