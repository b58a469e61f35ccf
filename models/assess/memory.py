"""What is remembered of past burns: fading counts, means and spreads."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Moments:
    """Weight, mean and scatter of a quantity, fading with time."""

    weight: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    last_day: float = 0.0

    def learn(self, value: float, day: float, weight: float, memory_days: float, keep: float = 1.0) -> None:
        """Add one value seen on ``day``; what is known fades by exp(-age / memory), and to the share ``keep``."""
        fade = self._fade(day, memory_days) * keep
        self.weight = self.weight * fade + weight
        self.total = self.total * fade + weight * value
        self.squares = self.squares * fade + weight * value**2
        self.last_day = max(day, self.last_day)

    def at(self, day: float, memory_days: float) -> tuple[float, float, float]:
        """Weight, mean and variance as remembered on ``day``."""
        weight = self.weight
        if weight <= 0:
            return 0.0, 0.0, 0.0
        mean = self.total / weight
        variance = self.squares / weight - mean * mean
        return weight * self._fade(day, memory_days), mean, variance if variance > 0 else 0.0

    def others(self, own: Moments, day: float, memory_days: float) -> tuple[float, float, float]:
        """As `at`, less what ``own`` contributed to it: the peers of one object."""
        if self.weight <= 0:
            return 0.0, 0.0, 0.0
        fade, own_fade = self._fade(day, memory_days), own._fade(day, memory_days) if own.weight > 0 else 0.0
        weight = self.weight * fade - own.weight * own_fade
        if weight <= 1e-6:
            return 0.0, 0.0, 0.0
        mean = (self.total * fade - own.total * own_fade) / weight
        variance = (self.squares * fade - own.squares * own_fade) / weight - mean**2
        return weight, mean, max(variance, 0.0)

    def _fade(self, day: float, memory_days: float) -> float:
        age = day - self.last_day
        return math.exp(-age / memory_days) if age > 0 else 1.0


@dataclass(slots=True)
class Counts:
    """How often each of several outcomes was seen, fading with time."""

    weights: dict[str, float] = field(default_factory=dict)
    last_day: float = 0.0

    def learn(self, outcome: str, day: float, weight: float, memory_days: float, keep: float = 1.0) -> None:
        """Count one outcome seen on ``day``; the others fade as in `Moments.learn`."""
        weights = self.weights
        age = day - self.last_day
        if age > 0:
            keep *= math.exp(-age / memory_days)
            self.last_day = day
        if keep < 1:
            for name in weights:
                weights[name] *= keep
        weights[outcome] = weights.get(outcome, 0.0) + weight

    def at(self, day: float, memory_days: float) -> dict[str, float]:
        """Weight of each outcome as remembered on ``day``."""
        if not self.weights:
            return {}
        age = day - self.last_day
        fade = math.exp(-age / memory_days) if age > 0 else 1.0
        return {name: weight * fade for name, weight in self.weights.items()}


@dataclass(slots=True)
class Past:
    """What is remembered of one object, or of many together: quantities and outcomes by their names."""

    moments: defaultdict[str, Moments] = field(default_factory=lambda: defaultdict(Moments))
    counts: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    members: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Course:
    """How one object went on so far."""

    burns: int = 0
    last_day: float = math.nan
    watched_since: float = math.inf
    orbit_a_km: float = math.nan
    last_seen: dict[tuple[str, str], float] = field(default_factory=dict)  # day of each question's outcome
    departed_day: float = math.nan  # since when it drifts by a burn of its own
