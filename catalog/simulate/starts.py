"""Orbits to start from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.simulate.motion import longitude_course
from orbits.constants import EARTH_RADIUS_KM, GEO_SEMI_MAJOR_AXIS_KM, J2, MU_KM3_S2
from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.frames import gmst_deg


def circular_orbit(
    epoch_us: int,
    a_km: float,
    inclination_deg: float,
    rng: np.random.Generator,
    *,
    eccentricity: float = 1e-3,
    bstar_inv_er: float = 0.0,
) -> MeanElements:
    """A near-circular orbit (one set), its angles drawn at random."""
    raan, pericenter, anomaly = rng.uniform(0.0, 360.0, (3, 1))
    e, i = np.array([eccentricity]), np.array([inclination_deg])
    return MeanElements(
        epoch_us=np.array([epoch_us], dtype=np.int64),
        mean_motion_rev_day=kozai_mean_motion_rev_day(np.array([a_km]), e, i),
        eccentricity=e,
        inclination_deg=i,
        raan_deg=raan,
        arg_pericenter_deg=pericenter,
        mean_anomaly_deg=anomaly,
        bstar_inv_er=np.array([bstar_inv_er]),
    )


def stationary_orbit(
    epoch_us: int, longitude_deg: float, inclination_deg: float, raan_deg: float, rng: np.random.Generator
) -> MeanElements:
    """A geosynchronous orbit (one set) that stands at ``longitude_deg``.

    Sun and Moon raise the inclination of a plane with its node near 90 deg, and lower it near 270 deg.
    """
    orbit = circular_orbit(epoch_us, GEO_SEMI_MAJOR_AXIS_KM, inclination_deg, rng, eccentricity=3e-4)
    raan = np.array([raan_deg + rng.uniform(-15.0, 15.0)])
    for _ in range(4):
        anomaly = longitude_deg + gmst_deg(orbit.epoch_us) - raan - orbit.arg_pericenter_deg
        orbit = replace(orbit, raan_deg=raan, mean_anomaly_deg=np.mod(anomaly, 360.0))
        rate = longitude_course(orbit)[1]
        orbit = replace(orbit, mean_motion_rev_day=orbit.mean_motion_rev_day - rate / 360.0)
    return orbit


def sun_synchronous_inclination_deg(a_km: float) -> float:
    """Inclination at which J2 turns a circular orbit's node by 360 deg a year (Vallado, 2013, eq. 11-15) [deg]."""
    mean_motion = np.sqrt(MU_KM3_S2 / a_km**3)
    wanted = 2.0 * np.pi / (365.2422 * 86_400.0)
    cosine = -wanted / (1.5 * J2 * (EARTH_RADIUS_KM / a_km) ** 2 * mean_motion)
    return float(np.degrees(np.arccos(cosine)))
