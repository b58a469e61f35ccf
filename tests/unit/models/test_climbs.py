"""Climbs in low orbit that the altitude shows, whatever a detector makes of the noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us
from features.bank import compute_features
from models.characterize.burn_fit import fit_burns
from models.characterize.climb import climbs
from models.detect.candidates import EVENT_DTYPES
from models.detect.climbs import PROBABILITY, with_climbs
from models.detect.detectors import create
from tests.naive import detect as naive
from tests.synthetic_history import synthetic_history

THRESHOLD = {"leo": 6.0, "geo": 30.0}
NONE = pd.DataFrame(columns=list(EVENT_DTYPES)).astype(EVENT_DTYPES)
RISING = dict.fromkeys(range(20, 40), 2000.0)  # two kilometers a set for twenty sets


def features(burns_a_m=None, **settings):
    return compute_features(synthetic_history(burns_a_m=burns_a_m or {}, noise_a_m=20.0, **settings))


def rows(frame):
    """The rows whose gaps begin climbs."""
    columns = (frame[name].to_numpy(np.float64) for name in ("a_km", "eccentricity"))
    return (climbs(frame["norad_id"].to_numpy(), epoch_us(frame["epoch"]), *columns).first + 1).tolist()


@pytest.mark.parametrize("spacing_days", [0.3, 1.0])
def test_a_raise_of_many_days_is_one_climb_from_its_begin(spacing_days):
    assert rows(features(RISING, spacing_days=spacing_days)) == [20]


def test_a_raise_within_one_gap_is_found_in_that_gap():
    assert rows(features({30: 500.0})) == [30]


def test_raises_between_which_the_level_holds_are_climbs_of_their_own():
    assert rows(features({20: 1000.0, 50: 1000.0})) == [20, 50]


def test_one_bad_set_is_no_climb():
    assert rows(features({30: 5000.0, 31: -5000.0})) == []


def test_a_dip_of_some_sets_is_no_climb():
    """Operators' predicted sets tell a step that never comes, and take it back within a day."""
    dip = {30: -5000.0, 33: 5000.0}
    assert rows(features(dip, spacing_days=0.3)) == []
    assert rows(features(dip | {36: 800.0}, spacing_days=0.3)) == [36]
    assert rows(features(dip, spacing_days=1.0)) == [33]


def test_what_sinks_or_flies_free_does_not_climb():
    assert rows(features()) == []
    assert rows(features(dict.fromkeys(range(20, 40), -2000.0))) == []


def test_a_rise_within_the_noise_is_no_climb():
    noisy = compute_features(synthetic_history(burns_a_m={40: 700.0}, noise_a_m=150.0))
    assert rows(noisy) == []


def test_a_drift_over_months_is_no_climb():
    assert rows(features(dict.fromkeys(range(300), 10.0), sets=300)) == []


def test_longer_orbits_and_those_above_low_orbit_are_left_alone():
    raised = features({30: 5000.0})
    assert rows(raised.assign(eccentricity=0.05)) == []
    assert rows(raised.assign(a_km=raised["a_km"] + 2000.0)) == []
    assert rows(raised.assign(a_km=raised["a_km"] - 500.0)) == []  # perigee at 213 km


def test_each_object_climbs_on_its_own():
    first, second = features({30: 500.0}), features({10: 500.0}, norad_id=90002, seed=3)
    assert rows(pd.concat([first, second], ignore_index=True)) == [30, len(first) + 10]


def test_a_climb_that_the_detector_saw_stays_one_event_and_one_it_passed_over_is_added():
    frame = features(RISING)
    detector = create("robust-step")
    added = with_climbs(NONE, frame, THRESHOLD, detector="robust-step")
    assert added["epoch_after"].tolist() == [frame["epoch"].iloc[20]]
    assert added[["score", "threshold"]].to_numpy().tolist() == [[6.0, 6.0]]
    assert added["probability"].item() == PROBABILITY
    assert added["available_at"].item() == frame["available_at"].iloc[20]
    again = with_climbs(added, frame, THRESHOLD, detector="robust-step")
    pd.testing.assert_frame_equal(again, added)
    seen = detector.events(features({30: 900.0}), THRESHOLD)
    assert len(with_climbs(seen, features({30: 900.0}), THRESHOLD)) == len(seen) == 1


def test_a_climb_of_many_days_is_one_event_with_its_whole_thrust():
    history = synthetic_history(burns_a_m=RISING, noise_a_m=20.0)
    frame = compute_features(history)
    detector = create("robust-step")
    events = with_climbs(detector.events(frame, {"leo": 3.0}), frame, {"leo": 3.0})
    arc = fit_burns(events, history)
    begin, end = history["epoch"].iloc[20], history["epoch"].iloc[40]
    assert len(arc) == 1
    assert arc["thrust"].item() == "sustained"
    assert abs(arc["thrust_start"].item() - begin) < pd.Timedelta(days=1.5)
    assert abs(arc["thrust_end"].item() - end) < pd.Timedelta(days=1.5)
    # 40 km at 7,100 km: half of it, as a share of the axis, of 7.49 km/s (Edelbaum without a turn)
    assert arc["thrust_dv_m_s"].item() == pytest.approx(40 / 7120 / 2 * 7482, rel=0.02)


def test_burns_far_apart_in_few_sets_are_no_one_thrust():
    frame = features({30: 500.0, 31: 500.0, 32: 500.0}, spacing_days=4.0)
    events = create("robust-step").events(frame, {"leo": 3.0})
    assert len(events) > 1
    assert len(with_climbs(events, frame, {"leo": 3.0})) >= len(events)


def test_a_climb_at_the_end_of_a_history_takes_nothing_from_the_next_object():
    climbing = features(dict.fromkeys(range(60, 79), 2000.0))
    both = pd.concat([climbing, features({40: 900.0}, norad_id=90002)], ignore_index=True)
    begins = both["epoch_before"].iloc[[len(climbing), len(climbing) + 40]]
    events = (
        NONE.reindex([0, 1])
        .assign(
            norad_id=90002,
            epoch_before=begins.array,
            epoch_after=both["epoch"].iloc[[len(climbing), len(climbing) + 40]].array,
            burn_time_hint=begins.array,
            available_at=begins.array,
            score=9.0,
            threshold=6.0,
            regime="leo",
            detector="",
        )
        .astype(EVENT_DTYPES)
    )
    assert (with_climbs(events, both, THRESHOLD)["norad_id"] == 90002).sum() == 2


def test_it_agrees_with_the_obvious_version():
    rng = np.random.default_rng(5)
    for seed in range(12):
        burns = {
            int(gap): float(size) for gap, size in zip(rng.integers(5, 70, 6), rng.normal(0, 1500, 6), strict=True)
        }
        frame = features(burns, seed=seed, spacing_days=float(rng.choice([0.3, 1.0])))
        assert rows(frame) == naive.climbs(frame), (seed, burns)
