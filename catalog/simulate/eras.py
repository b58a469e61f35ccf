"""How well objects are tracked, by era: what was measured on real element sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from orbits.elements import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Era:
    """How well an object is tracked, from ``from_day`` of the simulation on.

    The sigmas are those of the *step* between successive sets on quiet days (1.4826 MAD), as they are measured.

    Parameters
    ----------
    from_day : float
        Since the start of the simulation [day].
    a_sigma_m, e_sigma_m : float
        Semi-major axis; each component of the eccentricity vector times a [m].
    plane_sigma_deg : float
        Inclination, and node times sin(i) [deg].
    along_track_sigma_m : float
        Mean argument of latitude times a, beyond what the error in a brings along [m].
    lever_days : float
        Time from the middle of the fit, where position is best known, to the epoch [day].
    bstar_share : float
        Noise of the published B* as a share of it.
    memory : float
        Correlation of the errors of successive sets, which share observations.
    bad_share : float
        Share of bad sets.
    lag_sigma_days : float
        How far the last observation that a set can follow lies from its epoch [day].
    ringing : tuple of float
        Error of the first, second, ... set after a burn, as a share of the burn's change.
    """

    from_day: float = 0.0
    a_sigma_m: float = 0.13
    e_sigma_m: float = 4.0
    plane_sigma_deg: float = 1.48e-4
    along_track_sigma_m: float = 12.0
    lever_days: float = 0.3
    bstar_share: float = 0.05
    memory: float = 0.5
    bad_share: float = 0.004
    lag_sigma_days: float = 0.3
    ringing: tuple[float, ...] = ()


def era_of(eras: tuple[Era, ...], days: FloatArray) -> IntArray:
    """Index into ``eras`` (sorted by ``from_day``) of each time (N,) [day since the start]."""
    starts = [era.from_day for era in eras]
    return np.asarray(np.maximum(np.searchsorted(starts, days, side="right") - 1, 0), dtype=np.int64)


# Measured on Sentinel-3A, Jason-3 and geodetic spheres; Jason-1; Haiyang-2A; SARAL in 2014; GPS; Fengyun-2H and -4A.
CLEAN = Era()
DULL = Era(a_sigma_m=0.36, e_sigma_m=15.0, plane_sigma_deg=3e-4, along_track_sigma_m=50.0)
NOISY = Era(
    a_sigma_m=3.2, e_sigma_m=35.0, plane_sigma_deg=3e-4, along_track_sigma_m=150.0, bstar_share=0.15, bad_share=0.01
)
RINGING = Era(
    a_sigma_m=6.0,
    e_sigma_m=40.0,
    plane_sigma_deg=4e-4,
    along_track_sigma_m=250.0,
    bstar_share=1.0,
    bad_share=0.01,
    ringing=(0.27, -0.32, 0.10, -0.37),
)
NAVIGATION = Era(a_sigma_m=4.5, e_sigma_m=60.0, plane_sigma_deg=6e-5, along_track_sigma_m=100.0)
STATIONARY = Era(
    a_sigma_m=15.0,
    e_sigma_m=60.0,
    plane_sigma_deg=2e-4,
    along_track_sigma_m=400.0,
    bad_share=0.006,
    lag_sigma_days=0.35,
)
