"""A finding brought up to a day: told anew, taken back, or closed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings import ceased, geo, leo
from models.assess.findings.belt import KEPT
from models.assess.findings.chain import DAY, Move, gathered, held_windows, meets, spent_m_s, windows
from models.assess.findings.day import Day
from models.assess.findings.frame import (
    CLOSED,
    COMMISSIONING,
    DEAD_MOVES,
    EXCURSION,
    MANEUVER,
    SHADOWING,
    STOPPED,
    TOW,
    UNDER_WAY,
    Finding,
    iso,
)
from models.assess.findings.geo_story import Belt
from models.assess.findings.nearby import ahead_of, neighbours_of
from models.assess.findings.telling import Told, written


def advanced(finding: Finding, siblings: list[Finding], day: Day) -> Finding:
    """A finding as of the day."""
    if finding["state"] == CLOSED:
        if not finding["said"].get("withdrawn", False) or not _seen_again(finding, day):
            return finding
        said = {name: value for name, value in finding["said"].items() if name != "withdrawn"}
        finding = {**finding, "state": STOPPED, "closed_at": pd.NaT, "said": said}
    moves = gathered(finding, day.moves.get(finding["norad_id"], []), day.config)
    if not moves and "silent_since" in finding["said"]:
        phases = day.phases.get(finding["norad_id"], day.no_phases)
        return _closed(written(finding, ceased.tell(finding, phases, day.as_of, day.config), [], day.as_of), day)
    told = _told(finding, siblings, moves, day)
    borne_out = told is not None and told.kind == EXCURSION and "back_at" in told.said.get("visit", {})
    if not moves and not borne_out and (told is None or told.kind in (MANEUVER, EXCURSION)):
        return _withdrawn(finding, day)
    if told is None:
        return _closed(finding, day)
    finding = {**written(finding, told, moves, day.as_of), "neighbours": neighbours_of(finding, moves, day)}
    spent = max(told.dv_m_s, spent_m_s(moves))
    finding["dv_m_s"] = round(spent, 4)
    if not moves:
        return _closed(finding, day)
    finding["kind"] = _overall(told.kind, told.said)
    if "dead" in told.said:
        finding["headline"] += f"; it {told.said['dead']}"
    worst = max(moves, key=lambda move: move.unexpectedness)
    finding |= {
        "events": windows(moves),
        "unexpectedness": max(finding["unexpectedness"], worst.unexpectedness),
        "reasons": list(worst.reasons),
    }
    return _closed(finding, day)


def _overall(kind: str, said: Mapping[str, Any]) -> str:
    """The kind of a finding, given what its own burns amount to and who takes part."""
    over = str(said.get("over", ""))
    return over if over in (DEAD_MOVES, TOW, SHADOWING) or (over and kind == MANEUVER) else kind


def _told(finding: Finding, siblings: list[Finding], moves: list[Move], day: Day) -> Told | None:
    began, by_count = (moves[0].before, moves[0].age_days) if moves else (finding["opened_at"], math.nan)
    age_days = day.launches.age_days(finding["norad_id"], began, by_count)
    if finding["regime"] != "geo":
        every = day.moves.get(finding["norad_id"], [])
        return leo.tell(finding, moves, every, age_days, day.as_of, day.config)
    earlier = [row for row in siblings if row["finding_id"] != finding["finding_id"]]
    phases = day.phases.get(finding["norad_id"], day.no_phases)
    belt = Belt(
        phases,
        day.others,
        [place for row in earlier for place in row["said"].get("places", [])],
        age_days,
        any(row["kind"] == COMMISSIONING for row in earlier) or _came_and_stayed(phases, began, day.config),
        _never_placed(phases, began, day.config),
        ahead_of(finding["norad_id"], day),
        day.as_of,
    )
    return geo.tell(finding, moves, belt, day.config)


def _seen_again(finding: Finding, day: Day) -> bool:
    """Whether sets show the event of a withdrawn finding again."""
    held = held_windows(finding)
    own = day.moves.get(finding["norad_id"], [])
    return any(move.listed and move.maneuver and any(meets(move, *window) for window in held) for move in own)


def _withdrawn(finding: Finding, day: Day) -> Finding:
    """A finding whose event later sets no longer show, closed."""
    headline = f"{finding['name']}: the event that this was opened for is no longer seen"
    said = {**finding["said"], "withdrawn": True}
    closed = {**finding, "state": CLOSED, "closed_at": day.as_of, "headline": headline, "expects": "", "said": said}
    if said.get("kind", MANEUVER) == MANEUVER or said.get("taken_back", False):
        return closed
    # What was claimed of it is taken back.
    said["taken_back"] = True
    news = {"at": iso(day.as_of), "text": "withdrawn: later sets no longer show the event", "event": None}
    return {**closed, "news": [*finding["news"], news], "news_at": day.as_of}


def _came_and_stayed(phases: pd.DataFrame, until: pd.Timestamp, config: FindingsConfig) -> bool:
    """Whether the object was seen to come to a place, and stayed; one that was there from the first set must have stayed for longer."""
    stay = phases["phase_end"].where(phases["phase_end"] < until, until) - phases["phase_start"]
    came = phases["burned"] & (stay >= config.settled_days * DAY)
    return bool(((phases["mode"] == KEPT) & (came | (stay >= config.established_days * DAY))).any())


def _never_placed(phases: pd.DataFrame, until: pd.Timestamp, config: FindingsConfig) -> bool:
    """Whether the object was never seen to keep a place before a time."""
    stay = phases["phase_end"].where(phases["phase_end"] < until, until) - phases["phase_start"]
    return not bool(((phases["mode"] == KEPT) & (stay >= config.stay_days * DAY)).any())


def _closed(finding: Finding, day: Day) -> Finding:
    """The finding, closed if nothing has happened for long."""
    patience = day.config.adrift_days if finding["state"] == UNDER_WAY else day.config.quiet_days
    if day.as_of - pd.Timestamp(finding["said"]["mattered"]) <= patience * DAY:
        return finding
    return {**finding, "state": CLOSED, "closed_at": day.as_of, "expects": "nothing more: closed after quiet weeks"}
