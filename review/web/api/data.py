"""What the store holds and how fresh it is, and the runs of the pipelines."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from review.coverage import AGES_DAYS
from review.runs import Outcome, RunLog
from review.web.access import Viewer
from review.web.api.fields import Asked, Record, Words
from review.web.api.objects import records
from review.web.api.paging import Paged, Pages, links
from review.web.data import coverage_of
from review.web.render import DeskDep

router = APIRouter(tags=["data"])


class RegimeCoverage(Record):
    """What is held of a regime's objects."""

    regime: str
    objects: int
    sets: int
    last_epoch: datetime
    last_available_at: datetime
    fresh: dict[str, int] = Field(description="How many objects' newest epoch is at most so many days old")


class SourceCoverage(Record):
    """What came from a source."""

    source: str
    objects: int
    sets: int
    imputed: int = Field(description="Sets of which it is not known when they came out")
    first_epoch: datetime
    last_epoch: datetime
    last_available_at: datetime


class Stale(Record):
    """An object that has been silent for long."""

    norad_id: int
    regime: str
    sets: int
    last_epoch: datetime
    last_available_at: datetime
    age_days: float


class Coverage(BaseModel):
    """What the store of element sets holds. Ages count from when its newest set became available."""

    snapshot: str = Field(description="Names the content of the store")
    objects: int
    sets: int
    newest: datetime | None
    regimes: list[RegimeCoverage]
    sources: list[SourceCoverage]
    stale: list[Stale] = Field(description="The longest silent last")


class CoverageQuery(Asked):
    """From when an object is called stale."""

    stale_days: float = Field(default=7.0, ge=0.0, le=36_500.0, allow_inf_nan=False)


class Run(Record):
    """One run of a pipeline."""

    run_id: str
    work: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    summary: dict[str, Any] = Field(description="What it counted, or why it failed")
    mlflow_run_id: str
    prefect_run_id: str


class RunPage(Pages):
    """A page of runs, the latest first."""

    runs: list[Run]


class RunQuery(Paged):
    """Which runs."""

    work: Words = Field(default="", description="ingest, train, score, …")
    outcome: Outcome | None = None


@router.get("/coverage", summary="What the store of element sets holds")
def get_coverage(desk: DeskDep, _: Viewer, query: Annotated[CoverageQuery, Query()]) -> Coverage:
    """By regime and source, and the objects of which nothing new came."""
    found = coverage_of(desk)
    regimes = [
        row | {"fresh": {f"{days:g}": row[f"age_{days:g}d"] for days in AGES_DAYS}} for row in records(found.regimes())
    ]
    return Coverage(
        snapshot=desk.elements.snapshot_id(),
        objects=int(found.by_source["norad_id"].nunique()),
        sets=int(found.by_source["sets"].sum()),
        newest=None if found.by_source.empty else found.newest.to_pydatetime(),
        regimes=[RegimeCoverage.model_validate(row) for row in regimes],
        sources=[SourceCoverage.model_validate(row) for row in records(found.sources())],
        stale=[Stale.model_validate(row) for row in records(found.stale(query.stale_days))],
    )


@router.get("/runs", summary="Runs of the pipelines, page by page")
def list_runs(
    request: Request, response: Response, desk: DeskDep, _: Viewer, query: Annotated[RunQuery, Query()]
) -> RunPage:
    """The latest first."""
    log = RunLog(desk.database)
    found = log.page(work=query.work or None, outcome=query.outcome, page=query.page, size=query.size)
    pages = links(request, response, total=found.total, asked=query)
    return RunPage(runs=[Run.model_validate(run) for run in found.runs], **pages)
