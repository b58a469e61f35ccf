"""The picture of an object's life: the burns flagged, and its mean elements over all its element sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from review.figures import (
    AFTER,
    BEFORE,
    BURN,
    INK,
    OTHER,
    Figure,
    axis_of,
    band,
    panel,
    plot_time,
    plot_times,
    span_of,
    stacked,
    upright,
    values,
)
from review.life import FlagLine, thinned
from review.records import FindingRecord, State, Status

_MOST_POINTS = 1600  # of a line: a wide screen has no more
_MOST_LINES = 40
_GAP_DAYS = 30.0  # a line is broken where no set came for so long


class _Row(NamedTuple):
    column: str
    title: str
    hover: str


_BELT = (
    _Row("longitude_deg", "Mean longitude [° E]", ".3f"),
    _Row("drift_deg_day", "Drift [°/day east]", "+.4f"),
    _Row("inclination_deg", "Inclination [°]", ".4f"),
    _Row("eccentricity", "Eccentricity", ".6f"),
)
_ELSEWHERE = (
    _Row("a_km", "Semi-major axis [km]", ".4f"),
    _Row("eccentricity", "Eccentricity", ".7f"),
    _Row("inclination_deg", "Inclination [°]", ".4f"),
    _Row("bstar_inv_er", "Drag term B* [1/Earth radius]", ".3e"),
)
_LOOKS: dict[str, dict[str, Any]] = {
    "listed or confirmed": {"color": BURN, "size": 9, "symbol": "diamond"},
    "open": {"color": BURN, "size": 7, "symbol": "circle-open", "line": {"color": BURN, "width": 1.5}},
    "routine": {"color": AFTER, "size": 6, "symbol": "circle"},
    "no maneuver": {"color": OTHER, "size": 7, "symbol": "x-thin", "line": {"color": OTHER, "width": 1.5}},
}


def life_figure(
    life: pd.DataFrame, flags: Sequence[FlagLine], findings: Sequence[FindingRecord], *, in_the_belt: bool
) -> Figure | None:
    """Burns over mean elements, all over one axis of time; None where there is nothing to show.

    Parameters
    ----------
    life : DataFrame
        As from `review.life.life`.
    flags : sequence of FlagLine
    findings : sequence of FindingRecord
        Shaded from their first burn until they were closed.
    in_the_belt : bool
        Longitude and drift instead of semi-major axis and drag.
    """
    if life.empty and not flags:
        return None
    rows = (_BELT if in_the_belt else _ELSEWHERE) if len(life) else ()
    first = 1 if flags else 0  # of the panels with elements
    figure = stacked([*(["Flagged burns, Δv [m/s]"] if flags else []), *(row.title for row in rows)])
    if flags:
        figure["data"] += _burns(flags)
        axis_of(figure, 0).update({"type": "log", "tickformat": "~r", "dtick": 1, "range": _decades(flags)})
    panels = [panel(index) for index in range(first + len(rows))]
    for index, row in enumerate(rows, start=first):
        figure["data"].append(_line(life, row, panel(index)))
        axis_of(figure, index).update({"range": span_of(life[row.column])})
        if row.column == "bstar_inv_er":
            axis_of(figure, index).update({"tickformat": ".1e"})
    standing_out = [flag for flag in flags if _look(flag) == "listed or confirmed"][:_MOST_LINES]
    shapes = figure["layout"]["shapes"]
    for flag in standing_out:
        line = {"color": BURN, "width": 1, "dash": "dot"}
        shapes += upright(flag.burn_time, "flag", line, panels[first:])
    newest = life["epoch"].max() if len(life) else max(flag.burn_time for flag in flags)
    for finding in findings:
        begin = min([finding.opened_at, *(pd.Timestamp(event["epoch_before"]) for event in finding.events)])
        end = newest if finding.state is State.UNDER_WAY else finding.closed_at or finding.news_at
        shapes += band(begin, max(end, begin), "finding", AFTER, panels)
    times = [*life["epoch"].agg(["min", "max"]), *(flag.burn_time for flag in flags)] if len(life) else []
    if times:
        edge = 0.02 * (max(times) - min(times)) + pd.Timedelta(hours=6)
        figure["layout"]["xaxis"]["range"] = [plot_time(min(times) - edge), plot_time(max(times) + edge)]
    return figure


def _look(flag: FlagLine) -> str:
    if not flag.is_maneuver:
        return "no maneuver"
    if flag.status == Status.ROUTINE:
        return "routine"
    return "listed or confirmed" if flag.listed or flag.status == Status.CONFIRMED else "open"


def _burns(flags: Sequence[FlagLine]) -> list[dict[str, Any]]:
    traces = []
    for name, marker in _LOOKS.items():
        those = [flag for flag in flags if _look(flag) == name]
        if those:
            least = _least(flags)
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": name,
                    "x": [plot_time(flag.burn_time) for flag in those],
                    "y": [flag.dv_m_s or least for flag in those],
                    "marker": marker,
                    "customdata": [[flag.flag_id, _said(flag)] for flag in those],
                    "meta": "/flags/",
                    "hovertemplate": "%{customdata[1]}<extra>%{x|%Y-%m-%d %H:%M}</extra>",
                    "yaxis": panel(0),
                }
            )
    return traces


def _said(flag: FlagLine) -> str:
    size = "size unknown" if flag.dv_m_s is None else f"{flag.dv_m_s:.3g} m/s"
    what = flag.judged_kind or flag.kind
    return f"{size}, {what if flag.explanation == 'maneuver' else flag.explanation}, {flag.status}"


def _least(flags: Sequence[FlagLine]) -> float:
    """Where burns of unknown size are drawn: below all others."""
    return 0.5 * min([flag.dv_m_s for flag in flags if flag.dv_m_s], default=0.02)


def _decades(flags: Sequence[FlagLine]) -> list[float]:
    """Ends of the axis of sizes, as plotly.js counts them: powers of ten."""
    sizes = [flag.dv_m_s for flag in flags if flag.dv_m_s] or [_least(flags)]
    return [float(np.log10(0.7 * _least(flags))), float(np.log10(2.5 * max(sizes)))]


def _line(life: pd.DataFrame, row: _Row, axis: str) -> dict[str, Any]:
    part = life.iloc[thinned(life[row.column].to_numpy(dtype=np.float64), _MOST_POINTS)].reset_index(drop=True)
    gap = part["epoch"].diff() > max(pd.Timedelta(days=_GAP_DAYS), 3 * part["epoch"].diff().median())
    times, numbers = np.array(plot_times(part["epoch"]), dtype=object), part[row.column].to_numpy(dtype=np.float64)
    breaks = np.flatnonzero(gap.to_numpy())
    few = len(part) <= 400
    return {
        "type": "scatter",
        "mode": "lines+markers" if few else "lines",
        "name": row.title,
        "x": np.insert(times, breaks, times[breaks]).tolist(),
        "y": values(np.insert(numbers, breaks, np.nan)),
        "line": {"color": BEFORE, "width": 1.2},
        "marker": {"color": BEFORE, "size": 4},
        "hovertemplate": f"%{{y:{row.hover}}}<extra>%{{x|%Y-%m-%d %H:%M}}</extra>",
        "yaxis": axis,
    } | ({} if len(part) > 1 else {"marker": {"color": INK, "size": 7}})
