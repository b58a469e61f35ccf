"""How far an object's successive element sets disagree when nothing happened."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from configs.judgement import BurnFitConfig
from models.characterize.secular import ELEMENTS, RATES, at_epoch, difference, equinoctial
from orbits.elements import FloatArray, IntArray, MeanElements
from orbits.propagate import drift

MAD_TO_SIGMA = 1.4826  # of a normal distribution
MINIMUM_GAPS = 5
US_PER_DAY = 86_400e6
CHANNELS = ([0], [1, 2], [1, 2], [3, 4], [3, 4], [5])  # h and k share a noise, and so do p and q
LAGS = (-1, 1, 2)  # neighbors that each set is carried to


class Noise(NamedTuple):
    """One-sigma errors of E objects' element sets, in equinoctial a [km], h, k, p, q, λ [rad]."""

    sigma: FloatArray  # (E, 6) of a set at its own epoch
    rate: FloatArray  # (E, 5) of the rates of a to q when it is carried elsewhere [per day]: drag, forces left out


def estimate_noise(
    elements: MeanElements,
    starts: IntArray,
    last_before: IntArray,
    config: BurnFitConfig = BurnFitConfig(),
) -> Noise:
    """Noise of the element sets around each event, from the object's own sets before it.

    Each of the latest sets is carried to its neighbor before and the two after. What is left there of a
    straight line (a to q) or of a parabola (λ, which sums up a, and drag) is the noise of the sets; the line's
    slope is the error of the rate. Medians, so that burns among them do little harm.

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
    window = last_before[:, None] - 2 - np.arange(config.noise_gaps)  # latest first
    valid: NDArray[np.bool_] = np.asarray(window > starts[:, None])
    unique, inverse = np.unique(window[valid], return_inverse=True)
    noise, slope, days = _differences(elements, unique)
    values = np.full((*window.shape, ELEMENTS), np.nan)
    slopes, spans = values[..., :RATES].copy(), values[..., 0].copy()
    values[valid], slopes[valid], spans[valid] = noise[inverse], slope[inverse], days[inverse]
    a = at_epoch(elements[last_before])[:, 0]
    floor = _printed_digits(a, elements.mean_motion_rev_day[last_before], config)
    typical = np.stack([a * 1e-6, *np.full((4, len(a)), 1e-5), np.full(len(a), 1e-4)], axis=-1)
    sigma = np.stack([_pooled(values, columns) for columns in CHANNELS], axis=-1)
    sigma = np.maximum(np.where(np.isfinite(sigma), sigma, typical), floor)
    rate = np.stack([_pooled(slopes, columns) for columns in CHANNELS[:RATES]], axis=-1)
    span = np.nanmedian(np.where(np.asarray(valid.any(1))[:, None], spans, 3.0), axis=1)
    own = 2 * (sigma[:, :RATES] / np.maximum(span, 1e-3)[:, None]) ** 2
    rate = np.sqrt(np.maximum(rate**2 - own, (config.least_rate_share**2) * own))
    return Noise(sigma, np.where(np.isfinite(rate), rate, typical[:, :RATES]))


def _differences(elements: MeanElements, index: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of each set: its neighbors' departures from a line or parabola (M, 6), their slopes (M, 5) and span [days]."""
    if not len(index):
        return np.empty((0, ELEMENTS)), np.empty((0, RATES)), np.empty(0)
    near = index[:, None] + np.array(LAGS)
    days = (elements.epoch_us[near] - elements.epoch_us[index, None]) / US_PER_DAY
    carried = equinoctial(drift(elements[index], elements.epoch_us[near]))
    residual = difference(at_epoch(elements[near.ravel()]).reshape(carried.shape), carried)
    zero = np.zeros((len(index), 1))
    points = np.concatenate([days[:, :1], zero, days[:, 1:]], axis=1)  # (M, 4)
    filled = np.concatenate([residual[:, :1], np.zeros((len(index), 1, ELEMENTS)), residual[:, 1:]], axis=1)
    line = np.einsum("mj,mjc->mc", _annihilator(points[:, :3]), filled[:, :3])
    line[:, 5] = np.einsum("mj,mj->m", _annihilator(points), filled[..., 5])
    span = np.maximum(points[:, 3] - points[:, 0], 1e-3)
    return line, (filled[:, 3] - filled[:, 0])[:, :RATES] / span[:, None], span


def _annihilator(points: FloatArray) -> FloatArray:
    """Weights (M, n) of unit norm that a polynomial of degree n-2 through the points (M, n) does not pass."""
    apart = points[:, :, None] - points[:, None, :] + np.eye(points.shape[1])
    weights = 1 / np.prod(np.where(np.abs(apart) < 1e-3, 1e-3, apart), axis=-1)
    return np.asarray(weights / np.linalg.norm(weights, axis=1, keepdims=True))


def _printed_digits(a_km: FloatArray, mean_motion_rev_day: FloatArray, config: BurnFitConfig) -> FloatArray:
    """The last digit of an element set, (E, 6)."""
    angle = np.deg2rad(config.floor_angle_deg)
    floor = np.empty((len(a_km), ELEMENTS))
    floor[:, 0] = 2 / 3 * a_km * config.floor_mean_motion_rev_day / mean_motion_rev_day
    floor[:, 1:3] = config.floor_eccentricity
    floor[:, 3:5] = angle / 2
    floor[:, 5] = angle
    return floor


def _pooled(values: FloatArray, columns: list[int]) -> FloatArray:
    """Robust root mean square (E,) over the window and the columns, NaN where fewer than five values."""
    picked = values[..., columns].reshape(len(values), -1)
    enough: NDArray[np.bool_] = np.isfinite(picked).sum(-1) >= MINIMUM_GAPS
    filled = np.where(enough[:, None], picked, 0.0)
    return np.where(enough, MAD_TO_SIGMA * np.nanmedian(np.abs(filled), axis=-1), np.nan)
