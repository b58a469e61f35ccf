"""The words for a finding of the belt, and what of them is news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from configs.findings import FindingsConfig
from models.assess.belt.words import pass_text
from models.assess.findings import words
from models.assess.findings.belt import Others, Spot, apart_deg
from models.assess.findings.chain import DAY, Move, spent_m_s
from models.assess.findings.frame import (
    CEASED,
    DISPOSAL,
    DRIFT_CHANGE,
    EXCURSION,
    MANEUVER,
    STOPPED,
    iso,
)

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


@dataclass(frozen=True)
class Story:
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
        """Where it was."""
        return words.longitude_text(self.start["longitude_deg"])

    def headline(self) -> str:
        """One sentence: who, from where, where to, how fast, how much."""
        now, drift = self.now, words.drift_text(self.now.drift_deg_day)
        stood = stood_still(self.start, self.config)
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
                    words.longitude_text(one["longitude_deg"]) for one in places_of(self.belt, self.said, self.config)
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


def news_of(story: Story, said: dict[str, Any], stands: bool) -> list[tuple[str, pd.Timestamp | None]]:
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


def stood_still(start: dict[str, Any], config: FindingsConfig) -> bool:
    """Whether the object kept a place where the finding begins."""
    return bool(start["kept"]) or abs(start["drift_deg_day"]) < config.standing_drift_deg_day


def places_of(belt: Belt, said: dict[str, Any], config: FindingsConfig) -> list[dict[str, Any]]:
    """Where it stopped beside others, in this finding and earlier ones."""
    since = belt.as_of - config.serial_days * DAY
    stops = [*belt.places, *said.get("places", [])]
    return [one for one in stops if one["beside"] and pd.Timestamp(one["at"]) >= since]
