"""Whose burns an object's are compared with: its constellation's, its operator's, its regime's."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import NamedTuple

import pandas as pd

from configs.judgement import PatternConfig
from models.assess.burns import Burn
from models.assess.forecast import MomentsSeen, Peers, Prediction, chances, predict
from models.assess.memory import Habit, Past

WITHIN = "within "  # before the name of a quantity: its variance within one object
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]")
_NUMBERED = re.compile(r"\d.*$|\b[IVX]+$|[-\s]+[A-Z]$")
_LETTERS = re.compile(r"[A-Z]{2,}")


def family_of(name: str) -> str:
    """The constellation or series that a name speaks of: what stands before its number; '' where there is none.

    'STARLINK-34605' is of 'STARLINK', 'BEIDOU-3 IGSO-1 (C38)' of 'BEIDOU', 'ASTRA 1KR' of 'ASTRA'.
    """
    bare = _NUMBERED.sub("", _ASIDE.sub("", name.upper()).strip()).strip(" -_.")
    return bare if _LETTERS.search(bare) else ""


def groups_of(objects: pd.DataFrame | None) -> dict[int, tuple[str, ...]]:
    """The groups of each object, the widest first: its users, its owner or operator, its constellation.

    Parameters
    ----------
    objects : DataFrame or None
        ``catalog.objects.OBJECT_DTYPES``; what is empty says nothing.
    """
    if objects is None or objects.empty:
        return {}
    columns = [
        objects[name].fillna("").astype(str).tolist() if name in objects else [""] * len(objects)
        for name in ("users", "owner", "operator", "name")
    ]
    groups: dict[int, tuple[str, ...]] = {}
    for norad_id, users, owner, operator, name in zip(objects["norad_id"].tolist(), *columns, strict=True):
        holder, family = operator or owner, family_of(name)
        named = (("users", users), ("operator", holder), ("constellation", family))
        groups[norad_id] = tuple(f"{kind} {value}" for kind, value in named if value)
    return groups


class Company(NamedTuple):
    """One object among its peers: what it did itself, and what the groups it belongs to did, the widest first."""

    norad_id: int
    habit: Habit
    groups: tuple[Past, ...]

    def forecast(
        self, quantity: str, burn: Burn, built_in: tuple[float, float], config: PatternConfig, spread: float = 1.0
    ) -> Prediction:
        """What the next value of a quantity will be."""
        memory, given = config.memory_days, self.habit.given.moments
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
        given = self.habit.given.counts[question].at(burn.day, memory)
        peers = []
        for group in self.groups:
            seen = {
                name: max(weight - given.get(name, 0.0), 0.0)
                for name, weight in group.counts[question].at(burn.day, memory).items()
            }
            weight = math.fsum(seen.values())
            share = self._told(weight, group, config) / weight if weight > 1e-6 else 0.0
            peers.append({name: share * value for name, value in seen.items()})
        return chances(self.habit.recent.counts[question].at(burn.day, memory), peers, built_in, config)

    def own(self, quantity: str, burn: Burn, config: PatternConfig) -> MomentsSeen:
        """Weight, mean and variance of a quantity of the object itself."""
        return self.habit.recent.moments[quantity].at(burn.day, config.memory_days)

    def _told(self, weight: float, group: Past, config: PatternConfig) -> float:
        """As how many independent values the group's count: those of one object say much the same.

        L. Kish, Survey Sampling (1965), section 5.4: the design effect 1 + (m - 1) ρ of clusters of m.
        """
        members = len(group.members) - (self.norad_id in group.members)
        if members < 1 or weight <= 1e-6:
            return 0.0
        return weight / (1 + max(weight / members - 1, 0.0) * (1 - config.within_share))


class Society:
    """All objects and groups seen so far."""

    def __init__(self, objects: pd.DataFrame | None) -> None:
        self._groups_of = groups_of(objects)
        self._habits: dict[tuple[int, str], Habit] = defaultdict(Habit)
        self._groups: dict[str, Past] = defaultdict(Past)

    def company_of(self, burn: Burn) -> Company:
        """The object of a burn among its peers of the same regime."""
        named = ("", *self._groups_of.get(burn.norad_id, ()))
        groups = tuple(self._groups[f"{burn.regime} {name}"] for name in named)
        return Company(burn.norad_id, self._habits[burn.norad_id, burn.regime], groups)
