"""A flag, a verdict and a finding as plain values, and the states they go through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person may do at the desk: look, settle flags, or also keep accounts."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a token lets a program do of what its user may: look, settle flags, or also see to accounts."""

    READ_ONLY = "read-only"
    VERDICTS = "verdicts"
    ADMIN = "admin"


class Status(StrEnum):
    """Where a flag stands in its review."""

    OPEN = "open"
    IN_REVIEW = "in review"
    CONFIRMED = "confirmed"
    ROUTINE = "routine"
    DATA_ERROR = "data error"
    DUPLICATE = "duplicate"
    UNCLEAR = "unclear"


SETTLED = (Status.CONFIRMED, Status.ROUTINE, Status.DATA_ERROR, Status.DUPLICATE, Status.UNCLEAR)

# What a maneuver may be for; what is none has the name of its explanation instead.
MANEUVER_KINDS = (
    "orbit raise",
    "orbit lowering",
    "drag make-up",
    "east-west station-keeping",
    "north-south station-keeping",
    "relocation",
    "plane change",
    "eccentricity control",
    "unknown",
)

# Every settled flag may be opened again, and one in review put back.
TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    Status.OPEN: (Status.IN_REVIEW, *SETTLED),
    Status.IN_REVIEW: (*SETTLED, Status.OPEN),
    **dict.fromkeys(SETTLED, (Status.OPEN,)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRecord:
    """One event put before an analyst, as the store holds it; times are UTC, what is not known is None.

    ``epoch_before`` and ``epoch_after`` are the burn window: the epochs of the element sets that bracket the burn.
    The change of velocity is in RTN of the object's orbit [m/s], ``dv_*_sigma_m_s`` its standard error.
    ``rank`` is the position by unexpectedness among the flags whose burn falls on the same UTC day, 1 the most
    unexpected; equals share it, and a withdrawn flag has none. ``explanation`` is 'maneuver' or what else the event is,
    ``explanation_note`` the evidence for that, or the doubt about a maneuver. ``listed`` says that the day's false
    discovery rate selected it, ``finding_id`` is the one finding that it belongs to, if any. ``assignee`` is the person who
    has it, ``judged_kind`` the kind of maneuver that was confirmed; both may be empty.
    """

    flag_id: str
    norad_id: int
    name: str
    regime: str
    detector: str
    epoch_before: datetime
    epoch_after: datetime
    burn_time: datetime
    burn_time_low: datetime
    burn_time_high: datetime
    dv_r_m_s: float | None = None
    dv_t_m_s: float | None = None
    dv_n_m_s: float | None = None
    dv_r_sigma_m_s: float | None = None
    dv_t_sigma_m_s: float | None = None
    dv_n_sigma_m_s: float | None = None
    dv_m_s: float | None = None
    dv_sigma_m_s: float | None = None
    kind: str = "unknown"
    score: float
    threshold: float | None = None
    probability: float | None = None
    unexpectedness: float | None = None
    rank: int | None = None
    reasons: list[str] = field(default_factory=list)
    neighbours: list[dict[str, Any]] = field(default_factory=list)
    quality: list[str] = field(default_factory=list)
    fit_status: str = "withheld"
    fit_note: str = ""
    delta_a_km: float | None = None
    delta_i_deg: float | None = None
    delta_e: float | None = None
    chi2_ratio: float | None = None
    explanation: str = "maneuver"
    explanation_note: str = ""
    model_version: str
    data_snapshot: str
    config_hash: str
    first_seen_at: datetime
    updated_at: datetime
    available_at: datetime
    status: Status = Status.OPEN
    version: int = 1
    withdrawn_at: datetime | None = None
    listed: bool = False
    finding_id: str | None = None
    assignee: str = ""
    judged_kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRecord:
    """One step of a flag's review: who moved it, when, from where to where, and why.

    ``model_version`` is the model whose flag was judged, ``flag_version`` the flag's version after the step, ``kind`` the
    kind of maneuver that was confirmed, ``assignee`` who has the flag after the step. A step that only assigns leads from
    a status to the same.
    """

    verdict_id: int
    flag_id: str
    decided_at: datetime
    who: str
    from_status: Status
    to_status: Status
    note: str
    model_version: str
    flag_version: int
    kind: str = ""
    assignee: str = ""


class State(StrEnum):
    """Where a finding stands: something goes on, it came to rest, or nothing more is expected of it."""

    UNDER_WAY = "under way"
    STOPPED = "stopped"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One change of a finding: when it was said, in words, and the window's end of the event that it tells of, if any."""

    at: datetime
    text: str
    event: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRecord:
    """What an object is up to, told from a chain of its events, as the store holds it; times are UTC.

    ``opened_at``, ``news_at`` and ``closed_at`` are when it was said, not when it happened. ``events`` are the burn
    windows that it gathers, ``partners`` the other objects that take part. ``unexpectedness`` is that of its most
    unexpected event, ``dv_m_s`` the sum of their changes of velocity [m/s]. ``listed`` says that a listed event or one
    that is overdue opened it. ``news`` is in the order in which it was told.
    """

    finding_id: str
    norad_id: int
    name: str
    regime: str
    kind: str
    state: State
    opened_at: datetime
    news_at: datetime
    closed_at: datetime | None = None
    headline: str
    news: list[News] = field(default_factory=list)
    expects: str = ""
    reasons: list[str] = field(default_factory=list)
    neighbours: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, str]] = field(default_factory=list)
    partners: list[int] = field(default_factory=list)
    unexpectedness: float | None = None
    dv_m_s: float | None = None
    listed: bool = False
    version: int = 1
