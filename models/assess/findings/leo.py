"""What the burns of an object outside the geosynchronous belt amount to over weeks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings import words
from models.assess.findings.chain import DAY, Move
from models.assess.findings.frame import (
    COMMISSIONING,
    DISPOSAL,
    MANEUVER,
    NEW_ROUTINE,
    RELOCATION,
    STOPPED,
    UNDER_WAY,
    Finding,
    iso,
)
from models.assess.findings.telling import Told, settled_kind
from orbits.constants import EARTH_RADIUS_KM

_CAMPAIGN = 10 * DAY  # burns nearer than this are of one change of orbit


def tell(
    finding: Finding,
    moves: Sequence[Move],
    earlier: Sequence[Move],
    age_days: float,
    as_of: pd.Timestamp,
    config: FindingsConfig,
) -> Told | None:
    """What a finding outside GEO is by now, given its moves and the object's earlier ones; None where nothing is known of its orbit."""
    known = [move for move in moves if math.isfinite(move.a_km)]
    if not known:
        return None
    said = dict(finding["said"])
    first, last = known[0], known[-1]
    start = said.setdefault("start", _orbit(first, before=True))
    now = _orbit(last, before=False)
    rise_km, turn_deg = now["a_km"] - start["a_km"], now["inclination_deg"] - start["inclination_deg"]
    perigee_km = now["a_km"] * (1 - min(abs(sum(_known(move.delta_e) for move in known)), 0.9)) - EARTH_RADIUS_KM
    said["established"] = said.get("established", False) or _established(earlier, start["a_km"], first.before, config)
    if age_days < config.young_days and not said["established"] and rise_km > config.commission_km:
        kind = COMMISSIONING
    elif perigee_km < config.reentry_km and rise_km < -config.altitude_km:
        kind = DISPOSAL
    elif routine := _routine(known, config):
        kind = NEW_ROUTINE
    elif abs(rise_km) >= config.altitude_km or abs(turn_deg) >= config.plane_deg:
        kind = RELOCATION
    else:
        kind = MANEUVER
    if said.get("kind") == NEW_ROUTINE and kind == RELOCATION:
        kind = NEW_ROUTINE
    kind = settled_kind(kind, said)
    state = UNDER_WAY if kind not in (MANEUVER, NEW_ROUTINE) and as_of - last.after <= _CAMPAIGN else STOPPED
    spent = words.burns_text(len(known), float(sum(_known(move.dv_m_s) for move in known)))
    when = words.span_text(known[0].time, known[-1].time)
    change = _change_text(rise_km, turn_deg, config)
    name = finding["name"]
    match kind:
        case "commissioning":
            headline = f"{name}, new, about {age_days:.0f} days after launch, {change} to {now['a_km']:.0f} km ({spent}, {when})"
            expects = "should raise on to its orbit" if state == UNDER_WAY else "should keep the orbit it has come to"
        case "disposal":
            headline = f"{name} {change}: perigee near {perigee_km:.0f} km ({spent}, {when})"
            expects = "should fall and re-enter"
        case "new routine":
            days, size = routine or _mean_routine(known, config)
            headline = (
                f"{name} has a new routine near {now['a_km']:.0f} km: {words.size_text(size)} every {days:.0f} days "
                f"({spent}, {when})"
            )
            expects = f"the next burn about {words.day_text(last.time + days * DAY)}"
        case "relocation":
            headline = f"{name} {change} to a semi-major axis of {now['a_km']:.1f} km ({spent}, {when})"
            expects = "more burns within days, then a new routine" if state == UNDER_WAY else "a new routine"
        case _:
            worst = max(known, key=lambda move: move.unexpectedness)
            why = f": {worst.reasons[0]}" if worst.reasons else ""
            headline = f"{name} burned {spent.split(', ')[-1]} {when}{why}"
            expects = "back to its routine"
    told = Told(kind, state, headline, expects, said)
    told.news = _news(told, now, start, last, config)
    return told


def _established(earlier: Sequence[Move], a_km: float, until: pd.Timestamp, config: FindingsConfig) -> bool:
    """Whether it had burned for long before, about the orbit that it has now left: no new object does."""
    since = until
    for move in reversed([one for one in earlier if one.maneuver and one.after <= until and math.isfinite(one.a_km)]):
        if abs(move.a_km - a_km) > config.commission_km:
            break
        since = move.before
    return bool(until - since >= config.established_days * DAY)


def _known(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _orbit(move: Move, *, before: bool) -> dict[str, Any]:
    back = 1.0 if before else 0.0
    return {
        "at": iso(move.before if before else move.after),
        "a_km": round(move.a_km - back * _known(move.delta_a_km), 3),
        "inclination_deg": round(_known(move.inclination_deg) - back * _known(move.delta_i_deg), 5),
    }


def _change_text(rise_km: float, turn_deg: float, config: FindingsConfig) -> str:
    said = []
    if abs(rise_km) >= config.altitude_km or abs(turn_deg) < config.plane_deg:
        said.append(f"{'rose' if rise_km > 0 else 'came down'} by {abs(rise_km):.1f} km")
    if abs(turn_deg) >= config.plane_deg:
        said.append(f"turned its plane by {turn_deg:+.3f} deg of inclination")
    return words.listed_text(said)


def _routine(moves: Sequence[Move], config: FindingsConfig) -> tuple[float, float] | None:
    """Interval [days] and size [m/s] of the last burns, where both repeat."""
    last = list(moves[-config.routine_burns :])
    if len(last) < config.routine_burns or len(moves) <= config.routine_burns:
        return None
    waits = np.array([(b.time - a.time) / DAY for a, b in pairwise(last)])
    sizes = np.array([move.dv_m_s for move in last])
    if (waits <= 0.5).any() or not np.isfinite(sizes).all() or (sizes <= 0).any():
        return None
    spread = max(float(np.std(np.log(waits))), float(np.std(np.log(sizes))))
    return (float(np.mean(waits)), float(np.median(sizes))) if spread <= config.routine_spread else None


def _mean_routine(moves: Sequence[Move], config: FindingsConfig) -> tuple[float, float]:
    last = list(moves[-config.routine_burns :])
    days = (last[-1].time - last[0].time) / DAY / max(len(last) - 1, 1)
    return float(days), float(np.median([_known(move.dv_m_s) for move in last]))


def _news(
    told: Told, now: dict[str, Any], start: dict[str, Any], last: Move, config: FindingsConfig
) -> list[tuple[str, pd.Timestamp | None]]:
    said = told.said
    kinds = list(said.get("kinds", []))
    told_orbit = said.get("orbit", start)
    news = []
    change = abs(now["a_km"] - told_orbit["a_km"])
    whole = abs(told_orbit["a_km"] - start["a_km"])
    turn = abs(now["inclination_deg"] - told_orbit["inclination_deg"])
    if "kind" not in said:
        news.append(told.headline)
    elif told.kind != said["kind"] and told.kind not in kinds:
        news.append(f"{told.kind}: {told.headline}")
    elif told.kind not in (MANEUVER, NEW_ROUTINE) and iso(last.after) > said.get("orbit_at", ""):
        whole_turn = abs(told_orbit["inclination_deg"] - start["inclination_deg"])
        higher = change > max(config.altitude_km, config.altitude_share * whole)
        if higher or turn > max(config.plane_deg, config.altitude_share * whole_turn):
            news.append(told.headline)
    if news:
        said["orbit"], said["orbit_at"] = now, iso(last.after)
    said["kind"] = told.kind
    said["kinds"] = kinds if told.kind in kinds else [*kinds, told.kind]
    return [(text, last.after) for text in news]
