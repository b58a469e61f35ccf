"""The tables: flags and findings, and the append-only logs of verdicts and of news."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from review.records import State, Status


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A UTC instant: ``timestamptz`` in PostgreSQL, naive UTC text in SQLite; always aware in Python."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a time without its zone, and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without its zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give back UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What the tables share: names of constraints, and types that mean the same in both databases."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), float: sa.Double(), str: sa.Text()}  # noqa: RUF012


class Flag(Base):
    """A flag; the columns of `review.records.FlagRecord` less its rank, which is computed when read.

    ``burn_day`` (the burn's UTC day) serves the rank, ``content_hash`` tells whether scoring again changed anything.
    The indices by which flags are listed are in the migrations: they are written differently for each database.
    """

    __tablename__ = "flags"
    __table_args__ = (
        sa.UniqueConstraint("norad_id", "detector", "epoch_before", "epoch_after"),
        sa.CheckConstraint("status IN (" + ", ".join(f"'{status}'" for status in Status) + ")", name="status"),
    )

    flag_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    norad_id: Mapped[int]
    name: Mapped[str]
    regime: Mapped[str]
    detector: Mapped[str]
    epoch_before: Mapped[datetime]
    epoch_after: Mapped[datetime]
    burn_time: Mapped[datetime]
    burn_time_low: Mapped[datetime]
    burn_time_high: Mapped[datetime]
    burn_day: Mapped[date]
    dv_r_m_s: Mapped[float | None]
    dv_t_m_s: Mapped[float | None]
    dv_n_m_s: Mapped[float | None]
    dv_r_sigma_m_s: Mapped[float | None]
    dv_t_sigma_m_s: Mapped[float | None]
    dv_n_sigma_m_s: Mapped[float | None]
    dv_m_s: Mapped[float | None]
    dv_sigma_m_s: Mapped[float | None]
    kind: Mapped[str]
    score: Mapped[float]
    threshold: Mapped[float | None]
    probability: Mapped[float | None]
    unexpectedness: Mapped[float | None]
    reasons: Mapped[list[Any]] = mapped_column(sa.JSON)
    neighbours: Mapped[list[Any]] = mapped_column(sa.JSON)
    quality: Mapped[list[Any]] = mapped_column(sa.JSON)
    fit_status: Mapped[str]
    fit_note: Mapped[str]
    delta_a_km: Mapped[float | None]
    delta_i_deg: Mapped[float | None]
    delta_e: Mapped[float | None]
    chi2_ratio: Mapped[float | None]
    explanation: Mapped[str]
    explanation_note: Mapped[str]
    model_version: Mapped[str]
    data_snapshot: Mapped[str]
    config_hash: Mapped[str]
    first_seen_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    available_at: Mapped[datetime]
    status: Mapped[str]
    version: Mapped[int]
    withdrawn_at: Mapped[datetime | None]
    content_hash: Mapped[str]
    listed: Mapped[bool]
    finding_id: Mapped[str | None] = mapped_column(sa.String(36), sa.ForeignKey("findings.finding_id"))
    assignee: Mapped[str] = mapped_column(server_default="")
    judged_kind: Mapped[str] = mapped_column(server_default="")


class Verdict(Base):
    """One step of a review. Triggers in both databases refuse to change or delete a row."""

    __tablename__ = "verdicts"

    verdict_id: Mapped[int] = mapped_column(primary_key=True)
    flag_id: Mapped[str] = mapped_column(sa.String(36), sa.ForeignKey("flags.flag_id"), index=True)
    decided_at: Mapped[datetime]
    who: Mapped[str]
    from_status: Mapped[str]
    to_status: Mapped[str]
    note: Mapped[str]
    model_version: Mapped[str]
    flag_version: Mapped[int]
    kind: Mapped[str] = mapped_column(server_default="")
    assignee: Mapped[str] = mapped_column(server_default="")


class Finding(Base):
    """A finding; the columns of `review.records.FindingRecord` less its news.

    ``said`` is what the program that makes findings keeps with each for its next run. ``content_hash`` tells whether
    that run changed anything.
    """

    __tablename__ = "findings"
    __table_args__ = (
        sa.CheckConstraint("state IN (" + ", ".join(f"'{state}'" for state in State) + ")", name="state"),
    )

    finding_id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    norad_id: Mapped[int]
    name: Mapped[str]
    regime: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    news_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    headline: Mapped[str]
    expects: Mapped[str]
    reasons: Mapped[list[Any]] = mapped_column(sa.JSON)
    neighbours: Mapped[list[Any]] = mapped_column(sa.JSON)
    events: Mapped[list[Any]] = mapped_column(sa.JSON)
    partners: Mapped[list[Any]] = mapped_column(sa.JSON)
    unexpectedness: Mapped[float | None]
    dv_m_s: Mapped[float | None]
    listed: Mapped[bool]
    said: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    version: Mapped[int]
    content_hash: Mapped[str]


class FindingNews(Base):
    """One piece of news of a finding. Triggers in both databases refuse to change or delete a row.

    ``event`` is the later epoch of the burn window that it tells of, ``news_hash`` keeps the same from being told twice.
    """

    __tablename__ = "finding_news"
    __table_args__ = (sa.UniqueConstraint("finding_id", "news_hash"),)

    news_id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[str] = mapped_column(sa.String(36), sa.ForeignKey("findings.finding_id"))
    at: Mapped[datetime]
    text: Mapped[str]
    event: Mapped[datetime | None]
    news_hash: Mapped[str] = mapped_column(sa.String(32))
