"""No feature sees more of the future than its registry entry says."""

import numpy as np
import pandas as pd
import pytest

from configs.detect import RobustStepConfig
from features.bank import compute_features
from features.registry import COLUMNS, columns
from models.detect.robust_step import RobustStep
from tests.synthetic_history import synthetic_history

SETS = 75
CUTS = (1, 2, 3, 10, 40, 70)


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    burns = {20: 40.0, 43: -15.0, 44: 8.0}
    one = synthetic_history(SETS, noise_a_m=3.0, noise_i_deg=2e-4, burns_a_m=burns, seed=5)
    return pd.concat([one, synthetic_history(30, norad_id=90002, orbit="geo", noise_a_m=20.0)], ignore_index=True)


@pytest.fixture(scope="module")
def weather() -> pd.DataFrame:
    date = pd.Series(pd.date_range("2019-12-25", periods=150, tz="UTC")).dt.as_unit("us")
    ap = np.random.default_rng(0).integers(2, 90, 150)
    return pd.DataFrame({"date": date, "ap_daily": ap, "f107_obs_sfu": 70.0 + ap})


def own(features: pd.DataFrame) -> pd.DataFrame:
    return features[features["norad_id"] == 90001].reset_index(drop=True)


def assert_same(one: pd.DataFrame, other: pd.DataFrame, rows: int, later_sets: int) -> None:
    """The first ``rows`` rows agree in every column that sees at most ``later_sets`` of what differs."""
    names = columns(later_sets=later_sets)
    pd.testing.assert_frame_equal(one.loc[: rows - 1, names], other.loc[: rows - 1, names], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("cut", CUTS)
def test_dropping_all_later_sets_leaves_the_earlier_rows_as_they_were(history, weather, cut):
    whole = own(compute_features(history, weather=weather))
    part = own(compute_features(history[(history["norad_id"] != 90001) | (history.index <= cut)], weather=weather))
    assert len(part) == cut
    for later_sets in range(4):
        assert_same(part, whole, max(cut - later_sets, 0), later_sets)


@pytest.mark.parametrize("cut", CUTS)
def test_changing_everything_later_leaves_the_earlier_rows_as_they_were(history, weather, cut):
    changed = history.copy()
    later = (changed["norad_id"] == 90001) & (changed.index > cut)
    changed.loc[later, "mean_motion_rev_day"] *= 1.001
    changed.loc[later, "inclination_deg"] += 0.5
    changed.loc[later, "bstar_inv_er"] = 1e-3
    changed.loc[later, "epoch"] += pd.Timedelta(hours=5)
    whole, other = own(compute_features(history, weather=weather)), own(compute_features(changed, weather=weather))
    for later_sets in range(4):
        assert_same(other, whole, max(cut - later_sets, 0), later_sets)


def test_a_change_is_seen_as_soon_as_it_may_be(history):
    """Each column with later_sets = k does move when the k-th later set moves: the figure in the registry is not slack."""
    whole = own(compute_features(history))
    for k in (1, 2, 3):
        moved = set()
        for factor in (0.99, 1.01):  # a median may not feel a set that leaves on the side where it already is
            changed = history.copy()
            rows = (changed["norad_id"] == 90001) & (changed.index >= 51 + k)
            changed.loc[rows, "mean_motion_rev_day"] *= factor
            other = own(compute_features(changed))
            moved |= {j for j in range(4) if other.loc[50, f"jump_a_m_k{j}"] != whole.loc[50, f"jump_a_m_k{j}"]}
        assert moved == set(range(k, 4))


def test_weather_of_later_days_changes_nothing(history, weather):
    whole = compute_features(history, weather=weather)
    cut = whole["epoch"].iloc[30]
    changed = weather.copy()
    changed.loc[changed["date"] >= cut.floor("D"), ["ap_daily", "f107_obs_sfu"]] = 999.0
    other = compute_features(history, weather=changed)
    past = whole["epoch"] <= cut
    pd.testing.assert_frame_equal(whole[past], other[past])


@pytest.mark.parametrize("later_sets", [0, 1, 3])
def test_causal_scores_see_no_more_than_their_later_sets(history, later_sets):
    features = own(compute_features(history))
    detector = RobustStep(RobustStepConfig(later_sets=later_sets))
    assert detector.later_sets == later_sets
    whole = detector.score(features)
    for gap in (0, 19, 20, 21, 43, 44, 60):
        cut = gap + later_sets + 1
        part = detector.score(features.iloc[:cut])
        np.testing.assert_allclose(part[: gap + 1], whole[: gap + 1], rtol=1e-12)
        changed = features.copy()
        changed.loc[cut:, ["a_km", "step_a_m", "step_i_deg", "gap_days"]] *= 3.0
        np.testing.assert_allclose(detector.score(changed)[: gap + 1], whole[: gap + 1], rtol=1e-12)


def test_no_column_is_left_out_of_the_check():
    assert {column.later_sets for column in COLUMNS.values()} == {0, 1, 2, 3}
