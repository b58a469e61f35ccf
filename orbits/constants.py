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

# Degree, order, C and S of the other harmonics of EGM96 that pull along the belt, not normalised (Lemoine et al. 1998).
BELT_HARMONICS = tuple(
    (degree, order, scale * c, scale * s)
    for degree, order, scale, c, s in (
        (3, 1, math.sqrt(7.0 / 6.0), 2.02998882184e-6, 2.48513158716e-7),
        (3, 3, math.sqrt(7.0 / 360.0), 7.21144939823e-7, 1.41420398473e-6),
        (4, 2, math.sqrt(1.0 / 20.0), 3.50670156459e-7, 6.62571345943e-7),
        (4, 4, math.sqrt(1.0 / 2240.0), -1.88560802735e-7, 3.08853169333e-7),
    )
)

# Mean (Brouwer) semi-major axis of an equatorial orbit whose mean longitude stands still under SGP4. J2 alone would put it at
# 42 166.27; Moon and Sun take 0.45 km off (Soop 1994, Handbook of Geostationary Orbits: 42 165.8).
GEO_SEMI_MAJOR_AXIS_KM = 42165.82
GEO_SPEED_KM_S = math.sqrt(MU_KM3_S2 / GEO_SEMI_MAJOR_AXIS_KM)
