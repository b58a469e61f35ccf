"""Downloads: a flag or a finding in every form in which it is handed on, and all flags of a filter."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from review.desk import Desk
from review.filters import Filter
from review.hand_on import FINDING_FORMS, FORMS, Handed, hand_on, hand_on_finding, write_flags
from review.web.access import Viewer
from review.web.render import DeskDep
from review.web.wanted import objects_of

router = APIRouter(include_in_schema=False)

_MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_IN_MEMORY = 4 * 2**20
_CHUNK = 2**18
_SAFE_NAME = re.compile(r"[A-Za-z0-9._-]+")


def attachment(name: str) -> dict[str, str]:
    """The headers of a file that a browser keeps and never shows as a page of the desk.

    Parameters
    ----------
    name : str
        Of letters, digits, dots and hyphens alone: made of ids.
    """
    if not _SAFE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name for a download")
    return {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}


def download(handed: Handed) -> Response:
    """A file as an answer."""
    return Response(handed.content, media_type=handed.media_type, headers=attachment(f"burnwatch-{handed.name}"))


@router.get("/flags.csv")
def flags_csv(request: Request, desk: DeskDep, _: Viewer) -> Response:
    """All flags that the URL's filter lets through, for a spreadsheet."""
    return flags_file(desk, Filter.from_params(request.query_params), "csv")


@router.get("/flags.json")
def flags_json(request: Request, desk: DeskDep, _: Viewer) -> Response:
    """The same for a program."""
    return flags_file(desk, Filter.from_params(request.query_params), "json")


def flags_file(desk: Desk, wanted: Filter, form: Literal["csv", "json"]) -> Response:
    """All flags that a filter lets through as a file."""
    # Written out before it is sent: a slow reader must not hold the database.
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        write_flags(file, desk.flags.every(wanted, objects_of(desk, wanted)), form)
    except BaseException:
        file.close()
        raise
    headers = attachment(f"burnwatch-flags.{form}") | {"Content-Length": str(file.tell())}
    file.seek(0)
    return StreamingResponse(_content(file), media_type=_MEDIA[form], headers=headers)


def _content(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _of_flag(form: str) -> Callable[..., Response]:
    def file(desk: DeskDep, _: Viewer, flag_id: str) -> Response:
        return download(hand_on(desk, flag_id, form))

    return file


def _of_finding(form: str) -> Callable[..., Response]:
    def file(desk: DeskDep, _: Viewer, finding_id: str) -> Response:
        return download(hand_on_finding(desk, finding_id, form))

    return file


for _name, _form in FORMS.items():
    router.add_api_route(f"/flags/{{flag_id}}/{_form.file}", _of_flag(_name), methods=["GET"], name=f"flag as {_name}")
for _name, _form in FINDING_FORMS.items():
    router.add_api_route(
        f"/findings/{{finding_id}}/{_form.file}", _of_finding(_name), methods=["GET"], name=f"finding as {_name}"
    )
