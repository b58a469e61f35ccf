"""Where along its orbit an object is tells its mean motion better than the mean motion of its element sets does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.detect.pursuit import FloatArray

INPUTS = ("a_km", "mean_motion_rev_day", "inclination_deg", "raan_deg", "arg_pericenter_deg", "mean_anomaly_deg")

Columns = Mapping[str, NDArray[Any]]

_US_A_DAY = 86_400e6
_DEG_A_REV = 360.0


class Track(NamedTuple):
    """An object's gaps in order, (N,) each.

    Parameters
    ----------
    days : (N,) float64
        Epochs [days].
    phase_rev : (N,) float64
        Along-track phase, counted on from set to set [rev].
    a_km, motion_rev_day : (N,) float64
    """

    days: FloatArray
    phase_rev: FloatArray
    a_km: FloatArray
    motion_rev_day: FloatArray


def track(own: Columns) -> Track:
    """The along-track phase of one object's gaps in order.

    Parameters
    ----------
    own : mapping of str to (N,) array
        ``epoch`` [us] and ``INPUTS``.

    The phase is the mean argument of latitude plus the part of the node's motion that lies along the track, so it
    holds in equatorial orbits too. Whole revolutions between two sets come from their mean motions. A set whose elements are
    not defined goes on at the mean motion of the one before it.
    """
    days = own["epoch"] / _US_A_DAY
    motion = own["mean_motion_rev_day"]
    latitude = (own["arg_pericenter_deg"] + own["mean_anomaly_deg"]) / _DEG_A_REV
    node = np.diff(own["raan_deg"]) / _DEG_A_REV
    tilt = np.cos(np.radians(own["inclination_deg"]))
    moved = np.diff(latitude) + (tilt[1:] + tilt[:-1]) / 2 * (node - np.round(node))
    expected = (motion[1:] + motion[:-1]) / 2 * np.diff(days)
    moved += np.round(expected - moved)
    moved = np.where(np.isfinite(moved), moved, np.nan_to_num(motion[:-1] * np.diff(days)))
    phase = np.concatenate([np.zeros(min(1, len(days))), np.cumsum(moved)])
    return Track(days, phase, own["a_km"], motion)


def kinks(own: Track, before: int, after: int) -> FloatArray:
    """Change of the semi-major axis in the middle of each gap, by the phase alone [m], (N,); NaN near the ends.

    A burn changes how fast the phase runs on and leaves the phase as it is: two lines that meet in the middle of the gap
    are fitted to the ``before`` sets before and the ``after`` sets after it, and their slopes n differ by
    da = -2/3 a dn / n (Kepler's third law). An orbit determination places an object along its track far better than it
    tells mean motion from drag, which a fit to few days trades one for the other.

    Parameters
    ----------
    own : Track
    before, after : int
        Element sets on each side; the set that begins the first gap is in no row.
    """
    days, phase = own.days, own.phase_rev
    count = len(days)
    out = np.full(count, np.nan)
    gaps = np.arange(before, count - after + 1)
    if not len(gaps) or before < 2 or after < 1:
        return out
    sets = gaps[:, None] + np.arange(-before, after)
    since = days[sets] - ((days[gaps - 1] + days[gaps]) / 2)[:, None]
    ramp = np.maximum(since, 0.0)
    line = since - since.mean(axis=1, keepdims=True)
    ramp = ramp - ramp.mean(axis=1, keepdims=True)
    # What of the ramp no straight line explains (Frisch and Waugh 1933): its regression coefficient is the kink.
    ramp -= ((ramp * line).sum(axis=1) / (line * line).sum(axis=1))[:, None] * line
    shown = phase[sets] - phase[gaps - 1][:, None]
    with np.errstate(all="ignore"):
        change_rev_day = (ramp * shown).sum(axis=1) / (ramp * ramp).sum(axis=1)
        out[gaps] = -2 / 3 * (1e3 * own.a_km[gaps]) * change_rev_day / own.motion_rev_day[gaps]
    return out
