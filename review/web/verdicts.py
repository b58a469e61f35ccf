"""What an analyst does to flags, one or many at once, from the queue or from a flag's page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel

from review.accounts import User
from review.clock import ClockError
from review.desk import Desk
from review.errors import (
    BadTransitionError,
    ConflictError,
    InvalidFilterError,
    InvalidVerdictError,
    ReviewError,
)
from review.filters import Filter
from review.records import FlagRecord, Status, VerdictRecord
from review.web import queue
from review.web.access import Analyst, Viewer
from review.web.errors import status_of
from review.web.render import DeskDep, is_htmx, render
from review.web.wanted import objects_of

router = APIRouter(include_in_schema=False)

_AGAINST = (ConflictError, BadTransitionError, InvalidVerdictError, ClockError)
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Step(BaseModel):
    """A form of one flag.

    ``expected_version`` is the version that the person saw, ``query`` that of the queue the flag was reached by, ``next``
    the flag to go on with. ``part`` is what a script wants back: the flag's 'row' in the queue, a 'page' to go to, or just
    what is 'said' of it.
    """

    expected_version: int
    note: str = ""
    query: str = ""
    next: str = ""
    part: Literal["row", "page", "said"] = "page"


class VerdictForm(Step):
    """A verdict; ``over`` in place of ``to`` reopens a settled flag for it."""

    to: Status | None = None
    over: Status | None = None
    kind: str = ""


class AssignForm(Step):
    """Whose the flag is to be: ``assignee``, or ``other`` from the list of people; '' gives it back."""

    assignee: str | None = None
    other: str = ""


class ManyForm(BaseModel):
    """A verdict on many flags, each as ``id:version``."""

    flag: list[str] = []
    to: Status
    note: str = ""
    kind: str = ""
    query: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Quarrel:
    """Why a step was not made, what the other did that stands against it, and what was asked for."""

    status: int
    problem: str
    step: VerdictRecord | None
    draft: dict[str, str]


@router.get("/flags/{flag_id}/verdict")
def form(request: Request, desk: DeskDep, _: Viewer, flag_id: str) -> Response:
    """The form alone, with the way back to the queue."""
    return _form(request, desk, desk.flags.get(flag_id), Step(expected_version=0, query=request.url.query), None)


@router.post("/flags/{flag_id}/verdict")
def settle(
    request: Request, desk: DeskDep, user: Analyst, flag_id: str, form: Annotated[VerdictForm, Form()]
) -> Response:
    """Settle a flag."""
    to = form.over or form.to
    if to is None:
        return _refused(request, desk, user, flag_id, form, InvalidVerdictError("to", "choose a verdict"), "")
    kind = form.kind if to is Status.CONFIRMED else ""
    version = form.expected_version
    try:
        at = desk.now()
        if form.over is not None:
            reason = f"to settle it as {to}"
            opened = desk.flags.reopen(flag_id, who=user.name, note=reason, expected_version=version, at=at)
            version = opened.version
        flag = desk.flags.settle(flag_id, to, who=user.name, note=form.note, kind=kind, expected_version=version, at=at)
    except _AGAINST as error:
        return _refused(request, desk, user, flag_id, form, error, str(to))
    return _done(request, desk, flag, form)


@router.post("/flags/{flag_id}/assign")
def assign(
    request: Request, desk: DeskDep, user: Analyst, flag_id: str, form: Annotated[AssignForm, Form()]
) -> Response:
    """Give a flag to a person, or back to all."""
    assignee = form.other if form.assignee is None else form.assignee
    try:
        _check_assignee(desk, user, assignee)
        flag = desk.flags.assign(
            flag_id,
            assignee,
            who=user.name,
            note=form.note,
            expected_version=form.expected_version,
            at=desk.now(),
        )
    except _AGAINST as error:
        return _refused(request, desk, user, flag_id, form, error, "")
    return _done(request, desk, flag, form, stay=True)


@router.post("/flags/{flag_id}/reopen")
def reopen(request: Request, desk: DeskDep, user: Analyst, flag_id: str, form: Annotated[Step, Form()]) -> Response:
    """Put a settled flag back among the open ones."""
    try:
        flag = desk.flags.reopen(
            flag_id, who=user.name, note=form.note, expected_version=form.expected_version, at=desk.now()
        )
    except _AGAINST as error:
        return _refused(request, desk, user, flag_id, form, error, "")
    return _done(request, desk, flag, form, stay=True)


@router.post("/flags/verdicts")
def settle_many(request: Request, desk: DeskDep, user: Analyst, form: Annotated[ManyForm, Form()]) -> Response:
    """Settle many flags at once, each by itself: what others changed meanwhile stays as they left it."""
    wanted = Filter.from_query(form.query)
    kind = form.kind if form.to is Status.CONFIRMED else ""
    chosen = _chosen(form.flag)
    done = desk.flags.settle_many(chosen, form.to, who=user.name, note=form.note, kind=kind, at=desk.now())
    told = queue.Told.of(form.to, done)
    clean = not done.conflicts and not done.refused
    if clean and not is_htmx(request):
        address = queue.address(wanted, form.page)
        said = f"settled={len(done.settled)}&to={form.to.replace(' ', '+')}"
        return RedirectResponse(f"{address}{'&' if '?' in address else '?'}{said}", 303)
    left = frozenset() if clean else frozenset(one.flag.flag_id for one in done.conflicts)
    return queue.show(
        request,
        desk,
        user,
        wanted,
        form.page,
        status=200 if clean else 409,
        told=told,
        undo=[f"{flag.flag_id}:{flag.version}" for flag in done.settled],
        checked=left,
        note="" if clean else form.note,
        kind="" if clean else form.kind,
    )


def _check_assignee(desk: Desk, user: User, name: str) -> None:
    if name not in ("", user.name) and name not in queue.people(desk):
        raise InvalidVerdictError("assignee", f"nobody called {name[:50]!r} settles flags here")


def _chosen(values: list[str]) -> list[tuple[str, int]]:
    """Ids and versions of the flags that were ticked."""
    pairs = [value.rpartition(":") for value in values]
    if not pairs:
        raise InvalidVerdictError("flag", "no flag is selected: tick some first")
    if not all(version.isascii() and version.isdecimal() and len(version) < 10 for _, _, version in pairs):
        raise InvalidVerdictError("flag", "a flag is given as its id, a colon and its version")
    return [(flag_id, int(version)) for flag_id, _, version in pairs]


def _done(request: Request, desk: Desk, flag: FlagRecord, step: Step, *, stay: bool = False) -> Response:
    """After a step: the row of the queue, or on to the next flag."""
    wanted = _filter(step.query)
    onward = step.next if not stay and _ID.fullmatch(step.next) else flag.flag_id
    address = f"/flags/{onward}" + (f"?{wanted.query()}" if wanted.query() else "")
    if not is_htmx(request):
        return RedirectResponse(address, 303)
    if step.part == "row":
        return _row(request, desk, flag, wanted, None)
    headers = {"HX-Redirect": address} if step.part == "page" else {}
    return _said(request, flag, wanted, None, headers)


def _refused(
    request: Request, desk: Desk, user: User, flag_id: str, step: Step, error: ReviewError, to: str
) -> Response:
    """After a step that was not made: the flag as it is now, and what the person wrote, for another try."""
    flag = error.flag if isinstance(error, ConflictError) else desk.flags.get(flag_id)
    draft = {"to": to, "note": step.note, "kind": step.kind if isinstance(step, VerdictForm) else ""}
    if isinstance(error, ConflictError):
        by = error.step.who if error.step else ""
        problem = (
            f"{'You' if by == user.name else by or 'Scoring'} changed this flag since you read it: nothing was written."
        )
        quarrel = Quarrel(status_of(error), problem, error.step, draft)
    else:
        quarrel = Quarrel(status_of(error), f"{error}.", None, draft)
    if is_htmx(request) and step.part == "row":
        return _row(request, desk, flag, _filter(step.query), quarrel)
    if is_htmx(request) and step.part == "said":
        return _said(request, flag, _filter(step.query), quarrel)
    return _form(request, desk, flag, step, quarrel)


def _form(request: Request, desk: Desk, flag: FlagRecord, step: Step, quarrel: Quarrel | None) -> HTMLResponse:
    template = "verdict_part.html.j2" if is_htmx(request) else "verdict_page.html.j2"
    return render(
        request,
        template,
        quarrel.status if quarrel else 200,
        flag=flag,
        query=_filter(step.query).query(),
        next=step.next if _ID.fullmatch(step.next) else "",
        part=step.part,
        quarrel=quarrel,
        people=queue.people(desk),
    )


def _said(
    request: Request, flag: FlagRecord, wanted: Filter, quarrel: Quarrel | None, headers: dict[str, str] | None = None
) -> HTMLResponse:
    status = quarrel.status if quarrel else 200
    values = {"flag": flag, "query": wanted.query(), "quarrel": quarrel, "undo_part": "said"}
    return render(request, "verdict_said.html.j2", status, headers, **values)


def _row(request: Request, desk: Desk, flag: FlagRecord, wanted: Filter, quarrel: Quarrel | None) -> HTMLResponse:
    counts = desk.flags.counts(wanted, objects_of(desk, wanted))
    return render(
        request,
        "queue_row_part.html.j2",
        quarrel.status if quarrel else 200,
        flag=flag,
        query=wanted.query(),
        counts=counts,
        facets=queue.facets(wanted, counts),
        quarrel=quarrel,
        undo_part="row",
    )


def _filter(query: str) -> Filter:
    """The filter of the way back; one that cannot be used does not stand against a verdict."""
    try:
        return Filter.from_query(query)
    except InvalidFilterError:
        return Filter()
