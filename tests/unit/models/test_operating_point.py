"""The threshold of a training with labels is the benchmark's: chosen on satellites that did not teach the detector."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from configs.detect import CandidateConfig
from features.bank import compute_features
from models.benchmark.operating_point import operating_points
from models.benchmark.protocol import evaluate, evaluated_spans
from models.detect.calibration import calibrated_at, fit_threshold
from models.detect.detectors import create
from tests.synthetic_history import synthetic_history

BURNS = range(20, 200, 15)
CANDIDATES = CandidateConfig()


def satellite(norad_id):
    """Rows and burns of a satellite whose sets are noisy and which burns often."""
    burns = dict.fromkeys(BURNS, 40.0)
    history = synthetic_history(220, norad_id=norad_id, noise_a_m=4.0, seed=norad_id, burns_a_m=burns)
    epoch = history["epoch"]
    times = [epoch.iloc[gap] + (epoch.iloc[gap + 1] - epoch.iloc[gap]) / 2 for gap in BURNS]
    logged = pd.DataFrame({"norad_id": norad_id, "name": f"S{norad_id}", "burn_time": times})
    return compute_features(history), logged


@pytest.fixture(scope="module")
def labelled():
    rows, logged = zip(*(satellite(90001 + number) for number in range(3)), strict=True)
    return pd.concat(rows, ignore_index=True), pd.concat(logged, ignore_index=True)


def points_of(features, maneuvers, spans):
    rows = {each: features[features["norad_id"] == each] for each in spans["norad_id"]}
    return operating_points(lambda: create("robust-step"), rows, maneuvers, spans, CANDIDATES)


def test_the_threshold_serves_the_logged_burns_better_than_that_of_quiet_times(labelled):
    features, maneuvers = labelled
    spans = evaluated_spans(features, maneuvers)
    detector = create("robust-step")
    scores = detector.score(features)
    quiet = fit_threshold(features, scores)
    points = points_of(features, maneuvers, spans)
    assert points.keys() == {"leo"}
    assert points["leo"].satellites == 3
    calibration = calibrated_at(quiet, points)
    entry = calibration.of("leo")
    assert entry.threshold == points["leo"].threshold
    assert entry.satellites == 3
    assert (np.diff(entry.probabilities) >= 0).all()
    f1 = [
        evaluate(detector.events(features, one.thresholds_of(["leo"]), CANDIDATES), maneuvers, spans)
        .pooled["f1"]
        .item()
        for one in (calibration, quiet)
    ]
    assert f1[0] > max(f1[1], 0.8)


def test_fewer_than_three_satellites_leave_the_quiet_threshold(labelled):
    features, maneuvers = labelled
    two = maneuvers[maneuvers["norad_id"] < 90003]
    points = points_of(features, two, evaluated_spans(features, two))
    assert points == {}
    quiet = fit_threshold(features, create("robust-step").score(features))
    assert calibrated_at(quiet, points) == quiet


class Recording:
    """Makes detectors that say whom they were taught by and whom they judge."""

    def __init__(self):
        self.taught, self.judged = [], []

    def __call__(self):
        outer = self

        class Recorded(type(create("isolation-forest"))):
            learns_from_labels = True

            def _fit(self, features, maneuvers):
                outer.taught.append(set(features["norad_id"]))
                super()._fit(features, None)

            def _score(self, features):
                outer.judged.append(set(features["norad_id"]))
                return super()._score(features)

        return Recorded()


def test_nobody_is_judged_by_what_it_taught(labelled):
    features, maneuvers = labelled
    spans = evaluated_spans(features, maneuvers)
    rows = {each: features[features["norad_id"] == each] for each in spans["norad_id"]}
    recording = Recording()
    operating_points(recording, rows, maneuvers, spans, CANDIDATES)
    assert len(recording.taught) == 3
    for taught, judged in zip(
        recording.taught, [each for each in recording.judged if len(each) == 1][::2], strict=True
    ):
        assert len(taught) == 2
        assert not taught & judged
