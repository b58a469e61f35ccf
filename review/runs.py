"""The log of the pipelines' runs: what ran, when, how it ended and what it counted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import uuid4

import sqlalchemy as sa

from review.columns import plain
from review.database import Database
from review.errors import ReviewError
from review.tables import RunRow

UNTOLD = "ended without a word: it was killed, or its machine went down"


class Outcome(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class UnknownRunError(ReviewError):
    """No run has this id."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        super().__init__(f"no run {run_id!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run of a pipeline; times are UTC. ``summary`` is what it counted, with ``error`` where it failed.

    ``mlflow_run_id`` and ``prefect_run_id`` name it there, where it has a name there.
    """

    run_id: str
    work: str
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome = Outcome.RUNNING
    summary: dict[str, Any] = field(default_factory=dict)
    mlflow_run_id: str = ""
    prefect_run_id: str = ""

    @property
    def took(self) -> timedelta | None:
        """How long it ran."""
        return None if self.ended_at is None else self.ended_at - self.started_at


class Runs(NamedTuple):
    """A page of runs, the latest first, and how many there are in all."""

    runs: list[RunRecord]
    total: int


class RunLog:
    """Runs in the database of flags.

    Every method raises StoreUnavailableError if the database cannot be reached or stays locked.

    Parameters
    ----------
    database : Database
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        work: str,
        *,
        run_id: str | None = None,
        prefect_run_id: str = "",
        at: datetime | None = None,
    ) -> str:
        """Put down that a run begins; its id.

        Parameters
        ----------
        work : str
            What it does: 'ingest', 'train', 'score', …
        run_id : str, optional
            A new one by default; an id that is there is left as it is.
        prefect_run_id : str
        at : datetime, optional
            When; now by default [UTC].
        """
        at = at or datetime.now(UTC)
        run_id = run_id or str(uuid4())
        with self._database.writing("runs") as connection:
            known = sa.select(RunRow.run_id).where(RunRow.run_id == run_id)
            if connection.execute(known).first() is None:
                connection.execute(
                    sa.insert(RunRow).values(
                        run_id=run_id,
                        work=work,
                        started_at=at,
                        ended_at=None,
                        outcome=str(Outcome.RUNNING),
                        summary={},
                        mlflow_run_id="",
                        prefect_run_id=prefect_run_id,
                    )
                )
        return run_id

    def done(self, work: str, summary: Mapping[str, Any], *, at: datetime) -> None:
        """Put down, at once, work that is done and took no time to speak of."""
        row = {"run_id": str(uuid4()), "work": work, "started_at": at, "ended_at": at, "outcome": str(Outcome.DONE)}
        with self._database.writing("runs") as connection:
            connection.execute(
                sa.insert(RunRow).values(**row, summary=plain(summary), mlflow_run_id="", prefect_run_id="")
            )

    def bury(self, living: Collection[str] = (), *, at: datetime | None = None) -> None:
        """Put down that the processes of all runs that have not ended are gone, but of these ids."""
        gone = [run.run_id for run in self.running() if run.run_id not in living]
        if gone:
            with self._database.writing("runs") as connection:
                connection.execute(
                    sa.update(RunRow)
                    .where(RunRow.run_id.in_(gone), RunRow.outcome == str(Outcome.RUNNING))
                    .values(outcome=str(Outcome.FAILED), ended_at=at or datetime.now(UTC), summary={"error": UNTOLD})
                )

    def finish(
        self,
        run_id: str,
        outcome: Outcome,
        summary: Mapping[str, Any] | None = None,
        *,
        mlflow_run_id: str = "",
        at: datetime | None = None,
    ) -> bool:
        """Put down how a run ended; whether that is new: a run that has ended stays as it is.

        Raises
        ------
        UnknownRunError
        """
        with self._database.writing("runs") as connection:
            ended = connection.execute(
                sa.update(RunRow)
                .where(RunRow.run_id == run_id, RunRow.outcome == str(Outcome.RUNNING))
                .values(
                    outcome=str(outcome),
                    ended_at=at or datetime.now(UTC),
                    summary=plain(summary or {}),
                    mlflow_run_id=mlflow_run_id,
                )
            )
            known = sa.select(RunRow.run_id).where(RunRow.run_id == run_id)
            if not ended.rowcount and connection.execute(known).first() is None:
                raise UnknownRunError(run_id)
        return bool(ended.rowcount)

    def get(self, run_id: str) -> RunRecord:
        """The run with this id.

        Raises
        ------
        UnknownRunError
        """
        with self._database.reading() as connection:
            row = connection.execute(_SELECT.where(RunRow.run_id == run_id)).mappings().first()
        if row is None:
            raise UnknownRunError(run_id)
        return _record(row)

    def page(self, *, work: str | None = None, outcome: Outcome | None = None, page: int = 1, size: int = 50) -> Runs:
        """Runs, the latest first.

        Parameters
        ----------
        work : str, optional
        outcome : Outcome, optional
        page, size : int
            Which page, from 1, of how many runs.
        """
        wanted = [] if work is None else [RunRow.work == work]
        wanted += [] if outcome is None else [RunRow.outcome == str(outcome)]
        chosen = _SELECT.where(*wanted).order_by(RunRow.started_at.desc(), RunRow.run_id)
        counted = sa.select(sa.func.count()).select_from(RunRow).where(*wanted)
        with self._database.reading() as connection:
            rows = connection.execute(chosen.limit(size).offset((page - 1) * size)).mappings().all()
            total = connection.execute(counted).scalar_one()
        return Runs([_record(row) for row in rows], total)

    def running(self) -> list[RunRecord]:
        """Runs that have not ended."""
        with self._database.reading() as connection:
            chosen = _SELECT.where(RunRow.outcome == str(Outcome.RUNNING)).order_by(RunRow.started_at)
            return [_record(row) for row in connection.execute(chosen).mappings()]

    def latest(self) -> dict[str, RunRecord]:
        """The latest run of each work that is done, by work."""
        newest = (
            sa.select(RunRow.work, sa.func.max(RunRow.started_at).label("at"))
            .where(RunRow.outcome == str(Outcome.DONE))
            .group_by(RunRow.work)
            .subquery()
        )
        chosen = _SELECT.join(newest, sa.and_(newest.c.work == RunRow.work, newest.c.at == RunRow.started_at))
        chosen = chosen.where(RunRow.outcome == str(Outcome.DONE)).order_by(RunRow.work, RunRow.run_id)
        with self._database.reading() as connection:
            return {row["work"]: _record(row) for row in connection.execute(chosen).mappings()}

    def works(self) -> list[str]:
        """What has ever run, sorted."""
        with self._database.reading() as connection:
            return list(connection.execute(sa.select(RunRow.work).distinct().order_by(RunRow.work)).scalars())


_SELECT = sa.select(*RunRow.__table__.columns)


def _record(row: sa.RowMapping) -> RunRecord:
    return RunRecord(**{**row, "outcome": Outcome(row["outcome"])})
