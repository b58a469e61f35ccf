"""The figures of a PDF report: drawn by matplotlib, put on the page as lines and text, so that they stay sharp and selectable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator, ScalarFormatter
from matplotlib.transforms import Transform
from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics
from reportlab.platypus import Flowable

from review.pdf_style import AFTER, BEFORE, BOLD, BURN, INK, INK_SOFT, LINE, PLAIN, QUIET, WIDTH, shown
from review.plots import Timeline
from review.records import FlagRecord

_POINTS_PER_INCH = 72
_ROW, _TOP, _BOTTOM, _LEFT, _RIGHT, _BETWEEN = 66.0, 14.0, 16.0, 46.0, 3.0, 20.0  # [point]
_CAPS = {"butt": 0, "round": 1, "projecting": 2}
_JOINS = {"miter": 0, "round": 1, "bevel": 2}


class Picture(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A figure of matplotlib as a part of a page."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._figure = figure
        self.width, self.height = (float(inches) * _POINTS_PER_INCH for inches in figure.get_size_inches())

    def wrap(self, *_: float) -> tuple[float, float]:
        """Its size [point]."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it where the page's cursor stands."""
        self._figure.draw(_Renderer(self.canv, self.width, self.height))


class _Renderer(RendererBase):
    """Draws on a page of reportlab; a pixel of matplotlib is a point of the page."""

    def __init__(self, canvas: Any, width: float, height: float) -> None:  # noqa: ANN401 - reportlab has no types
        super().__init__()
        self._page, self._size = canvas, (width, height)

    def flipy(self) -> bool:
        return False

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self._size

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:  # noqa: ANN401, ARG002
        size = prop.get_size_in_points()
        descent = -pdfmetrics.getDescent(PLAIN, size)
        return pdfmetrics.stringWidth(shown(s), _font(prop), size), 0.75 * size + descent, descent

    def draw_text(
        self, gc: GraphicsContextBase, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None  # noqa: ANN401, ARG002
    ) -> None:  # fmt: skip
        self._page.saveState()
        self._page.setFillColor(Color(*gc.get_rgb()))
        self._page.setFont(_font(prop), prop.get_size_in_points())
        self._page.translate(x, y)
        self._page.rotate(angle)
        self._page.drawString(0, 0, shown(s))
        self._page.restoreState()

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:  # noqa: ANN401
        page = self._page
        page.saveState()
        if (clip := gc.get_clip_rectangle()) is not None:
            window = page.beginPath()
            window.rect(*clip.bounds)
            page.clipPath(window, stroke=0, fill=0)
        page.setStrokeColor(Color(*gc.get_rgb()))
        page.setLineWidth(gc.get_linewidth())
        page.setLineCap(_CAPS[str(gc.get_capstyle())])
        page.setLineJoin(_JOINS[str(gc.get_joinstyle())])
        offset, dashes = cast("tuple[float, Iterable[float] | None]", gc.get_dashes())
        if dashes is not None:
            page.setDash(list(dashes), offset)
        if rgbFace is not None:
            opacity = gc.get_alpha() if len(rgbFace) == 3 or gc.get_forced_alpha() else rgbFace[3]
            page.setFillColor(Color(*rgbFace[:3], alpha=opacity))
        stroke = gc.get_linewidth() > 0 and gc.get_rgb()[3] > 0
        page.drawPath(_on_page(page.beginPath(), path, transform), stroke=int(stroke), fill=int(rgbFace is not None))
        page.restoreState()


def _font(prop: Any) -> str:  # noqa: ANN401
    return BOLD if prop.get_weight() == "bold" else PLAIN


def _on_page(drawn: Any, path: Path, transform: Transform) -> Any:  # noqa: ANN401
    at = np.zeros(2)
    for points, code in path.iter_segments(transform, curves=True, simplify=False):
        if code == Path.MOVETO:
            drawn.moveTo(*points)
        elif code == Path.LINETO:
            drawn.lineTo(*points)
        elif code == Path.CURVE3:  # of second degree, as one of third
            control, end = points[:2], points[2:]
            drawn.curveTo(*(at + 2 / 3 * (control - at)), *(end + 2 / 3 * (control - end)), *end)
        elif code == Path.CURVE4:
            drawn.curveTo(*points)
        else:
            drawn.close()
            continue
        at = points[-2:]
    return drawn


def timelines(
    frame: pd.DataFrame | None, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]
) -> Picture | None:
    """Columns of ``frame`` over ``epoch``, one above the other, with the burn and its interval, or None without a value.

    Parameters
    ----------
    frame : DataFrame, optional
        Column ``epoch`` (UTC) and those of ``rows``.
    rows : tuple of Timeline
    flag : FlagRecord
    others : list of datetime
        Burn times of other flags of the object, marked faintly.
    """
    if frame is None:
        return None
    drawn = [row for row in rows if row.column in frame and frame[row.column].notna().any()]
    if not drawn:
        return None
    height = _TOP + _BOTTOM + len(drawn) * _ROW + (len(drawn) - 1) * _BETWEEN
    figure = Figure(figsize=(WIDTH / _POINTS_PER_INCH, height / _POINTS_PER_INCH), dpi=_POINTS_PER_INCH)
    after = frame["epoch"] >= flag.epoch_after
    edge = 0.02 * (frame["epoch"].max() - frame["epoch"].min())
    ends = [_days(frame["epoch"].min() - edge), _days(frame["epoch"].max() + edge)]
    for place, row in enumerate(drawn):
        top = _TOP + place * (_ROW + _BETWEEN)
        axes = figure.add_axes((_LEFT / WIDTH, 1 - (top + _ROW) / height, 1 - (_LEFT + _RIGHT) / WIDTH, _ROW / height))
        dress(axes)
        for other in others:
            axes.axvline(_days(other), color=QUIET, linewidth=0.7, linestyle=":")
        axes.axvspan(_days(flag.burn_time_low), _days(flag.burn_time_high), color=BURN, alpha=0.18, linewidth=0)
        axes.axvline(_days(flag.burn_time), color=BURN, linewidth=1.2, linestyle="--")
        for part, color, symbol in ((frame[~after], BEFORE, "o"), (frame[after], AFTER, "D")):
            axes.plot(
                _days(part["epoch"].dt.tz_localize(None)), part[row.column], color=color, linewidth=0.6, marker=symbol,
                markersize=2.4, markeredgewidth=0,
            )  # fmt: skip
        axes.set_title(row.title, loc="left", fontsize=7.5, color=INK, pad=3)
        axes.set_xlim(*ends)
        axes.margins(y=0.08)
        locator = AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(
            ConciseDateFormatter(locator, show_offset=False)  # type: ignore[no-untyped-call]
        )
        axes.tick_params(labelbottom=place == len(drawn) - 1)
    return Picture(figure)


def _days(times: Any) -> Any:  # noqa: ANN401
    """Times as matplotlib counts them."""
    return date2num(times)  # type: ignore[no-untyped-call]


def delta_v(flag: FlagRecord, width: float) -> Picture | None:
    """The fitted change of velocity in RTN with its standard errors [m/s], or None where none was fitted."""
    values = [flag.dv_r_m_s, flag.dv_t_m_s, flag.dv_n_m_s]
    if all(value is None for value in values):
        return None
    sigmas = [flag.dv_r_sigma_m_s, flag.dv_t_sigma_m_s, flag.dv_n_sigma_m_s]
    height, bottom = 84.0, 26.0
    figure = Figure(figsize=(width / _POINTS_PER_INCH, height / _POINTS_PER_INCH), dpi=_POINTS_PER_INCH)
    axes = figure.add_axes((56 / width, bottom / height, 1 - 66 / width, 1 - (bottom + 4) / height))
    dress(axes)
    axes.barh(
        [2, 1, 0],
        [value or 0.0 for value in values],
        0.5,
        xerr=[sigma or 0.0 for sigma in sigmas],
        color=BEFORE,
        alpha=0.55,
        error_kw={"ecolor": INK, "elinewidth": 1.0, "capsize": 3, "alpha": 1.0},
    )
    axes.axvline(0.0, color=INK_SOFT, linewidth=0.8)
    axes.set_yticks([2, 1, 0], ["radial", "along-track", "cross-track"])
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("Δv [m/s]", fontsize=7, color=INK_SOFT)
    return Picture(figure)


def dress(axes: Axes) -> None:
    """What all figures have in common: quiet axes, small text, whole figures beside the ticks."""
    axes.set_facecolor("none")
    axes.figure.patch.set_alpha(0.0)
    axes.grid(visible=True, color=LINE, linewidth=0.4)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set(color=LINE, linewidth=0.6)
    axes.tick_params(labelsize=6.5, labelcolor=INK_SOFT, color=LINE, length=2, width=0.5)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    plain = ScalarFormatter(useOffset=False)
    plain.set_scientific(False)
    axes.yaxis.set_major_formatter(plain)
