"""The true orbit between burns: SGP4's own mean elements re-issued at later epochs, and the sunlight it leaves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.errors import CatalogError
from orbits.elements import FloatArray, IntArray, MeanElements, kozai_mean_motion_rev_day, semi_major_axis_km, wrap_deg
from orbits.geosynchronous import mean_longitude_deg
from orbits.propagate import Sgp4Code, drift

DAY_US = 86_400_000_000
_J2000_US = 946_728_000_000_000
_SUN_DEG_DAY = 0.98564736


class MotionError(CatalogError):
    """SGP4 refused an orbit of the simulation.

    Attributes
    ----------
    code : int
        SGP4's error code; see `orbits.propagate.Sgp4Code`.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(
            f"SGP4 error {code} while the simulation moved an orbit ({Sgp4Code(code).text}): simulate fewer days"
        )


def advance(elements: MeanElements, epoch_us: IntArray) -> MeanElements:
    """Element sets (N,) re-issued at other epochs (N,), with the mean elements that SGP4 itself has by then.

    Drag, J2 and the lunisolar and resonant drift are SGP4's; its periodics hang on absolute time, so the re-issued set
    describes the same orbit.

    Raises
    ------
    MotionError
        Where SGP4 reports an error, as for an orbit that decayed.
    """
    mean = drift(elements, epoch_us)
    if np.any(mean.code != 0):
        raise MotionError(int(mean.code[mean.code != 0][0]))
    # A plane that SGP4 takes through the equator comes out on the other side, with the node opposite.
    crossed = mean.inclination_deg < 0.0
    half_turn = np.where(crossed, 180.0, 0.0)
    inclination = np.abs(mean.inclination_deg)
    return MeanElements(
        epoch_us=np.asarray(epoch_us, dtype=np.int64),
        mean_motion_rev_day=kozai_mean_motion_rev_day(mean.a_km, mean.eccentricity, inclination),
        eccentricity=np.maximum(mean.eccentricity, 1e-7),
        inclination_deg=inclination,
        raan_deg=np.mod(mean.raan_deg + half_turn, 360.0),
        arg_pericenter_deg=np.mod(mean.arg_pericenter_deg - half_turn, 360.0),
        mean_anomaly_deg=np.mod(mean.mean_anomaly_deg, 360.0),
        bstar_inv_er=elements.bstar_inv_er,
    )


def mean_a_km(elements: MeanElements) -> FloatArray:
    """Brouwer mean semi-major axis (N,) [km]."""
    return semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)


def a_change_km_per_m_s(elements: MeanElements) -> float:
    """Change of a for one m/s along the track of a near-circular orbit: 2 a / v = 2 / n [km per m/s]."""
    return float(2e-3 / (elements.mean_motion_rev_day[0] * 2.0 * np.pi / 86400.0))


def node_passage_us(elements: MeanElements) -> int:
    """The next passage of the ascending node, an hour or more ahead of the one set's epoch [us]."""
    latitude = (elements.arg_pericenter_deg[0] + elements.mean_anomaly_deg[0]) % 360.0
    revolution_us = DAY_US / elements.mean_motion_rev_day[0]
    ahead_us = (360.0 - latitude) / 360.0 * revolution_us
    while ahead_us < DAY_US / 24:
        ahead_us += revolution_us
    return int(elements.epoch_us[0] + ahead_us)


def longitude_course(elements: MeanElements) -> tuple[float, float, float]:
    """Mean longitude [deg], its drift [deg/day] and the drift's change [deg/day^2] of one geosynchronous set."""
    three = elements[np.zeros(3, dtype=np.int64)]
    later = advance(three, elements.epoch_us[0] + DAY_US * np.arange(3, dtype=np.int64))
    start, one, two = mean_longitude_deg(later)
    first, second = float(wrap_deg(one - start)), float(wrap_deg(two - one))
    return float(start), first - 0.5 * (second - first), second - first


def radiation_pressure(elements: MeanElements, since_us: IntArray, circle: float) -> MeanElements:
    """What sunlight adds to the eccentricity vector since ``since_us`` (N,): SGP4 has no such force.

    The vector is pushed at right angles to the Sun, ``de = circle * n_sun * dt``, which makes a yearly circle of radius
    ``circle`` for a vector that points to the Sun (Soop, Handbook of Geostationary Orbits, 1994, section 4.4; the Sun is
    taken in the equator).
    """
    days = (elements.epoch_us - since_us) / DAY_US
    sun = np.radians(280.46 + _SUN_DEG_DAY * (elements.epoch_us - _J2000_US) / DAY_US)
    push = circle * np.radians(_SUN_DEG_DAY) * days
    pericenter = np.radians(elements.arg_pericenter_deg)
    node = np.radians(elements.raan_deg)
    k = elements.eccentricity * np.cos(pericenter) - push * np.sin(sun - node)
    h = elements.eccentricity * np.sin(pericenter) + push * np.cos(sun - node)
    new_pericenter = np.degrees(np.arctan2(h, k))
    latitude = elements.arg_pericenter_deg + elements.mean_anomaly_deg
    return replace(
        elements,
        eccentricity=np.hypot(k, h),
        arg_pericenter_deg=np.mod(new_pericenter, 360.0),
        mean_anomaly_deg=np.mod(latitude - new_pericenter, 360.0),
    )
