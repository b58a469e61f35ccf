"""The pictures of a finding: who is where along the belt as time goes by, and how an orbit comes to another's plane.

Colors are names of CSS custom properties, as in `review.figures`. Neighbors are told apart by their dashes and by their names
beside the lines, so that a print and any color vision do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from review import figures
from review.figures import AFTER, AXIS, BEFORE, BURN, INK, OTHER, Figure, escaped, plot_time, plot_times
from review.tracks import longitude_at

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

_PX_A_DAY = 5
_SHORTEST_PX, _TALLEST_PX = 460, 900
_HEAD_PX = 104  # for the neighbors' names
_NAME_LETTERS = 14  # that have room there
_ROW_PX = 138
_LEFT, _RIGHT = (0.0, 0.665), (0.715, 1.0)  # of the waterfall's two panels
_LINES = 36  # numbers of burns that a picture has room for


@dataclass(frozen=True, slots=True)
class Burn:
    """One burn of a finding as its pictures mark it: its number in the table, when, and within what."""

    number: int
    time: datetime
    low: datetime
    high: datetime


@dataclass(frozen=True, slots=True)
class Neighbor:
    """Another object of a finding: its way as from `review.tracks.track`, and when they meet, if that is foretold."""

    norad_id: int
    name: str
    way: pd.DataFrame
    when: datetime | None = None
    when_low: datetime | None = None
    when_high: datetime | None = None


def waterfall(
    way: pd.DataFrame,
    neighbors: Sequence[Neighbor],
    burns: Sequence[Burn],
    foretold: pd.DataFrame,
    told_at: datetime,
) -> Figure:
    """Longitudes along the belt, time running down, and beside them the object's drift.

    Parameters
    ----------
    way : DataFrame
        The object's way, as from `review.tracks.track`.
    neighbors : sequence of Neighbor
        Their ways by whole turns where the object's is.
    burns : sequence of Burn
    foretold : DataFrame
        As from `review.tracks.forecast`.
    told_at : datetime
        When the finding's last news were told: sets that came later are drawn hollow.
    """
    places = np.concatenate([way["longitude_deg"], foretold["longitude_deg"]])
    left, right = _span(places, [neighbor.way for neighbor in neighbors if neighbor.when is not None])
    first, last = _time_span(way, foretold, neighbors)
    height = _HEAD_PX + int(np.clip(_PX_A_DAY * (last - first).days, _SHORTEST_PX, _TALLEST_PX))
    layout = figures.frame(height) | {"margin": {"l": 8, "r": 26, "t": _HEAD_PX, "b": 44}}
    ticks = _longitude_ticks(left, right)
    layout["xaxis"] = {
        **_values_axis("Longitude", _LEFT),
        "range": [left, right],
        "tickvals": ticks,
        "ticktext": [longitude_text(tick) for tick in ticks],
    }
    layout["xaxis2"] = {**_values_axis("Drift east [°/day]", _RIGHT), "nticks": 5}
    # Time runs down, as in an analyst's waterfall.
    layout["yaxis"] = {
        **AXIS, "type": "date", "range": [plot_time(last), plot_time(first)], "tickformat": "%Y-%m-%d", "nticks": 12,
    }  # fmt: skip
    layout["shapes"].append(
        {"type": "line", "name": "no drift", "xref": "x2", "yref": "y domain", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "line": {"color": INK, "width": 1}}
    )  # fmt: skip
    figure: Figure = {"data": [], "layout": layout}
    _draw_neighbors(figure, neighbors, (left, right))
    _draw_forecast(figure, foretold, neighbors)
    for name, part, color, symbol in _parts(way, burns, told_at):
        times = plot_times(part["epoch"])
        for axis, values, unit in (("x", "longitude_deg", "° E"), ("x2", "drift_deg_day", "°/day")):
            trace = _dots(name, color, symbol, 6) | {"x": figures.values(part[values]), "y": times, "xaxis": axis}
            figure["data"].append(
                {**trace, "yaxis": "y", "hovertemplate": f"%{{x:.3f}}{unit}<extra>%{{y|%Y-%m-%d %H:%M}}</extra>"}
            )
    _mark_burns(figure, way, burns)
    return figure


def approach(
    way: pd.DataFrame, neighbors: Sequence[tuple[str, pd.DataFrame]], burns: Sequence[Burn], told_at: datetime
) -> Figure:
    """The object's semi-major axis over time, and its plane's angle to each neighbor's and the difference in size.

    Parameters
    ----------
    way : DataFrame
        As from `review.tracks.track`.
    neighbors : sequence of (name, DataFrame)
        As from `review.tracks.planes`.
    burns : sequence of Burn
    told_at : datetime
        When the finding's last news were told: sets that came later are drawn hollow.
    """
    drawn = [(name, frame) for name, frame in neighbors if len(frame)]
    titles = ["Semi-major axis [km]"]
    if drawn:
        titles += ["Angle to the neighbor's plane [°]", "Neighbor's semi-major axis less the object's [km]"]
    figure = figures.stacked(titles, _ROW_PX)
    panels = [figures.panel(row) for row in range(len(titles))]
    for name, part, color, symbol in _parts(way, burns, told_at):
        trace = _dots(name, color, symbol, 5) | {"x": plot_times(part["epoch"]), "y": figures.values(part["a_km"])}
        figure["data"].append(
            {**trace, **_at(panels[0]), "hovertemplate": "%{y:.4f} km<extra>%{x|%Y-%m-%d %H:%M}</extra>"}
        )
    for index, (name, frame) in enumerate(drawn):
        times = plot_times(frame["epoch"])
        for row, column, form in ((1, "plane_angle_deg", ".3f"), (2, "delta_a_km", ".2f")):
            figure["data"].append(
                {
                    **_line(name, INK, 1.5, DASHES[index % len(DASHES)]), **_at(panels[row]),
                    "x": times, "y": figures.values(frame[column]), "hovertemplate": f"%{{y:{form}}}<extra>{escaped(name)}</extra>",
                }
            )  # fmt: skip
            end = {"x": times[-1], "y": float(frame[column].iloc[-1]), "xref": "x", "yref": panels[row]}
            figure["layout"]["annotations"].append(figures.note(name, **end, xanchor="right", yanchor="bottom"))
    for burn in burns:
        look = {"color": BURN, "width": 1.5, "dash": "dash"}
        figure["layout"]["shapes"] += figures.upright(burn.time, "burn", look, panels)
        place = {"x": plot_time(burn.time), "xref": "x", "y": 1.0, "yref": "paper", "yanchor": "bottom"}
        figure["layout"]["annotations"].append(figures.note(str(burn.number), **place, font=figures.ink(11, BURN)))
    edge = 0.02 * (way["epoch"].max() - way["epoch"].min())
    ends = way["epoch"].min() - edge, way["epoch"].max() + edge
    figure["layout"]["xaxis"]["range"] = [plot_time(end) for end in ends]
    return figure


def longitude_text(longitude_deg: float) -> str:
    """A longitude as people write it: 98.9° E, 61.5° W."""
    east = round((longitude_deg + 180.0) % 360.0 - 180.0, 2)
    return f"{abs(east):g}° {'E' if east >= 0 else 'W'}"


def _values_axis(title: str, domain: tuple[float, float]) -> dict[str, Any]:
    return {**AXIS, "domain": list(domain), "anchor": "y", "title": {"text": title, "font": {"size": 12}}}


def _at(panel: str) -> dict[str, str]:
    return {"xaxis": "x", "yaxis": panel}


def _dots(name: str, color: str, symbol: str, size: int) -> dict[str, Any]:
    marker = {"color": color, "size": size, "symbol": symbol}
    return _line(name, color, 1.0 if size < 6 else 1.5, "solid") | {"mode": "lines+markers", "marker": marker}


def _line(name: str, color: str, width: float, dash: str) -> dict[str, Any]:
    look = {"color": color, "width": width, "dash": dash}
    return {"type": "scatter", "name": name, "mode": "lines", "line": look}


def _parts(way: pd.DataFrame, burns: Sequence[Burn], told_at: datetime) -> list[tuple[str, pd.DataFrame, str, str]]:
    """The sets before the first burn, since then, and those that nobody had when the last news were told."""
    earlier = way["epoch"] <= (burns[0].low if burns else told_at)
    told = way["available_at"] <= told_at
    return [
        ("before the finding", way[earlier], BEFORE, "circle"),
        ("since then", way[~earlier & told], AFTER, "diamond"),
        ("after its last news", way[~earlier & ~told], AFTER, "diamond-open"),
    ]


def _draw_neighbors(figure: Figure, neighbors: Sequence[Neighbor], span: tuple[float, float]) -> None:
    """The neighbors' ways, and over the picture their names, which give one another room."""
    ends = []
    for index, neighbor in enumerate(neighbors):
        way = neighbor.way
        ahead = [] if neighbor.when is None else [neighbor.when_high or neighbor.when]
        figure["data"].append(
            {
                **_line(neighbor.name, INK, 1.2, DASHES[index % len(DASHES)]), **_at("y"),
                "x": figures.values([*way["longitude_deg"], *(longitude_at(way, time) for time in ahead)]),
                "y": [*plot_times(way["epoch"]), *map(plot_time, ahead)],
                "hovertemplate": f"%{{x:.3f}}° E<extra>{escaped(neighbor.name)}</extra>",
            }
        )  # fmt: skip
        inside = way[way["longitude_deg"].between(*span)]
        if len(inside):
            ends.append((float(inside["longitude_deg"].iloc[0]), neighbor.name))
    width = span[1] - span[0]
    taken = -np.inf
    for place, name in sorted(ends):
        shown = max(place, taken + width / 18)  # so much room do slanted names need on a telephone
        taken = shown
        arrow = {"showarrow": True, "arrowhead": 0, "arrowwidth": 1, "arrowcolor": OTHER, "axref": "x", "ay": -8}
        where = {"xref": "x", "yref": "y domain", "y": 1.0, "xanchor": "left", "yanchor": "bottom", "textangle": -60}
        figure["layout"]["annotations"].append(
            figures.note(_short(name), **arrow, **where, x=min(place, span[1]), ax=min(shown, span[1]))
        )


def _draw_forecast(figure: Figure, foretold: pd.DataFrame, neighbors: Sequence[Neighbor]) -> None:
    if len(foretold):
        times = plot_times(foretold["epoch"])
        low, middle, high = (figures.values(foretold[name]) for name in ("low_deg", "longitude_deg", "high_deg"))
        figure["data"] += [
            {
                "type": "scatter", "name": "band", "mode": "lines", **_at("y"), "x": [*low, *high[::-1]], "y": [*times, *times[::-1]],
                "line": {"width": 0}, "fill": "toself", "fillcolor": AFTER, "opacity": 0.18, "hoverinfo": "skip",
            },
            {
                **_line("left alone", AFTER, 2, "dash"), **_at("y"), "x": middle, "y": times,
                "hovertemplate": "%{x:.2f}° E if left alone<extra>%{y|%Y-%m-%d}</extra>",
            },
        ]  # fmt: skip
    for neighbor in neighbors:
        if neighbor.when is None:
            continue
        place = longitude_at(neighbor.way, neighbor.when)
        ends = neighbor.when_low or neighbor.when, neighbor.when_high or neighbor.when
        figure["data"] += [
            {
                **_line("earliest and latest", BURN, 2.5, "solid"), **_at("y"), "x": figures.values([place] * 2),
                "y": [plot_time(end) for end in ends], "hovertemplate": "%{y|%Y-%m-%d %H:%M}<extra></extra>",
            },
            {
                "type": "scatter", "name": "nearest", "mode": "markers", **_at("y"),
                "x": figures.values([place]), "y": [plot_time(neighbor.when)],
                "marker": {"color": BURN, "size": 10, "symbol": "x-thin", "line": {"color": BURN, "width": 2.5}},
                "hovertemplate": f"nearest to {escaped(neighbor.name)}<extra>%{{y|%Y-%m-%d %H:%M}}</extra>",
            },
        ]  # fmt: skip


def _mark_burns(figure: Figure, way: pd.DataFrame, burns: Sequence[Burn]) -> None:
    if not burns:
        return
    layout = figure["layout"]
    for burn in burns:
        level = {"type": "line", "name": "burn", "layer": "below", "yref": "y", "x0": 0, "x1": 1}
        at = plot_time(burn.time)
        look = {"color": BURN, "width": 1, "dash": "dot"}
        layout["shapes"] += [{**level, "xref": f"{x} domain", "y0": at, "y1": at, "line": look} for x in ("x", "x2")]
    figure["data"].append(
        {
            "type": "scatter", "name": "burns", "mode": "markers", **_at("y"),
            "x": figures.values([longitude_at(way, burn.time) for burn in burns]),
            "y": [plot_time(burn.time) for burn in burns],
            "marker": {"color": BURN, "size": 11, "symbol": "star-triangle-down"},
            "customdata": [burn.number for burn in burns],
            "hovertemplate": "burn %{customdata}<extra>%{y|%Y-%m-%d %H:%M}</extra>",
        }
    )  # fmt: skip
    labeled = None
    apart = (way["epoch"].max() - way["epoch"].min()) / _LINES
    for burn in burns:
        if labeled is not None and burn.time - labeled < apart:
            continue
        labeled = burn.time
        place = {"x": 1.0, "xref": "paper", "xanchor": "left", "xshift": 4, "y": plot_time(burn.time), "yref": "y"}
        layout["annotations"].append(figures.note(str(burn.number), **place, font=figures.ink(11, BURN)))


def _span(places: np.ndarray, met: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """What the longitudes span, with those of the objects that are met, and a margin [deg]."""
    ends = [float(way["longitude_deg"].iloc[-1]) for way in met if len(way)]
    low, high = min([places.min(), *ends]), max([places.max(), *ends])
    margin = max(0.06 * (high - low), 0.4)
    return float(low - margin), float(high + margin)


def _time_span(
    way: pd.DataFrame, foretold: pd.DataFrame, neighbors: Sequence[Neighbor]
) -> tuple[pd.Timestamp, pd.Timestamp]:
    meetings = [pd.Timestamp(neighbor.when_high or neighbor.when) for neighbor in neighbors if neighbor.when]
    first, last = way["epoch"].min(), max([way["epoch"].max(), *foretold["epoch"].tail(1), *meetings])
    edge = 0.02 * (last - first) + pd.Timedelta(hours=6)
    return first - edge, last + edge


def _longitude_ticks(left: float, right: float) -> list[float]:
    steps = np.array([0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 90])
    step = float(steps[min(int(np.searchsorted(steps, (right - left) / 6.5)), len(steps) - 1)])
    return [float(tick) for tick in np.arange(np.ceil(left / step), np.floor(right / step) + 1) * step]


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LETTERS else f"{name[: _NAME_LETTERS - 1].rstrip(' (')}…"
