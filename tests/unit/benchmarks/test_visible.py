"""Raises that are plain to see without a log, and what counts as having flagged them."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.visible import flagged, raises
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
    found = raises(history)
    assert len(found) == 1
    assert found["rise_m"].item() == pytest.approx(800.0, abs=60.0)
    assert (
        found["epoch_before"].item()
        <= history["epoch"].iloc[30]
        < history["epoch"].iloc[31]
        <= found["epoch_after"].item()
    )


def test_what_sinks_swings_back_or_lies_in_the_noise_is_none():
    assert raises(sets()).empty
    assert raises(sets({30: -800.0})).empty
    assert raises(sets({30: 5000.0, 31: -5000.0})).empty
    assert raises(sets({30: 200.0})).empty
    assert raises(sets({30: 800.0}, orbit="geo")).empty


def test_two_raises_are_two_rows_and_objects_are_apart():
    both = pd.concat([sets({20: 800.0, 50: 900.0}), sets({40: 700.0}, norad_id=90002, seed=4)], ignore_index=True)
    assert raises(both)["norad_id"].tolist() == [90001, 90001, 90002]


def test_a_raise_is_found_by_a_flag_near_it_or_by_the_thrust_that_covers_it():
    history = sets({30: 800.0})
    raised = raises(history)
    assert flagged(raised, events(history, (30, 31))).tolist() == [True]
    assert flagged(raised, events(history, (10, 11))).tolist() == [False]
    assert flagged(raised, events(history, (10, 11), thrust=(10, 40))).tolist() == [True]
    assert flagged(raised, events(history, (30, 31)).assign(norad_id=7)).tolist() == [False]
