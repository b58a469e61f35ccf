"""Space weather over a gap: a storm moves every object of like altitude, a burn only one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from features.column import Column
from orbits.elements import FloatArray, IntArray

_DAY_US = 86_400_000_000

COLUMNS = [
    Column(
        "ap_daily",
        "nT",
        "float64",
        "highest daily Ap over the UTC days that were complete at the later epoch, from the day before the gap on",
    ),
    Column("f107_sfu", "sfu", "float64", "observed F10.7 of the last UTC day complete at the later epoch"),
]


def environment(before_us: IntArray, epoch_us_: IntArray, weather: pd.DataFrame | None) -> dict[str, FloatArray]:
    """Space weather of each gap (G,), NaN where there is none.

    Parameters
    ----------
    before_us, epoch_us_ : (G,) int64
        Epochs of the earlier and the later set [us].
    weather : DataFrame or None
        Columns ``date`` (UTC midnight), ``ap_daily`` [nT] and ``f107_obs_sfu`` [sfu], one row a day.
    """
    out = {"ap_daily": np.full(len(epoch_us_), np.nan), "f107_sfu": np.full(len(epoch_us_), np.nan)}
    if weather is None or weather.empty or not len(epoch_us_):
        return out
    days = epoch_us(weather["date"]) // _DAY_US
    first, last = int(days.min()), int(days.max())
    ap, f107 = np.full((2, last - first + 1), np.nan)
    ap[days - first] = weather["ap_daily"].to_numpy(np.float64)
    f107[days - first] = weather["f107_obs_sfu"].to_numpy(np.float64)
    last_complete = epoch_us_ // _DAY_US - 1 - first
    from_day = np.minimum(before_us // _DAY_US - 1 - first, last_complete)
    known = (from_day >= 0) & (last_complete < len(ap))
    if known.any():
        spans = np.stack([from_day[known], last_complete[known] + 1], axis=1).ravel()
        padded = np.append(np.nan_to_num(ap, nan=-1.0), -1.0)
        highest = np.maximum.reduceat(padded, spans)[::2]
        out["ap_daily"][known] = np.where(highest >= 0, highest, np.nan)
        out["f107_sfu"][known] = f107[last_complete[known]]
    return out
