"""How the element sets after a burn show it: what a fit over days makes of an orbit that changed within them.

An element set is fitted to observations of the last ``span`` days that end ``lag`` days before its epoch. Along the track a burn is
a ramp that starts at the burn. Least squares of a straight line over a span of which the share x lies after the burn gives the
slope x²(3 - 2x) of the ramp's own; a parabola, which is what a fit that is free to choose its drag draws, overshoots by another
15 x²(1 - x)². (Both follow from the ramp's Legendre coefficients.) ``ringing`` is the parabola's weight, 0 to 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from catalog.records import epoch_us

FloatArray = NDArray[np.float64]

SPANS_DAYS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)  # that are tried
RINGINGS = (0.0, 0.5, 1.0)
LAGS_DAYS = (0.0, 0.25, 0.5, 1.0)
SHAPES = tuple((span, ringing) for span in SPANS_DAYS for ringing in (RINGINGS if span else (0.0,)))
_BEFORE_DAYS, _AFTER_DAYS = 10.0, 14.0  # of the sets about a burn that its shape is read from
_LONE_DAYS = 4.0  # kept between these sets and the burns on both sides
_LEAST_SETS = 5  # before the burn, and as many once the longest span lies after it
_LONGEST_GAP_DAYS = 4.0
_LEAST_MISFIT = 0.01  # what drag and rounding leave of the shape of any step
_DAY_US = 86_400e6


def slope_share(
    since_days: ArrayLike, span_days: ArrayLike = 0.0, lag_days: ArrayLike = 0.0, ringing: ArrayLike = 0.0
) -> FloatArray:
    """Share of the change of a, e and plane that a set shows.

    Parameters
    ----------
    since_days : array_like
        From the burn to the epoch of the set [day].
    span_days, lag_days, ringing : array_like
        See the module; they broadcast.

    Returns
    -------
    float64 array
        0 before the burn is seen, 1 once the whole span lies after it.
    """
    x = _seen(since_days, span_days, lag_days)
    return np.asarray(x**2 * (3.0 - 2.0 * x) + np.asarray(ringing) * 15.0 * (x * (1.0 - x)) ** 2)


def track_share(
    since_days: ArrayLike, span_days: ArrayLike = 0.0, lag_days: ArrayLike = 0.0, ringing: ArrayLike = 0.0
) -> FloatArray:
    """Share of the along-track change that a set shows at its epoch: the fit at the end of its span, carried over the lag."""
    since, span, lag = (np.asarray(values, dtype=np.float64) for values in (since_days, span_days, lag_days))
    x = _seen(since, span, lag)
    at_end = span * (x**2 * (2.0 - x) + np.asarray(ringing) * 2.5 * (x * (1.0 - x)) ** 2)
    whole = at_end + slope_share(since, span, lag, ringing) * np.maximum(lag, 0.0)
    part = np.divide(whole, since, out=np.zeros(np.broadcast(whole, since).shape), where=since > 0)
    return np.asarray(np.where(x >= 1.0, 1.0, part))


def drag_share(
    since_days: ArrayLike, span_days: ArrayLike = 0.0, lag_days: ArrayLike = 0.0, ringing: ArrayLike = 0.0
) -> FloatArray:
    """Rate of decay that a parabola takes for the burn, as a share of its change of a [1/day]: twice the curvature."""
    span = np.asarray(span_days, dtype=np.float64)
    x = _seen(since_days, span, lag_days)
    return np.asarray(np.asarray(ringing) * 30.0 * (x * (1.0 - x)) ** 2 / np.where(span > 0, span, 1.0))


def _seen(since_days: ArrayLike, span_days: ArrayLike, lag_days: ArrayLike) -> FloatArray:
    """Which share of the span lies after the burn."""
    seen = np.asarray(since_days, dtype=np.float64) - np.asarray(lag_days, dtype=np.float64)
    span = np.broadcast_to(np.asarray(span_days, dtype=np.float64), np.broadcast(seen, span_days).shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(span > 0, np.clip(seen / span, 0.0, 1.0), seen >= 0.0), dtype=np.float64)


class SmearTable(NamedTuple):
    """How well each shape fits each of M logged burns.

    Parameters
    ----------
    norad_id, time_us : (M,) int64
        Object and time of the burn [us].
    step_m : (M,) float64
        Its change of the semi-major axis, by the best shape.
    cost : (M, S) float64
        Negative log likelihood of each of ``SHAPES``, less that of the best.
    """

    norad_id: NDArray[np.int64]
    time_us: NDArray[np.int64]
    step_m: FloatArray
    cost: FloatArray

    def best(self, rows: NDArray[np.bool_] | NDArray[np.int64], doubt: float = 3.0) -> tuple[float, float]:
        """Span [day] and ringing of some burns together: the shortest span whose log likelihood is within ``doubt`` of the best."""
        total = self.cost[rows].sum(axis=0)
        return SHAPES[int(np.flatnonzero(total <= total.min() + doubt)[0])]


def measure_smear(features: pd.DataFrame, burns: pd.DataFrame, *, most_misfit: float = 0.15) -> SmearTable:
    """How the fits smeared logged burns that are large and alone.

    Parameters
    ----------
    features : DataFrame
        ``norad_id, epoch, regime, a_km, step_a_m``, sorted by (norad_id, epoch).
    burns : DataFrame
        ``norad_id`` and ``burn_time`` of all burns.
    most_misfit : float
        Scatter about the best shape, as a share of the step, above which a step is too small to tell.
    """
    found: list[tuple[int, int]] = []
    fits: list[tuple[float, FloatArray]] = []
    for norad_id, own in features.groupby("norad_id"):
        logged = np.sort(epoch_us(burns.loc[burns["norad_id"] == norad_id, "burn_time"]))
        times, level = epoch_us(own["epoch"]), _level_m(own)
        for place, burn in enumerate(logged):
            since = (times - burn) / _DAY_US
            low = (logged[place - 1] - burn) / _DAY_US + _AFTER_DAYS - _LONE_DAYS if place else -np.inf
            high = (logged[place + 1] - burn) / _DAY_US - _LONE_DAYS / 2 if place + 1 < len(logged) else np.inf
            inside = (since > max(-_BEFORE_DAYS, low)) & (since < min(_AFTER_DAYS, high))
            fit = _fit(since[inside], level[inside], most_misfit)
            if fit is not None:
                found.append((int(str(norad_id)), int(burn)))
                fits.append(fit)
    where = np.array(found, dtype=np.int64).reshape(-1, 2)
    costs = np.array([cost for _, cost in fits]).reshape(-1, len(SHAPES))
    return SmearTable(where[:, 0], where[:, 1], np.array([step for step, _ in fits]), costs)


def _level_m(own: pd.DataFrame) -> FloatArray:
    """The semi-major axis in LEO; above, less what SGP4 knows of resonance [m]."""
    if own["regime"].iloc[0] == "leo":
        return np.asarray(1e3 * own["a_km"].to_numpy(np.float64))
    return np.asarray(np.cumsum(np.nan_to_num(own["step_a_m"].to_numpy(np.float64))))


def _fit(since: FloatArray, level: FloatArray, most_misfit: float) -> tuple[float, FloatArray] | None:
    """Step of the best shape [m] and the negative log likelihood (S,) of each, at its best lag, step, level and slope."""
    settled = since > SPANS_DAYS[-1]
    if (since < 0).sum() < _LEAST_SETS or (since > SPANS_DAYS[-3]).sum() < _LEAST_SETS or settled.sum() < 1:
        return None
    if np.diff(since).max() > _LONGEST_GAP_DAYS:
        return None
    span, ringing = np.array(SHAPES).T[:, :, None, None]
    shares = slope_share(since, span, np.array(LAGS_DAYS)[:, None], ringing)  # shape, lag, set
    # Level and slope are projected out of both, and what is left is one coefficient a shape.
    basis, _ = np.linalg.qr(np.stack([np.ones_like(since), since], axis=1))
    shares = shares - (shares @ basis) @ basis.T
    level = level - basis @ (basis.T @ level)
    power = np.maximum((shares**2).sum(axis=2), 1e-9)
    step = (shares @ level) / power
    misfit = np.abs(level - step[..., None] * shares).mean(axis=2) / np.maximum(np.abs(step), 1e-9)
    best = np.unravel_index(int(np.argmin(misfit)), misfit.shape)
    if misfit[best] > most_misfit:
        return None
    cost = len(since) * np.log(misfit.min(axis=1) + _LEAST_MISFIT)
    return float(step[best]), np.asarray(cost - cost.min())
