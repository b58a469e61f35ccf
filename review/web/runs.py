"""The page of the pipelines' runs."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from review import run_words
from review.runs import Outcome, RunLog
from review.web.access import Viewer
from review.web.params import OutcomeParam, Page, Word
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

_SIZE = 50


@router.get("/runs")
def runs_page(
    request: Request,
    desk: DeskDep,
    _user: Viewer,
    work: Word = "",
    outcome: OutcomeParam = None,
    page: Page = 1,
) -> HTMLResponse:
    """What the pipelines did, the latest first."""
    log = RunLog(desk.database)
    found = log.page(work=work or None, outcome=outcome, page=page, size=_SIZE)
    settings = desk.config.desk
    now = datetime.now(UTC)
    rows = [
        {
            "run": run,
            "told": run_words.told(run),
            "took": run_words.took(run, now),
            "mlflow": run_words.mlflow_link(run, settings.mlflow_url),
            "prefect": run_words.prefect_link(run, settings.prefect_url),
        }
        for run in found.runs
    ]
    kept = {name: value for name, value in (("work", work), ("outcome", outcome)) if value}
    return render(
        request,
        "runs.html.j2",
        rows=rows,
        latest=sorted(log.latest().values(), key=lambda run: run.started_at, reverse=True),
        now=now,
        works=log.works(),
        work=work,
        outcomes=list(Outcome),
        outcome=outcome,
        page=page,
        pages=-(-found.total // _SIZE),
        total=found.total,
        size=_SIZE,
        address=f"/runs?{urlencode(kept)}",
        settings=settings,
    )
