"""Accounts: who may do what at the desk, and how they get in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa

from configs.desk import DeskConfig
from review import audit, lockout, passwords
from review.database import Database
from review.records import Role
from review.sessions import Sessions
from review.tables import UserRow
from review.tokens import Tokens
from review.users import Account, AccountError, BadNameError, UnknownUserError, User, clean_name, highest

__all__ = ["Account", "AccountError", "Accounts", "LoginError", "LoginWaitError", "UnknownUserError", "User"]


class LoginError(AccountError):
    """Name and password let nobody in; which of them is wrong, or whether there is such an account, is not told."""

    def __init__(self) -> None:
        super().__init__("name or password is wrong")


class LoginWaitError(AccountError):
    """Too many logins failed: the next has to wait.

    Attributes
    ----------
    seconds : int
        How long.
    """

    def __init__(self, wait: timedelta) -> None:
        self.seconds = ceil(wait.total_seconds())
        super().__init__(f"too many failed logins: try again in {self.seconds} s")


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
        self.audit = audit.Audit(database)
        self._seen_by_proxy: dict[str, datetime] = {}

    # -- getting in

    def log_in(self, name: str, password: str, *, address: str = "", instead_of: str = "") -> tuple[User, str]:
        """Who this is, and the secret of a new session, which takes the place of the one with the secret ``instead_of``.

        Unknown and closed accounts are refused with the same words, work and waits as a wrong password.

        Raises
        ------
        LoginError, LoginWaitError
        """
        who, row = self._asked(name)
        with self._database.reading() as connection:
            self._wait(connection, who, address)
        stored = row.password_hash if row is not None and row.active else ""
        right = passwords.matches(password, stored, self._config)
        renewed = (
            passwords.hashed(password, self._config) if right and passwords.outdated(stored, self._config) else None
        )
        # The only writer: of many guesses at once no more are looked at than of as many one by one.
        with self._database.writing("audit") as connection:
            self._wait(connection, who, address)
            step: dict[str, Any] = {"at": self._now(), "who": who, "action": lockout.LOG_IN, "address": address}
            if right and row is not None:
                user = User(row.user_id, row.name, Role(row.role))
                if renewed is not None:
                    self._change(connection, user.user_id, password_hash=renewed)
                secret = self.sessions.begin(connection, user, address, instead_of=instead_of)
                audit.write(connection, **step)
                return user, secret
            audit.write(connection, **step, outcome=lockout.FAILED)
        raise LoginError

    def log_out(self, user: User, secret: str, *, address: str = "") -> None:
        """End the session with this secret."""
        with self._database.writing() as connection:
            self.sessions.end(connection, secret)
            audit.write(connection, at=self._now(), who=user.name, action="log out", address=address)

    def log_out_everywhere(self, user: User, *, but: str = "", address: str = "") -> int:
        """End the user's sessions, less the one with the secret ``but``; how many they were."""
        with self._database.writing() as connection:
            ended = self.sessions.end_all(connection, user.user_id, but=but)
            audit.write(connection, at=self._now(), who=user.name, action="log out everywhere", address=address)
        return ended

    def from_proxy(self, name: str, groups: Sequence[str], *, address: str = "") -> User | None:
        """Whom a trusted proxy let in under this name; None if that gives no account.

        Where groups give roles, an account is made for who is new and its role kept as the groups say; none of them
        is no account. A closed account stays closed.
        """
        try:
            name = clean_name(name)
        except BadNameError:
            return None
        role = None
        if self._config.proxy_group_roles:
            role = highest(
                [Role(self._config.proxy_group_roles[one]) for one in groups if one in self._config.proxy_group_roles]
            )
            if role is None:
                return None
        row = self._row(name)
        if row is None and role is not None:
            with self._database.writing("users") as connection:
                if connection.execute(sa.select(UserRow.user_id).where(UserRow.name == name)).one_or_none() is None:
                    self._insert(connection, name, role, "", by="proxy", address=address)
            row = self._row(name)
        if row is None or not row.active:
            return None
        if role is not None and role != row.role:
            with self._database.writing() as connection:
                self._change(connection, row.user_id, role=str(role))
                self._note(connection, "proxy", "change role", f"{name} is {role}", address)
        self._note_proxy(name, address)
        return User(row.user_id, row.name, role or Role(row.role))

    # -- keeping accounts

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
            if connection.execute(sa.select(UserRow.user_id).where(UserRow.name == name)).one_or_none() is not None:
                raise AccountError(f"there is a user {name!r} already: choose another name, or change that account")
            return self._insert(connection, name, role, stored, by=by, address=address)

    def all(self) -> list[Account]:
        """Every account by name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(UserRow.__table__).order_by(UserRow.name)).all()
        return [
            Account(User(row.user_id, row.name, Role(row.role)), row.active, bool(row.password_hash), row.created_at)
            for row in rows
        ]

    def get(self, name: str) -> Account:
        """The account with this name.

        Raises
        ------
        UnknownUserError
        """
        for account in self.all():
            if account.user.name == name.strip().lower():
                return account
        raise UnknownUserError(name)

    def set_role(self, name: str, role: Role, *, by: str, address: str = "") -> None:
        """Let a user do more or less, from their next request on.

        Raises
        ------
        AccountError
            If there is no such user, or no admin would be left.
        """
        with self._database.writing("users") as connection:
            row = self._known(connection, name)
            if role is not Role.ADMIN:
                self._keep_an_admin(connection, row)
            self._change(connection, row.user_id, role=str(role))
            self._note(connection, by, "change role", f"{row.name} is {role}", address)

    def set_password(self, name: str, password: str, *, by: str, address: str = "", session: str = "") -> None:
        """Give a user another password, and end their sessions less that with the secret ``session``.

        Raises
        ------
        AccountError
            If there is no such user, or the password would be guessed.
        """
        passwords.check(password, name.strip().lower(), self._config)
        stored = passwords.hashed(password, self._config)
        with self._database.writing() as connection:
            row = self._known(connection, name)
            self._change(connection, row.user_id, password_hash=stored)
            self.sessions.end_all(connection, row.user_id, but=session)
            self._note(connection, by, "change password", row.name, address)

    def change_own_password(self, user: User, old: str, new: str, *, address: str = "", session: str = "") -> None:
        """Let a user choose another password who knows the old one.

        Raises
        ------
        AccountError
            If the old one is wrong, too many wrong ones were tried, or the new one would be guessed.
        """
        _, row = self._asked(user.name)
        with self._database.reading() as connection:
            self._wait(connection, user.name, address)
        if row is None or not passwords.matches(old, row.password_hash, self._config):
            with self._database.writing("audit") as connection:
                self._wait(connection, user.name, address)
                step = {"action": lockout.LOG_IN, "outcome": lockout.FAILED, "detail": "to change the password"}
                audit.write(connection, at=self._now(), who=user.name, address=address, **step)
            raise AccountError("the password that you have now is another")
        self.set_password(user.name, new, by=user.name, address=address, session=session)

    def deactivate(self, name: str, *, by: str, address: str = "") -> None:
        """Close an account at once: its sessions and tokens end. What it did stays in the logs.

        Raises
        ------
        AccountError
            If there is no such user, or no admin would be left.
        """
        with self._database.writing("users") as connection:
            row = self._known(connection, name)
            self._keep_an_admin(connection, row)
            self._change(connection, row.user_id, active=False)
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
            row = self._known(connection, name)
            self._change(connection, row.user_id, active=True)
            self._note(connection, by, "activate user", row.name, address)

    # -- the rows

    def _asked(self, name: str) -> tuple[str, Any]:
        """Under what a login is written down, and its account if there is one.

        An unknown name is written as a digest: it may be a password that went into the wrong field, and the audit
        can never be cleaned of it.
        """
        try:
            cleaned = clean_name(name)
        except BadNameError:
            row, cleaned = None, name.strip().lower()
        else:
            row = self._row(cleaned)
        if row is None:
            return f"unknown {hashlib.sha256(cleaned.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}", None
        return row.name, row

    def _row(self, name: str) -> Any:  # noqa: ANN401 - a row of the table
        with self._database.reading() as connection:
            return connection.execute(sa.select(UserRow.__table__).where(UserRow.name == name)).one_or_none()

    def _known(self, connection: sa.Connection, name: str) -> Any:  # noqa: ANN401 - a row of the table
        row = connection.execute(sa.select(UserRow.__table__).where(UserRow.name == name.strip().lower())).one_or_none()
        if row is None:
            raise UnknownUserError(name)
        return row

    def _insert(self, connection: sa.Connection, name: str, role: Role, stored: str, *, by: str, address: str) -> User:
        user_id = connection.execute(
            sa.insert(UserRow)
            .values(name=name, role=str(role), password_hash=stored, active=True, created_at=self._now())
            .returning(UserRow.user_id)
        ).scalar_one()
        self._note(connection, by, "add user", f"{name} as {role}", address)
        return User(user_id, name, role)

    def _change(self, connection: sa.Connection, user_id: int, **values: object) -> None:
        connection.execute(sa.update(UserRow).where(UserRow.user_id == user_id).values(**values))

    def _note(self, connection: sa.Connection, who: str, action: str, detail: str, address: str) -> None:
        audit.write(connection, at=self._now(), who=who, action=action, address=address, detail=detail)

    def _wait(self, connection: sa.Connection, who: str, address: str) -> None:
        wait = lockout.wait(connection, who, address, self._config, self._now())
        if wait > timedelta(0):
            raise LoginWaitError(wait)

    def _keep_an_admin(self, connection: sa.Connection, row: Any) -> None:  # noqa: ANN401 - a row of the table
        others = sa.select(sa.func.count()).where(
            UserRow.role == str(Role.ADMIN), UserRow.active, UserRow.user_id != row.user_id
        )
        if row.role == Role.ADMIN and row.active and connection.execute(others).scalar_one() == 0:
            raise AccountError(f"{row.name} is the only admin: make another one first")

    def _note_proxy(self, name: str, address: str) -> None:
        """Write a login by proxy down when it comes after a pause: the proxy names the user with each request."""
        now = self._now()
        seen = self._seen_by_proxy.get(name)
        if seen is None or now - seen > timedelta(hours=self._config.session_idle_hours):
            with self._database.writing() as connection:
                audit.write(connection, at=now, who=name, action=lockout.LOG_IN, address=address, detail="by the proxy")
        self._seen_by_proxy[name] = now
