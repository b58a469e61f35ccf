"""Findings and their news."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from review.records import State
from review.web.access import Viewer
from review.web.api.fields import Instant, Known, NoradId, Record, Words
from review.web.api.flag_models import Flag, Neighbour
from review.web.api.paging import Paged, Pages, links
from review.web.api.problems import answers
from review.web.render import DeskDep

router = APIRouter(tags=["findings"])


class News(Record):
    """One change of a finding, dated when it could be said."""

    at: datetime
    text: str
    event: datetime | None = Field(description="The later epoch of the burn window that it tells of")


class Window(BaseModel):
    """The epochs of the element sets that bracket a burn."""

    epoch_before: datetime
    epoch_after: datetime


class Finding(Record):
    """What an object is up to. Times are when it was said, not when it happened."""

    finding_id: UUID
    norad_id: NoradId
    name: str
    regime: str
    kind: str
    state: State
    opened_at: datetime
    news_at: datetime
    closed_at: datetime | None
    headline: str
    news: list[News]
    expects: str = Field(description="What to expect next, in words")
    reasons: list[str]
    neighbours: list[Neighbour]
    events: list[Window] = Field(description="The burn windows that it gathers")
    partners: list[NoradId] = Field(description="Other objects that take part")
    unexpectedness: Known = Field(description="That of its most unexpected event")
    dv_m_s: Known = Field(description="Sum of its events' changes of velocity [m/s]")
    listed: bool
    version: int


class FindingPage(Pages):
    """A page of findings."""

    findings: list[Finding]


class FindingQuery(Paged):
    """Which findings, and in which order."""

    order: Literal["news", "unexpected"] = Field(
        default="news", description="The newest news or the most unexpected first"
    )
    since: Instant | None = Field(default=None, description="With news from then on")
    until: Instant | None = Field(default=None, description="With news before then")
    norad_id: NoradId | None = None
    kind: Words | None = None
    state: State | None = None


@router.get("/findings", summary="Findings, page by page")
def list_findings(
    request: Request, response: Response, desk: DeskDep, _: Viewer, query: Annotated[FindingQuery, Query()]
) -> FindingPage:
    """The newest news or the most unexpected first."""
    wanted = query.model_dump(include={"since", "until", "norad_id", "kind", "state"})
    store = desk.flags.findings
    found = store.records(query.order, **wanted, limit=query.page * query.size)[(query.page - 1) * query.size :]
    pages = links(request, response, total=store.count(**wanted), asked=query)
    return FindingPage(findings=[Finding.model_validate(one) for one in found], **pages)


@router.get("/findings/{finding_id}", summary="One finding", responses=answers(404))
def get_finding(desk: DeskDep, _: Viewer, finding_id: UUID) -> Finding:
    """A finding with all its news."""
    return Finding.model_validate(desk.flags.findings.get(str(finding_id)))


@router.get("/findings/{finding_id}/flags", summary="The flags that a finding gathers", responses=answers(404))
def get_flags(desk: DeskDep, _: Viewer, finding_id: UUID) -> list[Flag]:
    """In order of their burns; withdrawn ones too."""
    return [Flag.model_validate(flag) for flag in desk.flags.findings.flags(str(finding_id))]
