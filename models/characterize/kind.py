"""What a burn was for, from its direction, its size and the regime."""

from __future__ import annotations

import numpy as np
import pandas as pd

from configs.judgement import KindConfig
from models.characterize.impulse import SUSTAINED
from models.characterize.thrust import raise_km
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM
from orbits.elements import FloatArray
from orbits.geosynchronous import drift_deg_day

ORBIT_RAISE = "orbit raise"
ORBIT_LOWERING = "orbit lowering"
DRAG_MAKE_UP = "drag make-up"
EAST_WEST = "east-west station-keeping"
NORTH_SOUTH = "north-south station-keeping"
RELOCATION = "relocation"
PLANE_CHANGE = "plane change"
ECCENTRICITY_CONTROL = "eccentricity control"
UNKNOWN = "unknown"
KINDS = (
    ORBIT_RAISE,
    ORBIT_LOWERING,
    DRAG_MAKE_UP,
    EAST_WEST,
    NORTH_SOUTH,
    RELOCATION,
    PLANE_CHANGE,
    ECCENTRICITY_CONTROL,
    UNKNOWN,
)


def classify(events: pd.DataFrame, config: KindConfig = KindConfig()) -> pd.DataFrame:
    """Name the kind of each burn.

    Parameters
    ----------
    events : DataFrame
        As from `burn_fit.fit_burns`: regime, dv_*_m_s and their sigmas, delta_a_km, delta_i_deg,
        delta_e, a_km.

    Returns
    -------
    DataFrame
        ``events`` and ``kind``, one of `KINDS`. In GEO a relocation begins or ends a drift along the belt; burns of a
        transfer, into a graveyard orbit, and the trims of an object that drifts on raise or lower its orbit. A burn whose Δv was withheld is named by the change
        of its mean elements, and 'unknown' where there is none either.
    """
    a = events["a_km"].to_numpy(np.float64)
    delta_a = events["delta_a_km"].to_numpy(np.float64)
    along, across = _significant(events, "t", config), _significant(events, "n", config)
    withheld = events["dv_t_m_s"].isna().to_numpy()
    delta_i = np.abs(events["delta_i_deg"].to_numpy(np.float64))
    geo = (events["regime"] == "geo").to_numpy()
    leo = (events["regime"] == "leo").to_numpy()
    known = np.isfinite(delta_a)
    if "thrust" in events:  # what goes on for days is named by what it comes to
        dv = np.copysign(*(events[f"thrust_{name}"].to_numpy(np.float64) for name in ("dv_m_s", "acceleration_m_s2")))
        sustained = (events["thrust"] == SUSTAINED).to_numpy(np.bool_)
        delta_a = np.where(leo & sustained & known, raise_km(a, dv), delta_a)

    size = np.hypot(along, across)
    crosswise = (across > config.cross_track_share * size) & (size > 0)
    drift_change = np.abs(drift_deg_day(a) - drift_deg_day(a - delta_a))
    off_km, was_off_km = a - GEO_SEMI_MAJOR_AXIS_KM, a - delta_a - GEO_SEMI_MAJOR_AXIS_KM
    in_slot, left_slot = np.abs(off_km) < config.geo_band_km, np.abs(was_off_km) >= config.geo_band_km
    drifts = geo & (drift_change > config.relocation_drift_deg_day)
    # Neither leaves a place in the belt nor takes one: on its way up to it, far above it, or trimmed while it drifts.
    elsewhere = np.fmax(np.abs(off_km), np.abs(was_off_km)) >= config.transfer_km
    elsewhere |= (delta_a > 0) & (off_km >= config.graveyard_km) | ~drifts & left_slot & ~in_slot
    # A tangential impulse changes e by at most twice Δa/2a (Gauss, near-circular).
    by_raise = np.abs(delta_a) / np.maximum(a, 1.0)
    eccentric = np.abs(events["delta_e"].to_numpy(np.float64)) > config.eccentricity_share * np.maximum(by_raise, 1e-6)
    moved = (along > 0) | withheld

    conditions = [
        ~known,
        (drifts | geo & left_slot & (along > 0)) & ~elsewhere,
        geo & crosswise & in_slot & (delta_i <= config.plane_station_keeping_deg),
        crosswise & ~(drifts & elsewhere),
        geo & in_slot & ~elsewhere & moved,
        eccentric & (along > 0) & ~geo,
        leo & moved & (delta_a > 0) & (delta_a <= config.makeup_a_km) & (a < config.makeup_ceiling_km),
        moved & (delta_a > 0),
        moved & (delta_a < 0),
    ]
    names = [
        UNKNOWN,
        RELOCATION,
        NORTH_SOUTH,
        PLANE_CHANGE,
        EAST_WEST,
        ECCENTRICITY_CONTROL,
        DRAG_MAKE_UP,
        ORBIT_RAISE,
        ORBIT_LOWERING,
    ]
    return events.assign(kind=pd.Series(np.select(conditions, names, UNKNOWN), index=events.index, dtype="str"))


def _significant(events: pd.DataFrame, axis: str, config: KindConfig) -> FloatArray:
    """Size of one Δv component where it stands above its error, else 0 [m/s]."""
    value = events[f"dv_{axis}_m_s"].to_numpy(np.float64)
    sigma = events[f"dv_{axis}_sigma_m_s"].to_numpy(np.float64)
    return np.where(np.abs(value) > config.min_snr * sigma, np.abs(value), 0.0)
