"""What a home needs from time to time: its store in few files, and every byte read while a backup can still help."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from catalog.errors import CatalogError
from catalog.store import ElementStore
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from pipelines.runs import recorded
from review.errors import ReviewError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


class DamageError(PipelineError):
    """Files of a home are not what was written.

    Attributes
    ----------
    damages : tuple of str
        A line each, with what to do.
    """

    def __init__(self, damages: list[str]) -> None:
        self.damages = tuple(damages)
        super().__init__("; ".join(damages))


def upkeep(home: Home, config: BurnwatchConfig) -> int:
    """Read every byte of the store and the databases, and merge the store's parts; how many files fewer there are.

    Raises
    ------
    DamageError
        Something is damaged; nothing is merged then.
    """
    with home.alone("upkeep"), recorded(home, config, "upkeep") as run:
        if found := damages(home, config):
            raise DamageError(found)
        before = _parts(home)
        ElementStore(home.elements, config.store).compact()
        fewer = before - _parts(home)
        run.summary["fewer_files"] = fewer
    return fewer


def damages(home: Home, config: BurnwatchConfig) -> list[str]:
    """What is not as it was written in the store and the databases, a line each with what to do."""
    databases = {
        home.mlflow / "mlflow.db": "restore it from a backup",
        home.prefect / "prefect.db": "move it away while `burnwatch serve` is stopped, which makes a new one",
    }
    return [
        *_of_store(home, config),
        *_of_flags(home, config),
        *(f"{path}: {said}; {remedy}" for path, remedy in databases.items() if (said := _wrong_in(path))),
    ]


def _of_store(home: Home, config: BurnwatchConfig) -> Iterator[str]:
    try:
        yield from map(str, ElementStore(home.elements, config.store).damaged())
    except CatalogError as error:
        yield str(error)


def _of_flags(home: Home, config: BurnwatchConfig) -> Iterator[str]:
    try:
        with open_flags(home, config) as flags:
            yield from flags.database.damages()
    except ReviewError as error:
        yield str(error)


def _wrong_in(path: Path) -> str:
    """The first thing that SQLite finds wrong in a file that is there."""
    if not path.is_file():
        return ""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if said == "ok" else str(said)


def _parts(home: Home) -> int:
    return sum(1 for _ in home.elements.glob("bucket=*/*.parquet"))
