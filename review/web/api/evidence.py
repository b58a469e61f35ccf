"""What speaks for and against a flag: the figures of its dossier that are not the flag's own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from review.dossier.page import dossier_of
from review.web.access import Viewer
from review.web.api.fields import Known, NoradId, Record
from review.web.api.problems import answers
from review.web.render import DeskDep

router = APIRouter(tags=["flags"])


class LeastBurn(Record):
    """The least burn of one direction that would have reached the threshold."""

    way: str
    dv_m_s: float = Field(description="Its size [m/s]")
    sigma: float = Field(description="σ of the object's quiet steps, in `unit`")
    unit: str
    times_sigma: float = Field(description="How many σ the threshold is")
    is_floor: bool = Field(description="Whether σ is the detector's least, as the object is quieter than that")


class Detectable(Record):
    """The smallest detectable burns, from the object's own quiet gaps."""

    smallest: list[LeastBurn]
    gaps: int
    said: str


class Usual(Record):
    """The tenth, the middle and the nine tenths of so many figures."""

    low: float
    middle: float
    high: float
    count: int


class Pattern(Record):
    """What was usual of the object before this burn; null where fewer than three burns tell."""

    days: Usual | None = Field(description="Between burns [day]")
    dv_m_s: Usual | None = Field(description="Sizes of burns [m/s]")
    said: list[str] = Field(description="How this burn compares, in words")


class Alternative(Record):
    """Another explanation."""

    explanation: str
    why: str = Field(description="Why it does not hold, or what keeps it possible")
    refused: bool


class Near(Record):
    """Another object and when it is met."""

    norad_id: NoradId
    name: str
    miss_km: Known = Field(description="Distance at the closest approach [km]")
    when: datetime | None
    when_low: datetime | None = Field(description="At the earliest")
    when_high: datetime | None = Field(description="At the latest")
    way: str = Field(description="approaching, passing, receding or stopped beside")
    partner: bool = Field(description="Whether it takes part in the finding")


class Evidence(Record):
    """What speaks for and against a flag."""

    quality: list[str] = Field(description="Doubts about the data")
    detectable: Detectable | None
    pattern: Pattern
    alternatives: list[Alternative]
    near: list[Near]


@router.get("/flags/{flag_id}/evidence", summary="What speaks for and against a flag", responses=answers(404))
def get_evidence(desk: DeskDep, _: Viewer, flag_id: UUID) -> Evidence:
    """As of now; its element sets are at `/objects/{norad_id}/sets`."""
    return Evidence.model_validate(dossier_of(desk.flags.get(str(flag_id)), desk))
