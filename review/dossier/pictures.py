"""The pictures of a dossier that no report has: inclination vectors, relative motion, the pattern of life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from orbits.geosynchronous import inclination_vector_deg
from review import figures
from review.dossier.pattern import Pattern, Step
from review.figures import AFTER, AXIS_OF_VALUES, BEFORE, BURN, INK, OTHER, Figure, plot_time, plot_times
from review.plots import mark_burn
from review.records import FlagRecord

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SQUARE_PX = 420
_FEWEST_DEG = 0.02  # that the axes of inclination vectors span


def inclinations(sets: pd.DataFrame, flag: FlagRecord, neighbors: Sequence[tuple[str, pd.DataFrame]]) -> Figure | None:
    """The way of the inclination vector (i cos Ω, i sin Ω) before and after the burn, and where the neighbors' were.

    Parameters
    ----------
    sets : DataFrame
        The object's element sets by epoch.
    flag : FlagRecord
    neighbors : sequence of (name, DataFrame)
        Their element sets; the one nearest the burn is drawn.
    """
    if sets.empty:
        return None
    x, y = _vector(sets)
    after = (sets["epoch"] >= flag.epoch_after).to_numpy()
    times = plot_times(sets["epoch"])
    split = int((~after).sum())
    data: list[dict[str, Any]] = []
    if 0 < split < len(sets):
        data.append(
            {
                "type": "scatter", "name": "burn", "mode": "lines", "hoverinfo": "skip",
                "x": x[split - 1 : split + 1], "y": y[split - 1 : split + 1], "line": {"color": BURN, "width": 3},
            }
        )  # fmt: skip
    for name, part, color, symbol in (
        ("before the burn", slice(None, split), BEFORE, "circle"),
        ("after the burn", slice(split, None), AFTER, "diamond"),
    ):
        data.append(
            {
                "type": "scatter", "name": name, "mode": "lines+markers", "x": x[part], "y": y[part], "customdata": times[part],
                "line": {"color": color, "width": 1}, "marker": {"color": color, "size": 5, "symbol": symbol},
                "hovertemplate": "(%{x:.4f}, %{y:.4f})°<extra>%{customdata}</extra>",
            }
        )  # fmt: skip
    layout = figures.frame(_SQUARE_PX)
    for name, theirs in neighbors:
        if theirs.empty:
            continue
        nearest = theirs.iloc[[int((theirs["epoch"] - pd.Timestamp(flag.burn_time)).abs().argmin())]]
        (at_x,), (at_y,) = _vector(nearest)
        data.append(
            {
                "type": "scatter", "name": name, "mode": "markers", "x": [at_x], "y": [at_y],
                "marker": {"color": INK, "size": 9, "symbol": "square-open"},
                "hovertemplate": f"(%{{x:.4f}}, %{{y:.4f}})°<extra>{figures.escaped(name)}</extra>",
            }
        )  # fmt: skip
        layout["annotations"].append(figures.note(name, x=at_x, y=at_y, yanchor="bottom", yshift=6))
    _square(layout, data)
    return {"data": data, "layout": layout}


def _vector(sets: pd.DataFrame) -> tuple[list[float | None], list[float | None]]:
    vectors = inclination_vector_deg(sets["inclination_deg"].to_numpy(), sets["raan_deg"].to_numpy())
    return figures.values(vectors[:, 0]), figures.values(vectors[:, 1])


def _square(layout: dict[str, Any], data: Sequence[dict[str, Any]]) -> None:
    """Axes of one scale about all that is drawn."""
    drawn = [np.array([value for trace in data for value in trace[axis]], dtype=np.float64) for axis in "xy"]
    middles = [0.5 * (np.nanmin(values) + np.nanmax(values)) for values in drawn]
    half = max(0.57 * max(float(np.ptp(values[np.isfinite(values)])) for values in drawn), _FEWEST_DEG)
    for axis, middle, text in zip("xy", middles, ("i cos Ω [°]", "i sin Ω [°]"), strict=True):
        layout[f"{axis}axis"] = {
            **AXIS_OF_VALUES,
            "range": [float(middle - half), float(middle + half)],
            "title": {"text": text, "font": {"size": 12}},
        }
    layout["yaxis"] |= {"scaleanchor": "x", "constrain": "domain"}
    layout["xaxis"] |= {"constrain": "domain"}


def relative(motion: pd.DataFrame, flag: FlagRecord, name: str) -> Figure | None:
    """A neighbor's distance and its place on the RTN axes of the object over the days around the burn.

    Parameters
    ----------
    motion : DataFrame
        As from `review.dossier.motion.relative_motion`.
    flag : FlagRecord
    name : str
        The neighbor's.
    """
    if motion.empty or not motion["range_km"].notna().any():
        return None
    titles = (
        f"Distance of {name} [km]",
        "It is above by (radial) [km]",
        "ahead by (along-track) [km]",
        "beside by (cross-track) [km]",
    )
    figure = figures.stacked(titles)
    after = (motion["epoch"] >= flag.burn_time).to_numpy()
    times, split = plot_times(motion["epoch"], "s"), int((~after).sum())
    if motion["unburnt_km"].notna().any():
        figure["data"].append(
            _line("without the burn", times, figures.values(motion["unburnt_km"].round(3)), OTHER, 0, dash="dot")
        )
    for index, column in enumerate(("range_km", "r_km", "t_km", "n_km")):
        values = figures.values(motion[column].round(3))
        figure["data"] += [
            _line("before the burn", times[:split], values[:split], BEFORE, index),
            _line("after the burn", times[split:], values[split:], AFTER, index),
        ]
    far = np.nanmax(motion["range_km"]) > 20 * np.nanmin(motion["range_km"])
    figures.axis_of(figure, 0).update(
        {"type": "log", "nticks": 4, "tickformat": "~r"} if far else {"rangemode": "tozero"}
    )
    mark_burn(figure, flag, [figures.panel(index) for index in range(len(titles))], [])
    return figure


def _line(name: str, x: list[str], y: list[float | None], color: str, row: int, dash: str = "solid") -> dict[str, Any]:
    return {
        "type": "scatter", "name": name, "mode": "lines", "x": x, "y": y, "xaxis": "x", "yaxis": figures.panel(row),
        "line": {"color": color, "width": 1.3, "dash": dash},
        "hovertemplate": f"%{{y:.2f}} km<extra>{name}, %{{x|%Y-%m-%d %H:%M}}</extra>",
    }  # fmt: skip


def life(pattern: Pattern, flag: FlagRecord) -> Figure:
    """The sizes of an object's burns over time, and the days since the burn before each; the one in question marked."""
    figure = figures.stacked(("Size of each burn, Δv [m/s]", "Days since the burn before it"))
    own = [step for step in pattern.steps if step.flag.flag_id == flag.flag_id]
    others = [step for step in pattern.steps if step.flag.flag_id != flag.flag_id]
    groups = (
        ("burns", [step for step in others if step.counts], {"color": BEFORE, "size": 7, "symbol": "circle"}),
        ("not counted", [step for step in others if not step.counts], {"color": OTHER, "size": 8, "symbol": "x-thin", "line": {"color": OTHER, "width": 1.5}}),
        ("this burn", own, {"color": BURN, "size": 13, "symbol": "star"}),
    )  # fmt: skip
    for row, unit in enumerate(("m/s", "days")):
        for name, steps, marker in groups:
            if steps:
                figure["data"].append(_points(name, steps, row, unit, marker))
        figures.axis_of(figure, row).update({"type": "log", "tickformat": "~r", "nticks": 4})
        usual = (pattern.dv_m_s, pattern.days)[row]
        if usual is not None and usual.low > 0:
            figure["layout"]["shapes"].append(
                {
                    "type": "rect", "name": "usual before", "xref": "paper", "x0": 0, "x1": 1, "yref": figures.panel(row),
                    "y0": usual.low, "y1": usual.high, "fillcolor": BEFORE, "opacity": 0.12, "line": {"width": 0}, "layer": "below",
                }
            )  # fmt: skip
    times = [step.flag.burn_time for step in pattern.steps]
    first, last = min(times), max(times)
    edge = max(0.03 * (last - first), pd.Timedelta(days=5))
    figure["layout"]["xaxis"]["range"] = [plot_time(first - edge), plot_time(last + edge)]
    return figure


def _points(name: str, steps: Sequence[Step], row: int, unit: str, marker: dict[str, Any]) -> dict[str, Any]:
    values = [step.flag.dv_m_s if row == 0 else step.days_since for step in steps]
    drawn = [(step, value) for step, value in zip(steps, values, strict=True) if value]  # a log axis has no zero
    return {
        "type": "scatter", "name": name, "mode": "markers", "xaxis": "x", "yaxis": figures.panel(row), "marker": marker,
        "x": [plot_time(step.flag.burn_time) for step, _ in drawn], "y": [value for _, value in drawn],
        "customdata": [figures.escaped(step.flag.kind) for step, _ in drawn],
        "hovertemplate": f"%{{y:.3~g}} {unit}, %{{customdata}}<extra>{name}, %{{x|%Y-%m-%d %H:%M}}</extra>",
    }  # fmt: skip
