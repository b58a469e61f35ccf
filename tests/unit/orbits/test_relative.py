"""Pairs of objects."""

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from orbits import relative as module
from orbits.burns import apply_burn, fit_mean_elements
from orbits.errors import OrbitError
from orbits.frames import teme_to_rtn
from orbits.propagate import NOT_A_TIME_US, propagate
from orbits.relative import closest_approach, plane_angle_deg, relative_rtn
from tests.naive import orbits as naive

HOUR_US = 3_600_000_000


def at_one_epoch(elements):
    return dataclasses.replace(elements, epoch_us=np.full(len(elements), elements.epoch_us[0]))


def test_relative_state_matches_the_plain_version(every_orbit):
    elements = at_one_epoch(every_orbit)
    a = propagate(elements, elements.epoch_us)
    b = propagate(elements, elements.epoch_us + 10**6)
    found = relative_rtn(a, b)
    for i in range(len(elements)):
        axes = naive.rtn_axes(a.position_km[i], a.velocity_km_s[i])
        assert_allclose(found.position_km[i], axes @ (b.position_km[i] - a.position_km[i]), atol=1e-11)
        assert_allclose(found.velocity_m_s[i], axes @ (b.velocity_km_s[i] - a.velocity_km_s[i]) * 1e3, atol=1e-9)
    assert (found.position_km[:, 1] > 0).all()  # a second later is ahead


def test_plane_angle(orbits):
    elements = orbits("leo", 6)
    assert_allclose(plane_angle_deg(elements, elements), 0.0, atol=1e-12)
    tilted = dataclasses.replace(elements, inclination_deg=elements.inclination_deg + 1.5)
    assert_allclose(plane_angle_deg(elements, tilted), 1.5)
    turned = dataclasses.replace(
        elements, inclination_deg=np.full(6, 90.0), raan_deg=elements.raan_deg + np.arange(6) * 20.0
    )
    polar = dataclasses.replace(elements, inclination_deg=np.full(6, 90.0))
    assert_allclose(plane_angle_deg(polar, turned), np.arange(6) * 20.0, atol=1e-12)


@pytest.mark.parametrize("shapes", [("leo", "leo"), ("leo", "heo"), ("heo", "heo"), ("geo", "geo"), ("geo", "heo")])
def test_closest_approach_matches_the_dense_search(orbits, shapes):
    a = orbits(shapes[0], 6, seed=1)
    b = orbits(shapes[1], 6, seed=2)
    start = int(max(a.epoch_us.max(), b.epoch_us.max()))
    end = start + 24 * HOUR_US
    found = closest_approach(a, b, start, end)
    for i in range(6):
        one = slice(i, i + 1)
        miss, _ = naive.closest_approach(a[one], b[one], start, end)
        assert_allclose(found.miss_km[i], miss, rtol=0, atol=2e-3)
        there = [propagate(x[one], found.time_us[one]).position_km[0] for x in (a, b)]
        assert_allclose(np.linalg.norm(there[0] - there[1]), found.miss_km[i], rtol=0, atol=1e-5)
    assert ((found.time_us >= start) & (found.time_us <= end)).all()


def test_a_conjunction_that_was_made_is_found(orbits):
    elements = orbits("leo", 8)
    moment = elements.epoch_us + 7 * HOUR_US + 123_456
    state = propagate(elements, moment)
    rotation = teme_to_rtn(*state[:2])
    offset = np.tile([0.05, 0.0, 0.0], (8, 1))  # 50 m above, crossing at right angles at the same speed
    crossing = np.vecmat(
        np.stack([np.zeros(8), np.zeros(8), np.linalg.norm(state.velocity_km_s, axis=1)], axis=1), rotation
    )
    other = fit_mean_elements(state.position_km + np.vecmat(offset, rotation), crossing, moment, 0.0)
    found = closest_approach(elements, other, elements.epoch_us, elements.epoch_us + 12 * HOUR_US)
    assert (found.miss_km <= 0.0501).all()
    assert_allclose(found.miss_km, 0.05, atol=2e-3)
    assert np.abs(found.time_us - moment).max() < 10_000


def test_a_slow_visit_in_the_geostationary_ring_is_found(orbits):
    elements = at_one_epoch(orbits("geo_inclined", 5))
    burn = elements.epoch_us + 6 * HOUR_US
    visitor = apply_burn(elements, burn, np.tile([0.0, 0.5, 0.0], (5, 1)))
    # The visitor left from where the other still is.
    found = closest_approach(elements, visitor, burn - 24 * HOUR_US, burn + 24 * HOUR_US)
    assert (found.miss_km < 0.1).all()
    after = closest_approach(elements, visitor, burn + 6 * HOUR_US, burn + 240 * HOUR_US)
    assert (after.miss_km > found.miss_km).all()


def test_batches_do_not_change_the_answer(orbits, monkeypatch):
    a, b = orbits("leo", 7, seed=3), orbits("geo", 7, seed=4)
    start = a.epoch_us
    whole = closest_approach(a, b, start, start + 5 * HOUR_US)
    monkeypatch.setattr(module, "_POINTS_AT_ONCE", 200)
    parts = closest_approach(a, b, start, start + 5 * HOUR_US)
    assert_allclose(parts.miss_km, whole.miss_km, atol=1e-5)


def test_pairs_that_cannot_be_propagated_are_unknown(orbits):
    a, b = orbits("leo", 3), orbits("leo", 3, seed=9)
    a.eccentricity[1] = np.nan
    found = closest_approach(a, b, a.epoch_us, a.epoch_us + HOUR_US)
    assert_array_equal(np.isnan(found.miss_km), [False, True, False])
    assert found.time_us[1] == NOT_A_TIME_US


def test_an_instant_and_no_pairs_at_all(orbits):
    a, b = orbits("leo", 2), orbits("leo", 2, seed=9)
    found = closest_approach(a, b, a.epoch_us, a.epoch_us)
    gap = propagate(a, a.epoch_us).position_km - propagate(b, a.epoch_us).position_km
    assert_allclose(found.miss_km, np.linalg.norm(gap, axis=1))
    assert len(closest_approach(a[:0], b[:0], 0, 1).miss_km) == 0


def test_spans_and_pairs_that_make_no_sense_are_refused(orbits):
    a, b = orbits("leo", 2), orbits("leo", 3)
    with pytest.raises(OrbitError, match="2 and 3"):
        closest_approach(a, b, 0, 1)
    with pytest.raises(OrbitError, match="ends before"):
        closest_approach(a, a, 1, 0)
