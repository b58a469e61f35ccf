"""Where a catalog number begins to stand for another object."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from catalog.numbers import number_of
from models.detect.candidates import EVENT_DTYPES
from orbits.elements import regime


def with_other_objects(
    events: pd.DataFrame, history: pd.DataFrame, threshold: Callable[[str], float], *, detector: str = ""
) -> pd.DataFrame:
    """Events, and one for the first set of each further object of a number, sorted by (norad_id, epoch_before).

    Parameters
    ----------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``.
    history : DataFrame
        Element sets under keys as from ``catalog.numbers.by_identity``, sorted by (norad_id, epoch).
    threshold : callable(regime) -> float
        The detector's, which such an event gets for its score: no detector is needed to see it.
    detector : str
        Its name, for the column of that name.

    Returns
    -------
    DataFrame
        Columns of ``EVENT_DTYPES``; the window lies between the last set of whatever object the number stood for before and
        the first one of the new object.
    """
    keys = history["norad_id"].to_numpy(np.int64)
    numbers = number_of(keys)
    if (numbers == keys).all():
        return events
    in_time = history.assign(number=numbers).sort_values(["number", "epoch"], kind="stable")
    before = in_time.groupby("number")["epoch"].shift()
    first = ~in_time["norad_id"].duplicated() & before.notna()
    found = in_time[first]
    where = np.asarray(regime(found["mean_motion_rev_day"].to_numpy(), found["eccentricity"].to_numpy()), dtype=str)
    limits = np.array([threshold(name) for name in where], dtype=np.float64)
    others = pd.DataFrame(
        {
            "norad_id": found["norad_id"],
            "epoch_before": before[first],
            "epoch_after": found["epoch"],
            "burn_time_hint": before[first] + (found["epoch"] - before[first]) / 2,
            "available_at": found["available_at"],
            "score": limits,
            "threshold": limits,
            "probability": 1.0,
            "detector": detector,
            "regime": where,
        }
    ).astype(EVENT_DTYPES)
    together = pd.concat([events, others], ignore_index=True) if len(events) else others
    return together.sort_values(["norad_id", "epoch_before"], kind="stable", ignore_index=True)
