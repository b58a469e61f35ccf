"""Flags and findings in the forms in which they are handed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from review import hand_on
from review.hand_on import FINDING_FORMS, FORMS
from review.web import handing
from review.web.access import Viewer
from review.web.api.flags import FlagFilter
from review.web.api.problems import answers
from review.web.render import DeskDep

router = APIRouter(tags=["handing on"])

FlagForm = Annotated[str, Path(json_schema_extra={"enum": list(FORMS)})]
FindingForm = Annotated[str, Path(json_schema_extra={"enum": list(FINDING_FORMS)})]


class File(Response):
    """A file of any kind."""

    media_type = None


class FlagFile(FlagFilter):
    """Which flags, in which order, in which form."""

    form: Literal["csv", "json"] = "csv"


BINARY = {"type": "string", "format": "binary"}
_CONTENT: dict[str, dict[str, Any]] = {"application/json": {}}
FLAGS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": BINARY}, "application/json": {"schema": {"type": "array"}}}}
}


def files(forms: Mapping[str, hand_on.Form]) -> dict[int | str, dict[str, Any]]:
    """What an operation may answer that gives one of these forms."""
    kinds = sorted({form.media_type.partition(";")[0] for form in forms.values()})
    said = "; ".join(f"`{name}`: {form.meaning}" for name, form in forms.items())
    return {200: {"description": said, "content": {kind: {"schema": _CONTENT.get(kind, BINARY)} for kind in kinds}}}


@router.get("/exports/flags", summary="All flags of a filter as a file", response_class=File, responses=FLAGS)
def export_flags(desk: DeskDep, _: Viewer, query: Annotated[FlagFile, Query()]) -> Response:
    """For a spreadsheet or a program, without pages."""
    return handing.flags_file(desk, query.wanted(), query.form)


@router.get(
    "/flags/{flag_id}/exports/{form}",
    summary="A flag as a file",
    response_class=File,
    responses=files(FORMS) | answers(404),
)
def export_flag(desk: DeskDep, _: Viewer, flag_id: UUID, form: FlagForm) -> Response:
    """An event that is no maneuver, or whose burn is not known, has no OCM."""
    return handing.download(hand_on.hand_on(desk, str(flag_id), form))


@router.get(
    "/findings/{finding_id}/exports/{form}",
    summary="A finding as a file",
    response_class=File,
    responses=files(FINDING_FORMS) | answers(404),
)
def export_finding(desk: DeskDep, _: Viewer, finding_id: UUID, form: FindingForm) -> Response:
    """Its OCM holds all its burns."""
    return handing.download(hand_on.hand_on_finding(desk, str(finding_id), form))
