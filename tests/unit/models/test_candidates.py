import numpy as np
import pandas as pd
import pytest

from configs.detect import CandidateConfig
from features.bank import compute_features
from models.detect.candidates import EVENT_DTYPES, find_events
from models.errors import ModelError
from tests.synthetic_history import synthetic_history

COUNT = 40


def rows(regime: str = "leo", objects: int = 1) -> pd.DataFrame:
    """Feature rows a day apart that say nothing about the burn's time within its gap."""
    parts = []
    for norad_id in range(1, objects + 1):
        epoch = pd.Series(pd.date_range("2020-01-01", periods=COUNT + 1, tz="UTC")).dt.as_unit("us")
        part = pd.DataFrame({"epoch_before": epoch[:-1].array, "epoch": epoch[1:].array})
        part.insert(0, "norad_id", norad_id)
        parts.append(part.assign(available_at=part["epoch"] + pd.Timedelta(hours=6), regime=regime, step_a_m=0.0))
    return pd.concat(parts, ignore_index=True)


def scores(peaks: dict[int, float], count: int = COUNT) -> np.ndarray:
    out = np.zeros(count)
    for row, score in peaks.items():
        out[row] = score
    return out


def found(
    features: pd.DataFrame, peaks: dict[int, float], threshold=5.0, config: CandidateConfig | None = None
) -> list[int]:
    events = find_events(features, scores(peaks, len(features)), threshold, config)
    index = pd.MultiIndex.from_frame(features[["norad_id", "epoch"]])
    return index.get_indexer(pd.MultiIndex.from_frame(events[["norad_id", "epoch_after"]])).tolist()


def test_peaks_above_the_threshold_are_events_with_their_window():
    events = find_events(rows(), scores({10: 8.0, 20: 4.9}), 5.0, detector="robust-step")
    assert {name: str(dtype) for name, dtype in events.dtypes.items()} == EVENT_DTYPES
    event = events.iloc[0]
    assert len(events) == 1
    assert (event["epoch_before"], event["epoch_after"]) == tuple(rows().loc[10, ["epoch_before", "epoch"]])
    assert event["available_at"] == rows().loc[10, "available_at"]
    assert (event["score"], event["threshold"], event["detector"]) == (8.0, 5.0, "robust-step")
    assert event["burn_time_hint"] == event["epoch_before"] + pd.Timedelta(hours=12)
    assert np.isnan(event["probability"])


def test_no_event_still_has_the_columns():
    events = find_events(rows(), scores({}), 5.0)
    assert events.empty
    assert {name: str(dtype) for name, dtype in events.dtypes.items()} == EVENT_DTYPES
    assert find_events(rows().iloc[:0], np.empty(0), 5.0).empty


def test_a_far_weaker_detection_nearby_belongs_to_the_stronger():
    assert found(rows(), {10: 6.0, 12: 80.0}) == [12], "two days apart in LEO"
    assert found(rows(), {10: 6.0, 13: 80.0}) == [10, 13], "three days apart in LEO"
    assert found(rows("geo"), {10: 6.0, 13: 80.0}) == [13], "one smeared burn in GEO"
    assert found(rows("geo"), {10: 6.0, 14: 80.0}) == [10, 14]


def test_a_detection_that_rivals_its_neighbor_is_a_burn_of_its_own():
    assert found(rows("geo"), {10: 40.0, 12: 80.0}) == [10, 12]
    assert found(rows("geo"), {10: 40.0, 12: 80.0}, config=CandidateConfig(rival_days=2.5)) == [12]
    assert found(rows("geo"), {10: 40.0, 12: 80.0}, config=CandidateConfig(rival_ratio=0.6)) == [12]


def test_gaps_that_follow_each_other_are_one_event_in_the_first_of_them():
    events = find_events(rows(), scores({10: 6.0, 11: 9.0, 12: 7.0}), 5.0)
    assert len(events) == 1
    assert events["epoch_after"].iloc[0] == rows().loc[10, "epoch"]
    assert events["score"].iloc[0] == 9.0


def test_weekly_sets_are_not_joined():
    weekly = rows()
    for name in ("epoch_before", "epoch", "available_at"):
        weekly[name] = (
            pd.Timestamp("2020-01-01", tz="UTC") + (weekly[name] - pd.Timestamp("2020-01-01", tz="UTC")) * 7
        ).dt.as_unit("us")
    assert found(weekly, {10: 8.0, 11: 20.0}) == [10, 11]


def test_objects_do_not_suppress_each_other():
    assert found(rows(objects=2), {COUNT - 1: 8.0, COUNT: 9.0}) == [COUNT - 1, COUNT]


def test_a_threshold_by_regime_must_name_every_regime():
    assert found(rows(), {10: 8.0}, {"leo": 5.0, "geo": 30.0}) == [10]
    assert found(rows("geo"), {10: 8.0}, {"leo": 5.0, "geo": 30.0}) == []
    with pytest.raises(ModelError, match="regime heo"):
        find_events(rows("heo"), scores({}), {"leo": 5.0})


def test_probability_comes_from_the_caller():
    events = find_events(rows(), scores({10: 8.0, 20: 9.0}), 5.0, probability=lambda score, regime: score / 10)
    assert events["probability"].tolist() == [0.8, 0.9]
    events = find_events(rows(), scores({10: 8.0}), 5.0, probability=np.arange(COUNT) / COUNT)
    assert events["probability"].tolist() == [0.25]


def test_scores_must_fit_the_rows():
    with pytest.raises(ModelError, match="40 feature rows"):
        find_events(rows(), np.zeros(3), 5.0)


def test_the_hint_is_where_the_orbits_cross():
    features = rows().assign(back_t_km=-3.0, residual_t_km=1.0)
    assert find_events(features, scores({10: 8.0}), 5.0)["burn_time_hint"].iloc[0] == pd.Timestamp(
        "2020-01-11 18:00", tz="UTC"
    )


def test_a_smeared_burn_began_before_it_showed():
    features = rows()
    features.loc[[10, 11], "step_a_m"] = [5.0, 4.0]
    event = find_events(features, scores({10: 8.0}), 5.0).iloc[0]
    assert event["burn_time_hint"] == features.loc[10, "epoch_before"] - pd.Timedelta(hours=6)
    assert event["epoch_before"] == features.loc[9, "epoch_before"], "the window holds the hint"
    features.loc[11, "step_a_m"] = -4.0  # ringing is no smear
    event = find_events(features, scores({10: 8.0}), 5.0).iloc[0]
    assert event["epoch_before"] == features.loc[10, "epoch_before"]


@pytest.mark.parametrize("orbit", ["leo", "geo"])
def test_the_hint_finds_the_instant_of_a_burn_in_sgp4_s_own_world(orbit):
    """A raise at a set's own epoch: both orbits meet there, at the end of the gap."""
    features = compute_features(synthetic_history(30, orbit=orbit, burns_a_m={15: 300.0}))
    event = find_events(features, scores({15: 50.0}, len(features)), 5.0).iloc[0]
    off = abs(event["burn_time_hint"] - features.loc[15, "epoch"])
    assert off < pd.Timedelta(minutes=20 if orbit == "leo" else 60)
