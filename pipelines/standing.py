"""What a home has scored so far: a watermark, a log of events and a database of flags that must fit each other.

Each scoring run draws a mark. It writes the log, the flags and findings, the mark into their database, and the watermark
last; log and database also say which mark the run began with. So the watermark's mark is theirs, or the one that they
were made from where the run was killed; any other is of a file that was lost, restored or another's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from catalog.errors import CorruptFileError
from pipelines.errors import PipelineError
from pipelines.events import EventLog
from pipelines.watermark import Watermark

if TYPE_CHECKING:
    from review.scoring import Scored
    from review.store import FlagStore


class OtherDatabaseError(PipelineError):
    """The database of flags is one that another home is scored into.

    Attributes
    ----------
    database : str
        Its URL without its password.
    """

    def __init__(self, database: str, watermark: Path) -> None:
        self.database = database
        super().__init__(
            f"flag database {database}: not the one that this home was scored into: name that one in review.database_url "
            f"or $BURNWATCH_REVIEW_URL, or restore it from a backup; to score everything into this one, move {watermark} away"
        )


class Standing(NamedTuple):
    """Where scoring goes on.

    Attributes
    ----------
    watermark : Watermark
        What need not be scored again; of no object where something does not fit.
    log : DataFrame or None
        The events of before.
    made_from : str
        The mark that the run begins with.
    anew : tuple of str
        Why everything is scored again; empty where nothing or only what is new is.
    """

    watermark: Watermark
    log: pd.DataFrame | None
    made_from: str
    anew: tuple[str, ...]


def standing(state: Path, key: str, flags: FlagStore) -> Standing:
    """How far the home whose state is in this folder was scored into a database of flags.

    Parameters
    ----------
    state : Path
    key : str
        Model version, configuration and store of the run that begins.
    flags : FlagStore

    Raises
    ------
    OtherDatabaseError
    """
    scored = flags.scoring.last()
    known, *anew = _watermark(state / "scored.json", scored)
    log, why = _log(EventLog(state / "events.parquet"), known, scored)
    made_from = scored.mark
    if known is not None:
        if scored.mark and known.database_id not in ("", scored.database_id):
            raise OtherDatabaseError(flags.database.name, state / "scored.json")
        if known.mark in (scored.mark, scored.made_from):
            made_from = known.mark
        else:
            anew.append(f"flag database {flags.database.name}: {'of an earlier time' if scored.mark else 'new'}")
        anew += why
        if known.key != key:
            anew.append("another model, configuration or store of element sets")
    if known is None or anew:
        known = Watermark.none(key)
    return Standing(replace(known, database_id=scored.database_id), log, made_from, tuple(anew))


def misfits(state: Path, flags: FlagStore) -> tuple[str, ...]:
    """Why the next run scores everything anew although model, configuration and store are the same; for `standing`'s state.

    Raises
    ------
    OtherDatabaseError
    """
    try:
        known = Watermark.read(state / "scored.json")
    except CorruptFileError:
        known = None
    return standing(state, known.key if known else "", flags).anew


def _watermark(path: Path, scored: Scored) -> tuple[Watermark | None, *tuple[str, ...]]:
    """The watermark, else why there is none."""
    try:
        known = Watermark.read(path)
    except CorruptFileError as error:
        return None, f"{path}: {error.reason}"
    return (None, f"{path}: missing") if known is None and scored.mark else (known,)


def _log(log: EventLog, known: Watermark | None, scored: Scored) -> tuple[pd.DataFrame | None, list[str]]:
    """The log's events where they are of this home's last run, else why not."""
    marks = {scored.mark} if known is None else {scored.mark, known.mark}
    try:
        events = log.read()
        if events is None:
            return None, [f"{log.path}: missing"]
        if marks.isdisjoint(events.attrs.get(name, "") for name in ("mark", "made_from")):
            return None, [f"{log.path}: of another time or home"]
    except CorruptFileError as error:
        return None, [f"{log.path}: {error.reason}"]
    return events, []
