"""Figures as plotly.js reads them: plain values, since to have each part checked takes longer than all the rest of a page.

Colors are names of CSS custom properties (``var(--burn)``): the page's script puts in what the reader's color scheme
says, so that one figure serves light, dark and paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

Figure = dict[str, Any]  # its "data" and its "layout"

BEFORE, AFTER, BURN, OTHER = "var(--before)", "var(--after)", "var(--burn)", "var(--quiet)"
INK, GRID, CLEAR = "var(--ink-soft)", "var(--grid)", "rgba(0,0,0,0)"
FONT = "system-ui, sans-serif"

_TOP_PX, _BOTTOM_PX, _BETWEEN_PX = 28, 36, 32
AXIS = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True, "ticks": ""}
AXIS_OF_VALUES = {**AXIS, "nticks": 5, "tickformat": ".7~f"}


def frame(height_px: int) -> dict[str, Any]:
    """A layout with what all figures have in common: colors that follow the reader's scheme, quiet axes, a height."""
    return {
        "height": height_px,
        "margin": {"l": 8, "r": 12, "t": _TOP_PX, "b": _BOTTOM_PX},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"color": INK, "size": 11, "family": FONT},
        "hoverlabel": {"font": {"family": FONT}},
        "dragmode": "zoom",
        "showlegend": False,
        "shapes": [],
        "annotations": [],
    }


def stacked(titles: Sequence[str], row_px: int = 118) -> Figure:
    """Panels one above another over one axis of time, each with its title; traces name their panel by `panel`."""
    count = max(len(titles), 1)
    inner = count * row_px + (count - 1) * _BETWEEN_PX
    layout = frame(_TOP_PX + inner + _BOTTOM_PX)
    layout["xaxis"] = {**AXIS, "type": "date", "anchor": panel(count - 1)}
    for index in range(count):
        top = 1.0 - index * (row_px + _BETWEEN_PX) / inner
        axis = {**AXIS_OF_VALUES, "domain": [max(top - row_px / inner, 0.0), top], "anchor": "x"}
        layout[panel(index).replace("y", "yaxis")] = axis
    for index, text in enumerate(titles):
        top = 1.0 - index * (row_px + _BETWEEN_PX) / inner
        layout["annotations"].append(title(text, top))
    return {"data": [], "layout": layout}


def panel(index: int) -> str:
    """The name of the axis of values of a panel, the uppermost 0."""
    return "y" if index == 0 else f"y{index + 1}"


def axis_of(figure: Figure, index: int) -> dict[str, Any]:
    """The axis of values of a panel, to change it."""
    axis: dict[str, Any] = figure["layout"][panel(index).replace("y", "yaxis")]
    return axis


def title(text: str, top: float = 1.0) -> dict[str, Any]:
    """A panel's title, over its left end."""
    return note(text, x=0, xref="paper", xanchor="left", y=top, yref="paper", yanchor="bottom", font=ink(12))


def note(text: str, **place: Any) -> dict[str, Any]:  # noqa: ANN401
    """A text in a figure."""
    return {"text": escaped(text), "showarrow": False, "font": ink(11), **place}


def ink(size: int, color: str = INK) -> dict[str, Any]:
    """A font of text in a figure."""
    return {"size": size, "color": color}


def escaped(text: str) -> str:
    """Text of strangers for a figure: plotly.js reads a few tags in texts."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def upright(
    time: datetime, name: str, line: dict[str, Any], panels: Iterable[str] = ("paper",)
) -> list[dict[str, Any]]:
    """A line at a time: through each of some panels, or through the whole figure."""
    at = plot_time(time)
    return [{"type": "line", "name": name, "x0": at, "x1": at, "line": line, **_height(one)} for one in panels]


def band(low: datetime, high: datetime, name: str, color: str, panels: Iterable[str]) -> list[dict[str, Any]]:
    """A stretch of time, shaded in each of some panels."""
    look = {"type": "rect", "fillcolor": color, "opacity": 0.18, "line": {"width": 0}, "layer": "below", "name": name}
    return [{**look, "x0": plot_time(low), "x1": plot_time(high), **_height(one)} for one in panels]


def _height(axis: str) -> dict[str, Any]:
    return {"xref": "x", "yref": axis if axis == "paper" else f"{axis} domain", "y0": 0, "y1": 1}


def values(numbers: ArrayLike) -> list[float | None]:
    """Numbers as JSON has them: what is not finite is null, where a line breaks."""
    array = np.asarray(numbers, dtype=np.float64)
    return [value if finite else None for value, finite in zip(array.tolist(), np.isfinite(array), strict=True)]


def span_of(numbers: ArrayLike, share: float = 0.08) -> list[float]:
    """Ends of an axis that shows all finite numbers, with a margin."""
    array = np.asarray(numbers, dtype=np.float64)
    array = array[np.isfinite(array)]
    if not array.size:
        return [0.0, 1.0]
    low, high = float(array.min()), float(array.max())
    margin = share * (high - low) or max(abs(high), 1.0) * 1e-6
    return [low - margin, high + margin]


def plot_times(times: pd.Series, unit: Literal["s", "us"] = "us") -> list[str]:
    """Times as plotly.js reads them, to the second where many are drawn."""
    # Without a zone: plotly.js would move a time with one into the reader's.
    naive = times.dt.tz_convert("UTC").dt.tz_localize(None) if times.dt.tz is not None else times
    text: list[str] = np.datetime_as_string(naive.to_numpy(f"datetime64[{unit}]")).tolist()
    return text


def plot_time(time: datetime) -> str:
    """A time as plotly.js reads it."""
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")
