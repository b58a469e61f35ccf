"""Labels: what analysts said of burn windows, here and in other teams."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, Field

from catalog import quarantine
from review.label_files import read_labels, rendered
from review.labels import LabelStore
from review.web import aside
from review.web.access import Analyst, Viewer, address_of
from review.web.api.fields import Asked, Instant, Known, NoradId, Record, Words
from review.web.api.objects import records
from review.web.api.paging import Paged, Pages, links
from review.web.api.problems import RefusalError
from review.web.render import DeskDep

router = APIRouter(tags=["handing on"])

MOST_LABELS = 50_000  # of a file that is sent to the desk: two seconds of work
MOST_TOLD = 100


class Label(Record):
    """What a team said of a burn window."""

    team: str = Field(description="Empty for verdicts given here")
    norad_id: NoradId
    name: str
    epoch_before: datetime
    epoch_after: datetime
    burn_time: datetime
    verdict: str
    kind: str
    dv_r_m_s: Known
    dv_t_m_s: Known
    dv_n_m_s: Known
    decided_at: datetime
    note: str


class LabelPage(Pages):
    """A page of labels, by object and window."""

    labels: list[Label]


class LabelQuery(Paged):
    """Which labels."""

    as_of: Instant | None = Field(default=None, description="As they were known here then")
    others: bool = Field(default=True, description="With those of other teams")


class FileQuery(Asked):
    """A file of labels for other teams."""

    form: Literal["csv", "json"] = "csv"
    team: Words = Field(default="", description="Under which name ours go out; that of the configuration by default")
    others: bool = Field(default=False, description="With those of other teams, under their names")


class TakeQuery(Asked):
    """Whose labels a file holds."""

    team: Words = Field(default="", description="Where the file does not say")


class RefusedLabel(BaseModel):
    """A label that cannot be used; it is kept in the quarantine."""

    line: int
    field: str
    reason: str


class Taken(BaseModel):
    """What became of the labels of a file."""

    added: int
    known: int = Field(description="Those that were there already, or were said here")
    refused: list[RefusedLabel] = Field(description=f"The first {MOST_TOLD} of those that cannot be used")
    refused_count: int = Field(description="How many cannot be used")


_FILES = {"text/csv": {"schema": {"type": "string"}}, "application/json": {"schema": {"type": "array"}}}


@router.get("/labels", summary="Labels, page by page")
def list_labels(
    request: Request, response: Response, desk: DeskDep, _: Viewer, query: Annotated[LabelQuery, Query()]
) -> LabelPage:
    """The verdicts given here, as far as they stand, and those of other teams."""
    store = LabelStore(desk.database)
    found = store.labels(query.as_of) if query.others else store.own(query.as_of)
    shown = records(found.iloc[(query.page - 1) * query.size : query.page * query.size])
    pages = links(request, response, total=len(found), asked=query)
    return LabelPage(labels=[Label.model_validate(row) for row in shown], **pages)


@router.get(
    "/labels/file",
    summary="Labels as a file for other teams",
    responses={200: {"content": _FILES}},
)
def get_file(desk: DeskDep, _: Viewer, query: Annotated[FileQuery, Query()]) -> Response:
    """What another desk takes in by `POST /labels`."""
    team = query.team or desk.config.review.team
    if not team:
        raise RefusalError(422, "say whose labels these are: team=NAME, or `review.team` in the configuration")
    store = LabelStore(desk.database)
    content = rendered(store.labels() if query.others else store.own(), query.form, team=team)
    kind = "text/csv" if query.form == "csv" else "application/json"
    headers = {"Content-Disposition": f'attachment; filename="burnwatch-labels.{query.form}"'}
    return Response(content, media_type=kind, headers=headers)


@router.post("/labels", summary="Take in labels of other teams")
@aside.files
def take_labels(
    request: Request,
    desk: DeskDep,
    user: Analyst,
    query: Annotated[TakeQuery, Query()],
    file: Annotated[
        bytes, Body(media_type="application/octet-stream", min_length=1, description="CSV, or JSON as an array")
    ],
) -> Taken:
    """Each by itself; the same again changes nothing."""
    found = read_labels(file, name="labels", team=query.team, most=MOST_LABELS)
    quarantine.append(desk.home, found.refused)
    others = found.labels[found.labels["team"] != desk.config.review.team]
    taken = LabelStore(desk.database).take(others, by=user.name, address=address_of(request))
    told = records(found.refused[["line", "field", "reason"]].head(MOST_TOLD))
    return Taken(
        added=taken.added,
        known=len(found.labels) - taken.added,
        refused=[RefusedLabel(**row) for row in told],
        refused_count=found.refused_count,
    )
