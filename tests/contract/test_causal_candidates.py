"""With ``later_sets`` no candidate and no column of its description sees more of the future than that."""

import numpy as np
import pandas as pd
import pytest

from configs.learning import BoostedConfig
from models.detect.context import INPUTS
from models.detect.described import Candidates, find_candidates
from tests.synthetic_features import synthetic_features

BURNS = {(0, 60): 40.0, (0, 97): -25.0, (0, 98): -20.0, (1, 80): 60.0, (1, 101): 8.0}
GAPS = 160


def features(regime: str) -> pd.DataFrame:
    return synthetic_features(objects=2, gaps=GAPS, seed=4, burns=BURNS, regime=regime)


def up_to(candidates: Candidates, gap: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The candidates in the first gaps of each object."""
    known = candidates[candidates.events["row"].to_numpy() % GAPS <= gap]
    return known.events, known.description, known.strength


def assert_same(one: Candidates, other: Candidates, gap: int) -> None:
    (events, description, strength), (events2, description2, strength2) = up_to(one, gap), up_to(other, gap)
    pd.testing.assert_frame_equal(events, events2)
    np.testing.assert_allclose(description, description2, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(strength, strength2, rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("regime", ["leo", "geo"])
@pytest.mark.parametrize("later_sets", [0, 1, 3])
def test_changing_what_comes_later_changes_no_earlier_candidate(regime, later_sets):
    config, rows = BoostedConfig(later_sets=later_sets, least_strength_high=2.5), features(regime)
    whole = find_candidates(rows, config)
    place = np.arange(len(rows)) % GAPS
    for gap in (60, 97, 98, 99, 101, 120):
        changed = rows.copy()
        later = place > gap + later_sets
        columns = [name for name in INPUTS if rows[name].dtype == np.float64]
        changed.loc[later, columns] = changed.loc[later, columns] * 30 + 5
        other = find_candidates(changed, config)
        assert len(up_to(whole, gap)[0]) > 4
        assert_same(other, whole, gap)


@pytest.mark.parametrize("regime", ["leo", "geo"])
def test_a_history_cut_short_has_the_candidates_before_the_cut(regime):
    config, rows = BoostedConfig(later_sets=1, least_strength_high=2.5), features(regime)
    part = rows[np.arange(len(rows)) % GAPS < 100].reset_index(drop=True)
    found = find_candidates(part, config)
    known = found.events.assign(row=found.events["row"] % 100 + GAPS * (found.events["row"] // 100))
    assert_same(Candidates(known, found.description, found.strength), find_candidates(rows, config), 98)


def test_the_burn_is_a_candidate_as_soon_as_its_gap_is_known():
    found = find_candidates(features("leo"), BoostedConfig(later_sets=0)).events
    assert {60, 97, GAPS + 80} <= set(found["row"])


def test_more_is_described_when_more_is_known():
    width = [
        find_candidates(features("leo"), BoostedConfig(later_sets=k)).description.shape[1] for k in (0, 1, 3, None)
    ]
    assert width == sorted(set(width))
