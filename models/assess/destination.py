"""Where a burn leads: the drift it brings in GEO against the drift before, the altitude it leaves elsewhere."""

from __future__ import annotations

import math

from configs.judgement import PatternConfig
from models.assess import priors
from models.assess import reasons as words
from models.assess.burns import Burn
from models.assess.forecast import at_most_as_likely, surprise_of
from models.assess.memory import Course
from models.assess.peers import Company
from models.assess.rhythm import Term

# What keeping a place takes anyway, and what element sets cannot tell: below it one is as near as the other.
DRIFT_FLOOR_DEG_DAY, OFFSET_FLOOR_KM = 0.02, 0.05
TRIM = "trim"


def drift_mode(burn: Burn, company: Company, config: PatternConfig) -> str:
    """What a geosynchronous object did before the burn.

    'kept' its place, was 'drifting' for long, was 'relocating' (it drifted by a burn of its own), or was newly
    'commissioned'.
    """
    if company.new:
        return "commissioned"
    if abs(burn.drift_before_deg_day) < config.drift_deg_day:
        return "kept"
    lately = burn.day - company.course.departed_day <= config.relocation_days
    return "relocating" if lately else "drifting"


def drift_turn(burn: Burn, config: PatternConfig) -> str:
    """What the burn did to the drift: a trim, departure, stop, reversal, or made it faster or slower."""
    before, after, least = burn.drift_before_deg_day, burn.drift_deg_day, config.drift_deg_day
    if abs(after - before) < (least / 2 if abs(before) < least else least):
        return TRIM
    if abs(before) < least:
        return "departure" if abs(after) >= least else TRIM
    if abs(after) < least:
        return "stop"
    if before * after < 0:
        return "reversal"
    return "faster" if abs(after) > abs(before) else "slower"


def turn_table(burn: Burn, company: Company, config: PatternConfig) -> str:
    """With whose turns a burn's is compared: kept or drifting by habit is one, for few that drift ever stop or turn back."""
    mode = drift_mode(burn, company, config)
    return "habitual" if mode in ("kept", "drifting") else mode


def turn(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    """How surprising it is that the burn departs, stops, reverses or merely trims, in GEO."""
    if burn.regime != "geo" or not math.isfinite(burn.drift_deg_day):
        return None
    table = turn_table(burn, company, config)
    done = drift_turn(burn, config)
    chance = company.chances(f"turn {table}", burn, priors.DRIFT_TURNS[table], config)
    p = at_most_as_likely(chance, done) if done in chance else 1.0
    return Term(surprise_of(p, config.term_cap), _turn_reason(burn, config))


def _turn_reason(burn: Burn, config: PatternConfig) -> str:
    """What the burn does to the drift; '' where it merely trims it."""
    done = drift_turn(burn, config)
    if done == TRIM:
        return ""
    return words.turn_reason(done, burn.drift_before_deg_day, burn.drift_deg_day, burn.longitude_deg)


def distance(burn: Burn, company: Company, config: PatternConfig, spread: float) -> Term | None:
    """How surprising it is how far the burn leads away: by its drift in GEO, by its altitude elsewhere."""
    quantity, value = destination_of(burn, company, config)
    if not math.isfinite(value):
        return None
    prediction = company.forecast(quantity, burn, _built_in(burn, quantity), config, spread)
    if burn.regime == "geo":
        reason = _turn_reason(burn, config) or words.drift_reason(
            burn.drift_before_deg_day, burn.drift_deg_day, burn.longitude_deg, 10 ** prediction.quantile(0.9)
        )
    else:
        reason = _altitude_reason(burn, company.course)
    return Term(surprise_of(prediction.upper(value), config.term_cap), reason)


def _altitude_reason(burn: Burn, course: Course) -> str:
    """How far it leaves the orbit that it kept, or, where it had left that before or none is known, the one it was in."""
    kept_km, before_km = course.orbit_a_km, burn.a_km - burn.delta_a_km
    if abs(burn.a_km - kept_km) <= abs(burn.delta_a_km):
        return words.altitude_reason(burn.a_km, kept_km, "the orbit it has kept")
    return words.altitude_reason(burn.a_km, before_km, "its orbit before")


def destination_of(burn: Burn, company: Company, config: PatternConfig) -> tuple[str, float]:
    """Name and log10 of how far the burn leads away; NaN where that is not known."""
    if not math.isfinite(burn.a_km):
        return "offset", math.nan
    if burn.regime == "geo":
        change = abs(burn.drift_deg_day - burn.drift_before_deg_day)
        if drift_mode(burn, company, config) == "kept":
            # What the burn did not bring about is not its doing, and what it ends is no departure.
            return "drift kept", math.log10(math.hypot(min(abs(burn.drift_deg_day), change), DRIFT_FLOOR_DEG_DAY))
        return "drift drifting", math.log10(math.hypot(change, DRIFT_FLOOR_DEG_DAY))
    away = min(abs(burn.a_km - kept_a_km(burn, company.course)), abs(burn.delta_a_km))
    return "offset", math.log10(math.hypot(away, OFFSET_FLOOR_KM))


def kept_a_km(burn: Burn, course: Course) -> float:
    """Semi-major axis of the orbit that the object kept [km]."""
    return course.orbit_a_km if math.isfinite(course.orbit_a_km) else burn.a_km - burn.delta_a_km


def _built_in(burn: Burn, quantity: str) -> tuple[float, float]:
    return priors.DRIFTS[quantity.removeprefix("drift ")] if burn.regime == "geo" else priors.OFFSETS[burn.regime]
