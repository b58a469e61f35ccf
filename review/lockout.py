"""How long the next login has to wait, told by the failed ones in the audit."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from configs.desk import DeskConfig
from review.tables import AuditRow

LOG_IN = "log in"
FAILED = "refused"
ADDRESS_WINDOW = timedelta(hours=1)
NAME_WINDOW = timedelta(days=1)
# Rows of the audit that are looked at for an address: enough for many addresses at once, and quick however long it is.
_LAST_ROWS = 5000


def wait(connection: sa.Connection, who: str, address: str, config: DeskConfig, now: datetime) -> timedelta:
    """Until the next login with this name, or from this address, is looked at; zero if at once.

    Failures with a name count since its last login, those from an address all: who has an account must not get further
    guesses at others' by logging in between.
    """
    longest = timedelta(0)
    for failures, limit in (
        (_of_name(connection, who, config, now), config.lockout_failures),
        (_of_address(connection, address, config, now), config.lockout_address_failures),
    ):
        if len(failures) >= limit:
            seconds = min(config.lockout_first_s * 2.0 ** min(len(failures) - limit, 60), config.lockout_longest_s)
            longest = max(longest, failures[0] + timedelta(seconds=seconds) - now)
    return longest


def _most(limit: int) -> int:
    """More failures than so many make no longer wait."""
    return limit + 60


def _of_name(connection: sa.Connection, who: str, config: DeskConfig, now: datetime) -> list[datetime]:
    rows = connection.execute(
        sa.select(AuditRow.at, AuditRow.outcome)
        .where(AuditRow.who == who, AuditRow.at > now - NAME_WINDOW, AuditRow.action == LOG_IN)
        .order_by(AuditRow.at.desc(), AuditRow.audit_id.desc())
        .limit(_most(config.lockout_failures))
    )
    failures: list[datetime] = []
    for at, outcome in rows:
        if outcome != FAILED:
            break
        failures.append(at)
    return failures


def _of_address(connection: sa.Connection, address: str, config: DeskConfig, now: datetime) -> list[datetime]:
    if not address:
        return []
    last = sa.select(sa.func.max(AuditRow.audit_id)).scalar_subquery()
    rows = connection.execute(
        sa.select(AuditRow.at)
        .where(
            AuditRow.audit_id > last - _LAST_ROWS,
            AuditRow.address == address,
            AuditRow.at > now - ADDRESS_WINDOW,
            AuditRow.action == LOG_IN,
            AuditRow.outcome == FAILED,
        )
        .order_by(AuditRow.audit_id.desc())
        .limit(_most(config.lockout_address_failures))
    )
    return list(rows.scalars())
