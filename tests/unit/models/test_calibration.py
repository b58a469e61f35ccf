from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from configs.learning import CalibrationConfig
from models.detect.calibration import (
    POOLED,
    Calibration,
    CalibrationError,
    OperatingPoint,
    alarms,
    calibrated_at,
    fit_threshold,
    held_by_passive,
)
from models.detect.quiet import quiet_gaps
from models.detect.tail import exceedance_rate, find_peaks, fit_tail, score_at_rate
from tests.synthetic_features import synthetic_features

LOOSE = CalibrationConfig(target_false_alarms_per_object_year=1.0)


def frame(objects, gaps, seed=0, regime="leo", first_id=90001):
    return synthetic_features(objects, gaps, seed=seed, regime=regime, first_id=first_id)


def ids_of(features):
    return set(features["norad_id"])


@pytest.mark.parametrize("shape", [-0.2, 0.0, 0.3, 0.8])
def test_the_tail_of_a_known_distribution_is_found(shape):
    excesses = stats.genpareto.rvs(shape, scale=2.5, size=4000, random_state=1)
    scale, found = fit_tail(excesses)
    assert found == pytest.approx(shape, abs=0.07)
    assert scale == pytest.approx(2.5, rel=0.08)


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.7])
def test_the_fit_is_at_least_as_likely_as_scipys(shape):
    excesses = stats.genpareto.rvs(shape, scale=0.7, size=300, random_state=2)
    scale, found = fit_tail(excesses)
    theirs = stats.genpareto.fit(excesses, floc=0)
    ours = stats.genpareto.logpdf(excesses, found, 0, scale).sum()
    assert ours >= stats.genpareto.logpdf(excesses, *theirs).sum() - 1e-3


@given(
    start=st.floats(-10, 10),
    rate=st.floats(0.5, 100),
    scale=st.floats(0.01, 50),
    shape=st.floats(-0.5, 2),
    part=st.floats(1e-4, 0.999),
)
def test_score_and_rate_are_each_others_inverse(start, rate, scale, shape, part):
    score = score_at_rate(rate * part, start, rate, scale, shape)
    assert score >= start
    assert exceedance_rate(score, start, rate, scale, shape) == pytest.approx(rate * part, rel=1e-3)


def test_peaks_are_the_highest_of_each_cluster():
    features = frame(2, 10).assign(gap_days=1.0)
    features["epoch"] = features["epoch"].iloc[0] + pd.to_timedelta(features.groupby("norad_id").cumcount(), unit="D")
    scores = np.zeros(20)
    scores[[0, 1, 2, 8, 9, 10]] = [2, 5, 3, 4, 4, 6]
    peaks = find_peaks(features, scores, 1.0, 3.0)
    assert peaks.row.tolist() == [1, 8, 10]  # the first of equals; another object is another cluster
    assert peaks.score.tolist() == [5, 4, 6]
    assert peaks.norad_id.tolist() == [90001, 90001, 90002]


def test_no_score_above_the_start_is_no_peak():
    assert len(find_peaks(frame(1, 5), np.zeros(5), 1.0, 3.0).score) == 0


def test_quiet_objects_are_quiet_whatever_they_do():
    burns = {(0, 50): 500.0, (1, 50): 500.0}
    features = synthetic_features(2, 100, burns=burns)
    quiet = quiet_gaps(features, {90001}, guard_days=10, lasting_sigma=6).reshape(2, 100)
    assert quiet[0].all()
    assert not quiet[1, 45:56].any()
    assert quiet[1, :35].mean() > 0.95
    assert quiet[1, 65:].mean() > 0.95


def test_a_step_that_goes_back_stays_in_the_quiet_data():
    """A bad element set is what false alarms are made of: it must count."""
    features = synthetic_features(1, 100, burns={(0, 50): 500.0, (0, 51): -500.0})
    assert features["step_a_m"].abs().max() > 100
    assert quiet_gaps(features, guard_days=10, lasting_sigma=6)[45:56].all()


def test_half_the_gaps_near_a_burn_do_not_hide_the_burns():
    burns = {(0, gap): 300.0 for gap in range(8, 200, 16)}
    features = synthetic_features(1, 200, burns=burns)
    quiet = quiet_gaps(features, guard_days=4, lasting_sigma=6)
    assert not quiet[[gap for _, gap in burns]].any()


def test_the_threshold_keeps_its_promise_on_objects_it_never_saw():
    calibrating, fresh = frame(40, 400, seed=1), frame(40, 400, seed=2, first_id=95001)
    noise = [np.abs(stats.t.rvs(5, size=len(one), random_state=seed)) for seed, one in enumerate((calibrating, fresh))]
    calibration = fit_threshold(calibrating, noise[0], LOOSE, quiet_ids=ids_of(calibrating))
    realised = alarms(fresh, noise[1], calibration, LOOSE.decluster_days)
    rate = realised["alarms"].sum() / realised["exposure_years"].sum()
    assert realised["exposure_years"].sum() == pytest.approx(40 * 400 / 365.25, rel=0.02)
    assert rate == pytest.approx(1.0, abs=0.45)  # three standard errors of a count of 44
    assert not calibration.of("leo").extrapolated


def test_a_rate_rarer_than_the_data_shows_is_called_extrapolated():
    features = frame(10, 400, seed=3)
    noise = np.abs(np.random.default_rng(3).standard_normal(len(features)))
    rare = CalibrationConfig(target_false_alarms_per_object_year=0.01)
    calibration = fit_threshold(features, noise, rare, quiet_ids=ids_of(features))
    assert calibration.of("leo").extrapolated
    assert calibration.threshold("leo") > fit_threshold(features, noise, LOOSE).threshold("leo")


def test_unlabelled_burns_do_not_raise_the_threshold_much():
    burns = {(index, gap): 400.0 for index in range(20) for gap in range(30, 390, 40)}
    busy, calm = synthetic_features(20, 400, seed=4, burns=burns), frame(20, 400, seed=4)
    quiet = fit_threshold(calm, calm["z_step_a_m"].abs(), LOOSE)
    contaminated = fit_threshold(busy, busy["z_step_a_m"].abs(), LOOSE)
    assert contaminated.threshold("leo") == pytest.approx(quiet.threshold("leo"), rel=0.15)


def test_a_regime_with_little_quiet_data_shares_the_pooled_tail():
    features = pd.concat([frame(20, 400), frame(1, 50, regime="heo", first_id=95001)], ignore_index=True)
    noise = np.abs(np.random.default_rng(5).standard_normal(len(features)))
    calibration = fit_threshold(features, noise, LOOSE)
    assert set(calibration.regimes) == {POOLED, "leo"}
    assert calibration.threshold("heo") == calibration.threshold("never seen") == calibration.regimes[POOLED].threshold


def test_regimes_have_their_own_thresholds():
    features = pd.concat([frame(20, 400), frame(20, 400, regime="geo", first_id=95001)], ignore_index=True)
    noise = np.abs(np.random.default_rng(6).standard_normal(len(features)))
    noise[features["regime"] == "geo"] *= 10
    calibration = fit_threshold(features, noise, LOOSE)
    assert calibration.threshold("geo") == pytest.approx(10 * calibration.threshold("leo"), rel=0.25)
    np.testing.assert_array_equal(
        calibration.thresholds(["geo", "leo", "geo"]), [calibration.threshold(name) for name in ("geo", "leo", "geo")]
    )


def mixture(seed=7):
    """Quiet noise with an exponential tail in every gap, and burns of higher scores that come with a lasting step."""
    rng = np.random.default_rng(seed)
    burns = {(index, gap): 500.0 for index in range(50, 100) for gap in rng.integers(20, 380, 8)}
    features = synthetic_features(100, 400, seed=seed, burns=burns)
    burnt = (features["step_a_m"].abs() > 50).to_numpy()
    scores = np.where(burnt, rng.normal(9.0, 2.0, len(features)), rng.exponential(1.0, len(features)))
    return features, scores, burnt, set(range(90001, 90051))


def test_probability_is_what_it_says():
    features, scores, _, controls = mixture()
    calibration = fit_threshold(features, scores, LOOSE, quiet_ids=controls)
    fresh, fresh_scores, burnt, _ = mixture(seed=8)
    peaks = find_peaks(fresh, fresh_scores, calibration.of("leo").start, LOOSE.decluster_days)
    probability, truth = calibration.probability(peaks.score, "leo"), burnt[peaks.row]
    group = np.minimum((probability * 10).astype(int), 9)
    apart = [abs((truth - probability)[group == one].sum()) for one in range(10)]
    assert sum(apart) / len(truth) < 0.04  # expected calibration error
    assert truth[probability > 0.9].sum() > 200
    assert (probability < 0.1).sum() > 200


def test_a_score_beyond_all_that_was_seen_is_probable():
    """Also where only controls were calibrated on, which show no burn at all."""
    features = frame(10, 400)
    noise = np.random.default_rng(9).exponential(1.0, len(features))
    calibration = fit_threshold(features, noise, LOOSE, quiet_ids=ids_of(features))
    assert calibration.probability([200.0], "leo")[0] > 0.99
    assert calibration.probability([0.1], "leo")[0] == 0.0


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), objects=st.integers(1, 6), gaps=st.integers(30, 120))
def test_probability_never_falls_with_the_score(seed, objects, gaps):
    features = frame(objects, gaps, seed=seed)
    scores = np.abs(stats.t.rvs(3, size=len(features), random_state=seed))
    calibration = fit_threshold(features, scores, LOOSE, quiet_ids=ids_of(features))
    probability = calibration.probability(np.linspace(-1, 2 * scores.max() + 1, 500), "leo")
    assert (np.diff(probability) >= 0).all()
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert np.isfinite(calibration.threshold("leo"))


def test_json_and_back():
    features, scores, _, controls = mixture()
    calibration = fit_threshold(features, scores, LOOSE, quiet_ids=controls)
    assert Calibration.model_validate_json(calibration.model_dump_json()) == calibration


def test_too_little_data_is_refused():
    features = frame(1, 1)
    with pytest.raises(CalibrationError, match="too few"):
        fit_threshold(features, np.zeros(1), LOOSE)
    with pytest.raises(CalibrationError, match="too few"):
        fit_threshold(features.iloc[:0], np.zeros(0), LOOSE)


@pytest.mark.parametrize("scores", [np.zeros(3), np.array([0.0, np.nan])])
def test_scores_that_do_not_fit_the_features_are_refused(scores):
    with pytest.raises(CalibrationError, match="one finite score"):
        fit_threshold(frame(1, 2), scores)


def test_the_guard_covers_a_cluster():
    with pytest.raises(ValueError, match="guard_days"):
        CalibrationConfig(guard_days=1.0, decluster_days=3.0)


def judged_by_satellites(calibration, threshold=0.0):
    """As `operating_points` gives it: probabilities of log-odds that mean what they say."""
    knots = np.linspace(-6, 6, 41)
    point = OperatingPoint(
        threshold=threshold, knots=tuple(knots), probabilities=tuple(1 / (1 + np.exp(-knots))), satellites=4
    )
    return calibrated_at(calibration, {"leo": point})


def quiet_calibration(seed=3):
    features = frame(40, 300, seed=seed)
    scores = np.abs(np.random.default_rng(seed).normal(size=len(features))) * 3
    return features, scores, fit_threshold(features, scores, LOOSE, quiet_ids=ids_of(features))


def test_one_knob_takes_four_times_the_odds_where_satellites_told_the_probability():
    _, _, calibration = quiet_calibration()
    entry = judged_by_satellites(calibration).of("leo")
    assert entry.threshold_at("balanced") == entry.threshold
    for sensitivity, odds in (("cautious", 4.0), ("sensitive", 0.25)):
        chance = np.interp(entry.threshold_at(sensitivity), entry.knots, entry.probabilities)
        assert chance / (1 - chance) == pytest.approx(odds, rel=0.05)


def test_one_knob_takes_a_quarter_of_the_alarms_where_quiet_data_gave_the_threshold():
    features, scores, calibration = quiet_calibration()
    limits = [calibration.thresholds_of(["leo"], one)["leo"] for one in ("cautious", "balanced", "sensitive")]
    assert limits[0] > limits[1] > limits[2]
    counts = [len(find_peaks(features, scores, limit, LOOSE.decluster_days).score) for limit in limits]
    assert counts[0] < counts[1] / 2
    assert counts[2] > counts[1] * 2


def test_objects_that_cannot_maneuver_hold_a_threshold_to_the_stated_rate():
    features, scores, calibration = quiet_calibration()
    low = judged_by_satellites(calibration, threshold=0.5)
    passive = sorted(ids_of(features))[:30]
    config = LOOSE.model_copy(update={"min_exposure_years": 1.0, "passive_false_alarms_per_object_year": 0.5})
    kept = held_by_passive(features, scores, low, config, passive)
    theirs = features["norad_id"].isin(passive).to_numpy()
    above = find_peaks(features[theirs], scores[theirs], kept.threshold("leo"), config.decluster_days).score
    years = kept.of("leo").passive_years
    assert years > 1.0
    assert 0 < len(above) <= 0.5 * years
    assert kept.threshold("leo") > 0.5
    high = judged_by_satellites(calibration, threshold=100.0)
    assert held_by_passive(features, scores, high, config, passive).threshold("leo") == 100.0


def test_too_short_a_watch_of_objects_that_cannot_maneuver_changes_nothing():
    features, scores, calibration = quiet_calibration()
    few = LOOSE.model_copy(update={"min_exposure_years": 1e4})
    assert held_by_passive(features, scores, calibration, few, ids_of(features)) == calibration
