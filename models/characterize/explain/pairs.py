"""Two objects: element sets that were given to the wrong one, and objects that move as one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from catalog.numbers import least_dv_km_s
from catalog.records import epoch_us, mean_elements
from configs.explanation import ExplanationConfig
from models.characterize.explain.words import BAD_SET, CROSS_TAG, Finding
from models.characterize.secular import difference, equinoctial, rates
from orbits.elements import FloatArray, IntArray, MeanElements, semi_major_axis_km
from orbits.propagate import drift

US_PER_DAY = 86_400_000_000
_COARSE = 4.0  # the index finds what lies within so many times the span that is asked for
_PLANE_SLACK_RAD = 1e-3  # what the J2 rates of the index miss in a day ...
_ALONG_SLACK = 1e-4  # ... and, along the track, as a share of the turn: drag, and the error of the mean motion
_MOST_CANDIDATES = 60
_JUMP_KM_S = 0.05  # few satellites burn so much between two sets


class Sky(NamedTuple):
    """Element sets of all objects over a time, with what is needed to find like ones.

    Every set is carried to the noon of its day: an object's neighbors on a day are a stretch of the sets of that day
    in order of mean longitude.
    """

    norad_id: IntArray
    elements: MeanElements
    a_km: FloatArray
    bounds: dict[int, tuple[int, int]]  # of each object's sets, by epoch
    at_noon: FloatArray  # (N, 5) λ in [0, 2π), h, k, p, q
    order: IntArray  # of the sets, by day and λ
    longitude_rad: FloatArray  # λ in this order
    day: dict[int, tuple[int, int]]  # of the days in this order
    jumps: IntArray  # places of the sets that it took much Δv to come to


def sky_of(history: pd.DataFrame) -> Sky:
    """The sets of all objects over a time, sorted by (norad_id, epoch), made ready for searching."""
    elements = mean_elements(history)
    ids = history["norad_id"].to_numpy(np.int64)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    days = elements.epoch_us // US_PER_DAY
    to_noon = 0.5 - (elements.epoch_us - days * US_PER_DAY) / US_PER_DAY
    at_noon = _carried(elements, a_km, to_noon)
    order = np.lexsort((at_noon[:, 0], days)).astype(np.int64)
    after = np.flatnonzero(ids[1:] == ids[:-1]) + 1
    jumps = after[least_dv_km_s(elements, after - 1, after) > _JUMP_KM_S]
    return Sky(ids, elements, a_km, _stretches(ids), at_noon, order, at_noon[order, 0], _stretches(days[order]), jumps)


def _stretches(sorted_values: IntArray) -> dict[int, tuple[int, int]]:
    starts = np.flatnonzero(np.diff(sorted_values, prepend=np.iinfo(np.int64).min))
    stops = np.append(starts[1:], len(sorted_values))
    return {
        int(sorted_values[start]): (start, stop) for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)
    }


def cross_tags(
    events: pd.DataFrame,
    sky: Sky,
    names: Mapping[int, str],
    config: ExplanationConfig = ExplanationConfig(),
) -> Finding:
    """Events in which two objects exchange their orbits, and those of objects that move as one.

    After the window an object goes on where another was, and that one where the first was: the catalog numbers were exchanged
    if this leaves next to nothing of both steps. A single set of another object's orbit, from which the next one goes back, is a cross-tag too.
    Two objects whose sets agree in every element for days are docked (or their sets are shared): that is noted, but their common
    burn is one, and it stays a maneuver.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after; own_explanation where known.
    sky : Sky
        About the events.
    names : mapping of norad_id to name
    """
    finding = Finding(CROSS_TAG, len(events))
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    bad = (
        (events["own_explanation"] == BAD_SET).to_numpy()
        if "own_explanation" in events
        else np.zeros(len(events), bool)
    )
    for row, norad_id in enumerate(events["norad_id"].tolist()):
        if norad_id not in sky.bounds:
            continue
        start, stop = sky.bounds[norad_id]
        times = sky.elements.epoch_us[start:stop]
        before = start + int(np.searchsorted(times, begin_us[row], "right")) - 1
        after = start + int(np.searchsorted(times, end_us[row], "left"))
        if before < start or after >= stop:
            continue
        _exchanged(finding, row, before, after, sky, names, config)
        if not finding.explained[row]:
            _exchanged_planes(finding, row, before, after, sky, names, config)
        if not finding.explained[row] and bad[row]:
            _borrowed(finding, row, (before, after), sky, names, config)
        if not finding.explained[row]:
            _docked(finding, row, before, after, sky, names, config)
    return finding


def _exchanged(
    finding: Finding, row: int, before: int, after: int, sky: Sky, names: Mapping[int, str], config: ExplanationConfig
) -> None:
    own = sky.norad_id[before]
    jumped_km = _apart_km(sky, np.array([before]), np.array([after]))[0]
    span_km = config.swap_span * sky.a_km[after]
    # Whoever was, before, where this object is after.
    like = _like(sky, after, config.swap_span, config.near_days)
    like = like[(sky.norad_id[like] != own) & (sky.elements.epoch_us[like] < sky.elements.epoch_us[after])]
    taken = _apart_km(sky, like, np.full(len(like), after))
    like = like[taken < min(span_km, config.swap_share * jumped_km)]
    for other in np.unique(sky.norad_id[like]).tolist():
        left = _around(sky, other, before, after, config.near_days)
        stepped = _apart_km(sky, left, left + 1)
        taken = _apart_km(sky, left, np.full(len(left), after))
        given = _apart_km(sky, np.full(len(left), before), left + 1)
        swapped = (taken < config.swap_share * jumped_km) & (given < config.swap_share * stepped)
        swapped &= (taken < span_km) & (given < span_km)
        if swapped.any():
            best = int(np.argmin(np.where(swapped, taken + given, np.inf)))
            finding.say(
                row,
                f"exchanged with {_name(other, names)}: this object goes on {taken[best]:.1f} km from where that one was, "
                f"and that one {given[best]:.1f} km from where this one was; each for itself would have jumped by "
                f"{jumped_km:.0f} and {stepped[best]:.0f} km",
            )
            return


def _exchanged_planes(
    finding: Finding, row: int, before: int, after: int, sky: Sky, names: Mapping[int, str], config: ExplanationConfig
) -> None:
    """Explain a jump by another object's about the same time, where exchanged numbers leave next to nothing of both.

    By plane, size and shape of the orbits alone: where along them two objects are that maneuver or feel much drag, days foretell badly.
    """
    others = sky.jumps[sky.norad_id[sky.jumps] != sky.norad_id[before]]
    away_us = np.abs(sky.elements.epoch_us[others] - sky.elements.epoch_us[after])
    others = others[away_us <= config.near_days * US_PER_DAY]
    here = np.full(len(others), after), np.full(len(others), before)
    jumped = least_dv_km_s(sky.elements, here[1], here[0])
    stepped = least_dv_km_s(sky.elements, others - 1, others)
    taken, given = least_dv_km_s(sky.elements, others - 1, here[0]), least_dv_km_s(sky.elements, here[1], others)
    left = np.where(np.maximum(taken, given) < config.swap_share * np.minimum(jumped, stepped), taken + given, np.inf)
    if len(left) and np.isfinite(left.min()) and jumped[0] > _JUMP_KM_S:
        best = int(np.argmin(left))
        finding.say(
            row,
            f"exchanged with {_name(int(sky.norad_id[others[best]]), names)}: each goes on in the plane and orbit of the other, to within "
            f"{1e3 * max(taken[best], given[best]):.0f} m/s; each for itself would have jumped by {1e3 * jumped[best]:.0f} and "
            f"{1e3 * stepped[best]:.0f} m/s or more",
        )


def _around(sky: Sky, other: int, before: int, after: int, days: float) -> IntArray:
    """An object's sets, each with a next one, about the window of another."""
    start, stop = sky.bounds[other]
    slack_us = int(days * US_PER_DAY)
    ends_us = sky.elements.epoch_us[before] - slack_us, sky.elements.epoch_us[after] + slack_us
    first, last = start + np.searchsorted(sky.elements.epoch_us[start:stop], ends_us)
    return np.arange(first, last - 1)


def _borrowed(
    finding: Finding,
    row: int,
    suspects: tuple[int, int],
    sky: Sky,
    names: Mapping[int, str],
    config: ExplanationConfig,
) -> None:
    """Explain a bad set by whose orbit it is of."""
    for suspect in suspects:
        like = _like(sky, suspect, config.swap_span, config.near_days)
        own = sky.norad_id[suspect]
        start, stop = sky.bounds[int(own)]
        beside = np.array([place for place in (suspect - 1, suspect + 1) if start <= place < stop], dtype=np.int64)
        # From its own object's sets on both sides: beside a bad set a good one is far from one of them only.
        jumped_km = _apart_km(sky, beside, np.full(len(beside), suspect)).min(initial=np.inf)
        like = like[sky.norad_id[like] != own]
        apart = _apart_km(sky, like, np.full(len(like), suspect))
        if len(like) and apart.min() < config.swap_share * jumped_km:
            other = int(sky.norad_id[like[np.argmin(apart)]])
            epoch = pd.Timestamp(int(sky.elements.epoch_us[suspect]), unit="us")
            finding.say(
                row,
                f"the set of {epoch:%Y-%m-%d %H:%M} is {_name(other, names)}'s: {apart.min():.1f} km from its orbit, "
                f"{jumped_km:.0f} km from this object's",
            )
            return


def _docked(
    finding: Finding, row: int, before: int, after: int, sky: Sky, names: Mapping[int, str], config: ExplanationConfig
) -> None:
    """Note with whom an object moved as one before the event, after it, or both."""
    own = int(sky.norad_id[before])
    (earlier, lately), (later, since) = (
        _companions(sky, place, step, own, config) for place, step in ((before, -1), (after, 1))
    )
    lasting, meeting, parting = earlier & later, later - earlier, earlier - later
    then = "from then on" if since else "in the only set since"
    until = "until then" if lately else "in the only set before"
    said = []
    for others, text in (
        (
            lasting,
            "moves as one with {}: docked, in close formation, or cross-tagged; which of them burned is not told",
        ),
        (meeting, f"{then} as one with {{}}: docked, in close formation, or cross-tagged"),
        (
            parting,
            f"{until} as one with {{}}: docked, in close formation, or cross-tagged; which of them burned is not told",
        ),
    ):
        if others:
            shown = sorted(others)
            listed = ", ".join(_name(other, names) for other in shown[:3])
            said.append(text.format(listed if len(shown) <= 3 else f"{listed} and {len(shown) - 3} more"))
    if said:
        finding.say(row, "; ".join(said), explained=False)


def _companions(sky: Sky, place: int, step: int, own: int, config: ExplanationConfig) -> tuple[set[int], bool]:
    """Objects whose sets agree with this one's at ``place`` and again some days to that side of it.

    Where there is no set on that side but this one, it says so with False.
    """
    start, stop = sky.bounds[own]
    if not start <= place + step < stop:
        return _same(sky, place, own, config), False
    # The set next to a burn is often smeared over it: the one beyond will do.
    found = _same(sky, place, own, config) | _same(sky, place + step, own, config)
    if not found:
        return found, True
    far = place + step
    least_us = config.docked_days * US_PER_DAY
    while start <= far < stop and abs(sky.elements.epoch_us[far] - sky.elements.epoch_us[place]) < least_us:
        far += step
    if start <= far + step < stop and far == place + step:
        far += step
    return (found & _same(sky, far, own, config) if start <= far < stop else set()), True


def _same(sky: Sky, place: int, own: int, config: ExplanationConfig) -> set[int]:
    like = _like(sky, place, config.docked_span, config.near_days)
    like = like[sky.norad_id[like] != own]
    if not len(like):
        return set()
    # Of each other object the set nearest in time: the others are carried over longer, through its burns.
    away = np.abs(sky.elements.epoch_us[like] - sky.elements.epoch_us[place])
    like = like[np.lexsort((away, sky.norad_id[like]))]
    like = like[np.unique(sky.norad_id[like], return_index=True)[1]]
    apart = _apart_km(sky, like, np.full(len(like), place))
    return set(sky.norad_id[like[apart <= config.docked_span * sky.a_km[place]]].tolist())


def _like(sky: Sky, place: int, span: float, days: float) -> IntArray:
    """Sets within some days whose orbit is near that of one set, all objects' and its own, the nearest in time first."""
    epoch_us = int(sky.elements.epoch_us[place])
    wide = int(np.ceil(days))
    numbers = epoch_us // US_PER_DAY + np.arange(-wide, wide + 1)
    away_days = np.maximum(np.abs(numbers + 0.5 - epoch_us / US_PER_DAY) + 0.5, 1.0)
    alone = sky.elements[np.full(len(numbers), place)]
    to_noon = np.asarray(numbers + 0.5 - epoch_us / US_PER_DAY, dtype=np.float64)
    own = _carried(alone, np.full(len(numbers), sky.a_km[place]), to_noon)
    turned_rad = 2 * np.pi * sky.elements.mean_motion_rev_day[place] * away_days
    along_rad, slack_rad = _COARSE * span + _ALONG_SLACK * turned_rad, _COARSE * span + _PLANE_SLACK_RAD * away_days
    parts = []
    for k, number in enumerate(numbers.tolist()):
        if number not in sky.day:
            continue
        start, stop = sky.day[number]
        for turn in (-2 * np.pi, 0.0, 2 * np.pi):
            ends = own[k, 0] + turn - along_rad[k], own[k, 0] + turn + along_rad[k]
            if ends[1] < 0 or ends[0] > 2 * np.pi:
                continue
            low, high = np.searchsorted(sky.longitude_rad[start:stop], ends)
            rows = sky.order[start + low : start + high]
            parts.append(rows[(np.abs(sky.at_noon[rows, 1:] - own[k, 1:]) <= slack_rad[k]).all(1)])
    rows = np.concatenate([np.empty(0, np.int64), *parts])
    rows = rows[np.abs(sky.a_km[rows] / sky.a_km[place] - 1) <= _COARSE * span]
    gap_us = np.abs(sky.elements.epoch_us[rows] - epoch_us)
    nearest: IntArray = rows[np.argsort(gap_us, kind="stable")][:_MOST_CANDIDATES]
    return nearest


def _carried(elements: MeanElements, a_km: FloatArray, days: FloatArray) -> FloatArray:
    """Equinoctial λ in [0, 2π), h, k, p, q (N, 5) of sets carried over a time by J2's secular rates."""
    inclination, eccentricity = np.radians(elements.inclination_deg), elements.eccentricity
    turns = rates(a_km, eccentricity**2, np.cos(inclination)) * np.asarray(days)[:, None]
    node = np.radians(elements.raan_deg)
    pericenter = node + np.radians(elements.arg_pericenter_deg)
    longitude = pericenter + np.radians(elements.mean_anomaly_deg) + turns[:, 2]
    node, pericenter, tilt = node + turns[:, 1], pericenter + turns[:, 0], np.tan(0.5 * inclination)
    return np.column_stack(
        [
            np.mod(longitude, 2 * np.pi),
            eccentricity * np.sin(pericenter),
            eccentricity * np.cos(pericenter),
            tilt * np.sin(node),
            tilt * np.cos(node),
        ]
    )


def _apart_km(sky: Sky, first: IntArray, second: IntArray) -> FloatArray:
    """How far (N,) the first set's orbit, carried to the second's epoch, is from the second's [km]; infinite where SGP4 fails.

    The root sum square of the differences of the equinoctial elements, each as the length that it moves the object by.
    """
    if not len(first):
        return np.empty(0)
    own, place = np.unique(second, return_inverse=True)
    at_own = equinoctial(drift(sky.elements[own], sky.elements.epoch_us[own]))
    step = difference(at_own[place], equinoctial(drift(sky.elements[first], sky.elements.epoch_us[second])))
    scale = np.outer(sky.a_km[second], [0.0, 1.0, 1.0, 2.0, 2.0, 1.0])
    scale[:, 0] = 1.0
    return np.asarray(np.nan_to_num(np.linalg.norm(step * scale, axis=1), nan=np.inf), dtype=np.float64)


def _name(norad_id: int, names: Mapping[int, str]) -> str:
    name = names.get(norad_id, "")
    return f"{name} ({norad_id})" if name else str(norad_id)
