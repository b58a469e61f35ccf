"""Smeared burns: the closed forms against least squares, and shapes that are found again."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from catalog.availability import stamp
from catalog.sources.files import read_paths
from features.bank import compute_features
from models.benchmark.injection import inject
from models.benchmark.labels import merge_burns, read_labels
from models.benchmark.smear import drag_share, measure_smear, slope_share, track_share
from tests.synthetic_history import synthetic_history


def fitted(x, degree):
    """Slope, value and curvature at the end of a least-squares polynomial through a ramp over the last ``x`` of [0, 1]."""
    time = (np.arange(4000) + 0.5) / 4000
    curve = np.polynomial.Polynomial.fit(time, np.maximum(0.0, time - (1.0 - x)), degree).convert()
    return curve.deriv()(1.0), curve(1.0), curve.deriv(2)(1.0)


@pytest.mark.parametrize("x", [0.05, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize(("degree", "ringing"), [(1, 0.0), (2, 1.0)])
def test_shares_are_those_of_a_least_squares_fit(x, degree, ringing):
    span = 4.0
    slope, value, curvature = fitted(x, degree)
    assert slope_share(x * span, span, 0.0, ringing) == pytest.approx(slope, abs=1e-4)
    assert track_share(x * span, span, 0.0, ringing) == pytest.approx(value / x, abs=1e-4)
    assert drag_share(x * span, span, 0.0, ringing) == pytest.approx(curvature / span, abs=1e-3)


@given(
    since=st.floats(-5, 20),
    span=st.sampled_from([0.0, 1.0, 5.0]),
    lag=st.floats(0, 2),
    ringing=st.sampled_from([0.0, 1.0]),
)
def test_shares_go_from_nothing_to_all(since, span, lag, ringing):
    for share in (slope_share, track_share):
        value = float(share(since, span, lag, ringing))
        assert -1e-12 <= value <= 1.6
        if since < min(lag, since + 1) and since < lag:
            assert value == 0.0
        if since >= span + lag and since > 0:
            assert value == pytest.approx(1.0)
    assert drag_share(span + lag + 1.0, span, lag, ringing) == pytest.approx(0.0, abs=1e-12)


def test_line_never_overshoots_and_a_parabola_does():
    since = np.linspace(0, 5, 101)
    assert_allclose(np.diff(slope_share(since, 5.0)).min(), 0.0, atol=1e-2)
    assert slope_share(since, 5.0).max() <= 1.0
    assert slope_share(since, 5.0, 0.0, 1.0).max() == pytest.approx(1.51, abs=0.01)


@pytest.mark.parametrize(("span", "ringing"), [(0.0, 0.0), (3.0, 0.0), (5.0, 0.0), (5.0, 1.0)])
def test_shape_of_injected_burns_is_found_again(span, ringing):
    history = synthetic_history(150, noise_a_m=0.1)
    times = history["epoch"].iloc[[40, 75, 110]] + pd.Timedelta(hours=3)
    burns = pd.DataFrame({"norad_id": 90001, "burn_time": times, "dv_r_m_s": 0.0, "dv_t_m_s": 0.03, "dv_n_m_s": 0.0})
    features = compute_features(inject(history, burns.assign(smear_span_days=span, smear_ringing=ringing)))
    table = measure_smear(features, burns)
    assert len(table.norad_id) == 3
    assert table.best(np.arange(3)) == (span, ringing)
    assert_allclose(np.abs(table.step_m), 2 * 0.03 / np.sqrt(398600.8 / 7100.0**3), rtol=0.02)


@pytest.mark.real_data
def test_logged_burns_are_smeared_as_their_era_does(real_data):
    folder = real_data / "shorten2023"
    parts = []
    for path, outcome in read_paths([folder / "processed_files" / name for name in ("SARAL.tle", "Sentinel-3A.tle")]):
        assert not isinstance(outcome, Exception), path
        parts.append(stamp(outcome, source="file"))
    features = compute_features(pd.concat(parts, ignore_index=True))
    table = measure_smear(features, merge_burns(read_labels(folder)))
    year = pd.to_datetime(table.time_us, unit="us").year.to_numpy()

    def best(norad_id, first, last):
        return table.best((table.norad_id == norad_id) & (year >= first) & (year <= last))

    assert best(39086, 2013, 2013) == (5.0, 1.0)  # SARAL rings for days after each burn
    assert best(39086, 2016, 2022) == (0.0, 0.0)
    assert best(41335, 2016, 2022) == (0.0, 0.0)
