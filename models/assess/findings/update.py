"""Findings brought up to a day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.belt.arrivals import APPROACHING, BESIDE, RECEDING
from models.assess.findings import ceased, geo, leo
from models.assess.findings.age import Launches, launches_of
from models.assess.findings.belt import KEPT, Others, Spot, others_of, turned, unplaced, without_mistaken
from models.assess.findings.ceased import known_silence
from models.assess.findings.chain import DAY, Move, gathered, held_windows, meets, moves_of, windows
from models.assess.findings.dead import cannot_move, dead_that_moved
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
    finding_frame,
    finding_id,
    finding_rows,
    iso,
)
from models.assess.findings.telling import Told, written
from models.assess.findings.together import together

_ABOUT = 5 * DAY  # phases and events of one departure may differ by this
_MEMORY = 400 * DAY  # events longer ago belong to no finding that is open


@dataclass(frozen=True)
class _Day:
    """All that findings are told from on a day."""

    as_of: pd.Timestamp
    moves: Mapping[int, list[Move]]
    phases: Mapping[int, pd.DataFrame]
    no_phases: pd.DataFrame
    others: Others
    turned: Mapping[int, tuple[Spot, pd.Timestamp]]
    names: Mapping[int, str]
    launches: Launches
    coming: set[int]
    dead: Mapping[int, str]
    current: pd.DataFrame
    company: pd.DataFrame
    config: FindingsConfig


def update(
    findings: pd.DataFrame,
    events: pd.DataFrame,
    phases: pd.DataFrame,
    company: pd.DataFrame,
    overdue: pd.DataFrame,
    objects: pd.DataFrame,
    as_of: pd.Timestamp,
    config: FindingsConfig = FindingsConfig(),
) -> pd.DataFrame:
    """Bring findings up to a time: gather new events, open what is new, say what changed, close what rests.

    Pure: the same call on its own result changes nothing, and no news is said twice.

    Parameters
    ----------
    findings : DataFrame
        Those of before (`frame.FINDING_DTYPES`); `empty_findings` at first.
    events : DataFrame
        The log as of ``as_of``, judged: what `assess` and `calibrate` add, ``first_seen_at`` and ``listed`` among it.
    phases : DataFrame
        As from `belt_phases`, of all geosynchronous objects.
    company : DataFrame
        Who is near whom, as from `arrivals` and its like elsewhere.
    overdue : DataFrame
        ``norad_id``, ``since``, ``surprise``, ``reason``: keepers that no longer burn.
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``.
    as_of : Timestamp
        Now; nothing that was first seen later is looked at.

    Returns
    -------
    DataFrame
        Of the same columns, newest news first.
    """
    rows = finding_rows(findings)
    known = events[events["first_seen_at"] <= as_of] if "first_seen_at" in events else events
    known = known[known["epoch_after"] > as_of - _MEMORY]
    day = _day(rows, known, phases, company, overdue, objects, as_of, config)
    rows += _opened(rows, day)
    rows = _risen(rows, day)
    rows += _turned(rows, day)
    rows += _fallen_silent(rows, overdue, day)
    by_object: dict[int, list[Finding]] = defaultdict(list)
    for row in rows:
        by_object[row["norad_id"]].append(row)
    rows = [_advanced(row, by_object[row["norad_id"]], day) for row in rows]
    rows = together(rows, day.moves, day.current, company, day.names, day.dead, as_of, config)
    return finding_frame(rows)


def movers(
    findings: pd.DataFrame, events: pd.DataFrame, as_of: pd.Timestamp, config: FindingsConfig = FindingsConfig()
) -> list[int]:
    """Objects whose company matters to findings: those of findings that are open, and of fresh listed events.

    Parameters
    ----------
    findings, events, as_of, config
        As for `update`.
    """
    ids = set(findings.loc[findings["state"] != CLOSED, "norad_id"].tolist())
    if len(events) and "listed" in events:
        fresh = events["listed"].astype(bool) & (events["first_seen_at"] > as_of - config.fresh_days * DAY)
        ids |= set(events.loc[fresh & (events["first_seen_at"] <= as_of), "norad_id"].tolist())
    return sorted(int(one) for one in ids)


def _day(
    rows: list[Finding],
    events: pd.DataFrame,
    phases: pd.DataFrame,
    company: pd.DataFrame,
    overdue: pd.DataFrame,
    objects: pd.DataFrame,
    as_of: pd.Timestamp,
    config: FindingsConfig,
) -> _Day:
    listed = events["listed"].to_numpy(np.bool_) if "listed" in events else np.zeros(len(events), dtype=np.bool_)
    wanted = {row["norad_id"] for row in rows if row["state"] != CLOSED} | set(events.loc[listed, "norad_id"].tolist())
    wanted |= set(overdue["norad_id"].tolist())
    recent = set(events.loc[events["epoch_after"] > as_of - 2 * config.fresh_days * DAY, "norad_id"].tolist())
    known = objects[objects["norad_id"].isin(wanted | recent | set(phases["norad_id"].tolist()))]
    dead = cannot_move(known)
    wanted |= set(dead) & recent
    ordered = phases.sort_values(["norad_id", "phase_start"], kind="stable", ignore_index=True)
    ordered = without_mistaken(ordered, config)
    coming = _coming(unplaced(ordered, config) & recent, objects, as_of, config)
    wanted |= coming
    left = turned(ordered, as_of - config.fresh_days * DAY, config)
    moves: dict[int, list[Move]] = defaultdict(list)
    for move in moves_of(events[events["norad_id"].isin(wanted | set(left))]):
        moves[move.norad_id].append(move)
    own = ordered[ordered["norad_id"].isin(wanted | set(left))]
    names = dict(zip(known["norad_id"].tolist(), known["name"].tolist(), strict=True))
    return _Day(
        as_of,
        moves,
        {int(group["norad_id"].iloc[0]): group for _, group in own.groupby("norad_id")},
        ordered.iloc[:0],
        others_of(ordered, known, config),
        left,
        names,
        launches_of(objects, wanted | set(left)),
        coming,
        dead,
        ordered[ordered["current"]],
        company,
        config,
    )


def _coming(ids: set[int], objects: pd.DataFrame, as_of: pd.Timestamp, config: FindingsConfig) -> set[int]:
    """Those of the objects that are young by their launch."""
    if not ids:
        return set()
    launches = launches_of(objects, ids)
    return {one for one in ids if launches.age_days(one, as_of) < config.young_days}


def _opened(rows: list[Finding], day: _Day) -> list[Finding]:
    """New findings, one an object: from listed events that none holds or gathers."""
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
            tells = move.listed or (norad_id in day.coming and _raises(move, day.config))
            if tells and move.maneuver and fresh and not any(meets(move, *window) for window in held):
                opened.append({**_new(move, day), "listed": move.listed})
                break
    return opened


def _raises(move: Move, config: FindingsConfig) -> bool:
    """Whether a burn is one of those that take a new object to its place."""
    return move.probability >= config.least_probability and abs(move.delta_a_km) >= config.commission_km


def _turned(rows: list[Finding], day: _Day) -> list[Finding]:
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
        said = {"mattered": iso(began), "from": iso(spot.time - _ABOUT), "start": geo.start_at(spot)}
        opened.append({**finding, "said": said, "listed": False})
    return opened


def _fallen_silent(rows: list[Finding], overdue: pd.DataFrame, day: _Day) -> list[Finding]:
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


def _risen(rows: list[Finding], day: _Day) -> list[Finding]:
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


def _new(move: Move, day: _Day) -> Finding:
    finding = _blank(move.norad_id, move.regime, move.after, move.before, day)
    finding |= {"events": windows([move]), "unexpectedness": move.unexpectedness, "said": {"mattered": iso(move.after)}}
    return finding


def _blank(norad_id: int, regime: str, first: pd.Timestamp, start: pd.Timestamp, day: _Day) -> Finding:
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


def _advanced(finding: Finding, siblings: list[Finding], day: _Day) -> Finding:
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
    finding = {**written(finding, told, moves, day.as_of), "neighbours": _neighbours(finding, moves, day)}
    spent = max(told.dv_m_s, geo.spent_m_s(moves))
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


def _told(finding: Finding, siblings: list[Finding], moves: list[Move], day: _Day) -> Told | None:
    began, by_count = (moves[0].before, moves[0].age_days) if moves else (finding["opened_at"], math.nan)
    age_days = day.launches.age_days(finding["norad_id"], began, by_count)
    if finding["regime"] != "geo":
        every = day.moves.get(finding["norad_id"], [])
        return leo.tell(finding, moves, every, age_days, day.as_of, day.config)
    earlier = [row for row in siblings if row["finding_id"] != finding["finding_id"]]
    belt = geo.Belt(
        day.phases.get(finding["norad_id"], day.no_phases),
        day.others,
        [place for row in earlier for place in row["said"].get("places", [])],
        age_days,
        any(row["kind"] == COMMISSIONING for row in earlier)
        or _came_and_stayed(day.phases.get(finding["norad_id"], day.no_phases), began, day.config),
        _never_placed(day.phases.get(finding["norad_id"], day.no_phases), began, day.config),
        _ahead(finding["norad_id"], day),
        day.as_of,
    )
    return geo.tell(finding, moves, belt, day.config)


def _arrivals(norad_id: int, day: _Day) -> pd.DataFrame:
    """Rows of `arrivals` of an object of the belt, those ahead by time; none where it was not asked."""
    if not {"longitude_deg", "way", "when", "other_name"} <= set(day.company.columns):
        return day.company.iloc[:0]
    own = day.company["longitude_deg"].notna() & (day.company["norad_id"] == norad_id)
    return day.company[own].sort_values("when", kind="stable")


def _ahead(norad_id: int, day: _Day) -> list[dict[str, Any]]:
    """Whom an object of the belt comes to, nearest in time first, by the company that was asked for it."""
    rows = _arrivals(norad_id, day)
    if rows.empty:
        return []
    rows = rows[(rows["way"] == APPROACHING) & (rows["when"] >= day.as_of)]
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _neighbours(finding: Finding, moves: list[Move], day: _Day) -> list[dict[str, Any]]:
    """Who is near: in the belt who is beside or ahead as of the day, elsewhere whom the last event came near."""
    known = list(moves[-1].neighbours) if moves else []
    if finding["regime"] != "geo":
        return known
    rows = _arrivals(finding["norad_id"], day)
    if rows.empty:
        return known
    rows = rows[rows["way"] != RECEDING]
    order = np.lexsort((rows["when"], (rows["way"] != BESIDE)))
    return [
        {
            "norad_id": int(row["other_id"]),
            "name": str(row["other_name"]),
            "miss_km": _rounded(row["miss_km"]),
            "miss_sigma_km": _rounded(row["miss_sigma_km"]),
            **{name: iso(row[name].floor("s")) for name in ("when", "when_low", "when_high")},
            "way": str(row["way"]),
            "longitude_deg": round(float(row["longitude_deg"]), 3),
        }
        for row in rows.iloc[order].to_dict("records")
    ] or known


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if math.isfinite(value) else None


def _seen_again(finding: Finding, day: _Day) -> bool:
    """Whether sets show the event of a withdrawn finding again."""
    held = held_windows(finding)
    own = day.moves.get(finding["norad_id"], [])
    return any(move.listed and move.maneuver and any(meets(move, *window) for window in held) for move in own)


def _withdrawn(finding: Finding, day: _Day) -> Finding:
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


def _closed(finding: Finding, day: _Day) -> Finding:
    """The finding, closed if nothing has happened for long."""
    patience = day.config.adrift_days if finding["state"] == UNDER_WAY else day.config.quiet_days
    if day.as_of - pd.Timestamp(finding["said"]["mattered"]) <= patience * DAY:
        return finding
    return {**finding, "state": CLOSED, "closed_at": day.as_of, "expects": "nothing more: closed after quiet weeks"}
