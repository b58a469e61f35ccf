"""The rules of review: who moves a flag where, one step after the other, each written down for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlalchemy as sa

from review.columns import clean_text
from review.database import Database
from review.errors import BadTransitionError, ConflictError, InvalidVerdictError, ReviewError, UnknownFlagError
from review.flags import Flag, Verdict
from review.queries import by_id, by_ids
from review.records import MANEUVER_KINDS, TRANSITIONS, FlagRecord, Status, VerdictRecord

LONGEST_NAME = 200
LONGEST_NOTE = 10_000


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of many verdicts given at once: flags as they are now, and what stood against the others."""

    settled: list[FlagRecord]
    conflicts: list[ConflictError]
    refused: list[ReviewError]


@dataclass(frozen=True, slots=True)
class _Said:
    who: str
    note: str
    at: datetime


class Verdicts:
    """Steps of the review of flags.

    Every step names the version of the flag that the person saw, so that two who settle a flag at once never overwrite
    each other: the first stands, the second is told what the first did. A step and its row in the log are written
    together or not at all.
    """

    database: Database

    def settle(
        self,
        flag_id: str,
        to: Status,
        *,
        who: str,
        note: str = "",
        kind: str = "",
        expected_version: int,
        at: datetime | None = None,
    ) -> FlagRecord:
        """Move a flag to another state.

        Who puts a flag in review has it, and who puts it back has it no longer.

        Parameters
        ----------
        flag_id : str
            The flag's id, or the beginning of it that no other has.
        to : Status
        who : str
            Name of the person.
        note : str
        kind : str
            Of `MANEUVER_KINDS`, only with ``to`` 'confirmed': what the maneuver was for. By default what the flag says.
        expected_version : int
            Version of the flag that the person saw.
        at : datetime, optional
            When; now by default [UTC].

        Raises
        ------
        UnknownFlagError, AmbiguousIdError, ConflictError, BadTransitionError, InvalidVerdictError
        """
        said = _said(who, note, at)
        _check_kind(to, kind)
        with self.database.writing() as connection:
            flag = by_id(connection, flag_id)
            _write(connection, flag, _after(flag, to, said.who, kind), expected_version, said)
            return by_id(connection, flag.flag_id)

    def assign(
        self,
        flag_id: str,
        assignee: str,
        *,
        who: str,
        note: str = "",
        expected_version: int,
        at: datetime | None = None,
    ) -> FlagRecord:
        """Give an unsettled flag to a person, which puts it in review, or with '' back to all, which opens it again.

        Where nothing would change, nothing is written.

        Raises
        ------
        UnknownFlagError, AmbiguousIdError, ConflictError, BadTransitionError, InvalidVerdictError
        """
        said = _said(who, note, at)
        assignee = clean_text(assignee).strip()
        if len(assignee) > LONGEST_NAME:
            raise InvalidVerdictError("assignee", f"an assignee's name has at most {LONGEST_NAME} characters")
        to = Status.IN_REVIEW if assignee else Status.OPEN
        with self.database.writing() as connection:
            flag = by_id(connection, flag_id)
            after = replace(flag, status=to, assignee=assignee)
            if after == flag and flag.version == expected_version:
                return flag
            _write(connection, flag, after, expected_version, said)
            return by_id(connection, flag.flag_id)

    def reopen(
        self, flag_id: str, *, who: str, note: str = "", expected_version: int, at: datetime | None = None
    ) -> FlagRecord:
        """Put a flag back among the open ones: nobody has it, and no kind is confirmed.

        Raises
        ------
        UnknownFlagError, AmbiguousIdError, ConflictError, BadTransitionError, InvalidVerdictError
        """
        return self.settle(flag_id, Status.OPEN, who=who, note=note, expected_version=expected_version, at=at)

    def settle_many(
        self,
        flags: Iterable[tuple[str, int]],
        to: Status,
        *,
        who: str,
        note: str = "",
        kind: str = "",
        at: datetime | None = None,
    ) -> Settled:
        """Move many flags to one state in one transaction, each by itself as `settle` does.

        Parameters
        ----------
        flags : iterable of (str, int)
            Whole ids, and the versions that the person saw.

        Raises
        ------
        InvalidVerdictError
            Of what is common to all; what stands against one flag is in the result.
        """
        said = _said(who, note, at)
        _check_kind(to, kind)
        wanted = list(dict.fromkeys((flag_id.strip().lower(), version) for flag_id, version in flags))
        done: dict[str, None] = {}
        conflicts: list[ConflictError] = []
        refused: list[ReviewError] = []
        with self.database.writing() as connection:
            known = by_ids(connection, [flag_id for flag_id, _ in wanted])
            # Always in the order of ids: two that settle the same flags then never wait for each other.
            for flag_id, version in sorted(wanted):
                try:
                    if flag_id in done:
                        raise _conflict(connection, flag_id, version)
                    if (flag := known.get(flag_id)) is None:
                        raise UnknownFlagError(flag_id)
                    _write(connection, flag, _after(flag, to, said.who, kind), version, said)
                except ConflictError as error:
                    conflicts.append(error)
                except ReviewError as error:
                    refused.append(error)
                else:
                    done[flag_id] = None
            now = by_ids(connection, list(done))
        return Settled([now[flag_id] for flag_id in dict(wanted) if flag_id in now], conflicts, refused)

    def history(self, flag_id: str) -> list[VerdictRecord]:
        """The steps of a flag's review, first to last.

        Raises
        ------
        UnknownFlagError, AmbiguousIdError
        """
        with self.database.reading() as connection:
            return _steps(connection, Verdict.flag_id == by_id(connection, flag_id).flag_id)


def _said(who: str, note: str, at: datetime | None) -> _Said:
    who = clean_text(who).strip()
    note = "\n".join(clean_text(line) for line in note.splitlines()).strip()
    if not 0 < len(who) <= LONGEST_NAME:
        reason = f"a verdict needs a name of 1 to {LONGEST_NAME} characters: say who settles the flag"
        raise InvalidVerdictError("who", reason)
    if len(note) > LONGEST_NOTE:
        raise InvalidVerdictError("note", f"the note has {len(note)} characters: shorten it to {LONGEST_NOTE}")
    return _Said(who, note, at or datetime.now(UTC))


def _check_kind(to: Status, kind: str) -> None:
    if kind and to is not Status.CONFIRMED:
        raise InvalidVerdictError("kind", f"only a confirmed maneuver has a kind: leave it out for {str(to)!r}")
    if kind and kind not in MANEUVER_KINDS:
        raise InvalidVerdictError("kind", f"{clean_text(kind)!r} is no kind: give one of {', '.join(MANEUVER_KINDS)}")


def _after(flag: FlagRecord, to: Status, who: str, kind: str) -> FlagRecord:
    """The flag as the step leaves it."""
    judged_kind = ""
    if to is Status.CONFIRMED:
        judged_kind = kind or (flag.kind if flag.kind in MANEUVER_KINDS else "unknown")
    assignee = {Status.IN_REVIEW: flag.assignee or who, Status.OPEN: ""}.get(to, flag.assignee)
    return replace(flag, status=to, assignee=assignee, judged_kind=judged_kind)


def _write(connection: sa.Connection, flag: FlagRecord, after: FlagRecord, expected: int, said: _Said) -> None:
    """Make the step and write it down, if the flag is as the person saw it and the rules lead there."""
    if flag.version != expected:
        raise _conflict(connection, flag.flag_id, expected)
    handed_on = after.status is flag.status is Status.IN_REVIEW and after.assignee != flag.assignee
    if not handed_on and after.status not in TRANSITIONS[flag.status]:
        raise BadTransitionError(flag.flag_id, flag.status, after.status, TRANSITIONS[flag.status])
    changed = connection.execute(
        sa.update(Flag)
        .where(Flag.flag_id == flag.flag_id, Flag.version == expected)
        .values(
            status=str(after.status),
            assignee=after.assignee,
            judged_kind=after.judged_kind,
            version=expected + 1,
            updated_at=said.at,
        )
    )
    if changed.rowcount == 0:  # in PostgreSQL another writer may have come between
        raise _conflict(connection, flag.flag_id, expected)
    connection.execute(
        sa.insert(Verdict).values(
            flag_id=flag.flag_id,
            decided_at=said.at,
            who=said.who,
            from_status=str(flag.status),
            to_status=str(after.status),
            note=said.note,
            model_version=flag.model_version,
            flag_version=expected + 1,
            kind=after.judged_kind,
            assignee=after.assignee,
        )
    )


def _conflict(connection: sa.Connection, flag_id: str, expected: int) -> ConflictError:
    since = _steps(connection, Verdict.flag_id == flag_id, Verdict.flag_version > expected)
    return ConflictError(by_id(connection, flag_id), expected, since[-1] if since else None)


def _steps(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> list[VerdictRecord]:
    steps: Sequence[sa.RowMapping] = (
        connection.execute(sa.select(*Verdict.__table__.columns).where(*wanted).order_by(Verdict.verdict_id))
        .mappings()
        .all()
    )
    states = ("from_status", "to_status")
    return [VerdictRecord(**{**step, **{name: Status(step[name]) for name in states}}) for step in steps]
