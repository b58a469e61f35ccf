import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.records import epoch_us
from features.environment import environment
from features.history import Gaps, gaps
from features.jumps import LATER, jumps
from features.normalization import NOISE_FLOORS, normalize
from features.registry import COLUMNS, columns, documentation
from tests.conftest import REPOSITORY
from tests.naive import features as naive

DAY_US = 86_400_000_000


def rows_of(*counts: int) -> Gaps:
    return gaps(np.repeat(np.arange(len(counts)), np.array(counts) + 1))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-100, 100) | st.just(float("nan")), min_size=1, max_size=30), st.integers(2, 7))
def test_jumps_agree_with_the_plain_version(steps, before_sets):
    steps = np.array(steps)
    got = jumps(steps, rows_of(len(steps)), before_sets)
    for k in LATER:
        np.testing.assert_allclose(got[f"jump_a_m_k{k}"], naive.jumps_m(steps, k, before_sets), atol=1e-9)


def test_jumps_do_not_reach_into_another_object():
    steps = np.array([0.0, 0.0, 1000.0, 0.0])
    got = jumps(steps, rows_of(2, 2), 5)
    np.testing.assert_allclose(got["jump_a_m_k3"][:2], 0.0)


def test_z_agrees_with_the_plain_version_and_needs_a_past():
    rng = np.random.default_rng(2)
    values = {name: rng.standard_normal(60) for name in NOISE_FLOORS}
    got = normalize(values, rows_of(35, 25), window_gaps=12, min_gaps=8)
    for name, lag in (("step_a_m", 1), ("jump_a_m_k2", 3)):
        for start, count in ((0, 35), (35, 25)):
            own = values[name][start : start + count]
            expected = [naive.past_z(own, gap, lag, 12, 8, NOISE_FLOORS[name]) for gap in range(count)]
            np.testing.assert_allclose(got[f"z_{name}"][start : start + count], expected)
    assert np.isnan(got["z_step_a_m"][:8]).all()
    assert np.isfinite(got["z_step_a_m"][8:35]).all()


def test_environment_takes_complete_days_only():
    date = pd.Series(pd.date_range("2020-01-01", periods=10, tz="UTC")).dt.as_unit("us")
    weather = pd.DataFrame(
        {"date": date, "ap_daily": [4, 5, 80, 6, 7, 200, 8, 9, 10, 11], "f107_obs_sfu": range(70, 80)}
    )
    zero = int(epoch_us(date)[0])
    before = zero + np.array([int(4.2 * DAY_US), int(5.1 * DAY_US), int(6.9 * DAY_US), int(-3 * DAY_US), 9 * DAY_US])
    after = zero + np.array([int(5.5 * DAY_US), int(6.5 * DAY_US), int(7.1 * DAY_US), int(2 * DAY_US), 12 * DAY_US])
    got = environment(before, after, weather)
    for row in range(3):
        ap, f107 = naive.environment(int(before[row]), int(after[row]), weather)
        assert got["ap_daily"][row] == ap
        assert got["f107_sfu"][row] == f107
    assert got["ap_daily"][0] == 7, "the storm of the epoch's own day is not known yet"
    assert np.isnan(got["ap_daily"][3:]).all(), "days that the table does not hold"
    assert np.isnan(environment(before, after, None)["ap_daily"]).all()


def test_documentation_of_the_columns_is_current():
    text = (REPOSITORY / "docs" / "features.md").read_text(encoding="utf-8")
    assert text == documentation(), "run: python -m features.registry"


def test_registry_names_units_and_later_sets():
    assert set(columns(later_sets=0)) < set(columns())
    assert [name for name in columns() if name not in columns(later_sets=2)] == ["jump_a_m_k3", "z_jump_a_m_k3"]
    for name, column in COLUMNS.items():
        assert column.name == name
        assert column.meaning
        assert column.unit


@pytest.mark.parametrize("k", LATER)
def test_the_name_says_how_many_later_sets_it_sees(k):
    assert COLUMNS[f"jump_a_m_k{k}"].later_sets == k
