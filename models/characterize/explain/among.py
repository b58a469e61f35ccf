"""What the element sets of all other objects say against a maneuver."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from configs.explanation import ExplanationConfig
from models.characterize.explain.life import first_sets
from models.characterize.explain.loss import break_ups, losses
from models.characterize.explain.pairs import cross_tags, sky_of
from models.characterize.explain.storm import drag_of, storms
from models.characterize.explain.words import CROSS_TAG, DRAG_STORM, MANEUVER, NOT_MANEUVERS, Finding, combined
from orbits.elements import IntArray

US_PER_DAY = 86_400_000_000
STRETCH_DAYS = 10  # of events that share one read of the element sets of all objects

Stretch = Callable[[pd.Timestamp, pd.Timestamp], pd.DataFrame]
Sets = Callable[[list[int]], pd.DataFrame]


def explain(
    events: pd.DataFrame,
    stretch: Stretch,
    sets: Sets,
    coverage: pd.DataFrame,
    objects: pd.DataFrame,
    weather: pd.DataFrame,
    config: ExplanationConfig = ExplanationConfig(),
) -> pd.DataFrame:
    """Say what each event is: a maneuver, or what else explains it, and by what evidence.

    Parameters
    ----------
    events : DataFrame
        As from `own.explain_alone`.
    stretch : callable(since, until) -> DataFrame
        Element sets of all objects with epochs in a time, as known at the judgement, sorted by (norad_id, epoch).
    sets : callable(ids) -> DataFrame
        All element sets of some objects, likewise.
    coverage : DataFrame
        ``norad_id``, ``count``, ``first_epoch``, ``last_epoch`` of every object, likewise.
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``.
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``.

    Returns
    -------
    DataFrame
        ``events`` and explanation (one of `words.EXPLANATIONS`) and explanation_note.
    """
    names: Mapping[int, str] = dict(zip(objects["norad_id"].tolist(), objects["name"].tolist(), strict=True))
    findings = [
        *_alone(events),
        first_sets(events, objects, config),
        losses(events, coverage, config),
        break_ups(events, coverage, objects, sets, config),
    ]
    tags, drags = Finding(CROSS_TAG, len(events)), Finding(DRAG_STORM, len(events))
    for rows in _by_time(events):
        some = events.iloc[rows].reset_index(drop=True)
        history = _about(some, stretch, config)
        tags.take(cross_tags(some, sky_of(history), names, config), rows)
        drags.take(_storms(some, history, weather, config), rows)
    found = combined([*findings, tags, drags], events.index)
    return events.assign(explanation=found["explanation"], explanation_note=found["explanation_note"])


def ended_since(
    events: pd.DataFrame, coverage: pd.DataFrame, objects: pd.DataFrame, sets: Sets, config: ExplanationConfig
) -> pd.DataFrame:
    """Judge anew, by what only later months can tell, events that were explained before.

    Returns
    -------
    DataFrame
        ``events``, of which maneuvers whose object was lost or broke up since have another explanation.
    """
    found = combined(
        [losses(events, coverage, config), break_ups(events, coverage, objects, sets, config)], events.index
    )
    turned = (events["explanation"] == MANEUVER) & (found["explanation"] != MANEUVER)
    return events.assign(
        explanation=events["explanation"].where(~turned, found["explanation"]),
        explanation_note=events["explanation_note"].where(~turned, found["explanation_note"]),
    )


def _storms(events: pd.DataFrame, history: pd.DataFrame, weather: pd.DataFrame, config: ExplanationConfig) -> Finding:
    low = events["regime"].eq("leo").to_numpy()
    finding = Finding(DRAG_STORM, len(events))
    if low.any():
        part = storms(events[low].reset_index(drop=True), drag_of(history, config), weather, config)
        finding.take(part, np.flatnonzero(low))
    return finding


def _alone(events: pd.DataFrame) -> list[Finding]:
    """What was found from each object's own sets, as findings; doubts of maneuvers go with any."""
    findings = []
    explanation, notes = events["own_explanation"].tolist(), events["own_note"].tolist()
    for name in NOT_MANEUVERS:
        finding = Finding(name, len(events))
        for row, (own, note) in enumerate(zip(explanation, notes, strict=True)):
            if own == name:
                finding.say(row, note)
            elif own == MANEUVER and name == NOT_MANEUVERS[0] and note:
                finding.say(row, note, explained=False)
        findings.append(finding)
    return findings


def _about(events: pd.DataFrame, stretch: Stretch, config: ExplanationConfig) -> pd.DataFrame:
    """Element sets of all objects about the beginning and the end of some windows that lie near one another."""
    before = pd.Timedelta(days=config.storm_context_days)
    after = pd.Timedelta(days=config.later_days)
    begins, ends = events["epoch_before"], events["epoch_after"]
    if ends.max() - begins.min() <= pd.Timedelta(days=3 * STRETCH_DAYS):
        return stretch(begins.min() - before, ends.max() + after)
    # What other objects do in the middle of a long window says nothing of it.
    parts = [stretch(begins.min() - before, begins.max() + after), stretch(ends.min() - before, ends.max() + after)]
    both = pd.concat(parts, ignore_index=True).drop_duplicates(["norad_id", "epoch"])
    return both.sort_values(["norad_id", "epoch"], kind="stable", ignore_index=True)


def _by_time(events: pd.DataFrame) -> list[IntArray]:
    """Rows of the events in groups of which all windows begin near one another, and end so."""
    if events.empty:
        return []
    begin, end = (epoch_us(events[name]) // (STRETCH_DAYS * US_PER_DAY) for name in ("epoch_before", "epoch_after"))
    order = np.lexsort((end, begin))
    new = (np.diff(begin[order], prepend=-1) != 0) | (np.diff(end[order], prepend=-1) > 1)
    return [rows.astype(np.int64) for rows in np.split(order, np.flatnonzero(new)[1:])]
