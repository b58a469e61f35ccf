"""Indices that hold all that the queue's filters ask for, so that pages and counts read no flag that they do not show."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

FILTERED = ("listed", "assignee", "explanation", "norad_id")


FACETS = ("status", "regime", "kind")


def upgrade() -> None:
    for name in ("unexpected", "time", "status"):
        op.drop_index(f"ix_flags_{name}", "flags")
    for name, columns in {
        "counts": (*FACETS, "burn_time", *FILTERED),
        "unexpected": (_unexpected(), "burn_time DESC", "flag_id", *FACETS, *FILTERED),
        "time": ("burn_time DESC", "flag_id", *FACETS, *FILTERED),
    }.items():
        # PostgreSQL does not see that a column that is null everywhere leaves the others in order, SQLite does not read
        # from a partial index alone.
        if _postgresql():
            _create(name, columns, "withdrawn_at IS NULL")
        else:
            _create(name, ("withdrawn_at", *columns))


def downgrade() -> None:
    for name in ("unexpected", "time", "counts"):
        op.drop_index(f"ix_flags_{name}", "flags")
    _create("unexpected", (_unexpected(), "burn_time DESC", "flag_id"))
    _create("time", ("burn_time DESC", "flag_id"))
    _create("status", ("status", _unexpected()))


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _unexpected() -> str:
    # Nulls sort last in a descending index of SQLite by nature, in PostgreSQL only when told.
    return "unexpectedness DESC NULLS LAST" if _postgresql() else "unexpectedness DESC"


def _create(name: str, columns: tuple[str, ...], where: str | None = None) -> None:
    only = None if where is None else sa.text(where)
    op.create_index(f"ix_flags_{name}", "flags", [sa.text(column) for column in columns], postgresql_where=only)
