"""Errors of the burns that were found, worked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from configs.judgement import BurnFitConfig
from features.bank import compute_features
from models.benchmark.measurement import burn_errors, fit_events, measured_hits
from tests.synthetic_history import synthetic_history

START = pd.Timestamp("2020-01-01", tz="UTC")


def at(*days: float) -> pd.Series:
    return pd.Series((START + pd.to_timedelta(np.asarray(days), unit="D")).as_unit("us"))


def test_errors_are_relative_along_track_and_leave_out_small_and_withheld_burns():
    hint = at(10.0, 20.0, 30.0, 40.0, 55.0)
    fits = pd.DataFrame({"epoch_before": hint, "epoch_after": hint, "burn_time_hint": hint, "score": 1.0})
    fits["norad_id"], fits["regime"] = 1, "leo"
    fits["burn_time"] = at(10.5, 20.0, 30.0, 40.0, 55.0)
    fits["burn_time_low"], fits["burn_time_high"] = at(10.4, 19.9, 29.9, 39.0, 54.0), at(10.6, 20.1, 30.1, 41.0, 56.0)
    fits["dv_t_m_s"], fits["dv_t_sigma_m_s"] = [0.0225, -0.05, 0.004, np.nan, 0.1], [0.001, 0.02, 0.001, np.nan, 0.1]
    fits["fit_status"] = ["fitted", "fitted", "fitted", "withheld", "fitted"]
    maneuvers = pd.DataFrame({"norad_id": 1, "name": "A", "burn_time": at(10.0, 20.0, 30.0, 40.0)})
    maneuvers["dv_t_m_s"] = [0.02, -0.04, 0.005, 0.03]
    spans = pd.DataFrame({"norad_id": [1], "start": at(0.0), "stop": at(100.0)})
    hits = measured_hits(fits, maneuvers, spans)
    assert len(hits) == 4, "the event at day 55 found nothing"
    assert hits["along"].tolist() == [True, True, False, False], "5 mm/s is too small, the last was withheld"
    np.testing.assert_allclose(hits["dv_error"].iloc[:2], [0.125, 0.25])
    np.testing.assert_allclose(hits["z"].iloc[:2], [2.5, 0.5])
    errors = burn_errors(hits)
    np.testing.assert_allclose(errors["dv_error"], 0.1875)
    np.testing.assert_allclose([errors["dv_inside_1_sigma"], errors["dv_inside_2_sigma"]], [0.5, 0.5])
    assert (errors["dv_measured"], errors["dv_withheld"]) == (2, 1)
    assert errors["time_error_h"] == 0.0
    assert errors["time_inside_68"] == 0.75
    two = burn_errors(hits.iloc[[0, 2]])
    assert (two["time_error_h"], two["time_error_h_large"]) == (6.0, 12.0), "5 mm/s is not large"
    narrow = measured_hits(fits, maneuvers, spans.assign(start=at(15.0), stop=at(35.0)))
    assert narrow["logged_dv_t_m_s"].tolist() == [-0.04, 0.005]


def test_a_causal_fit_sees_no_later_sets_than_it_may():
    history = synthetic_history(60, noise_a_m=1.0, burns_a_m={30: 80.0})
    features = compute_features(history)
    row = features.iloc[[30]]
    events = pd.DataFrame(
        {"norad_id": row["norad_id"], "epoch_before": row["epoch_before"], "epoch_after": row["epoch"]}
    ).reset_index(drop=True)
    later = features["epoch"] > row["epoch"].iloc[0]
    for later_sets in (0, 1):
        known = fit_events(events, features, BurnFitConfig(), later_sets)
        unseen = features.copy()
        hidden = later & (np.cumsum(later) > later_sets)
        unseen.loc[hidden, "mean_motion_rev_day"] += 0.01
        pd.testing.assert_frame_equal(fit_events(events, unseen, BurnFitConfig(), later_sets), known)
        assert not fit_events(events, unseen, BurnFitConfig()).equals(known)
    assert fit_events(events.iloc[:0], features, BurnFitConfig(), 1).empty
