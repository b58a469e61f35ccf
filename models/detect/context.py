"""What a gap and its neighbors look like, in units of the object's own local noise."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us
from configs.detect import RobustStepConfig
from models.detect.drag import less_drag_misfit
from models.detect.lunar import less_lunar_wave
from models.detect.pursuit import MAD_TO_SIGMA, FloatArray, Run, box_strengths, moving_median, pursue
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
INPUTS = ("regime", "epoch_before", "available_at", "gap_days", "a_km", *CHANNELS, "back_t_km_lag2")

_US_A_DAY = 86_400e6
_PLANE_WIDTHS = (1, 2, 3)
_RIVALS_WITHIN_GAPS = (4, 10, 30, 100)
_RIVAL_SIGMA = (5.0, 15.0)
_ERA_GAPS = 61

Columns = dict[str, FloatArray]


def bounds(norad_id: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and past-last row of each object in sorted rows."""
    edges = np.flatnonzero(np.concatenate(([True], norad_id[1:] != norad_id[:-1], [True])))
    return list(pairwise(edges.tolist())) if len(norad_id) else []


def less_moon(features: pd.DataFrame) -> pd.DataFrame:
    """The features with the Moon's wave taken off ``step_a_m`` of geosynchronous objects."""
    steps_m = features["step_a_m"].to_numpy(np.float64).copy()
    gap_days, days = features["gap_days"].to_numpy(np.float64), epoch_us(features["epoch"]) / _US_A_DAY
    is_geo = features["regime"].eq("geo").to_numpy()
    for start, stop in bounds(features["norad_id"].to_numpy(np.int64)):
        if is_geo[start]:
            own = slice(start, stop)
            steps_m[own] = less_lunar_wave(steps_m[own], days[own], gap_days[own])
    return features.assign(step_a_m=steps_m)


def contexts(features: pd.DataFrame, config: RobustStepConfig) -> tuple[pd.DataFrame, FloatArray]:
    """What each gap looks like, and how strong a candidate it is.

    Nothing in it names an object or a date: sizes are in local robust σ, ranks are within the object, and
    signs are turned so that raising and lowering burns look alike. Each object is described by all of its gaps.

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
    parts, strength = [], np.empty(len(features))
    for start, stop in bounds(features["norad_id"].to_numpy(np.int64)):
        with np.errstate(all="ignore"):
            columns, strength[start:stop] = _describe(features.iloc[start:stop], scores[start:stop], config)
        parts.append(pd.DataFrame(columns, dtype=np.float32))
    return pd.concat(parts, ignore_index=True).replace([np.inf, -np.inf], np.nan), strength


def _describe(own: pd.DataFrame, scores: FloatArray, config: RobustStepConfig) -> tuple[Columns, FloatArray]:
    values = {name: own[name].to_numpy(np.float64) for name in ("gap_days", "a_km", *CHANNELS)}
    begins = epoch_us(own["epoch_before"]) / _US_A_DAY
    gap_days, window = values["gap_days"], config.noise_window_gaps
    steps_m = _less_rate(values["step_a_m"], gap_days, config)
    if own["regime"].iloc[0] == "leo":
        change_m = np.append(values["step_a_m"][0], 1e3 * np.diff(values["a_km"]))
        steps_m = less_drag_misfit(
            _less_rate(change_m, gap_days, config), values["step_bstar_inv_er"], window, window // 2
        )
    steps_deg = _less_rate(values["step_i_deg"], gap_days, config)
    usual = moving_median(gap_days, config.decay_window_gaps, config.decay_window_gaps // 2)
    linked = gap_days <= config.smear_gap_days
    spread, alike = np.fmax(1.0, gap_days / (config.usual_gaps * usual)), np.ones(len(own))
    ahead = window // 2
    boxes = box_strengths(
        np.nan_to_num(steps_m),
        spread,
        linked,
        config.widths_gaps,
        floor=config.noise_floor_m,
        window=window,
        ahead=ahead,
    )
    plane = box_strengths(
        np.nan_to_num(steps_deg), alike, linked, _PLANE_WIDTHS, floor=config.noise_floor_deg, window=window, ahead=ahead
    )
    runs = pursue(boxes, linked, config.widths_gaps, config.join_sigma, config.join_ratio, config.split_ratio)
    z = {name: _local(values[name], floor, window)[0] for name, floor in CHANNELS.items()}
    z["step"], sigma_m = _local(steps_m, config.noise_floor_m, window)

    out, strength = _run_shape(runs, scores)
    sign = np.sign(np.where(boxes[0] != 0, boxes[0], np.nan_to_num(z["step"])))
    sign[sign == 0] = 1.0
    level = np.cumsum(np.nan_to_num(steps_m))
    began = out.pop("begun")
    for k in range(-5, 6):
        out[f"step {k:+}"] = np.arcsinh(_shifted(z["step"], k)) * sign
        out[f"box {k:+}"] = np.arcsinh(_shifted(boxes[0], k)) * sign
        out[f"level {k:+}"] = np.arcsinh((_shifted(level, k) - _shifted(level, -1)) / sigma_m) * sign
        out[f"robust step {k:+}"] = np.arcsinh(_shifted(scores, k))
        out[f"run begins {k:+}"] = np.arcsinh(_shifted(began, k))
    eccentricity = np.hypot(z["step_h"], z["step_k"])
    for k in range(-3, 4):
        out[f"along {k:+}"] = -np.arcsinh(_shifted(z["residual_t_km"], k)) * sign
        out[f"back {k:+}"] = -np.arcsinh(_shifted(z["back_t_km"], k)) * sign
        out[f"plane {k:+}"] = np.arcsinh(np.abs(_shifted(plane[0], k)))
        out[f"sgp4 step {k:+}"] = np.arcsinh(_shifted(z["step_a_m"], k)) * sign
        out[f"gap {k:+}"] = _shifted(gap_days, k) / usual
        out[f"eccentricity {k:+}"] = np.arcsinh(_shifted(eccentricity, k))
    for k in range(-2, 3):
        out[f"along lag 2 {k:+}"] = -np.arcsinh(_shifted(z["residual_t_km_lag2"], k)) * sign
        out[f"across {k:+}"] = np.arcsinh(np.abs(_shifted(z["residual_n_km"], k)))
        out[f"node {k:+}"] = np.arcsinh(np.abs(_shifted(z["step_raan_deg"], k)))
        out[f"drag {k:+}"] = np.arcsinh(_shifted(z["step_bstar_inv_er"], k)) * sign
        out[f"longitude {k:+}"] = np.arcsinh(_shifted(z["step_lambda_deg"], k)) * sign
    for row, width in enumerate(config.widths_gaps):
        out[f"begins {width}"] = np.arcsinh(boxes[row]) * sign
        out[f"ends {width}"] = np.arcsinh(_shifted(boxes[row], 1 - width)) * sign
    for row, width in enumerate(_PLANE_WIDTHS):
        out[f"plane begins {width}"] = np.arcsinh(np.abs(plane[row]))
    out |= _among_its_own(strength, z, begins) | _era(z["step"], sigma_m)
    misses = np.abs(values["back_t_km"]), np.abs(values["residual_t_km"])
    motion_rad_s = np.sqrt(MU_KM3_S2 / values["a_km"] ** 3)
    out |= {
        "gap": gap_days,
        "usual gap": usual,
        "size": np.log10(np.abs(steps_m) + 0.01),
        "velocity": np.log10(np.abs(boxes[0] * sigma_m) * motion_rad_s * 500 + 1e-3),
        "crossing": misses[0] / (misses[0] + misses[1] + 1e-9),
        "drag term": np.arcsinh(z["bstar_inv_er"]),
    }
    return out, strength


def _run_shape(runs: list[Run], scores: FloatArray) -> tuple[Columns, FloatArray]:
    """Strength and length of the run that each gap lies in, its place there, and the gap's own strength."""
    shape = np.zeros((4, len(scores)))
    for run in runs:
        length = run.stop - run.start
        shape[:3, run.start : run.stop] = np.stack(
            [np.full(length, run.strength), np.full(length, length), np.arange(length)]
        )
        shape[3, run.start] = run.strength
    strength = np.maximum(scores, shape[3])
    names = "run strength", "run length", "place in run", "begun"
    rows = np.arcsinh(shape[0]), shape[1], shape[2], shape[3]
    return dict(zip(names, rows, strict=True)), strength


def _among_its_own(strength: FloatArray, z: Columns, begins: FloatArray) -> Columns:
    """How a gap compares with others of its object, nearby and in all."""
    out = {
        "rank": _rank(strength),
        "rank of step": _rank(np.abs(z["step"])),
        "rank along": _rank(np.abs(z["residual_t_km"])),
        "strongest": np.full(len(strength), np.log10(np.quantile(strength, 0.99) + 0.1)),
    }
    for reach in _RIVALS_WITHIN_GAPS:
        near = np.lib.stride_tricks.sliding_window_view(np.pad(strength, reach), 2 * reach + 1).copy()
        near[:, reach] = 0.0
        out[f"over rivals {reach}"] = np.arcsinh(strength) - np.arcsinh(near.max(axis=1))
        out[f"rivals {reach}"] = (near > 0.5 * strength[:, None]).mean(axis=1)
    rows = np.arange(len(strength))
    for least in _RIVAL_SIGMA:
        strong = np.flatnonzero(strength >= least)
        padded = np.concatenate(([np.nan], begins[strong], [np.nan]))
        out[f"since {least:g}"] = np.log(begins - padded[np.searchsorted(strong, rows, "left")])
        out[f"until {least:g}"] = np.log(padded[np.searchsorted(strong, rows, "right") + 1] - begins)
    return out


def _era(step: FloatArray, sigma_m: FloatArray) -> Columns:
    """How noisy the element sets are about then, how they ring and how heavy their tails are."""
    known = np.nan_to_num(step)
    clipped = np.clip(known, -4.0, 4.0)

    def mean(values: FloatArray, window: int = _ERA_GAPS) -> FloatArray:
        half = window // 2
        return np.asarray(np.convolve(values, np.ones(window) / window)[half : half + len(values)])

    variance = mean(clipped**2) + 1e-9
    out = {f"ringing {k}": mean(clipped * np.nan_to_num(_shifted(clipped, k))) / variance for k in (1, 2, 3)}
    return out | {
        "noise": np.log(sigma_m),
        "noise here": np.log(sigma_m / np.nanmedian(sigma_m)),
        "tail": mean(np.asarray(np.abs(known) > 4, dtype=np.float64)),
        "tail here": mean(np.asarray(np.abs(known) > 4, dtype=np.float64), 15),
    }


def _less_rate(steps: FloatArray, gap_days: FloatArray, config: RobustStepConfig) -> FloatArray:
    window = config.decay_window_gaps
    return np.asarray(steps - np.nan_to_num(moving_median(steps / gap_days, window, window // 2)) * gap_days)


def _local(values: FloatArray, floor: float, window: int) -> tuple[FloatArray, FloatArray]:
    """Values less their local median, over their local robust σ, and that σ."""
    center = np.nan_to_num(moving_median(values, window, window // 2))
    sigma = MAD_TO_SIGMA * moving_median(np.abs(values - center), window, window // 2)
    known = values[np.isfinite(values)]
    overall = MAD_TO_SIGMA * np.median(np.abs(known - np.median(known))) if len(known) else floor
    sigma = np.fmax(np.where(np.isnan(sigma), overall, sigma), floor)
    return (values - center) / sigma, sigma


def _shifted(values: FloatArray, k: int) -> FloatArray:
    """The value k gaps later (earlier if negative); NaN beyond the ends."""
    reach = abs(k)
    padded = np.concatenate([np.full(reach, np.nan), values, np.full(reach, np.nan)])
    return np.asarray(padded[reach + k : reach + k + len(values)])


def _rank(values: FloatArray) -> FloatArray:
    """log10 of the share of the object's gaps that lie above."""
    return np.asarray(np.log10(1.0001 - pd.Series(values).rank(pct=True).to_numpy()))
