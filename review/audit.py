"""The audit: who came in or tried to, and what was done to accounts; written once, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from review.columns import clean_text
from review.database import Database
from review.tables import AuditRow

LONGEST = 200


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One step: who did what at which time, how it ended, from which address."""

    audit_id: int
    at: datetime
    who: str
    action: str
    outcome: str
    address: str
    detail: str


def write(
    connection: sa.Connection,
    *,
    at: datetime,
    who: str,
    action: str,
    outcome: str = "done",
    address: str = "",
    detail: str = "",
) -> None:
    """Write one step down, in the transaction of what it tells of."""
    texts = {"who": who, "action": action, "outcome": outcome, "address": address, "detail": detail}
    connection.execute(
        sa.insert(AuditRow).values(at=at, **{name: clean_text(text)[:LONGEST] for name, text in texts.items()})
    )


class Audit:
    """The audit for reading."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, limit: int = 100, *, who: str = "", before: int | None = None) -> list[AuditRecord]:
        """The newest steps first, those of ``who`` only if given, those under the number ``before`` if given."""
        wanted = sa.select(AuditRow.__table__).order_by(AuditRow.audit_id.desc()).limit(limit)
        if who:
            wanted = wanted.where(AuditRow.who == who)
        if before is not None:
            wanted = wanted.where(AuditRow.audit_id < before)
        with self._database.reading() as connection:
            return [AuditRecord(**row._mapping) for row in connection.execute(wanted)]
