"""Phases of geosynchronous objects, from histories of which the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.assess.belt.phases import PHASE_DTYPES, belt_phases
from models.assess.belt.segments import alike
from models.assess.belt.track import track
from tests.naive import belt as naive
from tests.synthetic_belt import BEGIN, element_sets, flown


def day(number: float) -> pd.Timestamp:
    return BEGIN + pd.Timedelta(days=number)


def phases(history: pd.DataFrame, as_of: float = 1000.0) -> pd.DataFrame:
    return belt_phases(history, day(as_of))


def days_of(times: pd.Series) -> np.ndarray:
    return ((times - BEGIN) / pd.Timedelta(days=1)).to_numpy()


def test_keeper_is_one_phase_in_its_box():
    found = phases(flown(1, 120, 100.0, keep_deg=0.08))
    assert found["mode"].tolist() == ["kept"]
    row = found.iloc[0]
    assert row.current
    assert not row.free
    assert 0.03 < row.box_deg < 0.12
    assert row.longitude_start_deg == pytest.approx(100.0, abs=0.12)


def test_another_object_under_the_number_begins_a_new_life():
    """One that drifts in the belt at 45 deg, after a keeper: no relocation by it, and nothing left of the keeper's box."""
    keeper, drifter = flown(1, 60, 100.0, keep_deg=0.08), flown(1, 120, 60.0, -0.7)
    later = drifter[drifter["epoch"] > keeper["epoch"].iloc[-1]].assign(inclination_deg=45.0, raan_deg=10.0)
    history = pd.concat([keeper, later], ignore_index=True)
    pd.testing.assert_frame_equal(phases(history), phases(later.reset_index(drop=True)))
    assert phases(history)["mode"].tolist() == ["drifting"]


def test_drift_stop_and_reversal():
    history = flown(1, 120, 60.0, burns={30: 1.3, 50.1: 0.0, 80: -0.7})
    found = phases(history)
    assert found["mode"].tolist() == ["kept", "drifting", "kept", "drifting"]
    assert days_of(found["phase_start"])[1:] == pytest.approx([30, 50, 80], abs=1.5)
    assert found["drift_deg_day"].to_numpy()[[1, 3]] == pytest.approx([1.3, -0.7], abs=0.06)
    assert found["burned"].tolist() == [False, True, True, True]
    assert found["current"].tolist() == [False, False, False, True]


def test_reversal_without_stop():
    found = phases(flown(1, 100, 60.0, -0.64, burns={50: 0.65}))
    assert found["mode"].tolist() == ["drifting", "drifting"]
    assert np.sign(found["drift_deg_day"]).tolist() == [-1, 1]


def test_long_drift_under_the_pull_is_one_phase():
    found = phases(flown(1, 130, 60.0, -0.7))
    assert len(found) == 1
    assert found["free"].all()


def spiked(drift_deg_day: float, moved_deg: float, *, after_days: float = 4.0) -> pd.DataFrame:
    """A keeper with one set on another drift, and where that set and the later ones are besides."""
    before = np.arange(0, 30, 1.0)
    after = np.arange(29 + after_days, 60, 1.0)
    days = np.concatenate([before, [29 + after_days / 2], after])
    drift = np.where(np.arange(len(days)) == len(before), drift_deg_day, 0.0)
    longitude = 75.0 + np.where(np.arange(len(days)) == len(before), moved_deg, 0.0)
    longitude[len(before) + 1 :] += 2 * moved_deg
    return element_sets(1, days, longitude, drift)


def test_a_set_whose_longitude_denies_its_drift_is_bad():
    found = phases(spiked(0.7, 0.0))
    assert found["mode"].tolist() == ["kept"]
    assert found["sets"].sum() == len(spiked(0.7, 0.0)) - 1


def test_a_set_whose_longitude_fits_its_drift_is_a_visit():
    found = phases(spiked(0.7, 0.7))
    assert found["mode"].tolist() == ["kept", "drifting", "kept"]
    assert found["sets"].tolist()[1] == 1


def test_a_set_on_another_longitude_is_bad():
    history = flown(1, 60, 75.0)
    history.loc[40, "mean_anomaly_deg"] += 20
    assert phases(history)["mode"].tolist() == ["kept"]


def test_the_newest_set_is_believed_once_its_longitude_shows_it():
    kept = np.arange(0, 30, 1.0)
    moved = element_sets(1, [*kept, 30.0], [*np.full(30, 75.0), 75.6], [*np.zeros(30), 1.2])
    silent = element_sets(1, [*kept, 30.0], np.full(31, 75.0), [*np.zeros(30), 1.2])
    assert phases(moved)["mode"].tolist() == ["kept", "drifting"]
    assert phases(silent)["mode"].tolist() == ["kept"]


def test_move_seen_by_neither_drift():
    history = pd.concat(
        [flown(1, 30, 75.0), flown(1, 90, 80.0, keep_deg=0.05).pipe(lambda sets: sets[sets["epoch"] > day(50)])]
    )
    assert phases(history)["mode"].tolist() == ["kept", "kept"]


def test_librator_is_told_from_a_keeper():
    found = phases(pd.concat([flown(1, 150, 95.0, 0.0), flown(2, 150, 95.0, keep_deg=0.1)]))
    assert found.set_index("norad_id")["mode"].to_dict() == {1: "librating", 2: "kept"}
    assert found.set_index("norad_id")["free"].to_dict() == {1: True, 2: False}


def test_electric_keeper():
    """Thrust of a day against the pull of days, ever again, and a noisy semi-major axis."""
    pull = 0.0017
    history = flown(1, 100, 120.0, thrust=lambda t: pull if int(t) % 2 else 0.0, keep_deg=0.05, noise_deg_day=0.01)
    assert phases(history)["mode"].tolist() == ["kept"]


def test_wide_box_of_an_inclined_keeper():
    history = flown(1, 130, 118.0, 0.06, keep_deg=1.5, inclination_deg=55.0)
    found = phases(history)
    assert found["mode"].tolist() == ["kept"]
    assert 1.0 < found["box_deg"].iloc[0] < 2.5
    assert found["inclination_deg"].iloc[0] == pytest.approx(55.0, abs=0.01)


def test_disposal_and_commissioning():
    disposed = flown(1, 60, -90.0, burns={30: -1.5, 31: -3.5, 33: -5.1})
    arriving = flown(2, 40, 110.0, 4.5, burns={3: 2.0, 6: -2.5, 20: 0.1, 24: 0.0})
    found = phases(pd.concat([disposed, arriving]))
    assert found["mode"][found["norad_id"] == 1].tolist() == ["kept", "graveyard"]
    assert found["mode"][found["norad_id"] == 2].tolist() == ["transfer", "kept"]


def test_left_out_and_empty():
    history = flown(1, 20, 75.0)
    low = history.assign(norad_id=2, mean_motion_rev_day=14.2)
    assert phases(pd.concat([history, low]))["norad_id"].unique().tolist() == [1]
    nothing = belt_phases(history, day(-1))
    assert nothing.empty
    assert {name: str(kind) for name, kind in nothing.dtypes.items()} == {
        name: str(kind) for name, kind in found_dtypes().items()
    }


def found_dtypes() -> pd.Series:
    found = phases(flown(1, 20, 75.0))
    assert list(found) == list(PHASE_DTYPES)
    return found.dtypes


@pytest.mark.parametrize("as_of", [20.0, 51.0, 77.3])
def test_nothing_later_is_seen(as_of):
    history = flown(1, 120, 60.0, burns={30: 1.3, 50.1: 0.0, 80: -0.7})
    known = history[history["available_at"] <= day(as_of)]
    shuffled = history.sample(frac=1, random_state=3)
    later = shuffled["available_at"] > day(as_of)
    shuffled.loc[later, ["mean_motion_rev_day", "mean_anomaly_deg"]] *= 1.05
    pd.testing.assert_frame_equal(phases(known), phases(shuffled, as_of))


def test_stretches_as_the_slow_version_finds_them():
    rng = np.random.default_rng(4)
    histories = [
        flown(k, 25, 40.0 + 20 * k, rng.normal(0, 0.1), burns=dict(zip(rng.uniform(0, 25, 5), rng.normal(0, 0.1, 5), strict=True)),
              noise_deg_day=0.003, seed=k)
        for k in range(3)
    ]  # fmt: skip
    sets = track(pd.concat(histories), day(1000))
    assert alike(sets).tolist() == naive.alike(sets)


def test_one_set_on_the_way_of_a_relocation():
    """Weeks without sets, one as it slows down short of its new place."""
    kept = np.arange(0, 30, 1.0)
    history = element_sets(
        1,
        [*kept, 46.0, *(kept + 50)],
        [*np.full(30, 139.8), 60.4, *np.full(30, 56.0)],
        [*np.zeros(30), -0.67, *np.zeros(30)],
    )
    found = phases(history)
    assert found["mode"].tolist() == ["kept", "drifting", "kept"]
    assert found["longitude_deg"].to_numpy() == pytest.approx([139.8, 60.4, 56.0], abs=0.01)
