"""What has been scored already, object by object, so that a late or repeated run is a cheap no-op."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from catalog.atomic import replace_bytes
from catalog.errors import CorruptFileError

REMEDY = "the next `burnwatch score` makes it anew"
COLUMNS = {"norad_id": "int64", "count": "int64", "last_epoch": "datetime64[us, UTC]"}


@dataclass(frozen=True)
class Watermark:
    """The state of the store when each object was last scored.

    Parameters
    ----------
    key : str
        Model version, configuration and store: with another key everything is scored anew.
    objects : DataFrame
        Columns ``norad_id``, ``count`` (element sets stored then) and ``last_epoch``.
    mark, database_id : str
        Of the scoring run that wrote it, and of the database of flags that it wrote to (see `pipelines.standing`).
    """

    key: str
    objects: pd.DataFrame
    mark: str = ""
    database_id: str = ""

    @classmethod
    def none(cls, key: str) -> Watermark:
        """The watermark where nothing was scored yet."""
        return cls(key, pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in COLUMNS.items()}))

    @classmethod
    def read(cls, path: Path) -> Watermark | None:
        """The watermark at ``path``; None where there is none.

        Raises
        ------
        CorruptFileError
        """
        if not path.is_file():
            return None
        try:
            stored = json.loads(path.read_bytes())
            frame = pd.read_csv(io.StringIO(stored["objects"]), parse_dates=["last_epoch"]).astype(COLUMNS)
            ties = [str(stored.get(name, "")) for name in ("mark", "database_id")]  # version 1.0 knew none
            return cls(str(stored["key"]), frame[list(COLUMNS)], *ties)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise CorruptFileError(path, "not a readable watermark", REMEDY) from error

    def write(self, path: Path) -> None:
        """Replace the watermark at ``path``, whole or not at all."""
        stored = {
            "key": self.key,
            "mark": self.mark,
            "database_id": self.database_id,
            "objects": self.objects[list(COLUMNS)].to_csv(index=False),
        }
        replace_bytes(path, json.dumps(stored).encode())

    def behind(self, coverage: pd.DataFrame) -> pd.DataFrame:
        """The objects of ``coverage`` that have other element sets than when they were scored.

        Parameters
        ----------
        coverage : DataFrame
            ``catalog.known.KnownSets.coverage`` now.

        Returns
        -------
        DataFrame
            Rows of ``coverage`` with ``count_scored`` (0 for a new object) and ``last_epoch_scored`` (NaT likewise).
        """
        merged = coverage.merge(
            self.objects.rename(columns={"count": "count_scored", "last_epoch": "last_epoch_scored"}),
            on="norad_id",
            how="left",
        )
        merged["count_scored"] = merged["count_scored"].fillna(0).astype("int64")
        same = (merged["count"] == merged["count_scored"]) & (merged["last_epoch"] == merged["last_epoch_scored"])
        return merged[~same].reset_index(drop=True)

    def moved(self, scored: pd.DataFrame) -> Watermark:
        """The watermark once rows of `behind` were scored."""
        kept = self.objects[~self.objects["norad_id"].isin(scored["norad_id"])]
        return replace(self, objects=pd.concat([kept, scored[list(COLUMNS)]], ignore_index=True))
