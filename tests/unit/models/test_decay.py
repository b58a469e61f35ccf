"""An object that falls is not said to burn; a burn of one is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features.bank import compute_features
from models.characterize.burn_fit import fit_burns
from models.characterize.explain.own import explain_alone
from models.characterize.explain.words import DECAY, MANEUVER
from models.characterize.kind import ORBIT_LOWERING, ORBIT_RAISE, classify
from tests.reentry import reentry_history

GAP = 8


def windows(history: pd.DataFrame, gaps: range | list[int], widest: int = 1) -> pd.DataFrame:
    """Events whose windows are these gaps, each with the ``widest`` - 1 before it."""
    epoch = history["epoch"]
    return pd.DataFrame(
        {
            "norad_id": history["norad_id"].iloc[0],
            "epoch_before": [epoch.iloc[gap + 1 - widest] for gap in gaps],
            "epoch_after": [epoch.iloc[gap + 1] for gap in gaps],
            "regime": "leo",
        }
    )


def explained(history: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The events, each fitted and explained alone."""
    fitted = pd.concat([fit_burns(events.iloc[[row]], history) for row in range(len(events))], ignore_index=True)
    return explain_alone(classify(fitted), compute_features(history), history)


@pytest.fixture(scope="module")
def falling() -> pd.DataFrame:
    return reentry_history()


@pytest.mark.parametrize("widest", [1, 2])
def test_a_reentry_is_a_decay_in_every_window(falling, widest):
    gaps = range(widest, len(falling) - 1)
    found = explained(falling, windows(falling, gaps, widest))
    assert found["own_explanation"].eq(DECAY).all()
    assert found["own_note"].str.contains("km a day").all()
    fell = np.diff(falling["mean_motion_rev_day"].to_numpy())[gaps.start :]
    assert (fell > 0).all()


def test_the_orbit_before_is_carried_with_its_decay(falling):
    """Far sets with one B* for all would have it tens of km lower than it is, and a raise made of the difference."""
    found = explained(falling, windows(falling, range(2, len(falling) - 1)))
    assert found["delta_a_km"].abs().median() < 1.0
    motion = falling["mean_motion_rev_day"].to_numpy()
    fell_km = 6600.0 * 2 / 3 * np.diff(motion)[2:] / motion[0]
    assert (found["delta_a_km"].abs() < 0.3 * fell_km).all()
    assert not (found["kind"].eq(ORBIT_RAISE) & found["own_explanation"].eq(MANEUVER)).any()


def test_a_reentry_is_told_as_its_sets_come_in(falling):
    """With nothing after the window yet but the set that ends it."""
    for gap in range(3, len(falling) - 1):
        known = falling.iloc[: gap + 2]
        assert explained(known, windows(known, [gap]))["own_explanation"].tolist() == [DECAY]


def test_a_reentry_seen_by_few_sets_is_a_decay():
    """One set in ten days, the last of them the end of the window."""
    few = reentry_history(300.0, 0.8).iloc[::10].reset_index(drop=True)
    assert len(few) >= 3
    last = len(few) - 2
    assert explained(few, windows(few, [last]))["own_explanation"].tolist() == [DECAY]


@pytest.mark.parametrize("later", [0, 1, 3, 30])
@pytest.mark.parametrize(("step_km", "kind"), [(8.0, ORBIT_RAISE), (-40.0, ORBIT_LOWERING)])
def test_a_burn_of_a_falling_object_stays(step_km, kind, later):
    history = reentry_history(280.0, 1.0, steps_km={GAP: step_km}).iloc[: GAP + 2 + later]
    found = explained(history, windows(history, [GAP])).iloc[0]
    assert found["own_explanation"] == MANEUVER
    assert found["kind"] == kind
    assert found["delta_a_km"] == pytest.approx(step_km, rel=0.25)


def test_a_burn_that_lowers_the_perigee_alone_stays():
    history = reentry_history(290.0, 0.8, steps_km={GAP: -2.0}).iloc[: GAP + 5]
    after = history.index > GAP
    # The perigee falls by twice what the mean height does; the apogee stays.
    history.loc[after, "eccentricity"] += 2.0 / 6660.0
    assert explained(history, windows(history, [GAP]))["own_explanation"].tolist() == [MANEUVER]


def test_thrust_that_sets_in_is_no_decay():
    slow, fast = reentry_history(300.0, 0.5).iloc[: GAP + 1], reentry_history(298.0, 6.0).iloc[:6]
    shift = slow["epoch"].iloc[-1] + pd.Timedelta(days=1) - fast["epoch"].iloc[0]
    history = pd.concat([slow, fast.assign(epoch=fast["epoch"] + shift)], ignore_index=True)
    assert explained(history, windows(history, [GAP]))["own_explanation"].tolist() == [MANEUVER]


def test_high_above_the_air_a_fall_is_no_decay():
    history = reentry_history(420.0, 3.0, last_height_km=330.0)
    assert explained(history, windows(history, [GAP]))["own_explanation"].tolist() == [MANEUVER]
