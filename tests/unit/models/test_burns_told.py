"""What is told of a burn beside what the detector and the fit say each."""

from __future__ import annotations

import pandas as pd

from models.burns import _timed_within


def test_a_burn_is_timed_inside_its_window_and_its_interval_still_holds_what_the_fit_found():
    start = pd.Timestamp("2026-03-01", tz="UTC")
    hours = pd.DataFrame(
        {
            "epoch_before": [0, 0, 0],
            "epoch_after": [24, 24, 24],
            "burn_time": [7, 60, -30],
            "burn_time_low": [6, 55, -31],
            "burn_time_high": [8, 62, -28],
        }
    )
    told = _timed_within(hours.apply(lambda column: start + pd.to_timedelta(column, unit="h")))
    after = told.apply(lambda column: (column - start) / pd.Timedelta(hours=1))
    assert after["burn_time"].tolist() == [7, 24, 0]
    assert after["burn_time_low"].tolist() == [6, 24, -31]
    assert after["burn_time_high"].tolist() == [8, 62, 0]


def test_a_burn_of_which_no_time_is_known_has_none():
    nothing = pd.DataFrame(
        {
            "epoch_before": [pd.Timestamp("2026-03-01", tz="UTC")],
            "epoch_after": [pd.Timestamp("2026-03-02", tz="UTC")],
            **dict.fromkeys(
                ("burn_time", "burn_time_low", "burn_time_high"), pd.Series(pd.NaT, dtype="datetime64[us, UTC]")
            ),
        }
    )
    assert _timed_within(nothing)[["burn_time", "burn_time_low", "burn_time_high"]].isna().all(axis=None)
