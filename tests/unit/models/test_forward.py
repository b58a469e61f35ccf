"""Events going forward: the first of a stretch, nothing that later scores change, and when each was known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.detect import CandidateConfig, RobustStepConfig
from models.detect.candidates import EVENT_DTYPES
from models.detect.forward import above, rank_forward
from models.detect.robust_step import RobustStep
from tests.naive import events as naive
from tests.synthetic_features import synthetic_features

CONFIG = CandidateConfig()


def rows(count: int = 40, regime: str = "leo", objects: int = 1, gap_days: float = 1.0) -> pd.DataFrame:
    """Feature rows that say nothing about the burn's time within its gap."""
    parts = []
    for norad_id in range(1, objects + 1):
        epoch = pd.Series(pd.date_range("2020-01-01", periods=count + 1, freq=pd.Timedelta(days=gap_days), tz="UTC"))
        part = pd.DataFrame({"epoch_before": epoch[:-1].array, "epoch": epoch[1:].array}).astype("datetime64[us, UTC]")
        part.insert(0, "norad_id", norad_id)
        parts.append(part.assign(available_at=part["epoch"] + pd.Timedelta(hours=6), regime=regime, step_a_m=0.0))
    return pd.concat(parts, ignore_index=True)


def found(features: pd.DataFrame, scores: np.ndarray, threshold: float = 5.0, later_sets: int = 1, **more) -> list[int]:
    events = above(rank_forward(features, scores, -np.inf, CONFIG, later_sets=later_sets, **more), threshold)
    index = pd.MultiIndex.from_frame(features[["norad_id", "epoch"]])
    return index.get_indexer(pd.MultiIndex.from_frame(events[["norad_id", "epoch_after"]])).tolist()


def peaks(at: dict[int, float], count: int = 40) -> np.ndarray:
    out = np.zeros(count)
    out[list(at)] = list(at.values())
    return out


def test_an_event_has_the_columns_and_was_known_when_its_later_sets_were():
    features = rows()
    features.loc[11, "available_at"] += pd.Timedelta(days=9)  # the set between came last
    ranked = rank_forward(features, peaks({10: 8.0}), 5.0, CONFIG, later_sets=2, detector="robust-step")
    events = above(ranked, 5.0)
    assert {name: str(dtype) for name, dtype in events.dtypes.items()} == EVENT_DTYPES
    event = events.iloc[0]
    assert len(events) == 1
    assert (event["epoch_before"], event["epoch_after"]) == tuple(features.loc[10, ["epoch_before", "epoch"]])
    assert event["available_at"] == features.loc[11, "available_at"]
    assert (event["score"], event["threshold"], event["detector"]) == (8.0, 5.0, "robust-step")


def test_no_event_still_has_the_columns():
    for features in (rows(), rows().iloc[:0]):
        ranked = rank_forward(features, np.zeros(len(features)), 5.0, CONFIG, later_sets=1)
        assert {name: str(dtype) for name, dtype in above(ranked, 5.0).dtypes.items()} == EVENT_DTYPES
        assert ranked.empty


def test_nothing_is_decided_before_its_later_sets_are_there():
    assert found(rows(), peaks({37: 8.0})) == [37]
    assert found(rows(), peaks({38: 8.0}), later_sets=2) == []
    two = rows(objects=2)
    assert found(two, peaks({39: 8.0, 60: 8.0}, 80)) == [60], "another object's sets decide nothing"


def test_the_first_is_the_event_and_what_goes_on_belongs_to_it():
    assert found(rows(), peaks({10: 6.0, 11: 9.0, 12: 7.0, 14: 8.0, 16: 6.0})) == [10]
    assert found(rows(), peaks({10: 6.0, 13: 6.0})) == [10, 13]
    assert found(rows(regime="geo"), peaks({10: 40.0, 13: 40.0, 18: 40.0}), 30.0) == [10, 18]


def test_a_weak_one_does_not_hide_a_much_stronger_one_a_day_later():
    assert found(rows(), peaks({10: 6.0, 12: 80.0})) == [10, 12]
    assert found(rows(gap_days=0.4), peaks({10: 6.0, 12: 80.0})) == [10]
    odds = {"log_odds": True, "threshold": -1.0}
    assert found(rows(), peaks({10: 0.5, 12: 0.9}) - 2, **odds) == []
    assert found(rows(), peaks({10: 1.5, 12: 2.6}) - 2, **odds) == [10]
    assert found(rows(), peaks({10: 1.5, 12: 9.0}) - 2, **odds) == [10], "being surer does not make it another burn"


def test_each_regime_has_its_threshold():
    features = rows(objects=2)
    features["regime"] = np.repeat(["leo", "geo"], 40)
    assert found(features, peaks({10: 8.0, 50: 8.0}, 80), {"leo": 5.0, "geo": 30.0}) == [10]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 3.0), st.integers(-12, 12)), min_size=1, max_size=40),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from([-1.0, 0.5, 3.0]),
    st.sampled_from(["leo", "geo"]),
)
def test_it_is_what_walking_from_set_to_set_finds(gaps, later_sets, log_odds, threshold, regime):
    days = np.cumsum([0.0] + [gap for gap, _ in gaps])
    scores = np.array([float(score) for _, score in gaps])
    if not log_odds:
        scores, threshold = np.abs(scores), abs(threshold)
    epochs = pd.Series(pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(days, unit="D")).dt.as_unit("us")
    features = rows(len(gaps), regime).assign(epoch_before=epochs[:-1].array, epoch=epochs[1:].array)
    begins = (features["epoch_before"] - features["epoch_before"].iloc[0]) / pd.Timedelta(days=1)
    expected = naive.forward_events(
        begins.tolist(),
        scores.tolist(),
        threshold,
        later_sets=later_sets,
        separation_days=CONFIG.separation_days[regime],
        rival_days=CONFIG.rival_days,
        rival_ratio=CONFIG.rival_ratio,
        log_odds=log_odds,
    )
    assert found(features, scores, threshold, later_sets, log_odds=log_odds) == expected


@pytest.mark.parametrize("threshold", [4.0, 6.0, 12.0])
def test_ranked_once_the_events_at_any_threshold_follow(threshold):
    features = synthetic_features(objects=2, gaps=150, seed=3, burns={(0, 80): 30.0, (0, 82): 9.0, (1, 90): -12.0})
    detector = RobustStep(RobustStepConfig(later_sets=1))
    pd.testing.assert_frame_equal(
        above(detector.ranked(features, 2.5), threshold), detector.events(features, threshold)
    )
    assert len(detector.events(features, threshold))


def test_one_event_at_many_thresholds_has_one_peak():
    ranked = rank_forward(rows(), peaks({10: 6.0, 11: 9.0, 12: 7.0, 20: 6.0, 22: 80.0}), 5.0, CONFIG, later_sets=1)
    assert ranked["score"].tolist() == [6.0, 9.0, 6.0, 80.0], "what no threshold makes an event is left out"
    assert ranked["score_before"].tolist() == [-np.inf, 6.0, -np.inf, -np.inf]
    assert ranked["peak"].tolist() == [False, True, True, True]


def test_of_a_retrospective_detector_the_ranked_are_its_events():
    features = synthetic_features(objects=2, gaps=150, seed=3, burns={(0, 80): 30.0})
    ranked = RobustStep().ranked(features, 3.0)
    assert (ranked.pop("score_before") == -np.inf).all()
    assert ranked.pop("peak").all()
    pd.testing.assert_frame_equal(ranked, RobustStep().events(features, 3.0))
