"""Stretches on one drift: found from the sets alone, with bad sets weighed against visits."""

from __future__ import annotations

import numpy as np

from configs.belt import BeltConfig
from models.assess.belt.track import BoolArray, Track, excess_deg, longitude_noise_deg
from orbits.elements import FloatArray, IntArray
from orbits.geosynchronous import tesseral_acceleration_deg_day2

_SHOWN_SIGMA = 3.0  # longitude, in its noise, that the newest set must have moved to be believed alone


def segments(sets: Track, config: BeltConfig = BeltConfig()) -> tuple[Track, IntArray]:
    """Good sets, and the index of the first set (S,) of each stretch on one drift."""
    if not len(sets):
        return sets, np.zeros(0, dtype=np.int64)
    sets = sets.kept(~_off_in_longitude(sets, config))
    first = alike(sets, config)
    stray = _off_in_drift(sets, first, config)
    if stray.any():
        sets = sets.kept(~stray)
        first = alike(sets, config)
    return sets, first


def alike(sets: Track, config: BeltConfig = BeltConfig()) -> IntArray:
    """First set (S,) of each stretch: neighbors merge, the most alike first, while their drifts agree.

    None merges across a change of longitude that neither drift explains. Drifts are less the pull of the equator, so an object left alone is one stretch however far it goes. All pairs that are
    more alike than their neighbors merge at once, so a few rounds do (bottom-up segmentation, Keogh et al. 2001).
    """
    value = sets.drift_deg_day - sets.pull_deg_day
    limit = break_limit_deg_day(sets, config)
    moved_unseen = np.abs(excess_deg(sets, np.arange(len(sets) - 1), np.arange(1, len(sets)), config)) > config.box_deg
    first, weight, mean, owner = np.arange(len(sets)), np.ones(len(sets)), value.copy(), sets.norad_id
    while len(first) > 1:
        unlike = np.where((owner[1:] == owner[:-1]) & ~moved_unseen[first[1:] - 1], np.abs(np.diff(mean)), np.inf)
        unlike = np.where(unlike <= limit[first[1:]], unlike, np.inf)
        # Printed digits make many differences equal: a fixed jitter decides, or ties would merge one a round.
        unlike = unlike + 1e-9 * np.modf(first[1:] * 0.6180339887498949)[0]
        edge = np.concatenate([[np.inf], unlike, [np.inf]])
        merge = np.isfinite(unlike) & (unlike <= edge[:-2]) & (unlike < edge[2:])
        if not merge.any():
            break
        stays = np.concatenate([[True], ~merge])
        starts = np.flatnonzero(stays)
        mean = np.add.reduceat(mean * weight, starts)
        weight = np.add.reduceat(weight, starts)
        mean /= weight
        first, owner = first[starts], owner[starts]
    return first


def break_limit_deg_day(sets: Track, config: BeltConfig = BeltConfig()) -> FloatArray:
    """Difference of drift (N,) that is more than an object's noise [deg/day]."""
    steps = np.abs(np.diff(sets.drift_deg_day - sets.pull_deg_day))
    ids, inverse = np.unique(sets.norad_id, return_inverse=True)
    noise = np.zeros(len(ids))
    goes_on = sets.goes_on
    if goes_on.any():
        owner, middle = grouped_median(inverse[1:][goes_on], steps[goes_on])
        noise[owner] = middle / 0.954  # median of |difference of two| over the sigma of one
    return np.maximum(config.break_deg_day, config.break_sigma * np.minimum(noise, config.break_deg_day))[inverse]


def grouped_median(group: IntArray, value: FloatArray) -> tuple[IntArray, FloatArray]:
    """Groups in order, and the lower median of each."""
    order = np.lexsort((value, group))
    groups, start, count = np.unique(group[order], return_index=True, return_counts=True)
    return groups, value[order][start + (count - 1) // 2]


def _off_in_longitude(sets: Track, config: BeltConfig) -> BoolArray:
    """Sets that no drift leads to or from, while the sets on both sides agree."""
    off = np.zeros(len(sets), dtype=np.bool_)
    inner = np.flatnonzero(sets.norad_id[2:] == sets.norad_id[:-2]) + 1
    come, go = excess_deg(sets, inner - 1, inner, config), excess_deg(sets, inner, inner + 1, config)
    across = excess_deg(sets, inner - 1, inner + 1, config)
    off[inner] = (come * go < 0) & (np.abs(across) < 0.1 * np.minimum(np.abs(come), np.abs(go)))
    return off


def _off_in_drift(sets: Track, first: IntArray, config: BeltConfig) -> BoolArray:
    """Sets that claim a drift of which the longitudes around them show nothing.

    A visit of a few hours out of a gap of days is possible but rare: the share of the gap that the longitude's noise
    leaves for it is its chance, weighed against `BeltConfig.doubt`.
    """
    last = np.append(first[1:], len(sets)) - 1
    owner = sets.norad_id[first]
    drift = np.add.reduceat(sets.drift_deg_day, first) / (last - first + 1)
    short = sets.day[last] - sets.day[first] <= config.stray_days
    begins = np.concatenate([[False], owner[1:] == owner[:-1]])
    ends = np.append(begins[1:], False)
    off = np.zeros(len(sets), dtype=np.bool_)

    k = np.flatnonzero(short & begins & ends)
    before, after = last[k - 1], first[k + 1]
    jump_in, jump_out = drift[k] - drift[k - 1], drift[k] - drift[k + 1]
    least = np.where(np.abs(jump_in) < np.abs(jump_out), jump_in, jump_out)
    room = np.abs(least) * (sets.day[after] - sets.day[before])
    noise = longitude_noise_deg(np.abs(drift[k - 1]) * (sets.day[after] - sets.day[before]), config)
    shown = excess_deg(sets, before, after, config) * np.sign(least)
    place = sets.longitude_deg[first[k]]
    between = (place - sets.longitude_deg[before]) * (sets.longitude_deg[after] - place) > 0
    silent = (shown <= 0) | ((shown > room) & ~between)
    returns = np.abs(drift[k + 1] - drift[k - 1]) < 0.5 * np.abs(least)
    bad = (
        (jump_in * jump_out > 0)
        & returns
        & silent
        & ((noise < config.doubt * room) | (sets.day[last[k]] == sets.day[first[k]]))
    )
    _mark(off, first[k[bad]], last[k[bad]])

    k = np.flatnonzero((first == last) & begins & ~ends)
    before, here = last[k - 1], first[k]
    days = sets.day[here] - sets.day[before]
    bend = 0.5 * tesseral_acceleration_deg_day2(sets.longitude_deg[before]) * days**2
    held = drift[k - 1] * days + bend
    jump = drift[k] - drift[k - 1]
    shown = (sets.longitude_deg[here] - sets.longitude_deg[before] - held) * np.sign(jump)
    noise = longitude_noise_deg(held, config) + config.pull_error * np.abs(bend)
    room = np.abs(jump) * days
    denied = (shown > (1 + config.smear) * room + noise) | (shown < -noise)
    # Of two single sets that deny one another, the newer is believed.
    settled = last[k - 1] > first[k - 1]
    # Until its longitude shows it, or the next set does, a single set proves nothing.
    bad = (denied & settled) | (np.abs(shown) < np.maximum(_SHOWN_SIGMA * noise, config.doubt * room))
    _mark(off, here[bad], here[bad])
    return off


def _mark(mask: BoolArray, first: IntArray, last: IntArray) -> None:
    step = np.zeros(len(mask) + 1, dtype=np.int64)
    np.add.at(step, first, 1)
    np.add.at(step, last + 1, -1)
    mask |= np.cumsum(step[:-1]) > 0
