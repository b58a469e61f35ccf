"""What is told of a finding, and what of it is new."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from models.assess.findings.chain import Move
from models.assess.findings.frame import COMMISSIONING, MANEUVER, UNDER_WAY, Finding, iso

_WEAK = (MANEUVER,)  # gives way to every other kind, and comes back after none


@dataclass
class Told:
    """A finding as it stands on a day.

    Parameters
    ----------
    kind, state, headline, expects : str
    said : dict
        What will have been told then.
    news : list of (str, Timestamp or None)
        Sentences, each with the end of the window of the event that brought it.
    beside : list of (int, str, float)
        Objects near it: number, name, distance [deg of longitude].
    dv_m_s : float
        What it took together, where more is known than its burns.
    """

    kind: str
    state: str
    headline: str
    expects: str
    said: dict[str, Any]
    news: list[tuple[str, pd.Timestamp | None]] = field(default_factory=list)
    beside: list[tuple[int, str, float]] = field(default_factory=list)
    dv_m_s: float = 0.0


def settled_kind(kind: str, said: dict[str, Any]) -> str:
    """The kind that stands, given the one that the data show now: a single maneuver takes the place of nothing."""
    before = str(said.get("kind", ""))
    if before == COMMISSIONING:  # what a new object is up to stays what it was
        return before
    return before if before and kind in _WEAK else kind


def written(finding: Finding, told: Told, moves: list[Move], as_of: pd.Timestamp) -> Finding:
    """The finding with what is told of it; its news grow by what is new."""
    at = iso(as_of)
    news = [
        *finding["news"],
        *({"at": at, "text": text, "event": iso(when) if when is not None else None} for text, when in told.news),
    ]
    said = told.said
    if told.news:
        said["mattered"] = max(
            said["mattered"], max((iso(when) for _, when in told.news if when is not None), default=said["mattered"])
        )
    if finding["state"] == UNDER_WAY != told.state:  # the stop may be seen before the burn that brought it
        said["mattered"] = iso(as_of)
    if told.state == UNDER_WAY and moves:
        said["mattered"] = max(said["mattered"], iso(moves[-1].after))
    return {
        **finding,
        "kind": told.kind,
        "state": told.state,
        "headline": told.headline,
        "expects": told.expects,
        "news": news,
        "news_at": as_of if told.news else finding["news_at"],
        "said": said,
    }
