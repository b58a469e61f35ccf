"""Peaks over a threshold and the generalized Pareto tail of their excesses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from catalog.records import epoch_us

FloatArray = NDArray[np.float64]

SHAPES = (-0.5, 2.0)  # below, the likelihood has no regular maximum (Smith 1985); above, the tail says nothing
_LEAST_FOR_SHAPE = 10  # with fewer excesses the tail is exponential
_DAY_US = 86_400e6


class Peaks(NamedTuple):
    """One a cluster: object, row of the highest score, and that score; arrays (P,)."""

    norad_id: NDArray[np.int64]
    row: NDArray[np.int64]
    score: FloatArray


def find_peaks(features: pd.DataFrame, scores: FloatArray, start: float, decluster_days: float) -> Peaks:
    """Highest score of each cluster above ``start`` (runs declustering: Coles 2001, 5.3.2).

    A cluster ends where an object's next score above ``start`` is more than ``decluster_days`` later.

    Parameters
    ----------
    features : DataFrame
        norad_id and epoch, sorted by them.
    scores : (N,) float64
    start : float
    decluster_days : float
        [day]
    """
    rows = np.flatnonzero(scores > start)
    if not len(rows):
        return Peaks(np.empty(0, np.int64), rows, np.empty(0))
    ids = features["norad_id"].to_numpy(np.int64)[rows]
    times = epoch_us(features["epoch"])[rows]
    opens = np.r_[True, (np.diff(ids) != 0) | (np.diff(times) > decluster_days * _DAY_US)]
    cluster = np.cumsum(opens) - 1
    order = np.lexsort((-rows, scores[rows], cluster))  # the earliest of equals is last in its cluster
    highest = order[np.r_[np.flatnonzero(np.diff(cluster)), len(rows) - 1]]
    return Peaks(ids[highest], rows[highest], scores[rows[highest]])


def fit_tail(excesses: FloatArray) -> tuple[float, float]:
    """Maximum-likelihood scale and shape of a generalized Pareto distribution of ``excesses`` (P,) > 0.

    The likelihood is profiled over shape / scale (Grimshaw 1993, doi 10.1080/00401706.1993.10485040); the shape is kept
    within ``SHAPES``. With fewer than ten excesses the tail is exponential (shape 0).
    """
    mean = float(excesses.mean())
    if len(excesses) < _LEAST_FOR_SHAPE:
        return mean, 0.0

    def at(shape: float) -> tuple[float, float]:
        """Best scale for a shape, and the negative log likelihood there."""
        # With a negative shape the distribution ends at -scale / shape, which no excess may lie beyond.
        least = max(mean * 1e-5, -shape * highest * (1 + 1e-9))
        found = minimize_scalar(
            lambda log_scale: _cost(excesses, np.exp(log_scale), shape),
            bounds=(np.log(least), np.log(20 * highest)),
            method="bounded",
        )
        return float(np.exp(found.x)), float(found.fun)

    highest = float(excesses.max())
    best = minimize_scalar(lambda shape: at(shape)[1], bounds=SHAPES, method="bounded")
    shape = float(best.x)
    return at(shape)[0], shape


def _cost(excesses: FloatArray, scale: float, shape: float) -> float:
    """Negative log likelihood of a generalized Pareto distribution."""
    if abs(shape) < 1e-6:
        return float(len(excesses) * np.log(scale) + excesses.sum() / scale)
    inside = 1 + shape * excesses / scale
    if inside.min() <= 0:
        return float("inf")
    return float(len(excesses) * np.log(scale) + (1 + 1 / shape) * np.log(inside).sum())


def exceedance_rate(scores: ArrayLike, start: float, rate: float, scale: float, shape: float) -> FloatArray:
    """Peaks above each score (N,) in the time that ``rate`` counts by; ``rate`` below ``start``."""
    excess = np.maximum(np.asarray(scores, dtype=np.float64) - start, 0.0) / scale
    if abs(shape) < 1e-6:
        return np.asarray(rate * np.exp(-excess))
    with np.errstate(divide="ignore"):
        return np.asarray(rate * np.maximum(1 + shape * excess, 0.0) ** (-1 / shape))


def score_at_rate(target: float, start: float, rate: float, scale: float, shape: float) -> float:
    """Score that is exceeded ``target`` times; never below ``start``, where the tail is not known."""
    if target >= rate:
        return start
    if abs(shape) < 1e-6:
        return float(start + scale * np.log(rate / target))
    return float(start + scale / shape * ((rate / target) ** shape - 1))
