"""Who may use the desk, and what each may do there."""

from __future__ import annotations

from dataclasses import dataclass

from review.database import Database
from review.records import Role


@dataclass(frozen=True, slots=True)
class User:
    """A person who is logged in, or a program of theirs."""

    user_id: int
    name: str
    role: Role


class Accounts:
    """The users of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, role: Role, password: str, *, by: str) -> None:
        """Stub."""
