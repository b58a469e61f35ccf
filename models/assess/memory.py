"""What is remembered of past burns: fading counts, means and spreads, and what they predict."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from configs.judgement import PatternConfig


@dataclass(slots=True)
class Moments:
    """Weight, mean and scatter of a quantity, fading with time."""

    weight: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    last_day: float = 0.0

    def learn(self, value: float, day: float, weight: float, memory_days: float) -> None:
        """Add one value seen on ``day``; what is known fades by exp(-age / memory)."""
        fade = self._fade(day, memory_days)
        self.weight = self.weight * fade + weight
        self.total = self.total * fade + weight * value
        self.squares = self.squares * fade + weight * value**2
        self.last_day = max(day, self.last_day)

    def at(self, day: float, memory_days: float) -> tuple[float, float, float]:
        """Weight, mean and variance as remembered on ``day``."""
        if self.weight <= 0:
            return 0.0, 0.0, 0.0
        mean = self.total / self.weight
        variance = max(self.squares / self.weight - mean**2, 0.0)
        return self.weight * self._fade(day, memory_days), mean, variance

    def others(self, own: Moments, day: float, memory_days: float) -> tuple[float, float, float]:
        """As `at`, less what ``own`` contributed to it: the peers of one object."""
        fade, own_fade = self._fade(day, memory_days), own._fade(day, memory_days)
        weight = self.weight * fade - own.weight * own_fade
        if weight <= 1e-9:
            return 0.0, 0.0, 0.0
        mean = (self.total * fade - own.total * own_fade) / weight
        variance = (self.squares * fade - own.squares * own_fade) / weight - mean**2
        return weight, mean, max(variance, 0.0)

    def _fade(self, day: float, memory_days: float) -> float:
        return math.exp(-max(day - self.last_day, 0.0) / memory_days)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A Student-t forecast of one value."""

    center: float
    scale: float
    freedom: float

    def upper(self, value: float, sigma: float = 0.0) -> float:
        """Probability of a larger value, which is measured with error ``sigma``."""
        return float(stdtr(self.freedom, -(value - self.center) / math.hypot(self.scale, sigma)))

    def two_sided(self, value: float) -> float:
        """Probability of a value at least as far from the center."""
        return 2 * float(stdtr(self.freedom, -abs(value - self.center) / self.scale))

    def quantile(self, probability: float) -> float:
        """Value under which the forecast lies with this probability."""
        return self.center + self.scale * float(stdtrit(self.freedom, probability))


def predict(
    own: tuple[float, float, float],
    peers: tuple[float, float, float],
    built_in: tuple[float, float],
    config: PatternConfig,
    spread: float = 1.0,
) -> Prediction:
    """Forecast an object's next value from its own past and its peers'.

    A normal model with unknown mean and variance. The peers' total variance is split into a share
    within one object and the rest between objects; the prior mean thus weighs as many own values as
    that split says, and the forecast of an object without a past is the peers' distribution.

    Parameters
    ----------
    own, peers : (weight, mean, variance)
        As from `Moments.at`.
    built_in : (mean, standard deviation)
        What is assumed of the regime before any peer was seen; weighs ``config.peers_weight`` events.
    spread : float
        Factor on the standard deviation of the prior.

    Notes
    -----
    Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.3 (conjugate normal) and ch. 5 (hierarchical).
    """
    mean0, sd0 = built_in
    weight_peers, mean_peers, variance_peers = peers
    total_weight = config.peers_weight + weight_peers
    center = (config.peers_weight * mean0 + weight_peers * mean_peers) / total_weight
    scatter = config.peers_weight * (sd0**2 + (mean0 - center) ** 2)
    scatter += weight_peers * (variance_peers + (mean_peers - center) ** 2)
    variance = scatter / total_weight * spread**2

    share = config.within_share
    within, pull = share * variance, share / (1 - share)
    weight, mean, own_variance = own
    freedom = config.prior_weight + weight
    scale2 = (config.prior_weight * within + weight * own_variance) / freedom
    return Prediction(
        center=(pull * center + weight * mean) / (pull + weight),
        scale=math.hypot(math.sqrt(scale2 * (1 + 1 / (pull + weight))), config.min_spread_dex),
        freedom=freedom,
    )


def combined_surprise(surprises: list[float]) -> float:
    """-log10 of Fisher's combined p-value of k independent ones, given as -log10 p.

    R. A. Fisher, Statistical Methods for Research Workers (1932), section 21.1. With x = -Σ ln p the
    combined p is exp(-x) Σ x^j / j!, j < k: the tail of χ² with 2k degrees of freedom.
    """
    x = sum(surprises) * math.log(10)
    series = math.fsum(x**j / math.factorial(j) for j in range(len(surprises)))
    return max((x - math.log(series)) / math.log(10), 0.0) if surprises else 0.0
