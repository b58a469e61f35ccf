"""Frames: TEME in which SGP4 works, RTN that moves with an object, and the frame that turns with the Earth.

UTC stands in for UT1 (at most 0.9 s, 0.004 degrees) and the pole for its place (at most 0.6 arc seconds): enough for the
longitude of an object, not for pointing at it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from orbits.constants import EARTH_RATE_RAD_S, J2000_US, US_PER_DAY
from orbits.elements import FloatArray, IntArray, wrap_deg


def teme_to_rtn(position_km: FloatArray, velocity_km_s: FloatArray) -> FloatArray:
    """Rotation from TEME to the RTN axes of a state.

    Parameters
    ----------
    position_km, velocity_km_s : (..., 3) float64
        TEME state; [km] or any other unit, only directions count.

    Returns
    -------
    (..., 3, 3) float64
        Rows are the unit vectors radial, along-track (in the orbit's plane, ahead) and cross-track (along the angular
        momentum): ``np.matvec(rotation, vector)`` takes a TEME vector to RTN, ``np.vecmat(vector, rotation)`` back. NaN
        where position and velocity are parallel or not finite. Known as RSW (Vallado 2013, section 3.3) and RIC too.
    """
    normal = np.cross(position_km, velocity_km_s)
    with np.errstate(invalid="ignore", divide="ignore"):
        radial = position_km / np.linalg.norm(position_km, axis=-1, keepdims=True)
        normal = normal / np.linalg.norm(normal, axis=-1, keepdims=True)
    return np.stack([radial, np.cross(normal, radial), normal], axis=-2)


def gmst_deg(times_us: IntArray) -> FloatArray:
    """Greenwich mean sidereal time of 1982, in [0, 360) [deg], at UTC times [us] (Vallado 2004, eq. 3-45).

    It is the angle from TEME's x axis, as SGP4 means it, to the Greenwich meridian.
    """
    since = np.asarray(times_us, dtype=np.int64) - J2000_US
    century = since / (36525.0 * US_PER_DAY)
    seconds = (
        67310.54841 + (since % US_PER_DAY) * 1e-6 + century * (8640184.812866 + century * (0.093104 - 6.2e-6 * century))
    )
    return np.mod(seconds, 86400.0) / 240.0


def teme_to_pef(
    position_km: FloatArray, velocity_km_s: FloatArray, times_us: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Position [km] and velocity [km/s] in the pseudo Earth-fixed frame, which turns with the Earth.

    It is ECEF but for polar motion (some 10 m on the ground). Source: Vallado et al. 2006, AIAA 2006-6753, appendix C.

    Parameters
    ----------
    position_km, velocity_km_s : (..., 3) float64
        TEME state.
    times_us : (...) int64
        UTC [us since 1970-01-01].
    """
    angle = np.radians(gmst_deg(times_us))
    cos, sin, zero = np.cos(angle), np.sin(angle), np.zeros_like(angle)
    rotation = np.stack(
        [np.stack([cos, sin, zero], -1), np.stack([-sin, cos, zero], -1), np.stack([zero, zero, zero + 1.0], -1)], -2
    )
    position = np.matvec(rotation, position_km)
    carried = np.cross(np.array([0.0, 0.0, EARTH_RATE_RAD_S]), position)
    return position, np.matvec(rotation, velocity_km_s) - carried


def longitude_deg(position_km: ArrayLike, times_us: IntArray) -> FloatArray:
    """East longitude in [-180, 180) of TEME positions (..., 3) [km] at UTC times (...) [us] [deg]."""
    position = np.asarray(position_km, dtype=np.float64)
    return wrap_deg(np.degrees(np.arctan2(position[..., 1], position[..., 0])) - gmst_deg(times_us))
