"""Burns put into real histories of element sets: the noise, the drag and the gaps stay what they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements
from models.benchmark.smear import drag_share, slope_share, track_share
from models.errors import ModelError
from orbits.burns import apply_burn
from orbits.constants import MU_KM3_S2
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
from orbits.frames import teme_to_rtn
from orbits.kepler import equinoctial_of_state
from orbits.propagate import MeanDrift, drift, propagate_with_drift

DV_COLUMNS = ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")
SMEAR_COLUMNS = ("smear_span_days", "smear_lag_days", "smear_ringing")
_KEPLERIAN = (
    "mean_motion_rev_day",
    "eccentricity",
    "inclination_deg",
    "raan_deg",
    "arg_pericenter_deg",
    "mean_anomaly_deg",
)
_A, _LAMBDA = 0, 5  # columns of the arrays of elements here: a [km], h, k, p, q, lambda [rad]
_BSTAR_STEP = 1e-5  # [1/Earth radius]
_LEAST_DECAY = 10.0  # above some 1,500 km no fit solves for drag [km/day Earth radius]
_DAY_US = 86_400e6


class InjectionError(ModelError):
    """A burn cannot be put into a history."""


def inject(history: pd.DataFrame, burns: pd.DataFrame) -> pd.DataFrame:
    """The history as it would have been published had its objects made these burns as well.

    The last element set before a burn, with and without the burn, is carried to the next epoch by SGP4; what the mean elements
    of the two differ by there is added to the real set, as equinoctial elements. From set to set the difference is carried
    on in the same way, so every later step of the elements stays what it was, noise and all. A burn that the fits
    smear shows in part while its span reaches back across it (`models.benchmark.smear`).

    Parameters
    ----------
    history : DataFrame
        Element sets of any number of objects, in any order: ``norad_id``, ``epoch`` and the mean elements.
    burns : DataFrame
        B burns: ``norad_id``, ``burn_time`` (UTC), ``dv_r_m_s``, ``dv_t_m_s``, ``dv_n_m_s`` [m/s] on the RTN axes at the burn;
        any number an object, each on top of those before it. Optional columns ``smear_span_days``, ``smear_lag_days`` [day] and
        ``smear_ringing`` [-] say how its fits show it; without them the first set after the burn shows it whole.

    Returns
    -------
    DataFrame
        A copy of ``history``: same rows, order and columns; other mean elements after the burns. Drag terms are kept.

    Raises
    ------
    InjectionError
        If a column is missing or not finite, a burn lies before the first set of its object, or leaves no orbit.
    """
    burns = _checked(burns)
    out = history.copy()
    if burns.empty:
        return out
    keys = [name for name in ("norad_id", "epoch", "available_at") if name in history.columns]
    moved = history["norad_id"].isin(burns["norad_id"]).to_numpy()
    order = history[moved].reset_index(drop=True).sort_values(keys, kind="stable").index.to_numpy()
    rows = np.flatnonzero(moved)[order]
    sets = history.iloc[rows]
    elements, times_us = mean_elements(sets), epoch_us(sets["epoch"])
    owner = sets["norad_id"].to_numpy(np.int64)
    before = _last_set_before(owner, times_us, burns)
    real, added, pairs = _carry(elements, owner, before, burns)
    hidden, mistaken = _not_yet_shown(elements, owner, before, burns, pairs)
    added -= hidden
    changed = np.abs(added).max(axis=1) > 0
    published = _keplerian(real[changed] + added[changed])
    if mistaken.any():
        published["bstar_inv_er"] = (elements.bstar_inv_er + mistaken)[changed]
    for name, values in published.items():
        column = history[name].to_numpy(np.float64).copy()
        column[rows[changed]] = values
        out[name] = column
    return out


def _checked(burns: pd.DataFrame) -> pd.DataFrame:
    """The burns that are any, in order of object and time, with every column."""
    missing = [name for name in ("norad_id", "burn_time", *DV_COLUMNS) if name not in burns.columns]
    if missing:
        raise InjectionError(f"burns lack columns: {', '.join(missing)}")
    burns = burns.assign(**{name: 0.0 for name in SMEAR_COLUMNS if name not in burns.columns})
    figures = burns[[*DV_COLUMNS, *SMEAR_COLUMNS]].to_numpy(np.float64)
    if not np.isfinite(figures).all() or burns["burn_time"].isna().any():
        raise InjectionError("burns hold a velocity change, smear or time that is not finite")
    some = (burns[list(DV_COLUMNS)] != 0.0).any(axis=1)
    return burns[some].sort_values(["norad_id", "burn_time"], kind="stable").reset_index(drop=True)


def _last_set_before(owner: IntArray, times_us: IntArray, burns: pd.DataFrame) -> IntArray:
    """Position of the last set at or before each burn, (B,)."""
    at_us = epoch_us(burns["burn_time"])
    before = np.empty(len(burns), dtype=np.int64)
    burning = burns["norad_id"].to_numpy(np.int64)
    for norad_id in np.unique(burning):
        rows = np.flatnonzero(burning == norad_id)
        low, high = np.searchsorted(owner, [norad_id, norad_id + 1])
        before[rows] = low + np.searchsorted(times_us[low:high], at_us[rows], side="right") - 1
        if (before[rows] < low).any():
            raise InjectionError(f"object {norad_id}: a burn lies before the first element set of its history")
    return before


def _carry(
    elements: MeanElements, owner: IntArray, before: IntArray, burns: pd.DataFrame
) -> tuple[FloatArray, FloatArray, tuple[MeanElements, MeanElements]]:
    """Elements (N, 6), what the burns add to them (N, 6), and the orbits after and without each burn at its time (B,)."""
    times_us, real = elements.epoch_us, _of_sets(elements)
    following = np.append(times_us[1:], times_us[-1])
    unburned = _of_drift(drift(elements, following))
    added = np.zeros_like(real)
    stops = np.searchsorted(owner, owner, side="right")
    first_burn = np.flatnonzero(np.diff(owner[before], prepend=-1))
    at = before[first_burn]  # of each object: the set that is being carried on
    next_burn, last_burn = first_burn.copy(), np.append(first_burn[1:], len(before))
    burn_us = epoch_us(burns["burn_time"])
    dv = burns[list(DV_COLUMNS)].to_numpy(np.float64)
    after, without = _unset(len(burns)), _unset(len(burns))
    while len(at):
        current = _sets(real[at] + added[at], times_us[at], elements.bstar_inv_er[at])
        carried = _of_drift(drift(current, following[at]))
        gained = _difference(carried, unburned[at])
        failed = ~np.isfinite(gained).all(axis=1)
        gained[failed] = _two_body(added[at], real[at], following[at] - times_us[at])[failed]
        gained[(added[at] == 0.0).all(axis=1)] = 0.0
        while (burning := (next_burn < last_burn) & (before[np.minimum(next_burn, len(before) - 1)] == at)).any():
            burn = next_burn[burning]
            start = current[burning]
            pair = _pair(start, burn_us[burn], dv[burn], burns, burn)
            for kept, orbit in zip((after, without), pair, strict=True):
                _put(kept, burn, orbit)
            gained[burning] += _difference(*(_of_drift(drift(orbit, following[at[burning]])) for orbit in pair))
            current = _replaced(current, burning, pair[0])
            next_burn = next_burn + burning
        goes_on = at + 1 < stops[at]
        added[at[goes_on] + 1] = gained[goes_on]
        at, next_burn, last_burn = at[goes_on] + 1, next_burn[goes_on], last_burn[goes_on]
    return real, added, (after, without)


def _not_yet_shown(
    elements: MeanElements,
    owner: IntArray,
    before: IntArray,
    burns: pd.DataFrame,
    pairs: tuple[MeanElements, MeanElements],
) -> tuple[FloatArray, FloatArray]:
    """What the sets after smeared burns do not show yet of them, (N, 6), and the drag term that they take for it, (N,)."""
    span, lag, ringing = burns[list(SMEAR_COLUMNS)].to_numpy(np.float64).T
    times_us, burn_us = elements.epoch_us, epoch_us(burns["burn_time"])
    out, mistaken = np.zeros((len(elements), 6)), np.zeros(len(elements))
    burn, row = [], []
    for index in np.flatnonzero((span > 0) | (lag > 0)):
        stop = np.searchsorted(owner, owner[before[index]], side="right")
        until = burn_us[index] + (span[index] + lag[index]) * _DAY_US
        last = before[index] + 1 + np.searchsorted(times_us[before[index] + 1 : stop], until)
        row.append(np.arange(before[index] + 1, last))
        burn.append(np.full(len(row[-1]), index))
    if not burn:
        return out, mistaken
    burns_at, rows_at = np.concatenate(burn), np.concatenate(row)
    own = _difference(*(_of_drift(drift(orbit[burns_at], times_us[rows_at])) for orbit in pairs))
    since = (times_us[rows_at] - burn_us[burns_at]) / _DAY_US
    shape = since, span[burns_at], lag[burns_at], ringing[burns_at]
    share = np.repeat(slope_share(*shape)[:, None], 6, axis=1)
    share[:, _LAMBDA] = track_share(*shape)
    np.add.at(out, rows_at, np.nan_to_num((1.0 - share) * own))
    decay = drag_share(*shape) * own[:, _A]  # [km/day]
    rung = decay != 0.0
    per_bstar = _decay_per_bstar(elements[rows_at[rung]])
    np.add.at(mistaken, rows_at[rung], np.nan_to_num(decay[rung] / per_bstar, posinf=0.0, neginf=0.0))
    return out, mistaken


def _decay_per_bstar(elements: MeanElements) -> FloatArray:
    """What a unit of the drag term takes off the semi-major axis [km/day Earth radius], infinite where it takes nothing."""
    tomorrow = elements.epoch_us + round(_DAY_US)
    drags = elements.bstar_inv_er + _BSTAR_STEP, elements.bstar_inv_er - _BSTAR_STEP
    more, less = (drift(replace(elements, bstar_inv_er=bstar), tomorrow).a_km for bstar in drags)
    rate = (more - less) / (2.0 * _BSTAR_STEP)
    return np.asarray(np.where(np.abs(rate) > _LEAST_DECAY, rate, np.inf))


def _pair(
    elements: MeanElements, times_us: IntArray, dv_m_s: FloatArray, burns: pd.DataFrame, rows: IntArray
) -> tuple[MeanElements, MeanElements]:
    """The orbits after a burn each, and without it, both as element sets of that time."""
    after, without = (
        apply_burn(elements, times_us, change, on_failure="nan") for change in (dv_m_s, np.zeros_like(dv_m_s))
    )
    # No mean elements reproduce some deep-space states; there the mean elements change as the osculating ones do.
    failed = np.isnan(after.mean_motion_rev_day) | np.isnan(without.mean_motion_rev_day)
    if failed.any():
        state, mean = propagate_with_drift(elements[failed], times_us[failed])
        turn = teme_to_rtn(state.position_km, state.velocity_km_s)
        burned_km_s = state.velocity_km_s + np.vecmat(dv_m_s[failed] / 1000.0, turn)
        change = _difference(
            *(_osculating(state.position_km, velocity) for velocity in (burned_km_s, state.velocity_km_s))
        )
        values = _of_drift(mean)
        bstar = elements.bstar_inv_er[failed]
        without = _replaced(without, failed, _sets(values, times_us[failed], bstar))
        after = _replaced(after, failed, _sets(values + change, times_us[failed], bstar))
    lost = ~np.isfinite(after.mean_motion_rev_day) | ~(after.eccentricity < 1.0)
    if lost.any():
        one = burns.iloc[rows[np.flatnonzero(lost)[0]]]
        raise InjectionError(
            f"object {one['norad_id']}: the burn at {one['burn_time']:%Y-%m-%d %H:%M} leaves no orbit, or its last element set "
            "does not reach it"
        )
    return after, without


def _osculating(position_km: FloatArray, velocity_km_s: FloatArray) -> FloatArray:
    a_km, rest = equinoctial_of_state(position_km, velocity_km_s)
    return np.stack([a_km, *rest], axis=-1)


def _of_sets(elements: MeanElements) -> FloatArray:
    """Semi-major axis [km], h, k, p, q, lambda [rad] of element sets, (N, 6)."""
    a = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    return _stack(a, elements)


def _of_drift(mean: MeanDrift) -> FloatArray:
    return _stack(mean.a_km, mean)


def _stack(a_km: FloatArray, of: MeanElements | MeanDrift) -> FloatArray:
    rest = equinoctial(of.eccentricity, of.inclination_deg, of.raan_deg, of.arg_pericenter_deg, of.mean_anomaly_deg)
    return np.stack([a_km, *rest], axis=-1)


def _difference(one: FloatArray, other: FloatArray) -> FloatArray:
    """One set of elements (N, 6) less another, lambda within half a turn."""
    out: FloatArray = one - other
    out[:, _LAMBDA] = np.mod(out[:, _LAMBDA] + np.pi, 2.0 * np.pi) - np.pi
    return out


def _two_body(added: FloatArray, real: FloatArray, span_us: IntArray) -> FloatArray:
    """A difference (N, 6) carried on where SGP4 fails: dn = -3/2 n da / a."""
    out = added.copy()
    motion = np.sqrt(MU_KM3_S2 / real[:, _A] ** 3)
    out[:, _LAMBDA] -= 1.5 * motion * added[:, _A] / real[:, _A] * span_us / 1e6
    return out


def _keplerian(values: FloatArray) -> dict[str, FloatArray]:
    turned = angles(Equinoctial(*values[:, 1:].T))
    motion = kozai_mean_motion_rev_day(values[:, _A], turned.eccentricity, turned.inclination_deg)
    return dict(zip(_KEPLERIAN, (motion, *turned), strict=True))


def _sets(values: FloatArray, times_us: IntArray, bstar_inv_er: FloatArray) -> MeanElements:
    return MeanElements(epoch_us=times_us, bstar_inv_er=bstar_inv_er, **_keplerian(values))


def _unset(count: int) -> MeanElements:
    unset = np.full(count, np.nan)
    columns = {name: unset.copy() for name in (*_KEPLERIAN, "bstar_inv_er")}
    return MeanElements(epoch_us=np.zeros(count, np.int64), **columns)


def _put(kept: MeanElements, rows: IntArray, orbits: MeanElements) -> None:
    for name in ("epoch_us", *_KEPLERIAN, "bstar_inv_er"):
        getattr(kept, name)[rows] = getattr(orbits, name)


def _replaced(elements: MeanElements, mask: NDArray[np.bool_], by: MeanElements) -> MeanElements:
    """The elements, those in ``mask`` replaced."""
    out = elements[np.arange(len(elements))]
    _put(out, np.flatnonzero(mask), by)
    return out
