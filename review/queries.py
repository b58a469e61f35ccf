"""Reading flags: the select that ranks them, by id, and by conditions."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from review.errors import AmbiguousFlagError, UnknownFlagError
from review.flags import Flag
from review.records import FlagRecord, Status

Order = Literal["unexpected", "time"]

ORDERS: dict[str, tuple[Any, ...]] = {
    "unexpected": (Flag.unexpectedness.desc().nulls_last(), Flag.burn_time.desc(), Flag.flag_id),
    "time": (Flag.burn_time.desc(), Flag.flag_id),
}


def _rank() -> sa.ScalarSelect[int]:
    other = aliased(Flag)
    higher = sa.or_(
        other.unexpectedness > Flag.unexpectedness,
        sa.and_(Flag.unexpectedness.is_(None), other.unexpectedness.is_not(None)),
    )
    return (
        sa.select(sa.func.count() + 1)
        .select_from(other)
        .where(other.burn_day == Flag.burn_day, other.withdrawn_at.is_(None), higher)
        .correlate(Flag)
        .scalar_subquery()
    )


_COLUMNS = [getattr(Flag, field.name) for field in fields(FlagRecord) if field.name != "rank"]
# Counted when read, from an index, a rank is never stale: a new flag moves the others of its day without writing them.
SELECT = sa.select(*_COLUMNS, sa.case((Flag.withdrawn_at.is_(None), _rank())).label("rank"))


def record(row: sa.RowMapping) -> FlagRecord:
    """The flag in a row of `SELECT`."""
    return FlagRecord(**{**row, "status": Status(row["status"])})


def by_id(connection: sa.Connection, flag_id: str) -> FlagRecord:
    """The flag with this id, or the only one whose id begins so.

    Raises
    ------
    UnknownFlagError, AmbiguousFlagError
    """
    wanted = flag_id.strip().lower()
    exactly = connection.execute(SELECT.where(Flag.flag_id == wanted)).mappings().first()
    if exactly is not None:
        return record(exactly)
    like = SELECT.where(Flag.flag_id.startswith(wanted, autoescape=True)).order_by(Flag.flag_id).limit(4)
    rows = connection.execute(like).mappings().all() if wanted else []
    if not rows:
        raise UnknownFlagError(flag_id)
    if len(rows) > 1:
        raise AmbiguousFlagError(flag_id, [row["flag_id"] for row in rows])
    return record(rows[0])


def conditions(
    since: datetime | None,
    until: datetime | None,
    norad_id: int | None,
    status: Status | None,
    include_withdrawn: bool,
) -> list[sa.ColumnElement[bool]]:
    """What the flags asked for have in common."""
    wanted: list[sa.ColumnElement[bool]] = [] if include_withdrawn else [Flag.withdrawn_at.is_(None)]
    if since is not None:
        wanted.append(Flag.burn_time >= since)
    if until is not None:
        wanted.append(Flag.burn_time < until)
    if norad_id is not None:
        wanted.append(Flag.norad_id == norad_id)
    if status is not None:
        wanted.append(Flag.status == str(status))
    return wanted
