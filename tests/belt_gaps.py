"""Feature rows of geosynchronous objects, made from what their sets say."""

from __future__ import annotations

import numpy as np
import pandas as pd

START = pd.Timestamp("2030-01-01", tz="UTC")


def gaps(days, drift, longitude, *, norad_id=1, regime="geo"):
    """Feature rows of an object whose sets say a drift rate [deg/day] and a longitude [deg] at each of ``days``."""
    days, drift, longitude = (np.asarray(values, dtype=np.float64) for values in (days, drift, longitude))
    epoch = START + pd.to_timedelta(days, unit="D")
    return pd.DataFrame(
        {
            "norad_id": norad_id,
            "epoch_before": pd.Series(epoch[:-1]).astype("datetime64[us, UTC]"),
            "epoch": pd.Series(epoch[1:]).astype("datetime64[us, UTC]"),
            "available_at": pd.Series(epoch[1:] + pd.Timedelta(hours=6)).astype("datetime64[us, UTC]"),
            "regime": regime,
            "gap_days": np.diff(days),
            "step_drift_deg_day": np.diff(drift),
            "step_lambda_deg": np.diff(longitude) - drift[:-1] * np.diff(days),
        }
    )
