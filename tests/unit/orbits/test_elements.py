"""The forms of mean elements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sgp4.api import WGS72, Satrec

from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import (
    MeanElements,
    angles,
    equinoctial,
    kozai_mean_motion_rev_day,
    regime,
    semi_major_axis_km,
    wrap_deg,
)
from orbits.errors import OrbitError

turn = st.floats(0.0, 359.999)


@given(a=st.floats(6500.0, 60000.0), e=st.floats(0.0, 0.9), i=st.floats(0.0, 180.0))
def test_mean_motion_and_semi_major_axis_invert_each_other(a, e, i):
    a = max(a, 6500.0 / (1.0 - e))
    assert_allclose(semi_major_axis_km(kozai_mean_motion_rev_day(a, e, i), e, i), a, rtol=1e-13)


@given(n=st.floats(0.5, 16.5), e=st.floats(0.0, 0.3), i=st.floats(0.0, 179.0))
def test_semi_major_axis_is_that_of_sgp4(n, e, i):
    record = Satrec()
    record.sgp4init(WGS72, "a", 0, 27000.0, 0, 0, 0, e, 0.1, np.radians(i), 0.2, n * 2 * np.pi / 1440, 0.3)
    assert_allclose(semi_major_axis_km(n, e, i), record.a * EARTH_RADIUS_KM, rtol=1e-13)


def test_semi_major_axis_of_nonsense_is_nan():
    assert np.isnan(semi_major_axis_km([np.nan, -1.0, 15.0], [0.0, 0.0, 1.5], [50.0, 50.0, 50.0])).all()


@given(e=st.floats(1e-6, 0.95), i=st.floats(0.01, 175.0), raan=turn, argp=turn, m=turn)
def test_equinoctial_round_trip(e, i, raan, argp, m):
    back = angles(equinoctial(e, i, raan, argp, m))
    assert_allclose(back.eccentricity, e, rtol=1e-12)
    assert_allclose(back.inclination_deg, i, rtol=1e-12)
    assert_allclose(wrap_deg(back.raan_deg - raan), 0, atol=1e-9)
    assert_allclose(wrap_deg(back.arg_pericenter_deg - argp), 0, atol=1e-8)
    assert_allclose(wrap_deg(back.mean_anomaly_deg - m), 0, atol=1e-8)


def test_circular_equatorial_orbit_keeps_its_longitude():
    back = angles(equinoctial(0.0, 0.0, 100.0, 200.0, 300.0))
    assert (back.eccentricity, back.inclination_deg) == (0.0, 0.0)
    assert_allclose(wrap_deg(back.raan_deg + back.arg_pericenter_deg + back.mean_anomaly_deg - 240.0), 0.0, atol=1e-12)


@given(st.floats(-1e6, 1e6))
def test_wrapping_stays_in_range_and_keeps_the_angle(angle):
    wrapped = wrap_deg(angle)
    assert -180.0 <= wrapped <= 180.0
    assert_allclose(np.cos(np.radians(wrapped - angle)), 1.0, atol=1e-12)


@pytest.mark.parametrize(
    ("n", "e", "expected"),
    [
        (15.5, 0.001, "leo"),
        (11.25, 0.0, "leo"),
        (11.24, 0.0, "meo"),
        (2.0, 0.01, "meo"),
        (2.0, 0.7, "heo"),
        (13.0, 0.25, "heo"),
        (1.0027, 0.0003, "geo"),
        (1.0, 0.2, "meo"),
        (0.9, 0.0, "meo"),
        (1.0, 0.3, "heo"),
    ],
)
def test_regime(n, e, expected):
    assert regime([n], [e])[0] == expected


def test_fields_of_different_lengths_are_refused():
    with pytest.raises(OrbitError, match="different lengths"):
        MeanElements(np.zeros(2, dtype=np.int64), *[np.zeros(3)] * 7)


def test_indexing_takes_every_field(orbits):
    elements = orbits("leo", 5)
    assert_array_equal(elements[np.array([3, 1])].raan_deg, elements.raan_deg[[3, 1]])
    assert len(elements[elements.eccentricity > 1.0]) == 0
