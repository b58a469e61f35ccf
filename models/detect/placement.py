"""Geosynchronous events put into the gap that shows their burn."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, utc
from configs.detect import CandidateConfig, PlacementConfig
from models.detect.candidates import FloatArray, by_regime, locate, row_of

_DAY_US = 86_400e6


def placed(
    events: pd.DataFrame,
    features: pd.DataFrame,
    config: PlacementConfig | None = None,
    candidates: CandidateConfig | None = None,
) -> pd.DataFrame:
    """Events of which those in a gap without a step of its own are put where the step is.

    A step is sought in boxes of several gaps, since sets smear a burn; in geosynchronous orbit sets are often clean, and the strongest box
    may begin with gaps in which nothing happened, and with others when the next set comes. Where the gap of an event shows less
    than ``config.empty_share`` of the largest step that begins within ``candidates.separation_days`` after it, and that one is
    at least ``config.least_sigma``, the event is put into the first gap with half of it. Of two events in one gap the
    stronger is kept.

    Parameters
    ----------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``.
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch).
    config : PlacementConfig, optional
    candidates : CandidateConfig, optional

    Returns
    -------
    DataFrame
        ``events``, sorted by (norad_id, epoch_before).
    """
    config, candidates = config or PlacementConfig(), candidates or CandidateConfig()
    if events.empty:
        return events
    row = row_of(events, features)
    target = _targets(row, (events["regime"] == "geo").to_numpy(), features, config, candidates)
    moved = np.flatnonzero(target != row)
    if not len(moved):
        return events
    rows = target[moved]
    hint_us, begin_us = locate(features, rows, candidates)
    found = features.iloc[rows]
    out = events.copy()
    for name, values in (
        ("epoch_before", utc(begin_us).array),
        ("epoch_after", found["epoch"].array),
        ("burn_time_hint", utc(hint_us).array),
        ("available_at", found["available_at"].array),
    ):
        out.loc[out.index[moved], name] = values
    out = out.sort_values("score", ascending=False, kind="stable").drop_duplicates(["norad_id", "epoch_after"])
    return out.sort_values(["norad_id", "epoch_before"], kind="stable", ignore_index=True)


def _targets(
    rows: NDArray[np.int64],
    geo: NDArray[np.bool_],
    features: pd.DataFrame,
    config: PlacementConfig,
    candidates: CandidateConfig,
) -> NDArray[np.int64]:
    """The feature row that each event belongs to, (E,)."""
    sizes = _sizes(features, config)
    norad_id = features["norad_id"].to_numpy(np.int64)
    before_us, after_us = epoch_us(features["epoch_before"]), epoch_us(features["epoch"])
    apart_us = (
        by_regime(candidates.separation_days, features["regime"].to_numpy(dtype=str), "separation_days") * _DAY_US
    )
    target = rows.copy()
    for event in np.flatnonzero(geo & (rows >= 0)):
        row = int(rows[event])
        stop = row + 1
        while (
            stop < len(norad_id) and norad_id[stop] == norad_id[row] and before_us[stop] - after_us[row] < apart_us[row]
        ):
            stop += 1
        if stop == row + 1:
            continue
        later = sizes[row + 1 : stop]
        largest = float(later.max())
        if largest >= config.least_sigma and sizes[row] < config.empty_share * largest:
            target[event] = row + 1 + int(np.argmax(later >= largest / 2))
    return target


def _sizes(features: pd.DataFrame, config: PlacementConfig) -> FloatArray:
    """Step of each gap in the object's own noise, of the semi-major axis or the plane, (N,) [sigma]."""
    axis, plane = (np.abs(features[name].to_numpy(np.float64)) for name in ("z_step_a_m", "z_step_i_deg"))
    return np.asarray(np.fmax(np.nan_to_num(axis), config.plane_weight * np.nan_to_num(plane)), dtype=np.float64)
