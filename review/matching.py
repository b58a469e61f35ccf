"""Which known flag an event is, when an object's history is scored again with more data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

Window = Mapping[str, Any]  # norad_id, detector, epoch_before, epoch_after, burn_time


def match(events: Sequence[Window], flags: Sequence[Window], within: timedelta) -> list[int | None]:
    """The index of the flag that each event is, or None for a new one; one to one.

    First comes the same burn window, then overlapping windows (touching is not overlapping), then burn times nearer
    than ``within``; in each the nearest burn times first. Which detector found the burn counts only where several
    flags share the very window, as once there was one for each.
    """
    same = {_window(flag): index for index, flag in enumerate(flags)}
    own = {(flag["detector"], *_window(flag)): index for index, flag in enumerate(flags)}
    matches = [own.get((event["detector"], *_window(event)), same.get(_window(event))) for event in events]
    taken = {index for index in matches if index is not None}

    rest: dict[int, list[int]] = defaultdict(list)
    for index, flag in enumerate(flags):
        if index not in taken:
            rest[flag["norad_id"]].append(index)
    candidates = sorted(
        (rank, distance, position, index)
        for position, event in enumerate(events)
        if matches[position] is None
        for index in rest.get(event["norad_id"], ())
        for rank, distance in _nearness(event, flags[index], within)
    )
    for _, _, position, index in candidates:
        if matches[position] is None and index not in taken:
            matches[position] = index
            taken.add(index)
    return matches


def _window(item: Window) -> tuple[int, datetime, datetime]:
    return item["norad_id"], item["epoch_before"], item["epoch_after"]


def _nearness(event: Window, flag: Window, within: timedelta) -> list[tuple[int, timedelta]]:
    distance = abs(event["burn_time"] - flag["burn_time"])
    if event["epoch_before"] < flag["epoch_after"] and flag["epoch_before"] < event["epoch_after"]:
        return [(0, distance)]
    return [(1, distance)] if distance < within else []
