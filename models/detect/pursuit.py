"""Pursuit of persistent steps in a noisy series of steps, one object at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bottleneck
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MAD_TO_SIGMA = 1.4826022185056018  # of a normal distribution
_LEAST_GAPS = 8  # fewer say nothing about the noise
GROWN = ((0, 1), (1, 0), (1, 1))
GROWN_BEFORE = ((1, 0),)


@dataclass(frozen=True, slots=True)
class Run:
    """What one burn explains: a stretch of gaps whose steps go one way.

    Parameters
    ----------
    start, stop : int
        The gaps ``start:stop``; the burn shows first in ``start``.
    strength : float
        Its strongest box [local robust σ].
    """

    start: int
    stop: int
    strength: float


def moving_median(values: FloatArray, window: int, ahead: int) -> FloatArray:
    """Median over ``window`` values of which ``ahead`` lie after the current one, (N,); NaN with fewer than eight."""
    ahead = min(ahead, window - 1)
    padded = np.append(values, np.full(ahead, np.nan))
    if len(padded) < _LEAST_GAPS:
        return np.full(len(values), np.nan)
    return np.asarray(bottleneck.move_median(padded, min(window, len(padded)), min_count=_LEAST_GAPS)[ahead:])


def box_strengths(
    steps: FloatArray,
    spread: FloatArray,
    linked: NDArray[np.bool_],
    widths: tuple[int, ...],
    *,
    floor: float,
    window: int,
    ahead: int,
    grown: tuple[tuple[int, int], ...] = GROWN,
) -> FloatArray:
    """Signed strength of every box of successive steps [local robust σ], shape (widths, N).

    A box sums ``width`` steps from its gap on; its noise is the scaled median absolute deviation
    (Rousseeuw and Croux 1993) of the sums of that width nearby, so correlated noise and the tails
    of each width are met on their own terms. A burn persists: what counts is the least change
    that is left when the box grows by a gap before, after, or on both sides. So a lone bad element
    set, which steps out and back, counts for nothing.
    """
    count = len(steps)
    drag_free = np.concatenate(([0.0], np.cumsum(steps)))
    out = np.zeros((len(widths), count))
    first = np.arange(count)
    variance = np.concatenate(([0.0], np.cumsum(spread**2)))
    broken = np.concatenate(([0], np.cumsum(~linked)))
    for row, width in enumerate(widths):
        if width > count:
            continue
        sums = np.full(count, np.nan)
        whole = slice(0, count - width + 1)
        sums[whole] = drag_free[width:] - drag_free[:-width]
        scale = np.ones(count)
        scale[whole] = np.sqrt((variance[width:] - variance[:-width]) / width)
        center = moving_median(sums, window, ahead)
        change = sums - center
        sigma = scale * np.fmax(
            MAD_TO_SIGMA * moving_median(np.abs(change) / scale, window, ahead), floor * np.sqrt(width)
        )
        change[whole][broken[width:] > broken[1 : count - width + 2]] = 0.0
        least = np.abs(change)
        for before, after in grown:
            begin, end = np.maximum(first - before, 0), np.minimum(first + width + after, count)
            kept = (drag_free[end] - drag_free[begin]) * np.sign(change)
            least = np.minimum(least, np.maximum(kept, 0.0))
        out[row] = np.nan_to_num(np.sign(change) * least / sigma)
    return out


def pursue(
    strengths: FloatArray,
    linked: NDArray[np.bool_],
    widths: tuple[int, ...],
    join_sigma: float,
    join_ratio: float,
    split_ratio: float,
) -> list[Run]:
    """Accept the strongest box, then the strongest that does not overlap it, and so on; join what one burn smears.

    Matching pursuit (Mallat and Zhang 1993) with disjoint boxes: no estimate straddles a break that
    is already found. Boxes of one sign that follow each other with at most one gap between belong
    to one burn, unless there is a quiet gap between and the weaker is nearly as strong as the other
    (``split_ratio``): a smear fades, a campaign goes on.
    """
    count = strengths.shape[1]
    sizes = np.abs(strengths).ravel()
    candidates = np.flatnonzero(sizes >= join_sigma)
    taken = np.zeros(count + max(widths), dtype=np.bool_)
    boxes: list[tuple[int, int, float]] = []
    for candidate in candidates[np.argsort(-sizes[candidates], kind="stable")]:
        row, start = divmod(int(candidate), count)
        stop = start + widths[row]
        if not taken[start:stop].any():
            taken[start:stop] = True
            boxes.append((start, stop, float(strengths[row, start])))
    return _join(boxes, linked, join_sigma, join_ratio, split_ratio)


def runs_as_known(
    strengths: FloatArray,
    at_end: FloatArray,
    linked: NDArray[np.bool_],
    widths: tuple[int, ...],
    join_sigma: float,
    join_ratio: float,
    split_ratio: float,
    *,
    later_sets: int,
) -> Iterator[list[Run]]:
    """For each gap in turn the runs about it, pursued in what is known ``later_sets`` gaps after it.

    ``strengths`` are those of boxes with at least one gap after them, ``at_end`` those of boxes
    that end with the series.
    """
    count = strengths.shape[1]
    reach = 3 * max(widths) + later_sets
    for gap in range(count):
        end = min(gap + later_sets + 1, count)
        begin = max(0, end - reach)
        seen = strengths[:, begin:end].copy()
        for row, width in enumerate(widths):
            last = end - begin - width
            seen[row, max(last, 0) :] = 0.0
            if last >= 0:
                seen[row, last] = at_end[row, begin + last]
        runs = pursue(seen, linked[begin:end], widths, join_sigma, join_ratio, split_ratio)
        yield [Run(run.start + begin, run.stop + begin, run.strength) for run in runs]


def _join(
    boxes: list[tuple[int, int, float]],
    linked: NDArray[np.bool_],
    join_sigma: float,
    join_ratio: float,
    split_ratio: float,
) -> list[Run]:
    """Runs grown from the strongest box outwards; ``boxes`` come strongest first."""
    ordered = sorted(range(len(boxes)), key=lambda index: boxes[index][0])
    place = {index: position for position, index in enumerate(ordered)}
    used = [False] * len(boxes)
    runs = []
    for peak, (start, stop, strength) in enumerate(boxes):
        if used[place[peak]]:
            continue
        used[place[peak]] = True
        least = max(join_sigma, join_ratio * abs(strength))
        for direction in (-1, 1):
            position = place[peak] + direction
            while 0 <= position < len(boxes) and not used[position]:
                begin, end, other = boxes[ordered[position]]
                between = slice(end, start + 1) if direction < 0 else slice(stop, begin + 1)
                if between.stop - between.start > 2 or not linked[between].all():
                    break
                if other * np.sign(strength) < least:
                    break
                if between.stop - between.start > 1 and abs(other) >= split_ratio * abs(strength):
                    break
                used[position] = True
                start, stop = min(start, begin), max(stop, end)
                position += direction
        runs.append(Run(start, stop, abs(strength)))
    return runs
