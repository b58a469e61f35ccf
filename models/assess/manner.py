"""How an object burns: which way, for what, how strongly, and where and when on its way around."""

from __future__ import annotations

import math

from configs.judgement import PatternConfig
from models.assess import priors
from models.assess import reasons as words
from models.assess.burns import Burn, Part
from models.assess.forecast import at_most_as_likely, surprise_of
from models.assess.peers import Company
from models.assess.rhythm import Term, watched_days

SECTORS = 8
_EVEN = {str(sector): 1 / SECTORS for sector in range(SECTORS)}


def direction(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    """How surprising the direction is."""
    # That the fit cannot tell is no news about the object, and a pair of opposed burns looks radial to it.
    if burn.direction in ("unclear", "radial"):
        return None
    chance = company.chances("direction", burn, priors.MIX, config)
    p = at_most_as_likely(chance, burn.direction)
    seen = company.habit.counts["direction"].at(burn.day, config.memory_days)
    since = burn.day - company.course.last_seen.get(("direction", burn.direction), math.nan)
    own, total = seen.get(burn.direction, 0.0), math.fsum(seen.values())
    return Term(
        surprise_of(p, config.term_cap),
        words.direction_reason(burn.direction, own, total, since, watched_days(burn, company)),
    )


def kind(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    """How surprising it is what the burn was for; in GEO its direction and the drift tell all of that."""
    if burn.regime == "geo" or burn.kind not in priors.KIND_MIX or burn.kind == "unknown":
        return None
    p = at_most_as_likely(company.chances("kind", burn, priors.KIND_MIX, config), burn.kind)
    since = burn.day - company.course.last_seen.get(("kind", burn.kind), math.nan)
    return Term(surprise_of(p, config.term_cap), words.kind_reason(burn.kind, since, watched_days(burn, company)))


def size(burn: Burn, company: Company, config: PatternConfig, spread: float) -> Term:
    """How surprising the size is for its direction: only larger ones surprise, less so where it is uncertain."""
    terms = [_size_of(part, burn, company, config, spread) for part in burn.parts]
    return max(terms, key=lambda term: term.surprise)


def _size_of(part: Part, burn: Burn, company: Company, config: PatternConfig, spread: float) -> Term:
    quantity = f"size {part.direction}"
    table = priors.CROSS_TRACK_SIZES if part.direction == "cross-track" else priors.SIZES
    prediction = company.forecast(quantity, burn, table[burn.regime], config, spread)
    surprise = surprise_of(prediction.upper(part.log, part.log_sigma), config.term_cap)
    own = company.own(quantity, burn, config)[0]
    return Term(surprise, words.size_reason(part.dv_m_s, 10**prediction.center, part.direction, own))


def place(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    """How surprising the place of the burn on the orbit is, by sectors; in GEO that is its right ascension."""
    return _sector(burn.place_deg, f"place {_across(burn)}", burn, company, config, words.place_reason)


def hour(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    """How surprising the time of day is."""
    return _sector(burn.hour_deg, f"hour {_across(burn)}", burn, company, config, words.hour_reason)


def sector_of(angle_deg: float) -> str:
    """Which of the sectors of a circle an angle lies in; '' where it is not known."""
    return str(int(angle_deg % 360 * SECTORS / 360) % SECTORS) if math.isfinite(angle_deg) else ""


def shared_outcomes(burn: Burn) -> dict[str, str]:
    """What the burn shows of the questions that are asked of its groups too."""
    named = burn.regime != "geo" and burn.kind in priors.KIND_MIX
    return {"direction": burn.direction} | ({"kind": burn.kind} if named else {})


def private_outcomes(burn: Burn) -> dict[str, str]:
    """What it shows of those that are asked of its object alone."""
    across = _across(burn)
    found = {f"place {across}": sector_of(burn.place_deg), f"hour {across}": sector_of(burn.hour_deg)}
    return {question: outcome for question, outcome in found.items() if outcome}


def _across(burn: Burn) -> str:
    return "across" if burn.direction == "cross-track" else "along"


def _sector(
    angle_deg: float, question: str, burn: Burn, company: Company, config: PatternConfig, say: words.SayAngle
) -> Term | None:
    sector = sector_of(angle_deg)
    if not sector:
        return None
    own = company.habit.counts[question].at(burn.day, config.memory_days)
    # A neighboring sector is nearly the same place.
    spread_out = {
        name: 0.5 * own.get(name, 0.0)
        + 0.25 * (own.get(str((int(name) + 1) % SECTORS), 0.0) + own.get(str((int(name) - 1) % SECTORS), 0.0))
        for name in _EVEN
    }
    total = math.fsum(own.values())
    chance = {
        name: (config.outcome_prior / SECTORS + weight) / (config.outcome_prior + total)
        for name, weight in spread_out.items()
    }
    p = at_most_as_likely(chance, sector)
    return Term(surprise_of(p, config.cadence_cap), say(angle_deg))
