"""Findings page by page, by what they have in common."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from review.database import Database
from review.flags import Finding
from review.records import FindingRecord, State

ListOrder = Literal["news", "unexpected"]

_COLUMNS = [getattr(Finding, field.name) for field in fields(FindingRecord) if field.name != "news"]
_UNEXPECTED = Finding.unexpectedness.desc().nulls_last()
_ORDERS: dict[str, tuple[Any, ...]] = {
    "news": (Finding.news_at.desc(), _UNEXPECTED, Finding.finding_id),
    "unexpected": (_UNEXPECTED, Finding.news_at.desc(), Finding.finding_id),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Conditions on findings, all of which hold; what is empty or None does not narrow.

    ``text`` is words, each of which is in the object's name or the headline, or begins its number.
    """

    text: str = ""
    kind: str = ""
    state: State | None = None
    regime: str = ""
    listed: bool = False


class FindingPage(NamedTuple):
    """A page of findings, without their news, and how many there are in all."""

    findings: list[FindingRecord]
    total: int


def page_of(
    database: Database, wanted: Wanted, order: ListOrder = "news", page: int = 1, size: int = 50
) -> FindingPage:
    """A page of the findings that are wanted, those with the newest news or the most unexpected first."""
    conditions = _conditions(wanted)
    chosen = sa.select(*_COLUMNS).where(*conditions).order_by(*_ORDERS[order])
    with database.reading() as connection:
        rows = connection.execute(chosen.limit(size).offset((page - 1) * size)).mappings().all()
        total = connection.execute(sa.select(sa.func.count()).select_from(Finding).where(*conditions)).scalar_one()
    return FindingPage([FindingRecord(**{**row, "state": State(row["state"])}) for row in rows], total)


def counts(database: Database, wanted: Wanted) -> dict[State, int]:
    """How many findings are in each state, whatever state is wanted."""
    conditions = _conditions(Wanted(text=wanted.text, kind=wanted.kind, regime=wanted.regime, listed=wanted.listed))
    chosen = sa.select(Finding.state, sa.func.count()).where(*conditions).group_by(Finding.state)
    with database.reading() as connection:
        found = {State(state): count for state, count in connection.execute(chosen)}
    return {state: found.get(state, 0) for state in State}


def kinds(database: Database) -> list[str]:
    """The kinds of findings that there are, sorted."""
    with database.reading() as connection:
        return list(connection.execute(sa.select(Finding.kind).distinct().order_by(Finding.kind)).scalars())


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for word in wanted.text.split():
        number = sa.cast(Finding.norad_id, sa.Text)
        found.append(
            sa.or_(
                Finding.name.icontains(word, autoescape=True),
                Finding.headline.icontains(word, autoescape=True),
                number.startswith(word, autoescape=True),
            )
        )
    if wanted.kind:
        found.append(Finding.kind == wanted.kind)
    if wanted.state is not None:
        found.append(Finding.state == str(wanted.state))
    if wanted.regime:
        found.append(Finding.regime == wanted.regime)
    if wanted.listed:
        found.append(Finding.listed.is_(True))
    return found
