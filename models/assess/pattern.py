"""Pattern of life: is this burn what this object usually does?"""

from __future__ import annotations

import math
from itertools import groupby

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from configs.judgement import PatternConfig
from models.assess import reasons as words
from models.assess.burns import Burn, burns_of
from models.assess.destination import distance, turn
from models.assess.forecast import combined_surprise, joint_surprise
from models.assess.learning import learn
from models.assess.manner import direction, hour, kind, place, size
from models.assess.peers import Company, Society
from models.assess.rhythm import Term, rhythm, watched_days
from models.characterize.explain.words import ANOTHER_OBJECT, BAD_SET, CROSS_TAG, MANEUVER
from models.characterize.kind import ORBIT_RAISE
from models.errors import ModelError

NEEDED = ("norad_id", "available_at", "regime", "burn_time", "a_km")


class DisorderedEventsError(ModelError):
    """Events that became available before others that were judged already."""


def assess(
    events: pd.DataFrame, objects: pd.DataFrame | None = None, config: PatternConfig = PatternConfig()
) -> pd.DataFrame:
    """Say how unexpected each burn is for its object, and why.

    Events are taken in the order in which they became available, and each is judged only by those that were available
    strictly before it: its object's own, and its peers': of its constellation, its operator, its users, its regime.
    Three things are looked at, each as a p-value under the forecast: the *manner* (direction, kind), the *reach* (size
    in that direction, only larger ones surprise; the drift it brings in GEO and what that does to the drift before,
    the distance from the orbit kept elsewhere), and the *moment* (the wait since the last campaign or within one, or
    how rarely the object burns at all; the place on the orbit, the time of day). What is looked at within each depends
    on one another (harmonic mean p, for the reach Brown's correlated sum), the three hardly (Fisher). A routine burn scores below 1, and 3 is one in a thousand.

    Parameters
    ----------
    events : DataFrame
        As from `burn_fit.fit_burns`; probability, kind, age_days, longitude_deg are used where there. Where
        ``explanation`` is there (as from `explain.among.explain`), what is no maneuver surprises nobody and nothing is
        learned from it. Where ``dismissed`` is there, those marked are judged like any other, but nothing is learned from
        them: by now they are known not to be burns. Where a number stands for another object, what the one before it did is forgotten.
    objects : DataFrame, optional
        ``catalog.objects.OBJECT_DTYPES``: who belongs together. Everything but norad_id may be unknown.

    Returns
    -------
    DataFrame
        ``events`` and surprise (-log10 of the combined p, finite, at least 0; 0 for what is no maneuver),
        unexpectedness (the same times the probability that the event is real) and reasons (list of str, strongest
        first; for what is no maneuver, what it is).

    Raises
    ------
    ModelError
        If a column is missing.
    """
    return PatternOfLife(objects, config).judge(events)


class PatternOfLife:
    """What is remembered of all objects, burn by burn.

    Parameters
    ----------
    objects : DataFrame, optional
        As for `assess`.
    config : PatternConfig
    """

    def __init__(self, objects: pd.DataFrame | None = None, config: PatternConfig = PatternConfig()) -> None:
        self._society = Society(objects)
        self._launched = _launches(objects)
        self._config = config
        self._latest_us = -(2**63)

    def judge(self, events: pd.DataFrame) -> pd.DataFrame:
        """Judge events as `assess` does, after all that were judged before, and learn from them.

        Batch by batch gives what `assess` gives of all events at once.

        Raises
        ------
        DisorderedEventsError
            If an event became available no later than one of an earlier batch.
        ModelError
            If a column is missing.
        """
        missing = [name for name in NEEDED if name not in events]
        if missing:
            raise ModelError(f"events lack columns {', '.join(missing)}: run burn_fit.fit_burns first")
        surprises = np.zeros(len(events))
        reasons: list[list[str]] = [[] for _ in range(len(events))]
        doubts = _said_of_maneuvers(events)
        for row, text in _refused(events).items():
            reasons[row] = [text]
        burns = sorted((burn for burn in burns_of(events, self._launched) if not reasons[burn.row]), key=_order)
        if burns and burns[0].available_us <= self._latest_us:
            raise DisorderedEventsError("events became available before what was judged already: judge all anew")
        dismissed = events["dismissed"].to_numpy(np.bool_) if "dismissed" in events else np.zeros(len(events), np.bool_)
        others = _other_objects(events)
        for instant, group in groupby(burns, key=lambda burn: burn.available_us):
            while others and others[0][0] <= instant:
                self._society.forget(others.pop(0)[1])
            companies = [(burn, self._society.company_of(burn, self._config)) for burn in group]
            judged = [(burn, company, *_judge(burn, company, self._config)) for burn, company in companies]
            for burn, company, surprise, texts in judged:
                surprises[burn.row], reasons[burn.row] = surprise, [*texts, *doubts.get(burn.row, ())]
                if not dismissed[burn.row]:
                    learn(burn, company, self._config)
                    self._society.learn(burn)
            self._latest_us = instant
        for _, norad_id in others:
            self._society.forget(norad_id)
        probability = events["probability"].fillna(1.0).to_numpy(np.float64) if "probability" in events else 1.0
        return events.assign(
            surprise=surprises,
            unexpectedness=surprises * probability,
            reasons=pd.Series(reasons, index=events.index, dtype=object),
        )


def _launches(objects: pd.DataFrame | None) -> pd.Series | None:
    if objects is None or "launch_date" not in objects:
        return None
    return objects.dropna(subset="launch_date").drop_duplicates("norad_id").set_index("norad_id")["launch_date"]


def _order(burn: Burn) -> tuple[float, ...]:
    a_km = burn.a_km if math.isfinite(burn.a_km) else 0.0
    return (burn.available_us, burn.day, burn.norad_id, burn.dv_m_s, a_km, burn.delta_a_km, burn.probability, burn.row)


def _other_objects(events: pd.DataFrame) -> list[tuple[int, int]]:
    """When [us], and for which number, another object was known to have taken the place of the one before, in order of time.

    Two objects that exchange their numbers for good are each another one; a single set of the other's orbit changes nothing.
    """
    if "explanation" not in events:
        return []
    changed = (events["explanation"] == ANOTHER_OBJECT) | (events["explanation"] == CROSS_TAG)
    if "own_explanation" in events:
        changed &= ~events["own_explanation"].isin((BAD_SET, CROSS_TAG))
    rows = events[changed]
    return sorted(zip(epoch_us(rows["available_at"]).tolist(), rows["norad_id"].tolist(), strict=True))


def _refused(events: pd.DataFrame) -> dict[int, str]:
    """What the events that are no maneuvers are, by row."""
    if "explanation" not in events:
        return {}
    said = zip(events["explanation"], events["explanation_note"], strict=True)
    return {row: words.refusal_reason(*one) for row, one in enumerate(said) if one[0] != MANEUVER}


def _said_of_maneuvers(events: pd.DataFrame) -> dict[int, list[str]]:
    """What speaks for a doubt about a maneuver, by row."""
    if "explanation" not in events:
        return {}
    said = zip(events["explanation"], events["explanation_note"], strict=True)
    return {row: [note] for row, (explanation, note) in enumerate(said) if explanation == MANEUVER and note}


def judge_terms(burn: Burn, company: Company, config: PatternConfig) -> dict[str, dict[str, Term | None]]:
    """All that is looked at, by what depends on one another; None where it does not apply or is not known."""
    spread = config.young_spread if company.new else 1.0
    return {
        "manner": {"direction": direction(burn, company, config), "kind": kind(burn, company, config)},
        "reach": {
            "size": size(burn, company, config, spread),
            "distance": distance(burn, company, config, spread),
            "turn": turn(burn, company, config),
        },
        "moment": {
            "rhythm": rhythm(burn, company, config),
            "place": place(burn, company, config),
            "hour": hour(burn, company, config),
        },
    }


def _judge(burn: Burn, company: Company, config: PatternConfig) -> tuple[float, list[str]]:
    aspects = {
        name: [term for term in terms.values() if term is not None]
        for name, terms in judge_terms(burn, company, config).items()
    }
    surprises = {name: [term.surprise for term in terms] for name, terms in aspects.items()}
    surprise = combined_surprise(
        [joint_surprise(surprises[name]) for name in ("manner", "moment") if surprises[name]],
        surprises["reach"],
        config.reach_correlation,
    )
    named = sorted((term for terms in aspects.values() for term in terms), key=lambda term: -term.surprise)
    texts = list(dict.fromkeys(term.reason for term in named if term.surprise >= config.mention and term.reason))
    course = company.course
    if company.new and burn.regime == "leo" and burn.kind == ORBIT_RAISE:
        texts.insert(0, words.NEW_RAISE)
    if not texts:
        texts = [words.habit_reason(burn.direction, burn.dv_m_s, burn.day - course.last_day, course.burns)]
    elif course.burns == 0 and watched_days(burn, company) < config.young_days:
        texts.append("watched for too short a time to know its habit")
    return surprise, texts
