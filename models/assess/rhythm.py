"""When an object burns: the waits between its campaigns and within them, and how rarely it burns at all."""

from __future__ import annotations

import math
from typing import NamedTuple

from configs.judgement import PatternConfig
from models.assess import priors
from models.assess import reasons as words
from models.assess.burns import Burn
from models.assess.forecast import at_most_as_likely, surprise_of
from models.assess.peers import Company

SHORTEST_WAIT_DAYS = 0.05


class Term(NamedTuple):
    """One thing that was looked at: how surprising it is [-log10 p], and in words."""

    surprise: float
    reason: str


class Wait(NamedTuple):
    """The time since the last burn."""

    days: float  # NaN before a first burn, 0 where two were found in reverse order
    part: str  # 'within' or 'between' campaigns

    @property
    def log(self) -> float:
        """Log10 of the days."""
        return math.log10(max(self.days, SHORTEST_WAIT_DAYS))


def wait_of(burn: Burn, company: Company, config: PatternConfig) -> Wait:
    """How long the object had waited, and whether the burn goes on with a campaign."""
    days = burn.day - company.course.last_day
    return Wait(days, "within" if days <= config.campaign_days else "between")


def rhythm(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    """How surprising the time of a burn is.

    Burns up to ``campaign_days`` apart are one campaign. A renewal model: whether a campaign goes on is one outcome,
    and the waits between campaigns are log-normal. Where too few waits of an object
    are known, its silence before the burn is compared with that of its peers who are known as little.
    """
    wait = wait_of(burn, company, config)
    known = company.own("wait between", burn, config)[0]
    if wait.part == "between" and known < config.renewal_intervals:
        return _rarity(burn, company, config)
    if not wait.days > 0:
        return None
    chance = company.chances("wait", burn, priors.WITHIN_SHARE, config)
    if wait.part == "within":
        p = at_most_as_likely(chance, wait.part)
        return Term(surprise_of(p, config.cadence_cap), words.campaign_reason(wait.days))
    prediction = company.forecast("wait between", burn, priors.WAITS[burn.regime], config)
    # The rarer of the two outcomes is surprising by itself.
    p = prediction.two_sided(wait.log) * min(2 * chance[wait.part], 1.0)
    tail = (1 - config.usual_share) / 2
    low, high = (10 ** prediction.quantile(share) for share in (tail, 1 - tail))
    return Term(surprise_of(p, config.cadence_cap), words.rhythm_reason(wait.days, low, high))


def silence_days(burn: Burn, company: Company) -> float:
    """How long the object was watched without a burn."""
    course = company.course
    return max(burn.day - course.last_day if course.burns else watched_days(burn, company), SHORTEST_WAIT_DAYS)


def _rarity(burn: Burn, company: Company, config: PatternConfig) -> Term | None:
    silent = silence_days(burn, company)
    if silent <= config.campaign_days:
        return None
    prediction = company.forecast("silence", burn, priors.SILENCE, config)
    reason = words.rarity_reason(company.course.burns, watched_days(burn, company), silent)
    return Term(surprise_of(prediction.upper(math.log10(silent)), config.term_cap), reason)


def watched_days(burn: Burn, company: Company) -> float:
    """For how long the object has been watched, by this event or by what earlier ones said."""
    watched = burn.observed_days if math.isfinite(burn.observed_days) else 0.0
    return max(watched, burn.day - company.course.watched_since, 0.0)
