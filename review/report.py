"""One self-contained page a flag: everything an analyst needs to judge it, with no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

import pandas as pd
from markupsafe import Markup

from configs.review import ReviewConfig
from review import words
from review.pages import figure_json, render
from review.plots import ELEMENTS, RESIDUALS, Timeline, delta_v, timelines
from review.records import FlagRecord, VerdictRecord
from review.report_facts import report_facts


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
    facts = report_facts(
        flag,
        history,
        features,
        generated_at=generated_at,
        verdicts=verdicts,
        other_flags=other_flags,
        config=config,
    )
    marked = facts.others_in_span
    return render(
        "report.html.j2",
        words=words,
        elements_figure=_figure(facts.sets, ELEMENTS, flag, marked),
        residuals_figure=_figure(facts.gaps, RESIDUALS, flag, marked),
        delta_v_figure=figure_json(delta_v(flag)),
        **{field.name: getattr(facts, field.name) for field in fields(facts)},
    )


def _figure(
    frame: pd.DataFrame | None, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]
) -> Markup | None:
    if frame is None or not any(row.column in frame and frame[row.column].notna().any() for row in rows):
        return None
    return figure_json(timelines(frame, rows, flag, others))
