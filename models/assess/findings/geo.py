"""What a geosynchronous object's burns amount to over weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.belt.words import pass_text
from models.assess.findings import words
from models.assess.findings.belt import (
    Others,
    Spot,
    apart_deg,
    drift_change_dv_m_s,
    leaving_deg,
    longer_trail,
    spot_before,
    spot_now,
)
from models.assess.findings.chain import DAY, Move
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
from models.assess.findings.telling import Told, settled_kind
from orbits.geosynchronous import dv_of_drift_change_m_s

_RETURN_PACE = 2.0  # times as fast as it left, one may come back
_SURELY_MORE = 1.2  # times what the burns seen make: by less the two do not differ


@dataclass(frozen=True)
class Belt:
    """What a finding of the belt is told from, beside its own events.

    Parameters
    ----------
    phases : DataFrame
        Of this object, as from `belt_phases`, in order of time.
    others : Others
    places : list of dict
        Where earlier findings saw it stop: longitude_deg, at, beside.
    age_days : float
        Since launch, at the first event; NaN where not known.
    settled : bool
        Its commissioning is over.
    unplaced : bool
        It was never seen to keep a place before.
    ahead : list of dict
        Who is met next, rows of `arrivals`, the nearest in time first; empty where it was not asked.
    as_of : Timestamp
    """

    phases: pd.DataFrame
    others: Others
    places: list[dict[str, Any]]
    age_days: float
    settled: bool
    unplaced: bool
    ahead: list[dict[str, Any]]
    as_of: pd.Timestamp


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
    story = _Story(finding["name"], kind, state, start, now, moves, beside, belt, config, said, least)
    told = Told(kind, state, story.headline(), story.expects(finding["norad_id"]), said, [], beside)
    told.dv_m_s = max(least, spent_m_s(moves))
    told.news = _news(story, said, brakes)
    return told


def _with_visit(said: dict[str, Any], start: dict[str, Any], now: Spot, config: FindingsConfig) -> None:
    """Keep in ``said`` that it was seen off its place, where its longitudes bear it out: it went as it drifts, and had time to come back."""
    apart = apart_deg(now.longitude_deg, start["longitude_deg"])
    if not _stood(start, config):
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


def _stood(start: dict[str, Any], config: FindingsConfig) -> bool:
    return bool(start["kept"]) or abs(start["drift_deg_day"]) < config.standing_drift_deg_day


def _at_start(start: dict[str, Any], place: float, config: FindingsConfig) -> bool:
    return _stood(start, config) and abs(apart_deg(place, start["longitude_deg"])) < config.back_deg


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
    if _stood(start, config):
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
    visited = _visited(belt, said, config)
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


def _visited(belt: Belt, said: dict[str, Any], config: FindingsConfig) -> list[dict[str, Any]]:
    """Where it stopped beside others, in this finding and earlier ones."""
    since = belt.as_of - config.serial_days * DAY
    stops = [*belt.places, *said.get("places", [])]
    return [one for one in stops if one["beside"] and pd.Timestamp(one["at"]) >= since]


def _different(longitudes: Sequence[float]) -> int:
    """How many places more than a degree apart."""
    kept: list[float] = []
    for one in longitudes:
        if all(abs(apart_deg(one, other)) > 1.0 for other in kept):
            kept.append(one)
    return len(kept)


def _rests(moves: Sequence[Move], as_of: pd.Timestamp, config: FindingsConfig) -> bool:
    return not moves or as_of - moves[-1].after > config.chain_days * DAY


def spent_m_s(moves: Sequence[Move]) -> float:
    """Velocity change of moves together [m/s], as far as it is known of each."""
    return float(sum(move.dv_m_s for move in moves if np.isfinite(move.dv_m_s)))


@dataclass(frozen=True)
class _Story:
    """The words for a finding of the belt."""

    name: str
    kind: str
    state: str
    start: dict[str, Any]
    now: Spot
    moves: Sequence[Move]
    beside: Sequence[tuple[int, str, float]]
    belt: Belt
    config: FindingsConfig
    said: dict[str, Any]
    least_dv_m_s: float

    @property
    def _spent(self) -> str:
        if not self.moves and self.kind == EXCURSION:
            return f"at least {words.size_text(self.least_dv_m_s)} by its drift, no burn seen any more"
        if not self.moves:
            return "no burn seen"
        seen = spent_m_s(self.moves)
        if self.least_dv_m_s <= _SURELY_MORE * seen:
            return words.burns_text(len(self.moves), seen)
        least = f"though its change of drift takes at least {words.size_text(self.least_dv_m_s)}"
        return f"{words.burns_text(len(self.moves), seen)}, {least}"

    @property
    def _when(self) -> str:
        if not self.moves:
            return f"on {words.day_text(pd.Timestamp(self.said['visit']['at']) if 'visit' in self.said else self.now.since)}"
        return words.span_text(self.moves[0].time, self.moves[-1].time)

    @property
    def place(self) -> str:
        """Where it is, and beside whom if it stands there."""
        beside = words.beside_text([(name, apart) for _, name, apart in self.beside])
        return f"{words.longitude_text(self.now.longitude_deg)}{beside}"

    @property
    def start_text(self) -> str:
        return words.longitude_text(self.start["longitude_deg"])

    def headline(self) -> str:
        """One sentence: who, from where, where to, how fast, how much."""
        now, drift = self.now, words.drift_text(self.now.drift_deg_day)
        stood = _stood(self.start, self.config)
        from_text = f"left {self.start_text}" if stood else f"drifted {words.drift_text(self.start['drift_deg_day'])}"
        match self.kind:
            case "disposal":
                return (
                    f"{self.name} was raised out of the belt from {self.start_text}: {words.height_text(now.above_km)} after "
                    f"{self._spent} {self._when}, drifting {drift}"
                )
            case "commissioning":
                age = f", about {self.belt.age_days:.0f} days after launch," if np.isfinite(self.belt.age_days) else ""
                if self.state == STOPPED:
                    return f"{self.name}, new{age} has come to {self.place} ({self._spent})"
                return (
                    f"{self.name}, new{age} is on its way to its place: {words.height_text(now.above_km)} near "
                    f"{words.longitude_text(now.longitude_deg)}, drifting {drift} ({self._spent})"
                )
            case "excursion":
                return f"{self.name} left {self.start_text} and has come back to {self.place} ({self._spent}, {self._when})"
            case "maneuver":
                why = f": {self.moves[0].reasons[0]}" if self.moves and self.moves[0].reasons else ""
                return f"{self.name} burned {words.size_text(spent_m_s(self.moves))} {self._when} near {self.start_text}{why}"
            case "station-keeping ceased":
                days = (self.moves[-1].time - pd.Timestamp(self.said["silent_since"])) / DAY
                return f"{self.name} burns again after {days:.0f} days, near {self.place} ({self._spent}, {self._when})"
            case "drift change":
                verb = (
                    "reversed its drift" if now.drift_deg_day * self.start["drift_deg_day"] < 0 else "changed its drift"
                )
                return (
                    f"{self.name} {verb} from {words.drift_text(self.start['drift_deg_day'])} to {drift} near "
                    f"{words.longitude_text(self._turned())} ({self._spent}, {self._when})"
                )
            case "serial visiting":
                places = [
                    words.longitude_text(one["longitude_deg"]) for one in _visited(self.belt, self.said, self.config)
                ]
                tail = f"now at {self.place}" if self.state == STOPPED else f"now drifting {drift}"
                return f"{self.name} goes from object to object: stops at {words.listed_text(places)}; {tail}"
            case "loitering":
                return f"{self.name} {from_text} and stands{words.beside_text([b[1:] for b in self.beside])} at {words.longitude_text(now.longitude_deg)} since {words.day_text(now.since)}"
        if self.state == STOPPED:
            return f"{self.name} {from_text} and has stopped at {self.place} ({self._spent}, {self._when})"
        return (
            f"{self.name} {from_text} and drifts {drift}, now near {words.longitude_text(now.at(self.belt.as_of))} "
            f"({self._spent}, {self._when})"
        )

    def _turned(self) -> float:
        longitude = self.moves[-1].longitude_deg if self.moves else self.now.longitude_deg
        return longitude if np.isfinite(longitude) else self.now.longitude_deg

    def expects(self, norad_id: int) -> str:
        """What comes next if nothing else happens."""
        if self.kind == DISPOSAL:
            return "should stay above the belt, be emptied and go silent"
        if self.state == STOPPED:
            if self.kind == MANEUVER and self.now.by_move and not self.now.stands(self.config):
                return f"later sets should show whether it leaves: now {words.drift_text(self.now.drift_deg_day)}{self._reach(norad_id)}"
            if self.kind == MANEUVER:
                return "back to its routine"
            return f"should keep {words.longitude_text(self.now.longitude_deg)}"
        reach, days = self._reach(norad_id), self.config.horizon_days / 3
        if not reach:
            return f"meets nobody within {self.config.horizon_days:.0f} days if it does not burn again"
        end = words.longitude_text(self.now.at(self.belt.as_of + days * DAY))
        return f"if it does not burn again{reach.lstrip(',')}, and is at {end} in {days:.0f} days"

    def _reach(self, norad_id: int) -> str:
        """Whom it comes to next."""
        if self.belt.ahead:
            return f", it {'; '.join(pass_text(row) for row in self.belt.ahead[:3])}"
        met = self.belt.others.ahead(norad_id, self.now, self.belt.as_of, self.config.horizon_days)
        said = [
            f"{name} at {words.longitude_text(longitude)} on {words.day_text(when)}"
            for name, longitude, when in met[:3]
        ]
        return f", it reaches {words.listed_text(said)}" if said else ""


def _news(story: _Story, said: dict[str, Any], stands: bool) -> list[tuple[str, pd.Timestamp | None]]:
    """What is new since it was last told; brings ``said`` up to date."""
    now, config = story.now, story.config
    last = story.moves[-1].after if story.moves else None
    first = "kind" not in said
    kinds = list(said.get("kinds", []))
    before, told_drift = said.get("kind"), said.get("drift_deg_day", 0.0)
    stood = bool(said.get("stands", False))
    news: list[str] = []
    if first:
        news.append(story.headline())
    elif story.kind == CEASED and not said.get("burns_again", False):
        said["burns_again"] = True
        news.append(story.headline())
    elif story.kind != before and story.kind not in kinds and not (stood and before == DRIFT_CHANGE):
        news.append(f"{story.kind}: {story.headline()}")
    sure = not now.by_move
    leaves = sure and abs(now.drift_deg_day) >= config.leaving_drift_deg_day and not now.kept
    burned = last is not None and iso(last) > said.get("drift_at", "")
    tolerance = max(config.drift_news_deg_day, config.drift_news_share * max(abs(now.drift_deg_day), abs(told_drift)))
    if stands and not stood:
        if not first and not news and story.kind not in (MANEUVER, CEASED):
            news.append(f"has stopped at {story.place}")
        said["stands"] = True
    elif stood and leaves and not stands:
        if not news and not first:
            news.append(
                f"leaves {words.longitude_text(said['place_deg'])} and drifts {words.drift_text(now.drift_deg_day)}"
            )
        said["stands"] = False
    elif (
        stands
        and not news
        and abs(apart_deg(now.longitude_deg, said.get("place_deg", now.longitude_deg))) > config.leaving_deg
    ):
        if story.kind not in (MANEUVER, CEASED):
            news.append(f"has moved on from {words.longitude_text(said['place_deg'])} to {story.place}")
    elif not first and not news and not stands and burned and sure and abs(now.drift_deg_day - told_drift) > tolerance:
        word = "reverses its drift" if now.drift_deg_day * told_drift < 0 and abs(told_drift) > 0.1 else "now drifts"
        now_text = words.drift_text(now.drift_deg_day)
        text = f"reverses its drift to {now_text}" if word.startswith("rev") else f"now drifts {now_text}"
        news.append(f"{text}, before {words.drift_text(told_drift)}, near {words.longitude_text(now.longitude_deg)}")
    if news or not burned:
        said["drift_deg_day"] = round(now.drift_deg_day, 4)
        said["drift_at"] = max(said.get("drift_at", ""), iso(last)) if last is not None else said.get("drift_at", "")
    if said.get("stands"):
        said["place_deg"] = round(now.longitude_deg, 3)
    said["kind"] = story.kind
    said["kinds"] = kinds if story.kind in kinds else [*kinds, story.kind]
    return [(text, last) for text in news]
