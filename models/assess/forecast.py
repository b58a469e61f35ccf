"""Forecasts of a burn's quantities and outcomes from what is remembered, and how improbable what came is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from scipy.special import gammaincc, stdtr, stdtrit

from configs.judgement import PatternConfig

MomentsSeen = tuple[float, float, float]  # weight, mean, variance


class Peers(NamedTuple):
    """What the other objects of a group showed of a quantity."""

    weight: float
    mean: float
    variance: float
    within_weight: float = 0.0  # of how many values their own object's scatter is known
    within: float = 0.0  # mean variance within one object


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
    own: MomentsSeen,
    groups: Iterable[Peers],
    built_in: tuple[float, float],
    config: PatternConfig,
    spread: float = 1.0,
) -> Prediction:
    """Forecast an object's next value from its own past and its peers'.

    A normal model with unknown mean and variance, in a chain from what is built in over the regime and ever closer
    groups to the object: each link pulls the forecast of the one before by its weight. The variance is split into what
    one object shows and the rest between objects; the prior mean thus weighs as many own values as that split says,
    and the forecast of an object without a past is its peers' distribution.

    Parameters
    ----------
    own : (weight, mean, variance)
        As from `Moments.at`.
    groups : iterable of Peers
        The widest first.
    built_in : (mean, standard deviation)
        What is assumed of the regime before any peer was seen.
    spread : float
        Factor on the standard deviation of the prior.

    Notes
    -----
    Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.3 (conjugate normal) and ch. 5 (hierarchical).
    """
    center, variance = built_in[0], built_in[1] ** 2
    within = config.within_share * variance
    prior = config.peers_weight
    for group in groups:
        total = prior + group.weight
        pulled = (prior * center + group.weight * group.mean) / total
        variance = (
            prior * (variance + (center - pulled) ** 2) + group.weight * (group.variance + (group.mean - pulled) ** 2)
        ) / total
        center = pulled
        within = (prior * within + group.within_weight * group.within) / (prior + group.within_weight)
        prior = config.group_weight
    variance = variance * spread**2 + 1e-12
    # As good as all of the variance within one object would leave nothing that tells objects apart.
    within = min(within * spread**2, config.most_within_share * variance)

    pull = within / (variance - within)
    weight, mean, own_variance = own
    freedom = config.prior_weight + weight
    scale2 = (config.prior_weight * within + weight * own_variance) / freedom
    return Prediction(
        center=(pull * center + weight * mean) / (pull + weight),
        scale=math.hypot(math.sqrt(scale2 * (1 + 1 / (pull + weight))), config.min_spread_dex),
        freedom=freedom,
    )


def chances(
    own: Mapping[str, float],
    peers: Iterable[Mapping[str, float]],
    built_in: Mapping[str, float],
    config: PatternConfig,
) -> dict[str, float]:
    """Probability of each outcome of ``built_in``, in the same chain: Dirichlet priors, each the forecast above it.

    Gelman et al., Bayesian Data Analysis, 3rd ed., section 3.4 (multinomial data, Dirichlet prior).
    """
    chance = dict(built_in)
    seen_by = [*peers, own]
    priors = [*[config.peers_weight] * (len(seen_by) - 1), config.outcome_prior]
    for seen, prior in zip(seen_by, priors, strict=True):
        if not seen:
            continue
        total = prior + sum([seen.get(name, 0.0) for name in chance])
        chance = {name: (prior * p + seen.get(name, 0.0)) / total for name, p in chance.items()}
    return chance


def at_most_as_likely(chance: Mapping[str, float], outcome: str) -> float:
    """Probability of an outcome that is as improbable as this one, or more so."""
    own = chance[outcome] * (1 + 1e-9)
    return min(sum([p for p in chance.values() if p <= own]), 1.0)


def surprise_of(p: float, cap: float) -> float:
    """-log10 p, at most ``cap``."""
    return min(-math.log10(max(p, 1e-300)), cap) if p < 1 else 0.0


def joint_surprise(surprises: Sequence[float]) -> float:
    """-log10 of the harmonic mean of p-values that may depend on one another, given as -log10 p.

    D. J. Wilson, The harmonic mean p-value for combining dependent tests, PNAS 116 (2019) 1195.
    """
    if not surprises:
        return 0.0
    return max(math.log10(math.fsum(10**one for one in surprises) / len(surprises)), 0.0)


def combined_surprise(apart: Sequence[float], alike: Sequence[float] = (), correlation: float = 0.0) -> float:
    """-log10 of the combined p-value of several, given as -log10 p: Fisher's, some of which depend on one another.

    The sum of -2 ln p of k independent ones has the mean 2k and the variance 4k of χ² with 2k degrees of freedom; the
    dependent ones add their covariances, and a scaled χ² of the same mean and variance takes its place.
    R. A. Fisher, Statistical Methods for Research Workers (1932), section 21.1; M. B. Brown, Biometrics 31 (1975) 987.

    Parameters
    ----------
    apart : sequence of float
        Independent of all others.
    alike : sequence of float
        Those that depend on one another.
    correlation : float
        Between the -ln p of any two of these.
    """
    count = len(apart) + len(alike)
    if not count:
        return 0.0
    inflation = 1 + correlation * len(alike) * (len(alike) - 1) / count  # of the variance
    x = (math.fsum(apart) + math.fsum(alike)) * math.log(10)
    tail = float(gammaincc(count / inflation, x / inflation))
    return max(-math.log10(max(tail, 1e-300)), 0.0)
