"""Geosynchronous events wait until the sets after them have settled, unless the longitude bears them out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import ProofConfig
from models.detect.candidates import row_of

_HOUR_US = 3_600e6


def proven(events: pd.DataFrame, features: pd.DataFrame, config: ProofConfig | None = None) -> pd.DataFrame:
    """Events less those in geosynchronous orbit that only the newest sets of their object show.

    A bad set claims a drift that the object does not have, and the first sets after a small burn overshoot, several
    times its size, for most of a day. Of larger burns the longitude tells as well: one before the set has displaced the
    object the way that its drift changed, as far as that drift took it since. So an event stays where sets have come for
    ``config.settle_hours`` after the first that shows it; or where the step of the drift is ``config.least_drift_deg_day`` or
    more, the object lies ``config.displaced_deg`` or more from where the orbit before says, and a burn inside the gap, at
    least ``config.least_hours`` before the set, put it there. Nor does one wait where the gap is longer than
    ``config.longest_gap_days``. What is left out is found again when more sets have come.

    Parameters
    ----------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``.
    features : DataFrame
        Feature rows that they were found in, sorted by (norad_id, epoch).
    config : ProofConfig, optional

    Returns
    -------
    DataFrame
        Rows of ``events``.
    """
    config = config or ProofConfig()
    after_us = epoch_us(features["epoch"])
    newest_us = pd.Series(after_us, index=features.index).groupby(features["norad_id"]).transform("max").to_numpy()
    unsettled = newest_us - after_us < config.settle_hours * _HOUR_US
    in_question = (features["regime"] == "geo") & (features["gap_days"] <= config.longest_gap_days) & unsettled
    doubted = in_question.to_numpy() & ~_borne_out(features, config)
    rows = row_of(events, features)
    waiting = (rows >= 0) & doubted[rows]
    return events[~waiting].reset_index(drop=True)


def _borne_out(features: pd.DataFrame, config: ProofConfig) -> NDArray[np.bool_]:
    """Whether the longitude of each set is that of a burn in the gap before it, (N,)."""
    drift, away, days = (
        features[name].to_numpy(np.float64) for name in ("step_drift_deg_day", "step_lambda_deg", "gap_days")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        ago_days = away / drift
        borne_out = (np.abs(drift) >= config.least_drift_deg_day) & (np.abs(away) >= config.displaced_deg)
        borne_out &= (ago_days >= config.least_hours / 24) & (ago_days <= days)
    return np.asarray(borne_out, dtype=np.bool_)
