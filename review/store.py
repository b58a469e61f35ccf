"""The store of flags and findings: scoring writes them, analysts settle flags, nothing else changes them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa

from catalog.sqlite import sqlite_url
from configs.review import ReviewConfig
from review.database import Database
from review.errors import (
    AmbiguousIdError,
    UnknownFindingError,
    UnknownFlagError,
    UnknownIdError,
)
from review.findings import FindingStore
from review.flags import Flag
from review.fleets import FleetLine, in_lines
from review.intake import ScoringRun, rows_of
from review.matching import match
from review.queries import ORDERS, RANKED, Order, by_id, by_ids, conditions, record
from review.queue import Queue
from review.records import FindingRecord, FlagRecord, Status
from review.scoring import ScoringState
from review.upsert import create, differs, known_flags, spans_by_object, update, vanished, withdraw
from review.verdicts import Verdicts

_OF_A_LINE = [
    getattr(Flag, name)
    for name in (
        "flag_id",
        "name",
        "regime",
        "kind",
        "listed",
        "finding_id",
        "unexpectedness",
        "first_seen_at",
    )
]


@dataclass(frozen=True, slots=True)
class UpsertResult:
    """What one run did to the flags: ids by what became of them. ``flag_ids`` are the events' flags, in their order."""

    flag_ids: tuple[str, ...]
    created: tuple[str, ...]
    updated: tuple[str, ...]
    restored: tuple[str, ...]
    withdrawn: tuple[str, ...]
    unchanged: int


class FlagStore(Verdicts, Queue):
    """Flags and their verdicts in SQLite or PostgreSQL: how analysts settle them is in `Verdicts`, how they see them in
    `Queue`.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, ``sqlite:///path`` or ``postgresql://…``; its tables are made or migrated here.
    config : ReviewConfig

    Attributes
    ----------
    database : Database
    findings : FindingStore
        What scoring made of chains of flags, in the same database.
    scoring : ScoringState
        How far scoring has come in it.

    Raises
    ------
    StoreUnavailableError
        Here and in every method, if the database cannot be reached or stays locked.
    """

    def __init__(self, url: str, config: ReviewConfig = ReviewConfig()) -> None:
        self._within = timedelta(hours=config.match_hours)
        self.database = Database(url, config)
        self.findings = FindingStore(self.database)
        self.scoring = ScoringState(self.database)

    @classmethod
    def at_home(cls, home: Path, config: ReviewConfig = ReviewConfig()) -> Self:
        """The store that ``config`` names, or ``review.sqlite`` under ``home``."""
        if config.database_url is not None:
            return cls(config.database_url.get_secret_value(), config)
        home.mkdir(parents=True, exist_ok=True)
        return cls(sqlite_url(home / "review.sqlite"), config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self.database.close()

    def upsert(self, events: pd.DataFrame, run: ScoringRun) -> UpsertResult:
        """Turn events into flags, all in one transaction; the same again changes nothing.

        An event is the known flag of its object whose burn window it shares or overlaps, or whose burn is within
        ``config.match_hours`` of its own (`review.matching.match`), whichever detector found that: it is brought up to
        date and keeps its id, ``first_seen_at``, status and verdicts. Any other event makes a new flag. An open flag without
        verdicts that lies within ``run.spans`` and was not found again is withdrawn, and comes back when it is.

        Raises
        ------
        InvalidEventsError
            If the events cannot become flags; nothing is written then.
        """
        rows = rows_of(events, run)
        spans = spans_by_object(run.spans)
        with self.database.writing("flags") as connection:
            known = known_flags(connection, rows, spans, self._within)
            matches = match(rows, known, self._within)
            created = create(connection, [row for row, index in zip(rows, matches, strict=True) if index is None], run)
            changes = [
                (row, known[index])
                for row, index in zip(rows, matches, strict=True)
                if index is not None and differs(row, known[index])
            ]
            update(connection, changes, run)
            found = {index for index in matches if index is not None}
            withdrawn = [flag for index, flag in enumerate(known) if index not in found and vanished(flag, spans)]
            withdraw(connection, withdrawn, run)
        new_ids = iter(created)
        return UpsertResult(
            flag_ids=tuple(next(new_ids) if index is None else known[index]["flag_id"] for index in matches),
            created=tuple(created),
            updated=tuple(flag["flag_id"] for _, flag in changes if flag["withdrawn_at"] is None),
            restored=tuple(flag["flag_id"] for _, flag in changes if flag["withdrawn_at"] is not None),
            withdrawn=tuple(flag["flag_id"] for flag in withdrawn),
            unchanged=len(found) - len(changes),
        )

    def get(self, flag_id: str) -> FlagRecord:
        """The flag with this id, or the only one whose id begins so.

        Raises
        ------
        UnknownFlagError, AmbiguousIdError
        """
        with self.database.reading() as connection:
            return by_id(connection, flag_id)

    def either(self, wanted: str) -> FlagRecord | FindingRecord:
        """The flag or the finding with this id, or the only one of both whose id begins so.

        Raises
        ------
        UnknownIdError, AmbiguousIdError
        """
        found: list[FlagRecord | FindingRecord] = []
        for read in (self.get, self.findings.get):
            with suppress(UnknownFlagError, UnknownFindingError):
                found.append(read(wanted))
        if not found:
            raise UnknownIdError(wanted)
        if len(found) > 1:
            raise AmbiguousIdError(
                wanted, [one.flag_id if isinstance(one, FlagRecord) else one.finding_id for one in found]
            )
        return found[0]

    def flags(
        self,
        order: Order = "unexpected",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        norad_id: int | None = None,
        status: Status | None = None,
        *,
        listed: bool = False,
        include_withdrawn: bool = False,
    ) -> list[FlagRecord]:
        """Flags, the most unexpected or the latest burn first.

        Parameters
        ----------
        order : 'unexpected' or 'time'
        since, until : datetime, optional
            Burn time from, and before [UTC].
        limit : int, optional
            At most so many.
        norad_id : int, optional
        status : Status, optional
        listed : bool
            Only those that the day's false discovery rate selected.
        include_withdrawn : bool
            With those that a later scoring no longer found.
        """
        wanted = conditions(since, until, norad_id, status, listed=listed, include_withdrawn=include_withdrawn)
        if limit is None and norad_id is None:
            chosen = RANKED.where(*wanted)
        else:  # the page is chosen first, so that ranks are counted for its flags only
            page = sa.select(Flag.flag_id).where(*wanted).order_by(*ORDERS[order]).limit(limit).subquery()
            chosen = RANKED.join(page, page.c.flag_id == Flag.flag_id)
        chosen = chosen.order_by(*ORDERS[order])
        with self.database.reading() as connection:
            return [record(row) for row in connection.execute(chosen).mappings()]

    def lines(
        self,
        order: Order = "unexpected",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        *,
        listed: bool = False,
    ) -> tuple[list[FlagRecord | FleetLine[Any]], int]:
        """The first ``limit`` lines of what `flags` gives, a fleet's raising and lowering as one (`review.fleets`), and how many there are."""
        wanted = conditions(since, until, None, None, listed=listed, include_withdrawn=False)
        chosen = sa.select(*_OF_A_LINE).where(*wanted).order_by(*ORDERS[order])
        with self.database.reading() as connection:
            every: list[Any] = in_lines(connection.execute(chosen).all())
            first = every[:limit]
            records = by_ids(connection, [one.flag_id for one in first if not isinstance(one, FleetLine)])
        return [one if isinstance(one, FleetLine) else records[one.flag_id] for one in first], len(every)

    def count(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        norad_id: int | None = None,
        status: Status | None = None,
        *,
        listed: bool = False,
        include_withdrawn: bool = False,
    ) -> int:
        """How many flags `flags` would give without a limit."""
        wanted = conditions(since, until, norad_id, status, listed=listed, include_withdrawn=include_withdrawn)
        with self.database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(Flag).where(*wanted)).scalar_one()
