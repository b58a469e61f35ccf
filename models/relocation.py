"""A tracking database that follows its folder.

MLflow keeps absolute addresses of artifacts, so a home that was moved, copied or restored elsewhere would look for its
models where it was made, and a copy would write into its original.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

ARTIFACTS = "artifacts"
_ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def move_along(database: Path, experiments: str) -> bool:
    """Let the addresses in ``database`` begin with the folder that it lies in now; says whether they had to change.

    Parameters
    ----------
    database : Path
        MLflow's SQLite file; its artifacts lie beside it.
    experiments : str
        How the names of the experiments begin whose artifacts lie there.
    """
    here = (database.parent / ARTIFACTS).as_uri() + "/"
    with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as connection:
        name_length = len(experiments)
        found = connection.execute(
            "SELECT name, artifact_location FROM experiments WHERE substr(name, 1, ?) = ?", (name_length, experiments)
        )
        ends = ((location, name[name_length:]) for name, location in found)
        before = {location.removesuffix(end) for location, end in ends if location.endswith(f"/{ARTIFACTS}/{end}")}
        before.discard(here)
        if not before:
            return False
        connection.execute("BEGIN IMMEDIATE")
        for old in before:
            for table, column in _ADDRESSES:
                connection.execute(
                    f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",  # noqa: S608
                    (here, len(old) + 1, len(old), old),
                )
        connection.execute("COMMIT")
        return True
