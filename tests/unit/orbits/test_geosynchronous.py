"""Geosynchronous relations against SGP4 and against numbers that every handbook has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from orbits.burns import apply_burn
from orbits.elements import MeanElements, kozai_mean_motion_rev_day, semi_major_axis_km, wrap_deg
from orbits.frames import gmst_deg, longitude_deg
from orbits.geosynchronous import (
    coast_deg,
    drift_change_of_dv_deg_day,
    drift_deg_day,
    dv_of_drift_change_m_s,
    dv_of_inclination_change_m_s,
    inclination_change_of_dv_deg,
    inclination_vector_deg,
    j22_acceleration_deg_day2,
    mean_longitude_deg,
    semi_major_axis_of_drift_km,
    tesseral_acceleration_deg_day2,
)
from orbits.propagate import drift, propagate

DAY_US = 86_400_000_000


def belt(a_km, inclination_deg=0.05, longitude=40.0, eccentricity=1e-4):
    a_km = np.atleast_1d(np.asarray(a_km, dtype=float))
    epoch = np.full(len(a_km), 1_700_000_000_000_000)
    full = np.ones(len(a_km))
    return MeanElements(
        epoch,
        kozai_mean_motion_rev_day(a_km, eccentricity, inclination_deg),
        full * eccentricity,
        full * inclination_deg,
        full * 80.0,
        full * 0.0,
        np.mod(longitude + gmst_deg(epoch) - 80.0, 360.0),
        full * 0.0,
    )


def sgp4_drift_deg_day(elements, days=1.0):
    times = elements.epoch_us[:, None] + np.array([0, int(days * DAY_US)])
    mean = drift(elements, times)
    longitude = mean.raan_deg + mean.arg_pericenter_deg + mean.mean_anomaly_deg - gmst_deg(times)
    return wrap_deg(np.diff(longitude, axis=1))[:, 0] / days


def test_mean_longitude_is_the_longitude_of_a_circular_orbit():
    elements = belt([42165.0, 42165.0], longitude=np.array([-179.9, 75.0]))
    assert_allclose(mean_longitude_deg(elements), [-179.9, 75.0], atol=1e-9)
    true = longitude_deg(propagate(elements, elements.epoch_us).position_km, elements.epoch_us)
    assert_allclose(wrap_deg(true - mean_longitude_deg(elements)), 0.0, atol=0.05)


@pytest.mark.parametrize(("inclination", "tolerance"), [(0.05, 2e-3), (15.0, 5e-3)])
def test_drift_is_that_of_sgp4(inclination, tolerance):
    a = np.linspace(41900.0, 42600.0, 15)
    assert_allclose(drift_deg_day(a), sgp4_drift_deg_day(belt(a, inclination)), atol=tolerance)


def test_the_synchronous_orbit_stands_still():
    assert_allclose(sgp4_drift_deg_day(belt(semi_major_axis_of_drift_km(0.0), longitude=75.1)), 0.0, atol=5e-4)


@given(st.floats(-20.0, 20.0))
def test_drift_and_semi_major_axis_invert_each_other(rate):
    assert_allclose(drift_deg_day(semi_major_axis_of_drift_km(rate)), rate, atol=1e-10)


def test_equator_pulls_to_its_stable_points():
    for stable in (75.1, -104.9):
        assert_allclose(j22_acceleration_deg_day2(stable), 0.0, atol=1e-5)
        assert j22_acceleration_deg_day2(stable + 10.0) < 0.0 < j22_acceleration_deg_day2(stable - 10.0)
    assert_allclose(np.abs(j22_acceleration_deg_day2(np.arange(-180, 180))).max(), 0.0017, atol=5e-5)


def test_pull_is_about_that_of_sgp4s_resonance():
    longitudes = np.arange(-180.0, 180.0, 15.0)
    elements = belt(np.full(len(longitudes), semi_major_axis_of_drift_km(0.0)), longitude=longitudes)
    times = elements.epoch_us[:, None] + np.array([0, 10, 20]) * DAY_US
    mean = drift(elements, times)
    longitude = mean.raan_deg + mean.arg_pericenter_deg + mean.mean_anomaly_deg - gmst_deg(times)
    acceleration = wrap_deg(np.diff(wrap_deg(np.diff(longitude, axis=1)), axis=1))[:, 0] / 100.0
    # The third degree, which SGP4 has as well, makes up to a quarter of the peak.
    assert_allclose(j22_acceleration_deg_day2(longitudes), acceleration, atol=4.5e-4)
    assert np.corrcoef(j22_acceleration_deg_day2(longitudes), acceleration)[0, 1] > 0.95


def test_cost_of_a_drift_change_is_that_of_a_burn():
    assert_allclose(dv_of_drift_change_m_s(1.0), -2.84, atol=0.01)
    assert_allclose(drift_change_of_dv_deg_day(dv_of_drift_change_m_s(0.7)), 0.7)
    elements = belt([42165.8], inclination_deg=3.0)
    after = apply_burn(elements, elements.epoch_us, np.array([[0.0, 0.5, 0.0]]))
    step = drift_deg_day(
        semi_major_axis_km(after.mean_motion_rev_day, after.eccentricity, after.inclination_deg)
    ) - drift_deg_day(42165.8)
    assert_allclose(step, drift_change_of_dv_deg_day(0.5), rtol=2e-3)


def test_cost_of_a_plane_change_is_that_of_a_burn():
    assert_allclose(dv_of_inclination_change_m_s(1.0), 53.66, atol=0.01)
    assert_allclose(inclination_change_of_dv_deg(dv_of_inclination_change_m_s(0.3)), 0.3)
    elements = belt([42165.8], inclination_deg=3.0)
    after = apply_burn(elements, elements.epoch_us, np.array([[0.0, 0.0, 5.0]]))
    step = inclination_vector_deg(after.inclination_deg, after.raan_deg) - inclination_vector_deg(
        elements.inclination_deg, elements.raan_deg
    )
    assert_allclose(np.linalg.norm(step, axis=1), inclination_change_of_dv_deg(5.0), rtol=5e-3)


def test_inclination_vector_points_to_the_node():
    assert_allclose(inclination_vector_deg([2.0, 1.0], [90.0, 180.0]), [[0.0, 2.0], [-1.0, 0.0]], atol=1e-15)


def test_acceleration_to_fourth_degree_is_that_of_the_handbook():
    """Stable points at 75.1 E and 105.3 W, unstable at 11.5 W and 161.9 E (Soop 1994)."""
    points = np.array([75.1, -105.3, -11.5, 161.9])
    assert_allclose(tesseral_acceleration_deg_day2(points), 0.0, atol=3e-5)
    slope = tesseral_acceleration_deg_day2(points + 1) - tesseral_acceleration_deg_day2(points - 1)
    assert np.sign(slope).tolist() == [-1, -1, 1, 1]
    assert np.abs(tesseral_acceleration_deg_day2(np.arange(360.0))).max() == pytest.approx(0.0020, abs=1e-4)


def test_coasting_is_that_of_sgp4_and_comes_back():
    a = np.array([42165.8, 42120.0, 42240.0])
    elements = belt(a, longitude=np.array([95.0, 130.0, -60.0]))
    days = np.array([0.0, 10.0, 25.0])
    times = elements.epoch_us[:, None] + (days * DAY_US).astype(np.int64)
    mean = drift(elements, times)
    longitude = mean.raan_deg + mean.arg_pericenter_deg + mean.mean_anomaly_deg - gmst_deg(times)
    start = mean_longitude_deg(elements)
    coasted, rates = coast_deg(start, sgp4_drift_deg_day(elements), days)
    assert_allclose(coasted[:, 0], start)
    assert np.abs(wrap_deg(coasted - longitude)).max() < 0.15
    back, _ = coast_deg(coasted[:, -1], rates[:, -1], -days)
    assert_allclose(back[:, -1], start, atol=1e-6)
