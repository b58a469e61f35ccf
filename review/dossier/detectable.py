"""The smallest burn that would have stood out of an object's own noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import RobustStepConfig
from orbits.constants import MU_KM3_S2
from review.records import FlagRecord
from review.words import REGIMES, decimals_of, number

_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_FEWEST_GAPS = 12
_DETECTOR = "robust-step"


@dataclass(frozen=True, slots=True)
class Smallest:
    """The least burn of one direction: its size [m/s], the σ of the quiet steps [``unit``] and how many σ make a step of it."""

    way: str
    dv_m_s: float
    sigma: float
    unit: str
    times_sigma: float
    is_floor: bool


@dataclass(frozen=True, slots=True)
class Detectable:
    """The least burns along and across the track, from so many quiet gaps, and in words what they are."""

    smallest: tuple[Smallest, ...]
    gaps: int
    said: str


def smallest_burns(
    gaps: pd.DataFrame, windows: Sequence[FlagRecord], flag: FlagRecord, config: RobustStepConfig
) -> Detectable | None:
    """How large a burn between two element sets must be for its step to reach the threshold; None where too few gaps are quiet.

    The σ is 1.4826 times the median absolute deviation of the steps over one gap, less the object's own local rate, in the
    gaps that no flag of the object touches, and at least the detector's floor. An along-track burn shows as the step of
    the semi-major axis Δa = 2 Δv / n, a cross-track burn at a node as that of the inclination Δi = Δv / v (Gauss's equations
    on a circular orbit; Vallado, 4th ed., sec. 9.3).

    Parameters
    ----------
    gaps : DataFrame
        Feature rows of the object (`features.bank.compute_features`).
    windows : sequence of FlagRecord
        All flags of the object: their gaps are not quiet.
    flag : FlagRecord
        Its threshold counts where its detector scores in σ, else `robust-step`'s own of ``config``.
    config : RobustStepConfig
    """
    rows = gaps[gaps["norad_id"] == flag.norad_id]
    quiet = _quiet(rows, windows)
    used = int((quiet & rows["step_a_m"].notna()).sum())
    if used < _FEWEST_GAPS:
        return None
    own_unit = flag.detector == _DETECTOR and flag.threshold is not None
    threshold = flag.threshold if own_unit else config.threshold.get(flag.regime)
    weight = config.plane_weight.get(flag.regime, 0.0)
    if threshold is None:
        return None
    a_km = float(rows["a_km"].median())
    motion_rad_s = np.sqrt(MU_KM3_S2 / a_km**3)
    per_step = {
        # way, column, unit, floor, threshold in σ, m/s for a step of one unit
        "along-track": ("step_a_m", "m", config.noise_floor_m, threshold, 0.5 * motion_rad_s),
        "cross-track": (
            "step_i_deg", "°", config.noise_floor_deg, threshold / weight if weight else np.nan, 1e3 * motion_rad_s * a_km * np.pi / 180.0,
        ),
    }  # fmt: skip
    made = []
    for way, (column, unit, floor, times, m_s) in per_step.items():
        noise = _sigma(_less_rate(rows, column, config.decay_window_gaps)[quiet])
        sigma = max(noise, floor)
        if np.isfinite(sigma * times):
            made.append(Smallest(way, float(m_s * sigma * times), sigma, unit, times, noise <= floor))
    return Detectable(tuple(made), used, _said(flag, own_unit, threshold, used)) if made else None


def _quiet(rows: pd.DataFrame, windows: Sequence[FlagRecord]) -> NDArray[np.bool_]:
    """The gaps that no flag's interval touches, nor the gap just before or after one that it does."""
    begin, end = epoch_us(rows["epoch_before"])[:, None], epoch_us(rows["epoch"])[:, None]
    before = epoch_us(pd.Series([one.epoch_before for one in windows], dtype="datetime64[us, UTC]"))
    after = epoch_us(pd.Series([one.epoch_after for one in windows], dtype="datetime64[us, UTC]"))
    touched: NDArray[np.bool_] = np.any((begin < after) & (end > before), axis=1)
    beside = touched.copy()
    beside[1:] |= touched[:-1]
    beside[:-1] |= touched[1:]
    return ~beside


def _less_rate(rows: pd.DataFrame, column: str, window: int) -> NDArray[np.float64]:
    """Steps less what the object's own local rate, a moving median, makes of their gaps."""
    steps, days = rows[column], rows["gap_days"]
    rate = (steps / days).rolling(window, center=True, min_periods=min(9, window)).median()
    return np.asarray(steps - rate.fillna(0.0) * days, dtype=np.float64)


def _sigma(steps: NDArray[np.float64]) -> float:
    known = steps[np.isfinite(steps)]
    return float(_SIGMA_PER_MAD * np.median(np.abs(known - np.median(known)))) if known.size else np.nan


def _said(flag: FlagRecord, own_unit: bool, threshold: float, used: int) -> str:
    what = f"From {used} gaps between element sets that no flag touches"
    level = f"{number(threshold, decimals_of(threshold))} σ"
    if own_unit:
        return f"{what}, and this flag's threshold of {level}."
    where = REGIMES.get(flag.regime, flag.regime)
    return (
        f"{what}. The detector {flag.detector} does not score in σ, so that the {level} are the threshold that "
        f"{_DETECTOR} has in {where}: take the figures for the object's noise, not for what {flag.detector} would find."
    )
