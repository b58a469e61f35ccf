"""Burns: fits that reproduce states, Δv that turns up where it was put, Gauss's equations."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from sgp4.api import WGS72, Satrec

from orbits.burns import NotConverged, apply_burn, fit_mean_elements, gauss_matrix
from orbits.elements import MeanElements, wrap_deg
from orbits.frames import teme_to_rtn
from orbits.kepler import equinoctial_of_state
from orbits.propagate import propagate
from tests.naive import orbits as naive

HOUR_US = 3_600_000_000


def miss_m(elements, position, velocity):
    state = propagate(elements, elements.epoch_us)
    return (
        1e3 * np.linalg.norm(state.position_km - position, axis=1),
        1e3 * np.linalg.norm(state.velocity_km_s - velocity, axis=1),
    )


def test_fit_reproduces_sgp4_states(every_orbit):
    state = propagate(every_orbit, every_orbit.epoch_us)
    fitted = fit_mean_elements(*state[:2], every_orbit.epoch_us, every_orbit.bstar_inv_er)
    position, velocity = miss_m(fitted, *state[:2])
    assert position.max() < 2e-3  # [m]
    assert velocity.max() < 2e-6  # [m/s]
    assert_array_equal(fitted.bstar_inv_er, every_orbit.bstar_inv_er)
    assert_allclose(fitted.mean_motion_rev_day, every_orbit.mean_motion_rev_day, rtol=1e-8)


def test_fit_reproduces_any_state_nearby(every_orbit):
    state = propagate(every_orbit, every_orbit.epoch_us)
    velocity = state.velocity_km_s + np.random.default_rng(5).normal(0.0, 3e-4, (len(every_orbit), 3))
    fitted = fit_mean_elements(state.position_km, velocity, every_orbit.epoch_us)
    position_miss, velocity_miss = miss_m(fitted, state.position_km, velocity)
    assert position_miss.max() < 2e-3
    assert velocity_miss.max() < 2e-6


@settings(max_examples=50)
@given(
    altitude=st.floats(300.0, 1500.0),
    e=st.floats(1e-3, 0.7),
    i=st.floats(0.5, 150.0),
    turns=st.tuples(*[st.floats(0.0, 359.9)] * 3),
    bstar=st.floats(-1e-3, 1e-3),
)
def test_fit_of_any_low_pericenter(altitude, e, i, turns, bstar):
    position, velocity = naive.state_of_keplerian((6378.0 + altitude) / (1 - e), e, i, *turns)
    time = np.array([1_600_000_000_000_000])
    fitted = fit_mean_elements(position[None], velocity[None], time, bstar)
    position_miss, velocity_miss = miss_m(fitted, position, velocity)
    assert position_miss[0] < 1.0
    assert velocity_miss[0] < 1e-3


def test_fit_matches_the_plain_version(orbits):
    for shape in ("leo", "heo", "geo_inclined"):
        elements = orbits(shape, 4)
        state = propagate(elements, elements.epoch_us)
        velocity = state.velocity_km_s + 1e-4
        fitted = fit_mean_elements(state.position_km, velocity, elements.epoch_us, elements.bstar_inv_er)
        for i in range(4):
            plain = naive.fit_mean_elements(
                state.position_km[i], velocity[i], elements.epoch_us[i], elements.bstar_inv_er[i]
            )
            assert_allclose(fitted.mean_motion_rev_day[i], plain[0], rtol=1e-8)
            assert_allclose(fitted.eccentricity[i], plain[1], rtol=0, atol=1e-8)
            found = (
                fitted.inclination_deg[i],
                fitted.raan_deg[i],
                fitted.arg_pericenter_deg[i],
                fitted.mean_anomaly_deg[i],
            )
            assert_allclose(found[0], plain[2], rtol=0, atol=1e-6)
            assert_allclose(wrap_deg(sum(found[1:]) - sum(plain[3:])), 0.0, atol=1e-6)


def test_fit_says_which_rows_failed(orbits):
    elements = orbits("leo", 4)
    position, velocity, _ = propagate(elements, elements.epoch_us)
    velocity[1] *= 2.0  # hyperbolic
    position[3] = np.nan
    with pytest.raises(NotConverged, match="2 of 4 states") as caught:
        fit_mean_elements(position, velocity, elements.epoch_us)
    assert_array_equal(caught.value.indices, [1, 3])
    kept = fit_mean_elements(position, velocity, elements.epoch_us, on_failure="nan")
    for found in (kept, caught.value.elements):
        assert_array_equal(np.isnan(found.mean_motion_rev_day), [False, True, False, True])
        assert_array_equal(found.epoch_us, elements.epoch_us)
    assert miss_m(kept[np.array([0, 2])], position[[0, 2]], velocity[[0, 2]])[0].max() < 2e-3


@pytest.mark.real_data
def test_fit_of_real_element_sets(real_data):
    lines = gzip.decompress((real_data / "catalogue_2026-05" / "2026-05-10.tle.gz").read_bytes()).decode().splitlines()
    records = [Satrec.twoline2rv(*pair, WGS72) for pair in zip(lines[::20], lines[1::20], strict=False)]
    assert len(records) > 1000
    rows = np.array([[r.ecco, *np.degrees([r.inclo, r.nodeo, r.argpo, r.mo]), r.bstar] for r in records]).T
    epoch = np.array([round((r.jdsatepoch - 2440587.5 + r.jdsatepochF) * 86400e6) for r in records])
    elements = MeanElements(epoch, np.array([r.no_kozai * 720 / np.pi for r in records]), *rows)
    position, velocity, _ = propagate(elements, epoch + HOUR_US)
    fitted = fit_mean_elements(position, velocity, epoch + HOUR_US, elements.bstar_inv_er, on_failure="nan")
    failed = np.isnan(fitted.eccentricity)
    # Only geosynchronous sets almost in the equator may have no answer.
    assert (elements.mean_motion_rev_day[failed] < 1.1).all()
    assert (elements.inclination_deg[failed] < 0.06).all()
    assert failed.mean() < 0.005
    misses = miss_m(fitted[~failed], position[~failed], velocity[~failed])
    assert misses[0].max() < 1.0
    assert misses[1].max() < 1e-3


def test_the_hole_of_equatorial_geosynchronous_orbits_is_reported_or_bridged():
    rng = np.random.default_rng(1)
    states = [naive.state_of_keplerian(42165.0, 2e-4, 0.005, *rng.uniform(0, 360, 3)) for _ in range(20)]
    position, velocity = np.array(states).swapaxes(0, 1)
    times = np.full(20, 1_700_000_000_000_000)
    with pytest.raises(NotConverged):
        fit_mean_elements(position, velocity, times)
    near = fit_mean_elements(position, velocity, times, tolerance_km=20.0)
    assert miss_m(near, position, velocity)[0].max() < 20e3


def test_burn_shows_in_the_state_and_nowhere_else(every_orbit):
    burn_time = every_orbit.epoch_us + 5 * HOUR_US
    dv = np.random.default_rng(2).normal(0.0, 0.5, (len(every_orbit), 3))
    after = apply_burn(every_orbit, burn_time, dv)
    before = propagate(every_orbit, burn_time)
    state = propagate(after, burn_time)
    assert_array_equal(after.epoch_us, burn_time)
    assert_allclose(state.position_km, before.position_km, rtol=0, atol=2e-6)
    change = np.matvec(teme_to_rtn(*before[:2]), state.velocity_km_s - before.velocity_km_s) * 1e3
    assert_allclose(change, dv, rtol=0, atol=1e-5)


def test_burn_told_at_another_epoch_is_the_same_orbit(every_orbit):
    burn_time = every_orbit.epoch_us + 5 * HOUR_US
    dv = np.tile([0.1, 1.0, -0.5], (len(every_orbit), 1))
    at_burn = apply_burn(every_orbit, burn_time, dv)
    for epoch in (every_orbit.epoch_us + 20 * HOUR_US, every_orbit.epoch_us):
        told = apply_burn(every_orbit, burn_time, dv, epoch)
        assert_array_equal(told.epoch_us, epoch)
        assert_allclose(propagate(told, epoch).position_km, propagate(at_burn, epoch).position_km, rtol=0, atol=2e-6)


def test_no_burn_changes_nothing(every_orbit):
    burn_time = every_orbit.epoch_us + HOUR_US
    later = burn_time + 48 * HOUR_US
    after = apply_burn(every_orbit, burn_time, np.zeros((len(every_orbit), 3)))
    drifted = np.linalg.norm(propagate(after, later).position_km - propagate(every_orbit, later).position_km, axis=1)
    assert drifted.max() < 0.5  # [km]: SGP4's lunar and solar terms are frozen at the epoch


def test_gauss_matrix_is_the_derivative_of_the_osculating_elements():
    rng = np.random.default_rng(0)
    n = 200
    e = np.concatenate([[0.0, 0.0, 1e-9], rng.uniform(0, 0.8, n - 3)])
    i = np.concatenate([[0.0, 60.0, 0.0], rng.uniform(0, 170, n - 3)])
    a = rng.uniform(7000, 43000, n)
    turns = rng.uniform(0, 360, (3, n))
    matrix = gauss_matrix(a, e, i, *turns)
    assert matrix.shape == (n, 6, 3)
    for row in range(n):
        expected = naive.gauss_matrix(a[row], e[row], i[row], *turns[:, row])
        scale = np.abs(expected).max(axis=1, keepdims=True)
        assert_allclose(matrix[row] / scale, expected / scale, rtol=0, atol=5e-6)


def test_gauss_matrix_foretells_what_a_burn_does(orbits):
    elements = orbits("leo")
    dv = np.tile([0.02, 0.05, -0.1], (len(elements), 1))
    state = propagate(elements, elements.epoch_us)
    after = propagate(apply_burn(elements, elements.epoch_us, dv), elements.epoch_us)
    a, osculating = equinoctial_of_state(*state[:2])
    moved_a, moved = equinoctial_of_state(*after[:2])
    e = np.hypot(osculating.h, osculating.k)
    i = np.degrees(2 * np.arctan(np.hypot(osculating.p, osculating.q)))
    raan = np.degrees(np.arctan2(osculating.p, osculating.q))
    argp = np.degrees(np.arctan2(osculating.h, osculating.k)) - raan
    m = np.degrees(osculating.lambda_rad) - raan - argp
    step = np.matvec(gauss_matrix(a, e, i, raan, argp, m), dv)
    assert_allclose(moved_a - a, step[:, 0], atol=1e-4)
    for k in range(4):
        assert_allclose(moved[k] - osculating[k], step[:, k + 1], atol=1e-8)
    assert_allclose(np.radians(wrap_deg(np.degrees(moved.lambda_rad - osculating.lambda_rad))), step[:, 5], atol=1e-8)
