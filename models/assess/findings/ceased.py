"""Keepers that no longer burn."""

from __future__ import annotations

import pandas as pd

from configs.findings import FindingsConfig
from models.assess.findings import words
from models.assess.findings.belt import KEPT, apart_deg
from models.assess.findings.chain import DAY
from models.assess.findings.frame import CEASED, UNDER_WAY, Finding, iso
from models.assess.findings.telling import Told

_SAME = 10 * DAY  # the last burn of one silence may be dated anew


def known_silence(findings: list[Finding], since: pd.Timestamp) -> bool:
    """Whether one of the object's findings has told of this silence."""
    told = [pd.Timestamp(row["said"]["silent_since"]) for row in findings if "silent_since" in row["said"]]
    return any(abs(one - since) <= _SAME for one in told)


def tell(finding: Finding, phases: pd.DataFrame, as_of: pd.Timestamp, config: FindingsConfig) -> Told:
    """What is told of a keeper that has not burned again."""
    said = dict(finding["said"])
    since = pd.Timestamp(said["silent_since"])
    days = (as_of - since) / DAY
    name = finding["name"]
    news: list[tuple[str, pd.Timestamp | None]] = []
    left = _left_text(phases, config)
    headline = f"{name} has not burned since {words.day_text(since)}, {days:.0f} days: {said['why']}"
    if left:
        headline = f"{name} {left}; it has not burned since {words.day_text(since)}, {days:.0f} days"
    if "kind" not in said:
        news.append((headline, None))
    elif left and not said.get("left", False):
        news.append((f"{left}, without a burn", None))
    said |= {"kind": CEASED, "kinds": [CEASED], "left": bool(left) or said.get("left", False)}
    if news:
        said["mattered"] = iso(as_of)
    expects = "should leave its box slowly unless it burns again" if not left else "should drift on and librate"
    return Told(CEASED, UNDER_WAY, headline, expects, said, news)


def _left_text(phases: pd.DataFrame, config: FindingsConfig) -> str:
    """That it has left the place that it kept; '' where it has not."""
    kept = phases[phases["mode"] == KEPT]
    current = phases[phases["current"]]
    if kept.empty or current.empty or current.iloc[-1]["mode"] == KEPT:
        return ""
    place, now = float(kept.iloc[-1]["longitude_end_deg"]), current.iloc[-1]
    away = apart_deg(float(now["longitude_end_deg"]), place)
    if abs(away) < config.beside_deg:
        return ""
    return (
        f"has left {words.longitude_text(place)} and drifts {words.drift_text(float(now['drift_deg_day']))}, "
        f"now {abs(away):.1f} deg {'east' if away > 0 else 'west'} of it"
    )
