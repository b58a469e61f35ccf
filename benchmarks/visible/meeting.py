"""What counts as having flagged what is plain to see."""

from __future__ import annotations

import pandas as pd

WINDOW = pd.Timedelta(days=1.5)


def met(rows: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Whether each row lies within a day and a half of an event's window or of the thrust that it is part of.

    Parameters
    ----------
    rows : DataFrame
        ``norad_id``, ``epoch_before``, ``epoch_after``.
    events : DataFrame
        The same, and ``thrust_start`` and ``thrust_end`` where known.
    """
    begin, end = events["epoch_before"], events["epoch_after"]
    if "thrust_start" in events:
        begin = begin.where(~(events["thrust_start"] < begin), events["thrust_start"])
        end = end.where(~(events["thrust_end"] > end), events["thrust_end"])
    spans = pd.DataFrame({"norad_id": events["norad_id"], "begin": begin - WINDOW, "end": end + WINDOW})
    pairs = rows[["norad_id", "epoch_before", "epoch_after"]].reset_index(names="row").merge(spans, on="norad_id")
    hit = pairs.loc[(pairs["begin"] <= pairs["epoch_after"]) & (pairs["end"] >= pairs["epoch_before"]), "row"]
    return pd.Series(rows.index.isin(hit), index=rows.index)
