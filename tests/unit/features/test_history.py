import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.features import FeatureConfig
from features.history import gaps, used_sets
from tests.synthetic_history import synthetic_history

CONFIG = FeatureConfig(min_gap_minutes=30.0)


def at_minutes(minutes: list[float], norad_id: int = 90001) -> pd.DataFrame:
    history = synthetic_history(1).iloc[[0] * len(minutes)].reset_index(drop=True)
    history["norad_id"] = norad_id
    start = pd.Timestamp("2020-01-01", tz="UTC")
    history["epoch"] = (start + pd.to_timedelta(minutes, unit="min")).as_unit("us")
    history["available_at"] = history["epoch"] + pd.Timedelta(hours=6)
    return history


def minutes_used(history: pd.DataFrame) -> list[float]:
    epoch = used_sets(history, CONFIG)["epoch"]
    return ((epoch - pd.Timestamp("2020-01-01", tz="UTC")) / pd.Timedelta(minutes=1)).tolist()


def test_of_one_epoch_the_latest_available_set_is_used():
    history = at_minutes([0, 0, 100])
    history["eccentricity"] = [0.1, 0.2, 0.3]
    history.loc[0, "available_at"] += pd.Timedelta(hours=1)
    assert used_sets(history, CONFIG)["eccentricity"].tolist() == [0.1, 0.3]


def test_sets_minutes_after_the_last_used_one_are_left_out():
    assert minutes_used(at_minutes([0, 10, 20, 31, 45, 62, 63])) == [0, 31, 62]


def test_spacing_is_counted_by_object():
    history = pd.concat([at_minutes([0, 10]), at_minutes([11, 12], norad_id=90002)])
    assert used_sets(history, CONFIG)["norad_id"].tolist() == [90001, 90002]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=25))
def test_a_later_set_never_changes_which_earlier_ones_are_used(minutes):
    minutes = sorted(minutes)
    whole = minutes_used(at_minutes(minutes))
    assert np.all(np.diff(whole) >= 30)
    for cut in range(1, len(minutes), 4):
        part = minutes_used(at_minutes(minutes[:cut]))
        assert part == whole[: len(part)]


def test_gaps_lie_between_sets_of_one_object():
    rows = gaps(np.array([1, 1, 1, 2, 3, 3]))
    assert rows.later.tolist() == [1, 2, 5]
    assert rows.bounds.tolist() == [0, 2, 3]
    assert rows.rank.tolist() == [0, 1, 0]
    assert rows.earlier(1).tolist() == [0, 1, 4]
    assert rows.earlier(2).tolist() == [-1, 0, -1]
    assert len(gaps(np.array([], dtype=np.int64))) == 0
    assert gaps(np.array([7])).bounds.tolist() == [0]
