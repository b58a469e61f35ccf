"""Settling, assigning and opening flags again."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from review.desk import Desk
from review.errors import BadTransitionError, InvalidVerdictError, UnknownFlagError
from review.records import MANEUVER_KINDS, Status
from review.web.access import Analyst
from review.web.api.fields import Asked, Note, Version, Words
from review.web.api.flag_models import Flag, Step
from review.web.api.flags import tagged
from review.web.api.problems import MEANINGS, RefusalError, answers
from review.web.queue import people
from review.web.render import DeskDep

router = APIRouter(tags=["verdicts"])

MOST_AT_ONCE = 500

To = Literal["in review", "confirmed", "routine", "data error", "duplicate", "unclear"]
Kind = Literal["", *MANEUVER_KINDS]  # type: ignore[valid-type]
IfMatch = Annotated[
    str,
    Header(pattern='^("[1-9][0-9]{0,8}")?$', description="The flag's `ETag`, instead of `expected_version`"),
]


class Move(Asked):
    """One step of a review."""

    note: Note = ""
    expected_version: Version | None = Field(default=None, description="Version of the flag that you saw")


class Verdict(Move):
    """Where a flag is moved, and why."""

    to: To
    kind: Kind = Field(
        default="", description="Only with confirmed: what the maneuver was for; else what the flag says"
    )


class Assignment(Move):
    """Who shall have a flag."""

    assignee: Words = Field(description="Name of an analyst, which puts an open flag in review; empty to give it back")


class Seen(Asked):
    """A flag as one saw it."""

    flag_id: UUID
    expected_version: Version


class Verdicts(Asked):
    """One verdict on many flags."""

    flags: list[Seen] = Field(min_length=1, max_length=MOST_AT_ONCE)
    to: To
    kind: Kind = ""
    note: Note = ""


class Late(BaseModel):
    """A flag that somebody else changed meanwhile: nothing was written on it."""

    detail: str
    expected_version: int
    flag: Flag = Field(description="The flag as it is now")
    step: Step | None = Field(description="The last step of its review since it was seen")


class Refused(BaseModel):
    """A flag on which the verdict cannot be given."""

    flag_id: UUID
    detail: str


class Settled(BaseModel):
    """What became of each flag."""

    settled: list[Flag]
    conflicts: list[Late]
    refused: list[Refused]


CHANGED = answers(404, 409, 412, 428)


@router.post("/flags/{flag_id}/verdict", summary="Settle a flag, or put it in review", responses=CHANGED)
def settle(
    response: Response, desk: DeskDep, user: Analyst, flag_id: UUID, verdict: Verdict, if_match: IfMatch = ""
) -> Flag:
    """The flag as it is then. An open flag may be settled at once; a settled one has to be opened again first."""
    said = {"who": user.name, "note": verdict.note, "kind": verdict.kind}
    version = _seen(verdict, if_match)
    moved = desk.flags.settle(str(flag_id), Status(verdict.to), expected_version=version, at=desk.now(), **said)
    return tagged(response, Flag.model_validate(moved))


@router.post("/flags/{flag_id}/assign", summary="Give a flag to a person, or back", responses=CHANGED)
def assign(
    response: Response, desk: DeskDep, user: Analyst, flag_id: UUID, assignment: Assignment, if_match: IfMatch = ""
) -> Flag:
    """The flag as it is then."""
    _check_assignee(desk, assignment.assignee)
    version = _seen(assignment, if_match)
    given = desk.flags.assign(
        str(flag_id), assignment.assignee, who=user.name, note=assignment.note, expected_version=version, at=desk.now()
    )
    return tagged(response, Flag.model_validate(given))


@router.post("/flags/{flag_id}/reopen", summary="Put a flag back among the open ones", responses=CHANGED)
def reopen(response: Response, desk: DeskDep, user: Analyst, flag_id: UUID, move: Move, if_match: IfMatch = "") -> Flag:
    """The flag as it is then: nobody has it, and no kind is confirmed."""
    version = _seen(move, if_match)
    opened = desk.flags.reopen(str(flag_id), who=user.name, note=move.note, expected_version=version, at=desk.now())
    return tagged(response, Flag.model_validate(opened))


@router.post("/verdicts", summary="Settle many flags at once")
def settle_many(desk: DeskDep, user: Analyst, verdicts: Verdicts) -> Settled:
    """Each by itself: what stands against one does not hold up the others."""
    seen = [(str(flag.flag_id), flag.expected_version) for flag in verdicts.flags]
    said = {"who": user.name, "note": verdicts.note, "kind": verdicts.kind}
    done = desk.flags.settle_many(seen, Status(verdicts.to), at=desk.now(), **said)
    return Settled(
        settled=[Flag.model_validate(flag) for flag in done.settled],
        conflicts=[
            Late(
                detail=str(one),
                expected_version=one.expected_version,
                flag=Flag.model_validate(one.flag),
                step=None if one.step is None else Step.model_validate(one.step),
            )
            for one in done.conflicts
        ],
        refused=[
            Refused(flag_id=UUID(one.flag_id), detail=str(one))
            for one in done.refused
            if isinstance(one, UnknownFlagError | BadTransitionError)
        ],
    )


def _seen(move: Move, if_match: str) -> int:
    """The version that the request is about."""
    named = {version for version in (move.expected_version, if_match and int(if_match.strip('"'))) if version}
    match list(named):
        case [version]:
            return version
        case []:
            raise RefusalError(428, MEANINGS[428])
        case _:
            raise RefusalError(
                422, "expected_version and If-Match name different versions of the flag: give one of them"
            )


def _check_assignee(desk: Desk, name: str) -> None:
    """Only who may settle a flag can have it."""
    able = people(desk)
    if name and name not in able:
        raise InvalidVerdictError("assignee", f"{name!r} cannot have a flag: give one of {', '.join(able)}")
