"""What an object's own element sets say against a maneuver."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.objects import empty_objects
from catalog.records import mean_elements
from configs.explanation import ExplanationConfig
from features.bank import compute_features
from models.characterize.explain.bad_set import bad_sets
from models.characterize.explain.life import add_age, changed_drag, first_sets
from models.characterize.explain.words import BAD_SET, DECAY, MANEUVER, Finding, combined
from orbits.elements import kozai_mean_motion_rev_day, semi_major_axis_km
from tests.synthetic_history import synthetic_history

CONFIG = ExplanationConfig()
PLACE = 50


def moved(history: pd.DataFrame, rows: slice | list[int], delta_a_m: float, along_deg: float = 0.0) -> pd.DataFrame:
    """The history with another semi-major axis, and place along the track, in some sets."""
    elements = mean_elements(history)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    motion = kozai_mean_motion_rev_day(a_km + delta_a_m / 1e3, elements.eccentricity, elements.inclination_deg)
    history = history.copy()
    column = history.columns.get_loc("mean_motion_rev_day")
    history.iloc[rows, column] = motion[rows]
    anomaly = history.columns.get_loc("mean_anomaly_deg")
    history.iloc[rows, anomaly] = (history.iloc[rows, anomaly] + along_deg) % 360
    return history


def event(history: pd.DataFrame, first: int, last: int, **values: object) -> pd.DataFrame:
    """One event whose window ends with the sets of these places."""
    fit = dict.fromkeys(("dv_t_m_s", "dv_n_m_s", "delta_i_deg", "observed_days"), np.nan)
    fit |= {"a_km": 7100.0, "delta_a_km": 0.05, "regime": "leo"}
    keys = {
        "norad_id": history["norad_id"].iloc[0],
        "epoch_before": history["epoch"].iloc[first],
        "epoch_after": history["epoch"].iloc[last],
    }
    return pd.DataFrame([keys | fit | values])


def judged(history: pd.DataFrame, first: int = PLACE - 1, last: int = PLACE) -> Finding:
    return bad_sets(event(history, first, last), compute_features(history), history, CONFIG)


@pytest.fixture(scope="module")
def quiet() -> pd.DataFrame:
    return synthetic_history(noise_a_m=1.0, noise_i_deg=5e-5)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("side", ["leaving", "coming back"])
def test_sets_that_leave_and_come_back_are_bad(quiet, count, side):
    history = moved(quiet, slice(PLACE, PLACE + count), 60.0)
    last = PLACE if side == "leaving" else PLACE + count
    finding = judged(history, last - 1, last)
    assert finding.explained.all()
    assert "semi-major axis +59.5 m" in finding.notes[0]
    assert f"{history['epoch'].iloc[PLACE]:%Y-%m-%d %H:%M}" in finding.notes[0]


def test_a_burn_is_no_bad_set(quiet):
    assert not judged(synthetic_history(noise_a_m=1.0, noise_i_deg=5e-5, burns_a_m={PLACE - 1: 60.0})).explained.any()
    assert judged(quiet).notes == [""]


def test_a_burn_after_a_bad_set_stays(quiet):
    history = synthetic_history(noise_a_m=1.0, noise_i_deg=5e-5, burns_a_m={PLACE: 60.0})
    history = moved(history, [PLACE], 40.0)
    assert not judged(history, PLACE, PLACE + 1).explained.any()
    assert not judged(history, PLACE, PLACE + 2).explained.any()


def test_an_excursion_seen_by_one_set_is_kept():
    """Out and back within ten days, one set in between, in place along the track for an object that left."""
    history = synthetic_history(60, orbit="geo", noise_a_m=15.0, spacing_days=5.0)
    gap_days = (history["epoch"].iloc[40] - history["epoch"].iloc[39]).total_seconds() / 86_400
    delta_a_km, away_days = 50.0, 0.6 * gap_days
    drift_deg_day = -1.5 * 360 * delta_a_km / 42_165.8
    gone = moved(history, [40], 1e3 * delta_a_km, drift_deg_day * away_days)
    finding = judged(gone, 39, 40)
    assert not finding.explained.any()
    assert finding.notes[0].startswith("excursion or bad set")
    assert f"{away_days:.1f} days before its epoch" in finding.notes[0]
    # The same set, where the object would be had it never left.
    assert judged(moved(history, [40], 1e3 * delta_a_km), 39, 40).explained.all()


@pytest.mark.parametrize("persists", [False, True])
def test_two_fits_of_one_epoch_that_differ(persists):
    """Of an object too young for its noise to be known."""
    young = synthetic_history(6, noise_a_m=1.0)
    twin = young.iloc[[3]].assign(
        epoch=young["epoch"].iloc[[3]] + pd.Timedelta(minutes=12),
        mean_anomaly_deg=(young["mean_anomaly_deg"].iloc[3] + young["mean_motion_rev_day"].iloc[3] * 3.0) % 360,
    )
    history = moved(young, slice(3, None) if persists else [3], 60.0)
    finding = judged(pd.concat([history, twin]).sort_values("epoch", ignore_index=True), 2, 3)
    assert finding.explained.tolist() == [not persists]
    assert ("another 12 min later" in finding.notes[0]) != persists


def young(revolutions: int, dv_t_m_s: float = 0.03, **objects: object) -> Finding:
    history = synthetic_history(20).assign(rev_at_epoch=0)
    days = (history["epoch"] - history["epoch"].iloc[0]).dt.total_seconds() / 86_400
    history["rev_at_epoch"] = (revolutions + days * history["mean_motion_rev_day"]).astype(int)
    events = add_age(event(history, 2, 3, dv_t_m_s=dv_t_m_s, dv_n_m_s=0.1, observed_days=3.0), history)
    known = pd.DataFrame([{"norad_id": 90001, "launch_date": pd.NaT, "object_id": ""} | objects])
    known["launch_date"] = pd.to_datetime(known["launch_date"], utc=True).astype("datetime64[us, UTC]")
    return first_sets(events, known, CONFIG)


def test_the_first_sets_of_a_new_object():
    finding = young(20)
    assert finding.explained.all()
    assert "4 days after launch, 3 element sets before" in finding.notes[0]
    assert young(20, object_id="2019-080A").explained.all()
    assert young(50_000, launch_date="2019-12-30").explained.all()


def test_an_old_object_whose_history_begins_is_not_new():
    assert young(50_000).notes == [""]
    assert young(20, object_id="1998-067A").notes == [""]  # its counter was started anew
    assert young(20, launch_date="2015-06-01").notes == [""]
    assert young(20, launch_date="2031-06-01").notes == [""]


def test_a_counter_that_does_not_run_tells_no_age():
    history = synthetic_history(20).assign(rev_at_epoch=0)
    events = add_age(event(history, 2, 3, dv_t_m_s=0.03, dv_n_m_s=0.1, observed_days=3.0), history)
    assert events["age_days"].isna().all()
    assert not first_sets(events, empty_objects(), CONFIG).explained.any()


def test_a_burn_of_a_new_object_stays_a_maneuver():
    finding = young(20, dv_t_m_s=4.6)
    assert not finding.explained.any()
    assert finding.notes[0].startswith("a new object")


def test_more_drag_from_then_on_is_a_doubt():
    features = pd.DataFrame(
        {
            "norad_id": 90001,
            "epoch": pd.date_range("2024-07-01", periods=20, tz="UTC").astype("datetime64[us, UTC]"),
            "regime": "leo",
            "bstar_inv_er": np.where(np.arange(20) > 10, 4e-4, 1e-4),
            "step_a_m": -30.0,
        }
    )
    finding = changed_drag(event(features, 9, 10), features, CONFIG)
    assert not finding.explained.any()
    assert "attitude or parts were lost, or continuous thrust" in finding.notes[0]


def test_the_surest_explanation_is_said():
    bad, decay = Finding(BAD_SET, 3), Finding(DECAY, 3)
    bad.say(0, "it went back")
    decay.say(0, "it falls")
    bad.say(1, "perhaps", explained=False)
    found = combined([bad, decay], pd.RangeIndex(3))
    assert found["explanation"].tolist() == [DECAY, MANEUVER, MANEUVER]
    assert found["explanation_note"].tolist() == ["it falls", "perhaps", ""]
