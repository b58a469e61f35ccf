from __future__ import annotations

import json
import subprocess

import numpy as np
import pandas as pd
import pytest

from configs.learning import IsolationForestConfig
from models.detect.isolation_forest import IsolationForestDetector
from models.errors import ModelError
from tests.synthetic_features import synthetic_features

SMALL = IsolationForestConfig(trees=50, samples=256, min_rows=200)


def test_a_regime_with_enough_rows_has_its_own_forest():
    noisy = synthetic_features(objects=3, gaps=150, seed=1, regime="geo", first_id=92001)
    columns = list(SMALL.columns)
    noisy[columns] *= 30
    calm = synthetic_features(objects=3, gaps=150, seed=2)
    detector = IsolationForestDetector(SMALL).fit(pd.concat([calm, noisy], ignore_index=True))
    probe = calm.iloc[[0]].assign(**dict.fromkeys(columns, 20.0))
    in_leo, in_geo = detector.score(probe), detector.score(probe.assign(regime="geo"))
    assert in_leo[0] > in_geo[0] + 0.1


def test_a_sparse_regime_shares_the_forest_of_all():
    calm = synthetic_features(objects=3, gaps=150, seed=2)
    few = synthetic_features(objects=1, gaps=20, seed=3, regime="heo", first_id=92001)
    detector = IsolationForestDetector(SMALL).fit(pd.concat([calm, few], ignore_index=True))
    np.testing.assert_array_equal(detector.score(few), detector.score(few.assign(regime="meo")))


def test_burns_in_the_training_data_still_stand_out():
    burns = {(index, gap): 30.0 for index in range(4) for gap in range(20, 150, 30)}
    features = synthetic_features(objects=4, gaps=150, seed=4, burns=burns)
    scores = IsolationForestDetector(SMALL).fit(features).score(features).reshape(4, 150)
    marked = np.zeros(scores.shape, dtype=bool)
    marked[tuple(np.array(list(burns)).T)] = True
    assert scores[marked].min() > np.quantile(scores[~marked], 0.999)


def test_a_column_without_any_value_is_ignored():
    features = synthetic_features(objects=2, gaps=150, seed=5)
    features[SMALL.columns[0]] = np.nan
    scores = IsolationForestDetector(SMALL).fit(features).score(features)
    assert scores.std() > 0


def test_one_row_is_too_little_to_learn_from():
    with pytest.raises(ModelError, match="at least 2 gaps"):
        IsolationForestDetector(SMALL).fit(synthetic_features(objects=1, gaps=1))


def test_a_file_with_a_type_that_no_forest_needs_is_refused(tmp_path):
    from skops.io import dump

    detector = IsolationForestDetector(SMALL).fit(synthetic_features(objects=2, gaps=150))
    detector.save(tmp_path)
    dump({"pooled": subprocess.getoutput}, tmp_path / "forests.skops")
    with pytest.raises(ModelError, match=r"forests\.skops.*subprocess"):
        IsolationForestDetector.load(tmp_path)


def test_the_saved_config_is_the_one_used(tmp_path):
    IsolationForestDetector(SMALL).fit(synthetic_features(objects=2, gaps=150)).save(tmp_path)
    assert json.loads((tmp_path / "detector.json").read_text())["config"]["trees"] == 50
    assert IsolationForestDetector.load(tmp_path).config == SMALL
