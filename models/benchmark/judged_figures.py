"""How well a detector meets verdicts: those that taught it, and those held out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.benchmark.judged import BURN, HELD_OUT, TRAIN, gaps_of
from models.benchmark.matching import pairs
from models.benchmark.rates import f1_score


def met(
    divided: pd.DataFrame,
    events: pd.DataFrame,
    features: pd.DataFrame,
    scores: NDArray[np.float64],
    window_days: float,
) -> pd.DataFrame:
    """What a detector makes of each window.

    Parameters
    ----------
    divided : DataFrame
        From `divide`.
    events : DataFrame
        The detector's, above its threshold.
    features : DataFrame
    scores : (N,) array
        The detector's, of these rows.
    window_days : float
        How far from the judged burn an event may be [day].

    Returns
    -------
    DataFrame
        ``divided``, ``found`` (there is an event) and ``score`` (the highest of the window's gaps, NaN without any).
    """
    found = np.zeros(len(divided), np.bool_)
    _, rows, _ = pairs(events, divided, window_days, "point")
    found[rows] = True
    first, stop = gaps_of(divided, features)
    best = [scores[low:high].max() if high > low else np.nan for low, high in zip(first, stop, strict=True)]
    return divided.assign(found=found, score=np.array(best, np.float64))


def judged_figures(told: pd.DataFrame) -> dict[str, float]:
    """How many labels there are and what they are used for, and how a detector meets those held out and those that teach.

    ``judged_recall`` is the share of the judged burns that are found, ``judged_errors_flagged`` that of the data errors
    that are taken for burns all the same, ``judged_precision`` the share of burns among what is found, ``judged_auc`` the
    chance that a burn's score is above a data error's. All of them know only what some detector once flagged. A figure
    without a denominator is left out.

    Parameters
    ----------
    told : DataFrame
        From `met`.
    """
    parts = {"held_out": told[told["split"].isin(HELD_OUT)], "train": told[told["split"] == TRAIN]}
    figures = {"labels": float(len(told))}
    for name, part in parts.items():
        burned, found = (part["says"] == BURN).to_numpy(), part["found"].to_numpy(np.bool_)
        hits, misses, alarms = (int(mask.sum()) for mask in (burned & found, burned & ~found, ~burned & found))
        errors = int((~burned).sum())
        figures |= {f"labels_{name}": float(len(part)), f"labels_{name}_burns": float(hits + misses)}
        figures |= {
            f"judged_{figure}_{name}": value / among
            for figure, value, among in (
                ("recall", hits, hits + misses),
                ("precision", hits, hits + alarms),
                ("errors_flagged", alarms, errors),
            )
            if among
        }
        if hits + misses:
            figures[f"judged_f1_{name}"] = float(f1_score(hits, misses, alarms))
        if hits + misses and errors:
            figures[f"judged_auc_{name}"] = _auc(part["score"].to_numpy(np.float64), burned)
    return figures


def _auc(scores: NDArray[np.float64], burned: NDArray[np.bool_]) -> float:
    """Chance that a burn scores above another window, ties half (Mann and Whitney 1947)."""
    ranks = pd.Series(scores).rank().to_numpy(np.float64)
    burns = int(burned.sum())
    above = ranks[burned].sum() - burns * (burns + 1) / 2
    return float(above / (burns * (len(scores) - burns)))
