"""Burn fits of candidates: the time of a burn that shows late, and what is not told."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us, mean_elements
from features.bank import compute_features
from models.detect.fit_context import fit_candidates, holding_gaps
from orbits.burns import apply_burn
from tests.synthetic_history import synthetic_history

BURN_SET, LATE_SETS = 30, 2
US_AN_HOUR = 3_600e6
ORBIT = (
    "mean_motion_rev_day",
    "eccentricity",
    "inclination_deg",
    "raan_deg",
    "arg_pericenter_deg",
    "mean_anomaly_deg",
)


def burned(first: int, dv_rtn_m_s: list[float], at_us: int) -> pd.DataFrame:
    """Features of a geosynchronous object whose sets from the ``first`` on know of a burn."""
    history = synthetic_history(60, orbit="geo", noise_a_m=5.0)
    history["mean_anomaly_deg"] += np.random.default_rng(5).normal(0, 0.002, len(history))
    after = history.index[first:]
    elements = mean_elements(history.loc[after])
    count = len(after)
    moved = apply_burn(elements, np.full(count, at_us), np.tile(dv_rtn_m_s, (count, 1)), epoch_us=elements.epoch_us)
    for name in ORBIT:
        history.loc[after, name] = getattr(moved, name)
    return compute_features(history)


@functools.cache
def late_burn() -> tuple[pd.DataFrame, int, int]:
    """A burn that shows two sets late: features, the row in which it shows, and its time."""
    true_us = int(epoch_us(synthetic_history(60, orbit="geo")["epoch"])[BURN_SET] - 3 * US_AN_HOUR)
    features = burned(BURN_SET + LATE_SETS, [0.0, 0.11, 0.0], true_us)
    return features, BURN_SET + LATE_SETS - 1, true_us


def test_the_orbits_beyond_the_smear_tell_the_time():
    features, row, true_us = late_burn()
    assert features["step_a_m"].abs().argmax() == row
    times_us, width_days = fit_candidates(features, np.array([row]))
    assert epoch_us(features["epoch_before"])[row] - true_us > 15 * US_AN_HOUR
    assert abs(times_us[0] - true_us) < 6 * US_AN_HOUR
    assert 0 < width_days[0] < 1
    assert holding_gaps(features, np.array([row]), times_us)[0] in (BURN_SET - 1, BURN_SET)


def test_neighbors_do_not_spoil_each_other():
    features, row, _ = late_burn()
    rows = np.arange(row - 6, row + 7)
    together = fit_candidates(features, rows)
    for k, each in enumerate(rows):
        alone = fit_candidates(features, np.array([each]))
        np.testing.assert_allclose(together[0][k], alone[0][0], atol=1e3)
        np.testing.assert_allclose(together[1][k], alone[1][0], rtol=1e-6)


def test_a_burn_across_the_track_keeps_its_time():
    middle_us = int(epoch_us(synthetic_history(60, orbit="geo")["epoch"])[BURN_SET] - 8 * US_AN_HOUR)
    features = burned(BURN_SET, [0.0, 0.0, 20.0], middle_us)
    times_us, width_days = fit_candidates(features, np.array([BURN_SET - 1]))
    assert times_us[0] == -1
    assert np.isfinite(width_days[0])


@pytest.mark.parametrize("spoiled", [slice(None), slice(0, BURN_SET)])
def test_without_orbits_on_both_sides_there_is_no_time(spoiled):
    features, row, _ = late_burn()
    holes = features.copy()
    holes.loc[holes.index[spoiled], list(ORBIT)] = np.nan
    holes.loc[holes.index[:3], "mean_motion_rev_day"] = [0.0, 1e9, -1.0]
    times_us, width_days = fit_candidates(holes, np.array([row]))
    if spoiled == slice(None):
        assert times_us[0] == -1
        assert np.isnan(width_days[0])
    assert times_us[0] == -1 or abs(times_us[0] - epoch_us(features["epoch"])[row]) < 4 * 24 * US_AN_HOUR


def test_no_candidates_no_fits():
    features, _, _ = late_burn()
    times_us, width_days = fit_candidates(features, np.empty(0, np.int64))
    assert times_us.shape == width_days.shape == (0,)


def test_the_gap_that_holds_a_time_is_of_the_same_object():
    features, _, _ = late_burn()
    two = pd.concat([features, features.assign(norad_id=90002)], ignore_index=True)
    count = len(features)
    ends_us = epoch_us(two["epoch"])
    rows = np.array([10, 10, 5, count + 3, count - 1])
    times_us = np.array([ends_us[12], ends_us[12] + 1, ends_us[0] - 10**13, ends_us[0] - 10**13, ends_us[-1] + 10**13])
    assert holding_gaps(two, rows, times_us).tolist() == [12, 13, 0, count, count - 1]
