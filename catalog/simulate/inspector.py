"""One object that leaves its habit to approach another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from catalog.simulate.eras import CLEAN
from catalog.simulate.fleet import stationary_object
from catalog.simulate.flight import fly_object
from catalog.simulate.habits import DragMakeUp, EastWest
from catalog.simulate.journeys import Itinerary, Rendezvous, Stay
from catalog.simulate.motion import DAY_US
from catalog.simulate.objects import SimulatedObject, epoch_start_us, stream
from catalog.simulate.starts import circular_orbit, sun_synchronous_inclination_deg
from configs.simulate import SimulateConfig
from orbits.constants import EARTH_RADIUS_KM

TARGET_ID, INSPECTOR_ID = 900_601, 900_602
INSPECTOR_NAME = "INSPECTOR"

TARGET_LONGITUDE_DEG = 118.5
HOME_LONGITUDE_DEG = 131.0
DEPARTURE, CLOSING = 0.82, 0.89  # as shares of the days
_PLAN_STREAM = 3

LOW_ALTITUDE_KM = 548.0
HOME_PHASE_DEG = 118.0  # how far the inspector flies behind its target until it leaves


def inspector_pair(config: SimulateConfig, weather: pd.DataFrame) -> list[SimulatedObject]:
    """The target and its inspector, in the regime of ``config.inspector``; nothing for 'none'."""
    if config.inspector == "none":
        return []
    return low_pair(config, weather) if config.inspector == "leo" else geosynchronous_pair(config)


def geosynchronous_pair(config: SimulateConfig) -> list[SimulatedObject]:
    """A satellite in its box, and the inspector that comes to stand beside it.

    The inspector keeps a box 12.5 deg east of the target with burns of centimeters per second. Then two burns of a meter
    per second send it west at most 0.9 deg/day; it stops 0.3 deg short, and some weeks later closes in to 0.05 deg.
    """
    target = stationary_object(config, TARGET_ID, "HARBOR 21", "2016-991A", TARGET_LONGITUDE_DEG, 0.04, 0.05, 0.085)
    # Its plane starts where Sun and Moon lower the inclination, so that it ends near the target's.
    inclination = 0.1 + 0.0026 * config.days
    inspector = stationary_object(
        config, INSPECTOR_ID, INSPECTOR_NAME, "2019-992A", HOME_LONGITUDE_DEG, 0.06, inclination, 0.0, raan_deg=270.0
    )
    start_us = epoch_start_us(config)
    hour = float(stream(config, INSPECTOR_ID, _PLAN_STREAM).uniform(0.0, 24.0))
    stays = tuple(
        Stay(start_us + int(share * config.days * DAY_US), EastWest(longitude, half_width, hour))
        for share, longitude, half_width in (
            (0.0, HOME_LONGITUDE_DEG, 0.06),
            (DEPARTURE, TARGET_LONGITUDE_DEG + 0.3, 0.05),
            (CLOSING, TARGET_LONGITUDE_DEG + 0.05, 0.03),
        )
    )
    return [
        target,
        replace(inspector, habits=(Itinerary(stays, drift_deg_day=0.9, intent="inspection"),), purpose="", operator=""),
    ]


def low_pair(config: SimulateConfig, weather: pd.DataFrame) -> list[SimulatedObject]:
    """A sun-synchronous satellite, and an inspector of its plane that comes to fly beside it.

    The inspector makes up for drag with burns of centimeters per second, a third of a revolution behind the target. Then
    it goes some 6 km lower, catches up 7.5 deg/day, and stops 0.3 deg behind.
    """
    rng = stream(config, TARGET_ID)
    a_km = EARTH_RADIUS_KM + LOW_ALTITUDE_KM
    inclination = sun_synchronous_inclination_deg(a_km)
    start = circular_orbit(epoch_start_us(config), a_km, inclination, rng, eccentricity=3e-4, bstar_inv_er=2.0e-4)
    home = DragMakeUp(a_km, 110.0, 100.0, hour_utc=8.0)
    target = SimulatedObject(
        TARGET_ID,
        "LARKSPUR 21",
        "2016-991A",
        "payload",
        "Earth observation",
        "Larkspur Imaging",
        start,
        (home,),
        (CLEAN,),
    )
    behind = replace(
        start,
        raan_deg=start.raan_deg + 0.03,
        inclination_deg=start.inclination_deg + 0.004,
        mean_anomaly_deg=np.mod(start.mean_anomaly_deg - HOME_PHASE_DEG, 360.0),
    )
    leave_us = epoch_start_us(config) + int(DEPARTURE * config.days * DAY_US)
    approach = Rendezvous(replace(home, hour_utc=14.0), fly_object(config, target, weather)[0], leave_us)
    inspector = SimulatedObject(
        INSPECTOR_ID, INSPECTOR_NAME, "2019-992A", "payload", "", "", behind, (approach,), (CLEAN,)
    )
    return [target, inspector]
