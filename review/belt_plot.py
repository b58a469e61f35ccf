"""The picture of the belt: longitude across, drift up and down, what was flagged standing out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from review.belt import STANDING_DEG_DAY, Marked
from review.figures import AFTER, AXIS, BEFORE, BURN, INK, OTHER, Figure, escaped, frame, ink, values
from review.finding_plots import longitude_text

_TICKS_DEG_DAY = (0.02, 0.1, 0.5, 2.0, 10.0, 40.0)
_EVEN_DEG_DAY = 0.01  # the scale of the drift is even within it, and logarithmic beyond
_LABELS = 16
_APART_DEG, _LEVEL = 36.0, 1.4  # room for a name on a wide screen, across the whole belt and up or down
_HEIGHT_PX = 460
_EDGE = 0.07


def belt_figure(belt: pd.DataFrame, chosen: NDArray[np.bool_], marked: Mapping[int, Marked]) -> Figure:
    """Where the objects of the belt are and how they drift.

    The axis of the drift is asinh(drift / 0.01°/day): even about zero, where most keep their place, and logarithmic far
    from it.

    Parameters
    ----------
    belt : DataFrame
        As from `review.belt.belt`, with ``name``.
    chosen : (N,) array of bool
        Those that the reader asked for; the others are drawn faintly.
    marked : mapping
        By object.
    """
    layout = frame(_HEIGHT_PX) | {"showlegend": False, "hovermode": "closest"}
    layout["margin"] = {"l": 8, "r": 16, "t": 16, "b": 44}
    west, east = (-180.0, 180.0)
    shown = belt[chosen]["longitude_deg"]
    if 0 < len(shown) < len(belt) and shown.max() - shown.min() < 180.0:
        west, east = max(-180.0, shown.min() - 6.0), min(180.0, shown.max() + 6.0)
    step = 30.0 if east - west > 120.0 else 10.0 if east - west > 40.0 else 5.0 if east - west > 15.0 else 1.0
    places = np.arange(np.ceil(west / step), np.floor(east / step) + 1) * step
    layout["xaxis"] = {
        **AXIS,
        "range": [float(west), float(east)],
        "tickvals": places.tolist(),
        "ticktext": [longitude_text(place) for place in places],
        "title": {"text": "Mean longitude", "font": ink(12)},
    }
    drifts = [*(-drift for drift in reversed(_TICKS_DEG_DAY)), 0.0, *_TICKS_DEG_DAY]
    layout["yaxis"] = {
        **AXIS,
        "tickvals": values(_scaled(np.array(drifts))),
        "ticktext": [f"{abs(drift):g}{' E' if drift > 0 else ' W' if drift < 0 else ''}" for drift in drifts],
        "title": {"text": "Drift [°/day]", "font": ink(12)},
        "zeroline": True,
        "zerolinecolor": INK,
    }
    has = belt["norad_id"].map(lambda one: marked.get(one, _NOTHING))
    finding = np.array([bool(one.finding_id) for one in has], dtype=bool)
    flagged = np.array([one.flags > 0 for one in has], dtype=bool) & ~finding
    east_going = belt["drift_deg_day"].to_numpy() >= STANDING_DEG_DAY
    west_going = belt["drift_deg_day"].to_numpy() <= -STANDING_DEG_DAY
    plain = chosen & ~finding & ~flagged
    data = [
        _trace("others", belt[~chosen], {"color": OTHER, "size": 4, "opacity": 0.35}, marked),
        _trace(
            "in place", belt[plain & ~east_going & ~west_going], {"color": BEFORE, "size": 6, "opacity": 0.75}, marked
        ),
        _trace(
            "drifting east", belt[plain & east_going], {"color": AFTER, "size": 8, "symbol": "triangle-right"}, marked
        ),
        _trace(
            "drifting west", belt[plain & west_going], {"color": AFTER, "size": 8, "symbol": "triangle-left"}, marked
        ),
        _trace(
            "flagged",
            belt[chosen & flagged],
            {"color": BURN, "size": 9, "symbol": "diamond-open", "line": {"color": BURN, "width": 2}},
            marked,
        ),
        _trace("finding", belt[chosen & finding], {"color": BURN, "size": 13, "symbol": "star"}, marked),
    ]
    layout["annotations"] = _names(belt[chosen & finding], (float(west), float(east)), marked)
    return {"data": [trace for trace in data if trace["x"]], "layout": layout}


_NOTHING = Marked()


def _scaled(drift_deg_day: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arcsinh(drift_deg_day / _EVEN_DEG_DAY)


def _trace(name: str, rows: pd.DataFrame, marker: dict[str, Any], marked: Mapping[int, Marked]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": values(rows["longitude_deg"]),
        "y": values(_scaled(rows["drift_deg_day"].to_numpy())),
        "marker": marker,
        "customdata": [_said(*row, marked) for row in _columns(rows)],
        "meta": "/objects/",
        "hovertemplate": "<b>%{customdata[1]}</b> %{customdata[0]}<br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>",
    }


def _columns(rows: pd.DataFrame) -> Sequence[tuple[int, str, float, float]]:
    names = ("norad_id", "name", "longitude_deg", "drift_deg_day")
    return list(zip(*(rows[name].tolist() for name in names), strict=True))


def _said(
    norad_id: int, name: str, longitude_deg: float, drift_deg_day: float, marked: Mapping[int, Marked]
) -> list[int | str]:
    mark = marked.get(norad_id, _NOTHING)
    on_record = [mark.finding] if mark.finding else []
    if mark.flags:
        on_record.append(f"{mark.flags} flag{'s' if mark.flags > 1 else ''}")
    where = f"{longitude_text(longitude_deg)}, {drift_deg_day:+.3f}°/day"
    return [norad_id, escaped(name or "object"), where, escaped(", ".join(on_record))]


def _names(rows: pd.DataFrame, span: tuple[float, float], marked: Mapping[int, Marked]) -> list[dict[str, Any]]:
    """The names of the objects with findings, the most unexpected first, as far as there is room for them."""
    apart = _APART_DEG * (span[1] - span[0]) / 360.0
    ranked = sorted(_columns(rows), key=lambda row: -(marked[row[0]].unexpectedness or 0.0))
    taken: list[tuple[float, float, bool]] = []
    notes = []
    for norad_id, name, longitude, drift in ranked:
        height = float(_scaled(np.array(drift)))
        for above in (True, False):
            crowded = any(
                abs(longitude - other) < apart and abs(height - level) < _LEVEL and side is above
                for other, level, side in taken
            )
            if not crowded:
                taken.append((longitude, height, above))
                notes.append(_name(longitude, height, name or str(norad_id), above, span))
                break
        if len(notes) == _LABELS:
            break
    return notes


def _name(longitude_deg: float, height: float, name: str, above: bool, span: tuple[float, float]) -> dict[str, Any]:
    place = (longitude_deg - span[0]) / (span[1] - span[0])
    side = "left" if place < _EDGE else "right" if place > 1.0 - _EDGE else "center"  # names stay within the picture
    arrow = {
        "showarrow": True,
        "arrowhead": 0,
        "arrowwidth": 1,
        "arrowcolor": OTHER,
        "ax": 0,
        "ay": -24 if above else 24,
    }
    where = {"x": longitude_deg, "y": height, "xanchor": side}
    return {**where, "text": escaped(name), "font": ink(11), "bgcolor": "var(--paper)", **arrow}
