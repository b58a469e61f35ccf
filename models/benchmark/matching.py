"""One-to-one matching of events with labelled maneuvers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us

_DAY_US = 86_400e6

Rule = Literal["point", "gap"]


@dataclass(frozen=True, slots=True)
class Matches:
    """Which event found which maneuver.

    Parameters
    ----------
    event_to_maneuver : (E,) int64
        Row of the maneuver that each event found, -1 for none (a false alarm).
    maneuver_to_event : (M,) int64
        Row of the event that found each maneuver, -1 for none (a miss).
    """

    event_to_maneuver: NDArray[np.int64]
    maneuver_to_event: NDArray[np.int64]


def point_estimates_us(events: pd.DataFrame) -> NDArray[np.int64]:
    """Each event's estimate of the burn time [us]: ``burn_time``, else ``burn_time_hint``, else the middle of its gap."""
    estimate = (epoch_us(events["epoch_before"]) + epoch_us(events["epoch_after"])) // 2
    for name in ("burn_time_hint", "burn_time"):
        if name in events.columns:
            known = events[name].notna().to_numpy()
            estimate = np.where(known, epoch_us(events[name].fillna(events["epoch_before"])), estimate)
    return estimate


def burn_windows_us(maneuvers: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From when to when each burn may have been [us]: ``window_start`` to ``window_end``, else the instant ``burn_time``."""
    bounds = []
    for name in ("window_start", "window_end"):
        known = maneuvers[name] if name in maneuvers.columns else maneuvers["burn_time"]
        bounds.append(epoch_us(known.fillna(maneuvers["burn_time"])))
    return bounds[0], bounds[1]


def apart_us(
    first: tuple[NDArray[np.int64], NDArray[np.int64]], second: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """How far two stretches of time, each from and to, are from each other [us]; 0 where they touch."""
    return np.asarray(np.maximum(0, np.maximum(first[0] - second[1], second[0] - first[1])))


def match(events: pd.DataFrame, maneuvers: pd.DataFrame, window_days: float = 1.5, rule: Rule = "point") -> Matches:
    """Match events with maneuvers of the same object one to one, nearest first.

    Parameters
    ----------
    events, maneuvers : DataFrame
        Events (``models.detect.candidates``) and maneuvers (``models.benchmark.labels.merge_burns``).
    window_days : float
        How far apart they may be [day].
    rule : {'point', 'gap'}
        Distance from the event's point estimate, or from its bracketing gap (0 inside it), to the maneuver's window: to its
        instant, where that is known.
    """
    event_to, maneuver_to = np.full(len(events), -1, np.int64), np.full(len(maneuvers), -1, np.int64)
    found, sought, apart = pairs(events, maneuvers, window_days, rule)
    for pair in np.lexsort((found, sought, *reversed(apart))):
        event, maneuver = found[pair], sought[pair]
        if event_to[event] < 0 and maneuver_to[maneuver] < 0:
            event_to[event], maneuver_to[maneuver] = maneuver, event
    return Matches(event_to, maneuver_to)


def inside(norad_id: pd.Series, times_us: NDArray[np.int64], spans: pd.DataFrame) -> NDArray[np.bool_]:
    """Mask of what belongs to a satellite of ``spans`` and lies in its evaluated span."""
    owners = norad_id.to_numpy()
    mask = np.zeros(len(owners), np.bool_)
    for satellite, start, stop in zip(
        spans["norad_id"], epoch_us(spans["start"]), epoch_us(spans["stop"]), strict=True
    ):
        mask |= (owners == satellite) & (times_us >= start) & (times_us <= stop)
    return mask


def lists_all(spans: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether all burns of each satellite are listed, so that what is found beside them is a false alarm, (S,)."""
    if "partial" not in spans.columns:
        return np.ones(len(spans), np.bool_)
    return ~spans["partial"].to_numpy(np.bool_)


def pairs(
    events: pd.DataFrame, maneuvers: pd.DataFrame, window_days: float, rule: Rule
) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[NDArray[np.float64], ...]]:
    """Every event and maneuver of one object within the window: rows of both, distances [us] to sort by."""
    points_us, windows = point_estimates_us(events), burn_windows_us(maneuvers)
    before_us, after_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    firing, owners = events["norad_id"].to_numpy(), maneuvers["norad_id"].to_numpy()
    none = np.empty(0, np.int64)
    found, sought, distance, to_point = [none], [none], [np.empty(0)], [np.empty(0)]
    for norad_id in np.intersect1d(firing, owners):
        own, rows = np.flatnonzero(firing == norad_id)[:, None], np.flatnonzero(owners == norad_id)
        labels = windows[0][rows], windows[1][rows]
        point = apart_us((points_us[own], points_us[own]), labels)
        apart = apart_us((before_us[own], after_us[own]), labels) if rule == "gap" else point
        event, maneuver = np.nonzero(apart <= window_days * _DAY_US)
        found.append(own[event, 0])
        sought.append(rows[maneuver])
        distance.append(apart[event, maneuver].astype(np.float64))
        to_point.append(point[event, maneuver].astype(np.float64))
    return np.concatenate(found), np.concatenate(sought), (np.concatenate(distance), np.concatenate(to_point))
