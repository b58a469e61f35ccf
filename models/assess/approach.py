"""Whom a burn outside the geosynchronous belt brings nearer: planes, phases, passes, before it and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.assets import USER_SOURCE
from catalog.records import epoch_us, time_us
from configs.judgement import ProximityConfig
from configs.shadowing import ShadowingConfig
from models.assess.encounters import encounters
from models.assess.fleet import fleet_mates, launches
from models.assess.orbit_index import (
    DAYS_PER_YEAR,
    OrbitIndex,
    Orbits,
    Pairing,
    days_to_zero,
    orbits_at,
    pairing,
    plane_angle_after_deg,
)
from models.assess.ways import APPROACHING, BESIDE, PASSING, RECEDING
from orbits.elements import FloatArray, IntArray, regime

Lookup = Callable[[pd.Timestamp], pd.DataFrame]
BoolArray = NDArray[np.bool_]


COMPANY_DTYPES: dict[str, str] = {
    "event": "int64",  # row of the event in the frame that was given
    "norad_id": "int64",
    "epoch_after": "datetime64[us, UTC]",
    "as_of": "datetime64[us, UTC]",  # when the angles are so
    "other_id": "int64",
    "other_name": "str",
    "own_fleet": "bool",
    "launched_together": "bool",
    "protected": "bool",
    "keep_out_km": "float64",  # that a protected one asks for
    "way": "str",
    "by_the_burn": "bool",  # the burn made it so
    "chance": "float64",  # others as near in plane and altitude that the crowd there makes one expect
    "plane_angle_deg": "float64",
    "plane_angle_before_deg": "float64",  # at the same time, had there been no burn
    "node_rate_difference_deg_year": "float64",
    "node_rate_difference_before_deg_year": "float64",
    "planes_meet": "datetime64[us, UTC]",
    "least_plane_angle_deg": "float64",  # within the horizon
    "delta_a_km": "float64",  # other less mover
    "phase_deg": "float64",  # other ahead
    "phase_rate_deg_day": "float64",
    "phase_rate_before_deg_day": "float64",
    "catches_up": "datetime64[us, UTC]",
    "miss_km": "float64",
    "when": "datetime64[us, UTC]",
}

_DAY = pd.Timedelta(days=1)
_US_PER_DAY = 86_400e6
_FARTHEST_DAYS = 36_525.0  # dates beyond are not said
_NEARER_SHARE = 0.8  # a burn that takes less off an angle did not aim at it
_LEAST_PLANE_DEG, _LEAST_GAP_KM, _LEAST_PHASE_DEG = 0.02, 1.0, 0.5  # what element sets cannot tell apart
_UNCAUSED = 10.0  # company that the burn did not make ranks as if so many times as likely by chance,
_TOGETHER = 100.0  # and company of the same launch


class _Movers(NamedTuple):
    """Moved objects of one day: rows of the events, their orbits now and as they would be without the burn."""

    events: IntArray
    after: Orbits
    before: Orbits
    known_before: BoolArray


class _Known(NamedTuple):
    """What is known of objects beside their orbits."""

    names: Mapping[int, str]
    designators: Mapping[int, str]
    protected: Mapping[int, float]


def company(
    events: pd.DataFrame,
    lookup: Lookup,
    names: Mapping[int, str],
    config: ProximityConfig = ProximityConfig(),
    *,
    protected: Mapping[int, float] | None = None,
    designators: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """Other objects in nearly the plane and altitude of a moved one, and what the burn has changed between them.

    The orbits of all objects are carried to the midnight after the event became available, and those like the
    mover's, after its burn or without it, are found by an index of planes and altitudes. Of each the plane angle, the drift of the nodes,
    the phase and its rate tell whether it is approached, passed, left, or stood beside. What nobody would expect
    in so crowded a place comes first; the nearest few are propagated for their closest approach.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after, available_at (datetime64[us, UTC]). Movers in the geosynchronous
        belt are left out: `models.assess.belt` is theirs.
    lookup : callable(as_of) -> DataFrame
        The latest element set of every object that was available at ``as_of``. It is asked for times up to
        ``config.settle_days`` after an event became available, and must not answer with more than is known now.
    names : mapping of norad_id to name
    config : ProximityConfig
    protected : mapping of norad_id to keep-out distance [km], optional
        Assets: they come first, and are propagated first. NaN where no distance is asked for.
    designators : mapping of norad_id to international designator, optional
        Objects of one launch share an orbit for long: they rank behind others.

    Returns
    -------
    DataFrame
        ``COMPANY_DTYPES``, at most ``config.company_rows`` rows an event, in the order of events and of rank.
        ``miss_km`` and ``when`` are known for the first ``config.propagated`` of an event.
    """
    parts = []
    asked: dict[pd.Timestamp, pd.DataFrame] = {}

    def known(as_of: pd.Timestamp) -> pd.DataFrame:
        if as_of not in asked:
            asked[as_of] = lookup(as_of).drop_duplicates("norad_id", keep="last").reset_index(drop=True)
        return asked[as_of]

    available = events["available_at"].dt.as_unit("us").reset_index(drop=True)
    settled = available + pd.Timedelta(days=config.settle_days)
    # Events of a day share what was known at a midnight, unless that is before they were.
    seen_at = settled.dt.floor("D").where(settled.dt.floor("D") >= available, settled)
    for (at, as_of), rows in available.groupby([available.dt.ceil("D"), seen_at]):
        index = rows.index.to_numpy(np.int64)
        now = fresh(known(as_of), at, config)
        others = orbits_at(now, time_us(at))
        movers = _movers(events.iloc[index], index, now, others, known, time_us(at), as_of)
        if len(movers.events):
            known_of = _Known(names, designators or {}, protected or {})
            parts.append(_company_of(events, movers, others, at, known_of, config))
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty_company()
    return pd.concat(filled, ignore_index=True).sort_values("event", kind="stable", ignore_index=True)


def empty_company() -> pd.DataFrame:
    """A frame of `company` without a row."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in COMPANY_DTYPES.items()})


def with_user_sets(lookup: Lookup, element_sets: pd.DataFrame) -> Lookup:
    """A lookup that knows element sets given by the user too; of two sets of an object the newer one is taken.

    Parameters
    ----------
    lookup : callable(as_of) -> DataFrame
    element_sets : DataFrame
        ``ELEMENT_SET_DTYPES``.
    """
    if element_sets.empty:
        return lookup

    def both(as_of: pd.Timestamp) -> pd.DataFrame:
        given = element_sets[element_sets["available_at"] <= as_of]
        known = pd.concat([one for one in (given, lookup(as_of)) if len(one)] or [given], ignore_index=True)
        known = known.sort_values(["norad_id", "epoch"], kind="stable")
        return known.drop_duplicates("norad_id", keep="last", ignore_index=True)

    return both


def fresh(element_sets: pd.DataFrame, at: pd.Timestamp, config: ProximityConfig) -> pd.DataFrame:
    """Sets that are not too old to say where their object is; users' sets, which come seldom, may be older."""
    age_days = (at - element_sets["epoch"]).dt.total_seconds() / 86_400
    return element_sets.iloc[np.flatnonzero(age_days <= oldest_days(element_sets, config))].reset_index(drop=True)


def oldest_days(element_sets: pd.DataFrame, config: ProximityConfig | ShadowingConfig) -> FloatArray:
    """The age (N,) up to which each set says where its object is; users' sets come seldom [days]."""
    limit = np.full(len(element_sets), config.max_age_days)
    if "source" in element_sets:
        limit[(element_sets["source"] == USER_SOURCE).to_numpy()] = config.max_age_user_days
    return limit


def _movers(
    events: pd.DataFrame,
    index: IntArray,
    now: pd.DataFrame,
    others: Orbits,
    known: Callable[[pd.Timestamp], pd.DataFrame],
    at_us: int,
    as_of: pd.Timestamp,
) -> _Movers:
    ids = now["norad_id"].to_numpy(np.int64)
    place = {norad_id: row for row, norad_id in enumerate(ids.tolist())}
    belt = regime(others.elements.mean_motion_rev_day, others.elements.eccentricity) == "geo"
    rows, chosen, earlier = [], [], []
    for row, norad_id, epoch_before in zip(
        index.tolist(), events["norad_id"].tolist(), events["epoch_before"], strict=True
    ):
        at = place.get(norad_id)
        if at is None or belt[at]:
            continue
        rows.append(row)
        chosen.append(at)
        earlier.append(_set_before(norad_id, epoch_before, known, as_of))
    sets = [now.iloc[[at]] if one is None else one for at, one in zip(chosen, earlier, strict=True)]
    after = others.at(np.array(chosen, dtype=np.int64))
    before = orbits_at(pd.concat(sets, ignore_index=True), at_us) if sets else after
    return _Movers(np.array(rows, dtype=np.int64), after, before, np.array([one is not None for one in earlier], bool))


def _set_before(
    norad_id: int, epoch_before: pd.Timestamp, known: Callable[[pd.Timestamp], pd.DataFrame], limit: pd.Timestamp
) -> pd.DataFrame | None:
    """The object's latest set that does not show the burn, as known on the days about the window's begin."""
    day = epoch_before.ceil("D")
    for as_of in (day + _DAY, day, day - _DAY):
        sets = known(min(as_of, limit))
        own = sets[(sets["norad_id"] == norad_id) & (sets["epoch"] <= epoch_before)]
        if len(own):
            return own
    return None


def _company_of(
    events: pd.DataFrame,
    movers: _Movers,
    others: Orbits,
    at: pd.Timestamp,
    known: _Known,
    config: ProximityConfig,
) -> pd.DataFrame:
    """Company of the movers of one day."""
    index = OrbitIndex(others, config.leo_plane_deg, config.leo_band_km)
    found = [np.stack(index.near(orbits), axis=-1) for orbits in (movers.after, movers.before)]
    first, second = np.unique(np.concatenate(found), axis=0).T
    # An object that is no neighbor: itself, and any once the mover has decayed.
    paired = (movers.after.norad_id[first] != others.norad_id[second]) & np.isfinite(movers.after.a_km[first])
    first, second = first[paired], second[paired]
    now = pairing(movers.after.at(first), others.at(second))
    was = _masked(pairing(movers.before.at(first), others.at(second)), movers.known_before[first])
    mates = fleet_mates(
        movers.after,
        first,
        others,
        second,
        known.names,
        least=config.fleet_least,
        band_km=config.fleet_band_km,
        tilt_deg=config.fleet_tilt_deg,
    )
    least = _least_angle(movers.after.at(first), others.at(second), now, config.plane_days)
    least_before = _least_angle(movers.before.at(first), others.at(second), was, config.plane_days)
    way, by_the_burn = _ways(now, was, least, least_before, config)
    chance = _chance(first, now, least, way, mates, len(movers.events), config)
    guarded = np.isin(others.norad_id[second], np.array(list(known.protected), dtype=np.int64))
    launch = [launches(orbits.norad_id, known.designators) for orbits in (movers.after, others)]
    together = (launch[0][first] == launch[1][second]) & (launch[0][first] != "")
    weight = chance * np.where(by_the_burn, 1.0, _UNCAUSED) * np.where(together, _TOGETHER, 1.0)
    chosen = _first_of_each(first, (~guarded, mates, weight), config.company_rows)
    pair = first[chosen]
    if not len(pair):
        return empty_company()
    rank = np.arange(len(chosen)) - np.searchsorted(pair, pair)
    near = rank < config.propagated
    event = events.iloc[movers.events[pair]]
    miss_km, when_us = np.full(len(chosen), np.nan), np.full(len(chosen), np.iinfo(np.int64).min)
    if near.any():
        start_us = epoch_us(event["available_at"])[near]
        rows = chosen[near]
        # Phases are those of midnight.
        phase = now.phase_deg[rows] + now.phase_rate_deg_day[rows] * (start_us - time_us(at)) / _US_PER_DAY
        miss_km[near], when_us[near] = encounters(
            movers.after.at(first[rows]),
            others.at(second[rows]),
            phase,
            now.phase_rate_deg_day[rows],
            start_us,
            config.days,
        )
    meet = days_to_zero(now.node_difference_deg, now.node_rate_difference_deg_year / DAYS_PER_YEAR)[chosen]
    catch = days_to_zero(now.phase_deg, now.phase_rate_deg_day)[chosen]
    other_ids = others.norad_id[second[chosen]]
    columns: dict[str, object] = {
        "event": movers.events[pair],
        "norad_id": movers.after.norad_id[pair],
        "epoch_after": event["epoch_after"].array,
        "as_of": pd.DatetimeIndex([at] * len(chosen)),
        "other_id": other_ids,
        "other_name": [known.names.get(norad_id, str(norad_id)) for norad_id in other_ids.tolist()],
        "own_fleet": mates[chosen],
        "keep_out_km": [known.protected.get(norad_id, np.nan) for norad_id in other_ids.tolist()],
        "launched_together": together[chosen],
        "protected": guarded[chosen],
        "way": way[chosen],
        "by_the_burn": by_the_burn[chosen],
        "chance": chance[chosen],
        "plane_angle_deg": now.plane_angle_deg[chosen],
        "plane_angle_before_deg": was.plane_angle_deg[chosen],
        "node_rate_difference_deg_year": now.node_rate_difference_deg_year[chosen],
        "node_rate_difference_before_deg_year": was.node_rate_difference_deg_year[chosen],
        "planes_meet": _dates(at, meet),
        "least_plane_angle_deg": least[chosen],
        "delta_a_km": now.delta_a_km[chosen],
        "phase_deg": now.phase_deg[chosen],
        "phase_rate_deg_day": now.phase_rate_deg_day[chosen],
        "phase_rate_before_deg_day": was.phase_rate_deg_day[chosen],
        "catches_up": _dates(at, catch),
        "miss_km": miss_km,
        "when": pd.to_datetime(when_us.astype("datetime64[us]"), utc=True),
    }
    return pd.DataFrame(columns).astype(COMPANY_DTYPES)


def _masked(pair: Pairing, known: BoolArray) -> Pairing:
    return Pairing(*(np.where(known, field, np.nan) for field in pair))


def _least_angle(mover: Orbits, other: Orbits, pair: Pairing, days: float) -> FloatArray:
    """Smallest angle between the planes from now on for some days [deg]."""
    meet = days_to_zero(pair.node_difference_deg, pair.node_rate_difference_deg_year / DAYS_PER_YEAR)
    ends = np.fmin(pair.plane_angle_deg, plane_angle_after_deg(mover, other, days))
    ends = np.where(np.isnan(pair.plane_angle_deg), np.nan, ends)
    return np.where(meet <= days, np.abs(pair.inclination_difference_deg), ends)


def _ways(
    now: Pairing, was: Pairing, least: FloatArray, least_before: FloatArray, config: ProximityConfig
) -> tuple[NDArray[np.str_], BoolArray]:
    """Which way each pair goes, and whether the burn made it so."""
    catch, catch_before = (days_to_zero(one.phase_deg, one.phase_rate_deg_day) for one in (now, was))
    coplanar = now.plane_angle_deg <= config.coplanar_deg
    unknown = np.isnan(was.plane_angle_deg)
    beside = _beside(now, config)
    turns_in = (least <= config.coplanar_deg) & (least < _NEARER_SHARE * least_before - _LEAST_PLANE_DEG)
    turns_in |= coplanar & (now.plane_angle_deg < _NEARER_SHARE * was.plane_angle_deg - _LEAST_PLANE_DEG)
    slow = np.abs(now.phase_rate_deg_day) <= config.pass_deg_day
    catches = coplanar & ~beside & slow & (catch <= config.catch_days)
    catches &= np.abs(now.phase_rate_deg_day) > config.hold_deg_day
    sooner = catches & ((catch < _NEARER_SHARE * catch_before) | (was.plane_angle_deg > config.coplanar_deg))
    passes = coplanar & (catch <= config.days)
    way = np.select([beside, turns_in | catches, passes], [BESIDE, APPROACHING, PASSING], default=RECEDING)
    by_the_burn: BoolArray = ~unknown & ((beside & ~_beside(was, config)) | turns_in | sooner)
    return way, by_the_burn


def _beside(pair: Pairing, config: ProximityConfig) -> BoolArray:
    """Coplanar for good, near along the track, and staying there."""
    held: BoolArray = (pair.plane_angle_deg <= config.coplanar_deg) & (
        np.abs(pair.node_rate_difference_deg_year) <= config.node_match_deg_year
    )
    return (
        held & (np.abs(pair.phase_rate_deg_day) <= config.hold_deg_day) & (np.abs(pair.phase_deg) <= config.beside_deg)
    )


def _chance(
    first: IntArray,
    now: Pairing,
    least: FloatArray,
    way: NDArray[np.str_],
    mates: BoolArray,
    movers: int,
    config: ProximityConfig,
) -> FloatArray:
    """How many objects as near in plane and altitude, and in phase if it is kept, the number of those around makes one expect."""
    around = np.bincount(first[~mates], minlength=movers)[first]
    share = np.square(np.maximum(least, _LEAST_PLANE_DEG) / config.leo_plane_deg)
    share = share * np.maximum(now.radii_gap_km, _LEAST_GAP_KM) / config.leo_band_km
    phase = np.where(way == BESIDE, np.maximum(np.abs(now.phase_deg), _LEAST_PHASE_DEG) / 180.0, 1.0)
    return np.asarray(np.maximum(around, 1) * share * phase)


def _first_of_each(first: IntArray, keys: tuple[NDArray[np.generic], ...], count: int) -> IntArray:
    """Rows of the lowest ``keys`` (the first weighs most) of each mover, movers in order."""
    order = np.lexsort((*reversed(keys), first))
    place = np.arange(len(order)) - np.searchsorted(first[order], first[order])
    return order[place < count]


def _dates(at: pd.Timestamp, days: FloatArray) -> pd.DatetimeIndex:
    """Times some days after another; none where infinite or very far."""
    known = days <= _FARTHEST_DAYS
    later = time_us(at) + np.where(known, days, 0.0) * _US_PER_DAY
    return pd.to_datetime(
        np.where(known, later, np.iinfo(np.int64).min).astype(np.int64).astype("datetime64[us]"), utc=True
    )
