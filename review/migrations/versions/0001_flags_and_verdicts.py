"""Flags, and the append-only log of their verdicts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

STATUSES = ("open", "in review", "confirmed", "routine", "data error", "duplicate")

SQLITE_TRIGGERS = (
    """CREATE TRIGGER verdicts_no_update BEFORE UPDATE ON verdicts
       BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END""",
    """CREATE TRIGGER verdicts_no_delete BEFORE DELETE ON verdicts
       BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END""",
    # INSERT OR REPLACE deletes without firing the trigger above.
    """CREATE TRIGGER verdicts_no_replace BEFORE INSERT ON verdicts
       WHEN EXISTS (SELECT 1 FROM verdicts WHERE verdict_id = NEW.verdict_id)
       BEGIN SELECT RAISE(ABORT, 'verdicts are append-only'); END""",
)

POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION verdicts_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'verdicts are append-only'; END $$""",
    """CREATE TRIGGER verdicts_no_change BEFORE UPDATE OR DELETE ON verdicts
       FOR EACH ROW EXECUTE FUNCTION verdicts_append_only()""",
    """CREATE TRIGGER verdicts_no_truncate BEFORE TRUNCATE ON verdicts
       FOR EACH STATEMENT EXECUTE FUNCTION verdicts_append_only()""",
)


def upgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    instant = sa.DateTime(timezone=True)

    def known(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
        return sa.Column(name, type_, nullable=False)

    def perhaps(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
        return sa.Column(name, type_, nullable=True)

    op.create_table(
        "flags",
        known("flag_id", sa.String(36)),
        known("norad_id", sa.Integer()),
        known("name", sa.Text()),
        known("regime", sa.Text()),
        known("detector", sa.Text()),
        known("epoch_before", instant),
        known("epoch_after", instant),
        known("burn_time", instant),
        known("burn_time_low", instant),
        known("burn_time_high", instant),
        known("burn_day", sa.Date()),
        perhaps("dv_r_m_s", sa.Double()),
        perhaps("dv_t_m_s", sa.Double()),
        perhaps("dv_n_m_s", sa.Double()),
        perhaps("dv_r_sigma_m_s", sa.Double()),
        perhaps("dv_t_sigma_m_s", sa.Double()),
        perhaps("dv_n_sigma_m_s", sa.Double()),
        perhaps("dv_m_s", sa.Double()),
        perhaps("dv_sigma_m_s", sa.Double()),
        known("kind", sa.Text()),
        known("score", sa.Double()),
        perhaps("threshold", sa.Double()),
        perhaps("probability", sa.Double()),
        perhaps("unexpectedness", sa.Double()),
        known("reasons", sa.JSON()),
        known("neighbours", sa.JSON()),
        known("quality", sa.JSON()),
        known("fit_status", sa.Text()),
        known("fit_note", sa.Text()),
        perhaps("delta_a_km", sa.Double()),
        perhaps("delta_i_deg", sa.Double()),
        perhaps("delta_e", sa.Double()),
        perhaps("chi2_ratio", sa.Double()),
        known("model_version", sa.Text()),
        known("data_snapshot", sa.Text()),
        known("config_hash", sa.Text()),
        known("first_seen_at", instant),
        known("updated_at", instant),
        known("available_at", instant),
        known("status", sa.Text()),
        known("version", sa.Integer()),
        perhaps("withdrawn_at", instant),
        known("content_hash", sa.Text()),
        sa.PrimaryKeyConstraint("flag_id", name="pk_flags"),
        sa.UniqueConstraint("norad_id", "detector", "epoch_before", "epoch_after", name="uq_flags_norad_id"),
        sa.CheckConstraint("status IN (" + ", ".join(f"'{status}'" for status in STATUSES) + ")", name="status"),
    )
    op.create_table(
        "verdicts",
        known("verdict_id", sa.Integer()),
        known("flag_id", sa.String(36)),
        known("decided_at", instant),
        known("who", sa.Text()),
        known("from_status", sa.Text()),
        known("to_status", sa.Text()),
        known("note", sa.Text()),
        known("model_version", sa.Text()),
        known("flag_version", sa.Integer()),
        sa.PrimaryKeyConstraint("verdict_id", name="pk_verdicts"),
        sa.ForeignKeyConstraint(["flag_id"], ["flags.flag_id"], name="fk_verdicts_flag_id"),
    )
    op.create_index("ix_verdicts_flag_id", "verdicts", ["flag_id"])

    # Nulls sort last in a descending index of SQLite by nature, in PostgreSQL only when told.
    unexpected = "unexpectedness DESC NULLS LAST" if postgresql else "unexpectedness DESC"
    for name, columns in {
        "unexpected": (unexpected, "burn_time DESC", "flag_id"),
        "time": ("burn_time DESC", "flag_id"),
        "object": ("norad_id", "burn_time DESC"),
        "status": ("status", unexpected),
        "day": ("burn_day", "withdrawn_at", "unexpectedness"),
    }.items():
        op.create_index(f"ix_flags_{name}", "flags", [sa.text(column) for column in columns])

    for statement in POSTGRESQL_TRIGGERS if postgresql else SQLITE_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_table("flags")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION verdicts_append_only()")
