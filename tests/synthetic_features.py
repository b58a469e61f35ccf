"""Feature frames with known noise and known burns, for tests of detectors and calibration."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from features.registry import COLUMNS

ORBIT = {"mean_motion_rev_day": 14.8, "raan_deg": 20.0, "arg_pericenter_deg": 90.0, "mean_anomaly_deg": 10.0}


def synthetic_features(
    objects: int = 6,
    gaps: int = 200,
    *,
    seed: int = 0,
    burns: dict[tuple[int, int], float] | None = None,
    regime: str = "leo",
    first_id: int = 90001,
) -> pd.DataFrame:
    """Every registered column for quiet objects of unit normal noise, one gap about a day.

    ``burns`` maps (object's position, gap) to the size, in sigmas, of a step in semi-major axis and along-track.
    Steps are what element sets show: differences of a level (a_km, inclination_deg) that is observed with noise.
    """
    rng = np.random.default_rng(seed)
    rows = objects * gaps
    gap_days = rng.uniform(0.6, 1.4, (objects, gaps))
    epoch = pd.Timestamp("2020-01-01", tz="UTC") + pd.to_timedelta(np.cumsum(gap_days, axis=1).ravel(), unit="D")
    step = np.zeros((objects, gaps))
    for (position, gap), size in (burns or {}).items():
        step[position, gap] = size
    level = {
        "step_a_m": rng.standard_normal((objects, gaps + 1)),
        "step_i_deg": rng.standard_normal((objects, gaps + 1)),
    }
    level["step_a_m"][:, 1:] += np.cumsum(step, axis=1)
    sigmas = {}
    for name, column in COLUMNS.items():
        if column.dtype == "float64" and not name.startswith("z_") and name not in ORBIT:
            moved = name.startswith(("step_a_m", "jump_a_m", "residual_t_km"))
            sigmas[name] = rng.standard_normal(rows) + (step.ravel() if moved else 0.0)
    sigmas |= {name: np.diff(observed, axis=1).ravel() for name, observed in level.items()}
    values: dict[str, object] = {name: 0.3 * sigma for name, sigma in sigmas.items()}
    values |= {name: sigmas[name.removeprefix("z_")] for name in COLUMNS if name.startswith("z_")}
    values |= {
        "norad_id": np.repeat(first_id + np.arange(objects), gaps),
        "epoch": epoch,
        "epoch_before": epoch - pd.to_timedelta(gap_days.ravel(), unit="D"),
        "available_at": epoch + pd.Timedelta(hours=6),
        "regime": regime,
        "gap_days": gap_days.ravel(),
        "quality": 0,
        "ap_daily": rng.uniform(2, 30, rows),
        "f107_sfu": rng.uniform(70, 200, rows),
        "a_km": 7000.0 + 0.3e-3 * level["step_a_m"][:, 1:].ravel(),
        "eccentricity": 0.001,
        "inclination_deg": 98.0 + 0.3 * level["step_i_deg"][:, 1:].ravel(),
        "bstar_inv_er": 1e-5,
        **ORBIT,
    }
    frame = pd.DataFrame(values)[list(COLUMNS)]
    return frame.astype({name: column.dtype for name, column in COLUMNS.items()})


def logged_burns(features: pd.DataFrame, burns: Iterable[tuple[int, int]]) -> pd.DataFrame:
    """Those burns of ``synthetic_features`` as labels: in the middle of their gaps."""
    ids = features["norad_id"].unique()
    rank = features.groupby("norad_id").cumcount()
    rows = pd.concat([features[(features["norad_id"] == ids[at]) & (rank == gap)] for at, gap in burns])
    time = rows["epoch_before"] + (rows["epoch"] - rows["epoch_before"]) / 2
    frame = pd.DataFrame({"norad_id": rows["norad_id"], "name": rows["norad_id"].astype(str), "burn_time": time})
    return frame.sort_values(["norad_id", "burn_time"], ignore_index=True)
