"""Secrets with which programs of a user use the API."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from configs.desk import DeskConfig
from review import audit
from review.columns import clean_text
from review.database import Database
from review.records import Role, Scope
from review.sessions import SECRET_BYTES, SEEN_EVERY, digest
from review.tables import TokenRow, UserRow
from review.users import AccountError, User, lowest

PREFIX = "burnwatch_"  # lets scanners find a token that was committed by mistake
LONGEST_LABEL = 100
MOST = 50
ROLES = {Scope.READ_ONLY: Role.VIEWER, Scope.VERDICTS: Role.ANALYST, Scope.ADMIN: Role.ADMIN}


class TokenError(AccountError):
    """A token that cannot be made or is not there."""


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """One token of the user ``owner``, without its secret."""

    token_id: int
    owner: str
    label: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class Tokens:
    """The tokens of all users."""

    def __init__(self, database: Database, config: DeskConfig, now: Callable[[], datetime]) -> None:
        self._database = database
        self._config = config
        self._now = now

    def make(
        self, user: User, label: str, *, scope: Scope | None = None, days: float | None = None, address: str = ""
    ) -> tuple[TokenRecord, str]:
        """A new token and its secret, which is shown this once and kept nowhere.

        Parameters
        ----------
        user : User
        label : str
            What it is for.
        scope : Scope, optional
            What it may do; all that the user may by default.
        days : float, optional
            How long it lasts, at most and by default ``config.token_days`` [d].
        address : str, optional
            For the audit.

        Raises
        ------
        TokenError
            If the label or the days are no good, the user may not do as much, or has too many.
        """
        scope = scope or scopes_of(user.role)[-1]
        if not user.may(ROLES[scope]):
            may = ", ".join(scopes_of(user.role))
            raise TokenError(f"a token may do no more than its user: the scope of a token of {user.role}s is {may}")
        label = clean_text(label).strip()
        if not 0 < len(label) <= LONGEST_LABEL:
            raise TokenError(f"a token needs a label of 1 to {LONGEST_LABEL} characters: say what it is for")
        if days is None:
            days = self._config.token_days
        if not 0 < days <= self._config.token_days:
            raise TokenError(f"a token lasts more than 0 and at most {self._config.token_days:g} days")
        now = self._now()
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        expires_at = now + timedelta(days=days)
        with self._database.writing("tokens") as connection:
            held = sa.select(sa.func.count()).where(*self._alive(now), TokenRow.user_id == user.user_id)
            if connection.execute(held).scalar_one() >= MOST:
                raise TokenError(f"you have {MOST} tokens: revoke one")
            token_id = connection.execute(
                sa.insert(TokenRow)
                .values(
                    user_id=user.user_id,
                    token_hash=digest(secret),
                    label=label,
                    scope=str(scope),
                    created_at=now,
                    expires_at=expires_at,
                )
                .returning(TokenRow.token_id)
            ).scalar_one()
            detail = f"{token_id}, {scope}: {label}"
            audit.write(connection, at=now, who=user.name, action="make token", address=address, detail=detail)
        return TokenRecord(token_id, user.name, label, scope, now, expires_at, None), secret

    def user(self, secret: str) -> User | None:
        """Whose token this is, with the role that its scope leaves; None if of nobody, over, or of a closed account."""
        if not secret.startswith(PREFIX):
            return None
        now = self._now()
        wanted = (
            sa.select(UserRow.user_id, UserRow.name, UserRow.role, TokenRow.token_id, TokenRow.scope, TokenRow.used_at)
            .join(UserRow, UserRow.user_id == TokenRow.user_id)
            .where(TokenRow.token_hash == digest(secret), *self._alive(now), UserRow.active)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).one_or_none()
        if found is None:
            return None
        if found.used_at is None or now - found.used_at >= SEEN_EVERY:
            with self._database.writing() as connection:
                connection.execute(sa.update(TokenRow).where(TokenRow.token_id == found.token_id).values(used_at=now))
        scope = Scope(found.scope)
        return User(found.user_id, found.name, lowest([Role(found.role), ROLES[scope]]), scope)

    def of(self, user: User) -> list[TokenRecord]:
        """A user's tokens that still hold, the newest first."""
        return self._those(TokenRow.user_id == user.user_id)

    def all(self) -> list[TokenRecord]:
        """Everybody's tokens that still hold, the newest first."""
        return self._those(sa.true())

    def _those(self, wanted: sa.ColumnElement[bool]) -> list[TokenRecord]:
        chosen = (
            sa.select(
                TokenRow.token_id,
                UserRow.name.label("owner"),
                TokenRow.label,
                TokenRow.scope,
                TokenRow.created_at,
                TokenRow.expires_at,
                TokenRow.used_at,
            )
            .join(UserRow, UserRow.user_id == TokenRow.user_id)
            .where(wanted, UserRow.active, *self._alive(self._now()))
            .order_by(TokenRow.token_id.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(chosen).all()
        return [TokenRecord(**{**row._mapping, "scope": Scope(row.scope)}) for row in rows]

    def revoke(self, user: User, token_id: int, *, address: str = "") -> None:
        """End one of the user's own tokens.

        Raises
        ------
        TokenError
            If the user has none with this number.
        """
        mine = TokenRow.user_id == user.user_id
        if not self._revoke(token_id, mine, by=user.name, address=address):
            raise TokenError(f"you have no token {token_id}")

    def revoke_any(self, token_id: int, *, by: str, address: str = "") -> None:
        """End a token, whosever it is.

        Raises
        ------
        TokenError
            If there is none with this number.
        """
        if not self._revoke(token_id, sa.true(), by=by, address=address):
            raise TokenError(f"there is no token {token_id}")

    def _revoke(self, token_id: int, whose: sa.ColumnElement[bool], *, by: str, address: str) -> bool:
        now = self._now()
        with self._database.writing() as connection:
            revoked = connection.execute(
                sa.update(TokenRow)
                .where(TokenRow.token_id == token_id, whose, *self._alive(now))
                .values(revoked_at=now)
            )
            if revoked.rowcount:
                audit.write(connection, at=now, who=by, action="revoke token", address=address, detail=str(token_id))
        return revoked.rowcount > 0

    def revoke_all(self, connection: sa.Connection, user_id: int) -> int:
        """End every token of a user; how many they were."""
        now = self._now()
        ended = connection.execute(
            sa.update(TokenRow).where(TokenRow.user_id == user_id, *self._alive(now)).values(revoked_at=now)
        )
        return ended.rowcount

    @staticmethod
    def _alive(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        return (
            TokenRow.revoked_at.is_(None),
            sa.or_(TokenRow.expires_at.is_(None), TokenRow.expires_at > now),
        )


def scopes_of(role: Role) -> list[Scope]:
    """What tokens of users with a role may do, the least first."""
    return [scope for scope, needed in ROLES.items() if lowest([role, needed]) is needed]


def ended_tokens(count: int) -> str:
    """For the audit, how many tokens ended with something else; nothing of none."""
    return f"{count} token{'' if count == 1 else 's'} ended" if count else ""
