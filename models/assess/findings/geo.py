"""What a geosynchronous object's burns amount to over weeks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.belt import (
    Spot,
    apart_deg,
    drift_change_dv_m_s,
    leaving_deg,
    longer_trail,
    spot_before,
    spot_now,
)
from models.assess.findings.chain import DAY, Move, spent_m_s
from models.assess.findings.frame import (
    CEASED,
    COMMISSIONING,
    DISPOSAL,
    DRIFT_CHANGE,
    EXCURSION,
    LOITERING,
    MANEUVER,
    RELOCATION,
    SERIAL_VISITING,
    STOPPED,
    UNDER_WAY,
    Finding,
    iso,
)
from models.assess.findings.geo_story import Belt, Story, news_of, places_of, stood_still
from models.assess.findings.telling import Told, settled_kind
from orbits.geosynchronous import dv_of_drift_change_m_s

_RETURN_PACE = 2.0  # times as fast as it left, one may come back


def tell(finding: Finding, moves: Sequence[Move], belt: Belt, config: FindingsConfig) -> Told | None:
    """What a finding of the belt is by now; None where nothing is known of its orbit."""
    said = dict(finding["said"])
    said["trail"] = longer_trail(said.get("trail", []), belt.phases)
    now = spot_now(moves, belt.phases, said["trail"])
    start = _start(said, moves, belt.phases)
    if now is None or start is None:
        return None
    said["start"] = start
    brakes = now.stands(config) and not now.by_move
    stands = brakes and now.time - now.since >= config.stop_days * DAY
    place, rests = now.longitude_deg, _rests(moves, belt.as_of, config)
    _with_visit(said, start, now, config)
    kind = settled_kind(_kind(start, now, stands, rests, belt, said, config), said)
    beside = belt.others.beside(finding["norad_id"], now, config) if brakes else []
    if stands and kind != MANEUVER and not _at_start(start, place, config):
        said["places"] = _with_place(said.get("places", []), place, now, beside)
    kind = _company_kind(kind, stands, now, beside, finding, belt, said, config)
    state = STOPPED if brakes or kind in (MANEUVER, CEASED) or (kind == DISPOSAL and rests) else UNDER_WAY
    least = 0.0 if kind == MANEUVER else drift_change_dv_m_s(start, belt.phases, now)
    if kind == EXCURSION and "visit" in said:  # the phases pass over what only a set or two show
        there_and_back = 2 * (said["visit"]["drift_deg_day"] - start["drift_deg_day"])
        least = max(least, abs(float(dv_of_drift_change_m_s(there_and_back))))
    story = Story(finding["name"], kind, state, start, now, moves, beside, belt, config, said, least)
    told = Told(kind, state, story.headline(), story.expects(finding["norad_id"]), said, [], beside)
    told.dv_m_s = max(least, spent_m_s(moves))
    told.news = news_of(story, said, brakes)
    return told


def _with_visit(said: dict[str, Any], start: dict[str, Any], now: Spot, config: FindingsConfig) -> None:
    """Keep in ``said`` that it was seen off its place, where its longitudes bear it out: it went as it drifts, and had time to come back."""
    apart = apart_deg(now.longitude_deg, start["longitude_deg"])
    if not stood_still(start, config):
        return
    if "visit" not in said or iso(now.time) <= said["visit"]["at"]:
        leaves = abs(apart) >= float(leaving_deg(start["box_deg"], now.inclination_deg, config))
        if leaves and apart * now.drift_deg_day > 0 and not now.stands(config):
            said["visit"] = {"at": iso(now.time), "apart_deg": round(apart, 3), "drift_deg_day": now.drift_deg_day}
        return
    if abs(apart) < config.back_deg and "back_at" not in said["visit"]:
        visit = said["visit"]
        days = (now.time - pd.Timestamp(visit["at"])) / DAY
        if days * _RETURN_PACE * abs(visit["drift_deg_day"]) < abs(visit["apart_deg"]):
            del said["visit"]
        else:
            said["visit"] = {**visit, "back_at": iso(now.time)}


def _start(said: dict[str, Any], moves: Sequence[Move], phases: pd.DataFrame) -> dict[str, Any] | None:
    """Where it all began; settled on the first day and kept."""
    if "start" in said:
        return dict(said["start"])
    spot = spot_before(moves, phases) if moves else None
    if spot is None:
        return None
    return start_at(spot)


def start_at(spot: Spot) -> dict[str, Any]:
    """Where a finding began, as it keeps it."""
    return {
        "at": iso(spot.time),
        "longitude_deg": round(spot.longitude_deg, 4),
        "drift_deg_day": round(spot.drift_deg_day, 5),
        "a_km": round(spot.a_km, 3),
        "kept": spot.kept,
        "box_deg": round(spot.box_deg, 3),
    }


def _at_start(start: dict[str, Any], place: float, config: FindingsConfig) -> bool:
    return stood_still(start, config) and abs(apart_deg(place, start["longitude_deg"])) < config.back_deg


def _kind(
    start: dict[str, Any],
    now: Spot,
    stands: bool,
    rests: bool,
    belt: Belt,
    said: dict[str, Any],
    config: FindingsConfig,
) -> str:
    away = abs(apart_deg(now.longitude_deg, start["longitude_deg"]))
    young = belt.age_days < config.young_days and not belt.settled
    moves_on = max(abs(now.drift_deg_day), abs(start["drift_deg_day"])) >= config.leaving_drift_deg_day
    leaving = float(leaving_deg(start["box_deg"], now.inclination_deg, config))
    # Who keeps to a wide box turns within it, and goes nowhere.
    wide = leaving > config.leaving_deg and away < leaving and abs(now.drift_deg_day) < config.sure_drift_deg_day
    seen = not now.by_move
    top = max(abs(now.drift_deg_day) if seen and not now.kept and not wide else 0.0, said.get("top_drift_deg_day", 0.0))
    said["top_drift_deg_day"] = round(top, 4)
    left = top >= config.leaving_drift_deg_day
    changed = seen and not wide and abs(now.drift_deg_day - start["drift_deg_day"]) > config.leaving_drift_deg_day
    # One that has had no place yet is on its way to it, whatever the burn.
    if young and (left or changed or (belt.unplaced and moves_on)):
        return COMMISSIONING
    risen = now.above_km > config.graveyard_km and now.a_km - start["a_km"] > config.raise_km
    old = belt.age_days >= config.old_days
    # Who drifted fast before may be about its work up there, unless it comes to rest.
    if risen and seen and (abs(start["drift_deg_day"]) < config.disposal_drift_deg_day or (rests and old)):
        return DISPOSAL
    if stood_still(start, config):
        if "back_at" in said.get("visit", {}) and stands and away < config.back_deg:
            return EXCURSION
        if not left and away < leaving:
            return MANEUVER
        back = stands and away < config.back_deg
        return EXCURSION if back else RELOCATION
    if not changed:
        return MANEUVER
    return RELOCATION if stands else DRIFT_CHANGE


def _with_place(
    places: list[dict[str, Any]], place: float, now: Spot, beside: Sequence[tuple[int, str, float]]
) -> list[dict[str, Any]]:
    """The places where it stopped, with this one, which is refined while it is the last."""
    if places and abs(apart_deg(place, places[-1]["longitude_deg"])) < 1.0:
        return places
    one = {"longitude_deg": round(place, 3), "at": iso(now.since), "beside": [other for other, _, _ in beside[:3]]}
    return [*places, one]


def _company_kind(
    kind: str,
    stands: bool,
    now: Spot,
    beside: Sequence[tuple[int, str, float]],
    finding: Finding,
    belt: Belt,
    said: dict[str, Any],
    config: FindingsConfig,
) -> str:
    """Serial visiting and loitering, where the places tell it."""
    if kind not in (RELOCATION, EXCURSION, LOITERING, SERIAL_VISITING):
        return kind
    visited = places_of(belt, said, config)
    apart = _different([one["longitude_deg"] for one in visited])
    if apart >= config.serial_stops or said.get("kind") == SERIAL_VISITING:
        return SERIAL_VISITING
    if said.get("kind") == LOITERING and not stands:
        return RELOCATION
    if kind == EXCURSION or not stands or now.time - now.since < config.loiter_days * DAY:
        return LOITERING if said.get("kind") == LOITERING else kind
    if any(belt.others.mates(finding["norad_id"], finding["name"], other, name) for other, name, _ in beside):
        return kind  # a slot of its own fleet or country
    return LOITERING if any(abs(east) <= config.loiter_deg for _, _, east in beside) else kind


def _different(longitudes: Sequence[float]) -> int:
    """How many places more than a degree apart."""
    kept: list[float] = []
    for one in longitudes:
        if all(abs(apart_deg(one, other)) > 1.0 for other in kept):
            kept.append(one)
    return len(kept)


def _rests(moves: Sequence[Move], as_of: pd.Timestamp, config: FindingsConfig) -> bool:
    return not moves or as_of - moves[-1].after > config.chain_days * DAY
