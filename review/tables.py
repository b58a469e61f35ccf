"""The tables of the desk beside those of flags: accounts, their audit, saved views, labels of others, runs and notices."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from review.flags import Base
from review.records import Role


class UserRow(Base):
    """A person, or a program of theirs. ``password_hash`` is empty for those whom only a proxy lets in."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("name"),
        sa.CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in Role) + ")", name="role"),
    )

    user_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    role: Mapped[str]
    password_hash: Mapped[str]
    active: Mapped[bool]
    created_at: Mapped[datetime]


class SessionRow(Base):
    """A login in a browser, by the SHA-256 of the secret in its cookie."""

    __tablename__ = "sessions"

    session_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.user_id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str]


class TokenRow(Base):
    """A secret for programs, by its SHA-256."""

    __tablename__ = "tokens"
    __table_args__ = (sa.UniqueConstraint("token_hash"),)

    token_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.user_id"))
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    label: Mapped[str]
    scope: Mapped[str] = mapped_column(server_default="verdicts")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class AuditRow(Base):
    """What was done to accounts, and who tried to come in. Triggers in both databases refuse to change or delete a row."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index("ix_audit_who", "who", "at"),)

    audit_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str]
    action: Mapped[str]
    outcome: Mapped[str]
    address: Mapped[str]
    detail: Mapped[str]


class SavedViewRow(Base):
    """A named filter of the queue: ``query`` is that of its URL."""

    __tablename__ = "saved_views"
    __table_args__ = (sa.UniqueConstraint("user_id", "name"),)

    view_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("users.user_id"))
    name: Mapped[str] = mapped_column(sa.String(100))
    query: Mapped[str]
    shared: Mapped[bool]
    created_at: Mapped[datetime]


class LabelRow(Base):
    """A verdict of another team; ``label_hash`` is its content's, so that importing it again changes nothing."""

    __tablename__ = "labels"
    __table_args__ = (sa.UniqueConstraint("label_hash"),)

    label_id: Mapped[int] = mapped_column(primary_key=True)
    label_hash: Mapped[str] = mapped_column(sa.String(32))
    team: Mapped[str]
    norad_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]
    epoch_before: Mapped[datetime]
    epoch_after: Mapped[datetime]
    burn_time: Mapped[datetime]
    verdict: Mapped[str]
    kind: Mapped[str]
    dv_r_m_s: Mapped[float | None]
    dv_t_m_s: Mapped[float | None]
    dv_n_m_s: Mapped[float | None]
    decided_at: Mapped[datetime]
    note: Mapped[str]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]


class RunRow(Base):
    """One run of a pipeline; ``summary`` is what it counted, ``outcome`` 'running', 'done' or 'failed'."""

    __tablename__ = "runs"

    run_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    work: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str]
    summary: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    mlflow_run_id: Mapped[str]
    prefect_run_id: Mapped[str]


class NoticeRow(Base):
    """A message that a rule wants sent to a target, once: ``notice_key`` is made of rule, target, subject and what is told
    of it.
    """

    __tablename__ = "notices"
    __table_args__ = (sa.UniqueConstraint("notice_key"), sa.Index("ix_notices_due_at", "sent_at", "due_at"))

    notice_id: Mapped[int] = mapped_column(primary_key=True)
    notice_key: Mapped[str] = mapped_column(sa.String(64))
    rule: Mapped[str]
    target: Mapped[str] = mapped_column(server_default="")
    subject: Mapped[str]
    subject_id: Mapped[str] = mapped_column(sa.String(36))
    title: Mapped[str]
    body: Mapped[str]
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]
    error: Mapped[str]


class ScoringRow(Base):
    """The one row that ties a database to the home that is scored into it; see `review.scoring`."""

    __tablename__ = "scoring"

    database_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    mark: Mapped[str]
    made_from: Mapped[str]
