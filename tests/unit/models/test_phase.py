"""The along-track phase and its kinks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from catalog.records import epoch_us
from models.detect.phase import INPUTS, Track, kinks, track
from orbits.constants import MU_KM3_S2
from tests.naive.detect import kink_m

A_KM = 7178.0


def motion(a_km):
    return np.sqrt(MU_KM3_S2 / a_km**3) * 86400 / (2 * np.pi)


def rows(count=40, *, burn_day=None, burn_m=0.0, phase_noise_m=0.0, motion_noise_m=0.0, seed=0, inclination=98.0):
    """Element sets about a day apart of an orbit that a burn raises; phase and mean motion each have noise of their own."""
    rng = np.random.default_rng(seed)
    days = np.cumsum(rng.uniform(0.5, 1.5, count))
    raised = np.maximum(days - burn_day, 0) if burn_day is not None else np.zeros(count)
    slow, fast = motion(A_KM), motion(A_KM + burn_m / 1e3)
    revs = slow * days + (fast - slow) * raised + phase_noise_m * rng.standard_normal(count) / (2 * np.pi * A_KM * 1e3)
    a_km = A_KM + np.where(raised > 0, burn_m, 0.0) / 1e3 + motion_noise_m * rng.standard_normal(count) / 1e3
    return pd.DataFrame(
        {
            "epoch": pd.Timestamp("2015-01-01", tz="UTC") + pd.to_timedelta(days, unit="D"),
            "a_km": a_km,
            "mean_motion_rev_day": motion(a_km),
            "inclination_deg": inclination,
            "raan_deg": np.mod(359.0 + days, 360.0),
            "arg_pericenter_deg": np.mod(40.0 * days, 360.0),
            "mean_anomaly_deg": np.mod(360.0 * revs - 40.0 * days, 360.0),
        }
    )


def track_of(own: pd.DataFrame) -> Track:
    return track({"epoch": epoch_us(own["epoch"]), **{name: own[name].to_numpy() for name in INPUTS}})


def test_the_phase_counts_whole_revolutions_across_gaps():
    own = rows(inclination=90.0)
    days, phase = track_of(own)[:2]
    np.testing.assert_allclose(np.diff(phase) / np.diff(days), motion(A_KM), rtol=1e-9)


def test_the_node_counts_along_the_track_of_an_equatorial_orbit():
    flat, tilted = (track_of(rows(inclination=i)).phase_rev for i in (0.0, 90.0))
    days, _ = track_of(rows())[:2]
    np.testing.assert_allclose(flat - tilted, (days - days[0]) / 360.0, atol=1e-9)


@pytest.mark.parametrize(("before", "after"), [(2, 2), (5, 5), (8, 2), (3, 1)])
def test_a_kink_is_the_least_squares_one(before, after):
    own = rows(phase_noise_m=300.0, burn_day=20.0, burn_m=30.0, seed=3)
    days, phase = track_of(own)[:2]
    found = kinks(track_of(own), before, after)
    assert np.isnan(found[:before]).all()
    assert np.isnan(found[len(own) - after + 1 :]).all()
    for gap in range(before, len(own) - after + 1):
        slow = kink_m(days, phase, 1e3 * own["a_km"][gap], own["mean_motion_rev_day"][gap], gap, before, after)
        assert found[gap] == pytest.approx(slow, rel=1e-6, abs=1e-4)


def test_a_burn_lost_in_the_noise_of_the_mean_motion_shows_in_the_phase():
    burn_m = 14.0  # 7 mm/s
    own = rows(60, phase_noise_m=150.0, motion_noise_m=8.0, seed=5)
    middle = (own["epoch"].iloc[30] - own["epoch"].iloc[29]) / 2 + own["epoch"].iloc[29]
    day = (middle - pd.Timestamp("2015-01-01", tz="UTC")) / pd.Timedelta(days=1)
    own = rows(60, burn_day=day, burn_m=burn_m, phase_noise_m=150.0, motion_noise_m=8.0, seed=5)
    found = kinks(track_of(own), 5, 5)
    assert found[30] == pytest.approx(burn_m, abs=2.5)
    far = np.r_[found[:22], found[39:]]
    assert np.nanmax(np.abs(far)) < burn_m / 3
    steps = 1e3 * np.diff(own["a_km"])
    assert np.abs(steps[29]) < np.abs(np.delete(steps, 29)).max()


def test_undefined_elements_leave_the_rest_defined():
    own = rows(60, phase_noise_m=100.0)
    own.loc[20, list(INPUTS)] = np.nan
    found = kinks(track_of(own), 3, 3)
    assert np.isfinite(found[40:50]).all()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_too_few_sets_have_no_kink(count):
    assert np.isnan(kinks(track_of(rows(60).iloc[:count]), 3, 3)).all()


def test_what_comes_later_does_not_show():
    own = rows(60, phase_noise_m=100.0)
    np.testing.assert_array_equal(kinks(track_of(own.iloc[:40]), 5, 2)[:39], kinks(track_of(own), 5, 2)[:39])
