"""Climbs in low orbit, told from the altitude alone: air only lowers an orbit, so what stands higher than it did was pushed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import bottleneck
import numpy as np
from numpy.typing import NDArray

from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import FloatArray, IntArray

LEVEL_SETS = 3  # whose median is a level: one bad set among them does not move it
LEAST_SETS = 10
LEAST_ARC_GAPS = 5
LEAST_RISE_KM = 0.3  # four times what the worst of the passive objects in low orbit rose in three weeks
NOISE_RATIO = 8.0  # of the rise to the noise of a set
REACH_DAYS = 20.0  # within which a climb must rise so far: slower, and the Sun's pressure may do it
HOLD_DAYS = 1.5  # a climb has ended when the level has not risen for so long
LEAST_PERIGEE_KM = 300.0  # below, sets are fits to a decay and no levels
HIGHEST_KM = 8_400.0  # semi-major axis; above, there is no air to tell climbs from waves
LARGEST_ECCENTRICITY = 0.02  # in longer orbits the semi-major axis swings with what happens at perigee

NEAR = 0.25  # of the least rise: levels so near the lowest or the highest are as low or as high
_MEDIAN_SECOND_DIFFERENCE = 0.67448975 * 6**0.5  # of white noise [sigma]
_DAY_US = 86_400e6


class Climbs(NamedTuple):
    """C climbs, in order of object and time.

    Parameters
    ----------
    first : (C,) int64
        The last element set before each.
    last : (C,) int64
        The first that stands as high as it comes to.
    """

    first: IntArray
    last: IntArray


def climbs(norad_id: IntArray, epoch_us: IntArray, a_km: FloatArray, eccentricity: FloatArray) -> Climbs:
    """Where objects in low orbit climb.

    A level is the median of three sets. A climb is a rise of the level above the lowest of ``REACH_DAYS``, or since the climb before, by more than
    ``LEAST_RISE_KM`` and ``NOISE_RATIO`` times the object's noise, which second differences tell: to them a steady climb is
    nothing. What stood as high a day and a half before was a dip. It begins after the last level that was as low, goes on until the level has not risen for ``HOLD_DAYS``, and
    ends with the first that was as high.

    Parameters
    ----------
    norad_id, epoch_us : (N,) int64
        Sorted.
    a_km, eccentricity : (N,) float64
        Mean elements.
    """
    usable = (eccentricity < LARGEST_ECCENTRICITY) & (a_km < HIGHEST_KM)
    usable &= a_km * (1.0 - eccentricity) > EARTH_RADIUS_KM + LEAST_PERIGEE_KM
    bounds = np.flatnonzero(np.diff(norad_id, prepend=-1, append=-1))
    found = [
        (start + first, start + last)
        for start, stop in pairwise(bounds.tolist())
        if stop - start >= LEAST_SETS
        for first, last in _of_one(epoch_us[start:stop], a_km[start:stop], usable[start:stop])
    ]
    first, last = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return Climbs(first, last)


def lasting(found: Climbs, epoch_us: IntArray, least_days: float) -> Climbs:
    """Those that go on for so long [day] and over ``LEAST_ARC_GAPS``: fewer may be burns of their own, far apart."""
    long = (epoch_us[found.last] - epoch_us[found.first] >= least_days * _DAY_US) & (
        found.last - found.first >= LEAST_ARC_GAPS
    )
    return Climbs(found.first[long], found.last[long])


def _of_one(times_us: IntArray, a_km: FloatArray, usable: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """First and last set of each climb of one object; a level is that of the middle one of its three sets."""
    level = bottleneck.move_median(a_km, LEVEL_SETS)[LEVEL_SETS - 1 :]
    noise_km = float(np.median(np.abs(np.diff(a_km, 2)))) / _MEDIAN_SECOND_DIFFERENCE
    least_km = max(LEAST_RISE_KM, NOISE_RATIO * noise_km)
    if not (level - np.minimum.accumulate(level)).max() > least_km:
        return
    middle, near_km = LEVEL_SETS // 2, NEAR * least_km
    reach_us, hold_us = REACH_DAYS * _DAY_US, HOLD_DAYS * _DAY_US
    begin = since = lowest = risen = 0  # a level counts as low from `since` on, and has last risen at `risen`
    climbing = False
    for now in range(1, len(level)):
        if climbing:
            if level[now] > level[risen] + near_km:
                risen = now
            elif times_us[now] - times_us[risen] > hold_us or level[risen] - level[now] > least_km:
                yield begin + middle, _top(level, begin, now, near_km) + middle
                climbing, since = False, risen
                lowest = since + int(np.argmin(level[since : now + 1]))
            continue
        if times_us[now] - times_us[lowest] > reach_us:
            since = max(since, int(np.searchsorted(times_us, times_us[now] - reach_us)))
            lowest = since + int(np.argmin(level[since : now + 1]))
        if level[now] <= level[lowest]:
            lowest = now
        elif usable[now] and level[now] - level[lowest] > least_km:
            fell = int(np.searchsorted(times_us, times_us[lowest] - hold_us))
            if level[fell : lowest + 1].max() > level[now] - near_km:
                since = lowest = now  # back from a dip of bad sets
                continue
            low = np.flatnonzero(level[lowest:now] <= level[lowest] + near_km)
            climbing, risen, begin = True, now, lowest + int(low[-1])
    if climbing:
        yield begin + middle, _top(level, begin, len(level) - 1, near_km) + middle


def _top(level_km: FloatArray, begin: int, end: int, near_km: float) -> int:
    """The first level from ``begin`` to ``end`` that is as high as the highest."""
    own = level_km[begin : end + 1]
    return begin + int(np.argmax(own >= own.max() - near_km))
