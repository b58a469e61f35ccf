"""Saved views: filters of the queue under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Path
from fastapi.responses import RedirectResponse

from review.accounts import User
from review.desk import Desk
from review.filters import Filter
from review.records import Status
from review.saved_views import SavedViews
from review.web.access import Viewer
from review.web.render import DeskDep

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class View:
    """A name for a filter: one that every desk has, or a saved one with its id; ``owner`` where it is another's."""

    name: str
    query: str
    view_id: int = 0
    mine: bool = False
    owner: str = ""


def views_of(desk: Desk, user: User) -> list[View]:
    """The views that a user can choose from."""
    views = [
        View("To settle", Filter(statuses=(Status.OPEN, Status.IN_REVIEW)).query()),
        View("Mine", Filter(assignee=user.name).query()),
        View("Listed", Filter(listed=True).query()),
        View("All", ""),
    ]
    for one in SavedViews(desk.database).of(user.user_id):
        mine = one.user_id == user.user_id
        views.append(View(one.name, one.query, one.view_id, mine, "" if mine else one.owner))
    return views


@router.post("/views")
def save(
    desk: DeskDep,
    user: Viewer,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
    shared: Annotated[bool, Form()] = False,
) -> RedirectResponse:
    """Keep the filter under a name, in place of the view that had it."""
    return _back(SavedViews(desk.database).save(user.user_id, name, query, shared=shared).query)


@router.post("/views/{view_id}/remove")
def remove(
    desk: DeskDep,
    user: Viewer,
    view_id: Annotated[int, Path(ge=0, le=2**31 - 1)],
    query: Annotated[str, Form()] = "",
) -> RedirectResponse:
    """Forget a view."""
    SavedViews(desk.database).remove(user.user_id, view_id)
    return _back(Filter.from_query(query).query())


def _back(query: str) -> RedirectResponse:
    return RedirectResponse(f"/flags?{query}" if query else "/flags", 303)
