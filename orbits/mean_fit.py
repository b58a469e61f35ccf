"""The mean elements that a state belongs to: SGP4 inverted."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from orbits.elements import (
    Equinoctial,
    FloatArray,
    IntArray,
    MeanElements,
    angles,
    equinoctial,
    kozai_mean_motion_rev_day,
    semi_major_axis_km,
)
from orbits.errors import OrbitError
from orbits.kepler import equinoctial_of_state
from orbits.propagate import propagate

OnFailure = Literal["raise", "nan"]

_SETTLED_KM = 1e-6  # for the position; as many km/s times a thousandth for the velocity
_FIXED_POINT_TURNS = 8
_NEWTON_TURNS = 15
_HALVINGS = 6
_STEPS = np.array([1e-3, 1e-8, 1e-8, 1e-7, 1e-7, 1e-8])  # of the difference quotients: a [km], h, k, p, q, lambda
_SCALE = np.array([1.0 / 42000.0, 1.0, 1.0, 1.0, 1.0, 1.0])  # makes one length of a difference of elements

# Where Newton's method starts: the inclination vector times a factor, turned by an angle [deg].
_STARTS = ((1.0, 0.0), (0.3, 0.0), (1.0, 60.0), (1.0, -60.0), (3.0, 30.0), (3.0, -30.0))


class NotConverged(OrbitError):  # noqa: N818
    """No mean elements reproduce some of the states.

    Attributes
    ----------
    indices : (K,) int64
        Rows that failed.
    elements : MeanElements
        All rows; NaN in those that failed.
    """

    def __init__(self, indices: IntArray, elements: MeanElements) -> None:
        shown = ", ".join(map(str, indices[:10])) + (", ..." if len(indices) > 10 else "")
        super().__init__(
            f"no mean elements reproduce {len(indices)} of {len(elements)} states (rows {shown}); "
            "take on_failure='nan' to go on without them"
        )
        self.indices = indices
        self.elements = elements


def fit_mean_elements(
    position_km: FloatArray,
    velocity_km_s: FloatArray,
    times_us: IntArray,
    bstar_inv_er: ArrayLike = 0.0,
    *,
    guess: MeanElements | None = None,
    tolerance_km: float = 1e-3,
    on_failure: OnFailure = "raise",
) -> MeanElements:
    """SGP4 mean elements whose state at their epoch is the given one.

    Parameters
    ----------
    position_km, velocity_km_s : (N, 3) float64
        TEME states.
    times_us : (N,) int64
        Their times, the epochs of the result [us since 1970-01-01].
    bstar_inv_er : float or (N,) float64
        Drag term to give the sets: a state says nothing of it [1/Earth radius].
    guess : MeanElements, optional
        N sets to start from; by default the osculating elements.
    tolerance_km : float
        Largest miss of the position that is accepted, and of the velocity a thousandth of it a second [km]. Nearly all fits
        end below 1 mm and 1 um/s whatever it is.
    on_failure : 'raise' or 'nan'
        What to do when some rows do not converge.

    Returns
    -------
    MeanElements
        N sets; with ``on_failure='nan'`` those that failed hold NaN (their epochs stay).

    Raises
    ------
    NotConverged
        With ``on_failure='raise'``. No set exists for a state that is not elliptic or below the ground, for one that asks for
        a mean eccentricity below 1e-6, and for some geosynchronous ones inclined by less than 0.06 degrees, where SGP4's
        lunar and solar terms leave a hole: there ``tolerance_km=0.5`` takes the nearest set found, which for small burns in the real belt was off
        by 20 m and 0.09 m/s in the median, 0.3 km and 0.4 m/s at most.

    Notes
    -----
    Works in equinoctial elements, so that circular and equatorial orbits need no case of their own. The osculating elements
    less those that SGP4 makes of the guess correct the guess (a fixed point: Walter 1967, Astronomical Journal 72, 994).
    Rows that do not settle go on with damped Newton steps, from several inclination vectors.
    """
    fit = _Fit(position_km, velocity_km_s, times_us, bstar_inv_er)
    start = fit.goal if guess is None else _vector(guess)
    fit.iterate(start)
    for factor, turn_deg in _STARTS:
        fit.newton(_turned(start, factor, np.radians(turn_deg)))
    failed = ~(fit.miss_km <= tolerance_km)
    fit.best[failed] = np.nan
    elements = _elements(fit.best, fit.times_us, fit.bstar)
    if on_failure == "raise" and failed.any():
        raise NotConverged(np.flatnonzero(failed), elements)
    return elements


class _Fit:
    """The states to reproduce, and the best vectors (a, h, k, p, q, lambda) found so far."""

    def __init__(
        self, position_km: FloatArray, velocity_km_s: FloatArray, times_us: IntArray, bstar_inv_er: ArrayLike
    ) -> None:
        self.target = np.concatenate([position_km, velocity_km_s], axis=1)
        self.goal = _osculating(self.target)
        self.times_us = np.asarray(times_us, dtype=np.int64)
        self.bstar = np.broadcast_to(np.asarray(bstar_inv_er, dtype=np.float64), self.times_us.shape).copy()
        self.best = self.goal.copy()
        self.miss_km = np.full(len(self.goal), np.inf)

    def iterate(self, start: FloatArray) -> None:
        """Correct the guesses by what they miss, as it is."""
        trial = start.copy()
        for _ in range(_FIXED_POINT_TURNS):
            rows = self._open()
            if len(rows) == 0:
                return
            trial[rows] += self._try(trial[rows], rows)

    def newton(self, start: FloatArray) -> None:
        """Correct the guesses by damped Newton steps, where they have not settled yet."""
        rows = self._open()
        trial = start[rows].copy()
        for _ in range(_NEWTON_TURNS):
            if len(rows) == 0:
                return
            miss = self._try(trial, rows)
            still = (self.miss_km[rows] > _SETTLED_KM) & np.isfinite(miss).all(axis=1)
            rows, trial, miss = rows[still], trial[still], miss[still]
            step = self._newton_step(trial, miss, rows)
            factor, waiting = np.ones(len(rows)), np.arange(len(rows))
            for _ in range(_HALVINGS):
                tried = self._try(trial[waiting] + factor[waiting, None] * step[waiting], rows[waiting])
                waiting = waiting[~(_length(tried) < 0.99 * _length(miss[waiting]))]
                factor[waiting] *= 0.5
            trial += factor[:, None] * step
            moving = np.ones(len(rows), dtype=bool)
            moving[waiting] = False
            rows, trial = rows[moving], trial[moving]

    def _open(self) -> IntArray:
        return np.flatnonzero((self.miss_km > _SETTLED_KM) & np.isfinite(self.goal).all(axis=1))

    def _try(self, trial: FloatArray, rows: IntArray) -> FloatArray:
        """What the trial vectors still miss of the osculating elements; remembers them where they are the best yet."""
        elements = _elements(trial, self.times_us[rows], self.bstar[rows])
        state = propagate(elements, elements.epoch_us)
        states = np.concatenate([state.position_km, state.velocity_km_s], axis=1)
        gap = states - self.target[rows]
        miss_km = np.maximum(np.linalg.norm(gap[:, :3], axis=1), 1000.0 * np.linalg.norm(gap[:, 3:], axis=1))
        better = miss_km < self.miss_km[rows]
        self.best[rows[better]] = trial[better]
        self.miss_km[rows[better]] = miss_km[better]
        return _difference(self.goal[rows], _osculating(states))

    def _newton_step(self, trial: FloatArray, miss: FloatArray, rows: IntArray) -> FloatArray:
        jacobian = np.empty((len(rows), 6, 6))
        for column, step in enumerate(_STEPS):
            moved = trial.copy()
            moved[:, column] += step
            jacobian[:, :, column] = _difference(miss, self._try(moved, rows)) / step
        finite = np.isfinite(jacobian).all(axis=(1, 2), keepdims=True)
        jacobian = np.where(finite, jacobian, np.eye(6))
        singular = (np.abs(np.linalg.det(jacobian)) < 1e-12)[:, None, None]
        jacobian = np.where(singular, np.eye(6), jacobian)
        return np.asarray(np.linalg.solve(jacobian, miss[..., None])[..., 0], dtype=np.float64)


def _osculating(states: FloatArray) -> FloatArray:
    """Osculating (a, h, k, p, q, lambda) of states (N, 6), as (N, 6)."""
    a, elements = equinoctial_of_state(states[:, :3], states[:, 3:])
    return np.stack([a, *elements], axis=1)


def _vector(elements: MeanElements) -> FloatArray:
    """Brouwer's a and the equinoctial elements of element sets, as (N, 6)."""
    a = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    turned = equinoctial(
        elements.eccentricity,
        elements.inclination_deg,
        elements.raan_deg,
        elements.arg_pericenter_deg,
        elements.mean_anomaly_deg,
    )
    return np.stack([a, *turned], axis=1)


def _elements(vector: FloatArray, times_us: IntArray, bstar: FloatArray) -> MeanElements:
    """Element sets of vectors (N, 6)."""
    turned = angles(Equinoctial(*vector[:, 1:].T))
    motion = kozai_mean_motion_rev_day(vector[:, 0], turned.eccentricity, turned.inclination_deg)
    return MeanElements(times_us, motion, *turned, bstar)


def _difference(left: FloatArray, right: FloatArray) -> FloatArray:
    difference = left - right
    difference[:, 5] = np.remainder(difference[:, 5] + np.pi, 2.0 * np.pi) - np.pi
    return difference


def _length(difference: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.norm(difference * _SCALE, axis=1), dtype=np.float64)


def _turned(vector: FloatArray, factor: float, angle_rad: float) -> FloatArray:
    """The vectors with their inclination vectors (p, q) stretched and turned."""
    turned = vector.copy()
    cos, sin = factor * np.cos(angle_rad), factor * np.sin(angle_rad)
    turned[:, 3] = cos * vector[:, 3] + sin * vector[:, 4]
    turned[:, 4] = cos * vector[:, 4] - sin * vector[:, 3]
    return turned
