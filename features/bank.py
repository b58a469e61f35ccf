"""The feature bank: element histories in, one documented row a gap out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from catalog.records import mean_elements
from configs.features import FeatureConfig
from features.environment import environment
from features.geosynchronous import geosynchronous
from features.history import LAGS, Quality, gaps, used_sets
from features.jumps import jumps
from features.normalization import normalize
from features.passes import OWN, Passes, forward, run_passes
from features.registry import COLUMNS
from features.residuals import residuals
from features.steps import steps
from orbits.elements import FloatArray, IntArray, regime

_DAY_US = 86_400e6


def compute_features(
    history: pd.DataFrame, *, config: FeatureConfig | None = None, weather: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Features of every gap between successive used element sets.

    Parameters
    ----------
    history : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of any number of objects, in any order.
    config : FeatureConfig, optional
    weather : DataFrame, optional
        Space weather with ``date``, ``ap_daily`` and ``f107_obs_sfu``; without it those columns are NaN.

    Returns
    -------
    DataFrame
        The columns of ``features.registry.COLUMNS`` in that order, sorted by (norad_id, epoch), RangeIndex.
        An object's rows depend on its own sets alone; an object with one used set has none.

    Raises
    ------
    MissingFieldError
        If the history lacks fields that the features are made of.
    """
    config = config or FeatureConfig()
    sets = used_sets(history, config)
    parts = [_rows(chunk, config, weather) for chunk in _chunks(sets, config.chunk_sets)]
    return pd.concat(parts, ignore_index=True)


def _chunks(sets: pd.DataFrame, size: int) -> Iterator[pd.DataFrame]:
    """Whole objects, about ``size`` sets at a time; one empty chunk where there are no sets."""
    starts = np.flatnonzero(sets["norad_id"].diff().ne(0).to_numpy())
    start = 0
    while start < len(sets):
        ends = starts[starts >= start + size]
        stop = int(ends[0]) if len(ends) else len(sets)
        yield sets.iloc[start:stop]
        start = stop
    if not len(sets):
        yield sets


def _rows(sets: pd.DataFrame, config: FeatureConfig, weather: pd.DataFrame | None) -> pd.DataFrame:
    norad_id = sets["norad_id"].to_numpy(np.int64)
    elements = mean_elements(sets)
    rows = gaps(norad_id)
    passes = run_passes(elements, norad_id, rows)
    later, earlier = rows.later, rows.later - 1
    gap_days = (elements.epoch_us[later] - elements.epoch_us[earlier]) / _DAY_US
    regimes = np.asarray(regime(elements.mean_motion_rev_day[later], elements.eccentricity[later]))

    values: dict[str, Any] = {
        "norad_id": norad_id[later],
        "regime": regimes,
        "gap_days": gap_days,
        "quality": _quality(passes, gap_days, config),
    }
    stepped = steps(passes)
    jumped = jumps(stepped["step_a_m"], rows, config.jump_sets)
    missed = residuals(passes)
    values |= stepped | missed | jumped
    earlier_a_km = np.asarray(passes.drift.a_km)[earlier, OWN]
    values |= geosynchronous(passes, stepped["a_km"], earlier_a_km, gap_days, regimes == "geo")
    values |= environment(elements.epoch_us[earlier], elements.epoch_us[later], weather)
    values |= normalize(
        stepped | missed | jumped, rows, window_gaps=config.noise_window_gaps, min_gaps=config.noise_min_gaps
    )
    times = {
        "epoch_before": sets["epoch"].iloc[earlier].array,
        "epoch": sets["epoch"].iloc[later].array,
        "available_at": sets["available_at"].iloc[later].array,
    }
    frame = pd.DataFrame(values | times)[list(COLUMNS)]
    return frame.astype({name: column.dtype for name, column in COLUMNS.items()})


def _quality(passes: Passes, gap_days: FloatArray, config: FeatureConfig) -> IntArray:
    """Sum of ``Quality`` flags of each gap, (G,)."""
    code, rows = np.asarray(passes.state.code), passes.gaps
    failed = (code[rows.later, OWN] != 0) | (code[rows.later - 1, forward(1)] != 0)
    quality = np.where(failed, Quality.PROPAGATION_FAILED.value, 0)
    quality += np.where(gap_days > config.long_gap_days, Quality.LONG_GAP.value, 0)
    return quality + np.where(rows.rank < len(LAGS) - 1, Quality.FEW_EARLIER_SETS.value, 0)
