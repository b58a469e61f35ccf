"""A user as a plain value, and what can be wrong with one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from review.errors import ReviewError
from review.records import Role, Scope

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
_ORDER = (Role.VIEWER, Role.ANALYST, Role.ADMIN)


class AccountError(ReviewError):
    """Something about an account cannot be done."""


class UnknownUserError(AccountError):
    """Nobody has this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no user {name!r}: list them with `burnwatch users list`")


class BadNameError(AccountError):
    """Not a name for an account."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"{name!r} is no name for an account: give 1 to 100 of a-z, 0-9 and . _ @ + -, a letter or digit first"
        )


@dataclass(frozen=True, slots=True)
class User:
    """Who asks, and what they may do; ``scope`` is that of the token by which a program asks for them."""

    user_id: int
    name: str
    role: Role
    scope: Scope | None = field(default=None, compare=False)

    def may(self, role: Role) -> bool:
        """Whether this user has at least ``role``."""
        return _ORDER.index(self.role) >= _ORDER.index(role)


@dataclass(frozen=True, slots=True)
class Account:
    """A user as an admin sees them; ``by_password`` is false for those whom only a proxy lets in."""

    user: User
    active: bool
    by_password: bool
    created_at: datetime


def clean_name(name: str) -> str:
    """A name as it is kept: case does not tell two accounts apart.

    Raises
    ------
    BadNameError
    """
    lower = name.strip().lower()
    if not _NAME.fullmatch(lower):
        raise BadNameError(name)
    return lower


def lowest(roles: list[Role]) -> Role:
    """The role that may least."""
    return min(roles, key=_ORDER.index)


def highest(roles: list[Role]) -> Role | None:
    """The role that may most, None of none."""
    return max(roles, key=_ORDER.index, default=None)
