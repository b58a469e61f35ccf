"""All events of a home: what each is judged against, beside the flags that analysts settle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.atomic import read_parquet, replace_parquet
from pipelines.watermark import REMEDY

# Who was near an event, what is said of them, and when they were sought.
COMPANY_COLUMNS = ("neighbours", "company_reasons", "sought_at")
_LISTS = {"neighbours", "company_reasons"}


@dataclass(frozen=True)
class EventLog:
    """The events found so far, with their burn fits, in one file under the home.

    Parameters
    ----------
    path : Path
    """

    path: Path

    def read(self) -> pd.DataFrame | None:
        """Every event, or None where nothing was scored yet; ``mark`` and ``made_from`` are among its ``attrs``.

        Raises
        ------
        CorruptFileError
        """
        if not self.path.is_file():
            return None
        events = read_parquet(self.path, REMEDY)
        if "first_seen_at" not in events:  # as of a log written before it was kept: sets were scored as they came
            events["first_seen_at"] = events["available_at"]
        for name in _LISTS & set(events.columns):
            events[name] = pd.Series([json.loads(text) for text in events[name]], index=events.index, dtype=object)
        return events

    def write(self, events: pd.DataFrame, mark: str = "", made_from: str = "") -> None:
        """Replace the log, whole or not at all."""
        texts = {name: [json.dumps(value) for value in events[name]] for name in _LISTS & set(events.columns)}
        replace_parquet(self.path, events.assign(**texts), {"mark": mark, "made_from": made_from})


def merged(known: pd.DataFrame | None, events: pd.DataFrame, spans: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """All events once ``events`` have taken the place of those of ``known`` within ``spans``.

    Parameters
    ----------
    known : DataFrame or None
        As `EventLog.read` gives them.
    events : DataFrame
        Newly found, all within ``spans``.
    spans : DataFrame
        ``norad_id``, ``span_start``, ``span_end``: what was scored, one row an object; ``backlog`` where none of the
        object's sets was scored before.
    at : Timestamp
        When the events were found.

    Returns
    -------
    DataFrame
        Sorted by object and window; RangeIndex; ``new`` marks the rows of ``events``. ``first_seen_at`` is when an event
        was first found: that of the known one in whose place it came, if any; else ``at``, or ``available_at`` in a
        backlog, as it would be had the object been scored all the time.
    """
    backlog = events["norad_id"].isin(spans.loc[spans["backlog"], "norad_id"])
    seen = events["available_at"].where(backlog & (events["available_at"] < at), at)
    found = _alone(events.assign(new=True, first_seen_at=seen.astype("datetime64[us, UTC]")))
    parts = [found]
    if known is not None:
        known = known if set(COMPANY_COLUMNS) <= set(known.columns) else _alone(known)
        found["first_seen_at"] = _first_seen(known, found)
        parts = [_kept_company(known, found, ~backlog), known[~_replaced(known, events, spans)].assign(new=False)]
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True).sort_values(["norad_id", "epoch_after"], ignore_index=True)


def _alone(events: pd.DataFrame) -> pd.DataFrame:
    """Events of which nobody has asked yet who is near."""
    return events.assign(
        neighbours=pd.Series([[] for _ in range(len(events))], index=events.index, dtype=object),
        company_reasons=pd.Series([[] for _ in range(len(events))], index=events.index, dtype=object),
        sought_at=pd.Series(pd.NaT, index=events.index, dtype="datetime64[us, UTC]"),
    )


def _kept_company(known: pd.DataFrame, events: pd.DataFrame, wanted: pd.Series) -> pd.DataFrame:
    """``events`` with what is known of who was near, where the window is the same."""
    keys = ["norad_id", "epoch_before", "epoch_after", "available_at"]
    rows = events[wanted][keys].reset_index(names="row").merge(known[[*keys, *COMPANY_COLUMNS]], on=keys)
    rows = rows.drop_duplicates("row").set_index("row")
    for name in COMPANY_COLUMNS:
        events.loc[rows.index, name] = rows[name]
    return events


def _first_seen(known: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """When each event, or the first known one that shares its window, was first found."""
    keys = ["norad_id", "epoch_before", "epoch_after", "first_seen_at"]
    rows = events[keys].reset_index(drop=True).reset_index(names="row").merge(known[keys], on="norad_id")
    shared = rows[(rows["epoch_before_x"] < rows["epoch_after_y"]) & (rows["epoch_after_x"] > rows["epoch_before_y"])]
    before = shared.groupby("row")["first_seen_at_y"].min().reindex(range(len(events)))
    before.index = events.index
    return before.fillna(events["first_seen_at"])


def _replaced(known: pd.DataFrame, events: pd.DataFrame, spans: pd.DataFrame) -> NDArray[np.bool_]:
    """Which known events were judged anew: those within the spans, and those whose window a new event shares."""
    keys = ["norad_id", "epoch_before", "epoch_after"]
    rows = known[keys].reset_index(drop=True).reset_index(names="row").merge(spans, on="norad_id")
    inside = rows[(rows["epoch_before"] >= rows["span_start"]) & (rows["epoch_after"] <= rows["span_end"])]
    # A burn at the edge of a span may have been found one gap away last time.
    across = rows[(rows["epoch_before"] < rows["span_end"]) & (rows["epoch_after"] > rows["span_start"])]
    pairs = across[["row", *keys]].merge(events[keys], on="norad_id", suffixes=("", "_new"))
    shared = pairs[
        (pairs["epoch_before_new"] < pairs["epoch_after"]) & (pairs["epoch_after_new"] > pairs["epoch_before"])
    ]
    replaced = np.zeros(len(known), dtype=np.bool_)
    replaced[inside["row"].to_numpy()] = True
    replaced[shared["row"].to_numpy()] = True
    return replaced
