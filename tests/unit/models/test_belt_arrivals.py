"""Who is reached, when and how near; who shares a slot: against histories flown with the truth known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.belt import BeltConfig
from models.assess.belt.arrivals import ARRIVAL_DTYPES, arrivals
from models.assess.belt.companions import COMPANION_DTYPES, companions
from models.assess.belt.forecast import motions
from models.assess.belt.phases import belt_phases
from models.assess.belt.segments import segments
from models.assess.belt.track import track
from models.assess.belt.words import arrival_reasons
from orbits.elements import wrap_deg
from tests.naive import belt as naive
from tests.synthetic_belt import BEGIN, flown

MOVER, GUARD, LATE, LIBRATOR, GRAVE = 10, 21, 22, 30, 40
NAMES = {GUARD: "GUARD", LATE: "LATE", LIBRATOR: "LIBRATOR", GRAVE: "GRAVE"}


def day(number: float) -> pd.Timestamp:
    return BEGIN + pd.Timedelta(days=number)


@pytest.fixture(scope="module")
def world() -> pd.DataFrame:
    """A mover that leaves 60 E on day 20 at 0.8 deg/day and stops beside GUARD at 80 E on day 44; others stand ahead."""
    return pd.concat(
        [
            flown(MOVER, 80, 60.0, burns={20: 0.8, 44.4: 0.0}, seed=1),
            flown(GUARD, 80, 80.0, keep_deg=0.05, seed=2),
            flown(LATE, 80, 86.0, keep_deg=0.05, seed=3),
            flown(LIBRATOR, 80, 72.0, 0.2, seed=4),
            flown(GRAVE, 80, 70.0, -4.2, seed=5),
        ]
    )


def told(history: pd.DataFrame, as_of: float, ids=(MOVER,)) -> pd.DataFrame:
    phases = belt_phases(history, day(as_of))
    return arrivals(phases, history, ids, day(as_of), NAMES)


def truth(history: pd.DataFrame, longitude_deg: float) -> float:
    """Day on which the mover's sets pass a longitude."""
    sets = track(history[history["norad_id"] == MOVER], day(1000))
    begin = BEGIN.timestamp() / 86_400
    inside = (sets.day - begin > 19) & (sets.day - begin < 45)
    return float(np.interp(longitude_deg, sets.longitude_deg[inside], sets.day[inside]) - begin)


def test_arrival_is_foretold_and_nobody_else_is(world):
    found = told(world, 32.0)
    assert found["other_id"].tolist() == [GUARD, LATE]
    assert set(found["way"]) == {"approaching"}
    guard = found.iloc[0]
    arrival = (guard["when"] - BEGIN) / pd.Timedelta(days=1)
    assert arrival == pytest.approx(truth(world, guard["longitude_deg"]), abs=0.5)
    assert guard["when_low"] < guard["when"] < guard["when_high"]
    assert guard["longitude_deg"] == pytest.approx(80.0, abs=0.1)
    assert guard["drift_deg_day"] == pytest.approx(0.82, abs=0.05)
    assert guard["other_name"] == "GUARD"
    assert 0 <= guard["miss_km"] < 200
    assert {name: str(kind) for name, kind in found.dtypes.items()} == {
        name: str(pd.Series(dtype=kind).dtype) for name, kind in ARRIVAL_DTYPES.items()
    }


def test_stopped_beside(world):
    found = told(world, 60.0)
    assert found["other_id"].iloc[0] == GUARD
    assert found["way"].iloc[0] == "stopped beside"
    since = (found["when"].iloc[0] - BEGIN) / pd.Timedelta(days=1)
    assert since == pytest.approx(44.4, abs=1.5)
    assert abs(found["apart_deg"].iloc[0]) < 0.25


def test_passing_and_receding():
    history = pd.concat([flown(MOVER, 60, 60.0, burns={20: 1.0}), flown(GUARD, 60, 70.0, keep_deg=0.05, seed=2)])
    ways = {as_of: told(history, as_of)["way"].tolist() for as_of in (25.0, 30.0, 32.5, 45.0)}
    assert ways == {25.0: ["approaching"], 30.0: ["passing"], 32.5: ["receding"], 45.0: []}


def test_words(world):
    (sentence, *_) = arrival_reasons(told(world, 32.0))
    assert sentence.startswith("drift now 0.8")
    assert "deg/day east; reaches GUARD at 80.0E on " in sentence
    assert " February, give or take " in sentence
    assert arrival_reasons(told(world, 60.0))[0].startswith("stopped at 79.8E, 0.")
    assert arrival_reasons(told(world, 50.0, ids=(999,))) == []


def test_arrivals_see_nothing_later(world):
    shuffled = world.sample(frac=1, random_state=5)
    later = shuffled["available_at"] > day(32)
    shuffled.loc[later, ["mean_motion_rev_day", "mean_anomaly_deg"]] *= 1.07
    pd.testing.assert_frame_equal(told(world, 32.0), told(shuffled, 32.0))


def test_motion_and_its_error():
    """Of thirty drifters, longitudes ten and twenty days ahead lie within the error that is told."""
    config = BeltConfig()
    ids = np.arange(100, 130)
    history = pd.concat(
        [flown(int(k), 45, 10.0 * (k - 100), -1.0 + 0.065 * (k - 100), seed=int(k), noise_deg_day=0.002) for k in ids]
    )
    known = motions(*segments(track(history, day(20)), config), config)
    later = track(history, day(1000))
    for ahead in (30.0, 40.0):
        foretold = known.at(np.array([day(ahead).timestamp() / 86_400]))[0][:, 0]
        sigma = known.sigma_deg(np.array([day(ahead).timestamp() / 86_400]), config)[:, 0]
        seen = [
            np.interp(day(ahead).timestamp() / 86_400, later.day[mine], later.longitude_deg[mine])
            for mine in (later.norad_id == k for k in ids)
        ]
        miss = wrap_deg(foretold - np.array(seen))
        assert np.median(np.abs(miss)) < 0.1
        assert (np.abs(miss) < 3 * sigma + 0.08).mean() > 0.9  # the flown truth knows J22 alone


def test_motion_as_the_slow_version_finds_it():
    history = pd.concat([flown(1, 20, 40.0, 0.5, noise_deg_day=0.002), flown(2, 20, -170.0, -1.5, seed=3)])
    sets, first = segments(track(history, day(1000)))
    found = motions(sets, first)
    for k, norad_id in enumerate((1, 2)):
        longitude, drift = naive.motion(sets, norad_id)
        assert found.longitude_deg[k] == pytest.approx(longitude, abs=1e-9)
        assert found.drift_deg_day[k] == pytest.approx(drift, abs=1e-9)


def test_companions_old_and_new(world):
    phases = belt_phases(world, day(60))
    found = companions(phases, day(60), world, BeltConfig(companion_deg=0.25))
    pair = found[found["norad_id"].isin([MOVER, GUARD])].set_index("norad_id")
    assert pair["other_id"].to_dict() == {MOVER: GUARD, GUARD: MOVER}
    assert pair["came"].to_dict() == {MOVER: True, GUARD: False}
    assert not pair["together_before"].any()
    assert (pair["miss_km"] >= 0).all()
    assert list(found) == list(COMPANION_DTYPES)
    assert companions(phases.iloc[:0], day(60)).empty


def test_companions_that_moved_together():
    move = {"burns": {30: 1.0, 40: 0.0}}
    history = pd.concat([flown(k, 60, 75.0 + 0.02 * k, seed=k, **move) for k in (1, 2)])
    found = companions(belt_phases(history, day(60)), day(60))
    assert found["together_before"].tolist() == [True, True]


def test_companions_across_the_date_line():
    history = pd.concat([flown(1, 40, 179.98, keep_deg=0.02), flown(2, 40, -179.98, keep_deg=0.02)])
    found = companions(belt_phases(history, day(40)), day(40))
    assert found["apart_deg"].to_numpy() == pytest.approx([0.04, -0.04], abs=0.03)


def test_nobody_to_tell_of(world):
    assert told(world, -1.0).empty
    assert told(world[world["norad_id"] == MOVER], 32.0).empty
    assert told(world, 32.0, ids=(999,)).empty


def test_turns_around_the_belt_change_nothing():
    """One that has gone round the belt before is where its longitude says."""
    early = flown(MOVER, 60, 60.0, 30.0, burns={55: 1.0})
    stands = flown(GUARD, 90, 0.0, keep_deg=0.05, seed=2)
    place = float(track(early, day(1000)).longitude_deg[-1])
    assert abs(place) > 1500
    stands = flown(GUARD, 60, float(wrap_deg(place)) + 3.0, keep_deg=0.05, seed=2)
    found = told(pd.concat([early, stands]), 60.5)
    assert found["way"].tolist() == ["approaching"]


def test_flying_along_with_what_nobody_steers():
    """A burn takes the mover to the place and drift of a librator: told. A librator that drifts by one that is kept: not."""
    librator = flown(LIBRATOR, 150, 95.0, 0.1, seed=4)
    there = track(librator, day(1000))
    at = int(np.searchsorted(there.day, day(130).timestamp() / 86_400))
    place, rate = float(there.longitude_deg[at]), float(there.drift_deg_day[at])
    mover = flown(MOVER, 150, place - 1.3 * 20, burns={110: 1.3, 130: rate})
    mover = mover[mover["epoch"] > day(100)]
    sets = track(mover, day(1000))
    shift = place - float(np.interp(there.day[at], sets.day, sets.longitude_deg))
    mover = mover.assign(mean_anomaly_deg=(mover["mean_anomaly_deg"] + shift) % 360)
    found = told(pd.concat([mover, librator]), 140.0)
    assert found[["other_id", "way"]].to_numpy().tolist() == [[LIBRATOR, "stopped beside"]]
    guard = flown(GUARD, 150, place, keep_deg=0.02)
    assert told(pd.concat([guard, librator]), 131.0, ids=(GUARD,)).empty
