"""Saved trees are the same bytes for the same model, wherever in memory and at what time they were written."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from models.detect.boosted import TRUSTED_TYPES
from models.detect.trusted import dump_trusted, load_trusted
from models.errors import ModelError


def trees(seed=0):
    drawn = np.random.default_rng(seed)
    seen = drawn.normal(size=(300, 3))
    return HistGradientBoostingClassifier(max_iter=5, random_state=1).fit(seen, seen[:, 0] > 0), seen


def test_the_same_model_is_the_same_bytes_also_when_read_and_written_again(tmp_path):
    first, seen = trees()
    dump_trusted({"leo": [first]}, tmp_path / "a")
    dump_trusted({"leo": [trees()[0]]}, tmp_path / "b")
    loaded = load_trusted(tmp_path / "a", TRUSTED_TYPES, "trees do")
    dump_trusted(loaded, tmp_path / "c")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() == (tmp_path / "c").read_bytes()
    np.testing.assert_array_equal(loaded["leo"][0].predict_proba(seen), first.predict_proba(seen))


def test_another_model_is_other_bytes(tmp_path):
    dump_trusted([trees(0)[0]], tmp_path / "a")
    dump_trusted([trees(1)[0]], tmp_path / "b")
    assert (tmp_path / "a").read_bytes() != (tmp_path / "b").read_bytes()


def test_what_is_not_listed_is_refused(tmp_path):
    dump_trusted([trees()[0]], tmp_path / "a")
    with pytest.raises(ModelError, match="types that"):
        load_trusted(tmp_path / "a", [], "trees do")
