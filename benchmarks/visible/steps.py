"""Steps from a level that held to one that holds, which nothing but a push makes.

What nature does to each quantity is far below the least step that counts, and is taken off where it is steady:

- a raise: air only lowers an orbit;
- a lowering: above 450 km of perigee air takes tens of meters a day, of light debris too;
- the plane in low orbit: the node beside its J2 rate and its own slow rest, and the inclination, which hardly changes;
- the plane in the belt: Sun and Moon turn it by 0.003 deg a day, steadily but for a few thousandths;
- the eccentricity: the Sun's pressure changes it by some 1e-5 a day in the belt; in low orbit its swing with the perigee takes months.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import bottleneck
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from orbits.constants import EARTH_RADIUS_KM, J2, MU_KM3_S2
from orbits.elements import semi_major_axis_km

LEAST_SETS = 10
NOISE_RATIO = 8.0
NOISE_SCALE = 0.67  # of the median absolute second difference
HIGHEST_KM, LEAST_PERIGEE_KM, AIRLESS_PERIGEE_KM, LARGEST_ECCENTRICITY = 8_400.0, 300.0, 450.0, 0.02
LEAST_BELT_KM, LARGEST_BELT_KM, LARGEST_BELT_ECCENTRICITY = 40_000.0, 44_500.0, 0.05
SIDE = 3  # sets whose median is a level
LAG = 4
_DAY_S = 86_400.0

FloatArray = NDArray[np.float64]


class Track(NamedTuple):
    """The element sets of one object, (N,) each."""

    days: FloatArray
    a_km: FloatArray
    eccentricity: FloatArray
    inclination_deg: FloatArray
    raan_deg: FloatArray
    longitude_of_perigee_deg: FloatArray

    @property
    def perigee_km(self) -> float:
        """The lowest height of a perigee."""
        return float((self.a_km * (1 - self.eccentricity)).min()) - EARTH_RADIUS_KM

    @property
    def low(self) -> bool:
        """Whether it stays in low orbit, round and above the thick air."""
        low = self.a_km.max() < HIGHEST_KM and self.perigee_km > LEAST_PERIGEE_KM
        return bool(low and self.eccentricity.max() < LARGEST_ECCENTRICITY)

    @property
    def belt(self) -> bool:
        """Whether it stays in the geosynchronous belt."""
        inside = self.a_km.min() > LEAST_BELT_KM and self.a_km.max() < LARGEST_BELT_KM
        return bool(inside and self.eccentricity.max() < LARGEST_BELT_ECCENTRICITY)


class Truth(NamedTuple):
    """What is looked at: values in which a step of at least ``least`` counts, of whom, up (1) and down (-1).

    For so many sets about the step this share of them must lie at either level, within .3 of its size.
    """

    name: str
    least: float
    signs: tuple[int, ...]
    applies: Callable[[Track], bool]
    values: Callable[[Track], FloatArray]
    sets: int = 12
    share: float = 0.8


def _node_rest_deg(track: Track) -> FloatArray:
    """Node beside its J2 rate and a straight line, as an angle of the plane [deg]."""
    motion = np.sqrt(MU_KM3_S2 / track.a_km**3)
    parameter = EARTH_RADIUS_KM / (track.a_km * (1 - track.eccentricity**2))
    rate = -1.5 * J2 * parameter**2 * motion * np.cos(np.deg2rad(track.inclination_deg)) * _DAY_S
    turned = np.concatenate([[0.0], np.cumsum(np.diff(track.days) * (rate[1:] + rate[:-1]) / 2)])
    rest = np.rad2deg(np.unwrap(np.deg2rad(track.raan_deg)) - turned)
    return without_line(track.days, rest) * np.sin(np.deg2rad(np.median(track.inclination_deg)))


def without_line(days: FloatArray, values: FloatArray) -> FloatArray:
    """Values less their median slope over a few sets, to which steps are nothing."""
    slope = np.median((values[LAG:] - values[:-LAG]) / np.maximum(days[LAG:] - days[:-LAG], 1e-3))
    return np.asarray(values - slope * (days - days[0]))


def _vector(size: FloatArray, angle_deg: FloatArray, axis: int) -> FloatArray:
    angle = np.deg2rad(angle_deg)
    return size * (np.cos(angle), np.sin(angle))[axis]


TRUTHS = (
    Truth("raise, low orbit [km]", 0.3, (1,), lambda t: t.low, lambda t: t.a_km, 7, 0.5),
    Truth(
        "lowering, low orbit [km]",
        0.3,
        (-1,),
        lambda t: t.low and t.perigee_km > AIRLESS_PERIGEE_KM,
        lambda t: t.a_km,
        7,
        0.5,
    ),
    Truth(
        "inclination, low orbit [deg]",
        0.004,
        (1, -1),
        lambda t: t.low,
        lambda t: without_line(t.days, t.inclination_deg),
    ),
    Truth("node, low orbit [deg]", 0.01, (1, -1), lambda t: t.low, _node_rest_deg),
    Truth("eccentricity, low orbit", 5e-4, (1, -1), lambda t: t.low, lambda t: without_line(t.days, t.eccentricity)),
    *(
        Truth(
            f"plane, belt, {name} [deg]",
            0.03,
            (1, -1),
            lambda t: t.belt,
            lambda t, axis=axis: without_line(t.days, _vector(t.inclination_deg, t.raan_deg, axis)),  # type: ignore[misc]
        )
        for axis, name in enumerate(("x", "y"))
    ),
    *(
        Truth(
            f"eccentricity, belt, {name}",
            1.5e-4,
            (1, -1),
            lambda t: t.belt,
            lambda t, axis=axis: without_line(t.days, _vector(t.eccentricity, t.longitude_of_perigee_deg, axis)),  # type: ignore[misc]
        )
        for axis, name in enumerate(("x", "y"))
    ),
)
RAISE = TRUTHS[0]


def steps(sets: pd.DataFrame, truths: tuple[Truth, ...] = (RAISE,)) -> pd.DataFrame:
    """Steps of at least ``NOISE_RATIO`` times an object's noise.

    Parameters
    ----------
    sets : DataFrame
        Element sets, sorted by (norad_id, epoch), one an epoch.
    truths : tuple of Truth

    Returns
    -------
    DataFrame
        ``truth``, ``norad_id``, ``epoch_before``, ``epoch_after``, ``size``, ``noise``, ``sets_a_day``.
    """
    epoch, norad_id = sets["epoch"], sets["norad_id"].to_numpy(np.int64)
    eccentricity, inclination, raan, argument = (
        sets[name].to_numpy(np.float64)
        for name in ("eccentricity", "inclination_deg", "raan_deg", "arg_pericenter_deg")
    )
    a_km = semi_major_axis_km(sets["mean_motion_rev_day"].to_numpy(np.float64), eccentricity, inclination)
    days = ((epoch - epoch.min()) / pd.Timedelta(days=1)).to_numpy(np.float64)
    rows = []
    for start, stop in pairwise(np.flatnonzero(np.diff(norad_id, prepend=-1, append=-1)).tolist()):
        if stop - start < LEAST_SETS:
            continue
        columns = (days, a_km, eccentricity, inclination, raan, raan + argument)
        track = Track(*(column[start:stop] for column in columns))
        for truth in truths:
            if not truth.applies(track):
                continue
            values = truth.values(track)
            noise = float(np.median(np.abs(np.diff(values, 2)))) / NOISE_SCALE
            rate = len(values) / (track.days[-1] - track.days[0])
            for sign in truth.signs:
                rows += [
                    (truth.name, norad_id[start], start + i - 2, start + i + 1, sign * size, noise, rate)
                    for i, size in _rises(sign * values, max(truth.least, NOISE_RATIO * noise), truth.sets, truth.share)
                ]
    found = pd.DataFrame(rows, columns=["truth", "norad_id", "before", "after", "size", "noise", "sets_a_day"])
    for name in ("before", "after"):
        found[f"epoch_{name}"] = epoch.iloc[found.pop(name).to_numpy(np.int64)].array
    return found.sort_values(["truth", "norad_id", "epoch_before"], ignore_index=True)


def _rises(values: FloatArray, least: float, sets: int, share: float) -> list[tuple[int, float]]:
    """Largest first, the first set after each rise of the median of three sets that holds on both sides, and its size."""
    level = bottleneck.move_median(values, SIDE)[SIDE - 1 :]
    rise = level[SIDE:] - level[:-SIDE]
    found: list[tuple[int, float]] = []
    while len(rise) and rise.max() > least:
        at = int(rise.argmax())
        i, size = at + SIDE, float(rise[at])
        before, after = values[max(0, i - sets) : i - SIDE], values[i + SIDE : i + sets + 1]
        if min(len(before), len(after)) >= SIDE and _held(before, after, level[at], size, share):
            found.append((i, size))
            rise[max(0, at - 4) : at + 5] = 0.0
        else:
            rise[at] = 0.0  # back from a dip, soon gone, or one of many steps
    return found


def _held(before: FloatArray, after: FloatArray, level: float, size: float, share: float) -> bool:
    """Whether it stood at the level, and stands above it."""
    off = np.quantile(np.abs(before - level), share) if share > 0.5 else abs(np.median(before) - level)
    return bool(off <= 0.3 * size and np.quantile(after, 1 - share) >= level + 0.7 * size)
