"""Physical constants: the gravity field SGP4 was fitted with, the Earth's turn, the geostationary ring.

Element sets are fitted with WGS-72, so every conversion of them uses WGS-72 too (Hoots & Roehrich 1980, Spacetrack Report
No. 3; Vallado et al. 2006, AIAA 2006-6753).
"""

import math

from sgp4.earth_gravity import wgs72

MU_KM3_S2 = float(wgs72.mu)
EARTH_RADIUS_KM = float(wgs72.radiusearthkm)
J2 = float(wgs72.j2)
XKE = float(wgs72.xke)  # sqrt(mu) [Earth radii^1.5 / min]

US_PER_MINUTE = 60_000_000
US_PER_DAY = 86_400_000_000
J2000_US = 946_728_000_000_000  # 2000-01-01 12:00 as microseconds since 1970
SGP4_EPOCH_ZERO_US = -631_238_400_000_000  # 1949-12-31 00:00, where sgp4init counts its days from

# The rotation of the Earth against the mean equinox, IAU 1982, at J2000 (Vallado 2004, eq. 3-45).
SIDEREAL_RATE_DEG_DAY = 360.0 * (1.0 + 8640184.812866 / (36525.0 * 86400.0))
SIDEREAL_RATE_RAD_S = math.radians(SIDEREAL_RATE_DEG_DAY) / 86400.0
EARTH_RATE_RAD_S = (
    7.292115146706979e-5  # against the stars, in the velocity of a turning frame (Vallado 2013, section 3.5)
)

# Second-degree sectoral harmonic of EGM96 (Lemoine et al. 1998), from its normalised coefficients.
_C22 = 2.43914352398e-6 * math.sqrt(5.0 / 12.0)
_S22 = -1.40016683654e-6 * math.sqrt(5.0 / 12.0)
J22 = math.hypot(_C22, _S22)
LAMBDA22_DEG = math.degrees(math.atan2(_S22, _C22)) / 2.0  # -14.93: the long axis of the equator


def _synchronous_semi_major_axis_km() -> float:
    """Mean (Brouwer) semi-major axis of a circular equatorial orbit whose mean longitude stands still [km].

    The mean longitude moves at n (1 + 3 J2 (R/a)^2) under J2 (secular rates of M, ω and Ω at e = i = 0: Vallado 2013,
    section 9.6).
    """
    two_body = math.pow(MU_KM3_S2 / SIDEREAL_RATE_RAD_S**2, 1.0 / 3.0)
    a = two_body
    for _ in range(10):
        a = two_body * math.pow(1.0 + 3.0 * J2 * (EARTH_RADIUS_KM / a) ** 2, 2.0 / 3.0)
    return a


GEO_SEMI_MAJOR_AXIS_KM = _synchronous_semi_major_axis_km()  # 42 166.3
GEO_SPEED_KM_S = math.sqrt(MU_KM3_S2 / GEO_SEMI_MAJOR_AXIS_KM)
