"""Filters of the queue that people keep under a name, for themselves or for all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from review.columns import clean_text
from review.database import Database
from review.errors import ReviewError
from review.filters import Filter
from review.tables import SavedViewRow, UserRow

LONGEST_NAME = 100
MOST_VIEWS = 100


class InvalidViewError(ReviewError):
    """A view that cannot be kept.

    Attributes
    ----------
    field : str
        What is at fault.
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field = field
        super().__init__(f"{field}: {reason}")


class UnknownViewError(ReviewError):
    """The person has no view with this id: it was removed, or is another's."""

    def __init__(self, view_id: int) -> None:
        self.view_id = view_id
        super().__init__(f"no view {view_id} of yours: it was removed, or is another's")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """A named filter: ``query`` is that of its URL, ``owner`` the person's name, ``shared`` whether all see it."""

    view_id: int
    user_id: int
    owner: str
    name: str
    query: str
    shared: bool
    created_at: datetime


_VIEWS = sa.select(*(column for column in SavedViewRow.__table__.columns), UserRow.name.label("owner")).join_from(
    SavedViewRow, UserRow, UserRow.user_id == SavedViewRow.user_id
)


class SavedViews:
    """The saved views of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user_id: int) -> list[SavedView]:
        """The person's own views by name, then those that others share."""
        mine = SavedViewRow.user_id == user_id
        seen = _VIEWS.where(mine | SavedViewRow.shared).order_by(~mine, SavedViewRow.name, SavedViewRow.view_id)
        with self._database.reading() as connection:
            return [SavedView(**row) for row in connection.execute(seen).mappings()]

    def save(self, user_id: int, name: str, query: str, *, shared: bool = False) -> SavedView:
        """Keep a filter under a name; the person's view of that name, if any, becomes this one.

        Parameters
        ----------
        user_id : int
        name : str
        query : str
            The query of the queue's URL; only what is a filter's is kept.
        shared : bool
            Whether all see it.

        Raises
        ------
        InvalidFilterError, InvalidViewError
        """
        name = clean_text(name).strip()
        if not 0 < len(name) <= LONGEST_NAME:
            raise InvalidViewError("name", f"give the view a name of 1 to {LONGEST_NAME} characters")
        values = {"query": Filter.from_query(query).query(), "shared": shared}
        own = SavedViewRow.user_id == user_id
        with self._database.writing("saved_views") as connection:
            changed = connection.execute(sa.update(SavedViewRow).where(own, SavedViewRow.name == name).values(**values))
            if changed.rowcount == 0:
                views = connection.execute(sa.select(sa.func.count()).select_from(SavedViewRow).where(own)).scalar_one()
                if views >= MOST_VIEWS:
                    raise InvalidViewError("name", f"you have {views} views: remove one before you save another")
                row = {"user_id": user_id, "name": name, "created_at": datetime.now(UTC)}
                connection.execute(sa.insert(SavedViewRow).values(**row, **values))
            kept = connection.execute(_VIEWS.where(own, SavedViewRow.name == name)).mappings().one()
            return SavedView(**kept)

    def remove(self, user_id: int, view_id: int) -> None:
        """Forget a view of the person's own.

        Raises
        ------
        UnknownViewError
            Also of a view that another shares.
        """
        own = sa.delete(SavedViewRow).where(SavedViewRow.user_id == user_id, SavedViewRow.view_id == view_id)
        with self._database.writing() as connection:
            if connection.execute(own).rowcount == 0:
                raise UnknownViewError(view_id)
