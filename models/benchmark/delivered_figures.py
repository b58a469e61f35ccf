"""Figures of what is delivered: flags against logs, and how soon after the burn they came."""

from __future__ import annotations

from typing import Any

import pandas as pd

from models.benchmark.delivered import Delivered
from models.benchmark.latency import soon
from models.benchmark.matching import lists_all
from models.benchmark.protocol import Evaluation, evaluate

_KEPT = ("precision", "recall", "f1")
_COUNTED = ("years", "detections", "hits", "misses", "false_alarms", *_KEPT, "false_alarms_per_year")


def evaluate_flags(delivered: Delivered, maneuvers: pd.DataFrame, *, resamples: int, seed: int) -> Evaluation:
    """Flags against logged maneuvers, one to one, ±1.5 d."""
    return evaluate(delivered.flags, maneuvers, delivered.spans, bootstrap=resamples, seed=seed)


def delivered_figures(
    delivered: Delivered, maneuvers: pd.DataFrame, *, resamples: int, seed: int
) -> dict[str, Any] | None:
    """Figures by satellite, pooled and macro by regime, in plain values; None where nothing was measured.

    Parameters
    ----------
    delivered : Delivered
    maneuvers : DataFrame
    resamples, seed : int
        Of the bootstrap over satellites.
    """
    if delivered.spans.empty:
        return None
    figures = evaluate_flags(delivered, maneuvers, resamples=resamples, seed=seed)
    chosen = delivered.folds.set_index("norad_id")
    told, whole = delivered.told, figures.satellites[lists_all(figures.satellites)].set_index("norad_id")
    stratum = told["norad_id"].map(whole["stratum"])
    satellites = {
        str(row["name"]): {"norad_id": row["norad_id"], "regime": row["stratum"], "events": row["maneuvers"]}
        | {name: row[name] for name in _COUNTED}
        | {name: chosen.loc[row["norad_id"], name] for name in ("chosen", "satellites", "threshold")}
        | soon(told[told["norad_id"] == row["norad_id"]])
        for row in figures.satellites.to_dict("records")
    }
    pooled = {
        str(row["regime"]): {"events": row["maneuvers"]}
        | {name: row[name] for name in (*_COUNTED, "f1_low", "f1_high")}
        | soon(told[stratum == row["regime"]])
        for row in figures.pooled.reset_index().to_dict("records")
    }
    macro = {str(regime): {name: row[name] for name in _KEPT} for regime, row in figures.macro.iterrows()}
    return {"satellites": satellites, "pooled": pooled, "macro": macro, "skipped": delivered.skipped}


def delivered_metrics(figures: dict[str, Any]) -> dict[str, float | None]:
    """Those worth comparing between runs, by name."""
    names = (*_KEPT, "false_alarms_per_year", "within_24_h", "within_72_h", "latency_h")
    return {f"delivered_{name}_{regime}": own[name] for regime, own in figures["pooled"].items() for name in names}
