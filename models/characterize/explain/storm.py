"""Geomagnetic storms: drag that all objects of like altitude feel on the same days."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements
from configs.explanation import ExplanationConfig
from models.characterize.explain.words import DRAG_STORM, Finding
from models.characterize.noise import MAD_TO_SIGMA
from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import FloatArray, IntArray, semi_major_axis_km
from orbits.propagate import drift

US_PER_DAY = 86_400_000_000
_LEAST_DECAY_M_DAY = 0.5  # objects that hardly feel the air say nothing of it
_USUAL_GAPS = 3
_BALLISTIC = 0.5  # the usual excess of an object that does not thrust is well inside this


class Drag(NamedTuple):
    """The gaps of all objects in low orbits, sorted by object and epoch."""

    norad_id: IntArray
    begin_us: IntArray
    end_us: IntArray
    height_km: FloatArray  # mean, of the earlier set
    expected_m: FloatArray  # decay of the semi-major axis as SGP4 foresaw it
    step_m: FloatArray  # what the later set says beyond that: negative where the orbit fell more


class _Event(NamedTuple):
    norad_id: int
    begin_us: int
    end_us: int


def drag_of(history: pd.DataFrame, config: ExplanationConfig) -> Drag:
    """Decay foreseen and found over every gap of the objects below ``config.storm_ceiling_km``.

    Parameters
    ----------
    history : DataFrame
        Element sets of all objects over a time, sorted by (norad_id, epoch).
    """
    elements = mean_elements(history)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    ids, height = history["norad_id"].to_numpy(np.int64), a_km - EARTH_RADIUS_KM
    low = height < config.storm_ceiling_km
    pair = np.flatnonzero((ids[1:] == ids[:-1]) & low[1:] & low[:-1] & (np.diff(elements.epoch_us) > 0))
    begin_us, end_us = elements.epoch_us[pair], elements.epoch_us[pair + 1]
    carried_km = drift(elements[pair], end_us).a_km
    known = np.isfinite(carried_km)
    expected_m, step_m = 1e3 * (a_km[pair] - carried_km), 1e3 * (a_km[pair + 1] - carried_km)
    pair = pair[known]
    return Drag(ids[pair], begin_us[known], end_us[known], height[pair], expected_m[known], step_m[known])


def storms(
    events: pd.DataFrame, drag: Drag, weather: pd.DataFrame, config: ExplanationConfig = ExplanationConfig()
) -> Finding:
    """Events that a storm made: the orbit fell more than SGP4 foresaw, and so did its neighbors' in altitude.

    Drag of one air on several objects falls by the same share over what their B* foresees. The neighbors' median
    share over the event's window, each less its own usual one, is thus what the event's object should
    show. An event that goes with it, and not beyond ``config.storm_factor`` of it, is the storm's; a burn adds to it or goes
    against it. Objects that thrust have no usual share and are left out of the median. Without enough neighbors
    a daily Ap of ``config.storm_ap`` and a B* that rises after stand for them.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after, delta_a_km.
    drag : Drag
        About the events, from ``config.storm_context_days`` before the first to the last one's window.
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``, may be empty.
    """
    finding = Finding(DRAG_STORM, len(events))
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    delta_a_m = 1e3 * events["delta_a_km"].to_numpy(np.float64)
    for row, norad_id in enumerate(events["norad_id"].tolist()):
        event = _Event(norad_id, int(begin_us[row]), int(end_us[row]))
        if event.end_us - event.begin_us > config.storm_window_days * US_PER_DAY:
            continue
        own = _own(event, drag, config)
        if own is None or own.excess <= 0:
            continue
        ap = _largest_ap(event, weather)
        if ap < config.storm_least_ap:
            continue
        shared, spread, count = _shared(event, own.height_km, drag, config)
        felt = f"it fell {100 * own.excess:.0f} % more than its B* foresaw"
        if count >= config.storm_neighbors:
            certain = shared > max(config.storm_excess, 2.0 * 1.25 * spread / np.sqrt(count))
            most = config.storm_factor * shared
            note = (
                f"{felt}, the {count} objects within {config.storm_band_km:.0f} km of altitude "
                f"{100 * shared:.0f} % more over the same days{f'; daily Ap up to {ap:.0f}' if np.isfinite(ap) else ''}"
            )
        else:
            certain, most = ap >= config.storm_ap, config.storm_ap_excess
            note = f"{felt} while Ap was {ap:.0f}; no neighbors in altitude to compare with"
        # What the sets further on agree to be the step is no more than such drag takes: else a burn came with the storm.
        lasting_m = config.storm_lasts * most * own.foreseen_m
        if certain and own.excess <= most and not abs(delta_a_m[row]) > lasting_m:
            finding.say(row, note)
    return finding


class _Own(NamedTuple):
    height_km: float
    foreseen_m: float  # decay over the window as SGP4 has it
    excess: float  # what it fell beyond that, as a share, less the usual


def _own(event: _Event, drag: Drag, config: ExplanationConfig) -> _Own | None:
    """The drag of an event's object over its window; None where it tells nothing."""
    start, stop = (
        np.searchsorted(drag.norad_id, event.norad_id, "left"),
        np.searchsorted(drag.norad_id, event.norad_id, "right"),
    )
    begin, end = drag.begin_us[start:stop], drag.end_us[start:stop]
    within = (begin >= event.begin_us) & (end <= event.end_us)
    if not within.any():
        return None
    expected, step = drag.expected_m[start:stop], drag.step_m[start:stop]
    days = (end[within] - begin[within]).sum() / US_PER_DAY
    foreseen = expected[within].sum()
    if foreseen < _LEAST_DECAY_M_DAY * days:
        return None
    since = event.begin_us - int(config.storm_context_days * US_PER_DAY)
    before = (end <= event.begin_us) & (end > since) & (expected > 0)
    usual = float(np.median(-step[before] / expected[before])) if before.sum() >= _USUAL_GAPS else 0.0
    if abs(usual) > _BALLISTIC:
        return None
    height = float(drag.height_km[start:stop][within][0])
    return _Own(height, float(foreseen), float(-step[within].sum() / foreseen - usual))


def _shared(event: _Event, height_km: float, drag: Drag, config: ExplanationConfig) -> tuple[float, float, int]:
    """Median excess of the neighbors in altitude over the event's window, its robust σ among them, and their number."""
    since = event.begin_us - int(config.storm_context_days * US_PER_DAY)
    near = np.abs(drag.height_km - height_km) <= config.storm_band_km
    near &= (drag.end_us > since) & (drag.begin_us < event.end_us) & (drag.norad_id != event.norad_id)
    rows = np.flatnonzero(near)
    ids, begin, end = drag.norad_id[rows], drag.begin_us[rows], drag.end_us[rows]
    overlap = np.minimum(end, event.end_us) - np.maximum(begin, event.begin_us)
    # A gap counts for the window if most of the shorter of the two lies in the other.
    during = overlap >= 0.5 * np.minimum(end - begin, event.end_us - event.begin_us)
    during &= end - begin <= 3 * max(event.end_us - event.begin_us, US_PER_DAY)
    expected, step, days = drag.expected_m[rows], drag.step_m[rows], (end - begin) / US_PER_DAY
    objects, code = np.unique(ids, return_inverse=True)

    def summed(values: FloatArray) -> FloatArray:
        return np.bincount(code[during], values[during], len(objects)).astype(np.float64)

    foreseen = summed(expected)
    shares_of_gaps = -step / np.where(expected > 0, expected, 1.0)
    usual = _medians(code, shares_of_gaps, (end <= event.begin_us) & (expected > 0), len(objects))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = -summed(step) / foreseen - usual
    known = (foreseen > _LEAST_DECAY_M_DAY * summed(days)) & (foreseen > 0) & (np.abs(usual) <= _BALLISTIC)
    shares = share[known]
    if not len(shares):
        return 0.0, 0.0, 0
    median = float(np.median(shares))
    return median, float(MAD_TO_SIGMA * np.median(np.abs(shares - median))), len(shares)


def _medians(code: IntArray, values: FloatArray, mask: NDArray[np.bool_], count: int) -> FloatArray:
    """Median of the values of each of ``count`` objects, of those in the mask; NaN with too few of them.

    A burn among the gaps says nothing of an object's drag, so no mean will do.
    """
    code, values = code[mask], values[mask]
    order = np.lexsort((values, code))
    number = np.bincount(code, minlength=count)
    start = np.cumsum(number) - number
    enough = number >= _USUAL_GAPS
    out = np.full(count, np.nan)
    low, high = (start + (number - 1) // 2)[enough], (start + number // 2)[enough]
    out[enough] = 0.5 * (values[order][low] + values[order][high])
    return out


def _largest_ap(event: _Event, weather: pd.DataFrame) -> float:
    """Largest daily Ap from the day before the window to its end, NaN where it is not known."""
    if weather.empty:
        return np.nan
    days = epoch_us(weather["date"])
    within = (days > event.begin_us - 2 * US_PER_DAY) & (days <= event.end_us) & weather["observed"].to_numpy(np.bool_)
    return float(weather.loc[within, "ap_daily"].max()) if within.any() else np.nan
