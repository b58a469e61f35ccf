"""Slow, obvious versions of the kernels of models.detect."""

from __future__ import annotations

import statistics

import numpy as np


def kink_m(days, phase_rev, a_m, motion_rev_day, gap, before, after):
    """Two lines that meet in the middle of a gap, by least squares; what their slopes differ by as a semi-major axis [m]."""
    middle = (days[gap - 1] + days[gap]) / 2
    rows, values = [], []
    for at in range(gap - before, gap + after):
        since = days[at] - middle
        rows.append([1.0, since, max(since, 0.0)])
        values.append(phase_rev[at] - phase_rev[gap - 1])
    slopes = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return -2 / 3 * a_m * slopes[2] / motion_rev_day


def climbs(features):
    """Begins of climbs of one object, set by set: `models.characterize.climb`."""
    axis = [1e3 * value for value in features["a_km"]]
    times = list(features["epoch"])
    second = [abs(axis[i + 2] - 2 * axis[i + 1] + axis[i]) for i in range(len(axis) - 2)]
    least = max(300.0, 8 * statistics.median(second) / (0.67448975 * 6**0.5))
    levels = [statistics.median(axis[i : i + 3]) for i in range(len(axis) - 2)]
    days = [(time - times[0]).total_seconds() / 86400 for time in times]
    found, since, now = [], 0, 1
    while now < len(levels):
        low = min(
            (i for i in range(since, now) if days[now] - days[i] <= 20.0), key=lambda i: (levels[i], -i), default=now
        )
        fell = min(i for i in range(low + 1) if days[low] - days[i] <= 1.5)
        if levels[now] - levels[low] > least and max(levels[fell : low + 1]) > levels[now] - least / 4:
            since = now
        elif levels[now] - levels[low] > least:
            found.append(2 + max(i for i in range(low, now) if levels[i] <= levels[low] + least / 4))
            risen = now
            while now + 1 < len(levels):
                now += 1
                if levels[now] > levels[risen] + least / 4:
                    risen = now
                elif days[now] - days[risen] > 1.5 or levels[risen] - levels[now] > least:
                    break
            since = risen
        now += 1
    return found
