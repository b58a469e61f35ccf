"""The figures of a report.

Colors are names of CSS custom properties (``var(--burn)``): the page's script puts in what the reader's color scheme
says, so that one figure serves light, dark and paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from review.records import FlagRecord

BEFORE, AFTER, BURN, OTHER = "var(--before)", "var(--after)", "var(--burn)", "var(--quiet)"
INK, GRID, CLEAR = "var(--ink-soft)", "var(--grid)", "rgba(0,0,0,0)"

_ROW_PX = 150
_FRAME_PX = 70


@dataclass(frozen=True, slots=True)
class Timeline:
    """One row of a figure of timelines: a column of a frame, its title with the unit, and how values are printed."""

    column: str
    title: str
    hover: str


ELEMENTS = (
    Timeline("a_km", "Semi-major axis [km]", ".4f"),
    Timeline("inclination_deg", "Inclination [°]", ".4f"),
    Timeline("eccentricity", "Eccentricity", ".7f"),
    Timeline("longitude_deg", "Longitude east [°]", ".3f"),
)
RESIDUALS = (
    Timeline("residual_t_km", "Along-track residual [km]", ".3f"),
    Timeline("residual_n_km", "Cross-track residual [km]", ".3f"),
    Timeline("residual_r_km", "Radial residual [km]", ".3f"),
)


def timelines(frame: pd.DataFrame, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]) -> go.Figure:
    """Columns of ``frame`` over ``epoch``, one row each, with the burn and its interval marked.

    Parameters
    ----------
    frame : DataFrame
        Column ``epoch`` (UTC) and those of ``rows``; rows without any value in it are left out.
    rows : tuple of Timeline
    flag : FlagRecord
    others : list of datetime
        Burn times of other flags of the object, marked faintly.
    """
    rows = tuple(row for row in rows if row.column in frame and frame[row.column].notna().any())
    figure = make_subplots(
        rows=max(len(rows), 1),
        shared_xaxes=True,
        vertical_spacing=0.30 / max(len(rows), 1),
        subplot_titles=[row.title for row in rows],
    )
    after = frame["epoch"] >= flag.epoch_after
    for index, row in enumerate(rows, start=1):
        for name, part, color, symbol in (
            ("before the burn", frame[~after], BEFORE, "circle"),
            ("after the burn", frame[after], AFTER, "diamond"),
        ):
            figure.add_scatter(
                x=plot_times(part["epoch"]),
                y=part[row.column].tolist(),
                name=name,
                mode="lines+markers",
                line={"color": color, "width": 1},
                marker={"color": color, "size": 5, "symbol": symbol},
                hovertemplate=f"%{{y:{row.hover}}}<extra>%{{x|%Y-%m-%d %H:%M}}</extra>",
                row=index,
                col=1,
            )
        figure.update_yaxes(range=_range(frame[row.column]), row=index, col=1)
    for time in others:
        figure.add_vline(x=plot_time(time), line={"color": OTHER, "width": 1, "dash": "dot"}, name="other flag")
    low, high = plot_time(flag.burn_time_low), plot_time(flag.burn_time_high)
    figure.add_vrect(x0=low, x1=high, fillcolor=BURN, opacity=0.18, line_width=0, layer="below", name="burn interval")
    figure.add_vline(x=plot_time(flag.burn_time), line={"color": BURN, "width": 2, "dash": "dash"}, name="burn")
    dress(figure, height=_FRAME_PX + _ROW_PX * max(len(rows), 1))
    figure.update_layout(showlegend=False)
    edge = 0.02 * (frame["epoch"].max() - frame["epoch"].min())
    figure.update_xaxes(range=[plot_time(frame["epoch"].min() - edge), plot_time(frame["epoch"].max() + edge)])
    figure.update_annotations(x=0, xanchor="left", font={"size": 12, "color": INK})
    return figure


def delta_v(flag: FlagRecord) -> go.Figure | None:
    """The fitted change of velocity in RTN with its standard errors [m/s], or None where none was fitted."""
    values = [flag.dv_r_m_s, flag.dv_t_m_s, flag.dv_n_m_s]
    sigmas = [flag.dv_r_sigma_m_s, flag.dv_t_sigma_m_s, flag.dv_n_sigma_m_s]
    if all(value is None for value in values):
        return None
    figure = go.Figure(
        go.Bar(
            y=["radial", "along-track", "cross-track"],
            x=values,
            orientation="h",
            marker={"color": BEFORE, "opacity": 0.55},
            error_x={"type": "data", "array": [sigma or 0.0 for sigma in sigmas], "color": INK, "thickness": 1.5},
            hovertemplate="%{x:+.5f} m/s<extra>%{y}</extra>",
            width=0.5,
        )
    )
    dress(figure, height=180)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title={"text": "Δv [m/s]", "font": {"size": 12}}, zeroline=True, zerolinecolor=INK)
    return figure


def dress(figure: go.Figure, height: int) -> None:
    """What all figures have in common: colors that follow the reader's scheme, quiet axes, a height in px."""
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 8, "r": 12, "t": 28, "b": 36},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"color": INK, "size": 11, "family": "system-ui, sans-serif"},
        hoverlabel={"font": {"family": "system-ui, sans-serif"}},
        dragmode="zoom",
    )
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True, "ticks": ""}
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis, nticks=5, tickformat=".7~f")


def _range(values: pd.Series) -> list[float]:
    low, high = float(values.min()), float(values.max())
    margin = 0.08 * (high - low) or max(abs(high), 1.0) * 1e-6
    return [low - margin, high + margin]


def plot_times(times: pd.Series) -> list[str]:
    """Times as plotly.js reads them."""
    return [plot_time(time) for time in times]


def plot_time(time: datetime) -> str:
    """A time as plotly.js reads it."""
    # Without a zone: plotly.js would move a time with one into the reader's.
    return time.strftime("%Y-%m-%d %H:%M:%S.%f")
