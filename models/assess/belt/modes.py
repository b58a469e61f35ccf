"""What each stretch of a track is: standing or moving, steered or free, and so its mode."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from configs.belt import BeltConfig
from models.assess.belt.segments import break_limit_deg_day
from models.assess.belt.stretches import Stretches
from models.assess.belt.track import BoolArray, excess_deg
from orbits.constants import LAMBDA22_DEG
from orbits.elements import FloatArray, IntArray
from orbits.geosynchronous import J22_PEAK_DEG_DAY2

_PULLED_DEG_DAY = 0.01  # spread of the drift that the pull must bring before it can be told from keeping
_SLOPE_DAYS = 3.0  # from here on longitudes tell a slow drift better than semi-major axes


def on_the_way(stretches: Stretches, config: BeltConfig = BeltConfig()) -> BoolArray:
    """Mask (S,) of stretches that a short one before, or they themselves, lead up to: to be joined with the one before.

    A set fitted across a burn shows part of it, and a large burn comes in parts: a short stay between two drifts is no
    phase. It belongs to the moving one beside it.
    """
    drift = stretches.median(stretches.sets.drift_deg_day)
    dropped = np.zeros(len(stretches), dtype=np.bool_)
    k = np.flatnonzero(~stretches.begins & ~stretches.ends & (stretches.days < config.short_days))
    before, own, after = drift[k - 1], drift[k], drift[k + 1]
    between = (np.minimum(before, after) <= own) & (own <= np.maximum(before, after))
    forward = (np.abs(after) > config.standing_deg_day) & (between | (own * after > 0))
    back = ~forward & between & (np.abs(before) > config.standing_deg_day)
    dropped[k[forward] + 1] = True
    dropped[k[back]] = True
    return dropped


def stands(stretches: Stretches, config: BeltConfig = BeltConfig()) -> BoolArray:
    """Mask (S,) of stretches that stay in a box; excursions of the drift that do not leave the box are in it."""
    sets = stretches.sets
    drift = np.abs(stretches.median(sets.drift_deg_day))
    slope = np.abs(stretches.travel_deg) / np.maximum(stretches.days, _SLOPE_DAYS)
    rate = np.where(stretches.days >= _SLOPE_DAYS, slope, drift)
    low, high = stretches.low_deg, stretches.high_deg
    slow: BoolArray = (
        (rate < config.standing_deg_day)
        & ((np.abs(stretches.travel_deg) <= config.parked_deg) | (rate < 0.1 * config.standing_deg_day))
        & (high - low <= 2 * config.parked_deg)
    )
    center = stretches.median(sets.longitude_deg)
    before, after = _last_true(slow, stretches.begins), _next_true(slow, stretches.ends)
    held, met = center[np.maximum(before, 0)], center[np.maximum(after, 0)]
    # One that has not come back yet is leaving once its drift is more than keeping brings.
    come_back = (after >= 0) & (np.abs(met - held) <= config.box_deg)
    single = (
        stretches.first == stretches.last
    )  # one set after a burn may show the north-south one that will be made good
    staying = stretches.ends & (drift < np.where(single, 2.0, 1.0) * config.leaving_deg_day)
    met = np.where(come_back, met, held)
    inside = (low >= np.minimum(held, met) - config.box_deg) & (high <= np.maximum(held, met) + config.box_deg)
    kept: BoolArray = slow | ((before >= 0) & (come_back | staying) & inside)
    return kept


def starts_a_phase(stretches: Stretches, standing: BoolArray, config: BeltConfig = BeltConfig()) -> BoolArray:
    """Mask (S,) of stretches that do not merely go on with what the one before did."""
    sets = stretches.sets
    limit = break_limit_deg_day(sets, config)[stretches.first]
    drift = stretches.median(sets.drift_deg_day)
    starts = stretches.begins.copy()
    k = np.flatnonzero(~stretches.begins)
    here, before = stretches.first[k], stretches.last[k - 1]
    beside = np.abs(sets.longitude_deg[here] - sets.longitude_deg[before]) <= config.box_deg
    both_stand, both_move = standing[k] & standing[k - 1], ~standing[k] & ~standing[k - 1]
    alike = np.abs(drift[k] - drift[k - 1]) <= np.maximum(
        limit[k], 0.1 * np.minimum(np.abs(drift[k]), np.abs(drift[k - 1]))
    )
    led = np.abs(excess_deg(sets, before, here, config)) <= config.box_deg
    starts[k] = ~((both_stand & beside) | (both_move & alike & led))
    return starts


def turned_back(stretches: Stretches, standing: BoolArray, config: BeltConfig = BeltConfig()) -> BoolArray:
    """Mask (S,) of moving stretches that a burn began which turned a slow drift about: the keeping of a wide box."""
    sets = stretches.sets
    slow = ~standing & (np.abs(stretches.median(sets.drift_deg_day)) < config.leaving_deg_day)
    mask = np.zeros(len(stretches), dtype=np.bool_)
    k = np.flatnonzero(~stretches.begins)
    here, before = stretches.first[k], stretches.last[k - 1]
    left, took = sets.drift_deg_day[before], sets.drift_deg_day[here]
    steady = np.minimum(np.abs(left), np.abs(took)) > 0.25 * config.break_deg_day
    union = np.maximum(stretches.high_deg[k], stretches.high_deg[k - 1]) - np.minimum(
        stretches.low_deg[k], stretches.low_deg[k - 1]
    )
    led = np.abs(excess_deg(sets, before, here, config)) <= config.box_deg
    mask[k] = slow[k] & slow[k - 1] & steady & (left * took < 0) & led & (union <= 2 * config.wide_box_deg)
    return mask


def burned(stretches: Stretches, config: BeltConfig = BeltConfig()) -> BoolArray:
    """Mask (S,) of stretches that a burn began: the drift before was another, less the pull, or does not lead there."""
    sets = stretches.sets
    free_drift = sets.drift_deg_day - sets.pull_deg_day
    limit = break_limit_deg_day(sets, config)
    mask = np.zeros(len(stretches), dtype=np.bool_)
    k = np.flatnonzero(~stretches.begins)
    last, first = stretches.last[k - 1], stretches.first[k]
    # A burn that comes in parts, or shows itself in parts, takes a few sets.
    before = np.maximum(last - 2, stretches.first[k - 1])
    after = np.minimum(first + 2, stretches.last[k])
    jump = np.abs(free_drift[after] - free_drift[before])
    mask[k] = (jump > limit[first]) | (excess_deg(sets, last, first, config) != 0)
    return mask


def free(stretches: Stretches, parts: Stretches, standing: BoolArray) -> BoolArray:
    """Mask (S,) of stretches on which the drift changes by the pull of the equator alone.

    The slope of the drift over the pull is one for who is left alone and nought for who keeps to a box. Where the pull is
    too small to tell, what moves without a break counts as free and what stands does not.
    """
    sets = stretches.sets
    unbroken = np.bincount(stretches.of_set[parts.first], minlength=len(stretches)) == 1
    pull = sets.pull_deg_day - stretches.mean(sets.pull_deg_day)[stretches.of_set]
    drift = sets.drift_deg_day - stretches.mean(sets.drift_deg_day)[stretches.of_set]
    variance = stretches.mean(pull**2)
    told = np.sqrt(variance) > _PULLED_DEG_DAY
    slope = stretches.mean(pull * drift) / np.where(told, variance, 1.0)
    pulled = told & (np.abs(slope - 1) < 0.4)
    # Over years of sparse sets the Moon and Sun, and the gaps, break what is one free motion.
    left = np.sqrt(stretches.mean((drift - pull) ** 2))
    mask: BoolArray = (unbroken & (pulled | (~told & ~standing))) | (pulled & (left < 0.3 * np.sqrt(variance)))
    return mask


def modes(
    stretches: Stretches,
    standing: BoolArray,
    begun_by_burn: BoolArray,
    is_free: BoolArray,
    config: BeltConfig = BeltConfig(),
) -> NDArray[np.str_]:
    """The mode (S,) of each stretch."""
    sets = stretches.sets
    offset = np.abs(stretches.median(sets.offset_km))
    factor = np.where(begun_by_burn, config.burned_factor, 1.0)
    bound = stretches.median(_bound_energy(sets.longitude_deg, sets.drift_deg_day)) < 0
    span = stretches.high_deg - stretches.low_deg
    moves = span > 2 * config.parked_deg
    librates = is_free & bound & (stretches.days >= config.libration_days * factor * np.where(moves, 1.0, 2.0))
    circulates = is_free & ~bound & (stretches.days >= config.circulation_days * factor) & ~standing
    # Where the history begins, a slow drift may be any part of the keeping of a wide box.
    slow = np.abs(stretches.travel_deg) < config.standing_deg_day * stretches.days
    wide = stretches.begins & slow & (span <= config.wide_box_deg)
    mode = np.where(standing | wide, "kept", "drifting").astype("<U9")
    mode[circulates | (offset >= config.graveyard_km)] = "graveyard"
    mode[librates] = "librating"
    # One that came back, or slowed down again, had not left: it was in a hurry.
    later = _next_true(mode != "graveyard", stretches.ends) > np.arange(len(mode))
    mode[later & (mode == "graveyard") & ~stretches.ends] = "drifting"
    mode[_in_transfer(stretches, standing, offset, config)] = "transfer"
    return mode


def _bound_energy(longitude_deg: FloatArray, drift_deg_day: FloatArray) -> FloatArray:
    """Energy of the pendulum of the longitude less that of its separatrix [deg^2/day^2]: below zero it librates.

    From the acceleration P sin 2(λ - λ22): d^2 - 2 P sin^2(λ - λ22), P per radian (Kaula 1966; Soop 1994).
    """
    angle = np.radians(longitude_deg - LAMBDA22_DEG)
    return np.asarray(drift_deg_day**2 - 2 * J22_PEAK_DEG_DAY2 * math.degrees(1.0) * np.sin(angle) ** 2)


def _in_transfer(stretches: Stretches, standing: BoolArray, offset_km: FloatArray, config: BeltConfig) -> BoolArray:
    """Mask (S,) of all that an object did before it first stood, if it came from afar and comes nearer."""
    sets = stretches.sets
    owner = np.cumsum(stretches.begins) - 1
    start = np.flatnonzero(stretches.begins)
    before = _last_true(standing, stretches.begins) < 0
    drift = stretches.median(sets.drift_deg_day)
    last_before = start + np.add.reduceat(before.astype(np.int64), start) - 1
    last_before = np.maximum(last_before, start)
    from_afar = (np.maximum.reduceat(np.where(before, offset_km, 0.0), start) >= config.transfer_km) | (
        np.maximum.reduceat(np.where(before, stretches.median(sets.eccentricity), 0.0), start)
        >= config.transfer_eccentricity
    )
    span = np.maximum.reduceat(np.where(before, drift, -np.inf), start) - np.minimum.reduceat(
        np.where(before, drift, np.inf), start
    )
    comes = (span >= 0.5) & (offset_km[last_before] < 0.7 * offset_km[start])
    stood = np.maximum.reduceat(standing.astype(np.int64), start) > 0
    is_transfer: BoolArray = before & (from_afar & (stood | comes))[owner]
    return is_transfer


def _last_true(mask: BoolArray, begins: BoolArray) -> IntArray:
    """Index of the latest True at or before each place, of the same object; -1 if none."""
    index = np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))
    start = np.maximum.accumulate(np.where(begins, np.arange(len(mask)), 0))
    return np.where(index >= start, index, -1)


def _next_true(mask: BoolArray, ends: BoolArray) -> IntArray:
    """Index of the next True at or after each place, of the same object; -1 if none."""
    found = _last_true(mask[::-1], ends[::-1])[::-1]
    return np.where(found >= 0, len(mask) - 1 - found, -1)
