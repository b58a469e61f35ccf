"""Slow, obvious versions of the kernels of models.detect."""

from __future__ import annotations

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
