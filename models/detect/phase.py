"""Where along its orbit an object is tells its mean motion better than the mean motion of its element sets does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from models.detect.pursuit import FloatArray

INPUTS = ("a_km", "mean_motion_rev_day", "inclination_deg", "raan_deg", "arg_pericenter_deg", "mean_anomaly_deg")

_US_A_DAY = 86_400e6
_DEG_A_REV = 360.0


def phase_rev(own: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Epochs [days] and the along-track phase counted on from set to set [rev], (N,), of one object's gaps in order.

    The phase is the mean argument of latitude plus the part of the node's motion that lies along the track, so it
    holds in equatorial orbits too. Whole revolutions between two sets come from their mean motions. A set whose elements are
    not defined goes on at the mean motion of the one before it.
    """
    days = epoch_us(own["epoch"]) / _US_A_DAY
    motion = own["mean_motion_rev_day"].to_numpy(np.float64)
    latitude = (own["arg_pericenter_deg"] + own["mean_anomaly_deg"]).to_numpy(np.float64) / _DEG_A_REV
    node = np.diff(own["raan_deg"].to_numpy(np.float64)) / _DEG_A_REV
    tilt = np.cos(np.radians(own["inclination_deg"].to_numpy(np.float64)))
    moved = np.diff(latitude) + (tilt[1:] + tilt[:-1]) / 2 * (node - np.round(node))
    expected = (motion[1:] + motion[:-1]) / 2 * np.diff(days)
    moved += np.round(expected - moved)
    moved = np.where(np.isfinite(moved), moved, np.nan_to_num(motion[:-1] * np.diff(days)))
    return days, np.concatenate([np.zeros(min(1, len(days))), np.cumsum(moved)])


def kinks(own: pd.DataFrame, before: int, after: int) -> FloatArray:
    """Change of the semi-major axis in the middle of each gap, by the phase alone [m], (N,); NaN near the ends.

    A burn changes how fast the phase runs on and leaves the phase as it is: two lines that meet in the middle of the gap
    are fitted to the ``before`` sets before and the ``after`` sets after it, and their slopes n differ by
    da = -2/3 a dn / n (Kepler's third law). An orbit determination places an object along its track far better than it
    tells mean motion from drag, which a fit to few days trades one for the other.

    Parameters
    ----------
    own : DataFrame
        Feature rows of one object in order of epoch, with ``INPUTS``.
    before, after : int
        Element sets on each side; the set that begins the first gap is in no row.
    """
    days, phase = phase_rev(own)
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
        a_m = 1e3 * own["a_km"].to_numpy(np.float64)[gaps]
        out[gaps] = -2 / 3 * a_m * change_rev_day / own["mean_motion_rev_day"].to_numpy(np.float64)[gaps]
    return out
