"""Protected assets and watch-lists."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field, ValidationError

from catalog.asset_files import refuse_many_bringing
from catalog.assets import Asset, AssetError, AssetList
from catalog.errors import CatalogError
from configs.learning import Sensitivity
from review.web import aside
from review.web.access import Analyst, Viewer
from review.web.api.fields import Asked
from review.web.api.problems import RefusalError, answers
from review.web.lists import MOST_BRINGING, note
from review.web.render import DeskDep

router = APIRouter(tags=["handing on"])

Name = Annotated[str, Path(max_length=80, description="The list's name")]


class Watched(BaseModel):
    """An object of a list, with the number that it goes by."""

    norad_id: int
    name: str
    why: str
    keep_out_km: float | None = Field(description="Distance that others should keep [km]")
    own_element_sets: int = Field(description="How many element sets the list itself brings")


class ObjectList(BaseModel):
    """A named list of objects."""

    name: str
    kind: Literal["protected", "watched"]
    sensitivity: Sensitivity | None = Field(description="How closely its objects are watched; null: as all others")
    objects: list[Watched]


class Content(Asked):
    """What is to be on a list; objects are written as in the files."""

    kind: Literal["protected", "watched"]
    sensitivity: Sensitivity | None = None
    objects: list[Asset] = Field(max_length=2000)


@router.get("/lists", summary="Every list")
def get_lists(desk: DeskDep, _: Viewer) -> list[ObjectList]:
    """By name."""
    return [_shown(one) for one in desk.assets.load().lists]


@router.get("/lists/{name}", summary="One list", responses=answers(404))
def get_list(desk: DeskDep, _: Viewer, name: Name) -> ObjectList:
    """With its objects."""
    try:
        return _shown(desk.assets.load().named([name])[0])
    except AssetError as error:
        raise RefusalError(404, str(error)) from error


@router.put("/lists/{name}", summary="Keep a list", responses=answers(404))
@aside.files
def put_list(request: Request, desk: DeskDep, user: Analyst, name: Name, content: Content) -> ObjectList:
    """In place of the one of its name, if there is one."""
    try:
        made = AssetList(name=name, kind=content.kind, sensitivity=content.sensitivity, objects=content.objects)
        refuse_many_bringing([made], MOST_BRINGING, name=made.name)
        for asset in made.bringing_sets():
            asset.element_sets(desk.config.ingest)
        desk.assets.put([made])
    except (ValidationError, CatalogError) as error:
        raise RefusalError(422, _why(error)) from error
    note(request, desk, user.name, "list taken in", made.name)
    return _shown(desk.assets.load().named([name])[0])


@router.delete("/lists/{name}", status_code=204, summary="Forget a list", responses=answers(404))
def remove_list(request: Request, desk: DeskDep, user: Analyst, name: Name) -> None:
    """Of whatever kind."""
    try:
        desk.assets.remove(name)
    except AssetError as error:
        raise RefusalError(404, str(error)) from error
    note(request, desk, user.name, "list removed", name)


def _why(error: ValidationError | CatalogError) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return str(error)


def _shown(one: AssetList) -> ObjectList:
    objects = [
        Watched(
            norad_id=asset.number,
            name=asset.name,
            why=asset.why,
            keep_out_km=asset.keep_out_km,
            own_element_sets=len(asset.tle) // 2 + len(asset.omm),
        )
        for asset in one.objects
    ]
    return ObjectList(name=one.name, kind=one.kind, sensitivity=one.sensitivity, objects=objects)
