"""The pages of findings: what objects are up to, and one finding with its picture, its news and its burns."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from review.finding_list import ListOrder, Wanted, counts, kinds, page_of
from review.finding_report import company, facts, span
from review.web.access import Viewer
from review.web.params import Page, RegimeParam, StateParam, Word
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

_SIZE = 50


@router.get("/findings")
def findings_page(
    request: Request,
    desk: DeskDep,
    _user: Viewer,
    text: Word = "",
    kind: Word = "",
    state: StateParam = None,
    regime: RegimeParam = None,
    listed: Annotated[bool, Query()] = False,
    order: ListOrder = "news",
    page: Page = 1,
) -> HTMLResponse:
    """Findings, those with the newest news first."""
    wanted = Wanted(text=text, kind=kind, state=state, regime=regime or "", listed=listed)
    found = page_of(desk.database, wanted, order, page, _SIZE)
    given = {"text": text, "kind": kind, "regime": regime or "", "listed": "true" if listed else "", "order": order}
    kept = {name: value for name, value in given.items() if value and value != "news"}
    whole = {**kept, **({"state": str(state)} if state else {})}
    return render(
        request,
        "findings.html.j2",
        findings=found.findings,
        total=found.total,
        page=page,
        pages=-(-found.total // _SIZE),
        size=_SIZE,
        given=given,
        state=state,
        states=[
            (one, count, _address({**kept, "state": str(one)})) for one, count in counts(desk.database, wanted).items()
        ],
        everything=_address(kept),
        address=_address(whole),
        kinds=kinds(desk.database),
    )


@router.get("/findings/{finding_id}")
def finding_page(request: Request, desk: DeskDep, _user: Viewer, finding_id: str) -> Response:
    """One finding."""
    finding = desk.flags.findings.get(finding_id)
    if finding.finding_id != finding_id:
        return RedirectResponse(f"/findings/{finding.finding_id}", 303)
    config = desk.config.review
    first, last = span(finding, config)
    ids = [finding.norad_id, *company(finding, config)]
    history = desk.elements.history(ids, since=pd.Timestamp(first), until=pd.Timestamp(last))
    others = desk.flags.findings.records(norad_id=finding.norad_id)
    return render(
        request,
        "finding.html.j2",
        others=[one for one in others if one.finding_id != finding.finding_id],
        **facts(
            finding,
            desk.flags.findings.flags(finding.finding_id),
            history,
            names=desk.names([*ids, *finding.partners]),
            config=config,
        ),
    )


def _address(given: dict[str, str]) -> str:
    return f"/findings?{urlencode(given)}"
