"""Slow, obvious versions of the feature kernels."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us, mean_elements
from orbits.propagate import propagate


def residual_rtn_km(history: pd.DataFrame, later: int, earlier: int) -> np.ndarray:
    """Position of one set less that of an earlier one at the later epoch, in RTN of the later set [km]."""
    times = epoch_us(history["epoch"])
    after = propagate(mean_elements(history.iloc[[later]]), times[[later]])
    before = propagate(mean_elements(history.iloc[[earlier]]), times[[later]])
    r, v = after.position_km[0], after.velocity_km_s[0]
    radial = r / np.linalg.norm(r)
    normal = np.cross(r, v) / np.linalg.norm(np.cross(r, v))
    along = np.cross(normal, radial)
    miss = r - before.position_km[0]
    return np.array([radial @ miss, along @ miss, normal @ miss])


def jumps_m(step_a_m: np.ndarray, later: int, before_sets: int) -> np.ndarray:
    """Two-sided steps of one object, set by set."""
    drag_free = [0.0]
    for step in step_a_m:
        drag_free.append(drag_free[-1] + (0.0 if np.isnan(step) else step))
    out = []
    for gap in range(len(step_a_m)):
        after = drag_free[gap + 1 : gap + 2 + later]
        before = drag_free[max(0, gap + 1 - before_sets) : gap + 1]
        out.append(np.median(after) - np.median(before))
    return np.array(out)


def past_z(values: np.ndarray, gap: int, lag: int, window: int, least: int, floor: float) -> float:
    """Robust z of one value against the ``window`` values up to ``lag`` before it."""

    def center(at: int) -> float:
        past = values[max(0, at - window + 1) : at + 1]
        if len(past) >= least:
            return float(np.median(past))
        return float(np.median(values[:least]))

    at = gap - lag
    if at + 1 < least:
        return np.nan
    deviations = [abs(values[j] - center(j)) for j in range(max(0, at - window + 1), at + 1)]
    sigma = 1.4826022185056018 * float(np.median(deviations))
    return (values[gap] - center(at)) / max(sigma, floor)


def environment(before_us: int, after_us: int, weather: pd.DataFrame) -> tuple[float, float]:
    """Highest daily Ap from the day before the gap to the last complete day, and that day's F10.7."""
    day = 86_400_000_000
    last = after_us // day - 1
    first = min(before_us // day - 1, last)
    days = epoch_us(weather["date"]) // day
    inside = weather[(days >= first) & (days <= last)]
    return float(inside["ap_daily"].max()), float(weather.loc[days == last, "f107_obs_sfu"].iloc[0])


def greedy_boxes(strengths: np.ndarray, widths: tuple[int, ...], least: float) -> list[tuple[int, int]]:
    """Strongest box, then the strongest that does not overlap it, by rescanning all of them each time."""
    left = np.abs(strengths).copy()
    taken: set[int] = set()
    boxes = []
    while left.max() >= least:
        row, start = np.unravel_index(int(np.argmax(left)), left.shape)
        span = set(range(int(start), int(start) + widths[row]))
        left[row, start] = 0.0
        if not span & taken:
            taken |= span
            boxes.append((int(start), int(start) + widths[row]))
    return sorted(boxes)
