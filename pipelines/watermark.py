"""What has been scored already, object by object, so that a late or repeated run is a cheap no-op."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from catalog.atomic import replace_bytes

COLUMNS = {"norad_id": "int64", "count": "int64", "last_epoch": "datetime64[us, UTC]"}


@dataclass(frozen=True)
class Watermark:
    """The state of the store when each object was last scored.

    Parameters
    ----------
    key : str
        Model version and configuration: with another key everything is scored anew.
    objects : DataFrame
        Columns ``norad_id``, ``count`` (element sets stored then) and ``last_epoch``.
    """

    key: str
    objects: pd.DataFrame

    @classmethod
    def none(cls, key: str) -> Watermark:
        """The watermark where nothing was scored yet."""
        return cls(key, pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in COLUMNS.items()}))

    @classmethod
    def read(cls, path: Path, key: str) -> Watermark:
        """The watermark at ``path``; an empty one where there is none, or where its key differs."""
        if not path.is_file():
            return cls.none(key)
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["key"] != key:
            return cls.none(key)
        frame = pd.read_csv(io.StringIO(stored["objects"]), parse_dates=["last_epoch"])
        return cls(key, frame.astype(COLUMNS))

    def write(self, path: Path) -> None:
        """Replace the watermark at ``path``, whole or not at all."""
        stored = {"key": self.key, "objects": self.objects[list(COLUMNS)].to_csv(index=False)}
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
        return Watermark(self.key, pd.concat([kept, scored[list(COLUMNS)]], ignore_index=True))
