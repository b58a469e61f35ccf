"""Thrust that goes on for days: when it begins and ends, and how much it is in all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from configs.judgement import BurnFitConfig
from models.characterize.climb import climbs, lasting
from models.characterize.noise import US_PER_DAY
from models.characterize.secular import at_epoch
from orbits.constants import EARTH_RADIUS_KM, MU_KM3_S2
from orbits.elements import FloatArray, IntArray, MeanElements

SECONDS_PER_DAY = 86400.0
WINDOW = 5  # gaps whose median rate is taken
_MOST, _NEARLY_ALL = 0.5, 0.8  # of an arc, from which another is the same thrust, and has its begin and end
AGREEING = 4  # of them that must go the same way at a like rate


class Arcs(NamedTuple):
    """Spans of sustained thrust, A of them, in order of object and time."""

    norad_id: IntArray
    start_us: IntArray  # where the mean a, carried back at the arc's rate, leaves what it was before
    end_us: IntArray
    dv_m_s: FloatArray  # in all, negative where the orbit is lowered
    acceleration_m_s2: FloatArray  # mean, of the same sign
    first_us: IntArray  # from when on gaps belong to it, where it was slow at first


def sustained_thrust(norad_id: IntArray, elements: MeanElements, config: BurnFitConfig = BurnFitConfig()) -> Arcs:
    """Spans in which the semi-major axis changes from set to set faster than anything but thrust makes it.

    The change of the mean a a day is compared with that of a tangential acceleration of ``least_acceleration_m_s2``;
    the median of five gaps must exceed it, and four of them must go its way at half its rate or more: impulses with quiet
    gaps between them do not. Lowering is only claimed above ``drag_ceiling_km``, where drag cannot do it. In low orbit
    what climbs for as long is an arc whatever its rate (`climb`), from set to set where no steady one covers it.

    Parameters
    ----------
    norad_id : (N,) int64
        Sorted.
    elements : MeanElements
        N sets, sorted by object and epoch.

    Notes
    -----
    Δv of a slow spiral between circular orbits with a plane change: Edelbaum, ARS Journal 31 (1961) 1079. It is the
    least for what changed: thrust that cancels out (eccentricity, plane there and back) does not show.
    """
    if len(norad_id) < WINDOW + 1:
        return _no_arcs()
    state = at_epoch(elements)
    a = state[:, 0]
    days = elements.epoch_us / US_PER_DAY
    width = np.diff(days)
    known = (norad_id[1:] == norad_id[:-1]) & (width > 0)
    per_day = np.where(known, np.diff(a) / np.where(known, width, 1.0), np.nan)
    padded = np.pad(per_day, WINDOW // 2, constant_values=np.nan)
    around = sliding_window_view(padded, WINDOW)
    full = np.isfinite(around).all(1)
    middle = np.median(np.where(full[:, None], around, 0.0), axis=1)
    alike = (around * np.sign(middle)[:, None] > 0.5 * np.abs(middle)[:, None]).sum(1) >= AGREEING
    perigee_km = a * (1 - elements.eccentricity) - EARTH_RADIUS_KM
    speed = np.sqrt(MU_KM3_S2 / a[:-1])
    least = 2 * a[:-1] / (speed * 1e3) * config.least_acceleration_m_s2 * SECONDS_PER_DAY  # Gauss, circular [km/day]
    on = full & alike & (np.abs(middle) > least) & ((middle > 0) | (perigee_km[:-1] > config.drag_ceiling_km))
    found: list[tuple[float, ...]] = []
    reached = -1
    for first, last in _runs(on, np.sign(middle)):
        if first <= reached:
            continue  # the arc before has grown over it
        rate = float(np.median(middle[first : last + 1]))
        begin, end = _grown(per_day, known, first, last, rate)
        begin = max(begin, reached + 1)
        if end - begin + 1 < WINDOW or days[end + 1] - days[begin] < config.least_thrust_days:
            continue
        if not _stays(norad_id, a, begin, end):
            continue
        reached = end
        # Within its first and last gap the thrust lasts as long as the change of a there takes at the arc's rate.
        start = days[begin + 1] - np.clip((a[begin + 1] - a[begin]) / rate, 0.0, width[begin])
        stop = days[end] + np.clip((a[end + 1] - a[end]) / rate, 0.0, width[end])
        turn = np.deg2rad(elements.inclination_deg[end + 1] - elements.inclination_deg[begin])
        dv = np.sign(rate) * _edelbaum_m_s(a[begin], a[end + 1], float(turn))
        found.append((norad_id[begin], start, stop, dv, dv / ((stop - start) * SECONDS_PER_DAY), start))
    climbed = _climbed(norad_id, elements, a, days, config.least_thrust_days)
    found = [_from_begin(arc, climbed) for arc in found]
    whole = [climb for climb in climbed if not any(_share(climb, arc) >= _NEARLY_ALL for arc in found)]
    found = [arc for arc in found if not any(_share(arc, climb) >= _MOST for climb in whole)] + whole
    if not found:
        return _no_arcs()
    found.sort(key=lambda arc: arc[:2])
    objects, starts, stops, dvs, accelerations, firsts = (np.array(column) for column in zip(*found, strict=True))
    start_us, end_us, first_us = (
        np.round(moments * US_PER_DAY).astype(np.int64) for moments in (starts, stops, firsts)
    )
    return Arcs(objects.astype(np.int64), start_us, end_us, dvs, accelerations, first_us)


def _climbed(
    norad_id: IntArray, elements: MeanElements, a_km: FloatArray, days: FloatArray, least_days: float
) -> list[tuple[float, ...]]:
    """Climbs in low orbit that last, at whatever rate: rows of `Arcs` with days for times."""
    rows: list[tuple[float, ...]] = []
    found = climbs(norad_id, elements.epoch_us, a_km, elements.eccentricity)
    for first, last in zip(*lasting(found, elements.epoch_us, least_days), strict=True):
        turn = np.deg2rad(elements.inclination_deg[last] - elements.inclination_deg[first])
        dv = _edelbaum_m_s(a_km[first], a_km[last], float(turn))
        acceleration = dv / ((days[last] - days[first]) * SECONDS_PER_DAY)
        rows.append((norad_id[first], days[first], days[last], dv, acceleration, days[first]))
    return rows


def _from_begin(arc: tuple[float, ...], climbed: list[tuple[float, ...]]) -> tuple[float, ...]:
    """An arc that is nearly all of a climb, with the first gap of that."""
    first = [climb[1] for climb in climbed if _share(climb, arc) >= _NEARLY_ALL]
    return (*arc[:-1], min([arc[-1], *first]))


def _share(arc: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Of the time of an arc, what another of the same object and sense shares with it."""
    if arc[0] != other[0] or arc[3] * other[3] < 0:
        return 0.0
    return (min(arc[2], other[2]) - max(arc[1], other[1])) / (arc[2] - arc[1])


def arc_of(arcs: Arcs, norad_id: IntArray, begin_us: IntArray, end_us: IntArray) -> IntArray:
    """Index of the arc that each of E gaps lies in or touches, -1 where there is none, (E,)."""
    result = np.full(len(norad_id), -1)
    for index, (one, first, end) in enumerate(zip(arcs.norad_id, arcs.first_us, arcs.end_us, strict=True)):
        result[(norad_id == one) & (end_us >= first) & (begin_us <= end)] = index
    return result


def _no_arcs() -> Arcs:
    none = np.empty(0, dtype=np.int64)
    return Arcs(none, none, none, np.empty(0), np.empty(0), none)


def _runs(on: NDArray[np.bool_], sign: FloatArray) -> list[tuple[int, int]]:
    """First and last index of each run of ``on`` of one sign."""
    index = np.flatnonzero(on)
    if not len(index):
        return []
    new = (np.diff(index) > 1) | (np.diff(sign[index]) != 0)
    starts = index[np.concatenate(([True], new))]
    ends = index[np.concatenate((new, [True]))]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _grown(per_day: FloatArray, known: NDArray[np.bool_], first: int, last: int, rate: float) -> tuple[int, int]:
    """The run and the gaps beside it in which part of the arc lies: those at half its rate, and one more at either end."""

    def goes_on(gap: int, share: float) -> bool:
        return bool(0 <= gap < len(known) and known[gap] and per_day[gap] / rate > share)

    while goes_on(first - 1, 0.5):
        first -= 1
    while goes_on(last + 1, 0.5):
        last += 1
    return first - goes_on(first - 1, 0.05), last + goes_on(last + 1, 0.05)


def _stays(norad_id: IntArray, a: FloatArray, begin: int, end: int) -> bool:
    """Whether most of the change is still there after the arc: bad sets swing and come back."""
    before, after = (slice(max(begin + 1 - WINDOW, 0), begin + 1), slice(end + 1, end + 1 + WINDOW))
    own = norad_id[begin]
    levels = [np.median(a[part][norad_id[part] == own]) for part in (before, after)]
    return bool((levels[1] - levels[0]) / (a[end + 1] - a[begin]) > 0.5)


def raise_km(a_km: FloatArray, dv_m_s: FloatArray) -> FloatArray:
    """Change of the semi-major axis of a round orbit by thrust along the track [km] (Gauss)."""
    return np.asarray(2 * a_km * dv_m_s / (np.sqrt(MU_KM3_S2 / a_km) * 1e3))


def _edelbaum_m_s(a_before_km: float, a_after_km: float, turn_rad: float) -> float:
    before, after = (np.sqrt(MU_KM3_S2 / a) * 1e3 for a in (a_before_km, a_after_km))
    square = before**2 + after**2 - 2 * before * after * np.cos(np.pi / 2 * turn_rad)
    return float(np.sqrt(max(square, 0.0)))
