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
    found, now, low = [], 1, 0
    while now < len(levels):
        if levels[now] <= levels[low]:
            low = now
        elif levels[now] - levels[low] > least:
            found.append(2 + max(i for i in range(low, now) if levels[i] <= levels[low] + least / 4))
            top = now
            while now + 1 < len(levels):
                now += 1
                if levels[now] > levels[top]:
                    top = now
                days = (times[now] - times[top]).total_seconds() / 86400
                if days > 1.5 or levels[top] - levels[now] > least:
                    break
            low = min(range(top, now + 1), key=lambda i: (levels[i], i))
        now += 1
    return found
