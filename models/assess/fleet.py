"""Who flies in one constellation: its neighbors of the same fleet are no news."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.assess.orbit_index import Orbits
from orbits.elements import IntArray

_BEFORE_A_NUMBER = re.compile(r"^[^\d(\[]*")
_SHORTEST_STEM = 2
_LAUNCH_CHARS = len("2026-101")


def name_stem(name: str) -> str:
    """What the names of a series share: the words before the first number, STARLINK of STARLINK-1007; "" where nothing is."""
    upper = name.upper().strip()
    found = _BEFORE_A_NUMBER.match(upper)
    stem = found.group().rstrip(" -_/.#") if found else ""
    return stem if len(stem) >= _SHORTEST_STEM else ""


def fleet_mates(
    movers: Orbits,
    first: IntArray,
    others: Orbits,
    second: IntArray,
    names: Mapping[int, str],
    *,
    least: int,
    band_km: float,
    tilt_deg: float,
) -> NDArray[np.bool_]:
    """Which pairs (N,) are of one constellation: one series of names, of which many fly in the mover's shell.

    A series alone is none: inspectors and those they inspect may bear one name with a number.

    Parameters
    ----------
    movers, others : Orbits
        ``others`` are all objects.
    first, second : (N,) int64
        Rows of movers and of others.
    names : mapping of norad_id to name
    least : int
        Objects of the series in the shell, the mover not counted, that make a constellation.
    band_km, tilt_deg : float
        Largest differences of semi-major axis [km] and inclination [deg] within a shell.
    """
    stems: dict[int, str] = {}

    def stem(norad_id: int) -> str:
        if norad_id not in stems:
            stems[norad_id] = name_stem(names.get(norad_id, ""))
        return stems[norad_id]

    mine = np.array([stem(norad_id) for norad_id in movers.norad_id.tolist()], dtype=object)
    theirs = np.array([stem(norad_id) for norad_id in others.norad_id.tolist()], dtype=object)
    crowded = np.zeros(len(mine), dtype=np.bool_)
    for series in set(mine.tolist()) - {""}:
        of_series = np.flatnonzero(theirs == series)
        if len(of_series) < least:
            continue
        a_km, tilt = others.a_km[of_series], others.inclination_deg[of_series]
        for row in np.flatnonzero(mine == series):
            shell = (np.abs(a_km - movers.a_km[row]) <= band_km) & (
                np.abs(tilt - movers.inclination_deg[row]) <= tilt_deg
            )
            shell &= others.norad_id[of_series] != movers.norad_id[row]
            crowded[row] = shell.sum() >= least
    same: NDArray[np.bool_] = (mine[first] == theirs[second]) & crowded[first]
    return same


def launches(norad_ids: IntArray, designators: Mapping[int, str]) -> NDArray[np.object_]:
    """Year and number of each object's launch, 2026-101 of 2026-101A; "" where unknown."""
    found = [designators.get(norad_id, "") for norad_id in norad_ids.tolist()]
    return np.array([one[:_LAUNCH_CHARS] if len(one) >= _LAUNCH_CHARS else "" for one in found], dtype=object)
