"""One self-contained page a flag: everything an analyst needs to judge it, with no network."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from catalog.atomic import replace_bytes
from configs.review import ReviewConfig
from review import evidence, words
from review.plots import ELEMENTS, RESIDUALS, Timeline, delta_v, timelines
from review.records import FlagRecord, VerdictRecord

_TEMPLATES = Path(__file__).parent / "templates"


def render_report(
    flag: FlagRecord,
    history: pd.DataFrame,
    features: pd.DataFrame | None = None,
    *,
    generated_at: datetime,
    verdicts: Sequence[VerdictRecord] = (),
    other_flags: Sequence[FlagRecord] = (),
    config: ReviewConfig = ReviewConfig(),
) -> str:
    """The page of a flag as HTML.

    plotly.js is in it (4.8 MB: the Python package ships the full bundle only), so it opens anywhere, for ever. Its
    content security policy runs this page's two scripts, by their hashes, and nothing else, and reaches no network.

    Parameters
    ----------
    flag : FlagRecord
    history : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of the object, as far as they are to be shown.
    features : DataFrame, optional
        Feature rows of the object: ``norad_id``, ``epoch``, and of the residuals and the longitude what there is.
    generated_at : datetime
        Printed on the page [UTC].
    verdicts : sequence of VerdictRecord
        The steps of its review, first to last.
    other_flags : sequence of FlagRecord
        Other flags of the object.
    config : ReviewConfig
    """
    span = (config.report_days_before, config.report_days_after)
    all_sets = evidence.orbits_around(history, features, flag)
    sets = evidence.window(all_sets, flag, *span)
    gaps = evidence.window(features, flag, *span) if features is not None else None
    others = [other for other in other_flags if other.flag_id != flag.flag_id]
    in_span = [
        other.burn_time
        for other in others
        if len(sets) and sets["epoch"].min() <= other.burn_time <= sets["epoch"].max()
    ]
    before, after = evidence.bracket(all_sets, flag)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            flag=flag,
            words=words,
            generated_at=generated_at,
            verdicts=verdicts,
            others=sorted(others, key=lambda other: other.burn_time, reverse=True),
            elements=evidence.element_rows(before, after),
            before_available=evidence.availability(before),
            after_available=evidence.availability(after),
            quality=evidence.data_quality(sets, gaps, flag),
            near_sets=_rows(sets, flag),
            near_gaps=_rows(gaps, flag),
            residuals=[row for row in RESIDUALS if gaps is not None and row.column in gaps],
            elements_figure=_figure(sets, ELEMENTS, flag, in_span),
            residuals_figure=_figure(gaps, RESIDUALS, flag, in_span),
            delta_v_figure=_json(delta_v(flag)),
            **_assets(),
        )
    )


def write_report(path: Path, page: str) -> None:
    """Write a page in one step: a reader sees the old file or the new one, never half of it."""
    replace_bytes(path, page.encode())


def _figure(
    frame: pd.DataFrame | None, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]
) -> Markup | None:
    if frame is None or not any(row.column in frame and frame[row.column].notna().any() for row in rows):
        return None
    return _json(timelines(frame, rows, flag, others))


def _json(figure: go.Figure | None) -> Markup | None:
    """A figure for a block of data in the page, which only ``<`` could end."""
    return None if figure is None else Markup(figure.to_json().replace("<", "\\u003c"))  # noqa: S704


def _rows(frame: pd.DataFrame | None, flag: FlagRecord) -> list[Any]:
    return [] if frame is None else evidence.near(frame, flag).to_dict("records")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _assets() -> dict[str, Any]:
    """The page's style and scripts, and the policy that lets just these in."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    scripts = [get_plotlyjs(), (_TEMPLATES / "report.js").read_text(encoding="utf-8")]
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(_source(script) for script in scripts),
        "style-src": "'unsafe-inline'",  # plotly.js writes its own; with no source of images or fonts it can tell nobody
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return {
        "policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "style": Markup(style),  # noqa: S704
        "scripts": [Markup(script) for script in scripts],  # noqa: S704
    }


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
