"""How far an object's successive element sets disagree when nothing happened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from configs.judgement import BurnFitConfig
from models.characterize.secular import difference, equinoctial
from orbits.elements import FloatArray, IntArray, MeanElements
from orbits.propagate import drift

MAD_TO_SIGMA = 1.4826  # of a normal distribution
MINIMUM_GAPS = 5
US_PER_DAY = 86_400e6
CHANNELS = ([0], [1, 2], [1, 2], [3, 4], [3, 4], [5])  # h and k share a noise, and so do p and q


class Noise(NamedTuple):
    """One-sigma errors of E objects' element sets, in equinoctial a [km], h, k, p, q, λ [rad]."""

    sigma: FloatArray  # (E, 6) of a set at its own epoch
    rate: FloatArray  # (E, 5) of the rates of a to q when it is carried elsewhere [per day]: drag, forces left out


def _typical_size(residuals: FloatArray) -> FloatArray:
    """Robust root mean square of the last axis (its mean is not removed), NaN where fewer than five values."""
    enough: NDArray[np.bool_] = np.isfinite(residuals).sum(-1) >= MINIMUM_GAPS
    filled = np.where(enough[..., None], residuals, 0.0)
    return np.where(enough, MAD_TO_SIGMA * np.nanmedian(np.abs(filled), axis=-1), np.nan)


def _lag_residuals(elements: MeanElements, at_epoch: FloatArray, first: IntArray, lag: int) -> FloatArray:
    """Set i drifted to the epoch of set i+lag, less that set; (M, 6)."""
    return difference(equinoctial(drift(elements[first], elements.epoch_us[first + lag])), at_epoch[first + lag])


def estimate_noise(
    elements: MeanElements,
    starts: IntArray,
    last_before: IntArray,
    config: BurnFitConfig = BurnFitConfig(),
) -> Noise:
    """Noise of the element sets around each event, from the object's own gaps before it.

    The disagreement between a set and the ``lag``-th next one, drifted to the same epoch, is
    measured at lag 1 and at a longer lag over the latest gaps, by medians, so that burns among
    them do little harm; the growth of the longitude's error with the lag gives the error of its rate.

    Parameters
    ----------
    elements : MeanElements
        Sets of all objects, sorted by object and epoch.
    starts : (E,) int64
        Index of the first set of the event's object.
    last_before : (E,) int64
        Index of the last set before the event.

    Returns
    -------
    Noise
        Arrays (E,), never below the last printed digit; a typical value where the object is too young.
    """
    gaps, long_lag = config.noise_gaps, config.noise_lag_long
    window = last_before[:, None] - 1 - np.arange(gaps)  # first sets of lag-1 pairs, latest first
    needed = np.unique(window[window >= starts[:, None]])
    at_epoch = np.full((len(elements), 6), np.nan)
    own = np.unique((needed[:, None] + np.arange(long_lag + 1)).ravel())
    own = own[own < len(elements)]
    at_epoch[own] = equinoctial(drift(elements[own], elements.epoch_us[own]))

    residuals, lag_days = [], []
    for lag in (1, long_lag):
        firsts = window - (lag - 1)
        valid = firsts >= starts[:, None]
        unique, inverse = np.unique(firsts[valid], return_inverse=True)
        values = np.full((*firsts.shape, 6), np.nan)
        days = np.full(firsts.shape, np.nan)
        if len(unique):
            values[valid] = _lag_residuals(elements, at_epoch, unique, lag)[inverse]
            days[valid] = ((elements.epoch_us[unique + lag] - elements.epoch_us[unique]) / US_PER_DAY)[inverse]
        residuals.append(values)
        known = np.asarray(valid.any(axis=1))[:, None]
        lag_days.append(np.nanmedian(np.where(known, days, float(lag)), axis=-1))
    short, long = residuals
    tau_short, tau_long = lag_days

    first, second = (np.stack([_pooled(values, columns) for columns in CHANNELS], axis=-1) for values in (short, long))
    a = equinoctial(drift(elements[last_before], elements.epoch_us[last_before]))[:, 0]
    mean_motion = elements.mean_motion_rev_day[last_before]
    per_km = 1.5 * 2 * np.pi * mean_motion / a  # [rad/day] of λ per km of a
    floor_angle = np.deg2rad(config.floor_angle_deg)
    floor = np.empty_like(first)
    floor[:, 0] = 2 / 3 * a * config.floor_mean_motion_rev_day / mean_motion
    floor[:, 1:3] = config.floor_eccentricity
    floor[:, 3:5] = floor_angle / 2
    floor[:, 5] = floor_angle
    typical = np.stack([a * 1e-6, *np.full((4, len(a)), 1e-5), np.full(len(a), 1e-4)], axis=-1)
    first = np.where(np.isfinite(first), first, typical)
    second = np.where(np.isfinite(second), second, first * (tau_long / tau_short)[:, None])

    span2 = np.maximum(tau_long**2 - tau_short**2, 1e-6)[:, None]
    growth2 = np.maximum((second**2 - first**2) / span2, 0.0)
    sigma = np.maximum(np.sqrt(np.maximum(first**2 - growth2 * tau_short[:, None] ** 2, 0.0) / 2), floor)
    # λ strays by the error of a times the lag, and by half the error of ȧ times the lag squared.
    stray2 = np.maximum(second[:, 5] ** 2 - (per_km * sigma[:, 0] * tau_long) ** 2 - 2 * sigma[:, 5] ** 2, 0.0)
    drag = 2 * np.sqrt(stray2) / (per_km * tau_long**2)
    rate = np.sqrt(growth2[:, :5])
    rate[:, 0] = np.maximum(rate[:, 0], drag)
    return Noise(sigma, rate)


def _pooled(residuals: FloatArray, columns: list[int]) -> FloatArray:
    return _typical_size(residuals[..., columns].reshape(len(residuals), -1))
