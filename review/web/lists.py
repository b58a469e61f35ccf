"""Protected assets and watch-lists: shown, taken in from files, handed on as files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from catalog.asset_files import MAX_BYTES, lists_of, rendered
from catalog.assets import AssetError
from review import audit
from review.desk import Desk
from review.web import aside
from review.web.access import Analyst, Viewer, address_of
from review.web.handing import attachment
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

MOST_BYTES = MAX_BYTES["yaml"]  # of a file that is sent to the desk, whatever its form
MOST_BRINGING = 500  # objects with element sets of their own, sent at once: a few seconds' work
_SHOWN = 20  # objects of each list on the page of all lists

_MEDIA = {"yaml": "application/yaml", "json": "application/json"}


@router.get("/lists")
def lists(
    request: Request,
    desk: DeskDep,
    _: Viewer,
    taken: Annotated[int | None, Query(ge=0)] = None,
    changed: Annotated[int, Query(ge=0)] = 0,
    removed: Annotated[bool, Query()] = False,
    name: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """Every list with some of its objects, or one with all."""
    done = ""
    if taken is not None:
        done = f"{taken} {'list' if taken == 1 else 'lists'} taken in, {changed} of them new or changed."
    if removed:
        done = "The list is removed."
    return _page(request, desk, done=done, name=name)


@router.get("/lists.yaml")
def lists_yaml(desk: DeskDep, _: Viewer, name: Annotated[list[str] | None, Query()] = None) -> Response:
    """The lists of these names, or all, as a file that another desk takes in."""
    return _file(desk, name, "yaml")


@router.get("/lists.json")
def lists_json(desk: DeskDep, _: Viewer, name: Annotated[list[str] | None, Query()] = None) -> Response:
    """The same for a program."""
    return _file(desk, name, "json")


@router.post("/lists")
@aside.files
def take_in(request: Request, desk: DeskDep, user: Analyst, file: Annotated[UploadFile, File()]) -> Response:
    """Keep the lists of a file, each in place of the one of its name: all of them, or where one is faulty none."""
    # Of what the sender calls the file only its ending is looked at, and it is said back as text.
    name = Path(file.filename or "file").name[-100:] or "file"
    try:
        given = lists_of(file.file.read(), Path(name), most_bringing=MOST_BRINGING)
        changed = desk.assets.put(given)
    except AssetError as error:
        return _page(request, desk, 422, wrong=str(error))
    note(request, desk, user.name, "lists taken in", ", ".join(one.name for one in given))
    return RedirectResponse(f"/lists?taken={len(given)}&changed={changed}", 303)


@router.post("/lists/remove")
def remove(request: Request, desk: DeskDep, user: Analyst, name: Annotated[str, Form(max_length=200)]) -> Response:
    """Forget a list."""
    try:
        desk.assets.remove(name)
    except AssetError as error:
        return _page(request, desk, 404, wrong=str(error))
    note(request, desk, user.name, "list removed", name)
    return RedirectResponse("/lists?removed=true", 303)


def _page(
    request: Request, desk: Desk, status: int = 200, *, done: str = "", wrong: str = "", name: str | None = None
) -> Response:
    chosen = desk.assets.load().named(None if name is None else [name])
    shown = [(one, one.objects if name is not None else one.objects[:_SHOWN]) for one in chosen]
    names = desk.names([asset.number for _, objects in shown for asset in objects])
    values: dict[str, Any] = {"shown": shown, "names": names, "done": done, "wrong": wrong, "only": name is not None}
    return render(request, "lists.html.j2", status, **values, most_mb=MOST_BYTES // 2**20)


def _file(desk: Desk, names: list[str] | None, form: Literal["yaml", "json"]) -> Response:
    chosen = desk.assets.load().named(names)
    content = rendered(chosen, form=form)
    return Response(content, media_type=_MEDIA[form], headers=attachment(f"burnwatch-lists.{form}"))


def note(request: Request, desk: Desk, who: str, action: str, detail: str) -> None:
    """Write down what was done to a list."""
    with desk.database.writing() as connection:
        audit.write(
            connection, at=datetime.now(UTC), who=who, action=action, address=address_of(request), detail=detail
        )
