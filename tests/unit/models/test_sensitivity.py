"""Curves of detection: trials against a detector that is known, the whole history's scores, and the fit of the curve."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binomtest

from catalog.records import epoch_us
from configs.injection import InjectionConfig, SensitivityConfig, SmearEra
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from features.history import sets_in
from models.benchmark.burns import burn_frame
from models.benchmark.detection_curve import detection_curve, smallest_found
from models.benchmark.injection import inject
from models.benchmark.sensitivity import TRIAL_DTYPES, Setting, free_gaps, injection_trials
from models.detect.robust_step import RobustStep
from tests.synthetic_history import synthetic_history

CLEAN = InjectionConfig(smear={group: (SmearEra(until="9999-12-31", lag_days=(0, 0)),) for group in ("leo", "high")})
FEW = SensitivityConfig(directions=("along-track",), injections=12, arc_sets=70, largest_dv_m_s=0.1)
NOISE_M = 1.0


@pytest.fixture(scope="module")
def features():
    return compute_features(synthetic_history(300, noise_a_m=NOISE_M, seed=5))


class Steps(RobustStep):
    """Finds every step of the semi-major axis beyond a size, and nothing else."""

    def _score(self, features):
        return np.abs(features["step_dv_t_m_s"].to_numpy())


def trials_of(features, detector, threshold, config=FEW, **options):
    setting = Setting(
        detector, {"leo": threshold, "geo": threshold}, BurnwatchConfig(sensitivity=config, injection=CLEAN)
    )
    return injection_trials(features, setting, free_gaps(features, setting), **options)


@pytest.mark.slow
def test_curve_of_a_known_detector_is_where_its_threshold_is(features):
    trials = trials_of(features, Steps(), 0.005)
    assert {name: str(dtype) for name, dtype in trials.dtypes.items()} == TRIAL_DTYPES
    curve = detection_curve(trials)
    noise = 0.5 * 1.06e-3 * NOISE_M * np.sqrt(2)  # of a step, as along-track velocity [m/s]
    assert (curve.loc[curve["dv_m_s"] < 0.005 - 4 * noise, "found"] == 0).all()
    sure = curve[curve["dv_m_s"] > 0.005 + 4 * noise]
    assert (sure["found"] == sure["injected"]).all()
    smallest = smallest_found(trials).iloc[0]
    assert smallest["low_m_s"] <= smallest["dv_m_s"] <= smallest["high_m_s"]
    assert smallest["dv_m_s"] == pytest.approx(0.005 + 1.28 * noise, rel=0.3)
    assert smallest["places"] == 12


@pytest.mark.slow
def test_robust_step_finds_what_lies_above_its_noise(features):
    # It may begin a burn a gap or two early where the noise is that of single sets: what is asked here is whether it sees it.
    config = FEW.model_copy(update={"window_days": 4.0})
    smallest = smallest_found(trials_of(features, RobustStep(), 6.0, config)).iloc[0]
    sigma = 0.5 * 1.06e-3 * NOISE_M
    assert 3 * sigma < smallest["dv_m_s"] < 15 * sigma


def test_the_same_seed_gives_the_same_trials(features):
    pd.testing.assert_frame_equal(trials_of(features, Steps(), 0.005), trials_of(features, Steps(), 0.005))


def test_score_at_the_burn_is_that_of_the_whole_history(features):
    history, gap, arc = sets_in(features), 150, SensitivityConfig().arc_sets
    burn = burn_frame(
        np.array([90001]),
        epoch_us(features["epoch_before"])[[gap]] + 3_600_000_000,
        np.array([[0.0, 0.01, 0.05]]),
        np.zeros((1, 3)),
    )
    whole = compute_features(inject(history, burn))
    cut = slice(gap - arc, gap + arc + 1)
    part = compute_features(inject(history[cut], burn))
    detector = RobustStep()
    at_whole, at_part = (
        detector.score(rows)[(rows["epoch"] == features["epoch"].iloc[gap]).to_numpy()][0] for rows in (whole, part)
    )
    assert at_whole > 6.0
    assert at_part == pytest.approx(at_whole, rel=0.02)


def test_an_object_with_little_quiet_history_has_no_trials():
    features = compute_features(synthetic_history(35, noise_a_m=NOISE_M))
    trials = trials_of(features, Steps(), 0.005)
    assert trials.empty
    assert detection_curve(trials).empty
    assert smallest_found(trials).empty


def test_places_are_spread_over_the_objects_of_a_regime():
    parts = [synthetic_history(150 + 300 * i, norad_id=90001 + i, noise_a_m=0.5, seed=i) for i in range(2)]
    features = compute_features(pd.concat(parts, ignore_index=True))
    config = FEW.model_copy(update={"injections": 40, "least_dv_m_s": 1e-2, "largest_dv_m_s": 2e-2, "arc_sets": 30})
    trials = trials_of(features, Steps(), 0.004, config)
    counts = trials[["norad_id", "place"]].drop_duplicates()["norad_id"].value_counts()
    assert counts.sum() == 40
    assert counts.min() >= 10
    one_each = trials_of(features, Steps(), 0.004, config, by="norad_id")
    assert one_each[["norad_id", "place"]].drop_duplicates()["norad_id"].value_counts().tolist() == [40, 40]


def drawn_trials(middle, steepness, ceiling, seed, places=80):
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(1e-3, 1.0, 13)
    chance = ceiling * expit(steepness * (np.log(sizes) - np.log(middle)))
    found = rng.random((places, len(sizes))) < chance
    place, size = np.divmod(np.arange(found.size), len(sizes))
    return pd.DataFrame(
        {
            "norad_id": 1,
            "regime": "leo",
            "place": place,
            "direction": "radial",
            "dv_m_s": sizes[size],
            "found": found.ravel(),
        }
    )


@pytest.mark.slow
@settings(max_examples=10, deadline=None)
@given(middle=st.floats(0.01, 0.1), steepness=st.floats(1.5, 6.0), seed=st.integers(0, 1000))
def test_fit_finds_the_size_of_a_drawn_curve(middle, steepness, seed):
    smallest = smallest_found(drawn_trials(middle, steepness, 1.0, seed), resamples=20).iloc[0]
    true = middle * np.exp(np.log(9.0) / steepness)
    assert smallest["dv_m_s"] == pytest.approx(true, rel=0.5)
    assert smallest["low_m_s"] <= smallest["high_m_s"]


@pytest.mark.slow
def test_intervals_cover_the_truth_as_often_as_they_say():
    true = 0.05 * np.exp(np.log(9.0) / 3.0)
    covered = 0
    for seed in range(20):
        smallest = smallest_found(drawn_trials(0.05, 3.0, 1.0, seed), resamples=40).iloc[0]
        covered += smallest["low_m_s"] <= true <= smallest["high_m_s"]
    assert covered >= 16  # of 20; 19 are expected


@pytest.mark.slow
def test_a_ceiling_below_the_share_is_not_reached():
    smallest = smallest_found(drawn_trials(0.02, 4.0, 0.7, 3), resamples=20).iloc[0]
    assert np.isnan(smallest["dv_m_s"])
    assert smallest["high_m_s"] == np.inf
    assert smallest["ceiling"] == pytest.approx(0.7, abs=0.08)


def test_interval_of_a_share_is_that_of_clopper_and_pearson():
    trials = drawn_trials(0.03, 3.0, 1.0, 4, places=20)
    for row in detection_curve(trials).to_dict("records"):
        exact = binomtest(row["found"], row["injected"]).proportion_ci(0.95, method="exact")
        assert (row["low"], row["high"]) == pytest.approx((exact.low, exact.high), abs=1e-9)
