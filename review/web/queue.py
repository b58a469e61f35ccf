"""The queue: flags by filter, page after page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from review.accounts import User
from review.desk import Desk
from review.errors import InvalidFilterError
from review.filters import REGIMES, Filter
from review.queue import Page
from review.records import MANEUVER_KINDS, Status
from review.verdicts import Settled
from review.web.access import Viewer
from review.web.render import DeskDep, is_htmx, render
from review.web.saved import views_of
from review.web.wanted import objects_of
from review.words import EXPLANATIONS

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of verdicts on many flags, for the head of the list."""

    to: str
    settled: int
    conflicts: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, to: Status, done: Settled) -> Told:
        """What to say of them."""
        return cls(str(to), len(done.settled), done.conflicts, done.refused)


@router.get("/flags")
def queue(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """The flags that the URL's filter lets through."""
    params = request.query_params
    try:
        wanted = Filter.from_params(params)
        page = _page_number(params.get("page", ""))
        told = _told(params.get("to", ""), params.get("settled", ""))
        if not is_htmx(request) and any(not value for _, value in params.multi_items()):
            return RedirectResponse(address(wanted, page), 303)  # of a form: what was left empty goes
        return show(request, desk, user, wanted, page, told=told)
    except InvalidFilterError as error:
        return show(request, desk, user, Filter(), problem=str(error))


def address(wanted: Filter, page: int = 1) -> str:
    """The URL of a page of flags, as people share it."""
    query = "&".join(part for part in (wanted.query(), f"page={page}" if page > 1 else "") if part)
    return f"/flags?{query}" if query else "/flags"


def show(
    request: Request,
    desk: Desk,
    user: User,
    wanted: Filter,
    page: int = 1,
    *,
    status: int = 200,
    told: Told | None = None,
    undo: Sequence[str] = (),
    problem: str = "",
    checked: frozenset[str] = frozenset(),
    note: str = "",
    kind: str = "",
) -> Response:
    """The queue, or for a script the list in it.

    Parameters
    ----------
    told : Told, optional
        What to say at its head.
    undo : sequence of str
        The flags that were just settled, each as ``id:version``.
    problem : str
        Why the filter that was asked for cannot be used.
    checked : set of str
        Ids of flags that stay selected.
    note, kind : str
        What stays in the form for many.
    """
    scope = objects_of(desk, wanted)
    found = desk.flags.page(wanted, page, desk.config.desk.page_size, scope) if not problem else Page([], 0, 1, 1, 50)
    counts = desk.flags.counts(wanted, scope)
    query = wanted.query()
    views = views_of(desk, user)
    values: dict[str, Any] = {
        "page": found,
        "wanted": wanted,
        "query": query,
        "views": views,
        "counts": counts,
        "facets": facets(wanted, counts),
        "told": told,
        "undo": undo,
        "problem": problem,
        "checked": checked,
        "draft": {"note": note, "kind": kind},
    }
    status = 422 if problem else status
    if is_htmx(request):
        goes = "HX-Push-Url" if request.method == "GET" else "HX-Replace-Url"
        headers = {} if problem else {goes: address(wanted, found.page)}
        return render(request, "queue_part.html.j2", status, headers, **values)
    return render(
        request,
        "queue.html.j2",
        status,
        **values,
        view_name=next((view.name for view in views if view.query == query), ""),
        owners=owners(desk),
        lists=[one.name for one in desk.assets.load().lists],
        people=people(desk),
        typed={"since": _typed(wanted.since), "until": _typed(wanted.until)},
    )


def facets(wanted: Filter, counts: dict[str, dict[str, int]]) -> dict[str, list[str]]:
    """What there is to choose from, by the parameter of the URL."""
    known = [one for one in MANEUVER_KINDS if one != "unknown"] + list(EXPLANATIONS) + ["unknown"]
    others = sorted({*counts["kind"], *wanted.kinds} - set(known))
    return {"status": [str(one) for one in Status], "regime": list(REGIMES), "kind": known + others}


def owners(desk: Desk) -> list[str]:
    """Owners of objects, as the catalog of objects names them."""
    objects = desk.objects()
    return desk.kept("owners", id(objects), lambda: sorted(set(objects["owner"].dropna()) - {""}))


def people(desk: Desk) -> list[str]:
    """Names of those who may have a flag."""
    return [one.user.name for one in desk.accounts.all() if one.active and one.user.role != "viewer"]


def _page_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 1


def _told(to: str, settled: str) -> Told | None:
    """What the address says was just done, for those whose browser runs no script."""
    if to not in list(Status) or not (settled.isascii() and settled.isdecimal() and len(settled) < 9):
        return None
    return Told(to, int(settled))


def _typed(time: datetime | None) -> str:
    """A time as the form has it: the day alone where it is midnight."""
    return "" if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ").removesuffix("T00:00:00Z")
