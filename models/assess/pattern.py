"""Pattern of life: is this burn what this object usually does?"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np
import pandas as pd

from configs.judgement import PatternConfig
from models.assess import priors
from models.assess import reasons as words
from models.assess.burns import DIRECTIONS, Burn, burns_of
from models.assess.memory import Moments, combined_surprise, predict
from models.characterize.explain.words import MANEUVER
from models.errors import ModelError

DRIFT_FLOOR_DEG_DAY, OFFSET_FLOOR_KM = 0.01, 0.05


@dataclass(slots=True)
class _Past:
    """What is remembered of one object, or of a regime's objects together."""

    directions: dict[str, Moments] = field(default_factory=lambda: defaultdict(Moments))
    sizes: dict[str, Moments] = field(default_factory=lambda: defaultdict(Moments))
    waits: Moments = field(default_factory=Moments)
    destinations: Moments = field(default_factory=Moments)
    count: int = 0
    last_burn_day: float = math.nan
    habit_a_km: float = math.nan


class _Term(NamedTuple):
    surprise: float
    reason: str


def assess(events: pd.DataFrame, config: PatternConfig = PatternConfig()) -> pd.DataFrame:
    """Say how unexpected each burn is for its object, and why.

    Events are taken in the order in which they became available, and each is judged only by those
    that were available strictly before it: its object's own, and its regime's peers'. Four things
    are looked at, each as a p-value under the forecast: the rhythm (waiting time since the last
    burn, or how rarely the object burns at all), the direction, the size in that direction
    (only larger ones surprise, less so where the Δv is uncertain), and the destination (drift in
    GEO, distance from the orbit kept elsewhere). Their combined p-value (Fisher) makes objects
    comparable: a keeper's routine burn scores below 1, and 3 is one burn in a thousand.

    Parameters
    ----------
    events : DataFrame
        As from `burn_fit.fit_burns`; probability and longitude_deg are used where there. Where ``explanation`` is
        there (as from `explain.among.explain`), what is no maneuver surprises nobody and nothing is learned from it.

    Returns
    -------
    DataFrame
        ``events`` and unexpectedness (-log10 of the combined p times the probability that the event
        is real, finite, at least 0; 0 for what is no maneuver) and reasons (list of str, strongest first; for what is
        no maneuver, what it is).

    Raises
    ------
    ModelError
        If a column is missing.
    """
    missing = [name for name in ("norad_id", "available_at", "regime", "burn_time", "a_km") if name not in events]
    if missing:
        raise ModelError(f"events lack columns {', '.join(missing)}: run burn_fit.fit_burns first")
    objects: dict[int, _Past] = defaultdict(_Past)
    regimes: dict[str, _Past] = defaultdict(_Past)
    unexpectedness = np.zeros(len(events))
    reasons: list[list[str]] = [[] for _ in range(len(events))]
    doubts = _said_of_maneuvers(events)
    for row, text in _refused(events).items():
        reasons[row] = [text]
    burns = [burn for burn in burns_of(events) if not reasons[burn.row]]
    burns = sorted(burns, key=lambda burn: (burn.available_us, burn.day, burn.norad_id, burn.row))
    for _, group in groupby(burns, key=lambda burn: burn.available_us):
        judged = [(burn, _judge(burn, objects[burn.norad_id], regimes[burn.regime], config)) for burn in group]
        for burn, (surprise, texts) in judged:
            unexpectedness[burn.row], reasons[burn.row] = surprise, [*texts, *doubts.get(burn.row, ())]
            for past in (objects[burn.norad_id], regimes[burn.regime]):
                _learn(past, burn, objects[burn.norad_id], config)
            _settle(objects[burn.norad_id], burn, config)
    return events.assign(unexpectedness=unexpectedness, reasons=pd.Series(reasons, index=events.index, dtype=object))


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


def _judge(burn: Burn, own: _Past, regime: _Past, config: PatternConfig) -> tuple[float, list[str]]:
    young = not math.isfinite(burn.observed_days) or burn.observed_days < config.young_days
    terms = [
        _rhythm(burn, own, regime, config),
        _direction(burn, own, regime, config),
        _size(burn, own, regime, young, config),
        _destination(burn, own, regime, young, config),
    ]
    surprise = combined_surprise([term.surprise for term in terms]) * burn.probability
    named = sorted((term for term in terms if term.surprise >= config.mention), key=lambda term: -term.surprise)
    wait = burn.day - own.last_burn_day
    texts = [term.reason for term in named]
    if young and own.count == 0 and texts:
        texts.append("watched for too short a time to know its habit")
    if not texts:
        texts = [words.habit_reason(burn.direction, burn.dv_m_s, wait, own.count)]
    return surprise, texts


def _log_p(p: float, cap: float) -> float:
    return min(-math.log10(max(p, 1e-300)), cap) if p < 1 else 0.0


def _size(burn: Burn, own: _Past, regime: _Past, young: bool, config: PatternConfig) -> _Term:
    table = priors.CROSS_TRACK_SIZES if burn.direction == "cross-track" else priors.SIZES
    past = own.sizes[burn.direction].at(burn.day, config.memory_days)
    prediction = predict(
        past,
        regime.sizes[burn.direction].others(own.sizes[burn.direction], burn.day, config.memory_days),
        table[burn.regime],
        config,
        spread=config.young_spread if young else 1.0,
    )
    sigma = burn.sigma_m_s / burn.dv_m_s / math.log(10)
    surprise = _log_p(prediction.upper(math.log10(burn.dv_m_s), sigma), config.term_cap)
    return _Term(surprise, words.size_reason(burn.dv_m_s, 10**prediction.center, burn.direction, past[0]))


def _direction(burn: Burn, own: _Past, regime: _Past, config: PatternConfig) -> _Term:
    mine = {name: own.directions[name].at(burn.day, config.memory_days)[0] for name in DIRECTIONS}
    peers = {
        name: regime.directions[name].others(own.directions[name], burn.day, config.memory_days)[0]
        + config.peers_weight * priors.MIX[name]
        for name in DIRECTIONS
    }
    total_peers, total_mine = sum(peers.values()), sum(mine.values())
    chance = {
        name: (mine[name] + config.direction_prior * peers[name] / total_peers) / (total_mine + config.direction_prior)
        for name in DIRECTIONS
    }
    p = sum(value for value in chance.values() if value <= chance[burn.direction])
    if burn.direction == "unclear":
        p = 1.0  # that the fit cannot tell is no news about the object
    reason = words.direction_reason(burn.direction, mine[burn.direction], total_mine, burn.observed_days)
    return _Term(_log_p(p, config.term_cap), reason)


def _rhythm(burn: Burn, own: _Past, regime: _Past, config: PatternConfig) -> _Term:
    past = own.waits.at(burn.day, config.memory_days)
    peers = regime.waits.others(own.waits, burn.day, config.memory_days)
    wait = burn.day - own.last_burn_day
    if past[0] >= config.renewal_intervals and wait > 0:
        prediction = predict(past, peers, priors.WAITS[burn.regime], config)
        tail = (1 - config.usual_share) / 2
        low, high = (10 ** prediction.quantile(share) for share in (tail, 1 - tail))
        surprise = _log_p(prediction.two_sided(math.log10(max(wait, 0.05))), config.cadence_cap)
        return _Term(surprise, words.rhythm_reason(wait, low, high))
    # Too few own intervals: how likely is any burn within the window? Rate with a gamma prior.
    watched = burn.observed_days if math.isfinite(burn.observed_days) else max(wait, 0.0) if own.count else 0.0
    exposure = config.memory_days * (1 - math.exp(-max(watched, 0.0) / config.memory_days))
    usual_wait = 10 ** predict((0.0, 0.0, 0.0), peers, priors.WAITS[burn.regime], config).center
    shape = config.rate_shape + sum(own.directions[name].at(burn.day, config.memory_days)[0] for name in DIRECTIONS)
    rate = config.rate_shape * usual_wait + exposure
    p = 1 - (rate / (rate + config.rate_window_days)) ** shape
    return _Term(_log_p(p, config.term_cap), words.rarity_reason(own.count, watched))


def _destination(burn: Burn, own: _Past, regime: _Past, young: bool, config: PatternConfig) -> _Term:
    prediction = predict(
        own.destinations.at(burn.day, config.memory_days),
        regime.destinations.others(own.destinations, burn.day, config.memory_days),
        priors.DESTINATIONS[burn.regime],
        config,
        spread=config.young_spread if young else 1.0,
    )
    value, habit = _where(burn, own)
    if not math.isfinite(value):
        return _Term(0.0, "")
    if burn.regime == "geo":
        reason = words.drift_reason(burn.drift_deg_day, burn.longitude_deg, 10 ** prediction.quantile(0.9))
    else:
        reason = words.altitude_reason(burn.a_km, habit)
    return _Term(_log_p(prediction.upper(value), config.term_cap), reason)


def _where(burn: Burn, own: _Past) -> tuple[float, float]:
    """Log of how far the burn leaves the usual orbit, and that orbit's a [km]."""
    habit = own.habit_a_km if math.isfinite(own.habit_a_km) else burn.a_km - burn.delta_a_km
    if not math.isfinite(burn.a_km):
        return math.nan, habit
    # What the burn did not bring about is not its doing: a drifter's trim is no departure.
    if burn.regime == "geo":
        drift = min(abs(burn.drift_deg_day), abs(burn.drift_deg_day - burn.drift_before_deg_day))
        return math.log10(max(drift, DRIFT_FLOOR_DEG_DAY)), habit
    return math.log10(max(min(abs(burn.a_km - habit), abs(burn.delta_a_km)), OFFSET_FLOOR_KM)), habit


def _learn(past: _Past, burn: Burn, own: _Past, config: PatternConfig) -> None:
    """Remember a burn, with the weight of its probability."""
    memory, weight = config.memory_days, burn.probability
    past.directions[burn.direction].learn(1.0, burn.day, weight, memory)
    past.sizes[burn.direction].learn(math.log10(burn.dv_m_s), burn.day, weight, memory)
    value, _ = _where(burn, own)
    if math.isfinite(value):
        past.destinations.learn(value, burn.day, weight, memory)
    wait = burn.day - own.last_burn_day
    if wait > 0:
        past.waits.learn(math.log10(max(wait, 0.05)), burn.day, weight, memory)


def _settle(own: _Past, burn: Burn, config: PatternConfig) -> None:
    own.count += 1
    own.last_burn_day = burn.day if math.isnan(own.last_burn_day) else max(own.last_burn_day, burn.day)
    if math.isfinite(burn.a_km):
        habit = own.habit_a_km if math.isfinite(own.habit_a_km) else burn.a_km - burn.delta_a_km
        own.habit_a_km = habit + config.habit_share * (burn.a_km - habit)
