"""Generalised least squares of the element sets on both sides of a gap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from configs.judgement import BurnFitConfig
from models.characterize.noise import Noise
from models.characterize.secular import ELEMENTS, RATES, difference, rates, transition
from orbits.elements import FloatArray, IntArray

BoolArray = NDArray[np.bool_]

UNUSED = 1e12  # variance of a set that does not count, in that of the object's sets
GROUPS = ((0, 5), (1, 2), (3, 4))  # elements whose errors go together, or are of one size
FIRST, SECOND = slice(0, ELEMENTS), slice(ELEMENTS, 2 * ELEMENTS)


class _Fit(NamedTuple):
    state: FloatArray  # (E, 12)
    covariance: FloatArray  # (E, 12, 12)
    chi2: FloatArray  # (E,)
    departure: FloatArray  # (E, n, 6) of each datum from what all others tell, in sigma of that
    doubt: FloatArray  # (E, n, 6) variance of that


class Adjustment:
    """Two orbits at the middle of each of E gaps, from what is left of n element sets after a reference orbit a side.

    A set measures all six elements at its epoch with the object's noise. The rates of a to q err too (drag, forces
    left out): alike for sets near each other and less so for distant ones, across the gap as well; λ sums up the
    error of a. So the longitudes, the surest of the elements, tell each side's mean motion, and the drag that bends
    both sides alike falls out.

    Parameters
    ----------
    reference : two (E, 6) float64
        The orbits at the middle, before and after.
    left : two (E, m, 6) float64
        The sets of each side less their reference, each at its epoch.
    days : two (E, m) float64
        Epochs, from the middle [days].
    noise : Noise
    """

    def __init__(
        self,
        reference: list[FloatArray],
        left: list[FloatArray],
        days: list[FloatArray],
        noise: Noise,
        config: BurnFitConfig,
    ) -> None:
        self.reference, self.days, self.unit, self.config = reference, np.concatenate(days, axis=1), noise.sigma, config
        count, m = days[0].shape
        # Unknowns and data in units of the noise.
        self.design = np.zeros((count, 2 * m, ELEMENTS, 2 * ELEMENTS))
        for orbit, lag, sets, columns in zip(
            reference, days, (slice(0, m), slice(m, 2 * m)), (FIRST, SECOND), strict=True
        ):
            carried = transition(orbit[:, None], lag)
            self.design[:, sets, :, columns] = carried * self.unit[:, None, None, :] / self.unit[:, None, :, None]
        self.data = np.concatenate(left, axis=1) / self.unit[:, None]
        per_a = -1.5 * rates(reference[0][:, 0], np.zeros(count), np.ones(count))[:, 2] / reference[0][:, 0]
        self.wander = _wander(self.days, per_a, noise, config.rate_memory_days)
        step = np.abs(difference(reference[1], reference[0]))
        # A believed set still shows a little of the other side, and its longitude what that comes to in some hours.
        step[:, 5] = np.abs(per_a) * step[:, 0] * config.smear_days
        self.variance = 1 + (config.smear_share * step / self.unit) ** 2

    def strangeness(self, picked: IntArray, used: BoolArray, rows: IntArray | None = None) -> FloatArray:
        """How far the picked sets (E, k) contradict each other: χ² a degree of freedom, no datum counting too much."""
        rows = np.arange(len(picked)) if rows is None else rows
        wander, design, data = self._picked(picked, rows)
        departure = _solve(wander, np.where(used[..., None], self.variance[rows, None], UNUSED), design, data).departure
        counted = np.minimum(departure**2, (2 * self.config.gate_sigma) ** 2) * used[..., None]
        return np.asarray(counted.sum((1, 2)) / (ELEMENTS * np.maximum(used.sum(1) - 2.0, 0.5)))

    def solve(self, picked: IntArray, used: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Both orbits at the middle (E, 6), the covariance of their difference (E, 6, 6) and the χ² of the picked sets.

        A datum that the others contradict beyond the gate loses weight, and a group of elements that scatters
        more than the object's noise has its errors widened.
        """
        config = self.config
        wander, design, data = self._picked(picked, np.arange(len(picked)))
        variance = np.where(used[..., None], self.variance[:, None], UNUSED)
        for _ in range(config.reweightings):
            fit = _solve(wander, variance, design, data)
            surplus = fit.doubt * np.maximum((fit.departure / config.gate_sigma) ** 2 - 1, 0.0)
            variance = np.where(used[..., None], variance + surplus, variance)
        fit = _solve(wander, variance, design, data)
        scale = np.ones((len(data), ELEMENTS))
        for group in GROUPS:
            chi2 = (fit.departure[..., group] ** 2 * used[..., None]).sum((1, 2))
            dof = len(group) * np.maximum(used.sum(1) - 2.0, 0.0)
            scale[:, group] = np.sqrt(np.maximum((config.noise_dof + chi2) / (config.noise_dof + dof), 1.0))[:, None]
        fit = _solve(wander, variance, design / scale[:, None, :, None], data / scale[:, None])
        units = np.tile(self.unit, 2)
        covariance = fit.covariance * units[:, :, None] * units[:, None, :]
        cross = covariance[:, FIRST, SECOND]
        covariance = covariance[:, FIRST, FIRST] + covariance[:, SECOND, SECOND] - cross - np.swapaxes(cross, 1, 2)
        first = self.reference[0] + fit.state[:, FIRST] * self.unit
        return first, self.reference[1] + fit.state[:, SECOND] * self.unit, covariance, fit.chi2

    def _picked(self, picked: IntArray, rows: IntArray) -> tuple[list[FloatArray], FloatArray, FloatArray]:
        at = rows[:, None], picked
        n = self.days.shape[1]
        both = np.concatenate([picked, picked + n], axis=1)
        along = self.wander[0][rows[:, None], both]
        return [along, self.wander[1][at], self.wander[2][at]], self.design[at], self.data[at]


def _wander(days: FloatArray, per_a: FloatArray, noise: Noise, memory_days: float) -> list[FloatArray]:
    """How the errors of the rates displace the sets, for each of `GROUPS`: factors L of their covariance L Lᵀ.

    The rates' errors are an Ornstein-Uhlenbeck process; a to q sum them up from the middle on, λ sums up a. In units of
    the noise: (E, 2n, n) for a and then λ, (E, n, n) for one of h and k, and for one of p and q.
    """
    edges = np.sort(np.concatenate([days, np.zeros((len(days), 1))], axis=1), axis=1)
    width, center = np.diff(edges, axis=1)[:, None], ((edges[:, 1:] + edges[:, :-1]) / 2)[:, None]
    lag = days[:, :, None]
    passed = (center * np.sign(lag) > 0) & (np.abs(center) < np.abs(lag))
    once = passed * np.sign(lag) * width
    apart = np.abs(center - np.swapaxes(center, 1, 2))
    root = np.linalg.cholesky(np.exp(-apart / memory_days) + 1e-9 * np.eye(apart.shape[1]))
    walk, fall = once @ root, (once * (lag - center)) @ root
    ratio = noise.rate / noise.sigma[:, :RATES]
    fallen = fall * (per_a * noise.rate[:, 0] / noise.sigma[:, 5])[:, None, None]
    along = np.concatenate([walk * ratio[:, :1, None], fallen], axis=1)
    return [along, walk * ratio[:, 1, None, None], walk * ratio[:, 3, None, None]]


def _solve(wander: list[FloatArray], variance: FloatArray, design: FloatArray, data: FloatArray) -> _Fit:
    """Generalised least squares of the data (E, n, 6) by the design (E, n, 6, 12).

    The departure of a datum from its mean given the others follows from the inverse covariance (Rybicki and Press 1992,
    Astrophysical Journal 398, 169).
    """
    count, n = data.shape[:2]
    certainty, factors, parts = [], [], []
    for moved, group in zip(wander, GROUPS, strict=True):
        joint = moved.shape[1] > n
        own = (
            np.concatenate([variance[..., element] for element in group], axis=1) if joint else variance[..., group[0]]
        )
        spread = moved @ np.swapaxes(moved, 1, 2)
        spread[:, range(own.shape[1]), range(own.shape[1])] += own
        whiten = inverse_factor(spread)
        shape = (count, 2 * n // own.shape[1], own.shape[1])
        rows = np.swapaxes(design[:, :, group], 1, 2).reshape(*shape, -1)
        values = np.swapaxes(data[:, :, group], 1, 2).reshape(*shape, 1)
        factors.append(whiten)
        certainty.append((whiten**2).sum(1))
        parts.append((whiten[:, None] @ rows, whiten[:, None] @ values))
    rows = np.concatenate([part[0].reshape(count, 2 * n, -1) for part in parts], axis=1)
    values = np.concatenate([part[1].reshape(count, 2 * n) for part in parts], axis=1)
    transposed = np.swapaxes(rows, 1, 2)
    normal = transposed @ rows + 1e-9 * np.eye(rows.shape[-1])
    scale = 1 / np.sqrt(np.einsum("eii->ei", normal))
    covariance = np.linalg.inv(normal * scale[:, :, None] * scale[:, None, :]) * scale[:, :, None] * scale[:, None, :]
    state = (covariance @ (transposed @ values[..., None]))[..., 0]
    left = values - (rows @ state[..., None])[..., 0]
    departure, doubt = np.empty_like(data), np.empty_like(data)
    for i, (group, whiten, known) in enumerate(zip(GROUPS, factors, certainty, strict=True)):
        own = left[:, 2 * n * i : 2 * n * (i + 1)].reshape(count, -1, whiten.shape[1])
        told = (own @ whiten) / np.sqrt(known)[:, None]
        departure[..., group] = np.swapaxes(told.reshape(count, 2, n), 1, 2)
        variances = np.broadcast_to(1 / known[:, None], told.shape).reshape(count, 2, n)
        doubt[..., group] = np.swapaxes(variances, 1, 2)
    return _Fit(state, covariance, (left**2).sum(1), departure, doubt)


def inverse_factor(spread: FloatArray) -> FloatArray:
    """W (E, n, n) with Wᵀ W the inverse of the covariances."""
    scale = 1 / np.sqrt(np.einsum("eii->ei", spread))
    lower = np.linalg.cholesky(spread * scale[:, :, None] * scale[:, None, :] + 1e-10 * np.eye(spread.shape[1]))
    return np.asarray(np.linalg.inv(lower) * scale[:, None, :])
