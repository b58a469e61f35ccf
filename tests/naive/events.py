"""Slow, obvious versions of how scores become events."""

from __future__ import annotations

import math
from collections.abc import Sequence


def forward_events(
    begins_days: Sequence[float],
    scores: Sequence[float],
    threshold: float,
    *,
    later_sets: int,
    separation_days: float,
    rival_days: float,
    rival_ratio: float,
    log_odds: bool = False,
) -> list[int]:
    """Gaps of one object that are events, by walking from set to set and deciding one gap at each."""
    events = []
    for newest in range(len(scores)):
        gap = newest - later_sets
        if gap < 0 or scores[gap] <= threshold:
            continue
        earlier = [
            (begins_days[gap] - begins_days[other], scores[other])
            for other in range(gap)
            if scores[other] > threshold and begins_days[gap] - begins_days[other] < separation_days
        ]
        strongest = max((score for days, score in earlier if days >= rival_days), default=-math.inf)
        much = math.inf if log_odds else strongest / rival_ratio
        part_of_the_last = any(days < rival_days for days, _ in earlier)
        if not earlier or (not part_of_the_last and scores[gap] >= much):
            events.append(gap)
    return events
