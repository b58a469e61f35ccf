"""What every detector must bear: burns put into copies of arcs, under numbers of their own."""

import numpy as np
import pandas as pd
import pytest

from configs.injection import InjectionConfig, SensitivityConfig
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from features.history import sets_in
from models.benchmark.burns import draw_burns, injectable_gaps
from models.benchmark.detection_curve import detection_curve
from models.benchmark.injection import inject
from models.benchmark.sensitivity import TRIAL_DTYPES, Setting, free_gaps, injection_trials
from models.detect.detectors import DETECTORS, create
from tests.synthetic_history import synthetic_history

INJECTION = InjectionConfig(burns_per_year=40.0, dv_m_s={"leo": (0.02, 0.1)}, directions={"along-track": 1.0})


@pytest.fixture(scope="module")
def quiet_features():
    parts = [synthetic_history(260, norad_id=90001 + i, seed=i, noise_a_m=0.3) for i in range(3)]
    return compute_features(pd.concat(parts, ignore_index=True))


@pytest.fixture(scope="module")
def labeled(quiet_features):
    """Training data made of quiet histories: features with burns in them, and the burns."""
    free = injectable_gaps(quiet_features, INJECTION)
    burns = draw_burns(sets_in(quiet_features), free, INJECTION, np.random.default_rng(5))
    return compute_features(inject(sets_in(quiet_features), burns)), burns


@pytest.mark.slow
@pytest.mark.parametrize("name", DETECTORS)
def test_it_learns_from_injected_burns_and_finds_large_ones(name, quiet_features, labeled):
    features, burns = labeled
    detector = create(name).fit(features, burns)
    own = quiet_features[quiet_features["norad_id"] == 90001].reset_index(drop=True)
    threshold = float(np.quantile(detector.score(quiet_features), 0.999))
    config = SensitivityConfig(
        directions=("along-track",),
        least_dv_m_s=1e-4,
        largest_dv_m_s=0.1,
        sizes_per_decade=2,
        injections=8,
        least_injections=5,
        window_days=4.0,
    )
    setting = Setting(detector, {"leo": threshold}, BurnwatchConfig(sensitivity=config))
    trials = injection_trials(own, setting, free_gaps(own, setting))
    assert {column: str(dtype) for column, dtype in trials.dtypes.items()} == TRIAL_DTYPES
    curve = detection_curve(trials)
    assert curve["probability"].iloc[0] <= 0.5
    assert curve["probability"].iloc[-1] >= 0.75
