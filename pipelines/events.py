"""All events of a home: what each is judged against, beside the flags that analysts settle."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.atomic import replace_parquet


@dataclass(frozen=True)
class EventLog:
    """The events found so far, with their burn fits, in one file under the home.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def read(self) -> pd.DataFrame | None:
        """Every event, or None where nothing was scored yet."""
        return pd.read_parquet(self.path) if self.path.is_file() else None

    def merged(self, events: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
        """All events once ``events`` have taken the place of those within ``spans``.

        Parameters
        ----------
        events : DataFrame
            Newly found, all within ``spans``.
        spans : DataFrame
            ``norad_id``, ``span_start``, ``span_end``: what was scored, one row an object.

        Returns
        -------
        DataFrame
            Sorted by object and window; RangeIndex; ``new`` marks the rows of ``events``.
        """
        known = self.read()
        parts = [events.assign(new=True)]
        if known is not None:
            parts.append(known[~_replaced(known, events, spans)].assign(new=False))
        filled = [part for part in parts if len(part)] or parts[:1]
        return pd.concat(filled, ignore_index=True).sort_values(["norad_id", "epoch_after"], ignore_index=True)

    def write(self, events: pd.DataFrame) -> None:
        """Replace the log, whole or not at all."""
        replace_parquet(self.path, events)


def _replaced(known: pd.DataFrame, events: pd.DataFrame, spans: pd.DataFrame) -> NDArray[np.bool_]:
    """Which known events were judged anew: those within the spans, and those whose window a new event shares."""
    keys = ["norad_id", "epoch_before", "epoch_after"]
    rows = known[keys].reset_index(drop=True).reset_index(names="row").merge(spans, on="norad_id")
    inside = rows[(rows["epoch_before"] >= rows["span_start"]) & (rows["epoch_after"] <= rows["span_end"])]
    # A burn at the edge of a span may have been found one gap earlier last time.
    across = rows[(rows["epoch_before"] < rows["span_start"]) & (rows["epoch_after"] > rows["span_start"])]
    pairs = across[["row", *keys]].merge(events[keys], on="norad_id", suffixes=("", "_new"))
    shared = pairs[
        (pairs["epoch_before_new"] < pairs["epoch_after"]) & (pairs["epoch_after_new"] > pairs["epoch_before"])
    ]
    replaced = np.zeros(len(known), dtype=np.bool_)
    replaced[inside["row"].to_numpy()] = True
    replaced[shared["row"].to_numpy()] = True
    return replaced
