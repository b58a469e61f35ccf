"""Logins in browsers, kept by the server; the browser holds a random secret, the database its hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from configs.desk import DeskConfig
from review.database import Database
from review.records import Role
from review.tables import SessionRow, UserRow
from review.users import User

SECRET_BYTES = 32
# ``seen_at`` is written at most this often: reading a page should not wait for a writer.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One login of a user."""

    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str


class Sessions:
    """The logins of all users."""

    def __init__(self, database: Database, config: DeskConfig, now: Callable[[], datetime]) -> None:
        self._database = database
        self._config = config
        self._now = now

    def begin(self, connection: sa.Connection, user: User, address: str, *, instead_of: str = "") -> str:
        """A new login's secret. The one that the browser had before ends, and so do all that are over."""
        now = self._now()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        connection.execute(
            sa.delete(SessionRow).where(
                sa.or_(
                    SessionRow.expires_at <= now,
                    SessionRow.seen_at <= self._idle_since(now),
                    SessionRow.session_hash == digest(instead_of),
                )
            )
        )
        connection.execute(
            sa.insert(SessionRow).values(
                session_hash=digest(secret),
                user_id=user.user_id,
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=self._config.session_hours),
                address=address,
            )
        )
        return secret

    def user(self, secret: str) -> User | None:
        """Whose login this secret is; None if of nobody, if it is over, or if the account is closed."""
        now = self._now()
        wanted = (
            sa.select(UserRow.user_id, UserRow.name, UserRow.role, SessionRow.seen_at)
            .join(UserRow, UserRow.user_id == SessionRow.user_id)
            .where(
                SessionRow.session_hash == digest(secret),
                SessionRow.expires_at > now,
                SessionRow.seen_at > self._idle_since(now),
                UserRow.active,
            )
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).one_or_none()
        if found is None:
            return None
        if now - found.seen_at >= SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(
                    sa.update(SessionRow).where(SessionRow.session_hash == digest(secret)).values(seen_at=now)
                )
        return User(found.user_id, found.name, Role(found.role))

    def of(self, user: User) -> list[SessionRecord]:
        """A user's logins that still hold, the newest first."""
        now = self._now()
        wanted = (
            sa.select(SessionRow.created_at, SessionRow.seen_at, SessionRow.expires_at, SessionRow.address)
            .where(
                SessionRow.user_id == user.user_id,
                SessionRow.expires_at > now,
                SessionRow.seen_at > self._idle_since(now),
            )
            .order_by(SessionRow.created_at.desc())
        )
        with self._database.reading() as connection:
            return [SessionRecord(*row) for row in connection.execute(wanted)]

    def end(self, connection: sa.Connection, secret: str) -> None:
        """End one login."""
        connection.execute(sa.delete(SessionRow).where(SessionRow.session_hash == digest(secret)))

    def end_all(self, connection: sa.Connection, user_id: int, *, but: str = "") -> int:
        """End a user's logins everywhere, less the one with the secret ``but``; how many they were."""
        ended = connection.execute(
            sa.delete(SessionRow).where(SessionRow.user_id == user_id, SessionRow.session_hash != digest(but))
        )
        return ended.rowcount

    def _idle_since(self, now: datetime) -> datetime:
        return now - timedelta(hours=self._config.session_idle_hours)


def digest(secret: str) -> str:
    """What is kept of a random secret: nobody can log in with a copy of the database."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
