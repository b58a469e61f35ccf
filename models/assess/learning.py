"""What a burn teaches: of its object's habit, and of the groups that the object belongs to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from configs.judgement import PatternConfig
from models.assess.burns import Burn
from models.assess.destination import TRIM, destination_of, drift_turn, kept_a_km, turn_table
from models.assess.manner import private_outcomes, shared_outcomes
from models.assess.memory import Course, Past
from models.assess.peers import WITHIN, Company
from models.assess.rhythm import silence_days, wait_of

STRANGE_SIGMA = 3.0  # a deviation for which half the share of a sure change of routine is forgotten


def learn(burn: Burn, company: Company, config: PatternConfig) -> None:
    """Remember a burn, with the weight of its probability, of its object and of the groups it belongs to."""
    course = company.course
    outcomes, private = shared_outcomes(burn), private_outcomes(burn)
    values = {f"size {part.direction}": part.log for part in burn.parts}
    quantity, value = destination_of(burn, company, config)
    if math.isfinite(value):
        values[quantity] = value
    if burn.regime == "geo" and math.isfinite(burn.drift_deg_day):
        done = drift_turn(burn, config)
        outcomes[f"turn {turn_table(burn, company, config)}"] = done
        _follow_drift(burn, course, done, config)
    wait = wait_of(burn, company, config)
    if wait.days > 0:
        outcomes["wait"] = wait.part
        if wait.part == "between":
            values["wait between"] = wait.log
    if company.own("wait between", burn, config)[0] < config.renewal_intervals:
        silent = silence_days(burn, company)
        if silent > config.campaign_days:
            values["silence"] = math.log10(silent)
    scatters = _scatters(values, burn, company, config)
    for past in (company.given, *company.groups):
        _remember(past, burn, outcomes, values | scatters, 1.0, config)
        past.members.add(burn.norad_id)
    keeps = {quantity: _keep(quantity, value, burn, company, config) for quantity, value in values.items()}
    _remember(
        company.habit, burn, outcomes | private, values, 1 - burn.probability / config.memory_burns, config, keeps
    )
    for said in outcomes.items():
        course.last_seen[said] = max(burn.day, course.last_seen.get(said, burn.day))
    course.burns += 1
    course.last_day = burn.day if math.isnan(course.last_day) else max(course.last_day, burn.day)
    if math.isfinite(burn.observed_days):
        course.watched_since = min(course.watched_since, burn.day - max(burn.observed_days, 0.0))
    if math.isfinite(burn.a_km):
        kept = kept_a_km(burn, course)
        course.orbit_a_km = kept + config.habit_share * (burn.a_km - kept)


def _scatters(values: dict[str, float], burn: Burn, company: Company, config: PatternConfig) -> dict[str, float]:
    """What each value says of the variance within this object: its distance from the mean of those before, squared."""
    found = {}
    for quantity, value in values.items():
        weight, mean, _ = company.own(quantity, burn, config)
        if weight >= 1:
            # One burn of another kind says little about the scatter of routine ones.
            found[f"{WITHIN}{quantity}"] = min((value - mean) ** 2 * weight / (weight + 1), config.widest_dex**2)
    return found


def _keep(quantity: str, value: float, burn: Burn, company: Company, config: PatternConfig) -> float:
    """Share of what is remembered that this value leaves: the stranger it is, the likelier a new routine begins."""
    weight, mean, variance = company.own(quantity, burn, config)
    keep = 1 - burn.probability / config.memory_burns
    if weight < 1:
        return keep
    deviation2 = (value - mean) ** 2 / (variance + config.min_spread_dex**2)
    return keep * (1 - burn.probability * config.change_share * deviation2 / (deviation2 + STRANGE_SIGMA**2))


def _remember(
    past: Past,
    burn: Burn,
    outcomes: dict[str, str],
    values: dict[str, float],
    keep: float,
    config: PatternConfig,
    keeps: Mapping[str, float] = MappingProxyType({}),
) -> None:
    for question, outcome in outcomes.items():
        past.counts[question].learn(outcome, burn.day, burn.probability, config.memory_days, keep)
    for quantity, value in values.items():
        past.moments[quantity].learn(value, burn.day, burn.probability, config.memory_days, keeps.get(quantity, keep))


def _follow_drift(burn: Burn, course: Course, done: str, config: PatternConfig) -> None:
    """Whether the object is under way by its own doing."""
    if abs(burn.drift_deg_day) < config.drift_deg_day:
        course.departed_day = math.nan
    elif done != TRIM:
        course.departed_day = burn.day
