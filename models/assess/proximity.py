"""Who is near: the objects that a moved one comes closest to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements, time_us
from configs.judgement import ProximityConfig
from models.assess.approach import Lookup, company, fresh
from models.assess.company_words import company_reason, keep_out_reason
from models.assess.reasons import neighbour_reason, standing_reason
from orbits.elements import FloatArray, MeanElements, regime, semi_major_axis_km, wrap_deg
from orbits.geosynchronous import coast_deg, drift_deg_day, mean_longitude_deg
from orbits.propagate import drift
from orbits.relative import closest_approach, plane_angle_deg

US_PER_DAY = 86_400e6
KEPT_DRIFT_DEG_DAY = 0.08  # more than keeping a slot brings
STANDING_DRIFT_DEG_DAY = 0.03  # two objects that part no faster are beside one another for weeks


def history_lookup(history: pd.DataFrame) -> Lookup:
    """The latest element set of every object as of a time, from a frame of element sets of all of them."""
    available_us = epoch_us(history["available_at"])
    ids = history["norad_id"].to_numpy(np.int64)
    order = np.lexsort((available_us, epoch_us(history["epoch"]), ids))
    available_us, ids = available_us[order], ids[order]

    def latest(as_of: pd.Timestamp) -> pd.DataFrame:
        known = np.flatnonzero(available_us <= time_us(as_of))
        last = known[np.flatnonzero(np.diff(ids[known], append=-1))]
        return history.iloc[order[last]].reset_index(drop=True)

    return latest


def latest_sets(element_sets: pd.DataFrame) -> pd.DataFrame:
    """One set an object: that of the latest epoch, of several the latest available; sorted by norad_id."""
    ordered = element_sets.sort_values(["norad_id", "epoch", "available_at"], kind="stable")
    return ordered.drop_duplicates("norad_id", keep="last").reset_index(drop=True)


def nearest(
    events: pd.DataFrame,
    lookup: Lookup,
    names: Mapping[int, str],
    config: ProximityConfig = ProximityConfig(),
    *,
    others: pd.DataFrame | None = None,
    protected: Mapping[int, float] | None = None,
    designators: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """The objects that each moved object comes closest to in the days after its burn was seen.

    In GEO those whose longitudes the drift reaches are propagated, elsewhere those that `approach.company` puts first.
    The first set after a burn often shows only part of it, so element sets are used that came up
    to ``config.settle_days`` after the event, and none later.

    Parameters
    ----------
    events : DataFrame
        As from `pattern.assess`: norad_id, epoch_before, epoch_after, available_at, unexpectedness, reasons.
    lookup : callable(as_of) -> DataFrame
        The latest element set of every object that was available at ``as_of``, as from `history_lookup`.
    names : mapping of norad_id to name
    config : ProximityConfig
        At most ``max_events`` events, the most unexpected, are looked at; the others get an empty list.
    others : DataFrame, optional
        `approach.company` of the same events, where it is known already.
    protected : mapping of norad_id to keep-out distance [km], optional
        Assets: they are named first, and said to be protected.
    designators : mapping of norad_id to international designator, optional
        As for `approach.company`.

    Returns
    -------
    DataFrame
        ``events`` and neighbours: list of {norad_id, name, miss_km, when}, ``when`` ISO 8601 in UTC; in GEO the nearest first,
        elsewhere by the rank of `approach.company`. The first one is also said in reasons, after those of the pattern of life.
    """
    neighbours: list[list[dict[str, Any]]] = [[] for _ in range(len(events))]
    reasons = [list(texts) for texts in events["reasons"]]
    order = _sought(events, config)
    if others is None:
        others = company(events.iloc[order], lookup, names, config, protected=protected, designators=designators)
        others = others.assign(event=order[others["event"].to_numpy()])
    for row in np.intersect1d(others["event"], order).tolist():
        known = others[others["event"] == row]
        neighbours[row], sentence = _neighbours_in(known, config)
        reasons[row] += [sentence] if sentence else []
    belt = order[events["regime"].iloc[order].eq("geo").to_numpy()] if "regime" in events else order
    available = events["available_at"].reset_index(drop=True).dt.as_unit("us")
    for seen_at, rows in available.iloc[belt].groupby(available.iloc[belt]):
        as_of = seen_at + pd.Timedelta(days=config.settle_days)
        catalog = fresh(lookup(as_of), seen_at, config)
        for row in rows.index:
            found, sentence = _neighbours_of(
                int(events["norad_id"].iloc[row]), catalog, seen_at, names, protected or {}, config
            )
            neighbours[row] += found
            reasons[row] += [sentence] if sentence else []
    return events.assign(
        neighbours=pd.Series(neighbours, index=events.index, dtype=object),
        reasons=pd.Series(reasons, index=events.index, dtype=object),
    )


def without_neighbours(events: pd.DataFrame, config: ProximityConfig = ProximityConfig()) -> NDArray[np.bool_]:
    """Mask (N,) of the events whose neighbors `nearest` does not look for."""
    mask = np.ones(len(events), dtype=np.bool_)
    mask[_sought(events, config)] = False
    return mask


def _sought(events: pd.DataFrame, config: ProximityConfig) -> NDArray[np.intp]:
    """Rows of the events that are looked at, the most unexpected first."""
    return np.lexsort((events["norad_id"], -events["unexpectedness"].to_numpy(np.float64)))[: config.max_events]


def _neighbours_in(others: pd.DataFrame, config: ProximityConfig) -> tuple[list[dict[str, Any]], str]:
    """Neighbors outside the belt, and what is to be said of the first: the company of one event, by rank."""
    known = others[others["miss_km"].notna()]
    plane = (known["plane_angle_deg"] <= config.coplanar_deg) & known["by_the_burn"] & ~known["own_fleet"]
    near = known[(known["miss_km"] <= config.max_miss_km) | plane | known["protected"]].head(config.top)
    found = [
        {
            "norad_id": int(row["other_id"]),
            "name": row["other_name"],
            "miss_km": round(float(row["miss_km"]), 3),
            "when": row["when"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for _, row in near.iterrows()
    ]
    if not found:
        return [], ""
    first = near.iloc[0]
    told = first["protected"] or (first["by_the_burn"] and first["chance"] <= config.notable_chance)
    told = told or first["miss_km"] <= config.mention_km
    return found, company_reason(first, config) if told else ""


def _neighbours_of(
    norad_id: int,
    catalog: pd.DataFrame,
    start: pd.Timestamp,
    names: Mapping[int, str],
    protected: Mapping[int, float],
    config: ProximityConfig,
) -> tuple[list[dict[str, Any]], str]:
    ids = catalog["norad_id"].to_numpy(np.int64)
    own = np.flatnonzero(ids == norad_id)
    if not len(own):
        return [], ""
    elements = mean_elements(catalog)
    start_us = time_us(start)
    mover = elements[own]
    if regime(mover.mean_motion_rev_day, mover.eccentricity)[0] != "geo":
        return [], ""
    distance = geo_distance(mover, elements, start_us, config)
    distance[own] = np.inf
    guarded = np.isin(ids, np.array(list(protected), dtype=np.int64))
    order = np.lexsort((ids, distance, ~(guarded & np.isfinite(distance))))[: config.max_pairs]
    order = order[np.isfinite(distance[order])]
    if not len(order):
        return [], ""
    end_us = start_us + int(config.geo_days * US_PER_DAY)
    pairs = len(order)
    miss_km, when_us = closest_approach(
        elements[np.repeat(own, pairs)], elements[order], np.full(pairs, start_us), np.full(pairs, end_us)
    )
    near = [i for i in np.lexsort((ids[order], miss_km, ~guarded[order])) if miss_km[i] <= config.max_miss_km][
        : config.top
    ]
    found: list[dict[str, Any]] = [
        {
            "norad_id": int(ids[order[i]]),
            "name": names.get(int(ids[order[i]]), str(ids[order[i]])),
            "miss_km": round(float(miss_km[i]), 3),
            "when": pd.Timestamp(int(when_us[i]), unit="us", tz="UTC").strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        for i in near
    ]
    if not found:
        return [], ""
    name, keep_out_km = found[0]["name"], protected.get(found[0]["norad_id"], np.nan)
    if found[0]["norad_id"] in protected:
        name = f"the protected {name}"
    sentence = neighbour_reason(name, found[0]["miss_km"], found[0]["when"][:10])
    other = elements[order[near[:1]]]
    apart, parting = geo_offset(mover, other, start_us)
    if abs(parting[0]) < STANDING_DRIFT_DEG_DAY:
        sentence = standing_reason(name, abs(float(apart[0])))
    if found[0]["miss_km"] <= keep_out_km:
        sentence += f"; {keep_out_reason(keep_out_km)}"
    return found, sentence


def geo_offset(mover: MeanElements, others: MeanElements, at_us: int) -> tuple[FloatArray, FloatArray]:
    """Mean longitude (N,) of others east of the mover [deg] at a time, and its rate [deg/day]."""
    longitudes, rates = [], []
    for elements in (mover, others):
        rate = drift_deg_day(
            semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
        )
        longitudes.append(mean_longitude_deg(elements) + rate * (at_us - elements.epoch_us) / US_PER_DAY)
        rates.append(rate)
    return wrap_deg(longitudes[1] - longitudes[0]), rates[1] - rates[0]


def geo_distance(mover: MeanElements, others: MeanElements, at_us: int, config: ProximityConfig) -> FloatArray:
    """Smallest difference of mean longitude (N,) within the horizon [deg]; infinite for who is not reached.

    The mover follows the Earth's pull, and what hardly drifts stays. What drifts faster than the mover, the graveyard and
    librators for one that stands, drifts by and is not reached, unless the two fly along together.
    """
    start, rate = geo_offset(mover, others, at_us)
    own_rate = drift_deg_day(semi_major_axis_km(mover.mean_motion_rev_day, mover.eccentricity, mover.inclination_deg))
    their_rate = rate + own_rate
    path = coast_deg(mean_longitude_deg(mover), own_rate, np.array([0.0, config.geo_days]))[0]
    stays = np.abs(their_rate) < KEPT_DRIFT_DEG_DAY
    end = start + np.where(stays, 0.0, their_rate * config.geo_days) - (path[0, 1] - path[0, 0])
    passed = (np.sign(start) != np.sign(end)) | (np.abs(start) > 180) | (np.abs(end) > 180)
    least = np.where(passed, 0.0, np.minimum(np.abs(start), np.abs(end)))
    faster = ~stays & (np.abs(their_rate) > np.abs(own_rate)) & (np.abs(rate) >= STANDING_DRIFT_DEG_DAY)
    least = np.where(faster, np.inf, least)
    angle = _plane_angles_deg(mover, others, at_us, least <= config.geo_margin_deg)
    belt = regime(others.mean_motion_rev_day, others.eccentricity) == "geo"
    reached: NDArray[np.bool_] = belt & (least <= config.geo_margin_deg) & (angle <= config.geo_plane_deg)
    # Of all that a fast drift passes, those in the mover's plane are passed closest.
    return np.where(reached, least + angle / 10, np.inf)


def _plane_angles_deg(mover: MeanElements, others: MeanElements, at_us: int, wanted: NDArray[np.bool_]) -> FloatArray:
    """Angle (N,) between the planes at one time, for nodes turn by degrees a day; infinite where not wanted."""
    angles = np.full(len(others), np.inf)
    index = np.flatnonzero(wanted)
    if len(index):
        at_time = [_turned(mover[np.zeros(len(index), dtype=np.int64)], at_us), _turned(others[index], at_us)]
        angles[index] = np.nan_to_num(plane_angle_deg(*at_time), nan=np.inf)
    return angles


def _turned(elements: MeanElements, at_us: int) -> MeanElements:
    """The sets with their planes as SGP4 has them at a time."""
    drifted = drift(elements, np.full(len(elements), at_us, dtype=np.int64))
    return replace(elements, inclination_deg=drifted.inclination_deg, raan_deg=drifted.raan_deg)
