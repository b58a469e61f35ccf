"""A copy of the database of flags, and what is in no copy yet."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from catalog.atomic import replacing, sweep
from catalog.sqlite import sqlite_url
from configs.review import ReviewConfig
from review.database import Database
from review.errors import StoreUnavailableError
from review.flags import Verdict
from review.runs import RunLog
from review.tables import UserRow

_WORK = "backup"


class Unsaved(NamedTuple):
    """Verdicts and accounts that are in no backup.

    Attributes
    ----------
    last : datetime or None
        When the last backup was made [UTC].
    number : int
        How many they are.
    since : datetime or None
        When the first of them was made [UTC].
    """

    last: datetime | None
    number: int
    since: datetime | None


def back_up(database: Database, target: Path, *, at: datetime) -> None:
    """Copy one state of the database to ``target``, whole or not at all, for its owner alone, and put both down as saved.

    Parameters
    ----------
    database : Database
        Others may write to it meanwhile.
    target : Path
        A sound copy takes its place.
    at : datetime
        Now [UTC].

    Raises
    ------
    StoreUnavailableError
        Where the database is no SQLite file, is damaged, or is the target itself.
    """
    sweep(target.parent, target.name)
    with replacing(target, private=True) as scratch:
        database.copy_to(scratch, target)
        copy = Database(sqlite_url(scratch), ReviewConfig())
        try:
            if damages := copy.damages():
                raise StoreUnavailableError(database.name, f"damaged, so that {target} is left as it was: {damages[0]}")
            log = RunLog(copy)
            log.bury(at=at)
            log.done(_WORK, {"file": str(target)}, at=at)
        finally:
            copy.close()
    RunLog(database).done(_WORK, {"file": str(target)}, at=at)


def unsaved(database: Database) -> Unsaved:
    """What is in no backup of the database."""
    last = RunLog(database).latest().get(_WORK)
    made = sa.union_all(sa.select(Verdict.decided_at.label("at")), sa.select(UserRow.created_at)).subquery()
    counted = sa.select(sa.func.count(), sa.func.min(made.c.at))
    if last is not None:
        counted = counted.where(made.c.at > last.started_at)
    with database.reading() as connection:
        number, since = connection.execute(counted).one()
    return Unsaved(last.started_at if last else None, number, since)
