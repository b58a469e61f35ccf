"""The model that ships: whole, taught, at home in any home."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from configs.networks import PretrainedConfig
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.benchmark.operating_point import operating_points
from models.benchmark.protocol import evaluate, evaluated_spans
from models.bundle import CorruptModelError, read_bundle, verify, write_bundle
from models.detect.calibration import calibrated_at, fit_threshold
from models.detect.chain import find_burns
from models.detect.ensemble import Ensemble
from models.detect.pretrained import Pretrained, shipped, write_pretrained
from tests.synthetic_history import synthetic_history

CONFIG = BurnwatchConfig()
BURNS = range(30, 200, 17)


def satellite(norad_id, size_m):
    history = synthetic_history(
        220, norad_id=norad_id, noise_a_m=2.0, seed=norad_id, burns_a_m=dict.fromkeys(BURNS, size_m)
    )
    epoch = history["epoch"]
    times = [epoch.iloc[gap] + (epoch.iloc[gap + 1] - epoch.iloc[gap]) / 2 for gap in BURNS]
    return compute_features(history), pd.DataFrame({"norad_id": norad_id, "name": f"S{norad_id}", "burn_time": times})


@pytest.fixture(scope="module")
def fleet():
    rows, logged = zip(*(satellite(90001 + number, 40.0) for number in range(3)), strict=True)
    return pd.concat(rows, ignore_index=True), pd.concat(logged, ignore_index=True)


@pytest.fixture(scope="module")
def detector():
    return Pretrained()


def test_what_ships_is_whole_and_small():
    verify(shipped())
    assert sum(path.stat().st_size for path in shipped().rglob("*")) < 6e6


def test_its_card_says_what_it_is():
    card = (shipped().parent / "CARD.md").read_text()
    assert all(f"## {part}" in card for part in ("What it learned from", "Figures", "Limits"))


def test_it_finds_burns_of_satellites_that_it_never_saw(detector, fleet):
    features, maneuvers = fleet
    calibration = calibrated_at(fit_threshold(features, detector.score(features)), detector.operating_points)
    events = find_burns(features, detector, calibration.thresholds_of(["leo"]), CONFIG, calibration)
    pooled = evaluate(events, maneuvers, evaluated_spans(features, maneuvers), bootstrap=0).pooled.iloc[0]
    assert pooled["recall"] >= 0.9
    assert pooled["precision"] >= 0.9
    assert events["probability"].between(0.5, 1.0).all()


def test_nothing_is_learned_at_home(detector, fleet):
    features, maneuvers = fleet
    before = detector.score(features)
    detector.fit(features, maneuvers)
    np.testing.assert_array_equal(detector.score(features), before)


def test_logs_of_the_home_set_its_threshold(detector, fleet):
    features, maneuvers = fleet
    spans = evaluated_spans(features, maneuvers)
    rows = {each: features[features["norad_id"] == each] for each in spans["norad_id"]}
    points = operating_points(Pretrained, rows, maneuvers, spans, CONFIG.candidates)
    assert points["leo"].satellites == 3


def test_saved_and_read_again_it_is_the_same(detector, fleet, tmp_path):
    features, _ = fleet
    calibration = fit_threshold(features, detector.score(features))
    first = write_bundle(tmp_path / "a", detector, calibration)
    loaded = read_bundle(tmp_path / "a").detector
    assert write_bundle(tmp_path / "b", loaded, calibration) == first
    shutil.rmtree(tmp_path / "a")
    write_bundle(tmp_path / "c", loaded, calibration)
    again = read_bundle(tmp_path / "c").detector
    np.testing.assert_array_equal(again.score(features), detector.score(features))
    assert loaded.operating_points == detector.operating_points
    assert loaded.taught_by == detector.taught_by


def test_weights_that_were_changed_are_refused(tmp_path):
    shutil.copytree(shipped(), tmp_path / "weights")
    points = tmp_path / "weights" / "operating_points.json"
    points.write_text(points.read_text().replace("0.", "1.", 1))
    with pytest.raises(CorruptModelError, match=r"operating_points\.json was changed"):
        Pretrained(PretrainedConfig(weights=tmp_path / "weights"))


def test_weights_of_your_own_take_their_place(fleet, tmp_path):
    features, maneuvers = fleet
    own = Ensemble().fit(Ensemble().prepare(features), maneuvers)
    write_pretrained(tmp_path / "own", own, {}, frozenset({90001}))
    detector = Pretrained(PretrainedConfig(weights=tmp_path / "own"))
    np.testing.assert_array_equal(detector.score(features), own.score(features))
    assert detector.taught_by == {90001}
    assert detector.operating_points == {}
