"""Phases of a geosynchronous object's life: kept in a box, drifting, librating, in the graveyard, in transfer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import utc
from configs.belt import BeltConfig
from models.assess.belt.modes import burned, free, modes, on_the_way, stands, starts_a_phase, turned_back
from models.assess.belt.segments import segments
from models.assess.belt.stretches import Stretches
from models.assess.belt.track import track
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM
from orbits.elements import wrap_deg

MODES = ("kept", "drifting", "librating", "graveyard", "transfer")

PHASE_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "phase_start": "datetime64[us, UTC]",
    "phase_end": "datetime64[us, UTC]",
    "mode": "str",
    "longitude_deg": "float64",
    "longitude_start_deg": "float64",
    "longitude_end_deg": "float64",
    "drift_deg_day": "float64",
    "a_km": "float64",
    "inclination_deg": "float64",
    "box_deg": "float64",
    "sets": "int64",
    "burned": "bool",
    "free": "bool",
    "current": "bool",
}


def belt_phases(history: pd.DataFrame, as_of: pd.Timestamp, config: BeltConfig = BeltConfig()) -> pd.DataFrame:
    """The phases of every geosynchronous object, as its sets known at ``as_of`` tell them.

    Each set is a longitude and a drift. Stretches on one drift, less the pull of the equator (`segments`), either stand or
    move. Stretches that stand one after another, and excursions of the drift that do not leave their box, are one *kept*
    phase, whether station-kept or just parked. Those that move are *drifting*, unless they show that nobody steers:
    *librating* if bound to a stable point, *graveyard* if not; the latter also beyond ``graveyard_km`` of the belt.
    Before an object first stands, it is in *transfer* if it came from afar.

    Parameters
    ----------
    history : DataFrame
        Element sets (`catalog.records.ELEMENT_SET_DTYPES`); objects without a geosynchronous one are left out.
    as_of : Timestamp
        Nothing later is seen, by epoch or by availability.

    Returns
    -------
    DataFrame
        `PHASE_DTYPES`, by object and time: mean longitudes, median and at start and end [-180, 180); median drift, semi-major axis and
        inclination; half width of what it kept to (of kept ones; else NaN); number of good sets; whether a burn began it
        (False if only the history began); whether it shows no burn and follows the pull; whether it is the object's latest.
    """
    sets, first = segments(track(history, as_of), config)
    if not len(sets):
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in PHASE_DTYPES.items()})
    parts = Stretches(sets, first)
    settled = parts.without(on_the_way(parts, config))
    standing = stands(settled, config)
    starts = starts_a_phase(settled, standing, config)
    phases, standing = settled.without(~starts), standing[starts]
    back = turned_back(phases, standing, config)
    kept_wide = np.zeros(len(phases), dtype=np.bool_)
    kept_wide[back] = kept_wide[np.flatnonzero(back) - 1] = True
    phases, standing = phases.without(back), (standing | kept_wide)[~back]
    mode = modes(phases, standing, burned(phases, config), free(phases, parts, standing), config)
    joined = ~phases.begins & (mode == np.roll(mode, 1)) & np.isin(mode, ("librating", "graveyard", "transfer"))
    phases, mode = phases.without(joined), mode[~joined]
    kept = mode == "kept"
    return pd.DataFrame(
        {
            "norad_id": phases.norad_id,
            "phase_start": utc(sets.epoch_us[phases.first]),
            "phase_end": utc(sets.epoch_us[phases.last]),
            "mode": pd.Series(mode),
            "longitude_deg": wrap_deg(phases.median(sets.longitude_deg)),
            "longitude_start_deg": wrap_deg(sets.longitude_deg[phases.first]),
            "longitude_end_deg": wrap_deg(sets.longitude_deg[phases.last]),
            "drift_deg_day": phases.median(sets.drift_deg_day),
            "a_km": phases.median(sets.offset_km) + GEO_SEMI_MAJOR_AXIS_KM,
            "inclination_deg": phases.median(sets.inclination_deg),
            "box_deg": np.where(kept, 0.5 * (phases.high_deg - phases.low_deg), np.nan),
            "sets": phases.last - phases.first + 1,
            "burned": burned(phases, config),
            "free": free(phases, parts, kept),
            "current": phases.ends,
        }
    ).astype(PHASE_DTYPES)
