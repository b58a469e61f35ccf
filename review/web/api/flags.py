"""Flags: the queue, one flag, its history, and what stands before and after it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from review.filters import Filter
from review.records import Status
from review.web.access import Viewer
from review.web.api.fields import Instant, NoradId, Words
from review.web.api.flag_models import Flag, Step
from review.web.api.paging import Paged, Pages, links
from review.web.api.problems import answers
from review.web.render import DeskDep
from review.web.wanted import objects_of

router = APIRouter(tags=["flags"])

_SEVERAL: Any = Field(default=[], max_length=50)


class FlagFilter(BaseModel):
    """Conditions, all of which hold; those that may come several times are met by any of their values."""

    regime: list[Literal["leo", "meo", "geo", "heo"]] = _SEVERAL
    kind: list[Words] = _SEVERAL
    status: list[Status] = _SEVERAL
    owner: list[Words] = Field(default=[], max_length=50, description="Of the object, as the catalog of objects has it")
    watch_list: Words = Field(default="", description="Name of a list of objects")
    since: Instant | None = Field(default=None, description="Burn time from then on")
    until: Instant | None = Field(default=None, description="Burn time before then")
    text: Words = Field(default="", description="Words in the object's name or the reasons, or the start of its number")
    listed: bool = Field(default=False, description="Only those that the day's false discovery rate selected")
    assignee: Words = ""
    explanation: Literal["maneuver", "other"] | None = Field(
        default=None, description="Maneuvers, or what something else explains"
    )
    norad_id: NoradId | None = None
    order: Literal["unexpected", "time"] = Field(
        default="unexpected", description="The most unexpected or the latest first"
    )

    def wanted(self) -> Filter:
        """The same as the queue has it."""
        return Filter.from_params(self.model_dump(include=set(FlagFilter.model_fields), exclude_none=True, mode="json"))


class FlagQuery(FlagFilter, Paged):
    """Which flags, in which order, and which page of them."""


class FlagPage(Pages):
    """A page of flags."""

    flags: list[Flag]


class Counts(BaseModel):
    """How many flags there are of each value; each figure is what choosing that value instead would show."""

    status: dict[str, int]
    regime: dict[str, int]
    kind: dict[str, int]


class Beside(BaseModel):
    """The flags before and after one, in the filter's order."""

    previous: UUID | None
    next: UUID | None


@router.get("/flags", summary="The queue, page by page")
def list_flags(
    request: Request, response: Response, desk: DeskDep, _: Viewer, query: Annotated[FlagQuery, Query()]
) -> FlagPage:
    """Flags that a filter lets through, in its order. Past the last page comes the last page."""
    wanted = query.wanted()
    found = desk.flags.page(wanted, query.page, query.size, objects_of(desk, wanted))
    here = query.model_copy(update={"page": found.page})
    flags = [Flag.model_validate(flag) for flag in found.flags]
    return FlagPage(flags=flags, **links(request, response, total=found.total, asked=here))


@router.get("/flags/counts", summary="How many flags there are of each state, regime and kind")
def count_flags(desk: DeskDep, _: Viewer, query: Annotated[FlagFilter, Query()]) -> Counts:
    """Of the flags that a filter lets through."""
    wanted = query.wanted()
    return Counts(**desk.flags.counts(wanted, objects_of(desk, wanted)))


@router.get("/flags/{flag_id}", summary="One flag", responses=answers(404))
def get_flag(response: Response, desk: DeskDep, _: Viewer, flag_id: UUID) -> Flag:
    """A flag as it is now; its `ETag` is for `If-Match`."""
    return tagged(response, Flag.model_validate(desk.flags.get(str(flag_id))))


@router.get("/flags/{flag_id}/history", summary="The steps of a flag's review", responses=answers(404))
def get_history(desk: DeskDep, _: Viewer, flag_id: UUID) -> list[Step]:
    """First to last; no step is ever changed."""
    return [Step.model_validate(step) for step in desk.flags.history(str(flag_id))]


@router.get("/flags/{flag_id}/beside", summary="The flags before and after one", responses=answers(404))
def get_beside(desk: DeskDep, _: Viewer, flag_id: UUID, query: Annotated[FlagFilter, Query()]) -> Beside:
    """In a filter's order, whether or not the filter lets the flag itself through."""
    wanted = query.wanted()
    previous, following = desk.flags.beside(wanted, str(flag_id), objects_of(desk, wanted))
    return Beside.model_validate({"previous": previous, "next": following})


def tagged(response: Response, flag: Flag) -> Flag:
    """The flag, its version in the answer's ``ETag``."""
    response.headers["ETag"] = f'"{flag.version}"'
    return flag
