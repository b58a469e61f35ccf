"""The outbox of notices: put in once, taken out under a lease, marked as sent or put off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from configs.notices import NoticesConfig
from review.columns import clean_text
from review.database import Database
from review.notice_rules import Notice
from review.tables import NoticeRow

MOST_IN_ONE = 50  # notices that one message tells of
LONGEST_ERROR = 500
_SOME = 1000  # values named one by one in a query


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Notices of one rule for one target, to be sent as one message before ``until`` [UTC].

    ``repeated`` says that an earlier sender took some of them and was not heard of again: they may have been sent.
    """

    rule: str
    target: str
    notice_ids: tuple[int, ...]
    title: str
    body: str
    until: datetime
    repeated: bool


class Outbox:
    """Notices of a database, sent at least once.

    A notice is sent twice only where its sender ended between the target's receipt and the mark that it was sent.
    """

    def __init__(self, database: Database, config: NoticesConfig) -> None:
        self._database = database
        self._config = config

    def put(self, notices: Iterable[Notice], now: datetime) -> int:
        """Keep those notices that were never kept before; how many, all in one transaction."""
        wanted = {notice.key: notice for notice in notices}
        if not wanted:
            return 0
        with self._database.writing("notices") as connection:
            known = {
                key
                for some in _chunks(list(wanted))
                for key in connection.execute(
                    sa.select(NoticeRow.notice_key).where(NoticeRow.notice_key.in_(some))
                ).scalars()
            }
            rows = [
                {"notice_key" if name == "key" else name: value for name, value in asdict(notice).items()}
                | {"made_at": now, "attempts": 0, "error": ""}
                for key, notice in wanted.items()
                if key not in known
            ]
            if rows:
                connection.execute(sa.insert(NoticeRow), rows)
        return len(rows)

    def claim(self, rule: str, target: str, now: datetime) -> Claimed | None:
        """Take what a rule has due for a target, at most `MOST_IN_ONE`, as one message; None where nothing is.

        Nobody else takes them until they are marked or the lease has ended.
        """
        due = (
            sa.select(NoticeRow.notice_id, NoticeRow.title, NoticeRow.body, NoticeRow.claimed_until)
            .where(*self._due(now), NoticeRow.rule == rule, NoticeRow.target == target)
            .order_by(NoticeRow.notice_id)
            .limit(MOST_IN_ONE)
        )
        until = now + timedelta(minutes=self._config.lease_minutes)
        with self._database.writing("notices") as connection:
            taken = connection.execute(due).all()
            ids = tuple(row.notice_id for row in taken)
            if not ids:
                return None
            connection.execute(
                sa.update(NoticeRow)
                .where(NoticeRow.notice_id.in_(ids))
                .values(claimed_until=until, attempts=NoticeRow.attempts + 1)
            )
        title, body = _as_one(rule, [(row.title, row.body) for row in taken])
        repeated = any(row.claimed_until is not None for row in taken)
        return Claimed(rule=rule, target=target, notice_ids=ids, title=title, body=body, until=until, repeated=repeated)

    def sent(self, claimed: Claimed, now: datetime) -> None:
        """Mark notices as sent, for good."""
        with self._database.writing() as connection:
            connection.execute(
                sa.update(NoticeRow)
                .where(NoticeRow.notice_id.in_(claimed.notice_ids), NoticeRow.sent_at.is_(None))
                .values(sent_at=now, claimed_until=None, error="")
            )

    def failed(self, claimed: Claimed, now: datetime, why: str) -> None:
        """Put notices off, each by a pause that doubles with its failures; another's claim on them is left alone."""
        first, longest = self._config.first_pause_minutes, self._config.longest_pause_minutes
        ours = (NoticeRow.notice_id.in_(claimed.notice_ids), NoticeRow.claimed_until == claimed.until)
        with self._database.writing() as connection:
            tried = connection.execute(sa.select(NoticeRow.notice_id, NoticeRow.attempts).where(*ours)).all()
            for notice_id, attempts in tried:
                pause = timedelta(minutes=min(first * 2.0 ** min(attempts - 1, 60), longest))
                connection.execute(
                    sa.update(NoticeRow)
                    .where(NoticeRow.notice_id == notice_id, *ours)
                    .values(due_at=now + pause, claimed_until=None, error=clean_text(why)[:LONGEST_ERROR])
                )

    def due(self, now: datetime) -> int:
        """How many notices may be claimed now."""
        return self._count(*self._due(now))

    def waiting(self, now: datetime) -> int:
        """How many notices are still to be sent."""
        return self._count(*self._open(now))

    def given_up(self, now: datetime) -> int:
        """How many notices could not be sent for so long that nobody tries any more."""
        old = NoticeRow.made_at < now - timedelta(days=self._config.give_up_days)
        return self._count(NoticeRow.sent_at.is_(None), old)

    def _count(self, *where: sa.ColumnElement[bool]) -> int:
        with self._database.reading() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(NoticeRow).where(*where)).scalar_one()

    def _due(self, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        free = NoticeRow.claimed_until.is_(None) | (NoticeRow.claimed_until <= now)
        return *self._open(now), NoticeRow.due_at <= now, free

    def _open(self, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        young = NoticeRow.made_at >= now - timedelta(days=self._config.give_up_days)
        return NoticeRow.sent_at.is_(None), young


def _as_one(rule: str, told: Sequence[tuple[str, str]]) -> tuple[str, str]:
    if len(told) == 1:
        return told[0]
    return f"{len(told)} notices: {rule}", "\n\n".join(f"{title}\n{body}" for title, body in told)


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _SOME] for start in range(0, len(values), _SOME))
