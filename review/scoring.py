"""How far scoring has come in a database of flags."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from review.database import Database
from review.tables import ScoringRow


class Scored(NamedTuple):
    """The last scoring run of a database.

    Attributes
    ----------
    database_id : str
        Drawn when the database was made: copies and backups of it share it, no other has it.
    mark : str
        Drawn by that run; '' before the first.
    made_from : str
        The mark of the state that the run began with.
    """

    database_id: str
    mark: str
    made_from: str


class ScoringState:
    """The mark of the last scoring run whose flags and findings are all in a database; a part of `review.store.FlagStore`.

    Every method raises StoreUnavailableError if the database cannot be reached or stays locked.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> Scored:
        """The last run."""
        columns = ScoringRow.database_id, ScoringRow.mark, ScoringRow.made_from
        with self._database.reading() as connection:
            return Scored(*connection.execute(sa.select(*columns)).one())

    def done(self, mark: str, made_from: str) -> None:
        """Note that all flags and findings of a run are in; called last."""
        with self._database.writing() as connection:
            connection.execute(sa.update(ScoringRow).values(mark=mark, made_from=made_from))
