"""Figures of a training, drawn without matplotlib's global state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def precision_recall(labels: ArrayLike, scores: ArrayLike) -> Figure:
    """Precision against recall over all thresholds.

    Parameters
    ----------
    labels : (N,) array_like of bool
        Whether each scored peak or gap is a maneuver.
    scores : (N,) array_like
    """
    from sklearn.metrics import average_precision_score, precision_recall_curve

    precision, recall, _ = precision_recall_curve(labels, scores)
    figure, axes = blank("recall", "precision")
    axes.step(recall, precision, where="post")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), title=f"average precision {average_precision_score(labels, scores):.3f}")
    return figure


def score_timeline(features: pd.DataFrame, scores: ArrayLike, threshold: float | None = None) -> Figure:
    """Scores over time of every object in ``features`` (norad_id, epoch), and the threshold.

    Meant for a handful of objects.
    """
    figure, axes = blank("epoch (UTC)", "score")
    series = pd.Series(np.asarray(scores, dtype=np.float64), index=features.index)
    for norad_id, rows in features.groupby("norad_id"):
        # matplotlib knows no time zones without a converter; all times are UTC.
        axes.plot(rows["epoch"].dt.tz_localize(None).to_numpy(), series[rows.index], linewidth=0.7, label=str(norad_id))
    if threshold is not None:
        axes.axhline(threshold, color="black", linestyle="--", linewidth=0.8, label="threshold")
    axes.legend(loc="upper right", fontsize="small")
    figure.autofmt_xdate()
    return figure


def feature_weights(weights: Mapping[str, float]) -> Figure:
    """Bar for each feature column, the heaviest on top."""
    ordered = sorted(weights.items(), key=lambda item: item[1])
    figure, axes = blank("weight", "")
    axes.barh([name for name, _ in ordered], [weight for _, weight in ordered])
    return figure


def training_loss(losses: Mapping[str, Sequence[float]]) -> Figure:
    """Loss after each pass, one line a kind (training, held out)."""
    figure, axes = blank("pass", "loss [nat]")
    for name, values in losses.items():
        axes.plot(range(1, len(values) + 1), values, marker=".", label=name)
    axes.legend()
    return figure


def detection_curves(curves: Mapping[str, pd.DataFrame], sizes: Mapping[str, float], share: float) -> Figure:
    """Share of injected burns that were found against their size, one line a name.

    Parameters
    ----------
    curves : mapping of name to DataFrame
        ``dv_m_s, probability, low, high``, as `models.benchmark.detection_curve.detection_curve` makes them.
    sizes : mapping of name to float
        Size of which ``share`` is found [m/s]; NaN where there is none.
    share : float
    """
    from matplotlib import colormaps

    figure, axes = blank("Δv [m/s]", "share of burns found")
    axes.set_prop_cycle(color=colormaps["tab20" if len(curves) > 10 else "tab10"](range(max(len(curves), 1))))
    for name, curve in curves.items():
        own = curve.sort_values("dv_m_s")
        size = sizes.get(name, np.nan)
        label = f"{name}: {share:.0%} at {size:.2g} m/s" if np.isfinite(size) else f"{name}: {share:.0%} not reached"
        (line,) = axes.plot(own["dv_m_s"], own["probability"], marker="o", markersize=3, linewidth=1.2, label=label)
        axes.fill_between(own["dv_m_s"], own["low"], own["high"], color=line.get_color(), alpha=0.12, linewidth=0)
        if np.isfinite(size):
            axes.plot([size], [share], marker="|", markersize=14, color=line.get_color())
    axes.axhline(share, color="black", linestyle="--", linewidth=0.8)
    axes.set(xscale="log", ylim=(-0.02, 1.02))
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize="small")
    return figure


def blank(x_label: str, y_label: str) -> tuple[Figure, Axes]:
    """An empty plot with a grid."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set(xlabel=x_label, ylabel=y_label)
    axes.grid(alpha=0.3)
    return figure, axes
