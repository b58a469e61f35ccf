"""Geosynchronous moves that the longitude shows, whatever a detector makes of the noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.detect import CandidateConfig, MoveConfig
from models.detect.candidates import EVENT_DTYPES
from models.detect.moves import with_moves
from tests.belt_gaps import START, gaps

THRESHOLD = {"geo": 30.0, "leo": 6.0}


def events(*ends, hints=None):
    """Events of a detector, whose gaps end at so many days."""
    after = [START + pd.Timedelta(days=end) for end in ends]
    frame = pd.DataFrame(
        {
            "norad_id": 1,
            "epoch_before": [time - pd.Timedelta(days=1) for time in after],
            "epoch_after": after,
            "burn_time_hint": [time - pd.Timedelta(hours=12) for time in after],
            "available_at": after,
            "score": 50.0,
            "threshold": 30.0,
            "probability": 0.8,
            "detector": "robust-step",
            "regime": "geo",
        },
        columns=list(EVENT_DTYPES),
    )
    return frame.astype(EVENT_DTYPES)


def found(frame, known=None):
    known = events() if known is None else known
    out = with_moves(known, frame, THRESHOLD, detector="robust-step")
    assert list(out.columns) == list(EVENT_DTYPES)
    return [round((time - START) / pd.Timedelta(days=1), 3) for time in out["epoch_after"]]


def test_a_departure_is_found_with_the_time_at_which_it_left():
    frame = gaps([0, 1, 2, 3, 4], [0, 0, 0.5, 0.5, 0.5], [90, 90, 90.2, 90.7, 91.2])
    out = with_moves(events(), frame, THRESHOLD, detector="robust-step")
    assert len(out) == 1
    row = out.iloc[0]
    assert row["burn_time_hint"] == START + pd.Timedelta(days=1.6)
    assert row["score"] == row["threshold"] == THRESHOLD["geo"]
    assert row["probability"] == MoveConfig().probability
    assert row["available_at"] == START + pd.Timedelta(days=2, hours=6)


def test_a_visit_seen_in_one_set_is_a_departure_and_a_stop():
    assert found(gaps([0, 1, 9, 13, 14], [0, 0, -0.7, 0, 0], [140, 140, 137, 135, 135])) == [9, 13]


def test_a_bad_set_in_its_old_place_is_nothing():
    assert found(gaps([0, 1, 2, 3, 4], [0, 0, -0.7, 0, 0], [140, 140, 139.99, 140, 140])) == []


def test_going_back_after_two_bad_sets_is_nothing():
    assert found(gaps([0, 1, 2, 3, 4, 5], [0, 0, 0.4, 1.2, 0, 0], [80, 80, 80.01, 79.7, 80, 80])) == []


def test_a_step_that_the_next_set_bears_out_needs_no_distance():
    days, drift = [0, 1, 1.2, 2, 3], [0, 0, 0.3, 0.31, 0.31]
    longitude = [10, 10, 10.02, 10.26, 10.57]
    assert found(gaps(days, drift, longitude)) == [1.2]
    # Before the next set is there nothing is said.
    assert found(gaps(days[:3], drift[:3], longitude[:3])) == []


def test_station_keeping_other_regimes_and_long_gaps_are_left_alone():
    assert found(gaps([0, 1, 2, 3], [0, 0, 0.05, 0.05], [5, 5, 5.03, 5.08])) == []
    assert found(gaps([0, 1, 2, 3], [0, 0, 0.5, 0.5], [5, 5, 5.3, 5.8], regime="leo")) == []
    assert found(gaps([0, 1, 90, 91], [0, 0, 0.5, 0.5], [5, 5, 40, 40.5])) == []


def test_an_event_of_the_detector_stands_for_its_move_and_for_what_goes_on():
    frame = gaps([0, 1, 2, 3, 4, 5], [0, 0, 0.5, 0.5, 1.0, 1.0], [90, 90, 90.2, 90.7, 91.5, 92.5])
    assert found(frame) == [2]
    assert found(frame, events(2)) == [2]


def test_a_stop_soon_after_the_departure_is_one_of_its_own():
    frame = gaps([0, 1, 2, 3, 4, 5], [0, 0, 0.8, 0.8, 0, 0], [90, 90, 90.5, 91.3, 91.7, 91.7])
    assert found(frame, events(2)) == [2, 4]


def test_an_earlier_move_does_not_hang_on_what_comes_days_later():
    frame = gaps([0, 1, 2, 3, 4, 5, 6], [0, 0, 0.5, 0.5, 0.5, 0.7, 0.7], [90, 90, 90.2, 90.7, 91.2, 91.8, 92.5])
    assert found(frame, events(5)) == [2, 5]


def test_the_objects_stand_for_themselves():
    one = gaps([0, 1, 2, 3], [0, 0, 0.5, 0.5], [90, 90, 90.2, 90.7])
    frame = pd.concat([one, one.assign(norad_id=2)], ignore_index=True)
    out = with_moves(events(), frame, THRESHOLD, detector="robust-step")
    assert out["norad_id"].tolist() == [1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_what_is_said_of_the_past_stands_when_later_sets_come(seed):
    rng = np.random.default_rng(seed)
    days = np.cumsum(rng.uniform(0.2, 2.0, 60))
    drift = np.repeat(rng.choice([0.0, 0.3, -0.4, 0.0], 12), 5) + rng.normal(0, 1e-3, 60)
    longitude = 90 + np.concatenate(([0.0], np.cumsum(drift[1:] * np.diff(days)))) + rng.normal(0, 1e-3, 60)
    frame = gaps(days, drift, longitude)
    config = MoveConfig()
    whole = set(found(frame))
    for stop in range(10, 59):
        # The newest gap may still be borne out by the next set, and so bring in no more than one.
        seen = set(found(frame.iloc[:stop]))
        past = {end for end in whole if end < days[stop - 1] - CandidateConfig().separation_days["geo"]}
        assert past <= seen <= whole | {round(float(days[stop]), 3)}
    assert config.returning_sets >= 1
