"""Element sets of a folder, for the scripts beside this module."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from catalog.availability import stamp
from catalog.errors import CatalogError
from catalog.sources.files import read_paths


def read_folder(folder: Path) -> pd.DataFrame:
    """Every element set under ``folder``; files of them that cannot be read are named and left out."""
    parts = []
    for path, outcome in read_paths([folder]):
        if isinstance(outcome, CatalogError):
            if path.suffix in (".tle", ".gz"):
                print(f"left out: {outcome}")
            continue
        parts.append(stamp(outcome, source="file"))
    return pd.concat(parts, ignore_index=True)
