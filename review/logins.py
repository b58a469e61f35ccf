"""Coming in and going out: by password, or on the word of a trusted proxy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa

from configs.desk import DeskConfig
from review import audit, lockout, passwords, user_rows
from review.database import Database
from review.records import Role
from review.sessions import Sessions
from review.tokens import Tokens, ended_tokens
from review.users import AccountError, BadNameError, User, clean_name, highest


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


class Logins:
    """How users come in and go out."""

    def __init__(
        self,
        database: Database,
        config: DeskConfig,
        now: Callable[[], datetime],
        sessions: Sessions,
        tokens: Tokens,
    ) -> None:
        self._database = database
        self._config = config
        self._now = now
        self._sessions = sessions
        self._tokens = tokens
        self._seen_by_proxy: dict[str, datetime] = {}

    def log_in(self, name: str, password: str, *, address: str = "", instead_of: str = "") -> tuple[User, str]:
        """Who this is, and the secret of a new session, which takes the place of the one with the secret ``instead_of``.

        Raises
        ------
        LoginError, LoginWaitError
        """

        def begin(connection: sa.Connection, user: User) -> str:
            return self._sessions.begin(connection, user, address, instead_of=instead_of)

        return self._enter(name, password, address, begin)

    def check(self, user: User, password: str, *, address: str = "") -> None:
        """Whether a user who is logged in knows their password.

        Raises
        ------
        LoginError, LoginWaitError
        """
        self._enter(user.name, password, address, lambda _connection, _user: "")

    def _enter(
        self, name: str, password: str, address: str, begin: Callable[[sa.Connection, User], str]
    ) -> tuple[User, str]:
        """The user, and what ``begin`` gives.

        Unknown and closed accounts are refused with the same words, work and waits as a wrong password.
        """
        who, row = self._asked(name)
        with self._database.reading() as connection:
            self._wait(connection, who, address)
        stored = row.password_hash if row is not None and row.active else ""
        right = passwords.matches(password, stored, self._config)
        renew = passwords.hashed(password, self._config) if right and passwords.outdated(stored, self._config) else ""
        # The only writer: of many guesses at once no more are looked at than of as many one by one.
        with self._database.writing("audit") as connection:
            self._wait(connection, who, address)
            step: dict[str, Any] = {"at": self._now(), "who": who, "action": lockout.LOG_IN, "address": address}
            if right and user_rows.find(connection, who) == row:  # neither closed nor changed meanwhile
                user = User(row.user_id, row.name, Role(row.role))
                if renew:
                    user_rows.change(connection, user.user_id, password_hash=renew)
                begun = begin(connection, user)
                audit.write(connection, **step)
                return user, begun
            audit.write(connection, **step, outcome=lockout.FAILED)
        raise LoginError

    def log_out(self, user: User, secret: str, *, address: str = "") -> None:
        """End the session with this secret."""
        with self._database.writing() as connection:
            self._sessions.end(connection, secret)
            audit.write(connection, at=self._now(), who=user.name, action="log out", address=address)

    def log_out_everywhere(self, user: User, *, address: str = "") -> int:
        """End all of the user's sessions and tokens; how many sessions they were."""
        with self._database.writing() as connection:
            ended = self._sessions.end_all(connection, user.user_id)
            step = {
                "action": "log out everywhere",
                "detail": ended_tokens(self._tokens.revoke_all(connection, user.user_id)),
            }
            audit.write(connection, at=self._now(), who=user.name, address=address, **step)
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
        roles = self._config.proxy_group_roles
        role = highest([Role(roles[one]) for one in groups if one in roles])
        if roles and role is None:
            return None
        row = self._row(name)
        if row is None and role is not None:
            with self._database.writing("users") as connection:
                if user_rows.find(connection, name) is None:
                    user_rows.insert(connection, name, role, "", at=self._now(), by="proxy", address=address)
            row = self._row(name)
        if row is None or not row.active:
            return None
        if role is not None and role != row.role:
            with self._database.writing() as connection:
                user_rows.change(connection, row.user_id, role=str(role))
                step = {"action": "change role", "detail": f"{name} is {role}"}
                audit.write(connection, at=self._now(), who="proxy", address=address, **step)
        self._note_proxy(name, address)
        return User(row.user_id, row.name, role or Role(row.role))

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
            return user_rows.find(connection, name)

    def _wait(self, connection: sa.Connection, who: str, address: str) -> None:
        wait = lockout.wait(connection, who, address, self._config, self._now())
        if wait > timedelta(0):
            raise LoginWaitError(wait)

    def _note_proxy(self, name: str, address: str) -> None:
        """Write a login by proxy down when it comes after a pause: the proxy names the user with each request."""
        now = self._now()
        seen = self._seen_by_proxy.get(name)
        if seen is None or now - seen > timedelta(hours=self._config.session_idle_hours):
            with self._database.writing() as connection:
                step = {"action": lockout.LOG_IN, "detail": "by the proxy"}
                audit.write(connection, at=now, who=name, address=address, **step)
        self._seen_by_proxy[name] = now
