"""What a gap and its neighbors look like, in units of the object's own local noise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import RobustStepConfig
from features.history import NEEDED
from models.detect.drag import less_drag_misfit
from models.detect.horizon import Horizon
from models.detect.lunar import less_lunar_wave
from models.detect.phase import INPUTS as PHASE_INPUTS
from models.detect.phase import Track, kinks, track
from models.detect.pursuit import (
    GROWN_BEFORE,
    MAD_TO_SIGMA,
    FloatArray,
    box_strengths,
    moving_median,
    pursue,
    runs_as_known,
)
from models.detect.robust_step import RobustStep
from orbits.constants import MU_KM3_S2

# Column -> the least noise that its values can have, in the column's unit.
CHANNELS: dict[str, float] = {
    "step_a_m": 0.2,
    "residual_t_km": 1e-3,
    "residual_t_km_lag2": 1e-3,
    "back_t_km": 1e-3,
    "residual_n_km": 1e-3,
    "step_i_deg": 1e-4,
    "step_raan_deg": 1e-4,
    "step_h": 1e-7,
    "step_k": 1e-7,
    "step_bstar_inv_er": 1e-7,
    "step_lambda_deg": 1e-4,
    "bstar_inv_er": 1e-7,
}
_ORBIT = tuple(name for name in NEEDED if name not in ("norad_id", "epoch"))
_CLOCK = ("regime", "epoch_before", "gap_days")
INPUTS = tuple(dict.fromkeys((*_CLOCK, *CHANNELS, "back_t_km_lag2", *PHASE_INPUTS, *_ORBIT)))

_US_A_DAY = 86_400e6
_PLANE_WIDTHS = (1, 2, 3)
KINK_WIDTHS = (2, 3, 5, 8, 12)
KINKS_TOGETHER = ((2, 3, 5), (3, 5, 8))
KINK_FLOOR_M = 0.2
_RIVALS_WITHIN_GAPS = (4, 10, 30, 100)
_RIVAL_SIGMA = (5.0, 15.0)
_ERA_GAPS = 61
_LUNAR_GAPS = 181

READ = ("regime", "epoch", "epoch_before", "gap_days", "a_km", *CHANNELS, *PHASE_INPUTS)

Columns = dict[str, FloatArray]
Arrays = dict[str, NDArray[Any]]


def bounds(norad_id: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and past-last row of each object in sorted rows."""
    edges = np.flatnonzero(np.concatenate(([True], norad_id[1:] != norad_id[:-1], [True])))
    return list(pairwise(edges.tolist())) if len(norad_id) else []


def less_moon(features: pd.DataFrame, later_sets: int | None = None) -> pd.DataFrame:
    """The features with the Moon's wave taken off ``step_a_m`` of geosynchronous objects; see `Horizon`."""
    horizon = Horizon(later_sets)
    steps_m = features["step_a_m"].to_numpy(np.float64).copy()
    gap_days, days = features["gap_days"].to_numpy(np.float64), epoch_us(features["epoch"]) / _US_A_DAY
    is_geo = features["regime"].eq("geo").to_numpy()
    for start, stop in bounds(features["norad_id"].to_numpy(np.int64)):
        if is_geo[start]:
            own = slice(start, stop)
            steps_m[own] = less_lunar_wave(
                steps_m[own], days[own], gap_days[own], _LUNAR_GAPS, horizon.ahead(_LUNAR_GAPS)
            )
    return features.assign(step_a_m=steps_m)


def contexts(features: pd.DataFrame, config: RobustStepConfig) -> tuple[pd.DataFrame, FloatArray]:
    """What each gap looks like, and how strong a candidate it is.

    Nothing in it names an object or a date: sizes are in local robust σ, ranks are within the object, and
    signs are turned so that raising and lowering burns look alike. Each object is described by all of its gaps or,
    with ``later_sets`` of the configuration, each gap by those up to so many after it.

    Parameters
    ----------
    features : DataFrame
        Feature rows, from `less_moon`, N gaps.
    config : RobustStepConfig
        How steps are pursued.

    Returns
    -------
    (N, F) DataFrame of float32, (N,) float64
        The description, NaN where not defined, and the largest strength of a step there [local robust σ].
    """
    scores = RobustStep(config).score(features)
    parts, strength, names = [], np.empty(len(features)), []
    with np.errstate(all="ignore"):
        for start, stop, own in objects_of(features, READ):
            columns, strength[start:stop] = _describe(own, scores[start:stop], config)
            names = list(columns)
            parts.append(np.column_stack(list(columns.values())).astype(np.float32))
    table = np.concatenate(parts)
    table[np.isinf(table)] = np.nan
    return pd.DataFrame(table, columns=names), strength


def objects_of(features: pd.DataFrame, names: Collection[str]) -> Iterator[tuple[int, int, Arrays]]:
    """First and past-last row of each object in sorted rows, and these columns of it as arrays, times in microseconds."""
    instants = ("epoch", "epoch_before")
    columns = {name: features[name].to_numpy() for name in names if name not in instants}
    columns |= {name: epoch_us(features[name]) for name in names if name in instants}
    for start, stop in bounds(features["norad_id"].to_numpy(np.int64)):
        yield start, stop, {name: values[start:stop] for name, values in columns.items()}


def _describe(own: Arrays, scores: FloatArray, config: RobustStepConfig) -> tuple[Columns, FloatArray]:
    values = {name: np.asarray(own[name], np.float64) for name in ("gap_days", "a_km", *CHANNELS)}
    begins, in_leo = own["epoch_before"] / _US_A_DAY, own["regime"][0] == "leo"
    gap_days, window, horizon = values["gap_days"], config.noise_window_gaps, Horizon(config.later_sets)
    ahead = horizon.ahead(window)
    steps_m = less_rate(values["step_a_m"], gap_days, config)
    if in_leo:
        change_m = np.append(values["step_a_m"][0], 1e3 * np.diff(values["a_km"]))
        steps_m = less_drag_misfit(less_rate(change_m, gap_days, config), values["step_bstar_inv_er"], window, ahead)
    steps_deg = less_rate(values["step_i_deg"], gap_days, config)
    usual = moving_median(gap_days, config.decay_window_gaps, horizon.ahead(config.decay_window_gaps))
    linked = gap_days <= config.smear_gap_days
    spread, alike = np.fmax(1.0, gap_days / (config.usual_gaps * usual)), np.ones(len(gap_days))
    axis = Boxes(steps_m, spread, linked, config.widths_gaps, config.noise_floor_m, window, horizon)
    plane = Boxes(steps_deg, alike, linked, _PLANE_WIDTHS, config.noise_floor_deg, window, horizon)
    z = {name: local(values[name], floor, window, horizon)[0] for name, floor in CHANNELS.items()}
    z["step"], sigma_m = local(steps_m, config.noise_floor_m, window, horizon)

    out, begun = _run_shape(axis, linked, config)
    strength = np.maximum(scores, begun[0])
    boxes = axis.from_gap(0)
    sign = np.sign(np.where(boxes != 0, boxes, np.nan_to_num(z["step"])))
    sign[sign == 0] = 1.0
    level = np.cumsum(np.nan_to_num(steps_m))
    for k in horizon.shifts(5):
        out[f"step {k:+}"] = np.arcsinh(shifted(z["step"], k)) * sign
        out[f"box {k:+}"] = np.arcsinh(axis.from_gap(k)) * sign
        out[f"level {k:+}"] = np.arcsinh((shifted(level, k) - shifted(level, -1)) / sigma_m) * sign
        if k <= 0 or not horizon.causal:
            out[f"robust step {k:+}"] = np.arcsinh(shifted(scores, k))
        out[f"run begins {k:+}"] = np.arcsinh(begun[k])
    eccentricity = np.hypot(z["step_h"], z["step_k"])
    for k in horizon.shifts(3):
        out[f"along {k:+}"] = -np.arcsinh(shifted(z["residual_t_km"], k)) * sign
        out[f"back {k:+}"] = -np.arcsinh(shifted(z["back_t_km"], k)) * sign
        out[f"plane {k:+}"] = np.arcsinh(np.abs(plane.from_gap(k)))
        out[f"sgp4 step {k:+}"] = np.arcsinh(shifted(z["step_a_m"], k)) * sign
        out[f"gap {k:+}"] = shifted(gap_days, k) / usual
        out[f"eccentricity {k:+}"] = np.arcsinh(shifted(eccentricity, k))
    for k in horizon.shifts(2):
        out[f"along lag 2 {k:+}"] = -np.arcsinh(shifted(z["residual_t_km_lag2"], k)) * sign
        out[f"across {k:+}"] = np.arcsinh(np.abs(shifted(z["residual_n_km"], k)))
        out[f"node {k:+}"] = np.arcsinh(np.abs(shifted(z["step_raan_deg"], k)))
        out[f"drag {k:+}"] = np.arcsinh(shifted(z["step_bstar_inv_er"], k)) * sign
        out[f"longitude {k:+}"] = np.arcsinh(shifted(z["step_lambda_deg"], k)) * sign
    for row, width in enumerate(config.widths_gaps):
        if horizon.sees(width - 1):
            out[f"begins {width}"] = np.arcsinh(axis.from_gap(0, row)) * sign
        out[f"ends {width}"] = np.arcsinh(axis.from_gap(1 - width, row)) * sign
    for row, width in enumerate(_PLANE_WIDTHS):
        if horizon.sees(width - 1):
            out[f"plane begins {width}"] = np.arcsinh(np.abs(plane.from_gap(0, row)))
    kinked = _kinks(track(own), window, horizon)
    # Above LEO the Moon and the resonances bend the phase: there kinks teach trees of few satellites nothing that transfers.
    out |= kinked if in_leo else {name: np.full(len(gap_days), np.nan) for name in kinked}
    out |= _among_its_own(strength, z, begins, horizon) | era(z["step"], sigma_m, horizon)
    misses = np.abs(values["back_t_km"]), np.abs(values["residual_t_km"])
    motion_rad_s = np.sqrt(MU_KM3_S2 / values["a_km"] ** 3)
    out |= {
        "gap": gap_days,
        "usual gap": usual,
        "size": np.log10(np.abs(steps_m) + 0.01),
        "velocity": np.log10(np.abs(boxes * sigma_m) * motion_rad_s * 500 + 1e-3),
        "crossing": misses[0] / (misses[0] + misses[1] + 1e-9),
        "drag term": np.arcsinh(z["bstar_inv_er"]),
    }
    return out, strength


def _kinks(own: Track, window: int, horizon: Horizon) -> Columns:
    """Kinks of the along-track phase at the gap and about it, of several widths, and what widths agree on.

    Signs are turned so that the gap's own kink over three sets is positive.
    """
    found: dict[tuple[int, int], FloatArray] = {}
    out: Columns = {}
    sign = np.ones(len(own.days))
    for k in sorted(horizon.shifts(3), key=abs):
        seen = {}
        for width in KINK_WIDTHS:
            after = width if horizon.later_sets is None else min(width, horizon.later_sets - k + 1)
            if (width, after) not in found:
                found[width, after] = local(kinks(own, width, after), KINK_FLOOR_M, window, horizon)[0]
            seen[width] = shifted(found[width, after], k)
        if k == 0:
            sign = np.where(seen[3] < 0, -1.0, 1.0)
        out |= {f"kink {width} {k:+}": np.arcsinh(z) * sign for width, z in seen.items()}
        for together in KINKS_TOGETHER:
            mean = agreed([seen[width] for width in together])
            out[f"kinks {'+'.join(map(str, together))} {k:+}"] = np.arcsinh(mean) * sign
    return out


def agreed(sizes: list[FloatArray]) -> FloatArray:
    """Geometric mean of what has one sign, 0 where signs differ, NaN where the first is not defined."""
    stacked = np.stack(sizes)
    agree = np.abs(np.sign(stacked).sum(axis=0)) == len(sizes)
    mean = np.sign(stacked[0]) * np.exp(np.log(np.abs(stacked) + 1e-6).mean(axis=0))
    return np.asarray(np.where(agree, mean, 0.0 * stacked[0]))


class Boxes:
    """Strengths of the boxes of one series of steps, as far as they are in sight."""

    def __init__(
        self,
        steps: FloatArray,
        spread: FloatArray,
        linked: NDArray[np.bool_],
        widths: tuple[int, ...],
        floor: float,
        window: int,
        horizon: Horizon,
    ) -> None:
        strengths = partial(
            box_strengths,
            np.nan_to_num(steps),
            spread,
            linked,
            widths,
            floor=floor,
            window=window,
            ahead=horizon.ahead(window),
        )
        self.widths, self.horizon, self.whole = widths, horizon, strengths()
        self.at_end = strengths(grown=GROWN_BEFORE) if horizon.causal else self.whole

    def from_gap(self, k: int, row: int = 0) -> FloatArray:
        """Of the box that begins k gaps later; one that ends with what is in sight may still turn out to go back."""
        last = k + self.widths[row] - 1
        return shifted((self.at_end if last == self.horizon.later_sets else self.whole)[row], k)


def _run_shape(
    axis: Boxes, linked: NDArray[np.bool_], config: RobustStepConfig
) -> tuple[Columns, dict[int, FloatArray]]:
    """Strength and length of the run that each gap lies in and its place there; strength of the run that begins k gaps later."""
    count, horizon = len(linked), axis.horizon
    pursuit = config.widths_gaps, config.join_sigma, config.join_ratio, config.split_ratio
    shape = np.zeros((3, count))
    if horizon.later_sets is None:
        begun = np.zeros(count)
        for run in pursue(axis.whole, linked, *pursuit):
            length = run.stop - run.start
            shape[:, run.start : run.stop] = np.stack(
                [np.full(length, run.strength), np.full(length, length), np.arange(length)]
            )
            begun[run.start] = run.strength
        about = {k: shifted(begun, k) for k in horizon.shifts(5)}
    else:
        about = {k: np.zeros(count) for k in horizon.shifts(5)}
        known = runs_as_known(axis.whole, axis.at_end, linked, *pursuit, later_sets=horizon.later_sets)
        for gap, runs in enumerate(known):
            for run in runs:
                if run.start <= gap < run.stop:
                    shape[:, gap] = run.strength, run.stop - run.start, gap - run.start
                if run.start - gap in about:
                    about[run.start - gap][gap] = run.strength
    names = "run strength", "run length", "place in run"
    return dict(zip(names, (np.arcsinh(shape[0]), shape[1], shape[2]), strict=True)), about


def _among_its_own(strength: FloatArray, z: Columns, begins: FloatArray, horizon: Horizon) -> Columns:
    """How a gap compares with others of its object, nearby and in all."""
    out = {
        "rank": _rank(strength, horizon),
        "rank of step": _rank(np.abs(z["step"]), horizon),
        "rank along": _rank(np.abs(z["residual_t_km"]), horizon),
        "strongest": np.log10(horizon.quantile(strength, 0.99) + 0.1),
    }
    for reach in _RIVALS_WITHIN_GAPS:
        near = np.lib.stride_tricks.sliding_window_view(np.pad(strength, reach), 2 * reach + 1).copy()
        near[:, reach] = 0.0
        if horizon.causal:
            near = near[:, : reach + 1]
        out[f"over rivals {reach}"] = np.arcsinh(strength) - np.arcsinh(near.max(axis=1))
        out[f"rivals {reach}"] = (near > 0.5 * strength[:, None]).mean(axis=1)
    rows = np.arange(len(strength))
    for least in _RIVAL_SIGMA:
        strong = np.flatnonzero(strength >= least)
        padded = np.concatenate(([np.nan], begins[strong], [np.nan]))
        out[f"since {least:g}"] = np.log(begins - padded[np.searchsorted(strong, rows, "left")])
        if not horizon.causal:
            out[f"until {least:g}"] = np.log(padded[np.searchsorted(strong, rows, "right") + 1] - begins)
    return out


def era(step: FloatArray, sigma_m: FloatArray, horizon: Horizon) -> Columns:
    """How noisy the element sets are about then, how they ring and how heavy their tails are."""
    known = np.nan_to_num(step)
    clipped = np.clip(known, -4.0, 4.0)

    def mean(values: FloatArray, window: int = _ERA_GAPS) -> FloatArray:
        ahead = horizon.ahead(window)
        return np.asarray(np.convolve(values, np.ones(window) / window)[ahead : ahead + len(values)])

    variance, toward = mean(clipped**2) + 1e-9, -1 if horizon.causal else 1
    out = {f"ringing {k}": mean(clipped * np.nan_to_num(shifted(clipped, toward * k))) / variance for k in (1, 2, 3)}
    return out | {
        "noise": np.log(sigma_m),
        "noise here": np.log(sigma_m / horizon.quantile(sigma_m, 0.5)),
        "tail": mean(np.asarray(np.abs(known) > 4, dtype=np.float64)),
        "tail here": mean(np.asarray(np.abs(known) > 4, dtype=np.float64), 15),
    }


def less_rate(steps: FloatArray, gap_days: FloatArray, config: RobustStepConfig) -> FloatArray:
    """Steps less what the object's own local rate makes of the gap, (N,)."""
    window = config.decay_window_gaps
    rate = moving_median(steps / gap_days, window, Horizon(config.later_sets).ahead(window))
    return np.asarray(steps - np.nan_to_num(rate) * gap_days)


def local(values: FloatArray, floor: float, window: int, horizon: Horizon) -> tuple[FloatArray, FloatArray]:
    """Values less their local median, over their local robust σ, and that σ; NaN before it is known."""
    center = np.nan_to_num(moving_median(values, window, horizon.ahead(window)))
    sigma = MAD_TO_SIGMA * moving_median(np.abs(values - center), window, horizon.ahead(window))
    if horizon.causal:
        sigma = np.maximum(sigma, floor)
    else:
        known = values[np.isfinite(values)]
        overall = MAD_TO_SIGMA * np.median(np.abs(known - np.median(known))) if len(known) else floor
        sigma = np.fmax(np.where(np.isnan(sigma), overall, sigma), floor)
    return (values - center) / sigma, sigma


def shifted(values: FloatArray, k: int) -> FloatArray:
    """The value k gaps later (earlier if negative); NaN beyond the ends."""
    reach = abs(k)
    padded = np.concatenate([np.full(reach, np.nan), values, np.full(reach, np.nan)])
    return np.asarray(padded[reach + k : reach + k + len(values)])


def _rank(values: FloatArray, horizon: Horizon) -> FloatArray:
    """log10 of the share of the object's gaps that lie above."""
    return np.asarray(np.log10(1.0001 - horizon.rank(values)))
