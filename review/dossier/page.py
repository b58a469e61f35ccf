"""A dossier: one flag with everything that its element sets, its object's other flags and its finding say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from configs.schema import BurnwatchConfig
from review import evidence, plots
from review.alternatives import Alternative, alternatives
from review.desk import Desk
from review.dossier import pictures
from review.dossier.detectable import Detectable, smallest_burns
from review.dossier.gathered import Gathered, gather
from review.dossier.motion import relative_motion
from review.dossier.nearby import Near, nearby
from review.dossier.pattern import Pattern, pattern_of_life
from review.figures import Figure
from review.finding_plots import Burn, Neighbor, approach
from review.plots import ELEMENTS, RESIDUALS, Timeline
from review.records import FindingRecord, FlagRecord, VerdictRecord
from review.tracks import planes, track
from review.ways import along_belt


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What is shown of a flag.

    ``sets`` and ``gaps`` are the element sets and features of the days that are shown, ``figures`` by name what of them is
    drawn: elements, residuals, delta_v, way (along the belt, or to the neighbors' planes), inclinations, relative and life.
    ``met`` is the neighbor whose relative motion that is.
    """

    flag: FlagRecord
    finding: FindingRecord | None
    verdicts: list[VerdictRecord]
    others: list[FlagRecord]
    near: list[Near]
    met: Near | None
    elements: list[evidence.ElementRow]
    before_available: tuple[datetime | None, bool]
    after_available: tuple[datetime | None, bool]
    quality: list[str]
    detectable: Detectable | None
    pattern: Pattern
    alternatives: list[Alternative]
    sets: pd.DataFrame
    gaps: pd.DataFrame
    figures: dict[str, Figure]


def dossier_of(flag: FlagRecord, desk: Desk) -> Dossier:
    """Put the dossier of a flag together from what the desk holds now."""
    finding = desk.flags.findings.get(flag.finding_id) if flag.finding_id else None
    flags = desk.flags.flags(order="time", norad_id=flag.norad_id)
    partners = finding.partners if finding else []
    near = nearby(flag, finding, desk.names(int(one) for one in partners))
    drawn = near[: desk.config.review.report_neighbors]
    found = gather(flag, [one.norad_id for one in drawn], desk.elements, desk.config)
    objects = desk.objects()
    launches = objects.loc[objects["norad_id"] == flag.norad_id, "launch_date"]
    launched = None if launches.empty or launches.isna().all() else launches.iloc[0]
    others = alternatives(flag, found.sets, desk.weather(), launched, desk.config.explanation)
    return assembled(flag, finding, desk.flags.history(flag.flag_id), flags, near, found, others, desk.config)


def assembled(
    flag: FlagRecord,
    finding: FindingRecord | None,
    verdicts: list[VerdictRecord],
    flags: list[FlagRecord],
    near: list[Near],
    found: Gathered,
    weighed: list[Alternative],
    config: BurnwatchConfig,
) -> Dossier:
    """A dossier from what was read: ``flags`` are all of the object, ``near`` whom it meets, ``weighed`` what else it might be."""
    span = (config.review.report_days_before, config.review.report_days_after)
    sets, gaps = (evidence.window(frame, flag, *span) for frame in (found.sets, found.gaps))
    before, after = evidence.bracket(found.sets, flag)
    others = [one for one in flags if one.flag_id != flag.flag_id]
    pattern = pattern_of_life(flag, flags)
    met, motion = _nearest(flag, near, found.history)
    first, last = sets["epoch"].min(), sets["epoch"].max()  # of none: not a time, which nothing lies between
    times = [one.burn_time for one in others if first <= one.burn_time <= last]
    drawn = {
        "elements": _timelines(sets, ELEMENTS, flag, times),
        "residuals": _timelines(gaps, RESIDUALS, flag, times),
        "delta_v": plots.delta_v(flag),
        "way": _way(flag, near[: config.review.report_neighbors], found.history, sets),
        "inclinations": _inclinations(flag, near[: config.review.report_neighbors], found.history, sets),
        "relative": None if met is None else pictures.relative(motion, flag, met.called),
        "life": pictures.life(pattern, flag) if len(pattern.steps) > 1 else None,
    }
    return Dossier(
        flag=flag,
        finding=finding,
        verdicts=verdicts,
        others=sorted(others, key=lambda one: one.burn_time, reverse=True),
        near=near,
        met=met,
        elements=evidence.element_rows(before, after),
        before_available=evidence.availability(before),
        after_available=evidence.availability(after),
        quality=evidence.data_quality(sets, gaps, flag),
        detectable=smallest_burns(found.gaps, flags, flag, config.robust_step),
        pattern=pattern,
        alternatives=weighed,
        sets=sets,
        gaps=gaps,
        figures={name: figure for name, figure in drawn.items() if figure is not None},
    )


def _timelines(
    frame: pd.DataFrame, rows: tuple[Timeline, ...], flag: FlagRecord, others: list[datetime]
) -> Figure | None:
    if not any(row.column in frame and frame[row.column].notna().any() for row in rows):
        return None
    return plots.timelines(frame, rows, flag, others)


def _nearest(flag: FlagRecord, near: list[Near], history: pd.DataFrame) -> tuple[Near | None, pd.DataFrame]:
    """The nearest neighbor whose way is known, and how it moves relative to the object."""
    by_distance = sorted(near, key=lambda one: float("inf") if one.miss_km is None else one.miss_km)
    for one in by_distance:
        motion = relative_motion(history, flag, one.norad_id, one.when)
        if len(motion):
            return one, motion
    return None, pd.DataFrame()


def _way(flag: FlagRecord, near: list[Near], history: pd.DataFrame, sets: pd.DataFrame) -> Figure | None:
    """Along the belt, or outside it to the neighbors' planes."""
    if sets.empty:
        return None
    start, end = sets["epoch"].min(), sets["epoch"].max()
    shown = history[history["epoch"].between(start, end + timedelta(days=1))]
    way = track(shown, flag.norad_id)
    burn = Burn(1, flag.burn_time, flag.burn_time_low, flag.burn_time_high)
    told_at = max(flag.first_seen_at, flag.available_at)
    if flag.regime != "geo":
        neighbors = [(one.called, planes(shown, flag.norad_id, one.norad_id)) for one in near]
        if not any(len(frame) for _, frame in neighbors):
            return None
        return approach(way, neighbors, [burn], told_at)
    met = [Neighbor(one.norad_id, one.called, way.iloc[:0], one.when, one.when_low, one.when_high) for one in near]
    return along_belt(way, met, shown, [burn], told_at, moving=True)


def _inclinations(flag: FlagRecord, near: list[Near], history: pd.DataFrame, sets: pd.DataFrame) -> Figure | None:
    if flag.regime != "geo":
        return None
    theirs = [(one.called, history[history["norad_id"] == one.norad_id]) for one in near]
    return pictures.inclinations(sets, flag, theirs)
