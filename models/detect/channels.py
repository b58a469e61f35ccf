"""An object's gaps as a network reads them: few columns in units of local noise, the uneven spacing among them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from configs.detect import RobustStepConfig
from models.detect.context import (
    KINK_FLOOR_M,
    KINK_WIDTHS,
    KINKS_TOGETHER,
    READ,
    Arrays,
    Boxes,
    Columns,
    agreed,
    era,
    less_moon,
    less_rate,
    local,
    objects_of,
    shifted,
)
from models.detect.drag import less_drag_misfit
from models.detect.horizon import Horizon
from models.detect.phase import Track, kinks, track
from models.detect.pursuit import FloatArray, moving_median

PREFIX = "channel "
MARK = f"{PREFIX}step"
_WIDTHS = (1, 2, 3)
_PLANE_WIDTHS = (1, 2)
_NOISE_OF_KINKS = (2, 3, 5)
_LIMIT = 8.0

# Columns that turn their sign together where a burn is turned about, so that learning on one teaches the other.
TURNED = (
    "step",
    "drag step",
    *(f"begins {width}" for width in _WIDTHS),
    *(f"ends {width}" for width in _WIDTHS[1:]),
    *(f"kink {width}" for width in KINK_WIDTHS),
    *(f"kinks {'+'.join(map(str, widths))}" for widths in KINKS_TOGETHER),
)
TURNED_PLANE = tuple(f"plane {width}" for width in _PLANE_WIDTHS)
PLAIN = (
    "gap",
    "relative gap",
    "long",
    "noise",
    "noise here",
    "ringing 1",
    "ringing 2",
    "tail",
    "tail here",
    *(f"noise of kink {width}" for width in _NOISE_OF_KINKS),
)
NAMES = (*TURNED, *TURNED_PLANE, *PLAIN)


def add_channels(features: pd.DataFrame, config: RobustStepConfig) -> pd.DataFrame:
    """The feature rows with a column for each of ``NAMES``; each object's are made of its own gaps alone.

    Steps, boxes of steps (`models.detect.pursuit`) and kinks of the phase (`models.detect.phase`) are the arsinh of their
    size in local robust σ. With ``later_sets`` of the configuration a column holds at each gap what is known as
    soon as the gap has ended: a kink then lies some gaps back, and it is the network that looks ``later_sets`` gaps ahead.
    Undefined is 0.
    """
    table = np.zeros((len(features), len(NAMES)), np.float32)
    shown = less_moon(features.reset_index(drop=True), config.later_sets)
    with np.errstate(all="ignore"):
        for start, stop, own in objects_of(shown, READ):
            columns = _channels(own, config)
            stacked = np.clip(np.column_stack([columns[name] for name in NAMES]), -_LIMIT, _LIMIT)
            table[start:stop] = np.nan_to_num(stacked)
    names = [f"{PREFIX}{name}" for name in NAMES]
    return pd.concat([features, pd.DataFrame(table, columns=names, index=features.index)], axis=1)


def read_channels(features: pd.DataFrame) -> NDArray[np.float32]:
    """What ``add_channels`` added, (N, len(NAMES))."""
    return features[[f"{PREFIX}{name}" for name in NAMES]].to_numpy(np.float32)


def _channels(own: Arrays, config: RobustStepConfig) -> Columns:
    gap_days, bstar = own["gap_days"], own["step_bstar_inv_er"]
    sight = None if config.later_sets is None else 0
    horizon, window = Horizon(sight), config.noise_window_gaps
    steps_m = less_rate(own["step_a_m"], gap_days, config)
    if own["regime"][0] == "leo":
        change_m = np.append(own["step_a_m"][0], 1e3 * np.diff(own["a_km"]))
        steps_m = less_drag_misfit(less_rate(change_m, gap_days, config), bstar, window, horizon.ahead(window))
    steps_deg = less_rate(own["step_i_deg"], gap_days, config)
    usual = moving_median(gap_days, config.decay_window_gaps, horizon.ahead(config.decay_window_gaps))
    linked, alike = gap_days <= config.smear_gap_days, np.ones(len(gap_days))
    spread = np.fmax(1.0, gap_days / (config.usual_gaps * usual))
    axis = Boxes(steps_m, spread, linked, _WIDTHS, config.noise_floor_m, window, horizon)
    plane = Boxes(steps_deg, alike, linked, _PLANE_WIDTHS, config.noise_floor_deg, window, horizon)
    step, sigma_m = local(steps_m, config.noise_floor_m, window, horizon)
    out = {
        "step": np.arcsinh(step),
        "drag step": np.arcsinh(local(bstar, 1e-7, window, horizon)[0]),
        "gap": np.log(np.fmax(gap_days, 1e-3)),
        "relative gap": np.log(np.fmax(gap_days, 1e-3) / usual),
        "long": np.asarray(~linked, dtype=np.float64),
    }
    for row, width in enumerate(_WIDTHS):
        ends = np.arcsinh(axis.from_gap(1 - width, row))
        out[f"ends {width}"] = ends
        out[f"begins {width}"] = ends if horizon.causal else np.arcsinh(axis.from_gap(0, row))
    for row, width in enumerate(_PLANE_WIDTHS):
        out[f"plane {width}"] = np.arcsinh(plane.from_gap(1 - width if horizon.causal else 0, row))
    return out | _kinked(track(own), window, horizon, config.later_sets) | era(step, sigma_m, horizon)


def _kinked(own: Track, window: int, horizon: Horizon, later_sets: int | None) -> Columns:
    sizes: dict[int, FloatArray] = {}
    out: Columns = {}
    for width in KINK_WIDTHS:
        after = width if later_sets is None else min(width, later_sets + 1)
        size, sigma_m = local(kinks(own, width, after), KINK_FLOOR_M, window, horizon)
        back = 1 - after if horizon.causal else 0
        sizes[width] = shifted(size, back)
        out[f"kink {width}"] = np.arcsinh(sizes[width])
        out[f"noise of kink {width}"] = np.log(shifted(sigma_m, back))
    for widths in KINKS_TOGETHER:
        together = agreed([sizes[width] for width in widths])
        out[f"kinks {'+'.join(map(str, widths))}"] = np.arcsinh(together)
    return out
