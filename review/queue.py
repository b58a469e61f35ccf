"""The queue: flags by filter, a page at a time, with counts, and what stands before and after each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from review.database import Database
from review.filters import Filter as Filter
from review.flags import Flag
from review.queries import ORDERS, RANKED, by_id, record
from review.records import FlagRecord

LARGEST_PAGE = 500
FEW_FOUND = 1000
_AT_ONCE = 1000  # flags read from the database in one go
FACETS = ("status", "regime", "kind")


@dataclass(frozen=True, slots=True)
class Page:
    """Some flags in order: page ``page`` of ``pages`` (1 at least) with ``size`` each, of ``total`` flags in all."""

    flags: list[FlagRecord]
    total: int
    page: int
    pages: int
    size: int


class Queue:
    """Flags as analysts work through them.

    ``norad_ids`` narrows a filter to these objects: those of its owners and its watch-list, which are known elsewhere.
    """

    database: Database

    def page(self, wanted: Filter, page: int = 1, size: int = 50, norad_ids: Collection[int] | None = None) -> Page:
        """One page of the flags that a filter lets through, the last one where there are fewer.

        Parameters
        ----------
        wanted : Filter
        page : int
            From 1.
        size : int
            Flags on a page, up to `LARGEST_PAGE`.
        norad_ids : collection of int, optional
        """
        size = min(max(size, 1), LARGEST_PAGE)
        order = ORDERS[wanted.order]
        with self.database.reading() as connection:
            total, where = _found(connection, wanted, norad_ids)
            pages = max(ceil(total / size), 1)
            page = min(max(page, 1), pages)
            chosen = sa.select(Flag.flag_id).where(*where).order_by(*order).limit(size).offset((page - 1) * size)
            few = chosen.subquery()
            rows = connection.execute(RANKED.join(few, few.c.flag_id == Flag.flag_id).order_by(*order)).mappings()
            return Page([record(row) for row in rows], total, page, pages, size)

    def every(self, wanted: Filter, norad_ids: Collection[int] | None = None) -> Iterator[FlagRecord]:
        """All flags that a filter lets through, in its order, read as they are asked for.

        The database is held until the last is taken: take them without waiting for anybody.
        """
        chosen = RANKED.where(*_conditions(wanted, norad_ids)).order_by(*ORDERS[wanted.order])
        with self.database.reading() as connection:
            for row in connection.execution_options(yield_per=_AT_ONCE).execute(chosen).mappings():
                yield record(row)

    def counts(self, wanted: Filter, norad_ids: Collection[int] | None = None) -> dict[str, dict[str, int]]:
        """How many flags there are of each status, regime and kind.

        Each figure is what one would see on choosing that value instead: the filter's own choice among the statuses
        does not count for the statuses, and so on. Values without flags are left out.
        """
        columns = [getattr(Flag, name) for name in FACETS]
        where = _conditions(wanted.without(*FACETS), norad_ids)
        cube = sa.select(*columns, sa.func.count().label("flags")).where(*where).group_by(*columns)
        with self.database.reading() as connection:
            cells = connection.execute(cube).all()
        chosen = {"status": set(map(str, wanted.statuses)), "regime": set(wanted.regimes), "kind": set(wanted.kinds)}
        found: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for *values, flags in cells:
            fits = {name: not chosen[name] or value in chosen[name] for name, value in zip(FACETS, values, strict=True)}
            for name, value in zip(FACETS, values, strict=True):
                if all(fit for other, fit in fits.items() if other != name):
                    found[name][value] += flags
        return {name: dict(sorted(counts.items())) for name, counts in found.items()}

    def beside(
        self, wanted: Filter, flag_id: str, norad_ids: Collection[int] | None = None
    ) -> tuple[str | None, str | None]:
        """Ids of the flags before and after one in a filter's order, whether or not the filter lets itself through.

        Raises
        ------
        UnknownFlagError, AmbiguousIdError
        """
        where = _conditions(wanted, norad_ids, nearest=True)
        with self.database.reading() as connection:
            flag = by_id(connection, flag_id)
            before, after = (_first(connection, where, _ways(flag, wanted.order, back=back)) for back in (True, False))
        return before, after


def _found(
    connection: sa.Connection, wanted: Filter, norad_ids: Collection[int] | None
) -> tuple[int, list[sa.ColumnElement[bool]]]:
    """How many flags a filter lets through, and the conditions by which a page of them is found soonest."""
    every = _conditions(wanted, norad_ids)
    if wanted.text:
        ids = connection.execute(sa.select(Flag.flag_id).where(*every).limit(FEW_FOUND + 1)).scalars().all()
        if len(ids) <= FEW_FOUND:  # rare words: the texts are read once, and not again for the page
            return len(ids), [Flag.flag_id.in_(ids)]
    total = connection.execute(sa.select(sa.func.count()).select_from(Flag).where(*every)).scalar_one()
    return total, _conditions(wanted, norad_ids, nearest=True)


_Way = tuple[list[sa.ColumnElement[bool]], list[Any]]


def _ways(flag: FlagRecord, order: str, *, back: bool) -> list[_Way]:
    """Where the next flag may be, nearest first: each a condition that an index answers, and an order."""
    by_id_ = Flag.flag_id.desc() if back else Flag.flag_id
    by_time = Flag.burn_time if back else Flag.burn_time.desc()
    by_value = Flag.unexpectedness.nulls_first() if back else Flag.unexpectedness.desc().nulls_last()
    other_id = Flag.flag_id < flag.flag_id if back else Flag.flag_id > flag.flag_id
    other_time = Flag.burn_time > flag.burn_time if back else Flag.burn_time < flag.burn_time
    same_time = Flag.burn_time == flag.burn_time
    if order == "time":
        return [([same_time, other_id], [by_id_]), ([other_time], [by_time, by_id_])]
    known = flag.unexpectedness is not None
    same: sa.ColumnElement[bool] = (
        Flag.unexpectedness == flag.unexpectedness if known else Flag.unexpectedness.is_(None)
    )
    ways: list[_Way] = [([same, same_time, other_id], [by_id_]), ([same, other_time], [by_time, by_id_])]
    if known:
        farther = Flag.unexpectedness > flag.unexpectedness if back else Flag.unexpectedness < flag.unexpectedness
        ways.append(([farther], [by_value, by_time, by_id_]))
    if known and not back:
        ways.append(([Flag.unexpectedness.is_(None)], [by_time, by_id_]))
    if back and not known:
        ways.append(([Flag.unexpectedness.is_not(None)], [by_value, by_time, by_id_]))
    return ways


def _first(connection: sa.Connection, where: list[sa.ColumnElement[bool]], ways: list[_Way]) -> str | None:
    for conditions, order in ways:
        found = connection.execute(sa.select(Flag.flag_id).where(*where, *conditions).order_by(*order).limit(1))
        if (flag_id := found.scalar()) is not None:
            return str(flag_id)
    return None


def _conditions(
    wanted: Filter, norad_ids: Collection[int] | None, *, nearest: bool = False
) -> list[sa.ColumnElement[bool]]:
    """What a flag must be; with ``nearest`` for the first one from some place on, not for all."""
    where: list[sa.ColumnElement[bool]] = [Flag.withdrawn_at.is_(None)]
    if wanted.text and not nearest:  # going through an index costs SQLite three times a plain pass over the table
        where = [sa.func.coalesce(Flag.withdrawn_at, None).is_(None)]
    for column, values in (
        (Flag.status, [str(status) for status in wanted.statuses]),
        (Flag.regime, wanted.regimes),
        (Flag.kind, wanted.kinds),
    ):
        if values:
            where.append(column.in_(values))
    if wanted.since is not None:
        where.append(Flag.burn_time >= wanted.since)
    if wanted.until is not None:
        where.append(Flag.burn_time < wanted.until)
    if wanted.norad_id is not None:
        where.append(Flag.norad_id == wanted.norad_id)
    if norad_ids is not None:
        # Written into the statement: neither database takes any number of parameters.
        ids: sa.BindParameter[Any] = sa.bindparam(
            "norad_ids", sorted({int(one) for one in norad_ids}), expanding=True, literal_execute=True
        )
        where.append(Flag.norad_id.in_(ids))
    if wanted.listed:
        where.append(Flag.listed.is_(True))
    if wanted.assignee:
        where.append(Flag.assignee == wanted.assignee)
    if wanted.explanation is not None:
        maneuver = Flag.explanation == "maneuver"
        where.append(maneuver if wanted.explanation == "maneuver" else ~maneuver)
    where += [_says(word) for word in wanted.text.split()]
    return where


class _Like(sa.sql.functions.GenericFunction[bool]):
    """Whether a text is like a pattern, whatever the case of its letters (in SQLite of those of English).

    SQLAlchemy's own would have SQLite turn every text to lower case first, which takes as long as the search.
    """

    type = sa.Boolean()
    inherit_cache = True


@compiles(_Like, "sqlite")
def _in_sqlite(element: _Like, compiler: sa.sql.compiler.SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401
    return "({} LIKE {} ESCAPE '/')".format(*(compiler.process(one, **kwargs) for one in element.clauses))


@compiles(_Like)
def _elsewhere(element: _Like, compiler: sa.sql.compiler.SQLCompiler, **kwargs: Any) -> str:  # noqa: ANN401
    return "({} ILIKE {} ESCAPE '/')".format(*(compiler.process(one, **kwargs) for one in element.clauses))


def _says(word: str) -> sa.ColumnElement[bool]:
    """Whether the word is in the object's name or the reasons, or begins its number."""
    pattern = "%" + re.sub(r"([/%_])", r"/\1", word) + "%"
    said: list[sa.ColumnElement[bool]] = [
        _Like(column, pattern) for column in (Flag.name, sa.cast(Flag.reasons, sa.Text))
    ]
    if word.isdecimal() and word.isascii():
        said.append(sa.cast(Flag.norad_id, sa.Text).startswith(word))
    return sa.or_(*said)
