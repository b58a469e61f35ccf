"""The orbit on each side of a gap: which sets to believe, and their combination."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from configs.judgement import BurnFitConfig
from models.characterize.adjustment import Adjustment, BoolArray
from models.characterize.noise import US_PER_DAY, Noise
from models.characterize.secular import ELEMENTS, at_epoch, difference, equinoctial
from orbits.elements import FloatArray, IntArray, MeanElements, semi_major_axis_km
from orbits.propagate import drift


class Sides(NamedTuple):
    """The two sides of E gaps, each brought to one state at the gap's middle."""

    before: FloatArray  # (E, 6) equinoctial
    step: FloatArray  # (E, 6) after less before
    covariance: FloatArray  # (E, 6, 6) of the step
    scatter_chi2: FloatArray  # (E,) of the sets about their side's state
    dof: FloatArray  # (E,) of that scatter
    believed_days: FloatArray  # (E, 2) the nearest believed sets before and after, from the gap's middle


def combine_sides(
    elements: MeanElements, before: IntArray, after: IntArray, middle_us: IntArray, noise: Noise, config: BurnFitConfig
) -> Sides:
    """One state for each side of a gap, from the sets there, all fitted together.

    Each side's sets are compared at their own epochs with one orbit of that side, carried by SGP4 with the middle
    B* of all; the errors of both orbits at the gap's middle are what is fitted (`adjustment`).

    Where drag takes much of the orbit between a side's sets and the gap, its decay there is faster or slower than any set
    further off foretells: then the nearest set alone, with its own B*, says what the orbit was at the gap.

    An element set is fitted to days of tracking: the nearest ones may straddle the burn and still show some of the
    other side's orbit, and a detector's gap may be one off. So where the sets contradict each other the nearest of
    either side are left out, as many as make the rest agree best.

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
    present, days, reference, left = [], [], [], []
    both = np.concatenate([before, after], axis=1)
    falls = np.diff(_semi_major_axis_km(elements, both[:, [0, before.shape[1]]]), axis=1)[:, 0] < 0
    bstar = np.nanmedian(np.where(both >= 0, elements.bstar_inv_er[both], np.nan), axis=1)
    for sets in (before, after):
        there = sets >= 0
        far = np.clip(there.sum(1) - 1, 0, config.reference_set)
        index = np.take_along_axis(sets, far[:, None], axis=1)[:, 0]
        times = np.where(there, elements.epoch_us[sets], middle_us[:, None])
        times_us = np.concatenate([middle_us[:, None], times], axis=1)
        carried = _carried(elements, index, bstar, times_us)
        if len(bent := np.flatnonzero(falls & _bent(carried, there, config))):
            there[bent, 1:] = False
            nearest = sets[bent, 0]
            carried[bent] = _carried(elements, nearest, elements.bstar_inv_er[nearest], times_us[bent])
        own = at_epoch(elements[sets.ravel()]).reshape(*sets.shape, ELEMENTS)
        residual = difference(own, carried[:, 1:])
        good = there & np.isfinite(residual).all(-1)
        present.append(good)
        days.append((times - middle_us[:, None]) / US_PER_DAY)
        reference.append(carried[:, 0])
        left.append(np.where(good[..., None], residual, 0.0))
    fit = Adjustment(reference, left, days, noise, config)
    limit = np.full(len(both), config.sets_used)
    skipped = _skipped(fit, present, limit, config)
    deep = reference[0][:, 0] > config.deep_a_km
    picked, used = _pick(present, skipped, np.where(deep, config.sets_used_deep, config.sets_used), config.sets_used)
    return _sides(fit, picked, used, config)


def _sides(fit: Adjustment, picked: IntArray, used: BoolArray, config: BurnFitConfig) -> Sides:
    first, second, covariance, chi2 = fit.solve(picked, used)
    step = difference(second, first)
    # Beyond this share neither the impulse nor the mean elements are exact.
    covariance[:, range(ELEMENTS), range(ELEMENTS)] += (config.model_error * step) ** 2
    lag = np.take_along_axis(fit.days, picked, axis=1)
    near = [np.where(used & (lag <= 0), lag, -np.inf).max(1), np.where(used & (lag >= 0), lag, np.inf).min(1)]
    return Sides(first, step, covariance, chi2, ELEMENTS * np.maximum(used.sum(1) - 2.0, 0.0), np.stack(near, axis=1))


def _skipped(fit: Adjustment, present: list[BoolArray], limit: IntArray, config: BurnFitConfig) -> IntArray:
    """How many of the nearest sets before and after (E, 2) are left out, so that the others agree.

    After the gap first, where smears are, then before, and after again.
    """
    skipped = np.zeros((len(limit), 2), dtype=np.int64)
    strange = fit.strangeness(*_pick(present, skipped, limit, config.sets_used))
    for side in (1, 0, 1):
        others = present[side].sum(1) - config.least_sets
        for count in range(config.skipped_sets + 1):
            rows = np.flatnonzero((strange > config.max_strangeness) & (count <= others) & (count != skipped[:, side]))
            if not len(rows):
                continue
            trial = skipped[rows].copy()
            trial[:, side] = count
            picked, used = _pick([good[rows] for good in present], trial, limit[rows], config.sets_used)
            found = fit.strangeness(picked, used, rows)
            better = found * config.skip_cost ** (count - skipped[rows, side]) < strange[rows]
            skipped[rows[better], side] = count
            strange[rows[better]] = found[better]
    return skipped


def _pick(present: list[BoolArray], skipped: IntArray, limit: IntArray, width: int) -> tuple[IntArray, BoolArray]:
    """Columns (E, 2 width) of the ``limit`` sets of each side after the skipped ones, and whether they are there."""
    columns, used = [], []
    for side, good in enumerate(present):
        order = np.argsort(~good, axis=1, kind="stable")  # those that are there, nearest first
        rank = skipped[:, side, None] + np.arange(width)
        used.append((rank < good.sum(1)[:, None]) & (np.arange(width) < limit[:, None]))
        own = np.take_along_axis(order, np.minimum(rank, good.shape[1] - 1), axis=1)
        columns.append(own + side * present[0].shape[1])
    return np.concatenate(columns, axis=1), np.concatenate(used, axis=1)


def _semi_major_axis_km(elements: MeanElements, index: IntArray) -> FloatArray:
    chosen = (getattr(elements, name)[index] for name in ("mean_motion_rev_day", "eccentricity", "inclination_deg"))
    return semi_major_axis_km(*chosen)


def _bent(carried: FloatArray, there: BoolArray, config: BurnFitConfig) -> BoolArray:
    """Events (E,) in which drag takes too much, or SGP4 fails, between a set and the gap's middle."""
    a_km = carried[..., 0]
    held = np.abs(a_km[:, 1:] / a_km[:, :1] - 1) <= config.drag_share
    return np.asarray((there & ~held).any(1))


def _carried(elements: MeanElements, index: IntArray, bstar: FloatArray, times_us: IntArray) -> FloatArray:
    """Each event's set ``index`` with another B*, at its times; (E, M, 6)."""
    chosen = elements[index]
    fields = {name: getattr(chosen, name) for name in MeanElements.__slots__}
    return equinoctial(drift(MeanElements(**(fields | {"bstar_inv_er": bstar})), times_us))
