"""Two objects: where one is seen from the other, how their planes stand, how near they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from orbits.constants import MU_KM3_S2
from orbits.elements import FloatArray, IntArray, MeanElements
from orbits.errors import OrbitError
from orbits.frames import teme_to_rtn
from orbits.propagate import NOT_A_TIME_US, State, propagate

_POINTS_PER_TURN = 30  # at the angular rate of pericenter
_POINTS_AT_ONCE = 300_000
_REFINED_MINIMA = 3
_NEWTON_TURNS = 6


class RelativeState(NamedTuple):
    """Difference of two states on RTN axes, (..., 3): position [km], velocity [m/s]."""

    position_km: FloatArray
    velocity_m_s: FloatArray


class ClosestApproach(NamedTuple):
    """Smallest distance (N,) [km] and when (N,) [us since 1970-01-01]; NaN and NaT (the smallest int64) where unknown."""

    miss_km: FloatArray
    time_us: IntArray


def relative_rtn(state_a: State, state_b: State) -> RelativeState:
    """State of b less that of a, on the RTN axes of a.

    The velocity is the inertial difference: the turning of the axes is not taken off.
    """
    rotation = teme_to_rtn(state_a.position_km, state_a.velocity_km_s)
    return RelativeState(
        np.matvec(rotation, state_b.position_km - state_a.position_km),
        np.matvec(rotation, state_b.velocity_km_s - state_a.velocity_km_s) * 1000.0,
    )


def plane_angle_deg(elements_a: MeanElements, elements_b: MeanElements) -> FloatArray:
    """Angle between the orbital planes of each pair of sets, in [0, 180] [deg]."""
    a, b = _normal(elements_a), _normal(elements_b)
    return np.asarray(np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), np.vecdot(a, b))))


def closest_approach(
    elements_a: MeanElements, elements_b: MeanElements, start_us: ArrayLike, end_us: ArrayLike
) -> ClosestApproach:
    """Closest approach of each of N pairs within a span of time.

    Both are propagated over a grid of a thirtieth of a turn (at pericenter's pace). Where the range turns from falling to
    rising, cubic Hermite interpolation of the relative motion foretells the minimum, and Newton's method with SGP4 finds the
    three lowest of a pair. They are as exact as SGP4's velocity is the derivative of its position: to a
    millionth of the distance. Spans in which a set cannot be propagated (it decayed) are left out.

    Parameters
    ----------
    elements_a, elements_b : MeanElements
        N sets each.
    start_us, end_us : int or (N,) int64
        The span [us since 1970-01-01].

    Raises
    ------
    OrbitError
        If the numbers of sets differ or a span ends before it starts.
    """
    if len(elements_a) != len(elements_b):
        raise OrbitError(f"pairs need as many sets on either side, not {len(elements_a)} and {len(elements_b)}")
    start = np.broadcast_to(np.asarray(start_us, dtype=np.int64), (len(elements_a),))
    end = np.broadcast_to(np.asarray(end_us, dtype=np.int64), (len(elements_a),))
    if (end < start).any():
        raise OrbitError(f"the span of pair {np.flatnonzero(end < start)[0]} ends before it starts")
    miss = np.full(len(elements_a), np.nan)
    time = np.full(len(elements_a), NOT_A_TIME_US, dtype=np.int64)
    intervals = np.ceil((end - start) / np.minimum(_step_us(elements_a), _step_us(elements_b)))
    for rows, points in _batches(np.nan_to_num(intervals, nan=0.0).astype(np.int64) + 2):
        part = _closest(elements_a[rows], elements_b[rows], np.linspace(start[rows], end[rows], points, axis=1))
        miss[rows], time[rows] = part
    return ClosestApproach(miss, time)


def _closest(a: MeanElements, b: MeanElements, grid_us: FloatArray) -> ClosestApproach:
    """Closest approaches on one grid (N, M) of times."""
    times = np.rint(grid_us).astype(np.int64)
    gap, rate, _ = _relative(a, b, times)
    distance = np.linalg.norm(gap, axis=-1)
    lowest = np.argmin(np.where(np.isnan(distance), np.inf, distance), axis=1)
    every = np.arange(len(a))

    climb = np.vecdot(gap, rate)
    pair, left = np.nonzero((climb[:, :-1] <= 0.0) & (climb[:, 1:] > 0.0))
    span_s = np.asarray((times[pair, left + 1] - times[pair, left]) * 1e-6)
    share, foretold = _hermite_minimum(
        gap[pair, left], gap[pair, left + 1], rate[pair, left], rate[pair, left + 1], span_s
    )
    chosen = _lowest_of_each(pair, foretold, _REFINED_MINIMA)
    pair, left, share = pair[chosen], left[chosen], share[chosen]
    best, when = _refine(a[pair], b[pair], times[pair, left], times[pair, left + 1], share)

    pairs = np.concatenate([every, pair])
    miss = np.concatenate([distance[every, lowest], best])
    time = np.concatenate([times[every, lowest], when])
    first = _lowest_of_each(pairs, miss, 1)
    return ClosestApproach(miss[first], np.where(np.isnan(miss[first]), NOT_A_TIME_US, time[first]))


def _refine(
    a: MeanElements, b: MeanElements, low: IntArray, high: IntArray, share: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Minima of the distance between times ``low`` and ``high``, from guesses at a share of the way: Newton, guarded."""
    trial = low + np.rint(share * (high - low)).astype(np.int64)
    best, when = np.full(len(trial), np.inf), trial
    for _ in range(_NEWTON_TURNS):
        gap, rate, pull = _relative(a, b, trial)
        distance = np.linalg.norm(gap, axis=-1)
        better = distance < best
        best, when = np.where(better, distance, best), np.where(better, trial, when)
        climb = np.vecdot(gap, rate)
        low, high = np.where(climb <= 0.0, trial, low), np.where(climb > 0.0, trial, high)
        with np.errstate(invalid="ignore", divide="ignore"):
            step_s = np.nan_to_num(-climb / (np.vecdot(rate, rate) + np.vecdot(gap, pull)), nan=np.inf)
        inside = (step_s >= (low - trial) * 1e-6) & (step_s <= (high - trial) * 1e-6)
        newton = trial + np.rint(np.where(inside, step_s, 0.0) * 1e6).astype(np.int64)
        trial = np.where(inside, newton, (low + high) // 2)
    return best, when


def _relative(a: MeanElements, b: MeanElements, times_us: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Position [km], velocity [km/s] and two-body acceleration [km/s^2] of b less a."""
    states = [propagate(elements, times_us) for elements in (a, b)]
    pulls = [
        -MU_KM3_S2 * state.position_km / np.linalg.norm(state.position_km, axis=-1, keepdims=True) ** 3
        for state in states
    ]
    return (
        states[1].position_km - states[0].position_km,
        states[1].velocity_km_s - states[0].velocity_km_s,
        pulls[1] - pulls[0],
    )


def _hermite_minimum(
    r0: FloatArray, r1: FloatArray, v0: FloatArray, v1: FloatArray, span_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Where in the interval (0 to 1), and how near, cubics through positions and velocities come to the origin."""
    m0, m1 = v0 * span_s[:, None], v1 * span_s[:, None]
    cubic, square = 2.0 * (r0 - r1) + m0 + m1, 3.0 * (r1 - r0) - 2.0 * m0 - m1
    low, high = np.zeros(len(r0)), np.ones(len(r0))
    for _ in range(20):
        u = 0.5 * (low + high)
        x = u[:, None]
        falling = np.vecdot(r0 + x * (m0 + x * (square + x * cubic)), m0 + x * (2.0 * square + 3.0 * x * cubic)) <= 0.0
        low, high = np.where(falling, u, low), np.where(falling, high, u)
    u = 0.5 * (low + high)
    x = u[:, None]
    return u, np.linalg.norm(r0 + x * (m0 + x * (square + x * cubic)), axis=-1)


def _lowest_of_each(pair: IntArray, value: FloatArray, count: int) -> IntArray:
    """Indices of the lowest values of each pair, pairs in order; NaN counts as highest."""
    order = np.lexsort((value, pair))
    sorted_pair = pair[order]
    rank = np.arange(len(order)) - np.searchsorted(sorted_pair, sorted_pair)
    return order[rank < count]


def _step_us(elements: MeanElements) -> FloatArray:
    """A share of a turn at the angular rate of pericenter, n sqrt(1 + e) / (1 - e)^1.5 (from Vallado 2013, chapter 2)."""
    e = np.clip(elements.eccentricity, 0.0, 0.95)
    motion = np.where(elements.mean_motion_rev_day > 0.0, elements.mean_motion_rev_day, np.nan)
    return 86400e6 / motion / _POINTS_PER_TURN * (1.0 - e) ** 1.5 / np.sqrt(1.0 + e)


def _batches(points: IntArray) -> Iterator[tuple[IntArray, int]]:
    """Rows that share one size of grid, like with like, and that size."""
    order = np.argsort(points, kind="stable")
    start = 0
    while start < len(order):
        count = max(1, _POINTS_AT_ONCE // int(points[order[start]]))
        rows = order[start : start + count]
        # The last row has the finest grid, and the batch takes it.
        rows = rows[: max(1, _POINTS_AT_ONCE // int(points[rows[-1]]))]
        yield rows, int(points[rows[-1]])
        start += len(rows)


def _normal(elements: MeanElements) -> FloatArray:
    i, node = np.radians(elements.inclination_deg), np.radians(elements.raan_deg)
    return np.stack([np.sin(i) * np.sin(node), -np.sin(i) * np.cos(node), np.cos(i)], axis=-1)
