"""How soon a burn is flagged: on what was there by then, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.benchmark.latency import soon, told_at
from models.benchmark.protocol import evaluated_spans
from models.bundle import Bundle
from models.detect.calibration import fit_threshold
from models.detect.robust_step import RobustStep
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
GAPS = (40, 60, 80, 100)


@pytest.fixture(scope="module")
def watched():
    history = synthetic_history(
        130, noise_a_m=1.0, seed=11, burns_a_m=dict.fromkeys(GAPS, 60.0) | {GAPS[-1]: 0.01}
    ).assign(rev_at_epoch=1)
    epoch = history["epoch"]
    times = [epoch[gap] + (epoch[gap + 1] - epoch[gap]) / 2 for gap in GAPS]
    burns = pd.DataFrame({"norad_id": history["norad_id"].iloc[0], "name": "A", "burn_time": times})
    features = compute_features(history)
    detector = RobustStep()
    quiet = fit_threshold(features, detector.score(features))
    at_eight = {name: entry.model_copy(update={"threshold": 8.0}) for name, entry in quiet.regimes.items()}
    bundle = Bundle(detector, quiet.model_copy(update={"regimes": at_eight}))
    return history, burns, evaluated_spans(features, burns), bundle


def test_a_large_burn_is_told_within_a_few_sets_and_one_in_the_noise_never(watched):
    history, burns, span, bundle = watched
    told = told_at(history, bundle, burns, span, CONFIG)
    assert told["burn_time"].tolist() == burns["burn_time"].tolist()
    assert (told["sets"][:3] <= 3).all()
    assert told["hours"][3:].isna().all()
    for burn, hours in zip(told["burn_time"][:3], told["hours"][:3], strict=True):
        late = history["available_at"] - (burn + pd.Timedelta(hours=hours))
        assert late.abs().min() < pd.Timedelta(milliseconds=1), "told when a set came"
    figures = soon(told)
    assert figures["within_reach"] == 0.75
    assert figures["latency_h"] == told["hours"].median()


def test_sets_that_came_later_decide_nothing_and_late_ones_delay(watched):
    history, burns, span, bundle = watched
    told = told_at(history, bundle, burns, span, CONFIG)
    spoiled = history.copy()
    after = np.arange(len(history)) > GAPS[2] + 12
    spoiled.loc[after, "mean_motion_rev_day"] *= 1.01
    again = told_at(spoiled, bundle, burns, span, CONFIG)
    pd.testing.assert_frame_equal(told[:3], again[:3])
    delayed = history.assign(available_at=history["available_at"] + pd.Timedelta(days=1))
    later = told_at(delayed, bundle, burns, span, CONFIG)
    np.testing.assert_allclose(later["hours"][:3] - told["hours"][:3], 24.0, atol=1e-3)
