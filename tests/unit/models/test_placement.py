"""Geosynchronous events lie in the gap that shows their burn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.detect import PlacementConfig
from models.detect.candidates import EVENT_DTYPES
from models.detect.placement import placed

START = pd.Timestamp("2030-01-01", tz="UTC")


def gaps(axis, plane=None, *, regime="geo", norad_id=1, days=None):
    """Feature rows of sets a day apart, with their steps in sigma."""
    ends = START + pd.to_timedelta(np.arange(1, len(axis) + 1) if days is None else days, unit="D")
    epoch = pd.Series(ends).astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "norad_id": norad_id,
            "epoch_before": epoch.shift(fill_value=START).astype("datetime64[us, UTC]"),
            "epoch": epoch,
            "available_at": epoch + pd.Timedelta(hours=6),
            "regime": regime,
            "step_a_m": np.asarray(axis, dtype=np.float64),
            "z_step_a_m": np.asarray(axis, dtype=np.float64),
            "z_step_i_deg": np.zeros(len(axis)) if plane is None else np.asarray(plane, dtype=np.float64),
        }
    )


def event(day, *, score=100.0, regime="geo", norad_id=1):
    after = START + pd.Timedelta(days=day)
    row = {
        "norad_id": norad_id, "epoch_before": after - pd.Timedelta(days=1), "epoch_after": after,
        "burn_time_hint": after - pd.Timedelta(hours=12), "available_at": after + pd.Timedelta(hours=6), "score": score,
        "threshold": 30.0, "probability": 0.9, "detector": "robust-step", "regime": regime,
    }  # fmt: skip
    return pd.DataFrame([row]).astype(EVENT_DTYPES)


def days_of(events):
    return [(time - START) / pd.Timedelta(days=1) for time in events["epoch_after"]]


def test_an_event_in_an_empty_gap_is_put_where_the_step_is():
    out = placed(event(2), gaps([0, 1, 0.5, 300, 0, 0]))
    assert days_of(out) == [4]
    assert out["available_at"].iloc[0] == START + pd.Timedelta(days=4, hours=6)
    assert START + pd.Timedelta(days=2) <= out["epoch_before"].iloc[0] < out["epoch_after"].iloc[0]
    assert out["score"].iloc[0] == 100.0


def test_the_first_of_two_like_steps_is_taken():
    assert days_of(placed(event(2), gaps([0, 1, 200, 300, 0]))) == [3]


@pytest.mark.parametrize(
    ("found", "frame"),
    [
        (event(2), gaps([0, 60, 0.5, 300, 0])),  # a step of its own
        (event(2), gaps([0, 1, 0.5, 15, 0])),  # nothing much after it
        (event(2), gaps([0, 1, 0, 0, 0, 0, 0, 300])),  # too long after it
        (event(2, regime="leo"), gaps([0, 1, 0.5, 300, 0], regime="leo")),
        (event(2), gaps([0, 1, 0.5, 0], plane=[0, 50, 0, 60])),  # a step of the plane of its own
        (event(2), gaps([0, np.nan, np.nan, np.nan])),
    ],
)
def test_others_stay(found, frame):
    assert days_of(placed(found, frame)) == [2]


def test_of_two_events_in_one_gap_the_stronger_stands():
    found = pd.concat([event(2, score=50.0), event(4, score=200.0)], ignore_index=True)
    out = placed(found, gaps([0, 1, 0.5, 300, 0]))
    assert days_of(out) == [4]
    assert out["score"].tolist() == [200.0]


def test_another_object_is_not_looked_at():
    frame = pd.concat([gaps([0, 1]), gaps([0, 300], norad_id=2)], ignore_index=True)
    assert days_of(placed(event(2), frame, PlacementConfig())) == [2]


def test_no_events_are_no_events():
    assert placed(event(2).iloc[:0], gaps([0, 1])).empty


def test_each_of_many_events_gets_its_own_times():
    frame = pd.concat([gaps([0, 300, 0, 0, 0]), gaps([0, 1, 0.5, 300, 0], norad_id=2)], ignore_index=True)
    out = placed(pd.concat([event(2), event(2, norad_id=2)], ignore_index=True), frame)
    assert days_of(out) == [2, 4]
    assert (out["epoch_before"] < out["epoch_after"]).all()
    assert out["burn_time_hint"].between(out["epoch_before"], out["epoch_after"]).all()
