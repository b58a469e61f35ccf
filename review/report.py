"""One self-contained page a flag: everything an analyst needs to judge it, with no network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from markupsafe import Markup

from configs.review import ReviewConfig
from review import evidence, words
from review.pages import figure_json, render
from review.plots import ELEMENTS, RESIDUALS, Timeline, delta_v, timelines
from review.records import FlagRecord, VerdictRecord


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
    return render(
        "report.html.j2",
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
        delta_v_figure=figure_json(delta_v(flag)),
    )


def _figure(
    frame: pd.DataFrame | None, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]
) -> Markup | None:
    if frame is None or not any(row.column in frame and frame[row.column].notna().any() for row in rows):
        return None
    return figure_json(timelines(frame, rows, flag, others))


def _rows(frame: pd.DataFrame | None, flag: FlagRecord) -> list[Any]:
    return [] if frame is None else evidence.near(frame, flag).to_dict("records")
