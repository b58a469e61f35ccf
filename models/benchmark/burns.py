"""Burns drawn at random to be put into quiet arcs of real histories."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from catalog.records import epoch_us
from configs.injection import InjectionConfig
from models.benchmark.matching import burn_windows_us
from models.detect.quiet import quiet_gaps
from models.errors import ModelError
from orbits.elements import FloatArray, IntArray, regime

BURN_DTYPES = {
    "norad_id": "int64",
    "burn_time": "datetime64[us, UTC]",
    "dv_r_m_s": "float64",
    "dv_t_m_s": "float64",
    "dv_n_m_s": "float64",
    "smear_span_days": "float64",
    "smear_lag_days": "float64",
    "smear_ringing": "float64",
}
AXES = {"radial": 0, "along-track": 1, "cross-track": 2}
_DAY_US = 86_400e6


def injectable_gaps(
    features: pd.DataFrame,
    config: InjectionConfig,
    *,
    known: pd.DataFrame | None = None,
    guard_days: float | None = None,
    quiet_guard_days: float = 10.0,
    lasting_sigma: float = 6.0,
) -> NDArray[np.bool_]:
    """Gaps that a burn can be put into and be the only one near, (N,).

    They are quiet (`models.detect.quiet`), short enough, have enough element sets of their object on both sides, and lie away
    from every known burn or event.

    Parameters
    ----------
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch).
    config : InjectionConfig
    known : DataFrame, optional
        ``norad_id`` with ``burn_time`` or ``burn_time_hint`` of what is to be kept away from: logged burns, events.
    guard_days : float, optional
        How far from those; the configuration's by default [day].
    quiet_guard_days, lasting_sigma : float
        As in `models.detect.quiet.quiet_gaps`.
    """
    free = quiet_gaps(features, guard_days=quiet_guard_days, lasting_sigma=lasting_sigma)
    free &= features["gap_days"].to_numpy(np.float64) <= config.max_gap_days
    ids, times = features["norad_id"].to_numpy(np.int64), epoch_us(features["epoch"])
    bounds = np.flatnonzero(np.diff(ids, prepend=-1, append=-1))
    for low, high in pairwise(bounds):
        free[low : min(low + config.sets_before, high)] = False
        free[max(high - config.sets_after, low) : high] = False
    if known is None or known.empty:
        return free
    if "burn_time" not in known.columns:
        known = known.assign(burn_time=known["burn_time_hint"])
    guard = (config.guard_days if guard_days is None else guard_days) * _DAY_US
    before = epoch_us(features["epoch_before"])
    for norad_id, marks in known.groupby("norad_id"):
        low, high = np.searchsorted(ids, [int(str(norad_id)), int(str(norad_id)) + 1])
        for start, end in zip(*burn_windows_us(marks), strict=True):
            free[low:high] &= (times[low:high] < start - guard) | (before[low:high] > end + guard)
    return free


def draw_burns(
    history: pd.DataFrame, quiet: ArrayLike, config: InjectionConfig, rng: np.random.Generator
) -> pd.DataFrame:
    """Burns at random in quiet arcs: sizes log-uniform, directions mixed, times and so phases in the orbit uniform.

    Parameters
    ----------
    history : DataFrame
        N element sets sorted by (norad_id, epoch), such as `features.history.sets_in` of feature rows.
    quiet : (N,) array_like of bool
        Whether a burn may lie between the set before and this one (`injectable_gaps` of those rows).
    config : InjectionConfig
    rng : Generator

    Returns
    -------
    DataFrame
        ``BURN_DTYPES``, sorted by (norad_id, burn_time): what `models.benchmark.injection.inject` takes, and labels for it.
    """
    ids, times = history["norad_id"].to_numpy(np.int64), epoch_us(history["epoch"])
    quiet = np.asarray(quiet, dtype=bool)
    if quiet.shape != ids.shape:
        raise ModelError(f"{len(ids)} element sets but quiet of shape {quiet.shape}")
    same = np.append(False, ids[1:] == ids[:-1])
    rows = np.flatnonzero(quiet & same)
    days = (times[rows] - times[rows - 1]) / _DAY_US
    wanted = int(rng.poisson(config.burns_per_year * days.sum() / 365.25)) if len(rows) else 0
    if not wanted or not days.sum():
        return pd.DataFrame(columns=list(BURN_DTYPES)).astype({**BURN_DTYPES, "burn_time": "datetime64[us, UTC]"})
    drawn = rng.choice(len(rows), wanted, p=days / days.sum())
    at_us = times[rows[drawn] - 1] + (rng.random(wanted) * days[drawn] * _DAY_US).astype(np.int64)
    kept = _spaced(ids[rows[drawn]], at_us, config.spacing_days * _DAY_US)
    rows, at_us = rows[drawn][kept], at_us[kept]
    regimes = np.asarray(
        regime(history["mean_motion_rev_day"].to_numpy()[rows], history["eccentricity"].to_numpy()[rows])
    )
    low, high = np.log(np.array([config.dv_m_s[name] for name in regimes])).T
    dv = np.exp(rng.uniform(low, high))[:, None] * _directions(len(rows), config, rng)
    burns = burn_frame(ids[rows], at_us, dv, smear_of(regimes, at_us, config, rng))
    return burns.sort_values(["norad_id", "burn_time"], ignore_index=True)


def burn_frame(norad_id: IntArray, at_us: IntArray, dv_rtn_m_s: FloatArray, smear: FloatArray) -> pd.DataFrame:
    """Burns (B,) from arrays: times [us], Δv (B, 3) [m/s], span, lag [day] and ringing (B, 3)."""
    columns = dict(zip(list(BURN_DTYPES)[2:], [*dv_rtn_m_s.T, *smear.T], strict=True))
    time = pd.to_datetime(at_us, unit="us", utc=True)
    return pd.DataFrame({"norad_id": norad_id, "burn_time": time, **columns}).astype(BURN_DTYPES)


def smear_of(
    regimes: NDArray[np.str_], at_us: IntArray, config: InjectionConfig, rng: np.random.Generator
) -> FloatArray:
    """Span, lag [day] and ringing of burns in their regime and era, drawn at random, (B, 3)."""
    out = np.zeros((len(at_us), 3))
    chance = rng.random((len(at_us), 2))
    begun = np.full(len(at_us), np.iinfo(np.int64).min)
    for group in ("leo", "high"):
        begun[:] = np.iinfo(np.int64).min
        for era in config.smear[group]:
            until = int(np.datetime64(era.until, "us").astype(np.int64))
            rows = np.flatnonzero(((regimes == "leo") == (group == "leo")) & (at_us >= begun) & (at_us < until))
            shapes = np.array(era.shapes)
            out[rows, 0], out[rows, 2] = shapes[(chance[rows, 0] * len(shapes)).astype(np.int64)].T
            out[rows, 1] = era.lag_days[0] + chance[rows, 1] * (era.lag_days[1] - era.lag_days[0])
            begun[:] = until
    return out


def _spaced(ids: IntArray, at_us: IntArray, apart_us: float) -> IntArray:
    """Positions of the draws that no earlier draw of the same object lies near, in order of object and time."""
    kept: dict[int, list[int]] = {}
    for place, (norad_id, time) in enumerate(zip(ids.tolist(), at_us.tolist(), strict=True)):
        own = kept.setdefault(norad_id, [])
        if all(abs(time - int(at_us[other])) >= apart_us for other in own):
            own.append(place)
    places = np.array([place for own in kept.values() for place in own], dtype=np.int64)
    return places[np.lexsort((at_us[places], ids[places]))]


def _directions(count: int, config: InjectionConfig, rng: np.random.Generator) -> FloatArray:
    """Unit vectors on the RTN axes, (count, 3)."""
    names = list(config.directions)
    shares = np.array([config.directions[name] for name in names])
    picked = rng.choice(len(names), count, p=shares / shares.sum())
    anyhow = rng.standard_normal((count, 3))
    out = np.asarray(anyhow / np.linalg.norm(anyhow, axis=1, keepdims=True))
    signs = rng.choice([-1.0, 1.0], count)
    for index, name in enumerate(names):
        if name in AXES:
            rows = picked == index
            out[rows] = 0.0
            out[rows, AXES[name]] = signs[rows]
    return out
