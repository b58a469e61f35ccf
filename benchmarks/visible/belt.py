"""Changes of drift in the geosynchronous belt that are plain to see, and what a replay said of them.

Nothing that the Earth, Moon and Sun do changes a drift by 0.12 deg/day within days (by the Earth's pull 0.02 in twelve days at most),
so who drifts otherwise than before was pushed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.cases import Replay
from benchmarks.visible.meeting import met
from catalog.records import mean_elements
from orbits.geosynchronous import mean_longitude_deg

LEAST_CHANGE_DEG_DAY = 0.12
SIDE = pd.Timedelta(days=6)  # within which a drift is told, to either side
LEAST_SETS = 4  # of each side
LEAST_APART_DAYS = 0.4  # of two sets whose slope counts
LARGEST_ECCENTRICITY = 0.02
LEAST_MOTION_REV_DAY, LARGEST_MOTION_REV_DAY = 0.9, 1.1
TOLD_WITHIN = pd.Timedelta(days=14)
_FLAT = 0.9  # of the largest change, what belongs to the flat top of its hill
_DAY = pd.Timedelta(days=1)

FloatArray = NDArray[np.float64]


def drift_changes(sets: pd.DataFrame) -> pd.DataFrame:
    """Changes of drift, each once.

    Parameters
    ----------
    sets : DataFrame
        Element sets, sorted by (norad_id, epoch), one an epoch.

    Returns
    -------
    DataFrame
        ``norad_id``, ``time`` (the middle of the gap), ``epoch_before`` and ``epoch_after`` (a set about it to either side), ``drift_before_deg_day``, ``drift_after_deg_day``, by object and time.
    """
    longitude = mean_longitude_deg(mean_elements(sets))
    motion, eccentricity = sets["mean_motion_rev_day"].to_numpy(np.float64), sets["eccentricity"].to_numpy(np.float64)
    norad_id, epoch = sets["norad_id"].to_numpy(np.int64), sets["epoch"]
    days = ((epoch - epoch.min()) / _DAY).to_numpy(np.float64)
    rows = []
    for start, stop in pairwise(np.flatnonzero(np.diff(norad_id, prepend=-1, append=-1)).tolist()):
        own, own_epoch = slice(start, stop), epoch.iloc[start:stop]
        if not LEAST_MOTION_REV_DAY < np.median(motion[own]) < LARGEST_MOTION_REV_DAY:
            continue
        if stop - start < 2 * LEAST_SETS or np.median(eccentricity[own]) > LARGEST_ECCENTRICITY:
            continue
        rows += [
            (norad_id[start], _middle(own_epoch, gap), own_epoch.iloc[gap - 1], own_epoch.iloc[gap + 2], before, after)
            for gap, before, after in _of_one(days[own], np.rad2deg(np.unwrap(np.deg2rad(longitude[own]))))
        ]
    columns = ["norad_id", "time", "epoch_before", "epoch_after", "drift_before_deg_day", "drift_after_deg_day"]
    return pd.DataFrame(rows, columns=columns).sort_values(["norad_id", "epoch_before"], ignore_index=True)


def told(changes: pd.DataFrame, replay: Replay) -> pd.DataFrame:
    """The changes with ``flagged``, by a flag whose burn may lie within a day and a half, and ``told_after_days``, until its finding had news.

    NaN where it had none within two weeks. A change that no day of the replay could see is left out.
    """
    first, last = replay.days.min(), replay.days.max()
    changes = changes[(changes["epoch_before"] > first) & (changes["epoch_after"] + 3 * _DAY <= last)].reset_index(
        drop=True
    )
    flags = replay.flags[replay.flags["explanation"] == "maneuver"]
    flags = flags.rename(columns={"burn_time_low": "epoch_before", "burn_time_high": "epoch_after"})
    days = []
    for change in changes.to_dict("records"):
        own = replay.findings.loc[replay.findings["norad_id"] == change["norad_id"], "day"]
        since = own[(own >= change["epoch_before"]) & (own <= change["time"] + TOLD_WITHIN)]
        days.append(max((since.min() - change["time"]) / _DAY, 0.0) if len(since) else np.nan)
    return changes.assign(flagged=met(changes, flags), told_after_days=days)


def _middle(epoch: pd.Series, gap: int) -> pd.Timestamp:
    before, after = epoch.iloc[gap], epoch.iloc[gap + 1]
    return before + (after - before) / 2


def _of_one(days: FloatArray, longitude_deg: FloatArray) -> Iterator[tuple[int, float, float]]:
    """The gap of each change of one object's drift, and the drift before and after it [deg/day]."""
    span = SIDE / _DAY
    ahead = np.searchsorted(days, days + span, side="right") - 1
    whole = days[ahead] - days > span / 2
    chord = (longitude_deg[ahead] - longitude_deg)[whole] / (days[ahead] - days)[whole]
    if not whole.any() or np.ptp(chord) < LEAST_CHANGE_DEG_DAY / 2:
        return  # it keeps its place, or drifts on
    middle = (days[:-1] + days[1:]) / 2
    first, last = np.searchsorted(days, days[:-1] - span), np.searchsorted(days, days[1:] + span, side="right")
    drifts = np.full((2, len(middle)), np.nan)
    for gap in np.flatnonzero((days[:-1] - span >= days[0]) & (days[1:] + span <= days[-1])):
        for side, part in enumerate((slice(first[gap], gap + 1), slice(gap + 1, last[gap]))):
            drifts[side, gap] = _slope(days[part], longitude_deg[part])
    size = np.nan_to_num(np.abs(drifts[1] - drifts[0]))
    while size.max() > LEAST_CHANGE_DEG_DAY:
        hill, gap = _hill(middle, size)
        yield gap, float(drifts[0, gap]), float(drifts[1, gap])
        size[hill] = 0.0


def _hill(days: FloatArray, size: FloatArray) -> tuple[slice, int]:
    """The gaps that show the largest change, until within its reach another one rises, and the middle one of the flat top.

    The top is flat since a median does not mind a few sets from beyond the change.
    """
    top, reach = int(size.argmax()), SIDE / _DAY
    flat, ends = [top, top], [top, top]
    for side, step in enumerate((-1, 1)):
        at, lowest = top, size[top]
        while 0 <= at + step < len(days) and abs(days[at + step] - days[top]) < 2 * reach:
            at += step
            if size[at] > lowest + LEAST_CHANGE_DEG_DAY / 2:
                break
            lowest = min(lowest, size[at])
            ends[side] = at
            if size[at] > _FLAT * size[top] and abs(at - flat[side]) == 1:
                flat[side] = at
    return slice(ends[0], ends[1] + 1), int(np.abs(days - (days[flat[0]] + days[flat[1]]) / 2).argmin())


def _slope(days: FloatArray, longitude_deg: FloatArray) -> float:
    """Repeated median of the slopes between sets that lie far enough apart (Siegel 1982, Biometrika 69, 242)."""
    if len(days) < LEAST_SETS:
        return np.nan
    apart = days[:, None] - days[None, :]
    far = np.abs(apart) >= LEAST_APART_DAYS
    if not far.any(axis=1).all():
        return np.nan
    slopes = (longitude_deg[:, None] - longitude_deg[None, :]) / np.where(far, apart, 1.0)
    return float(np.median([np.median(own[use]) for own, use in zip(slopes, far, strict=True)]))
