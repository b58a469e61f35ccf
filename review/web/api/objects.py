"""Objects and their element sets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from catalog.records import GP_SOURCES, SUPPLEMENTAL_SOURCE
from review.web.access import Viewer
from review.web.api.fields import Asked, Instant, NoradId, Record, Words
from review.web.api.paging import Paged, Pages, address, links
from review.web.api.problems import RefusalError, answers
from review.web.render import DeskDep

router = APIRouter(tags=["objects"])


class Object(Record):
    """What the catalogs say of an object; what they do not say is empty or null."""

    norad_id: NoradId
    name: str
    object_id: str = Field(description="International designator")
    owner: str
    kind: str = Field(description="payload, rocket body, debris or unknown")
    status: str = Field(description="active, inactive, decayed or unknown")
    launch_date: datetime | None
    decay_date: datetime | None
    users: str
    purpose: str
    operator: str
    source: str


class ObjectPage(Pages):
    """A page of objects, by number."""

    objects: list[Object]


class ObjectQuery(Paged):
    """Which objects."""

    text: Words = Field(default="", description="In the name or the designator, or the start of the number")
    owner: list[Words] = Field(default=[], max_length=50)


class ElementSet(Record):
    """One published set of SGP4 mean elements, as the store has it."""

    norad_id: NoradId
    epoch: datetime
    available_at: datetime = Field(description="From when one could have known it")
    available_at_imputed: bool = Field(description="Whether that is a guess, as the source does not tell")
    source: str
    mean_motion_rev_day: float
    eccentricity: float
    inclination_deg: float
    raan_deg: float
    arg_pericenter_deg: float
    mean_anomaly_deg: float
    bstar_inv_er: float
    mean_motion_dot_rev_day2: float = Field(description="Half of the derivative, as it is printed")
    mean_motion_ddot_rev_day3: float = Field(description="A sixth of the second derivative, as it is printed")
    ephemeris_type: int
    classification: str
    element_set_no: int
    rev_at_epoch: int


class ElementSets(Record):
    """Element sets of an object in order of epoch, one for each epoch: the latest issue."""

    total: int = Field(description="How many the request means; `next` leads to those that are not here")
    next: str | None
    sets: list[ElementSet]


class SetQuery(Asked):
    """Which element sets of an object."""

    since: Instant | None = Field(default=None, description="Epoch from then on")
    until: Instant | None = Field(default=None, description="Epoch before then")
    as_of: Instant | None = Field(default=None, description="Only what was available then")
    supplemental: bool = Field(default=False, description="Those fitted to operators' ephemerides instead")
    limit: int = Field(default=1000, ge=1, le=10_000)


@router.get("/objects", summary="Objects, page by page")
def list_objects(
    request: Request, response: Response, desk: DeskDep, _: Viewer, query: Annotated[ObjectQuery, Query()]
) -> ObjectPage:
    """All that the catalogs know, or those that a text or owners find."""
    found = desk.objects()
    if query.owner:
        found = found[found["owner"].isin(query.owner)]
    for word in query.text.upper().split():
        named = found["name"].str.upper().str.contains(word, regex=False)
        named |= found["object_id"].str.contains(word, regex=False)
        found = found[named | found["norad_id"].astype(str).str.startswith(word)]
    pages = links(request, response, total=len(found), asked=query)
    rows = found.sort_values("norad_id").iloc[(query.page - 1) * query.size : query.page * query.size]
    return ObjectPage(objects=[Object.model_validate(row) for row in records(rows)], **pages)


@router.get("/objects/{norad_id}", summary="One object", responses=answers(404))
def get_object(desk: DeskDep, _: Viewer, norad_id: NoradId) -> Object:
    """What the catalogs say of it."""
    found = desk.objects()
    rows = records(found[found["norad_id"] == norad_id])
    if not rows:
        raise RefusalError(404, f"no catalog knows an object {norad_id}")
    return Object.model_validate(rows[0])


@router.get("/objects/{norad_id}/sets", summary="Element sets of an object", responses=answers(404))
def get_sets(
    request: Request,
    response: Response,
    desk: DeskDep,
    _: Viewer,
    norad_id: NoradId,
    query: Annotated[SetQuery, Query()],
) -> ElementSets:
    """In order of epoch, as they were known at `as_of`."""
    sources = (SUPPLEMENTAL_SOURCE,) if query.supplemental else GP_SOURCES
    sets = desk.elements.history([norad_id], as_of=query.as_of, since=query.since, until=query.until, sources=sources)
    if sets.empty and norad_id not in desk.elements.object_ids():
        raise RefusalError(404, f"the store has no element set of an object {norad_id}")
    following = None
    if len(sets) > query.limit:
        following = address(request, since=sets["epoch"].iloc[query.limit].isoformat().replace("+00:00", "Z"))
        response.headers["Link"] = f'<{following}>; rel="next"'
    shown = [ElementSet.model_validate(row) for row in records(sets.iloc[: query.limit])]
    return ElementSets(total=len(sets), next=following, sets=shown)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame's rows as plain values; what is missing or not finite is None, as JSON has no other word for it."""
    plain = frame.astype(object).where(frame.notna() & ~frame.isin([np.inf, -np.inf]), None)
    names = [str(name) for name in plain]
    return [dict(zip(names, row, strict=True)) for row in plain.itertuples(index=False, name=None)]
