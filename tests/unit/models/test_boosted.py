"""Boosted trees: what they learn from, what they refuse, which candidates become events."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from configs.detect import RobustStepConfig
from configs.learning import BoostedConfig
from models.benchmark.protocol import evaluate, evaluated_spans
from models.detect.boosted import Boosted, pick_events
from models.detect.context import contexts
from models.detect.described import Candidates, hold_burns
from models.detect.lunar import less_lunar_wave
from models.errors import ModelError
from tests.synthetic_features import logged_burns, synthetic_features

SMALL = BoostedConfig(trees={"leo": 30, "high": 30}, ensembles=1, least_in_leaf=5, least_strength_high=1.5)
OBJECTS, GAPS = 4, 160


def burns_at(seed: int) -> dict[tuple[int, int], float]:
    rng = np.random.default_rng(seed)
    return {
        (at, int(gap + 10 * at)): float(rng.choice([-1, 1]) * rng.uniform(25, 60))
        for at in range(OBJECTS)
        for gap in (25, 60, 95)
    }


@functools.cache
def labeled(seed: int = 0, regime: str = "leo") -> tuple[pd.DataFrame, pd.DataFrame]:
    burns = burns_at(seed)
    features = synthetic_features(OBJECTS, GAPS, seed=seed, burns=burns, regime=regime, first_id=91000 + 10 * seed)
    features = features.assign(back_t_km_lag2=3.0, residual_t_km_lag2=1.0)  # the orbits cross in the later gap
    return features, logged_burns(features, burns)


@functools.cache
def trained(regime: str = "leo") -> Boosted:
    return Boosted(SMALL).fit(*labeled(0, regime))


@pytest.mark.parametrize("regime", ["leo", "geo"])
def test_it_finds_burns_of_objects_it_never_saw(regime):
    features, maneuvers = labeled(1, regime)
    found = trained(regime).events(features, SMALL.threshold["leo" if regime == "leo" else "high"])
    result = evaluate(found, maneuvers, evaluated_spans(features, maneuvers), bootstrap=0).pooled.iloc[0]
    assert result["recall"] >= 0.9
    assert result["precision"] >= 0.9


def test_without_burns_it_says_what_it_needs():
    features, maneuvers = labeled()
    for lacking in (None, maneuvers.iloc[:0]):
        with pytest.raises(ModelError, match="logged burns"):
            Boosted(SMALL).fit(features, lacking)
    with pytest.raises(ModelError, match="no candidate holds"):
        Boosted(SMALL).fit(features, maneuvers.assign(norad_id=1))


def test_each_object_is_judged_on_its_own():
    features, _ = labeled(1)
    together = trained().score(features)
    for _, rows in features.groupby("norad_id"):
        np.testing.assert_allclose(trained().score(rows), together[rows.index])


def test_the_other_groups_trees_judge_a_regime_that_was_never_taught():
    features, _ = labeled(1)
    assert np.isfinite(trained().score(features.assign(regime="heo"))).all()


def test_undefined_features_are_scored():
    features, _ = labeled(1)
    columns = [name for name in trained().inputs if features[name].dtype == np.float64]
    holes = np.random.default_rng(3).random((len(features), len(columns))) < 0.3
    blank = features.assign(**features[columns].mask(holes))
    assert np.isfinite(trained().score(blank)).all()
    assert (blank["residual_t_km"].isna() & blank["back_t_km"].notna()).any()


def test_training_again_gives_the_same_scores():
    features, _ = labeled(1)
    np.testing.assert_array_equal(Boosted(SMALL).fit(*labeled()).score(features), trained().score(features))


def test_saved_and_loaded_it_scores_the_same(tmp_path):
    features, _ = labeled(1)
    trained().save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".skops"}
    np.testing.assert_array_equal(Boosted.load(tmp_path).score(features), trained().score(features))


def test_trees_of_a_foreign_type_are_refused(tmp_path):
    from sklearn.ensemble import IsolationForest
    from skops.io import dump

    trained().save(tmp_path)
    dump({"leo": IsolationForest(n_estimators=2).fit(np.eye(4))}, tmp_path / "trees.skops")
    with pytest.raises(ModelError, match="trees do not need"):
        Boosted.load(tmp_path)


def test_the_description_turns_with_the_sign_of_a_burn():
    features, _ = labeled()
    less = [name for name in features.columns if name.startswith(("step_", "residual_", "back_", "a_km"))]
    config = RobustStepConfig(noise_floor_m=1e-6, noise_floor_deg=1e-9)
    turned, _ = contexts(
        features.assign(**{name: -features[name] for name in less if name != "a_km"}).assign(regime="geo"), config
    )
    plain, _ = contexts(features.assign(regime="geo"), config)
    same = [
        name for name in plain if name.startswith(("box", "begins", "ends", "rank", "over rivals", "along", "back"))
    ]
    stands_out = plain["box +0"].abs() > 1  # elsewhere noise tells the sign
    assert stands_out.sum() > 10
    pd.testing.assert_frame_equal(turned.loc[stands_out, same], plain.loc[stands_out, same], atol=1e-3)


def candidates(days: list[float], regime: str) -> Candidates:
    time = pd.Timestamp("2020-01-01", tz="UTC").as_unit("us") + pd.to_timedelta(days, unit="D").as_unit("us")
    half = pd.Timedelta(hours=12)
    events = pd.DataFrame(
        {"norad_id": 7, "epoch_before": time - half, "epoch_after": time + half, "burn_time_hint": time}
    ).assign(available_at=time + half, regime=regime, row=np.arange(len(days)))
    return Candidates(events, np.zeros((len(days), 1), np.float32), np.ones(len(days)))


def test_in_leo_an_event_gathers_the_chances_about_it():
    found = pick_events(candidates([0, 1, 2, 20], "leo"), np.array([0.2, 0.4, 0.3, 0.1]), SMALL)
    assert found["row"].tolist() == [1, 3]
    np.testing.assert_allclose(found["score"], np.log([9, 1 / 9]))


def test_above_leo_a_rival_nearly_as_likely_is_a_burn_of_its_own():
    found = pick_events(candidates([0, 2, 3, 20], "geo"), np.array([0.8, 0.78, 0.3, 0.1]), SMALL)
    assert found["row"].tolist() == [0, 1, 3]


def test_a_leo_candidate_holds_the_burn_in_its_gap_and_a_geo_one_a_burn_near_its_time():
    burn = pd.DataFrame({"norad_id": [7], "burn_time": [pd.Timestamp("2020-01-02 01:00", tz="UTC").as_unit("us")]})
    assert hold_burns(candidates([0, 1, 2], "leo"), burn, 1.5).tolist() == [False, True, False]
    assert hold_burns(candidates([0, 1, 2], "geo"), burn, 1.5).tolist() == [True, True, True]


def test_a_burn_known_by_day_alone_may_be_in_any_gap_of_that_day():
    day = [pd.Timestamp(f"2020-01-0{each}", tz="UTC").as_unit("us") for each in (2, 3)]
    burn = pd.DataFrame({"norad_id": [7], "burn_time": [day[0] + (day[1] - day[0]) / 2]})
    by_day = burn.assign(window_start=day[0], window_end=day[1])
    thirds = candidates([0, 1, 2, 3, 4, 5], "leo").events.assign(
        epoch_before=pd.date_range("2020-01-01 16:00", periods=6, freq="8h", tz="UTC", unit="us"),
        epoch_after=pd.date_range("2020-01-02 00:00", periods=6, freq="8h", tz="UTC", unit="us"),
    )
    dense = replace(candidates([0, 1, 2, 3, 4, 5], "leo"), events=thirds)
    assert hold_burns(dense, burn, 1.5).tolist() == [False, False, True, False, False, False], "noon would be taught"
    assert hold_burns(dense, by_day, 1.5).tolist() == [True, True, True, True, False, False]
    assert hold_burns(candidates([0, 1, 2], "geo"), by_day, 0.1).tolist() == [False, True, True]
    assert not hold_burns(candidates([0, 1, 2], "geo"), burn, 0.1).any()


def test_the_moon_goes_and_a_burn_stays():
    rng = np.random.default_rng(0)
    gap_days = rng.uniform(0.7, 1.3, 400)
    days = np.cumsum(gap_days)
    wave = 100 * (np.cos(2 * np.pi * days / 27.5546) - np.cos(2 * np.pi * (days - gap_days) / 27.5546))
    burn = np.where(np.arange(400) == 200, 300.0, 0.0)
    left = less_lunar_wave(wave + burn + rng.normal(0, 2, 400), days, gap_days)
    assert left[200] == pytest.approx(300, abs=15)
    assert np.std(np.delete(left, 200)) < 4
    quiet = rng.normal(0, 2, 400)
    assert np.std(less_lunar_wave(quiet, days, gap_days)) < 2.5
