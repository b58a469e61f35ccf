"""How published sets differ from the orbit."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kurtosis

from catalog.simulate.cadence import draw_last_observation
from catalog.simulate.eras import CLEAN, RINGING, Era, era_of
from catalog.simulate.fleet import build_fleet
from catalog.simulate.flight import fly_object
from catalog.simulate.noise import SetErrors, change, disturb, draw_errors, quantize, tilt_plane
from catalog.simulate.objects import stream
from catalog.simulate.publish import publish
from catalog.simulate.weather import simulate_weather
from configs.simulate import SimulateConfig
from orbits.elements import MeanElements, semi_major_axis_km, wrap_deg


def orbits(count: int, inclination_deg: float = 98.0, eccentricity: float = 1e-3, n: float = 14.2) -> MeanElements:
    full = np.ones(count)
    return MeanElements(
        epoch_us=np.arange(count, dtype=np.int64) * 86_400_000_000,
        mean_motion_rev_day=n * full,
        eccentricity=eccentricity * full,
        inclination_deg=inclination_deg * full,
        raan_deg=np.linspace(0.0, 359.0, count),
        arg_pericenter_deg=np.linspace(350.0, 10.0, count),
        mean_anomaly_deg=np.linspace(0.0, 300.0, count),
        bstar_inv_er=2e-5 * full,
    )


def a_km(elements: MeanElements) -> np.ndarray:
    return semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)


def errors_of(count: int, **values: float) -> SetErrors:
    names = ("a_m", "k_m", "h_m", "tilt_deg", "node_deg", "along_track_m", "bstar_share")
    return SetErrors(**{name: np.full(count, values.get(name, 0.0)) for name in names})


def sigma(values: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def test_steps_have_the_measured_scatter_and_tails() -> None:
    elements = orbits(4000)
    drawn = draw_errors(elements, np.arange(4000.0), (CLEAN,), 1.0, np.random.default_rng(1))
    assert sigma(np.diff(drawn.a_m)) == pytest.approx(CLEAN.a_sigma_m, rel=0.05)
    assert sigma(np.diff(drawn.k_m)) == pytest.approx(CLEAN.e_sigma_m, rel=0.05)
    assert sigma(np.diff(drawn.tilt_deg)) == pytest.approx(CLEAN.plane_sigma_deg, rel=0.05)
    assert kurtosis(np.diff(drawn.a_m), fisher=False) > 15.0
    outliers = np.abs(np.diff(drawn.a_m)) > 10.0 * CLEAN.a_sigma_m
    assert 0.001 < outliers.mean() < 0.02


def test_an_error_in_a_shows_along_the_track_with_the_opposite_sign() -> None:
    drawn = draw_errors(orbits(3000), np.arange(3000.0), (CLEAN,), 1.0, np.random.default_rng(2))
    assert np.corrcoef(np.argsort(np.argsort(drawn.a_m)), np.argsort(np.argsort(drawn.along_track_m)))[0, 1] < -0.3


def test_noise_follows_the_era() -> None:
    eras = (RINGING, replace(CLEAN, from_day=500.0))
    drawn = draw_errors(orbits(1000), np.arange(1000.0), eras, 1.0, np.random.default_rng(3))
    assert sigma(np.diff(drawn.a_m[:500])) > 20.0 * sigma(np.diff(drawn.a_m[500:]))
    np.testing.assert_array_equal(era_of(eras, np.array([-1.0, 0.0, 499.9, 500.0])), [0, 0, 0, 1])


def test_a_scale_of_zero_is_perfect_tracking() -> None:
    drawn = draw_errors(orbits(200), np.arange(200.0), (CLEAN,), 0.0, np.random.default_rng(4))
    for name in SetErrors.__slots__:
        assert not getattr(drawn, name).any()


@given(
    a_m=st.floats(-500, 500),
    k_m=st.floats(-300, 300),
    h_m=st.floats(-300, 300),
    tilt_deg=st.floats(-0.02, 0.02),
    node_deg=st.floats(-0.02, 0.02),
    inclination_deg=st.sampled_from([0.03, 7.0, 66.0, 98.5]),
)
def test_a_change_is_what_was_added(
    a_m: float, k_m: float, h_m: float, tilt_deg: float, node_deg: float, inclination_deg: float
) -> None:
    before = orbits(7, inclination_deg=inclination_deg)
    added = errors_of(7, a_m=a_m, k_m=k_m, h_m=h_m, tilt_deg=tilt_deg, node_deg=node_deg)
    after = disturb(before, a_km(before), added)
    found = change(before, after)
    np.testing.assert_allclose(found.tilt_deg, tilt_deg, atol=2e-5)
    np.testing.assert_allclose(found.node_deg, node_deg, atol=2e-5)
    np.testing.assert_allclose(found.a_m, a_m, atol=1e-3)
    if inclination_deg > 1.0:  # else the node turns far
        np.testing.assert_allclose(found.k_m, k_m, atol=3.0)
        np.testing.assert_allclose(found.h_m, h_m, atol=3.0)


def test_an_along_track_error_moves_the_object_and_nothing_else() -> None:
    before = orbits(5)
    after = disturb(before, a_km(before), errors_of(5, along_track_m=1000.0))
    moved = wrap_deg(
        after.arg_pericenter_deg + after.mean_anomaly_deg - before.arg_pericenter_deg - before.mean_anomaly_deg
    )
    np.testing.assert_allclose(moved, np.degrees(1.0 / a_km(before)), rtol=1e-6)
    np.testing.assert_allclose(after.eccentricity, before.eccentricity)
    np.testing.assert_allclose(after.mean_motion_rev_day, before.mean_motion_rev_day, rtol=1e-13)


def test_an_equatorial_plane_tilts_without_trouble() -> None:
    i, node = tilt_plane(np.array([1e-4]), np.array([33.0]), np.array([-3e-4]), np.array([0.0]))
    assert i[0] == pytest.approx(2e-4, rel=1e-6)
    assert node[0] == pytest.approx(213.0)


@given(st.lists(st.floats(-9e-3, 9e-3), min_size=1, max_size=20))
def test_bstar_keeps_five_digits(values: list[float]) -> None:
    elements = replace(orbits(len(values)), bstar_inv_er=np.array(values))
    kept = quantize(elements).bstar_inv_er
    expected = [0.0 if abs(value) < 1e-10 else float(f"{value:.4e}") for value in values]
    np.testing.assert_allclose(kept, expected, rtol=1.1e-4, atol=0.0)
    np.testing.assert_allclose(quantize(quantize(elements)).bstar_inv_er, kept, rtol=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 3.0))
def test_no_set_follows_what_happens_after_its_publication(seed: int, lag_days: float) -> None:
    rng = np.random.default_rng(seed)
    epochs = np.sort(rng.integers(0, 10**14, 50))
    available = epochs + rng.integers(3600, 90_000, 50) * 1_000_000
    seen = draw_last_observation(epochs, available, np.full(50, lag_days), rng)
    assert (seen < available).all()


@pytest.fixture(scope="module")
def burning() -> tuple:
    """A satellite with a burn every ten days, its true history, and the air it flew through."""
    config = SimulateConfig(days=200, sun_synchronous=1)
    weather = simulate_weather(pd.Timestamp(config.start), config.days, 0.6, np.random.default_rng(5))
    item = next(item for item in build_fleet(config) if item.norad_id == 900_101)
    return config, item, *fly_object(config, item, weather)


def test_a_ringing_era_smears_each_burn_over_the_next_sets(burning: tuple) -> None:
    config, item, track, drag = burning
    plain = Era(a_sigma_m=1e-3, bad_share=0.0)
    ringing = replace(plain, ringing=(0.5, -0.4))
    clean, rung = (publish(config, replace(item, eras=(era,)), track, drag) for era in (plain, ringing))
    np.testing.assert_array_equal(clean["epoch"], rung["epoch"])
    extra_m = 1000.0 * (
        semi_major_axis_km(rung["mean_motion_rev_day"], rung["eccentricity"], rung["inclination_deg"])
        - semi_major_axis_km(clean["mean_motion_rev_day"], clean["eccentricity"], clean["inclination_deg"])
    )
    along = [abs(burn.dv_t_m_s) > 0.1 for burn in track.burns]
    burn_m = change(track.before, track.after).a_m[along]
    touched = np.flatnonzero(np.abs(extra_m) > 20.0)
    assert len(touched) == pytest.approx(2 * len(burn_m), abs=4)
    assert extra_m.max() / burn_m.max() == pytest.approx(0.5, rel=0.45)
    assert extra_m.min() < -20.0


def test_a_burn_may_show_a_set_late_or_early_but_mostly_in_its_gap(burning: tuple) -> None:
    config, item, track, drag = burning
    quiet = Era(a_sigma_m=1e-3, e_sigma_m=1e-3, bad_share=0.0, lag_sigma_days=0.4)
    offsets = []
    sets = publish(config, replace(item, eras=(quiet,)), track, drag)
    a_m = 1000.0 * semi_major_axis_km(sets["mean_motion_rev_day"], sets["eccentricity"], sets["inclination_deg"])
    epochs = sets["epoch"].astype("int64").to_numpy()
    for burn in track.burns:
        if burn.dv_t_m_s < 0.1:
            continue
        bracket = int(np.searchsorted(epochs, burn.time_us))
        if 3 < bracket < len(epochs) - 4:
            jumps = np.diff(a_m[bracket - 3 : bracket + 3])
            offsets.append(int(np.argmax(jumps)) - 2)
    offsets = np.array(offsets)
    assert len(offsets) > 8
    assert (offsets == 0).mean() > 0.5
    assert (np.abs(offsets) <= 1).all()


def test_streams_of_objects_are_independent() -> None:
    config = SimulateConfig()
    assert stream(config, 900_101).random() != stream(config, 900_102).random()
    assert stream(config, 900_101).random() == stream(config, 900_101).random()
