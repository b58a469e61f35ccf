"""The orbit on each side of a gap: which sets to believe, and their combination."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from configs.judgement import BurnFitConfig
from models.characterize.noise import US_PER_DAY, Noise
from models.characterize.secular import ELEMENTS, RATES, difference, equinoctial, transition
from orbits.elements import FloatArray, IntArray, MeanElements
from orbits.propagate import drift


class Sides(NamedTuple):
    """The two sides of E gaps, each brought to one state at the gap's middle."""

    before: FloatArray  # (E, 6) equinoctial
    step: FloatArray  # (E, 6) after less before
    covariance: FloatArray  # (E, 6, 6) of the step
    scatter_chi2: FloatArray  # (E,) of the sets about their side's state
    dof: FloatArray  # (E,) of that scatter


def combine_sides(
    elements: MeanElements, before: IntArray, after: IntArray, middle_us: IntArray, noise: Noise, config: BurnFitConfig
) -> Sides:
    """One state and covariance for each side of a gap, from the sets there.

    Generalised least squares: a set measures all six elements at its own epoch with the object's
    noise; carried to the gap's middle, a to q stray by the noise's rates and λ by the integral of a.

    Parameters
    ----------
    elements : MeanElements
        Sets of all objects.
    before, after : (E, m) int64
        Indices of the sets on each side, nearest first, -1 where there is none; the first is there.
    middle_us : (E,) int64
        The gaps' middles [us].
    noise : Noise
        Of the E events' objects.
    """
    drifted = [_drifted(elements, sets, middle_us) for sets in (before, after)]
    usable = [(sets >= 0) & np.isfinite(states).all(-1) for sets, states in zip((before, after), drifted, strict=True)]
    days = [(elements.epoch_us[np.maximum(sets, 0)] - middle_us[:, None]) / US_PER_DAY for sets in (before, after)]
    weights = believable(drifted, usable, days, noise, config)
    combined = []
    for side, (states, weight, lag) in enumerate(zip(drifted, weights, days, strict=True)):
        result = _combine(states, weight, lag, noise)
        # Sets that contradict each other far beyond the noise (drag, mostly): only the nearest is true here.
        torn = result[2] > config.max_scatter * ELEMENTS * np.maximum(weight.sum(-1) - 1, 0.5)
        if torn.any():
            weights[side] = np.where(torn[:, None], weight * (np.cumsum(weight, axis=1) == 1), weight)
            result = _combine(states, weights[side], lag, noise)
        combined.append(result)
    (first, first_covariance, first_chi2), (second, second_covariance, second_chi2) = combined
    dof = sum(ELEMENTS * np.maximum(weight.sum(-1) - 1, 0) for weight in weights)
    step = difference(second, first)
    covariance = first_covariance + second_covariance
    # Beyond this share neither the impulse nor the mean elements are exact.
    covariance[:, range(ELEMENTS), range(ELEMENTS)] += (config.model_error * step) ** 2
    return Sides(first, step, covariance, first_chi2 + second_chi2, dof)


def believable(
    drifted: list[FloatArray],
    usable: list[NDArray[np.bool_]],
    days: list[FloatArray],
    noise: Noise,
    config: BurnFitConfig,
) -> list[FloatArray]:
    """Weight 0 or 1 of each set (E, m) before and after.

    An element set is fitted to days of tracking: the nearest ones may straddle the burn and still
    show some of the other side's orbit. Each set's share of the whole step (0 before, 1 after) is
    measured along the step between the medians of the settled, farther sets. A set with another
    share than its side's is bad or smeared; what lies nearer than a smeared set is smeared too.
    The nearest good ones are used, for far ones carry the drag's error.
    """
    settled = []
    for states, used in zip(drifted, usable, strict=True):
        rank = np.cumsum(used, axis=1) - 1
        core = used & (rank >= np.minimum(config.settled_after, used.sum(1) - 1)[:, None])
        settled.append(np.nan_to_num(_median(states[..., :RATES], core)))
    step = settled[1] - settled[0]
    weights = []
    for share, states, used, lag in zip((0.0, 1.0), drifted, usable, days, strict=True):
        spread = np.hypot(noise.sigma[:, None, :RATES], noise.rate[:, None] * lag[..., None])
        metric = step[:, None] / spread**2
        size2 = np.maximum((metric * step[:, None]).sum(-1), 1e-12)
        offset = np.nan_to_num(states[..., :RATES] - settled[0][:, None])
        strange = np.abs((metric * offset).sum(-1) / size2 - share)
        good = used & (strange < np.maximum(config.smear_share, config.gate_sigma / np.sqrt(size2)))
        near = np.arange(good.shape[1]) < config.settled_after
        # Walking inwards from the settled sets, the first smeared one ends it.
        inward = np.cumprod(np.where(near & used, good, True)[:, ::-1], axis=1)[:, ::-1].astype(bool)
        good &= inward | ~near
        good = np.where(good.any(1)[:, None], good, used & (np.cumsum(used, axis=1) == used.sum(1)[:, None]))
        deep = drifted[0][:, 0, 0] > config.deep_a_km
        limit = np.where(deep, config.sets_used_deep, config.sets_used)
        weights.append((good & (np.cumsum(good, axis=1) <= limit[:, None])).astype(np.float64))
    return weights


def _drifted(elements: MeanElements, sets: IntArray, middle_us: IntArray) -> FloatArray:
    """Equinoctial states (E, m, 6) at the middle, NaN where there is no set; λ within π of the nearest set's."""
    index = np.flatnonzero(sets.ravel() >= 0)
    states = np.full((sets.size, ELEMENTS), np.nan)
    states[index] = equinoctial(drift(elements[sets.ravel()[index]], np.repeat(middle_us, sets.shape[1])[index]))
    states = states.reshape(*sets.shape, ELEMENTS)
    return states[:, :1] + difference(states, states[:, :1])


def _median(values: FloatArray, mask: NDArray[np.bool_]) -> FloatArray:
    """Median over axis 1 of the rows in ``mask`` (E, m), NaN where none."""
    ordered = np.sort(np.where(mask[..., None], values, np.inf), axis=1)
    count = mask.sum(1)
    rows = np.arange(len(values))
    middle = (ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, count // 2 % values.shape[1]]) / 2
    return np.where((count > 0)[:, None], middle, np.nan)


def _combine(
    states: FloatArray, weight: FloatArray, days: FloatArray, noise: Noise
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """State (E, 6), its covariance and the sets' χ² about it."""
    usable = weight > 0
    reference = states[np.arange(len(states)), usable.argmax(1)]
    deviation = np.where(usable[..., None], states - reference[:, None], 0.0)
    back = np.nan_to_num(transition(reference[:, None], days))  # from the middle to each set's epoch
    growth = noise.rate[:, None] * days[..., None]
    spread = np.zeros((*days.shape, ELEMENTS, ELEMENTS))
    spread[..., range(ELEMENTS), range(ELEMENTS)] = noise.sigma[:, None] ** 2
    spread[..., range(RATES), range(RATES)] += growth**2
    # Drag ill-modeled: an error of ȧ strays λ by half its rate's error, in step with a.
    lagging = growth[..., 0] * back[..., 5, 0] / 2
    spread[..., 5, 5] += lagging**2
    spread[..., 0, 5] = spread[..., 5, 0] = lagging * growth[..., 0]
    unit = np.sqrt(np.einsum("emii->emi", spread))
    lower = np.linalg.cholesky(spread / (unit[..., :, None] * unit[..., None, :]) + 1e-9 * np.eye(ELEMENTS))
    whiten = np.linalg.inv(lower) / unit[..., None, :]
    design = np.nan_to_num(whiten @ back) * noise.sigma[:, None, None, :]  # unknowns in units of sigma
    observed = np.nan_to_num((whiten @ (back @ deviation[..., None]))[..., 0])
    state, covariance = _least_squares(design, observed, weight)
    misfit = ((observed - np.einsum("emij,ej->emi", design, state)) ** 2).sum(-1)
    covariance = covariance * noise.sigma[:, :, None] * noise.sigma[:, None, :]
    # Forces left out stray the vectors of all sets alike: averaging does not lessen that.
    distance = (weight * np.abs(days)).sum(-1) / np.maximum(weight.sum(-1), 1e-9)
    covariance[:, range(1, RATES), range(1, RATES)] += (noise.rate[:, 1:] * distance[:, None]) ** 2
    return reference + state * noise.sigma, covariance, (weight * misfit).sum(-1)


def _least_squares(design: FloatArray, observed: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """State (E, 6) and its covariance from whitened sets (E, m, 6, 6), weighted (E, m)."""
    weighted = design * weight[..., None, None]
    rows, columns = (array.reshape(len(array), -1, ELEMENTS) for array in (weighted, design))
    normal = np.swapaxes(rows, 1, 2) @ columns + 1e-9 * np.eye(ELEMENTS)
    scale = 1 / np.sqrt(np.einsum("eii->ei", normal))
    covariance = np.linalg.inv(normal * scale[:, :, None] * scale[:, None, :]) * scale[:, :, None] * scale[:, None, :]
    right = np.swapaxes(rows, 1, 2) @ observed.reshape(len(observed), -1, 1)
    return (covariance @ right)[..., 0], covariance
