"""Propagation against the official SGP4 vectors and against SGP4 in plain Python."""

from pkgutil import get_data

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sgp4.api import WGS72, Satrec

from orbits import propagate as module
from orbits.elements import MeanElements, semi_major_axis_km, wrap_deg
from orbits.errors import OrbitError
from orbits.propagate import (
    MAX_SPAN_US,
    NOT_A_TIME_US,
    Sgp4Code,
    drift,
    propagate,
    propagate_grid,
    propagate_with_drift,
)
from tests.naive import orbits as naive


def elements_of(line1: str, line2: str) -> MeanElements:
    record = Satrec.twoline2rv(line1, line2, WGS72)
    epoch_us = round((record.jdsatepoch - 2440587.5) * 86400) * 10**6 + round(record.jdsatepochF * 86400e6)
    texts = line2[52:63], "." + line2[26:33].strip(), line2[8:16], line2[17:25], line2[34:42], line2[43:51]
    return MeanElements(np.array([epoch_us]), *(np.array([float(t)]) for t in texts), np.array([record.bstar]))


def official_vectors():
    """(catalog number, elements, minutes (M,), states (M, 6)) of every case of Vallado et al. 2006."""
    lines = [line for line in get_data("sgp4", "SGP4-VER.TLE").decode().splitlines() if line[:2] in ("1 ", "2 ")]
    blocks = []
    for line in get_data("sgp4", "tcppver.out").decode().splitlines():
        if "xx" in line:
            blocks.append([])
        else:
            blocks[-1].append([float(text) for text in line.split()[:7]])
    cases = []
    for line1, line2, block in zip(lines[::2], lines[1::2], blocks, strict=True):
        table = np.array(block)
        cases.append(pytest.param(elements_of(line1, line2), table[:, 0], table[:, 1:], id=line1[2:7]))
    return cases


@pytest.mark.parametrize(("elements", "minutes", "expected"), official_vectors())
def test_official_vectors(elements, minutes, expected, monkeypatch):
    # The vectors were made in the improved mode: 23599 is 1 km off in the other one, every other case is the same.
    monkeypatch.setattr(module, "OPSMODE", "i")
    times = elements.epoch_us[:, None] + np.rint(minutes * 6e7).astype(np.int64)
    state = propagate(elements, times)
    found = np.concatenate([state.position_km[0], state.velocity_km_s[0]], axis=1)
    # The last row of a case that decays is printed, and we withhold it; 33334 fails at once and repeats another case's.
    good = state.code[0] == Sgp4Code.OK
    assert (~good).sum() <= 1
    # The reference rounds its epoch to 40 us before it asks where Moon and Sun are: 4 mm on an orbit with e = 0.97.
    assert_allclose(found[good, :3], expected[good, :3], rtol=0, atol=5e-6)
    assert_allclose(found[good, 3:], expected[good, 3:], rtol=0, atol=2e-9)
    if elements.eccentricity[0] < 0.9:
        assert_allclose(found[good, :3], expected[good, :3], rtol=0, atol=5e-7)


def test_states_and_means_match_plain_python(every_orbit):
    elements = every_orbit[:8]
    times = elements.epoch_us[:, None] + np.array([-3 * 86400, 0, 7, 86400 * 5 + 1], dtype=np.int64) * 10**6 + 123
    codes, states, means = naive.propagate_with_drift(elements, times)
    state, mean = propagate_with_drift(elements, times)
    assert_array_equal(state.code, codes)
    assert_allclose(state.position_km, states[..., :3], rtol=0, atol=1e-6)
    assert_allclose(state.velocity_km_s, states[..., 3:], rtol=0, atol=1e-9)
    assert_allclose(mean.a_km, means[..., 0], rtol=0, atol=1e-7)
    assert_allclose(mean.eccentricity, means[..., 1], rtol=0, atol=1e-12)
    assert_allclose(mean.inclination_deg, means[..., 2], rtol=0, atol=1e-10)
    assert_allclose(wrap_deg(mean.raan_deg - means[..., 3]), 0, atol=1e-8)
    assert_allclose(wrap_deg(mean.arg_pericenter_deg - means[..., 4]), 0, atol=1e-8)
    assert_allclose(wrap_deg(mean.mean_anomaly_deg - means[..., 5]), 0, atol=1e-8)


def test_one_time_many_times_and_the_grid_agree(every_orbit):
    times = every_orbit.epoch_us.max() + np.arange(3) * 10**9
    grid = propagate_grid(every_orbit, times)
    both = propagate_with_drift(every_orbit, np.tile(times, (len(every_orbit), 1)))
    for j, time in enumerate(times):
        single = propagate(every_orbit, np.full(len(every_orbit), time))
        assert_allclose(single.position_km, grid.position_km[:, j], rtol=0, atol=1e-6)
        assert_array_equal(single.code, grid.code[:, j])
    assert_allclose(both[0].velocity_km_s, grid.velocity_km_s, rtol=0, atol=1e-9)
    one_by_one = drift(every_orbit, times.repeat(len(every_orbit)).reshape(3, -1)[1])
    assert_array_equal(one_by_one.a_km, both[1].a_km[:, 1])


def test_mean_elements_at_the_epoch_are_the_element_set(every_orbit):
    mean = drift(every_orbit, every_orbit.epoch_us)
    a = semi_major_axis_km(every_orbit.mean_motion_rev_day, every_orbit.eccentricity, every_orbit.inclination_deg)
    assert_allclose(mean.a_km, a, rtol=1e-13)
    assert_allclose(mean.eccentricity, every_orbit.eccentricity, rtol=0, atol=1e-15)
    assert_allclose(mean.inclination_deg, every_orbit.inclination_deg, rtol=1e-13)
    assert_allclose(wrap_deg(mean.raan_deg - every_orbit.raan_deg), 0, atol=1e-9)
    turn = (
        mean.arg_pericenter_deg + mean.mean_anomaly_deg - every_orbit.arg_pericenter_deg - every_orbit.mean_anomaly_deg
    )
    assert_allclose(wrap_deg(turn), 0, atol=1e-9)


def test_a_microsecond_is_resolved(orbits):
    elements = orbits("leo", 5)
    times = elements.epoch_us[:, None] + np.array([0, 1, 2])
    position = propagate(elements, times).position_km
    speed = np.linalg.norm(np.diff(position, axis=1), axis=2) / 1e-6
    assert_allclose(speed, 7.5, atol=0.4)


def test_times_in_any_memory_order(orbits):
    elements = orbits("leo", 4)
    times = elements.epoch_us[:, None] + np.arange(3) * 10**9
    expected = propagate(elements, times).position_km
    assert_array_equal(propagate(elements, np.asfortranarray(times)).position_km, expected)
    both = propagate_with_drift(elements, np.asfortranarray(times))[0]
    assert_allclose(both.position_km, expected, rtol=0, atol=1e-8)


def test_more_sets_than_a_chunk(orbits, monkeypatch):
    elements = orbits("leo", 10)
    whole = propagate(elements, elements.epoch_us)
    monkeypatch.setattr(module, "_CHUNK_SETS", 3)
    assert_array_equal(propagate(elements, elements.epoch_us).position_km, whole.position_km)


def test_failures_carry_their_code_and_leave_the_rest_alone(orbits):
    elements = orbits("leo", 6)
    fields = {name: getattr(elements, name).copy() for name in MeanElements.__slots__}
    fields["eccentricity"][0] = 1.5
    fields["mean_motion_rev_day"][1] = 0.0
    fields["inclination_deg"][2] = np.nan
    fields["bstar_inv_er"][3] = 0.5  # so low and draggy that it falls within the day
    fields["mean_motion_rev_day"][3] = 16.2
    elements = MeanElements(**fields)
    times = elements.epoch_us + 86_400_000_000
    times[4] = NOT_A_TIME_US
    for state, mean in (propagate_with_drift(elements, times), (propagate(elements, times[:, None]), None)):
        codes = state.code.ravel()
        assert codes[0] == Sgp4Code.MEAN_ECCENTRICITY
        assert codes[1] in (Sgp4Code.MEAN_MOTION, Sgp4Code.INVALID_INPUT)
        assert codes[2] == codes[4] == Sgp4Code.INVALID_INPUT
        assert codes[3] in (Sgp4Code.DECAYED, Sgp4Code.MEAN_ECCENTRICITY)
        assert codes[5] == Sgp4Code.OK
        bad = codes != Sgp4Code.OK
        assert np.isnan(state.position_km.reshape(6, 3)[bad]).all()
        assert np.isfinite(state.velocity_km_s.reshape(6, 3)[~bad]).all()
        if mean is not None:
            assert np.isnan(mean.a_km[bad]).all()
            assert np.isnan(mean.mean_anomaly_deg[bad]).all()


def test_a_time_a_century_away_is_refused_not_integrated(orbits):
    elements = orbits("geo", 1)
    assert propagate(elements, elements.epoch_us + MAX_SPAN_US + 1).code[0] == Sgp4Code.INVALID_INPUT


def test_no_sets_at_all(orbits):
    elements = orbits("leo", 0)
    state, mean = propagate_with_drift(elements, np.zeros((0, 4), dtype=np.int64))
    assert state.position_km.shape == (0, 4, 3)
    assert mean.a_km.shape == (0, 4)
    assert propagate(elements, elements.epoch_us).code.shape == (0,)


@pytest.mark.parametrize("times", [np.zeros(3, dtype=np.int64), np.zeros((2, 2, 2), dtype=np.int64), np.zeros(2)])
def test_times_that_do_not_fit_are_refused(orbits, times):
    with pytest.raises(OrbitError):
        propagate(orbits("leo", 2), times)


def test_every_code_has_words():
    assert all(code.text for code in Sgp4Code)
