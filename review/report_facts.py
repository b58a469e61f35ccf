"""What the report of a flag says, whatever it is printed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from configs.review import ReviewConfig
from review import evidence
from review.plots import RESIDUALS, Timeline
from review.records import FlagRecord, VerdictRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """Everything a report says of a flag.

    ``sets`` and ``gaps`` are the element sets and the feature rows of the report's span, ``near_sets`` and ``near_gaps``
    those nearest the burn, ``elements`` the table of before and after, ``before_available`` and ``after_available`` when
    the sets that bracket the burn became available and whether that is imputed, ``residuals`` the columns of ``gaps`` to
    show, ``others`` the object's other flags, ``others_in_span`` the times of those that a figure marks.
    """

    flag: FlagRecord
    generated_at: datetime
    verdicts: Sequence[VerdictRecord]
    others: list[FlagRecord]
    others_in_span: list[datetime]
    sets: pd.DataFrame
    gaps: pd.DataFrame | None
    near_sets: list[dict[str, Any]]
    near_gaps: list[dict[str, Any]]
    residuals: list[Timeline]
    elements: list[evidence.ElementRow]
    before_available: tuple[datetime | None, bool]
    after_available: tuple[datetime | None, bool]
    quality: list[str]
    classification: str


def report_facts(
    flag: FlagRecord,
    history: pd.DataFrame,
    features: pd.DataFrame | None = None,
    *,
    generated_at: datetime,
    verdicts: Sequence[VerdictRecord] = (),
    other_flags: Sequence[FlagRecord] = (),
    config: ReviewConfig = ReviewConfig(),
) -> ReportFacts:
    """What the report says; the parameters are those of `review.report.render_report`."""
    span = (config.report_days_before, config.report_days_after)
    all_sets = evidence.orbits_around(history, features, flag)
    sets = evidence.window(all_sets, flag, *span)
    gaps = evidence.window(features, flag, *span) if features is not None else None
    others = [other for other in other_flags if other.flag_id != flag.flag_id]
    before, after = evidence.bracket(all_sets, flag)
    return ReportFacts(
        flag=flag,
        generated_at=generated_at,
        verdicts=verdicts,
        others=sorted(others, key=lambda other: other.burn_time, reverse=True),
        others_in_span=[
            other.burn_time
            for other in others
            if len(sets) and sets["epoch"].min() <= other.burn_time <= sets["epoch"].max()
        ],
        sets=sets,
        gaps=gaps,
        near_sets=_rows(sets, flag),
        near_gaps=_rows(gaps, flag),
        residuals=[row for row in RESIDUALS if gaps is not None and row.column in gaps],
        elements=evidence.element_rows(before, after),
        before_available=evidence.availability(before),
        after_available=evidence.availability(after),
        quality=evidence.data_quality(sets, gaps, flag),
        classification=config.classification,
    )


def _rows(frame: pd.DataFrame | None, flag: FlagRecord) -> list[dict[str, Any]]:
    if frame is None:
        return []
    return [{str(name): value for name, value in row.items()} for row in evidence.near(frame, flag).to_dict("records")]
