"""The dossier: all that speaks for and against one flag, on one page."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from review import evidence
from review.dossier.page import Dossier, dossier_of
from review.filters import Filter
from review.pages import figure_json
from review.plots import RESIDUALS
from review.web import queue
from review.web.access import Viewer
from review.web.render import DeskDep, render
from review.web.wanted import objects_of

router = APIRouter(include_in_schema=False)


@router.get("/flags/{flag_id}")
def show(flag_id: str, request: Request, _: Viewer, desk: DeskDep) -> Response:
    """The page of a flag, reached from a queue whose filter the query names."""
    flag = desk.flags.get(flag_id)
    wanted = Filter.from_params(request.query_params)
    query = wanted.query()
    if flag.flag_id != flag_id:
        return RedirectResponse(f"/flags/{flag.flag_id}{'?' + query if query else ''}", 303)
    before, after = desk.flags.beside(wanted, flag.flag_id, objects_of(desk, wanted))
    shown = page_of(dossier_of(flag, desk))
    people = queue.people(desk)
    return render(request, "dossier.html.j2", query=query, previous=before, next=after, people=people, **shown)


def page_of(dossier: Dossier) -> dict[str, Any]:
    """What the template shows of a dossier."""
    flag = dossier.flag
    return {
        "dossier": dossier,
        "flag": flag,
        "figures": {name: figure_json(figure) for name, figure in dossier.figures.items()},
        "near_sets": evidence.near(dossier.sets, flag).to_dict("records"),
        "near_gaps": evidence.near(dossier.gaps, flag).to_dict("records"),
        "all_sets": dossier.sets.to_dict("records"),
        "residuals": [row for row in RESIDUALS if row.column in dossier.gaps],
        "drawn": {
            trace.get("name", "") for figure in (dossier.figures.get("way"),) if figure for trace in figure["data"]
        },
    }
