"""The true orbits of the simulation."""

import numpy as np
import pandas as pd
import pytest

from catalog.simulate.habits import Burn, Plan
from catalog.simulate.motion import (
    DAY_US,
    MotionError,
    advance,
    longitude_course,
    mean_a_km,
    node_passage_us,
    radiation_pressure,
)
from catalog.simulate.starts import circular_orbit, stationary_orbit, sun_synchronous_inclination_deg
from catalog.simulate.track import fly
from catalog.simulate.weather import drag_history, simulate_weather
from orbits.elements import MeanElements
from orbits.geosynchronous import mean_longitude_deg
from orbits.propagate import propagate

START_US = int(pd.Timestamp("2025-04-27", tz="UTC").timestamp()) * 1_000_000


def one(a_km: float, inclination_deg: float, bstar: float = 0.0, eccentricity: float = 1e-3) -> MeanElements:
    rng = np.random.default_rng(7)
    return circular_orbit(START_US, a_km, inclination_deg, rng, eccentricity=eccentricity, bstar_inv_er=bstar)


@pytest.mark.parametrize(
    ("orbit", "limit_km"),
    [
        (one(6900.0, 97.5, 3e-4), 0.03),
        (one(7714.0, 66.0, 1e-4), 0.03),
        (one(26_560.0, 55.0, eccentricity=0.01), 0.1),
        (stationary_orbit(START_US, 30.0, 3.0, 90.0, np.random.default_rng(1)), 0.05),
        (stationary_orbit(START_US, 30.0, 0.03, 90.0, np.random.default_rng(2)), 0.3),
    ],
)
def test_a_reissued_set_describes_the_same_orbit(orbit: MeanElements, limit_km: float) -> None:
    """Two days by one set, and by a set re-issued after one day: metres, where real sets differ by tens and hundreds."""
    then = orbit.epoch_us + 2 * DAY_US
    direct = propagate(orbit, then).position_km
    reissued = propagate(advance(orbit, orbit.epoch_us + DAY_US), then).position_km
    assert np.linalg.norm(direct - reissued) < limit_km


def test_a_plane_taken_through_the_equator_comes_out_with_the_node_opposite() -> None:
    orbit = stationary_orbit(START_US, 30.0, 0.01, 270.0, np.random.default_rng(3))
    later = advance(orbit, orbit.epoch_us + 30 * DAY_US)
    assert 0.0 < later.inclination_deg[0] < 0.1
    assert abs((later.raan_deg[0] - orbit.raan_deg[0]) % 360.0 - 180.0) < 30.0


def test_an_orbit_that_decays_is_an_error() -> None:
    with pytest.raises(MotionError, match="SGP4 error"):
        advance(one(6510.0, 51.0, 5e-3), np.array([START_US + 90 * DAY_US]))


def test_a_stationary_orbit_stands_where_it_is_asked_to() -> None:
    orbit = stationary_orbit(START_US, -64.0, 0.02, 90.0, np.random.default_rng(4))
    assert mean_longitude_deg(orbit)[0] == pytest.approx(-64.0, abs=1e-3)
    assert abs(longitude_course(orbit)[1]) < 2e-3


@pytest.mark.parametrize(("longitude_deg", "sign"), [(95.0, -1), (55.0, 1), (-85.0, -1), (-125.0, 1)])
def test_j22_pulls_towards_the_stable_points(longitude_deg: float, sign: int) -> None:
    """75.1 deg east and 105.3 deg west (Soop, 1994)."""
    orbit = stationary_orbit(START_US, longitude_deg, 0.02, 90.0, np.random.default_rng(5))
    pull = longitude_course(orbit)[2]
    assert np.sign(pull) == sign
    assert 3e-4 < abs(pull) < 2.5e-3


def test_the_next_node_is_a_node() -> None:
    orbit = one(7000.0, 98.0)
    passage = node_passage_us(orbit)
    assert passage > START_US
    there = advance(orbit, np.array([passage]))
    latitude = (there.arg_pericenter_deg[0] + there.mean_anomaly_deg[0] + 180.0) % 360.0 - 180.0
    assert abs(latitude) < 0.5


def test_sunlight_draws_a_yearly_circle_of_the_eccentricity_vector() -> None:
    orbit = stationary_orbit(START_US, 10.0, 2.0, 90.0, np.random.default_rng(6))
    points = []
    for _ in range(365):
        before = orbit
        moved = MeanElements(
            before.epoch_us + DAY_US,
            before.mean_motion_rev_day,
            before.eccentricity,
            before.inclination_deg,
            before.raan_deg,
            before.arg_pericenter_deg,
            before.mean_anomaly_deg,
            before.bstar_inv_er,
        )
        orbit = radiation_pressure(moved, before.epoch_us, 2e-4)
        angle = np.radians(orbit.arg_pericenter_deg + orbit.raan_deg)
        points.append([orbit.eccentricity[0] * np.cos(angle[0]), orbit.eccentricity[0] * np.sin(angle[0])])
    radius = np.ptp(np.array(points), axis=0) / 2.0
    np.testing.assert_allclose(radius, 2e-4, rtol=0.02)


def test_sun_synchronous_inclinations() -> None:
    assert sun_synchronous_inclination_deg(7159.0) == pytest.approx(98.55, abs=0.05)  # SARAL's 781 km
    assert sun_synchronous_inclination_deg(7192.6) == pytest.approx(98.65, abs=0.1)  # Sentinel-3A's 814.5 km


class Once:
    """Burns once, on the first look."""

    def __init__(self, burn: Burn) -> None:
        self.burn: Burn | None = burn

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        plan = Plan((self.burn,)) if self.burn else Plan()
        self.burn = None
        return plan


def test_a_flight_keeps_both_sides_of_a_burn() -> None:
    burn_us = START_US + int(3.3 * DAY_US)
    burn = Burn(burn_us, 0.0, 0.5, 0.0, "orbit raise")
    track = fly(one(7000.0, 98.0), START_US + 10 * DAY_US, [Once(burn)], None, 0.0, np.random.default_rng(8))
    gain_m = 1000.0 * (mean_a_km(track.after) - mean_a_km(track.before))[0]
    rate_rad_s = 2.0 * np.pi * track.before.mean_motion_rev_day[0] / 86_400.0
    assert gain_m == pytest.approx(2.0 * 0.5 / rate_rad_s, rel=0.01)
    np.testing.assert_array_equal(track.burn_times_us, [burn_us])

    times = np.array([burn_us + DAY_US // 4] * 2, dtype=np.int64)
    informed, ignorant = mean_a_km(track.at(times, np.array([burn_us + 1, burn_us - 1])))
    assert 1000.0 * (informed - ignorant) == pytest.approx(gain_m, rel=0.01)


def test_drag_grows_in_a_storm_and_with_altitude() -> None:
    start = pd.Timestamp("2025-04-27", tz="UTC")
    weather = simulate_weather(start, 200, 0.5, np.random.default_rng(9))
    onset = START_US + 100 * DAY_US
    day = lambda history, at: history.mean(np.array([at]), np.array([at + DAY_US]))[0]  # noqa: E731
    low, high = drag_history(weather, 400.0), drag_history(weather, 600.0)
    assert day(low, onset) / day(low, onset - 2 * DAY_US) > 1.8
    assert day(high, onset) / day(high, onset - 2 * DAY_US) > day(low, onset) / day(low, onset - 2 * DAY_US)
    assert high.mean(np.array([START_US]), np.array([START_US + 200 * DAY_US]))[0] == pytest.approx(1.0, abs=0.5)
