"""How well the burns that were found are measured: their Δv and their time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from configs.judgement import BurnFitConfig
from models.benchmark.matching import burn_windows_us, match
from models.characterize.burn_fit import fit_burns

SMALLEST_DV_M_S = 0.01  # along-track Δv below this is not measured against the log

HIT_COLUMNS = [
    "norad_id", "name", "regime", "logged_time", "time_error_h", "inside_interval", "logged_dv_t_m_s", "dv_t_m_s",
    "dv_t_sigma_m_s", "fitted", "along", "dv_error", "z",
]  # fmt: skip


def fit_events(
    events: pd.DataFrame, features: pd.DataFrame, config: BurnFitConfig, later_sets: int | None = None
) -> pd.DataFrame:
    """A burn fitted to each event, to sets that a causal detector would have had.

    Parameters
    ----------
    events : DataFrame
    features : DataFrame
        The objects' feature rows, which hold their element sets.
    later_sets : int, optional
        How many sets after the gap the fit may use; all of them without it.
    """
    from features.history import sets_in

    history = sets_in(features).sort_values(["norad_id", "epoch"], kind="stable", ignore_index=True)
    if later_sets is None or events.empty:
        return fit_burns(events, history, config)
    ids, epochs = history["norad_id"].to_numpy(np.int64), epoch_us(history["epoch"])
    ends = epoch_us(events["epoch_after"])
    fitted = []
    for at, norad_id in enumerate(events["norad_id"].to_numpy(np.int64)):
        start, stop = np.searchsorted(ids, norad_id, "left"), np.searchsorted(ids, norad_id, "right")
        last = start + np.searchsorted(epochs[start:stop], ends[at], "left") + later_sets
        known = history.iloc[start : min(last + 1, stop)].reset_index(drop=True)
        fitted.append(fit_burns(events.iloc[at : at + 1], known, config))
    return pd.concat(fitted, ignore_index=True)


def measured_hits(
    fits: pd.DataFrame, maneuvers: pd.DataFrame, spans: pd.DataFrame, window_days: float = 1.5
) -> pd.DataFrame:
    """One row a maneuver that was found in its evaluated span: what the fit says and what is logged.

    Parameters
    ----------
    fits : DataFrame
        Events with their burn fits; matched by the detector's own time, not by the fit's.

    Returns
    -------
    DataFrame
        Columns ``HIT_COLUMNS``: ``dv_error`` is relative, along-track, and NaN where the log has under 1 cm/s or the fit
        was withheld (``along``); ``z`` the same error in its own σ.
    """
    points = fits.drop(columns=["burn_time", "burn_time_low", "burn_time_high"])
    found = match(points, maneuvers, window_days).event_to_maneuver
    hits, truth = fits[found >= 0].reset_index(drop=True), maneuvers.iloc[found[found >= 0]].reset_index(drop=True)
    span = spans.set_index("norad_id").reindex(hits["norad_id"]).reset_index()
    start, end = (pd.Series(bound) for bound in burn_windows_us(truth))
    nearest = epoch_us(hits["burn_time"])
    apart_h = (nearest - np.clip(nearest, start, end)) / 3.6e9
    logged, offset = truth["dv_t_m_s"], hits["dv_t_m_s"] - truth["dv_t_m_s"]
    fitted = hits["fit_status"] == "fitted"
    along = fitted & (logged.abs() > SMALLEST_DV_M_S)
    table = pd.DataFrame(
        {
            "norad_id": hits["norad_id"],
            "name": truth["name"],
            "regime": hits["regime"],
            "logged_time": truth["burn_time"],
            "time_error_h": apart_h,
            "inside_interval": (epoch_us(hits["burn_time_low"]) <= end) & (start <= epoch_us(hits["burn_time_high"])),
            "logged_dv_t_m_s": logged,
            "dv_t_m_s": hits["dv_t_m_s"],
            "dv_t_sigma_m_s": hits["dv_t_sigma_m_s"],
            "fitted": fitted,
            "along": along,
            "dv_error": (offset / logged).abs().where(along),
            "z": (offset / hits["dv_t_sigma_m_s"]).abs().where(along),
        }
    )
    in_span = (truth["burn_time"] >= span["start"]) & (truth["burn_time"] <= span["stop"])
    return table.loc[in_span, HIT_COLUMNS].reset_index(drop=True)


def burn_errors(hits: pd.DataFrame) -> dict[str, float | int]:
    """Errors of some hits: medians and 90th percentiles; NaN where there is nothing to measure.

    ``time_error_h_large`` is that of burns of which the log has 1 cm/s or more along-track.
    """
    time_h, along = hits["time_error_h"].abs(), hits[hits["along"]]
    large_h = time_h[hits["logged_dv_t_m_s"].abs() > SMALLEST_DV_M_S]
    return {
        "time_error_h": float(time_h.median()),
        "time_error_h_p90": float(time_h.quantile(0.9)),
        "time_error_h_large": float(large_h.median()),
        "time_inside_68": float(hits["inside_interval"].mean()),
        "dv_measured": len(along),
        "dv_withheld": int((~hits["fitted"]).sum()),
        "dv_error": float(along["dv_error"].median()),
        "dv_error_p90": float(along["dv_error"].quantile(0.9)),
        "dv_inside_1_sigma": float((along["z"] < 1).mean()) if len(along) else np.nan,
        "dv_inside_2_sigma": float((along["z"] < 2).mean()) if len(along) else np.nan,
    }
