"""The figures of a flag: its object's elements and residuals over time, and the fitted change of velocity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from review import figures
from review.figures import AFTER, AXIS, AXIS_OF_VALUES, BEFORE, BURN, INK, OTHER, Figure, plot_time, plot_times
from review.records import FlagRecord


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


def timelines(frame: pd.DataFrame, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]) -> Figure:
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
    figure = figures.stacked([row.title for row in rows])
    after = (frame["epoch"] >= flag.epoch_after).to_numpy()
    times = plot_times(frame["epoch"])
    split = int((~after).sum())  # rows are by epoch
    for index, row in enumerate(rows):
        values = figures.values(frame[row.column])
        for name, part, color, symbol in (
            ("before the burn", slice(None, split), BEFORE, "circle"),
            ("after the burn", slice(split, None), AFTER, "diamond"),
        ):
            figure["data"].append(
                {
                    "type": "scatter",
                    "x": times[part],
                    "y": values[part],
                    "name": name,
                    "mode": "lines+markers",
                    "line": {"color": color, "width": 1},
                    "marker": {"color": color, "size": 5, "symbol": symbol},
                    "hovertemplate": f"%{{y:{row.hover}}}<extra>%{{x|%Y-%m-%d %H:%M}}</extra>",
                    "xaxis": "x",
                    "yaxis": figures.panel(index),
                }
            )
        figures.axis_of(figure, index)["range"] = figures.span_of(frame[row.column])
    panels = [figures.panel(index) for index in range(len(rows))]
    mark_burn(figure, flag, panels, others)
    if len(frame):
        edge = 0.02 * (frame["epoch"].max() - frame["epoch"].min())
        ends = frame["epoch"].min() - edge, frame["epoch"].max() + edge
        figure["layout"]["xaxis"]["range"] = [plot_time(end) for end in ends]
    return figure


def mark_burn(figure: Figure, flag: FlagRecord, panels: list[str], others: list[datetime]) -> None:
    """The burn, the interval that holds it, and other flags of the object as lines over time."""
    shapes = figure["layout"]["shapes"]
    for time in others:
        shapes += figures.upright(time, "other flag", {"color": OTHER, "width": 1, "dash": "dot"})
    shapes += figures.band(flag.burn_time_low, flag.burn_time_high, "burn interval", BURN, panels)
    shapes += figures.upright(flag.burn_time, "burn", {"color": BURN, "width": 2, "dash": "dash"}, panels)


def delta_v(flag: FlagRecord) -> Figure | None:
    """The fitted change of velocity in RTN with its standard errors [m/s], or None where none was fitted."""
    values = [flag.dv_r_m_s, flag.dv_t_m_s, flag.dv_n_m_s]
    sigmas = [flag.dv_r_sigma_m_s, flag.dv_t_sigma_m_s, flag.dv_n_sigma_m_s]
    if all(value is None for value in values):
        return None
    bar = {
        "type": "bar",
        "y": ["radial", "along-track", "cross-track"],
        "x": values,
        "name": "Δv",
        "orientation": "h",
        "marker": {"color": BEFORE, "opacity": 0.55},
        "error_x": {"type": "data", "array": [sigma or 0.0 for sigma in sigmas], "color": INK, "thickness": 1.5},
        "hovertemplate": "%{x:+.5f} m/s<extra>%{y}</extra>",
        "width": 0.5,
    }
    layout = figures.frame(180)
    layout["xaxis"] = {
        **AXIS,
        "title": {"text": "Δv [m/s]", "font": {"size": 12}},
        "zeroline": True,
        "zerolinecolor": INK,
    }
    layout["yaxis"] = {**AXIS_OF_VALUES, "autorange": "reversed", "showgrid": False}
    return {"data": [bar], "layout": layout}
