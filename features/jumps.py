"""Two-sided steps of the drag-free semi-major axis: the sets after a gap against those before it."""

from __future__ import annotations

from itertools import pairwise

import bottleneck
import numpy as np

from features.column import Column
from features.history import Gaps
from orbits.elements import FloatArray

LATER = (0, 1, 2, 3)

COLUMNS = [
    Column(
        f"jump_a_m_k{k}",
        "m",
        "float64",
        f"median of the drag-free semi-major axis over the later set and at most {k} after it, less the median over "
        "the sets up to the earlier one",
        later_sets=k,
    )
    for k in LATER
]


def jumps(step_a_m: FloatArray, gaps: Gaps, before_sets: int) -> dict[str, FloatArray]:
    """Two-sided steps with 0 to 3 sets after the later one, each (G,).

    The running sum of ``step_a_m`` is the semi-major axis freed of the drag that SGP4 accounts for.
    Medians over both sides ignore a lone bad set; a step that is not known counts as none.
    """
    out = {f"jump_a_m_k{k}": np.full(len(gaps), np.nan) for k in LATER}
    known = np.nan_to_num(step_a_m)
    for start, stop in pairwise(gaps.bounds.tolist()):
        drag_free_m = np.concatenate(([0.0], np.cumsum(known[start:stop])))
        before = bottleneck.move_median(drag_free_m, min(before_sets, len(drag_free_m)), min_count=1)[:-1]
        for k in LATER:
            out[f"jump_a_m_k{k}"][start:stop] = _leading_median(drag_free_m, k + 1)[1:] - before
    return out


def _leading_median(values: FloatArray, window: int) -> FloatArray:
    """Median of each value and at most ``window - 1`` after it."""
    window = min(window, len(values))
    return np.asarray(bottleneck.move_median(values[::-1], window, min_count=1)[::-1])
