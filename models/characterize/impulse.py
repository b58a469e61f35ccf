"""An impulse between two orbits: its time and its Δv."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from configs.judgement import BurnFitConfig
from models.characterize.adjustment import inverse_factor
from models.characterize.noise import US_PER_DAY
from models.characterize.secular import ELEMENTS, impulse_effect, keplerian_deg, rates
from models.characterize.sides import Sides
from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM, MU_KM3_S2
from orbits.elements import FloatArray, IntArray, wrap_deg
from orbits.frames import gmst_deg

FITTED, WITHHELD = "fitted", "withheld"
IMPULSE, CAMPAIGN, SUSTAINED = "impulse", "campaign", "sustained"  # how the Δv was spent
NO_TIME = np.iinfo(np.int64).min
LEAST_RESULTANT = 0.8  # an angle whose mean direction is shorter than this is not known
GEO_BELT = 0.07  # relative distance from the synchronous radius: 0.9 to 1.1 rev/day
WEAK_PRIOR_S2_M2 = 1e-8  # Δv under 10 km/s: keeps the normal matrix regular


class _Trial(NamedTuple):
    """Least squares at each of T trial times."""

    dv_m_s: FloatArray  # (E, 3, T)
    chi2: FloatArray  # (E, T)


class _Normal(NamedTuple):
    """Normal equations of the Δv at each of T trial times."""

    matrix: tuple[FloatArray, ...]  # rr, tt, nn, rt, rn, tn, each (E, T)
    right: FloatArray  # (E, 3, T)
    none: FloatArray  # (E,) χ² of no burn

    def solve(self) -> _Trial:
        """By Cramer's rule: many systems of three."""
        rr, tt, nn, rt, rn, tn = self.matrix
        one, two, three = tt * nn - tn * tn, rn * tn - rt * nn, rt * tn - rn * tt
        determinant = rr * one + rt * two + rn * three
        r, t, n = self.right[:, 0], self.right[:, 1], self.right[:, 2]
        cross = rt * rn - rr * tn
        dv = np.stack(
            [
                (one * r + two * t + three * n) / determinant,
                (two * r + (rr * nn - rn * rn) * t + cross * n) / determinant,
                (three * r + cross * t + (rr * tt - rt * rt) * n) / determinant,
            ],
            axis=1,
        )
        chi2 = self.none[:, None] - (self.right * dv).sum(1)
        return _Trial(dv, np.maximum(chi2, 0.0))

    def covariance(self) -> FloatArray:
        """Of the Δv at the only trial time, (E, 3, 3)."""
        rr, tt, nn, rt, rn, tn = (entry[:, 0] for entry in self.matrix)
        rows = [[rr, rt, rn], [rt, tt, tn], [rn, tn, nn]]
        return np.asarray(np.linalg.inv(np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)))


def try_times(sides: Sides, days: FloatArray, config: BurnFitConfig) -> _Trial:
    """Best Δv and its χ² for burns at given times.

    Parameters
    ----------
    sides : Sides
        Of E events.
    days : (E, T) float64
        Trial times after the gap's middle [days].
    """
    return _normal_equations(sides, days, config).solve()


def _normal_equations(sides: Sides, days: FloatArray, config: BurnFitConfig) -> _Normal:
    middle = sides.before + sides.step / 2  # halfway: the error of linearising is of third order
    whiten, observed = _whitened(sides)
    effect = impulse_effect(middle, days)  # (E, 6, 3, T)
    effect = (whiten @ effect.reshape(len(days), ELEMENTS, -1)).reshape(effect.shape)
    r, t, n = effect[:, :, 0], effect[:, :, 1], effect[:, :, 2]
    pairs = ((r, r), (t, t), (n, n), (r, t), (r, n), (t, n))
    matrix = [np.einsum("ect,ect->et", one, other) for one, other in pairs]
    for entry in matrix[:3]:
        entry += WEAK_PRIOR_S2_M2
    matrix[0] += (1 / _radial_prior_m_s(sides, config) ** 2)[:, None]
    right = (observed[:, None] @ effect.reshape(len(days), ELEMENTS, -1)).reshape(len(days), 3, -1)
    return _Normal(tuple(matrix), right, (observed**2).sum(-1))


def _radial_prior_m_s(sides: Sides, config: BurnFitConfig) -> FloatArray:
    """Prior 1-sigma of the radial Δv (E,) [m/s]: operators fire along or across the track, radially by mistake."""
    a, _, _, p, q, _ = (sides.before[:, i] for i in range(ELEMENTS))
    speed = np.sqrt(MU_KM3_S2 / a) * 1e3
    along = speed * np.abs(sides.step[:, 0]) / (2 * a)
    across = speed * 2 * np.hypot(sides.step[:, 3], sides.step[:, 4]) / (1 + p**2 + q**2)
    eccentricity = speed * np.hypot(sides.step[:, 1], sides.step[:, 2])
    surplus = np.maximum(eccentricity - 2 * along - config.radial_doubt * _eccentricity_sigma(sides) * speed, 0.0)
    prior: FloatArray = config.radial_floor_m_s + config.radial_share * (along + across) + surplus
    return prior


def _eccentricity_sigma(sides: Sides) -> FloatArray:
    sigma: FloatArray = np.sqrt(sides.covariance[:, 1, 1] + sides.covariance[:, 2, 2])
    return sigma


def _whitened(sides: Sides) -> tuple[FloatArray, FloatArray]:
    whiten = inverse_factor(sides.covariance)
    return whiten, np.einsum("eij,ej->ei", whiten, sides.step)


def solve_burns(sides: Sides, begin_us: IntArray, end_us: IntArray, config: BurnFitConfig) -> dict[str, NDArray[Any]]:
    """Time and Δv of E burns from the two states; columns of `burn_fit.fit_burns`, each (E,)."""
    reach = (end_us - begin_us) / 2 / US_PER_DAY * (1 + 2 * config.pad_gaps)
    # Where sets beside the gap were not believed the burn may lie among them.
    low = np.minimum(-reach, sides.believed_days[:, 0])
    high = np.maximum(reach, sides.believed_days[:, 1])
    period = 2 * np.pi / rates(sides.before[:, 0], np.zeros(len(reach)), np.ones(len(reach)))[:, 2]
    wanted = np.clip((high - low) / period * config.grid_points_per_orbit, 32, config.max_grid_points)
    # Like grids are solved together; an event's grid depends on nothing but itself.
    counts = 2 ** np.ceil(np.log2(wanted)).astype(np.int64) + 1
    result: dict[str, NDArray[Any]] = {}
    for count in np.unique(counts):
        index = np.flatnonzero(counts == count)
        group = Sides(*(field[index] for field in sides))
        for name, values in _solve(
            group, begin_us[index], end_us[index], low[index], high[index], int(count), config
        ).items():
            result.setdefault(name, np.empty(len(counts), dtype=values.dtype))[index] = values
    return result


def _solve(
    sides: Sides,
    begin_us: IntArray,
    end_us: IntArray,
    low: FloatArray,
    high: FloatArray,
    count: int,
    config: BurnFitConfig,
) -> dict[str, NDArray[Any]]:
    rows = np.arange(len(begin_us))
    half = (end_us - begin_us) / 2 / US_PER_DAY
    days = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, count)
    step = (high - low) / (count - 1)
    trial = try_times(sides, days, config)
    several = trial.chi2.min(1) > config.max_impulse_chi2
    if several.any():
        sides = _loosened(sides, several)
        again = try_times(Sides(*(field[several] for field in sides)), days[several], config)
        for old, new in zip(trial, again, strict=True):
            old[several] = new
    _, observed = _whitened(sides)  # by the same covariance as the fit with a burn
    none = (observed**2).sum(-1)
    days, cell, trial = _refined(sides, days, step, trial, config)
    best = trial.chi2.min(1)
    dof = sides.dof + ELEMENTS - 4
    scale2 = np.maximum(1.0, (sides.scatter_chi2 + best) / dof)
    log_prior = np.where(np.abs(days) <= half[:, None] + step[:, None] / 2, 0.0, np.log(config.outside_prior))
    log_posterior = log_prior - (trial.chi2 - best[:, None]) / (2 * scale2[:, None])
    posterior = cell * np.exp(log_posterior - log_posterior.max(1, keepdims=True))
    posterior /= posterior.sum(1, keepdims=True)

    at = log_posterior.argmax(1)
    dv = trial.dv_m_s[rows, :, at]
    covariance = _normal_equations(sides, days[rows, at][:, None], config).covariance() * scale2[:, None, None]
    # A half-orbit more or less turns the sign of R and N but leaves their size: spread is that of the size.
    spread = np.abs(trial.dv_m_s) - np.abs(dv)[..., None]
    sigma = np.sqrt(np.einsum("eii->ei", covariance) + np.einsum("et,ect->ec", posterior, spread**2))
    sigma = np.hypot(sigma, config.model_error * np.linalg.norm(dv, axis=1, keepdims=True))
    dv[:, [0, 2]] = _shrunk(dv[:, [0, 2]], sigma[:, [0, 2]])
    size = np.linalg.norm(dv, axis=1)
    direction = dv / np.maximum(size, 1e-12)[:, None]
    cumulative = np.cumsum(posterior, axis=1)

    def quantile(share: float) -> FloatArray:
        picked: FloatArray = days[rows, np.minimum((cumulative < share).sum(1), days.shape[1] - 1)]
        return picked

    tail = (1 - config.interval) / 2
    time = quantile(0.5)
    middle_us = (begin_us + end_us) / 2
    after = sides.before + sides.step
    _, e_before, i_before, *_ = keplerian_deg(sides.before)
    a_after, e_after, i_after, *_ = keplerian_deg(after)
    chi2_per_dof = (sides.scatter_chi2 + best) / dof
    long = 2 * half > config.max_gap_days
    bad = long | (chi2_per_dof > config.max_chi2_per_dof)
    result: dict[str, NDArray[Any]] = {
        "burn_time": np.where(bad, middle_us, middle_us + time * US_PER_DAY).astype(np.int64),
        "burn_time_low": np.where(bad, begin_us, middle_us + (quantile(tail) - step / 2) * US_PER_DAY).astype(np.int64),
        "burn_time_high": np.where(bad, end_us, middle_us + (quantile(1 - tail) + step / 2) * US_PER_DAY).astype(
            np.int64
        ),
        "dv_m_s": size,
        "dv_sigma_m_s": np.sqrt(((direction * sigma) ** 2).sum(-1)),
        "chi2_ratio": none / np.maximum(best, ELEMENTS - 4),
        "delta_a_km": sides.step[:, 0],
        "delta_i_deg": i_after - i_before,
        "delta_e": e_after - e_before,
        "a_km": a_after,
        "inclination_deg": i_after,
        "arg_latitude_deg": _arg_latitude_deg(sides, days, posterior),
        "longitude_deg": _longitude_deg(sides, middle_us),
        "thrust": np.where(bad, "", np.where(several, CAMPAIGN, IMPULSE)).astype(object),
        "fit_status": np.where(bad, WITHHELD, FITTED).astype(object),
        "fit_note": _notes(
            dv, sigma, posterior, trial.dv_m_s, chi2_per_dof, bad, np.where(long, 2 * half, 0.0), several, config
        ),
    }
    # Several burns lie anywhere between the sets that are believed.
    campaign = several & ~bad
    for name, side in (("thrust_start", 0), ("thrust_end", 1)):
        bound = middle_us + sides.believed_days[:, side] * US_PER_DAY
        result[name] = np.where(campaign, np.nan_to_num(bound), NO_TIME).astype(np.int64)
    result["thrust_dv_m_s"] = np.where(campaign, size, np.nan)
    for axis, name in enumerate("rtn"):
        result[f"dv_{name}_m_s"], result[f"dv_{name}_sigma_m_s"] = dv[:, axis], sigma[:, axis]
    for name in result:
        if name.startswith("dv_"):
            result[name] = np.where(bad, np.nan, result[name])
    return result


def _shrunk(dv: FloatArray, sigma: FloatArray) -> FloatArray:
    """Radial and cross-track Δv (E, 2) drawn towards zero as far as they are noise.

    The positive part of 1 - (σ/Δv)² (James and Stein 1961, Baranchik 1964): a component within its error
    counts for nothing, one of ten errors keeps 99 %. Angles are printed to 1e-4°, 13 mm/s across the track in
    LEO: unshrunk, that noise would be most of the Δv of every small along-track burn.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = 1 - (sigma / dv) ** 2
    return np.asarray(dv * np.clip(np.nan_to_num(kept, nan=0.0, neginf=0.0), 0.0, 1.0))


def _longitude_deg(sides: Sides, middle_us: FloatArray) -> FloatArray:
    """Mean longitude (E,) of the Earth below, in [-180, 180) [deg]; NaN off the geosynchronous belt."""
    longitude = wrap_deg(np.rad2deg(sides.before[:, 5]) - gmst_deg(middle_us.astype(np.int64)))
    in_belt: NDArray[np.bool_] = np.abs(sides.before[:, 0] / GEO_SEMI_MAJOR_AXIS_KM - 1) < GEO_BELT
    return np.where(in_belt, longitude, np.nan)


def _arg_latitude_deg(sides: Sides, days: FloatArray, posterior: FloatArray) -> FloatArray:
    """Mean argument of latitude (E,) of the burn in [0, 360) [deg]; NaN where the trial times do not tell it.

    Which of many revolutions it was may be open while the place on the orbit is known: the mean direction on the
    circle, believed where its length shows that the posterior lies within a part of it (Mardia & Jupp, Directional
    Statistics (2000), section 2.3).
    """
    node = np.arctan2(sides.before[:, 3], sides.before[:, 4])
    motion = rates(sides.before[:, 0], np.zeros(len(node)), np.ones(len(node)))[:, 2]
    place = (sides.before[:, 5] - node)[:, None] + motion[:, None] * days
    mean = (posterior * np.exp(1j * place)).sum(1)
    return np.where(np.abs(mean) >= LEAST_RESULTANT, np.degrees(np.angle(mean)) % 360, np.nan)


def _loosened(sides: Sides, several: NDArray[np.bool_]) -> Sides:
    """Sides whose step, where ``several``, no longer has to follow from a single impulse.

    No crossing tells the time of several burns, or of a long one, and their eccentricities may cancel
    (that of one is Δa/a at most); but a and the plane still tell the Δv.
    """
    covariance = sides.covariance.copy()
    eccentricity = (sides.step[several, 0] / sides.before[several, 0]) ** 2
    covariance[several, 1, 1] += eccentricity
    covariance[several, 2, 2] += eccentricity
    covariance[several, 5, :] = covariance[several, :, 5] = 0.0
    covariance[several, 5, 5] = np.pi**2
    return sides._replace(covariance=covariance)


def _refined(
    sides: Sides, days: FloatArray, step: FloatArray, trial: _Trial, config: BurnFitConfig
) -> tuple[FloatArray, FloatArray, _Trial]:
    """Trial times in order, finer about the best minima, and the span that each stands for [days].

    A burn's place in the orbit may be known to a degree, far finer than the first grid: a minimum
    between its points would lose its weight.
    """
    chi2 = np.pad(trial.chi2, ((0, 0), (1, 1)), constant_values=np.inf)
    lowest = (chi2[:, 1:-1] <= chi2[:, :-2]) & (chi2[:, 1:-1] < chi2[:, 2:])
    depth = np.where(lowest, trial.chi2, np.inf)
    count = min(config.refined_minima, days.shape[1])
    centers = np.argsort(depth, axis=1, kind="stable")[:, :count]
    found = np.isfinite(np.take_along_axis(depth, centers, axis=1))
    points = config.refined_points
    offsets = (np.arange(points) + 0.5) / points * 2 - 1
    fine = np.take_along_axis(days, centers, axis=1)[..., None] + step[:, None, None] * offsets
    extra = try_times(sides, fine.reshape(len(days), -1), config)
    fine_cell = np.where(found, 2 * step[:, None] / points, 0.0)
    covered = np.zeros((len(days), days.shape[1] + 2), dtype=bool)
    rows = np.arange(len(days))[:, None]
    for shift in (0, 1, 2):
        covered[rows, centers + shift] |= found
    coarse_cell = np.where(covered[:, 1:-1], 0.0, step[:, None])
    all_days = np.concatenate([days, fine.reshape(len(days), -1)], axis=1)
    cell = np.concatenate([coarse_cell, np.repeat(fine_cell, points, axis=1)], axis=1)
    order = np.argsort(all_days, axis=1, kind="stable")
    dv = np.take_along_axis(np.concatenate([trial.dv_m_s, extra.dv_m_s], axis=2), order[:, None], axis=2)
    chi2 = np.concatenate([trial.chi2, extra.chi2], axis=1)[rows, order]
    return all_days[rows, order], cell[rows, order], _Trial(dv, chi2)


def _notes(
    dv: FloatArray,
    sigma: FloatArray,
    posterior: FloatArray,
    trial_dv: FloatArray,
    chi2_per_dof: FloatArray,
    bad: NDArray[np.bool_],
    unseen_days: FloatArray,
    several: NDArray[np.bool_],
    config: BurnFitConfig,
) -> NDArray[np.object_]:
    """What a reader of the Δv must know, one text an event."""
    within = np.abs(dv) < config.min_snr * sigma
    other_sign = np.einsum("et,et->e", posterior, np.sign(trial_dv[:, 2]) != np.sign(dv[:, None, 2]))
    notes = np.full(len(dv), "", dtype=object)
    for i in range(len(dv)):
        if unseen_days[i]:
            notes[i] = f"no element set for {unseen_days[i]:.0f} days: what changed cannot be put down to one burn"
            continue
        if bad[i]:
            notes[i] = f"no single burn explains the element sets (chi2 per degree of freedom {chi2_per_dof[i]:.0f})"
            continue
        said = ["more than one impulse: the Δv is that of all together"] if several[i] else []
        if within[i].all():
            said.append("Δv within the noise")
        if not within[i, 2] and other_sign[i] > (1 - config.interval) / 2:
            said.append("cross-track sign undecided between the two nodes")
        notes[i] = "; ".join(said)
    return notes
