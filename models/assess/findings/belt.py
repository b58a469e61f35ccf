"""Where the geosynchronous objects are: of one, before and now; of the others, who stands where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.chain import DAY, Move
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM
from orbits.elements import FloatArray, wrap_deg
from orbits.geosynchronous import drift_deg_day, semi_major_axis_of_drift_km

KEPT = "kept"
_SETTLED_PHASE = 3 * DAY  # by then the phases show what an event did


@dataclass(frozen=True)
class Spot:
    """Where a geosynchronous object is at a time, and how it drifts.

    Parameters
    ----------
    time : Timestamp
    since : Timestamp
        From when on it has drifted, or stood, like this.
    longitude_deg, drift_deg_day, a_km : float
    kept : bool
        Its place is held.
    """

    time: pd.Timestamp
    since: pd.Timestamp
    longitude_deg: float
    drift_deg_day: float
    a_km: float
    kept: bool

    @property
    def above_km(self) -> float:
        """Height above the synchronous semi-major axis [km]."""
        return self.a_km - GEO_SEMI_MAJOR_AXIS_KM

    def at(self, time: pd.Timestamp) -> float:
        """Longitude at another time if nothing changes [deg]."""
        moved = 0.0 if self.kept else self.drift_deg_day * ((time - self.time) / DAY)
        return float(wrap_deg(np.float64(self.longitude_deg + moved)))

    def stands(self, config: FindingsConfig) -> bool:
        """Whether it drifts no more than a kept object does."""
        return self.kept or abs(self.drift_deg_day) < config.standing_drift_deg_day


def apart_deg(longitude_deg: float, other_deg: float) -> float:
    """How far east of the other it is [deg]."""
    return float(wrap_deg(np.float64(longitude_deg - other_deg)))


def spot_before(moves: Sequence[Move], phases: pd.DataFrame) -> Spot | None:
    """Where the object was before the first of its moves, by its phases or else by that move."""
    first = moves[0]
    earlier = phases[phases["phase_start"] < first.before]
    # A phase's limits are as uncertain as the burn between them; one of minutes tells nothing.
    if len(earlier) and len(moves):
        row = earlier.iloc[-1]
        if row["phase_end"] >= first.before - 10 * DAY:
            return _spot(row, min(row["phase_end"], first.before))
    if math.isnan(first.a_km) or math.isnan(first.delta_a_km):
        return None
    a_km = first.a_km - first.delta_a_km
    drift = float(drift_deg_day(a_km))
    return Spot(first.before, first.before, first.longitude_deg, drift, a_km, False)


def spot_now(moves: Sequence[Move], phases: pd.DataFrame) -> Spot | None:
    """Where the object is, by its current phase or, while that does not show it yet, its last move."""
    last = next((move for move in reversed(moves) if not math.isnan(move.a_km)), None)
    current = phases[phases["current"]]
    if len(current):
        row = current.iloc[-1]
        shown = last is None or row["phase_end"] >= last.after + _SETTLED_PHASE
        if shown or (last is not None and row["phase_start"] >= last.before - DAY and row["phase_end"] > last.after):
            return _spot(row, row["phase_end"], None if last is None else last.after)
    if last is None:
        return None
    return Spot(last.after, last.after, last.longitude_deg, float(drift_deg_day(last.a_km)), last.a_km, False)


def _spot(row: pd.Series, time: pd.Timestamp, burned: pd.Timestamp | None = None) -> Spot:
    """The object within a phase, at a time in it."""
    kept = row["mode"] == KEPT
    drift = float(row["drift_deg_day"])
    start, end = float(row["longitude_start_deg"]), float(row["longitude_end_deg"])
    back = 0.0 if kept else drift * ((row["phase_end"] - time) / DAY)
    a_km = float(row["a_km"])
    if math.isnan(a_km):
        a_km = float(semi_major_axis_of_drift_km(drift))
    longitude = end if not kept else start + apart_deg(end, start) / 2
    since = row["phase_start"] if burned is None else max(row["phase_start"], min(burned, time))
    return Spot(time, since, float(wrap_deg(np.float64(longitude - back))), drift, a_km, kept)


@dataclass(frozen=True)
class Others:
    """Who stands where in the belt now, arrays (N,) of like order."""

    norad_ids: np.ndarray
    names: Sequence[str]
    longitudes_deg: FloatArray
    since: pd.Series

    def beside(self, norad_id: int, longitude_deg: float, reach_deg: float) -> list[tuple[int, str, float]]:
        """Who stands within a reach, nearest first: number, name, how far east of the place [deg]."""
        apart = wrap_deg(self.longitudes_deg - longitude_deg)
        near = np.flatnonzero((np.abs(apart) <= reach_deg) & (self.norad_ids != norad_id))
        near = near[np.lexsort((self.norad_ids[near], np.abs(apart[near])))]
        return [(int(self.norad_ids[i]), self.names[int(i)], float(apart[i])) for i in near]

    def ahead(
        self, norad_id: int, spot: Spot, as_of: pd.Timestamp, days: float
    ) -> list[tuple[str, float, pd.Timestamp]]:
        """Who is passed within some days, first things first: name, longitude [deg], when."""
        if abs(spot.drift_deg_day) < 1e-3:
            return []
        reach = wrap_deg(self.longitudes_deg - spot.at(as_of)) / spot.drift_deg_day
        turn = 360.0 / abs(spot.drift_deg_day)
        after = np.where(reach < 0, reach + turn, reach)
        met = np.flatnonzero((after <= days) & (self.norad_ids != norad_id))
        met = met[np.lexsort((self.norad_ids[met], after[met]))]
        return [(self.names[int(i)], float(self.longitudes_deg[i]), as_of + float(after[i]) * DAY) for i in met]


def others_of(phases: pd.DataFrame, names: Mapping[int, str], config: FindingsConfig) -> Others:
    """Everyone that holds a place, or stands, as of the phases."""
    current = phases[phases["current"]]
    stands = (current["mode"] == KEPT) | (current["drift_deg_day"].abs() < config.standing_drift_deg_day)
    standing = current[stands & ~current["mode"].isin(["graveyard", "transfer"])].reset_index(drop=True)
    ids = standing["norad_id"].to_numpy(np.int64)
    return Others(
        ids,
        [names.get(int(one), "") or str(one) for one in ids],
        standing["longitude_end_deg"].to_numpy(np.float64),
        standing["phase_start"],
    )
