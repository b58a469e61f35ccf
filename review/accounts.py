"""Accounts: who may do what at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from configs.desk import DeskConfig
from review import audit, passwords, user_rows
from review.database import Database
from review.logins import LoginError, Logins, LoginWaitError
from review.records import Role, Scope
from review.sessions import Sessions
from review.tables import UserRow
from review.tokens import TokenRecord, Tokens, ended_tokens
from review.users import Account, AccountError, UnknownUserError, User, clean_name

__all__ = ["Account", "AccountError", "Accounts", "LoginError", "LoginWaitError", "UnknownUserError", "User"]


class Accounts:
    """The accounts in the flags' database.

    Parameters
    ----------
    database : Database
    config : DeskConfig
    now : callable, optional
        Tells the time [UTC].

    Attributes
    ----------
    logins : Logins
    sessions : Sessions
    tokens : Tokens
    audit : Audit

    Raises
    ------
    StoreUnavailableError
        In every method, if the database cannot be reached or stays locked.
    """

    def __init__(
        self,
        database: Database,
        config: DeskConfig = DeskConfig(),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._config = config
        self._now = now
        self.sessions = Sessions(database, config, now)
        self.tokens = Tokens(database, config, now)
        self.logins = Logins(database, config, now, self.sessions, self.tokens)
        self.audit = audit.Audit(database)

    def add(self, name: str, role: Role, password: str, *, by: str, address: str = "") -> User:
        """A new account.

        Raises
        ------
        AccountError
            If the name is no name or is taken, or the password would be guessed.
        """
        name = clean_name(name)
        passwords.check(password, name, self._config)
        stored = passwords.hashed(password, self._config)
        with self._database.writing("users") as connection:
            if user_rows.find(connection, name) is not None:
                raise AccountError(f"there is a user {name!r} already: choose another name, or change that account")
            return user_rows.insert(connection, name, role, stored, at=self._now(), by=by, address=address)

    def all(self) -> list[Account]:
        """Every account by name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(UserRow.__table__).order_by(UserRow.name)).all()
        return [_account(row) for row in rows]

    def get(self, name: str) -> Account:
        """The account with this name.

        Raises
        ------
        UnknownUserError
        """
        with self._database.reading() as connection:
            return _account(_known(connection, name))

    def set_role(self, name: str, role: Role, *, by: str, address: str = "") -> None:
        """Let a user do more or less, from their next request on.

        Raises
        ------
        AccountError
            If there is no such user, or no admin would be left.
        """
        with self._database.writing("users") as connection:
            row = _known(connection, name)
            if role is not Role.ADMIN:
                _keep_an_admin(connection, row)
            user_rows.change(connection, row.user_id, role=str(role))
            self._note(connection, by, "change role", f"{row.name} is {role}", address)

    def set_password(self, name: str, password: str, *, by: str, address: str = "", session: str = "") -> None:
        """Give a user another password, and end their tokens and their sessions less that with the secret ``session``.

        Raises
        ------
        AccountError
            If there is no such user, or the password would be guessed.
        """
        passwords.check(password, name.strip().lower(), self._config)
        stored = passwords.hashed(password, self._config)
        with self._database.writing() as connection:
            row = _known(connection, name)
            user_rows.change(connection, row.user_id, password_hash=stored)
            self.sessions.end_all(connection, row.user_id, but=session)
            ended = ended_tokens(self.tokens.revoke_all(connection, row.user_id))
            self._note(connection, by, "change password", f"{row.name}{ended and ', '}{ended}", address)

    def change_own_password(self, user: User, old: str, new: str, *, address: str = "", session: str = "") -> None:
        """Let a user choose another password who knows the old one.

        Raises
        ------
        AccountError
            If the old one is wrong, too many wrong ones were tried, or the new one would be guessed.
        """
        self._check(user, old, address)
        self.set_password(user.name, new, by=user.name, address=address, session=session)

    def make_token(
        self,
        user: User,
        password: str,
        label: str,
        *,
        scope: Scope,
        days: float | None = None,
        address: str = "",
    ) -> tuple[TokenRecord, str]:
        """A token as `Tokens.make` makes it, for a user who knows their password; who has none comes by the proxy.

        Raises
        ------
        AccountError
            If the password is wrong, too many wrong ones were tried, or the token cannot be made.
        """
        if self.get(user.name).by_password:
            self._check(user, password, address)
        return self.tokens.make(user, label, scope=scope, days=days, address=address)

    def _check(self, user: User, password: str, address: str) -> None:
        try:
            self.logins.check(user, password, address=address)
        except LoginError as error:
            raise AccountError("the password that you have now is another") from error

    def deactivate(self, name: str, *, by: str, address: str = "") -> None:
        """Close an account at once: its sessions and tokens end. What it did stays in the logs.

        Raises
        ------
        AccountError
            If there is no such user, or no admin would be left.
        """
        with self._database.writing("users") as connection:
            row = _known(connection, name)
            _keep_an_admin(connection, row)
            user_rows.change(connection, row.user_id, active=False)
            self.sessions.end_all(connection, row.user_id)
            self.tokens.revoke_all(connection, row.user_id)
            self._note(connection, by, "deactivate user", row.name, address)

    def activate(self, name: str, *, by: str, address: str = "") -> None:
        """Open a closed account again.

        Raises
        ------
        UnknownUserError
        """
        with self._database.writing() as connection:
            row = _known(connection, name)
            user_rows.change(connection, row.user_id, active=True)
            self._note(connection, by, "activate user", row.name, address)

    def _note(self, connection: sa.Connection, by: str, action: str, detail: str, address: str) -> None:
        audit.write(connection, at=self._now(), who=by, action=action, address=address, detail=detail)


def _account(row: Any) -> Account:  # noqa: ANN401 - a row of the table
    user = User(row.user_id, row.name, Role(row.role))
    return Account(user, row.active, bool(row.password_hash), row.created_at)


def _known(connection: sa.Connection, name: str) -> Any:  # noqa: ANN401 - a row of the table
    row = user_rows.find(connection, name.strip().lower())
    if row is None:
        raise UnknownUserError(name)
    return row


def _keep_an_admin(connection: sa.Connection, row: Any) -> None:  # noqa: ANN401 - a row of the table
    others = sa.select(sa.func.count()).where(
        UserRow.role == str(Role.ADMIN), UserRow.active, UserRow.user_id != row.user_id
    )
    if row.role == Role.ADMIN and row.active and connection.execute(others).scalar_one() == 0:
        raise AccountError(f"{row.name} is the only admin: make another one first")
