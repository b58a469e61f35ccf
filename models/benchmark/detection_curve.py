"""From trials with injected burns to curves of detection, and to the size that is found nine times in ten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import beta

FloatArray = NDArray[np.float64]

_STEEPEST = 12.0  # e-folds of the odds for an e-fold of the size: steeper than any curve between two sizes tells
_LEAST_CEILING = 0.5


def detection_curve(trials: pd.DataFrame, by: Sequence[str] = ("regime", "direction")) -> pd.DataFrame:
    """Share of the injected burns that were found, by size.

    Parameters
    ----------
    trials : DataFrame
        From `models.benchmark.sensitivity.injection_trials`.
    by : sequence of str
        Columns of the trials that make a curve.

    Returns
    -------
    DataFrame
        ``by``, dv_m_s, injected, found, probability, low, high: the interval is Clopper and Pearson's, 95 %.
    """
    counts = trials.groupby([*by, "dv_m_s"])["found"].agg(injected="size", found="sum").reset_index()
    injected, found = counts["injected"].to_numpy(np.float64), counts["found"].to_numpy(np.float64)
    return counts.assign(
        probability=found / injected,
        low=np.where(found > 0, beta.ppf(0.025, np.maximum(found, 1e-9), injected - found + 1), 0.0),
        high=np.where(found < injected, beta.ppf(0.975, found + 1, np.maximum(injected - found, 1e-9)), 1.0),
    )


def smallest_found(
    trials: pd.DataFrame,
    by: Sequence[str] = ("regime", "direction"),
    *,
    share: float = 0.9,
    resamples: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """The size of which ``share`` of the burns are found, from a monotone curve in the logarithm of the size.

    What is pooled must have been tried with the same sizes: curves by regime are for trials drawn by regime.

    The curve is a logistic that ends at a ceiling of at most one. The 95 % interval is a bootstrap over objects where the
    trials are of ten or more, over places otherwise: all sizes of one place stand or fall together.

    Returns
    -------
    DataFrame
        ``by``, dv_m_s, low_m_s, high_m_s, ceiling, objects, places, injected. ``dv_m_s`` is NaN where the share is not reached at
        the largest size that was tried, and a bound infinite where it is not in a resample; a figure at the smallest size tried
        means that or less.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for key, own in trials.groupby(list(by)):
        objects = own["norad_id"].nunique()
        unit = own["norad_id"] if objects >= 10 else own["norad_id"].astype(str) + " " + own["place"].astype(str)
        log_dv, found, tried = _table(own, unit)
        size, ceiling = _size_at(log_dv, found.sum(axis=0), tried.sum(axis=0), share)
        drawn = rng.integers(0, len(found), (resamples, len(found)))
        sizes = [_size_at(log_dv, found[rows_].sum(axis=0), tried[rows_].sum(axis=0), share)[0] for rows_ in drawn]
        low, high = np.quantile(np.nan_to_num(sizes, nan=np.inf), [0.025, 0.975], method="nearest")
        names = key if isinstance(key, tuple) else (key,)
        rows.append(
            {
                **dict(zip(by, names, strict=True)),
                "dv_m_s": size,
                "low_m_s": low,
                "high_m_s": high,
                "ceiling": ceiling,
                "objects": objects,
                "places": own[["norad_id", "place"]].drop_duplicates().shape[0],
                "injected": len(own),
            }
        )
    columns = [*by, "dv_m_s", "low_m_s", "high_m_s", "ceiling", "objects", "places", "injected"]
    return pd.DataFrame(rows, columns=columns)


def fit_curve(log_dv: FloatArray, found: FloatArray, tried: FloatArray) -> FloatArray:
    """Midpoint (in log m/s), steepness and ceiling of the logistic that fits counts by size best (maximum likelihood)."""
    share = found.sum() / max(tried.sum(), 1.0)
    middle = log_dv[0] + (1.0 - share) * (log_dv[-1] - log_dv[0])

    def cost(at: FloatArray) -> float:
        chance = np.clip(at[2] * expit(at[1] * (log_dv - at[0])), 1e-9, 1 - 1e-9)
        return float(-(found * np.log(chance) + (tried - found) * np.log1p(-chance)).sum())

    reach = log_dv[0] - 5.0, log_dv[-1] + 5.0
    best = minimize(
        cost, [middle, 3.0, 0.98], bounds=[reach, (0.3, _STEEPEST), (_LEAST_CEILING, 1.0)], method="L-BFGS-B"
    )
    return np.asarray(best.x, dtype=np.float64)


def _size_at(log_dv: FloatArray, found: FloatArray, tried: FloatArray, share: float) -> tuple[float, float]:
    """Size of which ``share`` is found [m/s], within the sizes tried, and the ceiling of the curve."""
    middle, steepness, ceiling = fit_curve(log_dv, found, tried)
    if ceiling <= share:
        return np.nan, float(ceiling)
    size = middle + np.log(share / (ceiling - share)) / steepness
    if size > log_dv[-1]:
        return np.nan, float(ceiling)
    return float(np.exp(max(size, log_dv[0]))), float(ceiling)


def _table(own: pd.DataFrame, unit: pd.Series) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Logarithms of the sizes (S,), and burns found and tried of each unit by size, (U, S)."""
    sizes, column = np.unique(own["dv_m_s"], return_inverse=True)
    _, row = np.unique(unit, return_inverse=True)
    shape = row.max() + 1, len(sizes)
    tried, found = np.zeros(shape), np.zeros(shape)
    np.add.at(tried, (row, column), 1.0)
    np.add.at(found, (row, column), own["found"].to_numpy(np.float64))
    return np.log(sizes), found, tried
