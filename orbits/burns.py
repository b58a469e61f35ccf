"""Burns: what an impulsive change of velocity does to an element set."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from orbits.constants import MU_KM3_S2
from orbits.elements import FloatArray, IntArray, MeanElements, equinoctial, kozai_mean_motion_rev_day
from orbits.frames import teme_to_rtn
from orbits.kepler import eccentric_anomaly_rad
from orbits.mean_fit import NotConverged, OnFailure, fit_mean_elements
from orbits.propagate import MeanDrift, propagate_with_drift

__all__ = ["NotConverged", "apply_burn", "fit_mean_elements", "gauss_matrix"]


def apply_burn(
    elements: MeanElements,
    burn_time_us: IntArray,
    dv_rtn_m_s: FloatArray,
    epoch_us: IntArray | None = None,
    *,
    tolerance_km: float = 1e-3,
    on_failure: OnFailure = "raise",
) -> MeanElements:
    """Element sets of the orbits after one impulsive burn each.

    Parameters
    ----------
    elements : MeanElements
        N sets before the burn.
    burn_time_us : (N,) int64
        When [us since 1970-01-01].
    dv_rtn_m_s : (N, 3) float64
        Change of velocity on the RTN axes of the state at the burn [m/s].
    epoch_us : (N,) int64, optional
        Epochs of the result: the orbits after the burn are propagated there, either way in time. Default: the burn times.
    tolerance_km, on_failure
        As in `fit_mean_elements`.

    Returns
    -------
    MeanElements
        N sets with the drag terms of ``elements``.

    Raises
    ------
    NotConverged
        Where the burn leaves no elliptic orbit above the ground, or ``elements`` do not reach the burn.
    """
    state, mean = propagate_with_drift(elements, burn_time_us)
    rotation = teme_to_rtn(state.position_km, state.velocity_km_s)
    velocity = state.velocity_km_s + np.vecmat(np.asarray(dv_rtn_m_s, dtype=np.float64) / 1000.0, rotation)
    after = fit_mean_elements(
        state.position_km,
        velocity,
        burn_time_us,
        elements.bstar_inv_er,
        guess=_element_sets(mean, burn_time_us, elements.bstar_inv_er),
        tolerance_km=tolerance_km,
        on_failure=on_failure,
    )
    if epoch_us is None:
        return after
    later, mean = propagate_with_drift(after, epoch_us)
    return fit_mean_elements(
        later.position_km,
        later.velocity_km_s,
        epoch_us,
        elements.bstar_inv_er,
        guess=_element_sets(mean, epoch_us, elements.bstar_inv_er),
        tolerance_km=tolerance_km,
        on_failure=on_failure,
    )


def gauss_matrix(
    a_km: ArrayLike,
    eccentricity: ArrayLike,
    inclination_deg: ArrayLike,
    raan_deg: ArrayLike,
    arg_pericenter_deg: ArrayLike,
    mean_anomaly_deg: ArrayLike,
) -> FloatArray:
    """Change of the equinoctial elements by an impulse: Gauss's equations, for (N,) osculating elements.

    Returns
    -------
    (N, 6, 3) float64
        Rows a [km], h, k, p, q, lambda [rad] (as `orbits.elements.Equinoctial`), columns radial, along-track, cross-track,
        each for 1 m/s. Regular for circular and equatorial orbits. Lambda's row is its change at the instant: the drift that
        a changed semi-major axis brings later is not in it.

    Notes
    -----
    Battin 1999, An Introduction to the Mathematics and Methods of Astrodynamics, chapter 10 (Gauss's form of the variational
    equations, in equinoctial variables).
    """
    elements = equinoctial(eccentricity, inclination_deg, raan_deg, arg_pericenter_deg, mean_anomaly_deg)
    rows = gauss_rows(np.asarray(a_km, dtype=np.float64), *elements)
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def gauss_rows(
    a: FloatArray, h: FloatArray, k: FloatArray, p: FloatArray, q: FloatArray, longitude: FloatArray
) -> list[list[FloatArray]]:
    """Rows and columns of `gauss_matrix` from equinoctial elements a [km], h, k, p, q, λ [rad], of any one shape."""
    root = np.sqrt(1.0 - h * h - k * k)
    pericenter = np.arctan2(h, k)
    eccentric = pericenter + eccentric_anomaly_rad(longitude - pericenter, np.hypot(h, k))
    beta = 1.0 / (1.0 + root)
    x = (1.0 - h * h * beta) * np.cos(eccentric) + h * k * beta * np.sin(eccentric) - k
    y = (1.0 - k * k * beta) * np.sin(eccentric) + h * k * beta * np.cos(eccentric) - h
    r = np.hypot(x, y)  # [a]
    cos, sin = x / r, y / r  # of the true longitude
    w = root**2 / r  # p / r
    speed = 1e-3 * root * np.sqrt(a / MU_KM3_S2)  # 1 m/s in units of mu / angular momentum
    lift = q * sin - p * cos  # what a cross-track impulse turns of the in-plane axes
    half = 0.5 * (1.0 + p * p + q * q)
    zero = np.zeros_like(w)
    rows: list[list[FloatArray]] = [
        [2.0 * a * (k * sin - h * cos) / root**2, 2.0 * a * w / root**2, zero],
        [-cos, ((w + 1.0) * sin + h) / w, k * lift / w],
        [sin, ((w + 1.0) * cos + k) / w, -h * lift / w],
        [zero, zero, half * sin / w],
        [zero, zero, half * cos / w],
        [
            -(beta * (h * sin + k * cos) + 2.0 * root / w),
            beta * (1.0 + 1.0 / w) * (k * sin - h * cos),
            lift / w,
        ],
    ]
    return [[entry * speed for entry in row] for row in rows]


def _element_sets(mean: MeanDrift, epoch_us: IntArray, bstar_inv_er: FloatArray) -> MeanElements:
    """The drifted mean elements as sets of their own: nearly what a fit there gives."""
    motion = kozai_mean_motion_rev_day(mean.a_km, mean.eccentricity, mean.inclination_deg)
    return MeanElements(epoch_us, motion, *mean[1:6], bstar_inv_er)
