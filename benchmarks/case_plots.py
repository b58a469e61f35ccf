"""Pictures of what findings are about: semi-major axis and longitude over time, for judging them by eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from orbits.constants import GEO_SEMI_MAJOR_AXIS_KM

_AROUND = pd.Timedelta(days=60)
_A_PAGE = 10


def draw(shown: pd.DataFrame, orbits: pd.DataFrame, flags: pd.DataFrame, folder: Path) -> None:
    """Pages of ten of ``shown`` (norad_id, name, kind, day): 60 days on both sides, the day red, flags gray, listed ones black."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, rows in shown.groupby("kind", sort=False):
        for page in range(0, len(rows), _A_PAGE):
            part = rows.iloc[page : page + _A_PAGE]
            figure = Figure(figsize=(18, 2.6 * len(part)), layout="constrained")
            FigureCanvasAgg(figure)
            axes = figure.subplots(len(part), 3, squeeze=False)
            for row, line in zip(part.to_dict("records"), axes, strict=True):
                _row(line, row, orbits, flags)
            figure.savefig(folder / f"{str(kind).replace(' ', '-')}-{page // _A_PAGE + 1}.png", dpi=60)


def _row(axes: NDArray[np.object_], row: dict[str, Any], orbits: pd.DataFrame, flags: pd.DataFrame) -> None:
    own = orbits[orbits["norad_id"] == row["norad_id"]]
    own = own[own["epoch"].between(row["day"] - _AROUND, row["day"] + _AROUND)]
    marks = flags[(flags["norad_id"] == row["norad_id"]) & flags["day"].between(own["epoch"].min(), own["epoch"].max())]
    off_km = own["a_km"] - GEO_SEMI_MAJOR_AXIS_KM
    for axis, values, what in zip(
        axes,
        (off_km, own["longitude_deg"], own["inclination_deg"]),
        ("a - GEO [km]", "longitude [deg]", "inclination [deg]"),
        strict=True,
    ):
        axis.plot(own["epoch"], values, ".-", markersize=4, linewidth=0.6)
        for mark in marks.to_dict("records"):
            axis.axvline(mark["burn_time"], color="black" if mark["listed"] else "silver", linewidth=0.8)
        axis.axvline(row["day"], color="red", linewidth=1.2)
        axis.set_ylabel(what)
        axis.tick_params(labelsize=7)
    axes[0].set_title(f"{row['norad_id']} {row['name']}: {row['kind']} {row['day']:%Y-%m-%d}", loc="left")
