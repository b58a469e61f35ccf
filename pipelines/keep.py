"""Frames kept between runs: found again by what they were made from, made again where they are damaged."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.atomic import replacing


@dataclass(frozen=True)
class Keep:
    """A folder of frames that may be deleted at any time.

    Parameters
    ----------
    folder : Path
    """

    folder: Path

    def frame(self, kind: str, made_from: Any, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:  # noqa: ANN401
        """The frame of this kind that was made from this, read or made and written.

        Parameters
        ----------
        kind : str
            Folder below this one.
        made_from : JSON value
            Everything that decides what the frame holds, the code's version included.
        make : callable
        """
        path = self.path(kind, made_from)
        found = read_frame(path)
        if found is not None:
            return found
        made = make()
        with replacing(path) as scratch:
            made.to_parquet(scratch, index=False, write_page_checksum=True)
        return made

    def path(self, kind: str, made_from: Any) -> Path:  # noqa: ANN401
        """Where it lies."""
        return self.folder / kind / f"{digest(made_from)}.parquet"


def digest(value: Any) -> str:  # noqa: ANN401
    """SHA-256 of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def read_frame(path: Path) -> pd.DataFrame | None:
    """The frame of a file; None where there is none or it is damaged."""
    if not path.is_file():
        return None
    try:
        frame: pd.DataFrame = pq.read_table(path, page_checksum_verification=True).to_pandas()
    except (OSError, pa.ArrowException, ValueError):
        return None
    return frame
