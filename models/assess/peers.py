"""Whose burns an object's are compared with: its constellation's, its operator's, its regime's."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from statistics import median
from typing import NamedTuple

import pandas as pd

from configs.judgement import PatternConfig
from models.assess.burns import Burn
from models.assess.forecast import MomentsSeen, Peers, Prediction, chances, predict
from models.assess.memory import Course, Past

WITHIN = "within "  # before the name of a quantity: its variance within one object
NEIGHBORS, NEAR_NUMBERS = 3, 300  # so many objects on either side tell when one was launched, from so near
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]")
_NUMBERED = re.compile(r"\d.*$|\b[IVX]+$|[-\s]+[A-Z]$")
_LETTERS = re.compile(r"[A-Z]{2,}")


def family_of(name: str) -> str:
    """The constellation or series that a name speaks of: what stands before its number; '' where there is none.

    'STARLINK-34605' is of 'STARLINK', 'BEIDOU-3 IGSO-1 (C38)' of 'BEIDOU', 'ASTRA 1KR' of 'ASTRA'.
    """
    bare = _NUMBERED.sub("", _ASIDE.sub("", name.upper()).strip()).strip(" -_.")
    return bare if _LETTERS.search(bare) else ""


class Groups:
    """The groups of each object, the widest first: its users, its owner or operator, its constellation.

    Parameters
    ----------
    objects : DataFrame or None
        ``catalog.objects.OBJECT_DTYPES``; what is empty says nothing.
    """

    def __init__(self, objects: pd.DataFrame | None) -> None:
        known = pd.DataFrame({"norad_id": []}) if objects is None else objects
        columns = [
            known[name].fillna("").astype(str).tolist() if name in known else [""] * len(known)
            for name in ("users", "owner", "operator", "name")
        ]
        self._said = dict(zip(known["norad_id"].tolist(), zip(*columns, strict=True), strict=True))

    def of(self, norad_id: int) -> tuple[str, ...]:
        """Their names; none of an object of which nothing is known."""
        if norad_id not in self._said:
            return ()
        users, owner, operator, name = self._said[norad_id]
        named = (("users", users), ("operator", operator or owner), ("constellation", family_of(name)))
        return tuple(f"{kind} {value}" for kind, value in named if value)


class Company(NamedTuple):
    """One object among its peers: what it did itself, and what the groups it belongs to did, the widest first."""

    norad_id: int
    new: bool  # likely on the way to its place yet
    course: Course
    habit: Past  # fades with each burn too: a new routine soon outweighs the old one
    given: Past  # the same as the groups know it; fades with time alone, as their memory does
    groups: tuple[Past, ...]

    def forecast(
        self, quantity: str, burn: Burn, built_in: tuple[float, float], config: PatternConfig, spread: float = 1.0
    ) -> Prediction:
        """What the next value of a quantity will be."""
        memory, given = config.memory_days, self.given.moments
        scatter = f"{WITHIN}{quantity}"
        peers = []
        for group in self.groups:
            weight, mean, variance = group.moments[quantity].others(given[quantity], burn.day, memory)
            known, within, _ = group.moments[scatter].others(given[scatter], burn.day, memory)
            told, known = self._told(weight, group, config), self._told(known, group, config)
            peers.append(Peers(told, mean, variance, known, max(within, 0.0)))
        return predict(self.own(quantity, burn, config), peers, built_in, config, spread)

    def chances(self, question: str, burn: Burn, built_in: dict[str, float], config: PatternConfig) -> dict[str, float]:
        """How probable each outcome is next."""
        memory = config.memory_days
        given = self.given.counts[question].at(burn.day, memory)
        peers = []
        for group in self.groups:
            seen = group.counts[question].at(burn.day, memory)
            for name, weight in given.items():
                seen[name] = max(seen.get(name, 0.0) - weight, 0.0)
            weight = sum(seen.values())
            told = self._told(weight, group, config)
            peers.append({name: value * told / weight for name, value in seen.items()} if told else {})
        return chances(self.habit.counts[question].at(burn.day, memory), peers, built_in, config)

    def own(self, quantity: str, burn: Burn, config: PatternConfig) -> MomentsSeen:
        """Weight, mean and variance of a quantity of the object itself."""
        return self.habit.moments[quantity].at(burn.day, config.memory_days)

    def _told(self, weight: float, group: Past, config: PatternConfig) -> float:
        """As how many independent values the group's count: those of one object say much the same.

        L. Kish, Survey Sampling (1965), section 5.4: the design effect 1 + (m - 1) ρ of clusters of m.
        """
        members = len(group.members) - (self.norad_id in group.members)
        if members < 1 or weight <= 1e-6:
            return 0.0
        if weight <= members:
            return weight
        return weight / (1 + (weight / members - 1) * (1 - config.within_share))


class Launches:
    """Days of launch of the objects met so far, by catalog number: numbers are given in the order of launches."""

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._days: list[float] = []

    def learn(self, burn: Burn) -> None:
        """Remember when the object was launched, where that is known."""
        place = bisect_left(self._numbers, burn.norad_id)
        known = self._numbers[place : place + 1] == [burn.norad_id]
        if math.isfinite(burn.age_days) and not known:
            self._numbers.insert(place, burn.norad_id)
            self._days.insert(place, burn.day - burn.age_days)

    def age_days(self, burn: Burn) -> float:
        """Age of the burn's object: as known, or by its neighbors in number; NaN where there are too few."""
        if math.isfinite(burn.age_days):
            return burn.age_days
        place = bisect_left(self._numbers, burn.norad_id)
        near = slice(max(place - NEIGHBORS, 0), place + NEIGHBORS)
        days = [
            day
            for number, day in zip(self._numbers[near], self._days[near], strict=True)
            if abs(number - burn.norad_id) <= NEAR_NUMBERS
        ]
        return burn.day - median(days) if len(days) >= NEIGHBORS else math.nan


class Society:
    """All objects and groups seen so far."""

    def __init__(self, objects: pd.DataFrame | None) -> None:
        self._groups = Groups(objects)
        self._launches = Launches()
        self._pasts: dict[str, Past] = defaultdict(Past)
        self._courses: dict[tuple[int, str], Course] = defaultdict(Course)
        self._companies: dict[tuple[int, str], Company] = {}

    def company_of(self, burn: Burn, config: PatternConfig) -> Company:
        """The object of a burn among its peers of the same regime, the new among the new.

        What an object does on the way to its place is no habit, and nothing that others are measured by.
        """
        new = self._launches.age_days(burn) < config.young_days
        stage = f"new {burn.regime}" if new else burn.regime
        key = (burn.norad_id, stage)
        if key not in self._companies:
            named = ("", *self._groups.of(burn.norad_id))
            groups = tuple(self._pasts[f"{stage} {name}"] for name in named)
            course = self._courses[burn.norad_id, burn.regime]
            self._companies[key] = Company(burn.norad_id, new, course, Past(), Past(), groups)
        return self._companies[key]

    def forget(self, norad_id: int) -> None:
        """Begin anew with the object that a number stands for; what its groups remember stays theirs."""
        for known in (self._courses, self._companies):
            for key in [key for key in known if key[0] == norad_id]:
                del known[key]

    def learn(self, burn: Burn) -> None:
        """Remember what a burn says of who is who."""
        self._launches.learn(burn)
