"""What no satellite's element set holds, whatever the format that carries it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from orbits.constants import EARTH_RADIUS_KM, MU_KM3_S2

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1957, 2056  # what the two digits of a two-line set can say
FIRST_EPOCH_US = int((datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _UNIX_EPOCH).total_seconds()) * 1_000_000
LAST_EPOCH_US = int((datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - _UNIX_EPOCH).total_seconds()) * 1_000_000

# Mean elements leave out some 20 km of short-period motion, and fits of the last hours go deeper: the official
# verification set of SGP4 has a perigee 49 km down (28872).
_DEEPEST_PERIGEE_KM = EARTH_RADIUS_KM - 100.0
# B* = Cd A / m over 12.74 kg/m^2 (Hoots & Roehrich 1980): no object has 600 m^2/kg. Published sets stay below 10, and
# the derivatives of mean motion below 1.
_MOST_DRAG = 100.0
_DRAG = ("bstar_inv_er", "mean_motion_dot_rev_day2", "mean_motion_ddot_rev_day3")


class Impossible(NamedTuple):
    """A check: the field that is wrong, why, and which sets fail (a bool, or one for each set)."""

    field: str
    reason: str
    failed: Any


def impossible(columns: Mapping[str, Any]) -> Iterator[Impossible]:
    """Checks of one element set, or of N at once.

    Parameters
    ----------
    columns : mapping
        Published fields by the names of ``catalog.records``, numbers or (N,) arrays; ``epoch`` in us since 1970-01-01.
    """
    epoch_us = columns["epoch"]
    yield Impossible(
        "epoch",
        f"the epoch is not in {FIRST_YEAR}..{LAST_YEAR}",
        (epoch_us < FIRST_EPOCH_US) | (epoch_us > LAST_EPOCH_US),
    )
    mean_motion_rad_s = columns["mean_motion_rev_day"] * (2.0 * math.pi / 86_400.0)
    # Kepler's third law: perigee radius a (1 - e) with a^3 = mu / n^2.
    inside = (1.0 - columns["eccentricity"]) ** 3 * MU_KM3_S2 < _DEEPEST_PERIGEE_KM**3 * mean_motion_rad_s**2
    yield Impossible("eccentricity", "with this mean motion the perigee lies inside the Earth", inside)
    for name in _DRAG:
        yield Impossible(
            name, f"its size is above {_MOST_DRAG:g}: no satellite is dragged so", abs(columns[name]) > _MOST_DRAG
        )
