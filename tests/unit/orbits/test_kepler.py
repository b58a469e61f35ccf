"""Two-body motion against plain versions and its own round trips."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from orbits.elements import Angles, wrap_deg
from orbits.kepler import (
    eccentric_anomaly_rad,
    equinoctial_of_state,
    keplerian_of_state,
    state_of_equinoctial,
    state_of_keplerian,
)
from tests.naive import orbits as naive

turn = st.floats(0.0, 359.99)
orbit = st.tuples(st.floats(6600, 50000), st.floats(0.0, 0.9), st.floats(0.0, 178.0), turn, turn, turn)


@given(m=st.floats(-20.0, 20.0), e=st.floats(0.0, 0.999))
def test_kepler_equation(m, e):
    anomaly = float(eccentric_anomaly_rad(m, e))
    assert_allclose(anomaly - e * np.sin(anomaly), m, rtol=0, atol=1e-13 * max(1, abs(m)))
    if e < 0.99:
        assert_allclose(anomaly, naive.eccentric_anomaly_rad(m, e), rtol=0, atol=1e-12)


def test_kepler_equation_in_batches_and_out_of_range():
    m, e = np.meshgrid(np.linspace(-np.pi, np.pi, 201), np.linspace(0.0, 0.99, 34))
    anomaly = eccentric_anomaly_rad(m, e)
    assert_allclose(anomaly - e * np.sin(anomaly), m, rtol=0, atol=2e-15 * 10)
    assert np.isnan(eccentric_anomaly_rad([1.0, 1.0, np.nan], [1.0, -0.1, 0.1])).all()


@given(orbit)
def test_state_matches_the_plain_version(orbit):
    a, *rest = orbit
    position, velocity = state_of_keplerian(np.array([a]), Angles(*(np.array([x]) for x in rest)))
    expected = naive.state_of_keplerian(a, *rest)
    assert_allclose(position[0], expected[0], rtol=0, atol=1e-7)
    assert_allclose(velocity[0], expected[1], rtol=0, atol=1e-10)


@given(orbit)
def test_state_round_trip(orbit):
    a, *rest = orbit
    position, velocity = state_of_keplerian(np.array([a]), Angles(*(np.array([x]) for x in rest)))
    again = state_of_equinoctial(*equinoctial_of_state(position, velocity))
    assert_allclose(again[0], position, rtol=0, atol=1e-6)
    assert_allclose(again[1], velocity, rtol=0, atol=1e-9)


@given(
    st.tuples(st.floats(6600, 50000), st.floats(1e-3, 0.9), st.floats(0.1, 175.0), turn, turn, turn),
)
def test_keplerian_round_trip(orbit):
    a, *rest = orbit
    found_a, found = keplerian_of_state(*state_of_keplerian(np.array([a]), Angles(*(np.array([x]) for x in rest))))
    assert_allclose(found_a, a, rtol=1e-11)
    assert_allclose(found.eccentricity, rest[0], rtol=0, atol=1e-11)
    for name, value in zip(Angles._fields[1:], rest[1:], strict=True):
        assert_allclose(wrap_deg(getattr(found, name) - value), 0.0, atol=1e-5)


def test_hyperbolic_and_missing_states_are_nan():
    position = np.array([[7000.0, 0.0, 0.0], [7000.0, 0.0, 0.0], [np.nan, 0.0, 0.0]])
    velocity = np.array([[0.0, 12.0, 0.0], [1.0, 0.0, 0.0], [0.0, 7.5, 0.0]])
    a, _ = equinoctial_of_state(position, velocity)
    assert np.isnan(a).all()
