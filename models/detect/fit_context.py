"""What a burn fit says of a candidate: when the burn was, and how well that is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.judgement import BurnFitConfig
from features.history import NEEDED, sets_in
from models.characterize.burn_fit import fit_burns
from models.detect.pursuit import FloatArray

_US_A_DAY = 86_400e6
_LEFT_OUT = 1  # gaps beside a candidate's own whose sets may be smeared over the burn
_SETS_A_SIDE = 3  # which the fit rests on: the nearest alone, best for the Δv, tells the time worse
_CROSS_TRACK = 20.0  # times the along-track part: then no crossing tells the time
_FASTEST_REV_DAY = 20.0


def fit_candidates(features: pd.DataFrame, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], FloatArray]:
    """Fit one burn to each candidate, from sets that are past its smear.

    A burn in geosynchronous orbit shows days early or late, and sets about it are fitted to both orbits. So the sets
    beside the candidate's own gap are left out, and the orbits of those beyond tell where they cross. A
    burn that is all but cross-track leaves the orbits side by side: it keeps the time that it had.

    Parameters
    ----------
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), N gaps.
    rows : (C,) int64
        Those of the candidates.

    Returns
    -------
    (C,) int64, (C,) float64
        The time of the burn [us], or -1 where the fit does not tell it; and the width of the interval that it lies in
        with the probability of `BurnFitConfig.interval` [day], NaN without a fit.
    """
    times_us, width_days = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
    history = sets_in(features)
    history = history[_usable(history)].sort_values(["norad_id", "epoch"], ignore_index=True)
    norad_id = features["norad_id"].to_numpy(np.int64)
    first, last = _beside(norad_id, rows, -_LEFT_OUT), _beside(norad_id, rows, _LEFT_OUT)
    windows = pd.DataFrame(
        {
            "norad_id": norad_id[rows],
            "epoch_before": features["epoch_before"].iloc[first].array,
            "epoch_after": features["epoch"].iloc[last].array,
        }
    )
    known = np.flatnonzero(np.isin(norad_id[rows], history["norad_id"]))
    fits = fit_burns(windows.iloc[known], history, BurnFitConfig(sets_used_deep=_SETS_A_SIDE, stop_at_neighbors=False))
    fitted = fits["fit_status"].eq("fitted").to_numpy()
    along = np.abs(fits["dv_n_m_s"].to_numpy()) <= _CROSS_TRACK * np.abs(fits["dv_t_m_s"].to_numpy())
    times_us[known] = np.where(fitted & along, epoch_us(fits["burn_time"]), -1)
    width = (epoch_us(fits["burn_time_high"]) - epoch_us(fits["burn_time_low"])) / _US_A_DAY
    width_days[known] = np.where(fitted, width, np.nan)
    return times_us, width_days


def holding_gaps(features: pd.DataFrame, rows: NDArray[np.int64], times_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """The row of the gap that holds each time (C,), of the object of each of ``rows``; the nearest there is."""
    ids, ends_us = features["norad_id"].to_numpy(np.int64), epoch_us(features["epoch"])
    out = rows.copy()
    for k, (row, time_us) in enumerate(zip(rows.tolist(), times_us.tolist(), strict=True)):
        while ends_us[out[k]] < time_us and out[k] + 1 < len(ids) and ids[out[k] + 1] == ids[row]:
            out[k] += 1
        while out[k] > 0 and ids[out[k] - 1] == ids[row] and ends_us[out[k] - 1] >= time_us:
            out[k] -= 1
    return out


def _usable(history: pd.DataFrame) -> NDArray[np.bool_]:
    """Sets that are orbits."""
    values = history[[name for name in NEEDED if name not in ("norad_id", "epoch", "available_at")]].to_numpy(
        np.float64
    )
    motion, eccentricity = (history[name].to_numpy(np.float64) for name in ("mean_motion_rev_day", "eccentricity"))
    sane = np.isfinite(values).all(axis=1) & (motion > 0) & (motion < _FASTEST_REV_DAY)
    return np.asarray(sane & (eccentricity >= 0) & (eccentricity < 1))


def _beside(norad_id: NDArray[np.int64], rows: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """The row k gaps later (earlier if negative), the same row where the object has none."""
    there = np.clip(rows + k, 0, len(norad_id) - 1)
    return np.where(norad_id[there] == norad_id[rows], there, rows)
