"""The store of findings: scoring writes them and their news, whole state by whole state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import pandas as pd
import sqlalchemy as sa

from review.columns import Row, iso_z
from review.database import Database
from review.errors import UnknownFindingError
from review.finding_intake import frame_of, rows_of
from review.flags import Finding, FindingNews, Flag
from review.queries import RANKED, row_by_id
from review.queries import record as flag_record
from review.records import FindingRecord, FlagRecord, News, State

FindingOrder = Literal["news", "unexpected"]

_FEW = 1000  # values named one by one in a query
_COLUMNS = [getattr(Finding, field.name) for field in fields(FindingRecord) if field.name != "news"]
_STATE = [*_COLUMNS, Finding.said]


@dataclass(frozen=True, slots=True)
class FindingsResult:
    """What one run did to the findings: ids by what became of them, and how many news were told."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: int
    news: int


class FindingStore:
    """Findings and their news, beside the flags they gather; a part of `review.store.FlagStore`.

    Every method raises StoreUnavailableError if the database cannot be reached or stays locked.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def upsert(self, findings: pd.DataFrame) -> FindingsResult:
        """Bring findings up to date, all in one transaction; the same again changes nothing.

        A finding that the frame leaves out stays as it is. News are only ever added: those that are not there yet,
        by finding, time and text. Each flag of an object whose findings changed or go on is put to the one finding
        that gathers its burn window, if any.

        Parameters
        ----------
        findings : DataFrame
            As `review.finding_intake.rows_of` takes it.

        Raises
        ------
        InvalidFindingsError
            If the findings cannot be kept; nothing is written then.
        """
        parts = rows_of(findings)
        rows = [row for row, _ in parts]
        with self._database.writing("findings") as connection:
            known = _known(connection, [row["finding_id"] for row in rows])
            new = [row for row in rows if row["finding_id"] not in known]
            if new:
                connection.execute(sa.insert(Finding), [row | {"version": 1} for row in new])
            told = _tell(connection, [piece for _, pieces in parts for piece in pieces])
            changed = [
                row
                for row in rows
                if (old := known.get(row["finding_id"]))
                and (old["content_hash"] != row["content_hash"] or row["finding_id"] in told)
            ]
            if changed:
                connection.execute(
                    sa.update(Finding).where(Finding.finding_id == sa.bindparam("changed_id")),
                    [
                        row | {"changed_id": row["finding_id"], "version": known[row["finding_id"]]["version"] + 1}
                        for row in changed
                    ],
                )
            touched = {row["norad_id"] for row in (*new, *changed)}
            touched |= {row["norad_id"] for row in rows if row["state"] != State.CLOSED}
            _gather(connection, [row for row in rows if row["norad_id"] in touched])
        return FindingsResult(
            created=tuple(row["finding_id"] for row in new),
            updated=tuple(row["finding_id"] for row in changed),
            unchanged=len(rows) - len(new) - len(changed),
            news=sum(told.values()),
        )

    def current(self) -> pd.DataFrame:
        """All findings as the frame that `upsert` takes, the newest news first: the state for the next run."""
        with self._database.reading() as connection:
            ordered = sa.select(*_STATE).order_by(
                Finding.news_at.desc(), Finding.unexpectedness.desc().nulls_last(), Finding.finding_id
            )
            rows = connection.execute(ordered).mappings().all()
            news = _news(connection, None)
        said = {name: [_told(piece) for piece in pieces] for name, pieces in news.items()}
        return frame_of([dict(row) for row in rows], said)

    def get(self, finding_id: str) -> FindingRecord:
        """The finding with this id, or the only one whose id begins so.

        Raises
        ------
        UnknownFindingError, AmbiguousIdError
        """
        with self._database.reading() as connection:
            row = row_by_id(connection, sa.select(*_COLUMNS), Finding.finding_id, finding_id)
            if row is None:
                raise UnknownFindingError(finding_id)
            return _record(row, _news(connection, [row["finding_id"]]))

    def flags(self, finding_id: str) -> list[FlagRecord]:
        """The flags that a finding gathers, in order of their burns; withdrawn ones too.

        Raises
        ------
        UnknownFindingError, AmbiguousIdError
        """
        whole = self.get(finding_id).finding_id
        with self._database.reading() as connection:
            chosen = RANKED.where(Flag.finding_id == whole).order_by(Flag.burn_time, Flag.flag_id)
            return [flag_record(row) for row in connection.execute(chosen).mappings()]

    def records(
        self,
        order: FindingOrder = "news",
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
        norad_id: int | None = None,
        kind: str | None = None,
        state: State | None = None,
    ) -> list[FindingRecord]:
        """Findings, the newest news or the most unexpected first.

        Parameters
        ----------
        order : 'news' or 'unexpected'
        since, until : datetime, optional
            Only findings with news from, and before then [UTC]; it is by the newest of these news that they are ordered.
        limit : int, optional
            At most so many.
        norad_id : int, optional
        kind : str, optional
        state : State, optional
        """
        newest = _newest(since, until)
        orders: dict[str, tuple[Any, ...]] = {
            "news": (newest.c.at.desc(), Finding.unexpectedness.desc().nulls_last(), Finding.finding_id),
            "unexpected": (Finding.unexpectedness.desc().nulls_last(), newest.c.at.desc(), Finding.finding_id),
        }
        chosen = (
            sa.select(*_COLUMNS)
            .join(newest, newest.c.finding_id == Finding.finding_id)
            .where(*_conditions(norad_id, kind, state))
            .order_by(*orders[order])
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(chosen).mappings().all()
            news = _news(connection, [row["finding_id"] for row in rows])
        return [_record(row, news) for row in rows]

    def count(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        norad_id: int | None = None,
        kind: str | None = None,
        state: State | None = None,
    ) -> int:
        """How many findings `records` would give without a limit."""
        newest = _newest(since, until)
        chosen = (
            sa.select(sa.func.count())
            .select_from(Finding)
            .join(newest, newest.c.finding_id == Finding.finding_id)
            .where(*_conditions(norad_id, kind, state))
        )
        with self._database.reading() as connection:
            return connection.execute(chosen).scalar_one()


def _newest(since: datetime | None, until: datetime | None) -> sa.Subquery:
    """The time of each finding's newest news in an interval."""
    wanted = [] if since is None else [FindingNews.at >= since]
    wanted += [] if until is None else [FindingNews.at < until]
    told = sa.select(FindingNews.finding_id, sa.func.max(FindingNews.at).label("at")).where(*wanted)
    return told.group_by(FindingNews.finding_id).subquery()


def _conditions(norad_id: int | None, kind: str | None, state: State | None) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if norad_id is not None:
        wanted.append(Finding.norad_id == norad_id)
    if kind is not None:
        wanted.append(Finding.kind == kind)
    if state is not None:
        wanted.append(Finding.state == str(state))
    return wanted


def _record(row: sa.RowMapping, news: dict[str, list[News]]) -> FindingRecord:
    return FindingRecord(**{**row, "state": State(row["state"]), "news": news.get(row["finding_id"], [])})


def _told(piece: News) -> dict[str, Any]:
    return {"at": iso_z(piece.at), "text": piece.text, "event": None if piece.event is None else iso_z(piece.event)}


def _news(connection: sa.Connection, ids: Sequence[str] | None) -> dict[str, list[News]]:
    """The news of some findings, or of all, in the order in which they were told."""
    found: dict[str, list[News]] = defaultdict(list)
    columns = (FindingNews.finding_id, FindingNews.at, FindingNews.text, FindingNews.event)
    chosen = sa.select(*columns).order_by(FindingNews.at, FindingNews.news_id)
    parts = [chosen] if ids is None else [chosen.where(FindingNews.finding_id.in_(some)) for some in _chunks(ids)]
    for part in parts:
        for finding_id, at, text, event in connection.execute(part):
            found[finding_id].append(News(at=at, text=text, event=event))
    return dict(found)


def _known(connection: sa.Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    columns = (Finding.finding_id, Finding.version, Finding.content_hash)
    return {
        row["finding_id"]: dict(row)
        for some in _chunks(ids)
        for row in connection.execute(sa.select(*columns).where(Finding.finding_id.in_(some))).mappings()
    }


def _tell(connection: sa.Connection, pieces: list[Row]) -> dict[str, int]:
    """Add the news that are not there yet; how many, by finding."""
    ids = sorted({piece["finding_id"] for piece in pieces})
    known = {
        (finding_id, news_hash)
        for some in _chunks(ids)
        for finding_id, news_hash in connection.execute(
            sa.select(FindingNews.finding_id, FindingNews.news_hash).where(FindingNews.finding_id.in_(some))
        )
    }
    new = {(piece["finding_id"], piece["news_hash"]): piece for piece in pieces}
    rows = [piece for key, piece in new.items() if key not in known]
    if rows:
        connection.execute(sa.insert(FindingNews), rows)
    told: dict[str, int] = defaultdict(int)
    for row in rows:
        told[row["finding_id"]] += 1
    return dict(told)


def _gather(connection: sa.Connection, findings: Sequence[Row]) -> None:
    """Put the flags of the findings' objects to the finding that gathers their burn windows."""
    windows: dict[int, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for row in findings:
        for event in row["events"]:
            before, after = (datetime.fromisoformat(event[name]) for name in ("epoch_before", "epoch_after"))
            windows[row["norad_id"]].append((before, after, row["finding_id"]))
    ours = {row["finding_id"] for row in findings}
    columns = (Flag.flag_id, Flag.norad_id, Flag.epoch_before, Flag.epoch_after, Flag.finding_id)
    changes = []
    for some in _chunks(sorted({row["norad_id"] for row in findings})):
        for flag in connection.execute(sa.select(*columns).where(Flag.norad_id.in_(some))).mappings():
            found = _gathering(flag["epoch_before"], flag["epoch_after"], windows[flag["norad_id"]])
            if found != flag["finding_id"] and (found is not None or flag["finding_id"] in ours):
                changes.append({"changed_id": flag["flag_id"], "finding_id": found})
    if changes:
        connection.execute(sa.update(Flag).where(Flag.flag_id == sa.bindparam("changed_id")), changes)


def _gathering(before: datetime, after: datetime, windows: Iterable[tuple[datetime, datetime, str]]) -> str | None:
    """The finding with the burn window that shares most time with this one; touching is not sharing."""
    shared = [
        (min(after, end) - max(before, start), finding_id)
        for start, end, finding_id in windows
        if start < after and before < end
    ]
    return max(shared)[1] if shared else None


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _FEW] for start in range(0, len(values), _FEW))
