"""Plots of a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.benchmark.report import Report
from models.plots import blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = 10  # of matplotlib's cycle: from there on another stroke tells satellites apart
_STROKES, _MARKERS = ("-", "--", ":"), ("o", "^", "x")


def draw(report: Report) -> dict[str, Figure]:
    """Name -> plot: precision and recall of each satellite, recall by Δv, reliability, Δv and times of the hits."""
    return {
        "precision_recall": precision_recall(report),
        "recall_by_dv": recall_by_dv(report.headline.by_dv),
        "reliability": reliability(pd.DataFrame(report.calibration()["reliability"])),
        "dv": dv_scatter(report.hits),
        "time_error": time_scatter(report.hits),
    }


def precision_recall(report: Report) -> Figure:
    """Precision against recall over all thresholds, a line a satellite."""
    ranking = report.ranking
    figure, axes = blank("recall", "precision")
    for at, name in enumerate(report.decided.spans["name"]):
        own = ranking.satellite == at
        hits, alarms = np.cumsum(ranking.hit[own]), np.cumsum(ranking.alarm[own])
        if len(hits):
            stroke = _STROKES[at // _COLORS % len(_STROKES)]
            recall = hits / max(ranking.maneuvers[at], 1.0)
            axes.step(recall, hits / (hits + alarms), where="post", label=name, linewidth=1, linestyle=stroke)
    axes.set(xlim=(0, 1.01), ylim=(0, 1.02), title=f"{report.about['detector']}, {report.about['setting']}")
    axes.legend(fontsize="x-small", ncols=2)
    return figure


def recall_by_dv(by_dv: pd.DataFrame) -> Figure:
    """A bar for each bin of Δv and regime, with how many maneuvers it has."""
    figure, axes = blank("Δv [mm/s]", "recall")
    shown = by_dv.reset_index(drop=True)
    low_mm_s = 1e3 * shown["dv_low_m_s"].to_numpy(np.float64)
    names = [f"{regime}\nfrom {low:g}" for regime, low in zip(shown["regime"], low_mm_s, strict=True)]
    bars = axes.bar(np.arange(len(shown)), shown["recall"].astype(float))
    axes.bar_label(bars, labels=[str(count) for count in shown["maneuvers"]])
    axes.set_xticks(np.arange(len(shown)), names)
    axes.set_ylim(0, 1.1)
    return figure


def reliability(table: pd.DataFrame) -> Figure:
    """Found against said frequency of hits; a calibrated detector's points lie on the diagonal."""
    figure, axes = blank("said probability", "share of hits")
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    if len(table):
        axes.plot(table["said"], table["found"], marker="o")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    return figure


def dv_scatter(hits: pd.DataFrame) -> Figure:
    """Fitted against logged along-track Δv of the hits."""
    figure, axes = blank("logged along-track Δv [m/s]", "fitted [m/s]")
    known = hits[hits["fitted"] & hits["logged_dv_t_m_s"].notna()]
    for at, (name, own) in enumerate(known.groupby("name")):
        axes.scatter(own["logged_dv_t_m_s"], own["dv_t_m_s"], s=8, label=name, marker=_marker(at))
    _wide(axes, hits["logged_dv_t_m_s"])
    return figure


def time_scatter(hits: pd.DataFrame) -> Figure:
    """Error of the fitted time of the hits over the years."""
    figure, axes = blank("logged time (UTC)", "error of the fitted time [h]")
    for at, (name, own) in enumerate(hits.groupby("name")):
        times = own["logged_time"].dt.tz_localize(None).to_numpy()
        axes.scatter(times, own["time_error_h"], s=8, label=name, marker=_marker(at))
    if len(hits):
        axes.legend(fontsize="x-small", ncols=2)
        axes.set_yscale("symlog", linthresh=1.0)
    return figure


def _marker(at: int) -> str:
    return _MARKERS[at // _COLORS % len(_MARKERS)]


def _wide(axes: Axes, values: pd.Series) -> None:
    """Show burns of millimeters and of meters a second on one axis, with the diagonal."""
    known = values.dropna().abs()
    if known.empty:
        return
    reach = max(float(known.max()), 1e-3)
    axes.plot([-reach, reach], [-reach, reach], color="grey", linewidth=0.8)
    axes.set_xscale("symlog", linthresh=1e-3)
    axes.set_yscale("symlog", linthresh=1e-3)
    axes.legend(fontsize="x-small", ncols=2)
