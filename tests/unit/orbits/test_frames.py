"""Frames against astropy and the plain versions."""

import warnings

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import ITRS, TEME, CartesianDifferential, CartesianRepresentation
from astropy.time import Time
from astropy.utils import iers
from numpy.testing import assert_allclose

from orbits.elements import wrap_deg
from orbits.frames import gmst_deg, longitude_deg, teme_to_pef, teme_to_rtn
from orbits.propagate import propagate
from tests.naive import orbits as naive


@pytest.fixture(autouse=True)
def astropy_offline():
    with iers.conf.set_temp("auto_download", False), iers.conf.set_temp("auto_max_age", None):
        yield


def astropy_time(times_us):
    time = Time(np.asarray(times_us).astype("datetime64[us]"), scale="utc")
    time.delta_ut1_utc = 0.0
    return time


def test_rtn_matches_the_plain_version(every_orbit):
    state = propagate(every_orbit, every_orbit.epoch_us)
    rotation = teme_to_rtn(state.position_km, state.velocity_km_s)
    for i in range(len(every_orbit)):
        assert_allclose(rotation[i], naive.rtn_axes(state.position_km[i], state.velocity_km_s[i]), atol=1e-14)
    assert_allclose(rotation @ np.swapaxes(rotation, -1, -2), np.broadcast_to(np.eye(3), rotation.shape), atol=1e-14)
    assert_allclose(np.linalg.det(rotation), 1.0, atol=1e-14)


def test_rtn_of_a_state_without_a_plane_is_nan():
    rotation = teme_to_rtn(np.array([[7000.0, 0.0, 0.0], [np.nan] * 3]), np.array([[1.0, 0.0, 0.0], [0.0, 7.5, 0.0]]))
    assert np.isnan(rotation[0, 1:]).all()
    assert np.isnan(rotation[1]).all()


def test_sidereal_time_matches_astropy():
    times = np.array(
        ["1980-02-29T00:00", "2000-01-01T12:00", "2017-06-30T23:59:59.5", "2025-12-31T06"], "datetime64[us]"
    )
    expected = astropy_time(times).sidereal_time("mean", "greenwich", model="IAU1982").deg
    assert_allclose(wrap_deg(gmst_deg(times.astype(np.int64)) - expected), 0.0, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["leo", "geo", "heo"])
def test_earth_fixed_state_matches_astropy(orbits, shape):
    elements = orbits(shape)
    state = propagate(elements, elements.epoch_us)
    position, velocity = teme_to_pef(state.position_km, state.velocity_km_s, elements.epoch_us)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # times past the tables that ship with astropy
        time = astropy_time(elements.epoch_us)
        teme = TEME(
            CartesianRepresentation(
                state.position_km.T * units.km,
                differentials=CartesianDifferential(state.velocity_km_s.T * units.km / units.s),
            ),
            obstime=time,
        )
        itrs = teme.transform_to(ITRS(obstime=time))
        # Polar motion, below 0.6 arc seconds, is what separates the two.
        radius = np.linalg.norm(position, axis=1)
        miss = np.linalg.norm(position - itrs.cartesian.xyz.to_value(units.km).T, axis=1)
        assert (miss < radius * np.radians(0.6 / 3600)).all()
        assert_allclose(velocity, itrs.velocity.d_xyz.to_value(units.km / units.s).T, atol=5e-5)
        longitude = itrs.spherical.lon.deg
    assert_allclose(wrap_deg(longitude_deg(state.position_km, elements.epoch_us) - longitude), 0.0, atol=1e-2)


def test_longitude_has_one_value_a_time(orbits):
    elements = orbits("geo", 4)
    times = elements.epoch_us[:, None] + np.arange(3) * 3_600_000_000
    longitude = longitude_deg(propagate(elements, times).position_km, times)
    assert longitude.shape == (4, 3)
    assert (np.abs(wrap_deg(longitude - longitude[:, :1])) < 1.0).all()  # it hardly moves
