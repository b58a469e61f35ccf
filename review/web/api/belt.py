"""The geosynchronous belt as it is now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import pandas as pd
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from review.belt import Marked, marks
from review.web.access import Viewer
from review.web.api.fields import Asked, Known, NoradId, Record
from review.web.api.objects import records
from review.web.belt import belt_of
from review.web.render import DeskDep

router = APIRouter(tags=["objects"])


class InBelt(Record):
    """Where an object of the belt is, and what is on record of it."""

    norad_id: NoradId
    name: str
    owner: str
    longitude_deg: float = Field(description="Mean longitude, east positive [deg]")
    drift_deg_day: float = Field(description="East positive [deg/day]")
    inclination_deg: float
    epoch: datetime = Field(description="Of its newest element set")
    age_days: float = Field(description="How old that set is")
    flags: int = Field(description="How many flagged burns there were of late")
    flag_id: UUID | None = Field(description="The most unexpected of them")
    unexpectedness: Known = Field(description="How unexpected that was")
    finding_id: UUID | None = Field(description="The finding that goes on, with the newest news")


class Belt(BaseModel):
    """The objects of the belt by longitude."""

    at: datetime | None = Field(
        description="When the store's newest set became available; longitudes are those of then"
    )
    unseen: int = Field(description="Objects of the belt that are not here, as they were not seen of late")
    objects: list[InBelt]


class BeltQuery(Asked):
    """From how many days flags and findings count."""

    days: int = Field(default=30, ge=1, le=3650)


@router.get("/belt", summary="The geosynchronous belt by longitude")
def get_belt(desk: DeskDep, _: Viewer, query: Annotated[BeltQuery, Query()]) -> Belt:
    """Every object of the belt that was seen of late."""
    at, found, unseen = belt_of(desk)
    if pd.isna(at):
        return Belt(at=None, unseen=unseen, objects=[])
    since = (at - timedelta(days=query.days)).to_pydatetime()
    marked = marks(desk.database, since, at.to_pydatetime())
    objects = [InBelt.model_validate(row | _of(marked.get(row["norad_id"]))) for row in records(found)]
    return Belt(at=at, unseen=unseen, objects=objects)


def _of(mark: Marked | None) -> dict[str, Any]:
    mark = mark or Marked()
    return {
        "flags": mark.flags,
        "flag_id": mark.flag_id or None,
        "unexpectedness": mark.unexpectedness,
        "finding_id": mark.finding_id or None,
    }
