"""What in the data around an event should make an analyst doubt it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from features.history import Quality

_DAY_US = 86_400e6
SIDE_SETS = 3
SIDE_DAYS = 15.0
SPARSE_FACTOR = 3.0


def add_quality(events: pd.DataFrame, features: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Warnings on the data behind each event, in words.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after.
    features : DataFrame
        Feature rows of these objects, sorted by (norad_id, epoch).
    history : DataFrame
        Element sets of these objects, sorted by (norad_id, epoch).

    Returns
    -------
    DataFrame
        ``events`` and ``quality``: list of str, empty where nothing is to be said.
    """
    warnings: list[list[str]] = [[] for _ in range(len(events))]
    rows = features.groupby("norad_id").indices
    sets = history.groupby("norad_id").indices
    gap_end_us, gap_days = epoch_us(features["epoch"]), features["gap_days"].to_numpy(np.float64)
    flawed = features["quality"].to_numpy(np.int64)
    set_us, imputed = epoch_us(history["epoch"]), history["available_at_imputed"].to_numpy(np.bool_)
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    for event, norad_id in enumerate(events["norad_id"].tolist()):
        said = warnings[event]
        own = rows.get(norad_id, np.empty(0, np.int64))
        within = own[(gap_end_us[own] > begin_us[event]) & (gap_end_us[own] <= end_us[event])]
        usual_days = float(np.median(gap_days[own])) if len(own) else np.nan
        window_days = (end_us[event] - begin_us[event]) / _DAY_US
        if len(within) and gap_days[within].max() > max(SPARSE_FACTOR * usual_days, 1.0):
            said.append(f"{window_days:.1f} days without an element set around the burn, usually {usual_days:.1f}")
        if (flawed[within] & Quality.PROPAGATION_FAILED).any():
            said.append("SGP4 cannot propagate one of the element sets around the burn")
        if (flawed[within] & Quality.FEW_EARLIER_SETS).any():
            said.append("fewer than three element sets before the burn")
        times = sets.get(norad_id, np.empty(0, np.int64))
        side_us = SIDE_DAYS * _DAY_US
        after = times[(set_us[times] >= end_us[event]) & (set_us[times] <= end_us[event] + side_us)]
        if len(after) < SIDE_SETS:
            said.append(
                f"only {len(after)} element set{'s' * (len(after) != 1)} in the {SIDE_DAYS:.0f} days after the burn"
            )
        if len(after) and imputed[after[0]]:
            said.append("when the element sets became available is assumed, not known")
    return events.assign(quality=pd.Series(warnings, index=events.index, dtype=object))
