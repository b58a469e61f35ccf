"""The pictures of a finding: who is where along the belt as time goes by, and how an orbit comes to another's plane.

Colors are names of CSS custom properties, as in `review.figures`. Neighbors are told apart by their dashes and by their names
beside the lines, so that a print and any color vision do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from review.figures import AFTER, BEFORE, BURN, INK, OTHER, escaped, plot_time, plot_times
from review.plots import dress
from review.tracks import longitude_at

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

_PX_A_DAY = 5
_SHORTEST_PX, _TALLEST_PX = 460, 900
_HEAD_PX = 104  # for the neighbors' names
_NAME_LETTERS = 16  # that have room there
_ROW_PX = 170
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
) -> go.Figure:
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
    figure = make_subplots(rows=1, cols=2, shared_yaxes=True, column_widths=[0.7, 0.3], horizontal_spacing=0.05)
    places = np.concatenate([way["longitude_deg"], foretold["longitude_deg"]])
    left, right = _span(places, [neighbor.way for neighbor in neighbors if neighbor.when is not None])
    first, last = _time_span(way, foretold, neighbors)
    _draw_neighbors(figure, neighbors, (left, right))
    _draw_forecast(figure, foretold, neighbors)
    for name, part, color, symbol in _parts(way, burns, told_at):
        for column, values, unit in ((1, "longitude_deg", "° E"), (2, "drift_deg_day", "°/day")):
            figure.add_scatter(
                x=part[values].tolist(),
                y=plot_times(part["epoch"]),
                name=name,
                mode="lines+markers",
                line={"color": color, "width": 1.5},
                marker={"color": color, "size": 6, "symbol": symbol},
                hovertemplate=f"%{{x:.3f}}{unit}<extra>%{{y|%Y-%m-%d %H:%M}}</extra>",
                row=1,
                col=column,
            )
    _mark_burns(figure, way, burns)
    dress(figure, height=_HEAD_PX + int(np.clip(_PX_A_DAY * (last - first).days, _SHORTEST_PX, _TALLEST_PX)))
    figure.update_layout(showlegend=False, margin={"l": 8, "r": 26, "t": _HEAD_PX, "b": 44})
    ticks = _longitude_ticks(left, right)
    figure.update_xaxes(
        range=[left, right], tickvals=ticks, ticktext=[longitude_text(tick) for tick in ticks], row=1, col=1
    )
    figure.update_xaxes(title={"text": "Longitude", "font": {"size": 12}}, row=1, col=1)
    figure.update_xaxes(title={"text": "Drift east [°/day]", "font": {"size": 12}}, nticks=5, row=1, col=2)
    figure.add_vline(x=0.0, line={"color": INK, "width": 1}, row=1, col=2)
    # Time runs down, as in an analyst's waterfall.
    figure.update_yaxes(range=[plot_time(last), plot_time(first)], tickformat="%b %d\n%Y", nticks=12)
    return figure


def approach(
    way: pd.DataFrame, neighbors: Sequence[tuple[str, pd.DataFrame]], burns: Sequence[Burn], told_at: datetime
) -> go.Figure:
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
    spacing = 0.24 / len(titles)
    figure = make_subplots(rows=len(titles), shared_xaxes=True, vertical_spacing=spacing, subplot_titles=titles)
    for name, part, color, symbol in _parts(way, burns, told_at):
        figure.add_scatter(
            x=plot_times(part["epoch"]),
            y=part["a_km"].tolist(),
            name=name,
            mode="lines+markers",
            line={"color": color, "width": 1},
            marker={"color": color, "size": 5, "symbol": symbol},
            hovertemplate="%{y:.4f} km<extra>%{x|%Y-%m-%d %H:%M}</extra>",
            row=1,
            col=1,
        )
    for index, (name, frame) in enumerate(drawn):
        for row, column, form in ((2, "plane_angle_deg", ".3f"), (3, "delta_a_km", ".2f")):
            figure.add_scatter(
                x=plot_times(frame["epoch"]),
                y=frame[column].tolist(),
                name=name,
                mode="lines",
                line={"color": INK, "width": 1.5, "dash": DASHES[index % len(DASHES)]},
                hovertemplate=f"%{{y:{form}}}<extra>{escaped(name)}</extra>",
                row=row,
                col=1,
            )
            figure.add_annotation(
                x=plot_time(frame["epoch"].iloc[-1]), y=float(frame[column].iloc[-1]), text=escaped(name),
                xanchor="right", yanchor="bottom", showarrow=False, font={"size": 11, "color": INK}, row=row, col=1,
            )  # fmt: skip
    for burn in burns:
        figure.add_vline(x=plot_time(burn.time), line={"color": BURN, "width": 1.5, "dash": "dash"}, name="burn")
        figure.add_annotation(
            x=plot_time(burn.time), y=1.0, yref="paper", yanchor="bottom", text=str(burn.number), showarrow=False,
            font={"size": 11, "color": BURN},
        )  # fmt: skip
    dress(figure, height=70 + _ROW_PX * len(titles))
    figure.update_layout(showlegend=False)
    edge = 0.02 * (way["epoch"].max() - way["epoch"].min())
    figure.update_xaxes(range=[plot_time(way["epoch"].min() - edge), plot_time(way["epoch"].max() + edge)])
    for annotation in figure.layout.annotations:
        if annotation.text in titles:
            annotation.update(x=0, xanchor="left", font={"size": 12, "color": INK})
    return figure


def longitude_text(longitude_deg: float) -> str:
    """A longitude as people write it: 98.9° E, 61.5° W."""
    east = round((longitude_deg + 180.0) % 360.0 - 180.0, 2)
    return f"{abs(east):g}° {'E' if east >= 0 else 'W'}"


def _parts(way: pd.DataFrame, burns: Sequence[Burn], told_at: datetime) -> list[tuple[str, pd.DataFrame, str, str]]:
    """The sets before the first burn, since then, and those that nobody had when the last news were told."""
    earlier = way["epoch"] <= (burns[0].low if burns else told_at)
    told = way["available_at"] <= told_at
    return [
        ("before the finding", way[earlier], BEFORE, "circle"),
        ("since then", way[~earlier & told], AFTER, "diamond"),
        ("after its last news", way[~earlier & ~told], AFTER, "diamond-open"),
    ]


def _draw_neighbors(figure: go.Figure, neighbors: Sequence[Neighbor], span: tuple[float, float]) -> None:
    """The neighbors' ways, and over the picture their names, which give one another room."""
    ends = []
    for index, neighbor in enumerate(neighbors):
        way = neighbor.way
        ahead = [] if neighbor.when is None else [neighbor.when_high or neighbor.when]
        figure.add_scatter(
            x=[*way["longitude_deg"], *(longitude_at(way, time) for time in ahead)],
            y=[*plot_times(way["epoch"]), *map(plot_time, ahead)],
            name=neighbor.name,
            mode="lines",
            line={"color": INK, "width": 1.2, "dash": DASHES[index % len(DASHES)]},
            hovertemplate=f"%{{x:.3f}}° E<extra>{escaped(neighbor.name)}</extra>",
            row=1,
            col=1,
        )
        inside = way[way["longitude_deg"].between(*span)]
        if len(inside):
            ends.append((float(inside["longitude_deg"].iloc[0]), neighbor.name))
    width = span[1] - span[0]
    taken = -np.inf
    for place, name in sorted(ends):
        shown = max(place, taken + width / 18)  # so much room do slanted names need on a telephone
        taken = shown
        figure.add_annotation(
            x=min(place, span[1]), ax=min(shown, span[1]), axref="x", y=1.0, yref="y domain", ay=-8,
            text=escaped(_short(name)), textangle=-60, xanchor="left", yanchor="bottom", showarrow=True, arrowhead=0,
            arrowwidth=1, arrowcolor=OTHER, font={"size": 11, "color": INK}, row=1, col=1,
        )  # fmt: skip


def _draw_forecast(figure: go.Figure, foretold: pd.DataFrame, neighbors: Sequence[Neighbor]) -> None:
    if len(foretold):
        times = plot_times(foretold["epoch"])
        figure.add_scatter(
            x=[*foretold["low_deg"], *foretold["high_deg"][::-1]],
            y=[*times, *times[::-1]],
            name="band",
            mode="lines",
            line={"width": 0},
            fill="toself",
            fillcolor=AFTER,
            opacity=0.18,
            hoverinfo="skip",
            row=1,
            col=1,
        )
        figure.add_scatter(
            x=foretold["longitude_deg"].tolist(),
            y=times,
            name="left alone",
            mode="lines",
            line={"color": AFTER, "width": 2, "dash": "dash"},
            hovertemplate="%{x:.2f}° E if left alone<extra>%{y|%Y-%m-%d}</extra>",
            row=1,
            col=1,
        )
    for neighbor in neighbors:
        if neighbor.when is None:
            continue
        place = longitude_at(neighbor.way, neighbor.when)
        figure.add_scatter(
            x=[place] * 2,
            y=[plot_time(neighbor.when_low or neighbor.when), plot_time(neighbor.when_high or neighbor.when)],
            name="earliest and latest",
            mode="lines",
            line={"color": BURN, "width": 2.5},
            hovertemplate="%{y|%Y-%m-%d %H:%M}<extra></extra>",
            row=1,
            col=1,
        )
        figure.add_scatter(
            x=[place],
            y=[plot_time(neighbor.when)],
            name="nearest",
            mode="markers",
            marker={"color": BURN, "size": 10, "symbol": "x-thin", "line": {"color": BURN, "width": 2.5}},
            hovertemplate=f"nearest to {escaped(neighbor.name)}<extra>%{{y|%Y-%m-%d %H:%M}}</extra>",
            row=1,
            col=1,
        )


def _mark_burns(figure: go.Figure, way: pd.DataFrame, burns: Sequence[Burn]) -> None:
    if not burns:
        return
    for burn in burns:
        figure.add_hline(
            y=plot_time(burn.time), line={"color": BURN, "width": 1, "dash": "dot"}, name="burn", layer="below"
        )
    figure.add_scatter(
        x=[longitude_at(way, burn.time) for burn in burns],
        y=[plot_time(burn.time) for burn in burns],
        name="burns",
        mode="markers",
        marker={"color": BURN, "size": 11, "symbol": "star-triangle-down"},
        customdata=[burn.number for burn in burns],
        hovertemplate="burn %{customdata}<extra>%{y|%Y-%m-%d %H:%M}</extra>",
        row=1,
        col=1,
    )
    labeled = None
    apart = (way["epoch"].max() - way["epoch"].min()) / _LINES
    for burn in burns:
        if labeled is not None and burn.time - labeled < apart:
            continue
        labeled = burn.time
        figure.add_annotation(
            x=1.0, xref="paper", xanchor="left", xshift=4, y=plot_time(burn.time), text=str(burn.number), showarrow=False,
            font={"size": 11, "color": BURN},
        )  # fmt: skip


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
