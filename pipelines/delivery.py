"""Satellites judged by the whole chain, each kept: the shards of what a benchmark measures as delivered."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from configs.load import config_hash
from models.benchmark.contest import EVER, Fold, Job, Window, windows_of
from models.benchmark.decision import judged_window
from models.benchmark.delivered import (
    Delivered,
    Points,
    burns_in,
    chosen_by,
    flags_among,
    points_of,
    points_of_all,
    trained,
)
from models.benchmark.folder import fingerprint
from models.benchmark.latency import told_at
from models.bundle import Bundle, sources_hash
from models.errors import ModelError
from pipelines.contest import JOB_SOURCES, Contestant, Jobs, JobShard, job_from, rows_of
from pipelines.errors import PipelineError

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig


@dataclass(frozen=True)
class Delivery:
    """Objects that are judged, and what a training without them is given.

    Parameters
    ----------
    job : JobShard
        Who teaches and who is judged.
    points : dict
        From `models.benchmark.delivered.points_of`.
    made_from : dict
        All that decides what is found.
    sets : DataFrame
        Element sets of the judged objects, sorted by (norad_id, epoch).
    span : DataFrame or None
        Where burns are looked for as they came; nowhere without it.
    config : BurnwatchConfig
    """

    job: JobShard
    points: Points
    made_from: dict[str, Any]
    sets: pd.DataFrame
    span: pd.DataFrame | None
    config: BurnwatchConfig


Told = tuple[pd.DataFrame, pd.DataFrame | None]


def deliver(shard: Delivery) -> Told | str:
    """The burns that scoring finds, and when each was first flagged, kept; or why the detector cannot be trained."""
    job, config, span = shard.job, shard.config, shard.span

    @functools.cache
    def bundle() -> Bundle:
        rows = {place.norad_id: rows_of(job.keep, job.contestant, place) for place in job.places}
        return trained(job.contestant.create(), job.job, rows, job.maneuvers, shard.points, config)

    try:
        found = job.keep.frame("delivered", shard.made_from, lambda: burns_in(shard.sets, bundle(), config))
        if span is None:
            return found, None
        told = job.keep.frame(
            "told", shard.made_from, lambda: told_at(shard.sets, bundle(), job.maneuvers, span, config)
        )
    except ModelError as error:
        return str(error)
    return found, told


def deliveries(
    jobs: Jobs,
    contestants: Sequence[Contestant],
    folds: Sequence[Fold],
    outcomes: Sequence[Mapping[Job, pd.DataFrame]],
    sets: Mapping[int, pd.DataFrame],
    spans: pd.DataFrame,
    features: pd.DataFrame,
    config: BurnwatchConfig,
) -> Delivered:
    """What a home that was trained without it would flag of each fold's satellite.

    Parameters
    ----------
    jobs : Jobs
    contestants : sequence of Contestant
        Of each fold.
    folds : sequence of Fold
        Each leaves one satellite out.
    outcomes : sequence of mappings of Job to DataFrame
        What each fold's jobs found.
    sets : mapping of norad_id to DataFrame
        Element sets of all satellites.
    spans : DataFrame
    features : DataFrame
        ``norad_id`` and ``regime`` of all their rows.
    config : BurnwatchConfig
    """
    shards = []
    for fold, contestant, found in zip(folds, contestants, outcomes, strict=True):
        (window,) = fold.outer.judged
        own = JobShard(jobs.keep, contestant, fold.outer, jobs.places, jobs.maneuvers)
        points = points_of(fold, found, jobs.maneuvers, spans, features, contestant.create())
        span = judged_window(found[fold.outer], window, jobs.maneuvers, spans).span
        made_from = _made_from(own, [job for job, _ in fold.inner], config)
        shards.append(Delivery(own, points, made_from, sets[window.norad_id], span, config))
    told: dict[int, Told] = {}
    skipped: dict[str, str] = {}
    for index, result in jobs.engine.map(deliver, shards):
        jobs.advance(1, note=f"{shards[index].job.contestant.name}: judging as delivered")
        if isinstance(result, str):
            skipped[folds[index].group] = result
        else:
            told[index] = result
    if not told:
        return Delivered.nothing(skipped)
    done = sorted(told)
    judged = pd.concat([shards[at].span for at in done], ignore_index=True)
    every = pd.concat([sets[each] for each in sorted(sets)], ignore_index=True)
    return Delivered(
        flags_among(pd.concat([told[at][0] for at in done], ignore_index=True), every, config),
        judged,
        chosen_by(judged, [shards[at].points for at in done]),
        pd.concat([told[at][1] for at in done], ignore_index=True),
        skipped,
    )


def control_flags(
    jobs: Jobs,
    contestant: Contestant,
    folds: Sequence[Fold],
    outcomes: Mapping[Job, pd.DataFrame],
    controls: Mapping[int, pd.DataFrame],
    spans: pd.DataFrame,
    features: pd.DataFrame,
    config: BurnwatchConfig,
) -> tuple[pd.DataFrame, Points]:
    """What a home that was trained with the logs of all satellites flags of objects that cannot maneuver, and its points.

    Parameters
    ----------
    jobs, contestant, folds, spans, features, config
        As for `deliveries`.
    outcomes : mapping of Job to DataFrame
    controls : mapping of norad_id to DataFrame
        Element sets.

    Raises
    ------
    PipelineError
        Where the detector cannot be trained.
    """
    points = points_of_all(folds, outcomes, jobs.maneuvers, spans, features, contestant.create())
    sets = pd.concat([controls[each] for each in sorted(controls)], ignore_index=True)
    watched = tuple(Window(norad_id, *EVER) for norad_id in sorted(controls))
    job = Job(windows_of(spans) if contestant.create().needs_fit else (), watched)
    shard = JobShard(jobs.keep, contestant, job, jobs.places, jobs.maneuvers)
    made_from = _made_from(shard, [fold.outer for fold in folds], config) | {"controls": fingerprint(sets)}
    result = deliver(Delivery(shard, points, made_from, sets, None, config))
    if isinstance(result, str):
        raise PipelineError(f"the controls cannot be judged as delivered: {result}")
    return flags_among(result[0], sets, config), points


def _made_from(outer: JobShard, inner: Sequence[Job], config: BurnwatchConfig) -> dict[str, Any]:
    chosen_on = [JobShard(outer.keep, outer.contestant, job, outer.places, outer.maneuvers) for job in inner]
    return {
        "outer": job_from(outer),
        "inner": [job_from(shard) for shard in chosen_on],
        "sets": sorted((place.norad_id, place.sets) for place in outer.places),
        "maneuvers": fingerprint(outer.maneuvers[["norad_id", "burn_time"]]),
        "config": config_hash(config),
        "seen": [config.score.context_days, config.score.revisit_days],
        "code": sources_hash(JOB_SOURCES),
    }
