"""The writes of one scoring run: new flags, changed flags, flags no longer found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pandas as pd
import sqlalchemy as sa

from review.columns import Row, iso_z
from review.errors import InvalidEventsError
from review.flags import Flag, Verdict
from review.intake import ScoringRun
from review.records import Status

FLAG_NAMESPACE = UUID("5b1c7a52-6a0f-5c1e-9a6e-0d3f6b5a7c11")

Spans = dict[int, list[tuple[datetime, datetime]]]  # by object
Known = dict[str, Any]  # what matching and withdrawing need of a flag

_FEW = 1000  # values named one by one in a query: both databases take more, neither takes any number


def flag_id(norad_id: int, epoch_before: datetime, epoch_after: datetime, detector: str, ordinal: int = 0) -> str:
    """Id of a flag: UUID5 of object, burn window and detector as it was first found (RFC 9562, section 5.5).

    ``ordinal`` is above 0 only where an older flag, first found in this very window, has since moved out of it.
    """
    parts = [str(norad_id), iso_z(epoch_before), iso_z(epoch_after), detector, *([str(ordinal)] if ordinal else [])]
    return str(uuid5(FLAG_NAMESPACE, "|".join(parts)))


def spans_by_object(spans: pd.DataFrame | None) -> Spans:
    """The scored spans of each object, in UTC."""
    by_object: Spans = defaultdict(list)
    if spans is None:
        return by_object
    for name in ("norad_id", "span_start", "span_end"):
        if name not in spans:
            raise InvalidEventsError(f"run.spans.{name}", "missing column")
    for norad_id, start, end in zip(spans["norad_id"], spans["span_start"], spans["span_end"], strict=True):
        if start.tzinfo is None or end.tzinfo is None:
            raise InvalidEventsError("run.spans", f"times without their zone for object {norad_id}")
        by_object[int(norad_id)].append((start.to_pydatetime(), end.to_pydatetime()))
    return by_object


def known_flags(connection: sa.Connection, rows: Sequence[Row], spans: Spans, within: timedelta) -> list[Known]:
    """Flags that ``rows`` may be, or that lie within ``spans``."""
    windows = [(row["epoch_before"], row["epoch_after"]) for row in rows]
    windows += [span for object_spans in spans.values() for span in object_spans]
    if not windows:
        return []
    objects = {row["norad_id"] for row in rows} | set(spans)
    conditions = [
        Flag.epoch_after >= min(start for start, _ in windows) - within,
        Flag.epoch_before <= max(end for _, end in windows) + within,
    ]
    if len(objects) <= _FEW:
        conditions.append(Flag.norad_id.in_(objects))
    touched = sa.exists().where(Verdict.flag_id == Flag.flag_id)
    columns = (
        Flag.flag_id,
        Flag.norad_id,
        Flag.detector,
        Flag.epoch_before,
        Flag.epoch_after,
        Flag.burn_time,
        Flag.status,
        Flag.version,
        Flag.withdrawn_at,
        Flag.content_hash,
        touched.label("touched"),
    )
    # Of several that share a window the last is taken: one that a person touched, if any.
    found = connection.execute(sa.select(*columns).where(*conditions).order_by(touched, Flag.flag_id))
    return [dict(flag) for flag in found.mappings()]


def create(connection: sa.Connection, rows: Sequence[Row], run: ScoringRun) -> list[str]:
    """Insert new flags; their ids, in the rows' order."""
    if not rows:
        return []
    ids = _free_ids(connection, rows)
    state = {
        "first_seen_at": run.at,
        "updated_at": run.at,
        "status": str(Status.OPEN),
        "version": 1,
        "withdrawn_at": None,
    }
    connection.execute(
        sa.insert(Flag), [row | state | {"flag_id": new_id} for row, new_id in zip(rows, ids, strict=True)]
    )
    return ids


def differs(row: Row, flag: Known) -> bool:
    """Whether the event says anything new of the flag that it is."""
    return bool(row["content_hash"] != flag["content_hash"] or flag["withdrawn_at"] is not None)


def update(connection: sa.Connection, changes: Sequence[tuple[Row, Known]], run: ScoringRun) -> None:
    """Bring flags up to date, leaving status and verdicts alone."""
    _write(connection, [(flag, row | {"withdrawn_at": None}) for row, flag in changes], run.at)


def vanished(flag: Known, spans: Spans) -> bool:
    """Whether a flag that was not found again is to be withdrawn: scored, open and never touched by a person."""
    if flag["withdrawn_at"] is not None or flag["touched"] or flag["status"] != Status.OPEN:
        return False
    return any(
        start <= flag["epoch_before"] and flag["epoch_after"] <= end for start, end in spans.get(flag["norad_id"], ())
    )


def withdraw(connection: sa.Connection, flags: Sequence[Known], run: ScoringRun) -> None:
    """Mark flags as no longer found."""
    _write(connection, [(flag, {"withdrawn_at": run.at}) for flag in flags], run.at)


def _write(connection: sa.Connection, changes: Sequence[tuple[Known, Row]], at: datetime) -> None:
    if changes:
        connection.execute(
            sa.update(Flag).where(Flag.flag_id == sa.bindparam("changed_id")),
            [
                values | {"changed_id": flag["flag_id"], "version": flag["version"] + 1, "updated_at": at}
                for flag, values in changes
            ],
        )


def _free_ids(connection: sa.Connection, rows: Sequence[Row]) -> list[str]:
    windows = [(row["norad_id"], row["epoch_before"], row["epoch_after"], row["detector"]) for row in rows]
    ids = [flag_id(*window) for window in windows]
    ordinal = 0
    while taken := _taken(connection, ids):
        ordinal += 1
        ids = [flag_id(*window, ordinal) if old in taken else old for window, old in zip(windows, ids, strict=True)]
    return ids


def _taken(connection: sa.Connection, ids: Sequence[str]) -> set[str]:
    taken: set[str] = set()
    for some in _chunks(ids):
        taken.update(connection.execute(sa.select(Flag.flag_id).where(Flag.flag_id.in_(some))).scalars())
    return taken


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    return (values[start : start + _FEW] for start in range(0, len(values), _FEW))
