"""The rows of accounts, read and written in somebody's transaction."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from review import audit
from review.records import Role
from review.tables import UserRow
from review.users import User


def find(connection: sa.Connection, name: str) -> sa.Row[tuple[object, ...]] | None:
    """The row of the account with this name, if there is one."""
    return connection.execute(sa.select(UserRow.__table__).where(UserRow.name == name)).one_or_none()


def insert(
    connection: sa.Connection, name: str, role: Role, password_hash: str, *, at: datetime, by: str, address: str
) -> User:
    """A new account, written down."""
    user_id = connection.execute(
        sa.insert(UserRow)
        .values(name=name, role=str(role), password_hash=password_hash, active=True, created_at=at)
        .returning(UserRow.user_id)
    ).scalar_one()
    audit.write(connection, at=at, who=by, action="add user", address=address, detail=f"{name} as {role}")
    return User(user_id, name, role)


def change(connection: sa.Connection, user_id: int, **values: object) -> None:
    """Other values for an account."""
    connection.execute(sa.update(UserRow).where(UserRow.user_id == user_id).values(**values))
