"""Where the geosynchronous objects are: of one, before and now; of the others, who stands where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from configs.findings import FindingsConfig
from models.assess.findings.chain import DAY, Move
from models.assess.findings.frame import iso
from models.assess.findings.words import family
from orbits.constants import EARTH_RADIUS_KM, GEO_SEMI_MAJOR_AXIS_KM
from orbits.elements import FloatArray, wrap_deg
from orbits.geosynchronous import drift_deg_day, dv_of_drift_change_m_s, semi_major_axis_of_drift_km

KEPT = "kept"
_SETTLED_PHASE = 3 * DAY  # by then the phases show what an event did
_LEAST_SETS = 2  # one set off the others may be a bad one, or still ring from a burn across the track
_TRAIL, _LEAST_TRAIL = 12 * DAY, 1.9 * DAY

_REDIRECT_DEG_DAY, _REDIRECT_SHARE = 0.12, 0.2  # nothing but a push changes a drift so within days
_SAME_INSTANT = 0.5 * DAY
_LEAST_MOVE_DEG, _LEAST_DAYS = 0.5, 1.5  # that tell a drift

BoolArray = NDArray[np.bool_]
Trail = list[list[Any]]  # times and longitudes of the last days, as findings keep them


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
    box_deg : float
        Half width of what it keeps to; 0 where it keeps to nothing.
    inclination_deg : float
        NaN where not known.
    by_move : bool
        The phases do not show this yet, only the move's own few sets.
    """

    time: pd.Timestamp
    since: pd.Timestamp
    longitude_deg: float
    drift_deg_day: float
    a_km: float
    kept: bool
    box_deg: float = 0.0
    inclination_deg: float = math.nan
    by_move: bool = False

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


def leaving_deg(box_deg: ArrayLike, inclination_deg: ArrayLike, config: FindingsConfig) -> FloatArray:
    """How far from where it stood an object has moved elsewhere [deg]: out of what it kept to, wide where it is inclined."""
    inclined = np.asarray(inclination_deg, dtype=np.float64) >= config.inclined_deg
    least = np.where(inclined, config.inclined_box_deg, config.leaving_deg)
    return np.asarray(np.maximum(least, config.box_share * np.asarray(box_deg, dtype=np.float64)))


def without_mistaken(phases: pd.DataFrame, config: FindingsConfig) -> pd.DataFrame:
    """Phases (by object and time) less those whose sets seem to be of another that stands there.

    The object is at once at the place of the other, unseen on its way, and has not stayed for long.
    """
    kept, current = phases["mode"] == KEPT, phases["current"].to_numpy(np.bool_)
    before = phases.shift()
    gap = (phases["phase_start"] - before["phase_end"]) < config.jump_days * DAY
    brief = (phases["phase_end"] - phases["phase_start"]) < config.jump_sure_days * DAY
    longitude, came = (phases[f"longitude_{end}_deg"].to_numpy(np.float64) for end in ("end", "start"))
    away = np.abs(wrap_deg(came - before["longitude_end_deg"].to_numpy()))
    same = phases["norad_id"] == before["norad_id"]
    sudden = same & kept & (before["mode"] == KEPT) & gap & brief & (away > config.leaving_deg)
    settled = current & kept & ~sudden
    mistaken = np.zeros(len(phases), dtype=np.bool_)
    for index in np.flatnonzero(sudden & current):
        apart = np.abs(wrap_deg(longitude[settled] - came[index]))
        mistaken[index] = bool((apart <= config.jump_deg).any())
    if not mistaken.any():
        return phases
    last = np.append(mistaken[1:], False)
    return phases.assign(current=current | last)[~mistaken].reset_index(drop=True)


def unplaced(phases: pd.DataFrame, config: FindingsConfig) -> set[int]:
    """Who drifts, also far above or below the belt, and was never seen to keep a place."""
    adrift = phases["current"] & phases["mode"].isin(["drifting", "transfer", "graveyard"])
    stay = phases["phase_end"] - phases["phase_start"]
    placed = (phases["mode"] == KEPT) & (stay >= config.stay_days * DAY)
    return set(phases.loc[adrift, "norad_id"].tolist()) - set(phases.loc[placed, "norad_id"].tolist())


def drift_change_dv_m_s(start: Mapping[str, Any], phases: pd.DataFrame, now: Spot) -> float:
    """What it takes at least to drift from a start as in any one of the phases since, and then as now [m/s].

    Between two phases it drifted as it must have to come from the one to the other.
    """
    begin = pd.Timestamp(start["at"])
    later = phases[(phases["phase_start"] >= begin - _SAME_INSTANT) & (phases["mode"] != "transfer")]
    if later.empty or now.by_move:
        return 0.0
    first, last = float(start["drift_deg_day"]), now.drift_deg_day
    time, longitude = begin, float(start["longitude_deg"])
    between = [first]
    for row in later.to_dict("records"):
        apart = apart_deg(row["longitude_start_deg"], longitude)
        days = (row["phase_start"] - time) / DAY
        if abs(apart) >= _LEAST_MOVE_DEG and days >= _LEAST_DAYS:
            between.append(apart / days)
        if row["sets"] > _LEAST_SETS and (row["phase_end"] - row["phase_start"]) / DAY >= _LEAST_DAYS:
            between.append(float(row["drift_deg_day"]))
        time, longitude = row["phase_end"], row["longitude_end_deg"]
    change = max(abs(drift - first) + abs(last - drift) for drift in between)
    return abs(float(dv_of_drift_change_m_s(change)))


def spot_before(moves: Sequence[Move], phases: pd.DataFrame) -> Spot | None:
    """Where the object was before the first of its moves, by its phases or else by that move."""
    first = moves[0]
    earlier = phases[phases["phase_start"] < first.before]
    # A phase's limits are as uncertain as the burn between them; one of minutes tells nothing.
    if len(earlier):
        row = earlier.iloc[-1]
        if row["mode"] == KEPT or row["phase_end"] >= first.before - 10 * DAY:
            return _spot(row, min(row["phase_end"], first.before))
    if math.isnan(first.a_km) or math.isnan(first.delta_a_km):
        return None
    a_km = first.a_km - first.delta_a_km
    drift = float(drift_deg_day(a_km))
    return Spot(first.before, first.before, first.longitude_deg, drift, a_km, False)


def turned(phases: pd.DataFrame, since: pd.Timestamp, config: FindingsConfig) -> dict[int, tuple[Spot, pd.Timestamp]]:
    """Who does something else by now than before, by the phases alone, though no event may have shown it.

    Who was kept in one place and is elsewhere, who drifted and stands, or drifts otherwise.

    Parameters
    ----------
    phases : DataFrame
        Of all objects, by object and time.
    since : Timestamp
        What began before is passed over.

    Returns
    -------
    dict
        By object: where it was, and when its current phase began.
    """
    before = phases.shift()
    long = (before["phase_end"] - before["phase_start"]) >= config.stay_days * DAY
    away = np.abs(wrap_deg(phases["longitude_end_deg"].to_numpy() - before["longitude_end_deg"].to_numpy()))
    box = before["box_deg"].fillna(0.0).to_numpy(np.float64)
    far = away > leaving_deg(box, phases["inclination_deg"].to_numpy(np.float64), config)
    drift, drifted = phases["drift_deg_day"], before["drift_deg_day"]
    drifting = before["mode"].isin(["drifting", "transfer"]) & (drifted.abs() >= config.leaving_drift_deg_day)
    otherwise = (phases["mode"] == "drifting") & drifts_otherwise(drifted, drift, config)
    left = (before["mode"] == KEPT) & far & phases["mode"].isin([KEPT, "drifting", "graveyard"])
    rows = (
        phases["current"]
        & (phases["norad_id"] == before["norad_id"])
        & long
        & (left | (drifting & (otherwise | (phases["mode"] == KEPT))))
        & (phases["burned"] & (phases["sets"] > 2))
        & (phases["phase_start"] >= since)
    )
    found = {}
    for index in np.flatnonzero(rows):
        row = phases.iloc[index - 1]
        found[int(row["norad_id"])] = (_spot(row, row["phase_end"]), phases["phase_start"].iloc[index])
    return found


def drifts_otherwise(before_deg_day: ArrayLike, after_deg_day: ArrayLike, config: FindingsConfig) -> BoolArray:
    """Whether one drift is news after the other."""
    before, after = (np.asarray(drift, dtype=np.float64) for drift in (before_deg_day, after_deg_day))
    larger = np.maximum(np.abs(before), np.abs(after))
    return np.asarray(np.abs(after - before) > np.maximum(config.drift_news_share * larger, config.drift_news_deg_day))


def redirects(a_km: ArrayLike, delta_a_km: ArrayLike) -> BoolArray:
    """Whether a burn makes an object that drifts along the belt stand, or drift otherwise.

    Who keeps a place trims its drift, and bad sets change it too: of those the phases tell.
    Of an object in no finding a smaller change is news than within one.
    """
    after = drift_deg_day(a_km)
    was_km = np.asarray(a_km, dtype=np.float64) - np.asarray(delta_a_km, dtype=np.float64)
    before = drift_deg_day(np.maximum(was_km, EARTH_RADIUS_KM))  # whatever a withheld fit says
    larger = np.maximum(np.abs(before), np.abs(after))
    turns = np.abs(after - before) > np.maximum(_REDIRECT_SHARE * larger, _REDIRECT_DEG_DAY)
    return np.asarray((np.abs(before) >= _REDIRECT_DEG_DAY) & turns)


def spot_now(moves: Sequence[Move], phases: pd.DataFrame, trail: Trail) -> Spot | None:
    """Where the object is, by its current phase or, while that does not show it yet, its last move.

    A phase's drift is that of the whole phase: where an engine thrusts for weeks, the trail of the last days tells better.
    """
    last = next((move for move in reversed(moves) if not math.isnan(move.a_km)), None)
    current = phases[phases["current"]]
    if not len(current):
        return None if last is None else _after(last, last.after, last.longitude_deg)
    row = current.iloc[-1]
    end, longitude = row["phase_end"], float(row["longitude_end_deg"])
    if last is not None and end < last.after:
        return _after(last, last.after, last.longitude_deg)
    shown = last is None or end >= last.after + _SETTLED_PHASE
    shown |= last is not None and row["phase_start"] >= last.before - DAY and row["sets"] >= _LEAST_SETS
    if not shown and last is not None:
        return _after(last, end, longitude)
    spot = _spot(row, end, None if last is None else last.after)
    drift = None if spot.kept else trail_drift(trail, spot.since)
    if drift is None:
        return spot
    return replace(spot, drift_deg_day=drift, a_km=float(semi_major_axis_of_drift_km(drift)))


def _after(move: Move, time: pd.Timestamp, longitude_deg: float) -> Spot:
    """The object on the orbit that a move left it on."""
    drift = float(drift_deg_day(move.a_km))
    return Spot(time, move.after, longitude_deg, drift, move.a_km, False, 0.0, move.inclination_deg, True)


def _spot(row: pd.Series, time: pd.Timestamp, burned: pd.Timestamp | None = None) -> Spot:
    """The object within a phase, at a time in it."""
    kept = row["mode"] == KEPT
    drift = float(row["drift_deg_day"])
    start, end = float(row["longitude_start_deg"]), float(row["longitude_end_deg"])
    back = 0.0 if kept else drift * ((row["phase_end"] - time) / DAY)
    longitude = start + apart_deg(end, start) / 2 if kept else end
    since = row["phase_start"] if burned is None else max(row["phase_start"], min(burned, time))
    box = float(row["box_deg"])
    return Spot(
        time,
        since,
        float(wrap_deg(np.float64(longitude - back))),
        drift,
        float(row["a_km"]),
        kept,
        0.0 if math.isnan(box) else box,
        float(row["inclination_deg"]),
    )


def longer_trail(trail: Trail, phases: pd.DataFrame) -> Trail:
    """The trail with the newest longitude, and without what lies more than some days before it."""
    current = phases[phases["current"]]
    if not len(current):
        return trail
    end = current.iloc[-1]["phase_end"]
    if trail and end < pd.Timestamp(trail[-1][0]) + 0.5 * DAY:
        return trail
    recent = [one for one in trail if pd.Timestamp(one[0]) >= end - _TRAIL]
    return [*recent, [iso(end), round(float(current.iloc[-1]["longitude_end_deg"]), 4)]]


def trail_drift(trail: Trail, since: pd.Timestamp) -> float | None:
    """Mean drift over the newest days of the trail [deg/day]; None where they are too few."""
    times = [pd.Timestamp(at) for at, _ in trail]
    recent = [index for index, at in enumerate(times) if since <= at <= times[-1]]
    if len(recent) < 2:
        return None
    first = max((index for index in recent if times[-1] - times[index] >= _LEAST_TRAIL), default=None)
    if first is None:
        return None
    return apart_deg(trail[-1][1], trail[first][1]) / ((times[-1] - times[first]) / DAY)


@dataclass(frozen=True)
class Others:
    """Who stands where in the belt now, arrays (N,) of like order."""

    norad_ids: np.ndarray
    names: Sequence[str]
    longitudes_deg: FloatArray
    inclinations_deg: FloatArray
    owners: Mapping[int, str]

    def mates(self, norad_id: int, name: str, other_id: int, other_name: str) -> bool:
        """Whether two objects are of one owner or one fleet, by what is known of them."""
        own, other = self.owners.get(norad_id, ""), self.owners.get(other_id, "")
        return (own == other if own and other else False) or family(name) == family(other_name)

    def beside(self, norad_id: int, spot: Spot, config: FindingsConfig) -> list[tuple[int, str, float]]:
        """Who stands beside an object, nearest first: number, name, how far east of it [deg]."""
        apart = wrap_deg(self.longitudes_deg - spot.longitude_deg)
        # Of planes far apart, objects of one longitude meet twice a day and are no company.
        tilt = np.abs(self.inclinations_deg - spot.inclination_deg)
        like = ~(tilt > config.beside_tilt_deg)
        near = np.flatnonzero(like & (np.abs(apart) <= config.beside_deg) & (self.norad_ids != norad_id))
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


def others_of(phases: pd.DataFrame, objects: pd.DataFrame, config: FindingsConfig) -> Others:
    """Everyone that holds a place, or stands, as of the phases."""
    current = phases[phases["current"]]
    stands = (current["mode"] == KEPT) | (current["drift_deg_day"].abs() < config.standing_drift_deg_day)
    standing = current[stands & ~current["mode"].isin(["graveyard", "transfer"])].reset_index(drop=True)
    ids = standing["norad_id"].to_numpy(np.int64)
    names = dict(zip(objects["norad_id"].tolist(), objects["name"].tolist(), strict=True))
    owned = objects[objects["owner"] != ""]
    return Others(
        ids,
        [names.get(int(one), "") or str(one) for one in ids],
        standing["longitude_end_deg"].to_numpy(np.float64),
        standing["inclination_deg"].to_numpy(np.float64),
        dict(zip(owned["norad_id"].tolist(), owned["owner"].tolist(), strict=True)),
    )
