"""Reading flags: the select that ranks them, by id, and by conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from review.errors import AmbiguousIdError, UnknownFlagError
from review.flags import Flag
from review.records import FlagRecord, Status

Order = Literal["unexpected", "time"]

ORDERS: dict[str, tuple[Any, ...]] = {
    "unexpected": (Flag.unexpectedness.desc().nulls_last(), Flag.burn_time.desc(), Flag.flag_id),
    "time": (Flag.burn_time.desc(), Flag.flag_id),
}


_LOWEST = -1.7976931348623157e308
_SOME = 1000  # values named one by one in a query


def _counted_rank() -> sa.ScalarSelect[int]:
    other = aliased(Flag)
    # One comparison, that the index on (day, withdrawn, unexpectedness) answers; unknown comes after any known.
    higher = other.unexpectedness > sa.func.coalesce(Flag.unexpectedness, _LOWEST)
    return (
        sa.select(sa.func.count() + 1)
        .select_from(other)
        .where(other.burn_day == Flag.burn_day, other.withdrawn_at.is_(None), higher)
        .correlate(Flag)
        .scalar_subquery()
    )


# Ranks are made when read and so are never stale: a new flag moves the others of its day without writing them.
_COLUMNS = [getattr(Flag, field.name) for field in fields(FlagRecord) if field.name != "rank"]
# Each rank is counted from an index. Joined with a table of all ranks, which SQLite searches row by row, ten thousand
# flags took twelve times as long.
RANKED = sa.select(*_COLUMNS, sa.case((Flag.withdrawn_at.is_(None), _counted_rank())).label("rank"))


def record(row: sa.RowMapping) -> FlagRecord:
    """The flag in a row of `RANKED`."""
    return FlagRecord(**{**row, "status": Status(row["status"])})


def by_id(connection: sa.Connection, flag_id: str) -> FlagRecord:
    """The flag with this id, or the only one whose id begins so.

    Raises
    ------
    UnknownFlagError, AmbiguousIdError
    """
    row = row_by_id(connection, RANKED, Flag.flag_id, flag_id)
    if row is None:
        raise UnknownFlagError(flag_id)
    return record(row)


def by_ids(connection: sa.Connection, flag_ids: Sequence[str]) -> dict[str, FlagRecord]:
    """Those of the flags with these whole ids that there are."""
    found: dict[str, FlagRecord] = {}
    for start in range(0, len(flag_ids), _SOME):
        rows = connection.execute(RANKED.where(Flag.flag_id.in_(flag_ids[start : start + _SOME])))
        found.update((row["flag_id"], record(row)) for row in rows.mappings())
    return found


def row_by_id(
    connection: sa.Connection, chosen: sa.Select[Any], column: sa.orm.InstrumentedAttribute[str], wanted: str
) -> sa.RowMapping | None:
    """The row of ``chosen`` with this id in ``column``, or the only one whose id begins so, if any.

    Raises
    ------
    AmbiguousIdError
    """
    start = wanted.strip().lower()
    exactly = connection.execute(chosen.where(column == start)).mappings().first()
    if exactly is not None or not start:
        return exactly
    like = chosen.where(column.startswith(start, autoescape=True)).order_by(column).limit(4)
    rows = connection.execute(like).mappings().all()
    if len(rows) > 1:
        raise AmbiguousIdError(wanted, [row[column.key] for row in rows])
    return rows[0] if rows else None


def conditions(
    since: datetime | None,
    until: datetime | None,
    norad_id: int | None,
    status: Status | None,
    *,
    listed: bool,
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
    if listed:
        wanted.append(Flag.listed.is_(True))
    return wanted
