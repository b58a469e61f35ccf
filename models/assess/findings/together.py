"""Objects that move together: burns on one day, one towing another, one beside another for weeks."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings import words
from models.assess.findings.belt import KEPT, apart_deg
from models.assess.findings.chain import DAY, Move, gathered, meets
from models.assess.findings.frame import (
    APPROACH,
    CLOSED,
    DEAD_MOVES,
    MANEUVER,
    SHADOWING,
    SYNCHRONISED,
    TOW,
    Finding,
    iso,
)
from models.assess.ways import APPROACHING, BESIDE
from orbits.elements import wrap_deg

_MEMORY_DAYS = 90.0  # over which others' burns tell how often two fall together by chance


def together(
    rows: list[Finding],
    moves: Mapping[int, list[Move]],
    phases: pd.DataFrame,
    company: pd.DataFrame,
    names: Mapping[int, str],
    dead: Mapping[int, str],
    as_of: pd.Timestamp,
    config: FindingsConfig,
) -> list[Finding]:
    """Findings with who moves with them; each partner is news once."""
    rows = _synchronised(rows, moves, as_of, config)
    fast = phases["drift_deg_day"].abs() >= config.leaving_drift_deg_day
    moving = phases[(phases["mode"] != KEPT) & fast & (phases["sets"] > 2) & phases["current"]]
    ids = set(moving["norad_id"].tolist())
    rows = [
        _towed(row, moving, names, dead, as_of, config) if row["norad_id"] in ids and row["state"] != CLOSED else row
        for row in rows
    ]
    return [_accompanied(row, company, as_of, config) for row in rows]


def _told(
    row: Finding, other_id: int, text: str, event: pd.Timestamp | None, kind: str, as_of: pd.Timestamp, *, news: bool
) -> Finding:
    """The finding with a partner, and the news of it if it is to be said."""
    over = row["said"].get("over", "")
    said = {**row["said"], "with": [*row["said"].get("with", []), other_id], "over": over or kind}
    if kind == TOW:
        said["over"] = TOW
    row = {**row, "said": said, "partners": sorted({*row["partners"], other_id})}
    if said["over"] in (TOW, SHADOWING, DEAD_MOVES) or row["kind"] == MANEUVER:
        row["kind"] = said["over"]
    if not news:
        return row
    one = {"at": iso(as_of), "text": text, "event": None if event is None else iso(event)}
    return {**row, "news": [*row["news"], one], "news_at": as_of}


def _synchronised(
    rows: list[Finding], moves: Mapping[int, list[Move]], as_of: pd.Timestamp, config: FindingsConfig
) -> list[Finding]:
    listed: list[tuple[int, Move]] = []
    for index, row in enumerate(rows):
        if row["state"] != CLOSED:
            listed += [(index, one) for one in gathered(row, moves.get(row["norad_id"], []), config) if one.listed]
    rows = list(rows)
    window = pd.Timedelta(hours=config.together_hours)
    for place, (index, one) in enumerate(listed):
        for other_index, other in listed[place + 1 :]:
            if one.norad_id == other.norad_id or not _at_once(one, other, window) or not _near(one, other, config):
                continue
            lead, tail = _ordered(rows[index], rows[other_index])
            if tail["norad_id"] in lead["said"].get("with", []):
                continue
            rest = [move for _, move in listed if move is not one and move is not other]
            count = sum(_near(one, move, config) for move in rest)
            chance = 1 - math.exp(-(count + 0.5) * 2 * config.together_hours / 24 / _MEMORY_DAYS)
            if chance > config.together_chance:
                continue
            hours = abs(one.time - other.time) / pd.Timedelta(hours=1)
            text = f"{tail['name']} burned within {max(hours, 1):.0f} h of it{_where(one, other)}"
            first, second = (index, other_index) if lead is rows[index] else (other_index, index)
            event = max(one.after, other.after)
            rows[first] = _told(lead, tail["norad_id"], text, event, SYNCHRONISED, as_of, news=True)
            rows[second] = _told(tail, lead["norad_id"], "", None, SYNCHRONISED, as_of, news=False)
    return rows


def _at_once(one: Move, other: Move, window: pd.Timedelta) -> bool:
    """Whether two burned within a time; of windows that overlap the times are the less certain."""
    apart = abs(one.time - other.time)
    return bool(apart <= window or (apart <= 2 * window and meets(one, other.before, other.after)))


def _ordered(one: Finding, other: Finding) -> tuple[Finding, Finding]:
    """The more unexpected first."""
    first, second = sorted((one, other), key=lambda row: (-row["unexpectedness"], row["norad_id"]))
    return first, second


def _near(one: Move, other: Move, config: FindingsConfig) -> bool:
    if (one.regime == "geo") != (other.regime == "geo"):
        return False
    tilt = abs(one.inclination_deg - other.inclination_deg)
    if one.regime == "geo":
        near = abs(apart_deg(one.longitude_deg, other.longitude_deg)) <= config.together_deg
        return bool(near and not tilt > config.beside_tilt_deg)
    return abs(one.a_km - other.a_km) <= config.together_km and tilt <= config.together_plane_deg


def _where(one: Move, other: Move) -> str:
    if one.regime == "geo":
        return f", {abs(apart_deg(one.longitude_deg, other.longitude_deg)):.1f} deg away"
    return f", {abs(one.a_km - other.a_km):.0f} km of semi-major axis apart"


def _towed(
    row: Finding,
    moving: pd.DataFrame,
    names: Mapping[int, str],
    dead: Mapping[int, str],
    as_of: pd.Timestamp,
    config: FindingsConfig,
) -> Finding:
    """A moving object of the belt with who goes the same way beside it, one of them dead."""
    own = moving["norad_id"] == row["norad_id"]
    now, others = moving[own].iloc[0], moving[~own]
    days = (now["phase_end"] - others["phase_end"]) / DAY
    ahead = others["longitude_end_deg"] + others["drift_deg_day"] * days - now["longitude_end_deg"]
    slower = np.abs(others["drift_deg_day"] - now["drift_deg_day"])
    near = (
        (np.abs(wrap_deg(ahead.to_numpy(np.float64))) <= config.tow_deg)
        & (np.abs(others["a_km"] - now["a_km"]) <= config.tow_km)
        & (slower <= config.tow_drift_deg_day)
        & (np.abs(others["inclination_deg"] - now["inclination_deg"]) <= config.beside_tilt_deg)
        & (np.abs(days) <= config.chain_days)
    )
    for other_id in others.loc[near, "norad_id"].tolist():
        is_dead = row["norad_id"] in dead or "dead" in row["said"]
        if other_id in row["said"].get("towing", []) or (not is_dead and other_id not in dead):
            continue
        name = names.get(other_id, "") or str(other_id)
        verb = "is moved by" if is_dead else "tows"
        why = f", which {dead[other_id]}" if other_id in dead else ""
        text = f"{verb} {name}{why}: both drift {words.drift_text(float(now['drift_deg_day']))} side by side"
        said = {**row["said"], "towing": [*row["said"].get("towing", []), other_id]}
        row = _told({**row, "said": said}, other_id, text, None, TOW, as_of, news=True)
    return row


def _accompanied(row: Finding, company: pd.DataFrame, as_of: pd.Timestamp, config: FindingsConfig) -> Finding:
    """A finding outside GEO with whom its burns brought it near, by what `approach.company` says."""
    needed = {"norad_id", "other_id", "other_name", "way", "by_the_burn", "own_fleet", "chance", "plane_angle_deg"}
    if row["state"] == CLOSED or row["regime"] == "geo" or not needed <= set(company.columns):
        return row
    own = company[(company["norad_id"] == row["norad_id"]) & ~company["own_fleet"].astype(bool)]
    for one in own.to_dict("records"):
        beside = one["way"] == BESIDE
        aimed = one["way"] == APPROACHING and one["by_the_burn"] and one["chance"] <= config.company_chance
        other_id = int(one["other_id"])
        key = f"{other_id} {'beside' if beside else 'near'}"
        if not (beside or aimed) or key in row["said"].get("company", []):
            continue
        kind = SHADOWING if beside else APPROACH
        where = f"its plane within {one['plane_angle_deg']:.2f} deg"
        text = f"{'goes along beside' if beside else 'approaches'} {one['other_name']}, {where}"
        evidence = one.get("evidence")
        if isinstance(evidence, str):
            text += f" {evidence}"
        said = {**row["said"], "company": [*row["said"].get("company", []), key]}
        if beside:
            said["over"] = SHADOWING
        row = _told({**row, "said": said}, other_id, text, None, kind, as_of, news=True)
    return row
