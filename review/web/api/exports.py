"""A flag in the forms in which it is handed on."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from review.hand_on import FORMS, hand_on
from review.web.access import Viewer
from review.web.api.problems import answers
from review.web.render import DeskDep

router = APIRouter(tags=["handing on"])

Form = Annotated[str, Path(json_schema_extra={"enum": list(FORMS)})]
_KINDS = sorted({form.media_type.partition(";")[0] for form in FORMS.values()})
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "; ".join(f"`{name}`: {form.meaning}" for name, form in FORMS.items()),
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _KINDS},
    }
}


class File(Response):
    """A file of any kind."""

    media_type = None


@router.get(
    "/flags/{flag_id}/exports/{form}",
    summary="A flag as a file",
    response_class=File,
    responses=_FILES | answers(404),
)
def export_flag(desk: DeskDep, _: Viewer, flag_id: UUID, form: Form) -> Response:
    """An event that is no maneuver, or whose burn is not known, has no OCM."""
    made = hand_on(desk, str(flag_id), form)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type=made.media_type, headers=headers)
