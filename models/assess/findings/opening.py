"""What opens a finding: a listed event, one that turns a drift along the belt, a silence, a dead object that moves, a phase that turned."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings.belt import redirects
from models.assess.findings.ceased import known_silence
from models.assess.findings.chain import DAY, Move, gathered, held_windows, meets, windows
from models.assess.findings.day import Day
from models.assess.findings.dead import dead_that_moved
from models.assess.findings.frame import CLOSED, DEAD_MOVES, MANEUVER, STOPPED, UNDER_WAY, Finding, finding_id, iso
from models.assess.findings.geo import start_at

_ABOUT = 5 * DAY  # phases and events of one departure may differ by this


def opened(rows: list[Finding], day: Day) -> list[Finding]:
    """New findings, one an object: from events that are listed, or turn a drift, and that none holds or gathers."""
    opened = []
    own: dict[int, list[Finding]] = defaultdict(list)
    for row in rows:
        own[row["norad_id"]].append(row)
    for norad_id, moves in day.moves.items():
        if any(row["state"] != CLOSED and gathered(row, moves, day.config) for row in own[norad_id]):
            continue
        held = [window for row in own[norad_id] for window in held_windows(row)]
        for move in moves:
            fresh = move.first_seen > day.as_of - day.config.fresh_days * DAY
            tells = (
                move.listed or (norad_id in day.coming and _raises(move, day.config)) or _redirects(move, day.config)
            )
            if tells and move.maneuver and fresh and not any(meets(move, *window) for window in held):
                opened.append({**_new(move, day), "listed": move.listed})
                break
    return opened


def _raises(move: Move, config: FindingsConfig) -> bool:
    """Whether a burn is one of those that take a new object to its place."""
    return move.probability >= config.least_probability and abs(move.delta_a_km) >= config.commission_km


def _redirects(move: Move, config: FindingsConfig) -> bool:
    """Whether a burn changes what an object that drifts along the belt was about to do."""
    likely = move.regime == "geo" and move.probability >= config.least_probability
    return likely and bool(redirects(move.a_km, move.delta_a_km))


def turned_elsewhere(rows: list[Finding], day: Day) -> list[Finding]:
    """New findings: who does something else by now than before, without an event that was listed."""
    opened = []
    for norad_id, (spot, began) in day.turned.items():
        own = [one for one in rows if one["norad_id"] == norad_id]
        told = [one for one in own if not one["said"].get("withdrawn", False)]
        if any(one["state"] != CLOSED or one["news_at"] >= spot.time - _ABOUT for one in told):
            continue
        finding = _blank(norad_id, "geo", began, spot.time, day)
        if any(one["finding_id"] == finding["finding_id"] for one in own):
            continue
        said = {"mattered": iso(began), "from": iso(spot.time - _ABOUT), "start": start_at(spot)}
        opened.append({**finding, "said": said, "listed": False})
    return opened


def fallen_silent(rows: list[Finding], overdue: pd.DataFrame, day: Day) -> list[Finding]:
    """New findings: keepers that no longer burn, where nothing else is told of the object."""
    opened = []
    for row in overdue.to_dict("records"):
        norad_id, since = int(row["norad_id"]), row["since"]
        own = [one for one in rows if one["norad_id"] == norad_id]
        if any(one["state"] != CLOSED for one in own) or known_silence(own, since):
            continue
        finding = _blank(norad_id, "geo" if norad_id in day.phases else str(row.get("regime", "")), since, since, day)
        finding |= {"unexpectedness": float(row["surprise"]), "reasons": [str(row["reason"])], "state": UNDER_WAY}
        finding["said"] = {
            "mattered": iso(day.as_of),
            "silent_since": iso(since),
            "from": iso(since),
            "why": str(row["reason"]),
        }
        opened.append(finding)
    return opened


def risen(rows: list[Finding], day: Day) -> list[Finding]:
    """The findings, those of objects that are dead and moved marked, and new ones where there is none yet."""
    rows = list(rows)
    places = defaultdict(list)
    for place, row in enumerate(rows):
        places[row["norad_id"]].append(place)
    for norad_id, moves in day.moves.items():
        found = dead_that_moved(moves, day.dead, day.as_of, day.config)
        if found is None:
            continue
        move, why = found
        holding = [place for place in places[norad_id] if any(meets(move, *one) for one in held_windows(rows[place]))]
        if not holding and not any(rows[place]["state"] != CLOSED for place in places[norad_id]):
            new = _new(move, day)
            rows.append({**new, "said": {**new["said"], "dead": why, "over": DEAD_MOVES}})
        for place in holding:
            if rows[place]["state"] != CLOSED and "dead" not in rows[place]["said"]:
                rows[place] = {**rows[place], "said": {**rows[place]["said"], "dead": why, "over": DEAD_MOVES}}
    return rows


def _new(move: Move, day: Day) -> Finding:
    finding = _blank(move.norad_id, move.regime, move.after, move.before, day)
    finding |= {"events": windows([move]), "unexpectedness": move.unexpectedness, "said": {"mattered": iso(move.after)}}
    return finding


def _blank(norad_id: int, regime: str, first: pd.Timestamp, start: pd.Timestamp, day: Day) -> Finding:
    return {
        "finding_id": finding_id(norad_id, first, start),
        "norad_id": norad_id,
        "name": day.names.get(norad_id, "") or str(norad_id),
        "regime": regime,
        "kind": MANEUVER,
        "state": STOPPED,
        "opened_at": day.as_of,
        "news_at": day.as_of,
        "closed_at": pd.NaT,
        "headline": "",
        "news": [],
        "expects": "",
        "reasons": [],
        "neighbours": [],
        "events": [],
        "partners": [],
        "unexpectedness": 0.0,
        "dv_m_s": 0.0,
        "listed": True,
        "said": {},
    }
