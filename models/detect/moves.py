"""Moves of geosynchronous objects that are plain from where they are, whatever the noise: what a detector of steps passes over.

A detector weighs a step against the noise about it and lets a lone set that steps out and back count for nothing. So it
passes over a visit seen once, the later burns of a campaign, whose noise its own first burns are, a step across
a long gap and the first weeks of an object. In geosynchronous orbit the longitude says whether the object really went.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import CandidateConfig, MoveConfig
from models.detect.candidates import FloatArray
from models.detect.joined import PassedOver, joined

_US_PER_DAY = 86_400e6


def with_moves(
    events: pd.DataFrame,
    features: pd.DataFrame,
    threshold: float | Mapping[str, float],
    config: MoveConfig | None = None,
    candidates: CandidateConfig | None = None,
    *,
    detector: str = "",
) -> pd.DataFrame:
    """A detector's events and the moves in longitude that it passed over, sorted by (norad_id, epoch_before).

    A gap holds a move if the drift rate changes by ``config.least_drift_deg_day`` or more and two of three bear it
    out: the object was displaced the way that the change takes it, by ``config.least_share_of_day`` of a day of it; it lies
    ``config.displaced_deg`` from where the orbit before says, for each day of the gap; the next set has the same drift.
    A set that brings the object back to the drift and the longitude of an orbit some sets before is none: it is the end of bad
    sets. A move near an event of the detector, or soon after one the same way, belongs to that.

    Parameters
    ----------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``.
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch).
    threshold : float or mapping of regime to float
        The detector's, which a move gets for its score: it has none of its own.
    config : MoveConfig, optional
    candidates : CandidateConfig, optional
        ``separation_days`` and ``rival_days``, as for the detector's own events.
    detector : str
        Its name, for the column of that name.

    Returns
    -------
    DataFrame
        Columns of ``EVENT_DTYPES``; a move's probability is ``config.probability``.
    """
    config = config or MoveConfig()
    rows = np.flatnonzero(_moved(features, config))
    way = features[_INPUTS[0]].to_numpy(np.float64)
    passed_over = PassedOver(rows, _left(features, rows), way, config.probability)
    return joined(events, features, passed_over, threshold, candidates, detector=detector)


def _moved(features: pd.DataFrame, config: MoveConfig) -> NDArray[np.bool_]:
    """Whether each gap holds a move, (N,)."""
    drift, away, days = (features[name].to_numpy(np.float64) for name in _INPUTS)
    norad_id = features["norad_id"].to_numpy(np.int64)
    size = np.abs(drift)
    with np.errstate(invalid="ignore"):
        steps = (features["regime"] == "geo").to_numpy() & (size >= config.least_drift_deg_day)
        steps &= days <= config.max_gap_days
        with_drift = away * np.sign(drift) >= config.least_share_of_day * size
        displaced = np.abs(away) >= config.displaced_deg * np.fmax(1.0, days)
        stays = np.zeros(len(drift), np.bool_)
        stays[:-1] = (norad_id[1:] == norad_id[:-1]) & (np.abs(drift[1:]) <= config.stays_share * size[:-1])
    told = with_drift & displaced | with_drift & stays | displaced & stays
    return np.asarray(steps & told & ~_returns(norad_id, drift, away, days, config), dtype=np.bool_)


def _returns(
    norad_id: NDArray[np.int64], drift: FloatArray, away: FloatArray, days: FloatArray, config: MoveConfig
) -> NDArray[np.bool_]:
    """Whether each gap brings the object back to the drift and to the longitude of the orbit two or three sets before, (N,)."""
    back = np.zeros(len(drift), np.bool_)
    total, net, span = drift.copy(), away.copy(), days.copy()
    for lag in range(1, config.returning_sets + 1):
        # What the orbit of ``lag`` sets before comes to here: its own miss then, and its drift since.
        earlier = np.full(len(drift), np.nan)
        same = norad_id[lag:] == norad_id[:-lag]
        earlier[lag:][same] = drift[:-lag][same]
        miss = np.full(len(drift), np.nan)
        miss[lag:][same] = away[:-lag][same]
        net = net + miss + earlier * span
        total = total + earlier
        span[lag:] = span[lag:] + days[:-lag]
        with np.errstate(invalid="ignore"):
            back |= (np.abs(total) <= config.returns_share * np.abs(drift)) & (
                np.abs(net) <= config.displaced_deg * np.fmax(1.0, span)
            )
    return back


def _left(features: pd.DataFrame, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """When one burn in each gap would have put the object where it is [us]; the middle where none would."""
    drift, away, days = (features[name].to_numpy(np.float64)[rows] for name in _INPUTS)
    ago_days = away / drift
    ago_days = np.where((ago_days >= 0) & (ago_days <= days), ago_days, days / 2)
    return np.asarray(epoch_us(features["epoch"])[rows] - np.round(ago_days * _US_PER_DAY), dtype=np.int64)


_INPUTS = ("step_drift_deg_day", "step_lambda_deg", "gap_days")
