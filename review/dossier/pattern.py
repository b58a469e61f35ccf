"""When and how large an object usually burns, by its flags, and how the burn in question compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from review.records import FlagRecord, Status
from review.words import decimals_of, number

_MANEUVER = "maneuver"
_REFUSED = (Status.DATA_ERROR, Status.DUPLICATE)
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Usual:
    """The tenth, the middle and the nine tenths of what was usual before, of so many figures."""

    low: float
    middle: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """One flag among those of its object: whether it counts as a burn, and days since the burn before it [day]."""

    flag: FlagRecord
    counts: bool
    days_since: float | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """An object's flags in order of time, what was usual before the one in question, and how that one compares, in words.

    ``days`` and ``dv_m_s`` are the intervals [day] and sizes [m/s] of the burns before it, None of fewer than three.
    """

    steps: tuple[Step, ...]
    days: Usual | None
    dv_m_s: Usual | None
    said: tuple[str, ...]


def pattern_of_life(flag: FlagRecord, flags: Sequence[FlagRecord]) -> Pattern:
    """The pattern of an object's flags as it was when this one burned: later burns are shown but are no measure for it.

    Flags that are withdrawn are left out; what is no maneuver, or was judged a data error or a duplicate, does not count.
    """
    known = {one.flag_id: one for one in flags if one.withdrawn_at is None} | {flag.flag_id: flag}
    ordered = sorted(known.values(), key=lambda one: (one.burn_time, one.flag_id))
    steps: list[Step] = []
    last: FlagRecord | None = None
    for one in ordered:
        counts = one.explanation == _MANEUVER and one.status not in _REFUSED
        steps.append(Step(one, counts, None if last is None else _days_between(last, one)))
        last = one if counts else last
    earlier = [step.flag for step in steps if step.counts and step.flag.burn_time < flag.burn_time]
    days = _usual([_days_between(before, after) for before, after in pairwise(earlier)])
    sizes = _usual([one.dv_m_s for one in earlier if one.dv_m_s])
    own = next(step for step in steps if step.flag.flag_id == flag.flag_id)
    return Pattern(tuple(steps), days, sizes, tuple(_said(own, earlier, days, sizes)))


def _days_between(first: FlagRecord, second: FlagRecord) -> float:
    return (second.burn_time - first.burn_time).total_seconds() / 86_400.0


def _usual(figures: Sequence[float]) -> Usual | None:
    if len(figures) < _FEWEST:
        return None
    low, middle, high = np.quantile(figures, (0.1, 0.5, 0.9)).tolist()
    return Usual(low, middle, high, len(figures))


def _said(own: Step, earlier: Sequence[FlagRecord], days: Usual | None, sizes: Usual | None) -> list[str]:
    if not earlier:
        return ["No earlier burn of this object is flagged: there is no pattern to compare with."]
    span = _days_between(earlier[0], own.flag)
    many = f"{len(earlier)} earlier burn{'' if len(earlier) == 1 else 's'}"
    lines = [f"{many} of this object {'is' if len(earlier) == 1 else 'are'} flagged, the first {_days(span)} before."]
    if own.days_since is not None:
        line = f"{_days(own.days_since)} after the last burn"
        if days is not None:
            line += (
                f"; usually {_days(days.low)} to {_days(days.high)} lie between two, {_days(days.middle)} in the middle"
            )
        lines.append(f"{line}.")
    if own.flag.dv_m_s is not None and sizes is not None and sizes.middle > 0:
        ratio = own.flag.dv_m_s / sizes.middle
        lines.append(
            f"{_size(own.flag.dv_m_s)}: {number(ratio, decimals_of(ratio, 2, 2))} times the middle size of the earlier "
            f"burns ({_size(sizes.middle)}), which were mostly between {_size(sizes.low)} and {_size(sizes.high)}."
        )
    return lines


def _days(days: float) -> str:
    return f"{number(days, _decimals(days))} days"


def _decimals(days: float) -> int:
    return 1 if days < 100 else 0


def _size(dv_m_s: float) -> str:
    return f"{number(dv_m_s, decimals_of(dv_m_s, 2, 4))} m/s"
