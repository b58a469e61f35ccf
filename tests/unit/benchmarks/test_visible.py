"""What is plain to see without a log, and what counts as having flagged it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.cases import Replay
from benchmarks.visible.belt import drift_changes, told
from benchmarks.visible.meeting import met
from benchmarks.visible.steps import TRUTHS, steps
from tests.synthetic_history import synthetic_history


def sets(burns_a_m=None, **settings):
    return synthetic_history(burns_a_m=burns_a_m or {}, noise_a_m=20.0, **settings)


def events(history, *windows, thrust=(None, None)):
    """Events in windows given by sets, with a thrust from set to set."""
    epoch = history["epoch"]
    start, end = (pd.NaT if each is None else epoch.iloc[each] for each in thrust)
    rows = [(history["norad_id"].iloc[0], epoch.iloc[first], epoch.iloc[last], start, end) for first, last in windows]
    frame = pd.DataFrame(rows, columns=["norad_id", "epoch_before", "epoch_after", "thrust_start", "thrust_end"])
    return frame.assign(**{name: pd.to_datetime(frame[name], utc=True) for name in frame.columns[1:]})


def test_a_rise_from_a_level_that_held_to_one_that_holds_is_a_raise():
    history = sets({30: 800.0})
    found = steps(history)
    assert len(found) == 1
    assert found["size"].item() == pytest.approx(0.8, abs=0.06)
    assert (
        found["epoch_before"].item()
        <= history["epoch"].iloc[30]
        < history["epoch"].iloc[31]
        <= found["epoch_after"].item()
    )


def test_what_sinks_swings_back_or_lies_in_the_noise_is_none():
    assert steps(sets()).empty
    assert steps(sets({30: -800.0})).empty
    assert steps(sets({30: 5000.0, 31: -5000.0})).empty
    assert steps(sets({30: 200.0})).empty
    assert steps(sets({30: 800.0}, orbit="geo")).empty


def test_two_raises_are_two_rows_and_objects_are_apart():
    both = pd.concat([sets({20: 800.0, 50: 900.0}), sets({40: 700.0}, norad_id=90002, seed=4)], ignore_index=True)
    assert steps(both)["norad_id"].tolist() == [90001, 90001, 90002]


def test_a_raise_is_found_by_a_flag_near_it_or_by_the_thrust_that_covers_it():
    history = sets({30: 800.0})
    raised = steps(history)
    assert met(raised, events(history, (30, 31))).tolist() == [True]
    assert met(raised, events(history, (10, 11))).tolist() == [False]
    assert met(raised, events(history, (10, 11), thrust=(10, 40))).tolist() == [True]
    assert met(raised, events(history, (30, 31)).assign(norad_id=7)).tolist() == [False]


LOWERING = tuple(one for one in TRUTHS if one.name.startswith("lowering"))
PLANES = tuple(one for one in TRUTHS if one.name.startswith(("inclination", "node", "plane")))


def turned(orbit, *, inclination_deg=0.0, raan_deg=0.0, at=40):
    """A history whose plane turns after some sets."""
    history = synthetic_history(noise_a_m=20.0, noise_i_deg=2e-4, orbit=orbit)
    after = np.arange(len(history)) > at
    return history.assign(
        inclination_deg=history["inclination_deg"] + inclination_deg * after,
        raan_deg=(history["raan_deg"] + raan_deg * after) % 360,
    )


def test_a_lowering_is_seen_above_the_air_and_what_sinks_slowly_is_none():
    assert steps(sets({30: -800.0}), LOWERING)["size"].item() == pytest.approx(-0.8, abs=0.06)
    assert steps(sets(dict.fromkeys(range(80), -60.0)), LOWERING).empty
    low = sets({30: -800.0})
    assert steps(low.assign(mean_motion_rev_day=low["mean_motion_rev_day"] * 1.06), LOWERING).empty


@pytest.mark.parametrize(
    ("orbit", "turn", "truth"),
    [
        ("leo", {"inclination_deg": -0.02}, "inclination, low orbit [deg]"),
        ("leo", {"raan_deg": 0.05}, "node, low orbit [deg]"),
        ("geo", {"inclination_deg": 0.06}, "plane, belt, x [deg]"),
    ],
)
def test_a_plane_that_turns_at_once_is_seen_and_one_left_alone_is_not(orbit, turn, truth):
    found = steps(turned(orbit, **turn), PLANES)
    assert truth in found["truth"].tolist()
    begin, end = (turned(orbit)["epoch"].iloc[at] for at in (40, 41))
    assert ((found["epoch_before"] <= begin) & (found["epoch_after"] >= end)).all()
    assert steps(turned(orbit), PLANES).empty


def drifting(*legs, spacing_days=0.5, days=60):
    """Element sets of an object of the belt whose drift [deg/day] changes at some days: (day, drift), ..."""
    history = synthetic_history(int(days / spacing_days), orbit="geo", spacing_days=spacing_days)
    day = ((history["epoch"] - history["epoch"].iloc[0]) / pd.Timedelta(days=1)).to_numpy()
    drift = np.zeros(len(day))
    for begin, change in legs:
        drift += change * np.clip(day - begin, 0.0, None)
    return history.assign(mean_anomaly_deg=(history["mean_anomaly_deg"] + drift) % 360)


def test_a_drift_that_changes_is_seen_once_and_what_keeps_or_drifts_on_is_not():
    assert drift_changes(drifting()).empty
    assert drift_changes(drifting((0, 1.5))).empty
    assert drift_changes(drifting((30, 0.05))).empty
    found = drift_changes(drifting((20, 1.5), (40, -1.1)))
    assert (found["drift_after_deg_day"] - found["drift_before_deg_day"]).tolist() == pytest.approx(
        [1.5, -1.1], abs=0.05
    )
    begin = synthetic_history(2, orbit="geo", spacing_days=0.5)["epoch"].iloc[0]
    for day, change in zip((20, 40), found.to_dict("records"), strict=True):
        assert change["epoch_before"] < begin + pd.Timedelta(days=day) < change["epoch_after"]


def test_a_change_is_told_by_the_first_news_after_it():
    changes = drift_changes(drifting((20, 1.5), (40, -1.1)))
    first = changes["time"].iloc[0].ceil("D")
    days = pd.date_range(first.floor("D") - pd.Timedelta(days=10), periods=60)
    flags = pd.DataFrame(
        {"norad_id": [90001], "explanation": ["maneuver"], "burn_time_low": [first], "burn_time_high": [first]}
    )
    news = pd.DataFrame({"norad_id": 90001, "day": [first + pd.Timedelta(days=2), first + pd.Timedelta(days=9)]})
    rows = told(changes, Replay(days, flags, news))
    assert rows["flagged"].tolist() == [True, False]
    assert 2.0 <= rows["told_after_days"].iloc[0] < 3.0
    assert np.isnan(rows["told_after_days"].iloc[1])
    assert told(changes, Replay(days[:20], flags, news))["norad_id"].tolist() == [90001]
