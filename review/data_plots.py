"""The picture of the store: how many element sets each day has."""

from __future__ import annotations

import pandas as pd

from review.figures import AFTER, AXIS, AXIS_OF_VALUES, BEFORE, BURN, OTHER, Figure, frame, plot_times
from review.words import REGIMES

_DAYS = 180
_LOOK = {"leo": (BEFORE, ""), "meo": (OTHER, "x"), "geo": (AFTER, "/"), "heo": (BURN, ".")}  # color, pattern


def sets_a_day(days: pd.DataFrame) -> Figure | None:
    """Element sets a day of their epochs, by regime, in the last half year of them; None where there are none.

    Parameters
    ----------
    days : DataFrame
        As in `review.coverage.Coverage`.
    """
    if days.empty:
        return None
    recent = days[days["day"] > days["day"].max() - pd.Timedelta(days=_DAYS)]
    layout = frame(260) | {
        "barmode": "stack",
        "bargap": 0.15,
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.16},
    }
    layout["xaxis"] = {**AXIS, "type": "date"}
    layout["yaxis"] = {**AXIS_OF_VALUES, "tickformat": ",d", "rangemode": "tozero"}
    data = []
    for name, (color, pattern) in _LOOK.items():
        of = recent[recent["regime"] == name]
        if len(of):
            data.append(
                {
                    "type": "bar",
                    "name": REGIMES[name],
                    "x": plot_times(of["day"]),
                    "y": of["sets"].tolist(),
                    "marker": {
                        "color": color,
                        "line": {"width": 0},
                        "pattern": {
                            "shape": pattern,
                            "fillmode": "overlay",
                            "fgcolor": "var(--paper)",
                            "solidity": 0.2,
                        },
                    },
                    "hovertemplate": "%{y:,} sets<extra>%{x|%Y-%m-%d}</extra>",
                }
            )
    return {"data": data, "layout": layout}
