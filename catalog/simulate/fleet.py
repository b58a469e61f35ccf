"""Which objects fly: their orbits, habits, tracking and names. None of them exists."""

from __future__ import annotations

from dataclasses import replace

from catalog.simulate.cadence import Cadence
from catalog.simulate.eras import CLEAN, DULL, NAVIGATION, NOISY, RINGING, STATIONARY
from catalog.simulate.habits import (
    Commissioning,
    DragMakeUp,
    EastWest,
    Habit,
    InclinationTrim,
    NorthSouth,
    RarePhasing,
)
from catalog.simulate.motion import DAY_US
from catalog.simulate.objects import SimulatedObject, epoch_start_us, stream
from catalog.simulate.starts import circular_orbit, stationary_orbit, sun_synchronous_inclination_deg
from configs.simulate import SimulateConfig
from orbits.constants import EARTH_RADIUS_KM


def build_fleet(config: SimulateConfig) -> list[SimulatedObject]:
    """Every object of the configuration but the inspector and its target, by norad_id."""
    groups = (
        (config.sun_synchronous, 900_100, _sun_synchronous),
        (config.altimetry, 900_200, _altimetry),
        (config.passive_leo, 900_300, _passive_leo),
        (config.meo, 900_400, _navigation),
        (config.geosynchronous, 900_500, _geosynchronous),
    )
    return [make(config, base + number, number - 1) for count, base, make in groups for number in range(1, count + 1)]


# altitude [km], B* [1/Earth radius], deadband [m], overshoot [m], burns a maneuver, tracking
_SUN_SYNCHRONOUS = (
    (520.0, 3.5e-4, 250.0, 150.0, 1, (CLEAN,)),
    (572.0, 3.0e-4, 150.0, 110.0, 2, (DULL,)),
    (624.0, 2.2e-4, 80.0, 60.0, 1, (NOISY,)),
    (702.0, 1.2e-4, 20.0, 20.0, 1, (CLEAN,)),
    (786.0, 0.8e-4, 11.0, 9.0, 1, (CLEAN,)),
    (694.0, 1.4e-4, 30.0, 25.0, 1, (DULL,)),
)


def _sun_synchronous(config: SimulateConfig, norad_id: int, index: int) -> SimulatedObject:
    rng = stream(config, norad_id)
    altitude, bstar, deadband, overshoot, burns, eras = _SUN_SYNCHRONOUS[index % len(_SUN_SYNCHRONOUS)]
    young = index % len(_SUN_SYNCHRONOUS) == 5
    a_km = EARTH_RADIUS_KM + altitude + rng.uniform(-4.0, 4.0)
    first_day = 0.1 * config.days if young else 0.0
    start = circular_orbit(
        epoch_start_us(config) + int(first_day * DAY_US),
        a_km - (22.0 if young else rng.uniform(0.0, deadband) / 1000.0),
        sun_synchronous_inclination_deg(a_km),
        rng,
        eccentricity=rng.uniform(2e-4, 1.5e-3),
        bstar_inv_er=bstar * rng.uniform(0.9, 1.1),
    )
    keeping = DragMakeUp(a_km, deadband, overshoot, hour_utc=rng.uniform(5.0, 16.0), burns=burns)
    plane = InclinationTrim(every_days=170.0, dv_m_s=1.1, phase_days=float(rng.integers(170)))
    habits: tuple[Habit, ...] = (keeping,)
    if index % 3 == 0:
        habits = (plane, keeping)
    if young:
        habits = (Commissioning(a_km), keeping)
    return SimulatedObject(
        norad_id,
        f"LARKSPUR {index + 1}",
        f"{2024 if young else 2012 + index}-{901 + index}A",
        "payload",
        "Earth observation",
        "Larkspur Imaging",
        start,
        habits,
        eras,
    )


# altitude [km], inclination [deg], B* [1/Earth radius], deadband [m], overshoot [m]
_ALTIMETRY = (
    (1336.0, 66.04, 2.0e-4, 6.0, 6.0),
    (717.0, 92.03, 0.25e-4, 5.0, 5.0),
    (781.0, 98.54, 1.0e-4, 22.0, 20.0),
    (1336.0, 66.04, 1.5e-4, 3.5, 3.5),
)


def _altimetry(config: SimulateConfig, norad_id: int, index: int) -> SimulatedObject:
    rng = stream(config, norad_id)
    altitude, inclination, bstar, deadband, overshoot = _ALTIMETRY[index % len(_ALTIMETRY)]
    a_km = EARTH_RADIUS_KM + altitude
    start = circular_orbit(
        epoch_start_us(config),
        a_km - rng.uniform(0.0, deadband) / 1000.0,
        inclination,
        rng,
        eccentricity=rng.uniform(1e-4, 8e-4),
        bstar_inv_er=bstar,
    )
    # The third is followed poorly at first, and well from the middle of the simulation on.
    eras = (RINGING, replace(CLEAN, from_day=0.5 * config.days)) if index % len(_ALTIMETRY) == 2 else (CLEAN,)
    habits = (DragMakeUp(a_km, deadband, overshoot, hour_utc=rng.uniform(0.0, 24.0), hour_spread=4.0),)
    return SimulatedObject(
        norad_id,
        f"TIDEMARK {index + 1}",
        f"{2008 + 3 * index}-{921 + index}A",
        "payload",
        "Earth science",
        "Tidemark Office",
        start,
        habits,
        eras,
    )


# name, kind, altitude [km], inclination [deg], eccentricity, B* [1/Earth radius], tracking
_PASSIVE_LEO = (
    ("PEBBLE", "payload", 812.0, 49.8, 0.0206, 1.0e-5, CLEAN),
    ("LARKSPUR R/B", "rocket body", 655.0, 82.5, 0.004, 2.0e-4, DULL),
    ("TIDEMARK DEB", "debris", 560.0, 98.7, 0.008, 5.0e-4, NOISY),
)


def _passive_leo(config: SimulateConfig, norad_id: int, index: int) -> SimulatedObject:
    rng = stream(config, norad_id)
    name, kind, altitude, inclination, e, bstar, era = _PASSIVE_LEO[index % len(_PASSIVE_LEO)]
    start = circular_orbit(
        epoch_start_us(config),
        (EARTH_RADIUS_KM + altitude + rng.uniform(-3.0, 3.0)) / (1.0 - e),
        inclination,
        rng,
        eccentricity=e,
        bstar_inv_er=bstar,
    )
    number = f" {index // len(_PASSIVE_LEO) + 1}"
    purpose = "geodesy" if name == "PEBBLE" else ""
    return SimulatedObject(
        norad_id,
        name + number,
        f"{1995 + index % 25}-{941 + index}{'A' if kind == 'payload' else 'B'}",
        kind,
        purpose,
        "",
        start,
        eras=(replace(era, ringing=()),),
        cadence=Cadence(regular_share=0.1, loose_days=0.6, loose_sigma=0.8),
    )


def _navigation(config: SimulateConfig, norad_id: int, index: int) -> SimulatedObject:
    rng = stream(config, norad_id)
    start = circular_orbit(epoch_start_us(config), 26_560.0, 55.0 + rng.uniform(-1.0, 1.0), rng, eccentricity=0.006)
    return SimulatedObject(
        norad_id,
        f"MERIDIAN {index + 1}",
        f"{2010 + 4 * index}-{961 + index}A",
        "payload",
        "navigation",
        "Meridian Authority",
        start,
        (RarePhasing(mean_days=110.0, dv_m_s=0.12),),
        (NAVIGATION,),
        Cadence(regular_share=0.5, loose_days=1.1, loose_sigma=0.4),
        radiation_circle=5e-5,
    )


# longitude [deg], half width of the box [deg], inclination [deg], largest inclination of north-south keeping [deg] or 0 for none
_GEOSYNCHRONOUS = (
    (24.0, 0.05, 0.05, 0.080),
    (98.5, 0.0, 7.5, 0.0),  # dead: librates about 75 deg east
    (47.5, 0.08, 2.3, 0.0),
    (-64.0, 0.05, 0.07, 0.095),
    (-38.0, 0.10, 4.1, 0.0),
    (140.2, 0.06, 0.06, 0.085),
    (-128.0, 0.07, 0.9, 0.0),
)


def _geosynchronous(config: SimulateConfig, norad_id: int, index: int) -> SimulatedObject:
    longitude, half_width, inclination, deadband = _GEOSYNCHRONOUS[index % len(_GEOSYNCHRONOUS)]
    longitude += 3.0 * (index // len(_GEOSYNCHRONOUS))
    return stationary_object(
        config,
        norad_id,
        f"HARBOR {index + 1}",
        f"{2006 + 2 * index}-{971 + index}A",
        longitude,
        half_width,
        inclination,
        deadband,
    )


def stationary_object(
    config: SimulateConfig,
    norad_id: int,
    name: str,
    object_id: str,
    longitude_deg: float,
    half_width_deg: float,
    inclination_deg: float,
    north_south_deg: float,
    raan_deg: float = 90.0,
) -> SimulatedObject:
    """A geosynchronous object; a box of no width is that of a dead one, which only librates."""
    rng = stream(config, norad_id)
    start = stationary_orbit(epoch_start_us(config), longitude_deg, inclination_deg, raan_deg, rng)
    habits: list[Habit] = []
    if half_width_deg > 0.0:
        habits.append(EastWest(longitude_deg, half_width_deg, hour_utc=rng.uniform(0.0, 24.0)))
    if north_south_deg > 0.0:
        habits.append(NorthSouth(north_south_deg))
    era = replace(STATIONARY, a_sigma_m=rng.uniform(10.0, 26.0)) if habits else replace(STATIONARY, a_sigma_m=5.0)
    return SimulatedObject(
        norad_id,
        name,
        object_id,
        "payload",
        "communications",
        "Harbor Networks",
        start,
        tuple(habits),
        (era,),
        Cadence(at_node=False, regular_share=0.5, loose_days=1.05, loose_sigma=0.35, latency_hours=7.0),
        radiation_circle=rng.uniform(1e-4, 2e-4),
        lunar_a_m=rng.uniform(45.0, 105.0),
    )
