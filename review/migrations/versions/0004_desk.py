"""The analysts' desk: who settles flags and how, accounts, saved views, labels of others, runs, and notices to send."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BEFORE = ("open", "in review", "confirmed", "routine", "data error", "duplicate")
STATUSES = (*BEFORE, "unclear")
ROLES = ("viewer", "analyst", "admin")

SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
       BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
       BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    # INSERT OR REPLACE deletes without firing the trigger above.
    """CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
       WHEN EXISTS (SELECT 1 FROM audit WHERE audit_id = NEW.audit_id)
       BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
)

POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$""",
    """CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
       FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
       FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
)


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)

    def known(name: str, type_: sa.types.TypeEngine[Any], default: str | None = None) -> sa.Column[Any]:
        return sa.Column(name, type_, nullable=False, server_default=default)

    def perhaps(name: str, type_: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
        return sa.Column(name, type_, nullable=True)

    _allow(BEFORE, STATUSES)
    op.add_column("flags", known("assignee", sa.Text(), default=""))
    op.add_column("flags", known("judged_kind", sa.Text(), default=""))
    op.create_index("ix_flags_assignee", "flags", ["assignee"])
    op.add_column("verdicts", known("kind", sa.Text(), default=""))
    op.add_column("verdicts", known("assignee", sa.Text(), default=""))

    op.create_table(
        "users",
        known("user_id", sa.Integer()),
        known("name", sa.String(100)),
        known("role", sa.Text()),
        known("password_hash", sa.Text()),
        known("active", sa.Boolean()),
        known("created_at", instant),
        sa.PrimaryKeyConstraint("user_id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in ROLES) + ")", name="role"),
    )
    op.create_table(
        "sessions",
        known("session_hash", sa.String(64)),
        known("user_id", sa.Integer()),
        known("created_at", instant),
        known("seen_at", instant),
        known("expires_at", instant),
        known("address", sa.Text()),
        sa.PrimaryKeyConstraint("session_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_sessions_user_id"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "tokens",
        known("token_id", sa.Integer()),
        known("user_id", sa.Integer()),
        known("token_hash", sa.String(64)),
        known("label", sa.Text()),
        known("created_at", instant),
        perhaps("expires_at", instant),
        perhaps("used_at", instant),
        perhaps("revoked_at", instant),
        sa.PrimaryKeyConstraint("token_id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_tokens_user_id"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
    )
    op.create_table(
        "audit",
        known("audit_id", sa.Integer()),
        known("at", instant),
        known("who", sa.Text()),
        known("action", sa.Text()),
        known("outcome", sa.Text()),
        known("address", sa.Text()),
        known("detail", sa.Text()),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )
    op.create_index("ix_audit_who", "audit", ["who", "at"])
    op.create_table(
        "saved_views",
        known("view_id", sa.Integer()),
        known("user_id", sa.Integer()),
        known("name", sa.String(100)),
        known("query", sa.Text()),
        known("shared", sa.Boolean()),
        known("created_at", instant),
        sa.PrimaryKeyConstraint("view_id", name="pk_saved_views"),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_saved_views_user_id"),
        sa.UniqueConstraint("user_id", "name", name="uq_saved_views_user_id"),
    )
    op.create_table(
        "labels",
        known("label_id", sa.Integer()),
        known("label_hash", sa.String(32)),
        known("team", sa.Text()),
        known("norad_id", sa.Integer()),
        known("name", sa.Text()),
        known("epoch_before", instant),
        known("epoch_after", instant),
        known("burn_time", instant),
        known("verdict", sa.Text()),
        known("kind", sa.Text()),
        perhaps("dv_r_m_s", sa.Double()),
        perhaps("dv_t_m_s", sa.Double()),
        perhaps("dv_n_m_s", sa.Double()),
        known("decided_at", instant),
        known("note", sa.Text()),
        known("imported_at", instant),
        known("imported_by", sa.Text()),
        sa.PrimaryKeyConstraint("label_id", name="pk_labels"),
        sa.UniqueConstraint("label_hash", name="uq_labels_label_hash"),
    )
    op.create_index("ix_labels_norad_id", "labels", ["norad_id"])
    op.create_table(
        "runs",
        known("run_id", sa.String(36)),
        known("work", sa.Text()),
        known("started_at", instant),
        perhaps("ended_at", instant),
        known("outcome", sa.Text()),
        known("summary", sa.JSON()),
        known("mlflow_run_id", sa.Text()),
        known("prefect_run_id", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"])
    op.create_table(
        "notices",
        known("notice_id", sa.Integer()),
        known("notice_key", sa.String(64)),
        known("rule", sa.Text()),
        known("subject", sa.Text()),
        known("subject_id", sa.String(36)),
        known("title", sa.Text()),
        known("body", sa.Text()),
        known("made_at", instant),
        known("due_at", instant),
        perhaps("claimed_until", instant),
        known("attempts", sa.Integer()),
        perhaps("sent_at", instant),
        known("error", sa.Text()),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices"),
        sa.UniqueConstraint("notice_key", name="uq_notices_notice_key"),
    )
    op.create_index("ix_notices_due_at", "notices", ["sent_at", "due_at"])
    for statement in POSTGRESQL_TRIGGERS if _postgresql() else SQLITE_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("notices", "runs", "labels", "saved_views", "audit", "tokens", "sessions", "users"):
        op.drop_table(table)
    if _postgresql():
        op.execute("DROP FUNCTION audit_append_only()")
    op.drop_column("verdicts", "assignee")
    op.drop_column("verdicts", "kind")
    op.drop_index("ix_flags_assignee", "flags")
    op.drop_column("flags", "judged_kind")
    op.drop_column("flags", "assignee")
    _allow(STATUSES, BEFORE)


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _allow(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Change what a flag's status may be."""
    before, after = ("status IN (" + ", ".join(f"'{one}'" for one in some) + ")" for some in (old, new))
    if _postgresql():
        op.execute("ALTER TABLE flags DROP CONSTRAINT ck_flags_status")
        op.execute(f"ALTER TABLE flags ADD CONSTRAINT ck_flags_status CHECK ({after})")
        return
    # SQLite has no statement for it, and copying the table would take the verdicts' reference to it apart. Its manual
    # allows to rewrite the schema's text where, as here, nothing on disk looks other for it.
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :before, :after) "
            "WHERE type = 'table' AND name = 'flags' AND instr(sql, :before) > 0"
        ),
        {"before": before, "after": after},
    )
    if changed.rowcount != 1:
        raise RuntimeError("the table of flags has no such rule for the status")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")
