"""Findings, the append-only log of their news, and what flags say of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

STATES = ("under way", "stopped", "closed")

SQLITE_TRIGGERS = (
    """CREATE TRIGGER finding_news_no_update BEFORE UPDATE ON finding_news
       BEGIN SELECT RAISE(ABORT, 'the news of findings are append-only'); END""",
    """CREATE TRIGGER finding_news_no_delete BEFORE DELETE ON finding_news
       BEGIN SELECT RAISE(ABORT, 'the news of findings are append-only'); END""",
    # INSERT OR REPLACE deletes without firing the trigger above.
    """CREATE TRIGGER finding_news_no_replace BEFORE INSERT ON finding_news
       WHEN EXISTS (SELECT 1 FROM finding_news WHERE news_id = NEW.news_id
                    OR (finding_id = NEW.finding_id AND news_hash = NEW.news_hash))
       BEGIN SELECT RAISE(ABORT, 'the news of findings are append-only'); END""",
)

POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION finding_news_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the news of findings are append-only'; END $$""",
    """CREATE TRIGGER finding_news_no_change BEFORE UPDATE OR DELETE ON finding_news
       FOR EACH ROW EXECUTE FUNCTION finding_news_append_only()""",
    """CREATE TRIGGER finding_news_no_truncate BEFORE TRUNCATE ON finding_news
       FOR EACH STATEMENT EXECUTE FUNCTION finding_news_append_only()""",
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    instant = sa.DateTime(timezone=True)

    def known(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
        return sa.Column(name, type_, nullable=False)

    def perhaps(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
        return sa.Column(name, type_, nullable=True)

    op.create_table(
        "findings",
        known("finding_id", sa.String(36)),
        known("norad_id", sa.Integer()),
        known("name", sa.Text()),
        known("regime", sa.Text()),
        known("kind", sa.Text()),
        known("state", sa.Text()),
        known("opened_at", instant),
        known("news_at", instant),
        perhaps("closed_at", instant),
        known("headline", sa.Text()),
        known("expects", sa.Text()),
        known("reasons", sa.JSON()),
        known("neighbours", sa.JSON()),
        known("events", sa.JSON()),
        known("partners", sa.JSON()),
        perhaps("unexpectedness", sa.Double()),
        perhaps("dv_m_s", sa.Double()),
        known("listed", sa.Boolean()),
        perhaps("said", sa.JSON()),
        known("version", sa.Integer()),
        known("content_hash", sa.Text()),
        sa.PrimaryKeyConstraint("finding_id", name="pk_findings"),
        sa.CheckConstraint("state IN (" + ", ".join(f"'{state}'" for state in STATES) + ")", name="state"),
    )
    op.create_table(
        "finding_news",
        known("news_id", sa.Integer()),
        known("finding_id", sa.String(36)),
        known("at", instant),
        known("text", sa.Text()),
        perhaps("event", instant),
        known("news_hash", sa.String(32)),
        sa.PrimaryKeyConstraint("news_id", name="pk_finding_news"),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.finding_id"], name="fk_finding_news_finding_id"),
        sa.UniqueConstraint("finding_id", "news_hash", name="uq_finding_news_finding_id"),
    )
    op.create_index("ix_findings_object", "findings", ["norad_id"])
    op.create_index("ix_finding_news_at", "finding_news", ["at"])
    op.add_column("flags", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.false()))
    # As both databases write it: alembic would copy the whole table for a foreign key in SQLite.
    op.execute(
        "ALTER TABLE flags ADD COLUMN finding_id VARCHAR(36) "
        "CONSTRAINT fk_flags_finding_id REFERENCES findings (finding_id)"
    )
    op.create_index("ix_flags_finding", "flags", ["finding_id"])
    for statement in POSTGRESQL_TRIGGERS if postgresql else SQLITE_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_flags_finding", "flags")
    op.drop_column("flags", "finding_id")
    op.drop_column("flags", "listed")
    op.drop_table("finding_news")
    op.drop_table("findings")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION finding_news_append_only()")
