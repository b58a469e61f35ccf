"""Saved views: filters of the queue that people keep under a name."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field, StrictBool

from review.saved_views import LONGEST_NAME, SavedViews, UnknownViewError
from review.web.access import Viewer
from review.web.api.fields import CLEANED, Asked, Record
from review.web.api.problems import RefusalError, answers
from review.web.render import DeskDep

router = APIRouter(tags=["flags"])


class View(Record):
    """A filter under a name."""

    view_id: int
    owner: str
    name: str
    query: str = Field(description="The query of the queue's address")
    shared: bool = Field(description="Whether all see it")
    created_at: datetime


class ViewWish(Asked):
    """A filter to be kept."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), CLEANED]
    query: Annotated[str, Field(max_length=10_000, description="The query of the queue's address"), CLEANED] = ""
    shared: StrictBool = False


@router.get("/views", summary="Saved views")
def list_views(desk: DeskDep, user: Viewer) -> list[View]:
    """One's own by name, then those that others share."""
    return [View.model_validate(view) for view in SavedViews(desk.database).of(user.user_id)]


@router.post("/views", status_code=201, summary="Save a view")
def save_view(desk: DeskDep, user: Viewer, wish: ViewWish) -> View:
    """In place of one's own view of that name, if there is one."""
    saved = SavedViews(desk.database).save(user.user_id, wish.name, wish.query, shared=wish.shared)
    return View.model_validate(saved)


@router.delete("/views/{view_id}", status_code=204, summary="Forget a view", responses=answers(404))
def remove_view(desk: DeskDep, user: Viewer, view_id: Annotated[int, Path(ge=1, le=2**31 - 1)]) -> None:
    """Of one's own."""
    try:
        SavedViews(desk.database).remove(user.user_id, view_id)
    except UnknownViewError as error:
        raise RefusalError(404, str(error)) from error
