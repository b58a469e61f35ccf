"""Registered models judged as they flag: on labelled satellites that did not teach them, and on objects that cannot burn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from catalog.atomic import scratch_folder
from configs.load import config_hash
from models.benchmark.contest import Job, plan, teach
from models.benchmark.delivered import burns_in, flags_among
from models.benchmark.folder import Satellites, fingerprint
from models.benchmark.matching import lists_all
from models.benchmark.protocol import evaluate, evaluated_spans
from models.benchmark.report import false_alarms
from models.bundle import Bundle, sources_hash, write_bundle
from models.errors import ModelError
from pipelines.contest import (
    JOB_SOURCES,
    Contestant,
    JobShard,
    features_of,
    job_from,
    one_thread,
    prepared,
    rows_of,
)
from pipelines.detection import bundle_at
from pipelines.errors import PipelineError
from pipelines.keep import Keep
from pipelines.terminal import Advance

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from models.registry import LoadedModel
    from pipelines.engine import Engine


class Judged(NamedTuple):
    """What a registered model is worth.

    Parameters
    ----------
    satellites : DataFrame
        Figures of each satellite whose burns are all listed (`models.benchmark.protocol.evaluate`).
    controls : dict
        From `models.benchmark.report.false_alarms`.
    """

    satellites: pd.DataFrame
    controls: dict[str, Any]


@dataclass(frozen=True)
class Shard:
    """Objects that a registered model is to judge.

    Parameters
    ----------
    job : JobShard
        Who is judged and, by a detector that learns from logs, who teaches it anew: the registered one has seen them.
    bundle : Path
        The model, as ``models.bundle`` writes it.
    sets : DataFrame
        Of the judged objects, sorted by (norad_id, epoch).
    made_from : dict
        All that decides what is found.
    config : BurnwatchConfig
    """

    job: JobShard
    bundle: Path
    sets: pd.DataFrame
    made_from: dict[str, Any]
    config: BurnwatchConfig


def judge_shard(shard: Shard) -> pd.DataFrame | str:
    """The burns that scoring finds, kept; or why there is nobody to learn from."""
    job = shard.job

    def work() -> pd.DataFrame:
        bundle = bundle_at(shard.bundle)
        if job.job.taught:
            taught = {window.norad_id for window in job.job.taught}
            rows = {p.norad_id: rows_of(job.keep, job.contestant, p) for p in job.places if p.norad_id in taught}
            detector = job.contestant.create()
            teach(detector, job.job, rows, job.maneuvers)
            bundle = Bundle(detector, bundle.calibration)
        return burns_in(shard.sets, bundle, shard.config)

    try:
        return job.keep.frame("registered", shard.made_from, work)
    except ModelError as error:
        return str(error)


def judged(
    model: LoadedModel,
    labelled: Satellites,
    controls: Satellites,
    watched: pd.DataFrame,
    keep: Keep,
    config: BurnwatchConfig,
    engine: Engine,
    advance: Advance,
) -> Judged:
    """Judge a registered model by its own thresholds, through the whole chain.

    Each labelled satellite is judged by the registered detector; by one with its settings that was taught by the others of
    the group, where it learns from logs. Controls are judged by the registered one.

    Parameters
    ----------
    model : LoadedModel
    labelled, controls : Satellites
    watched : DataFrame
        Feature rows of the controls.
    keep : Keep
    config : BurnwatchConfig
    engine : Engine
    advance : Advance

    Raises
    ------
    PipelineError
        Where no satellite can be judged.
    """
    contestant = Contestant(model.detector.name, model.detector.settings, config.candidates, config.features)
    with one_thread(), scratch_folder(keep.folder) as scratch:
        bundle = scratch / "bundle"
        manifest = write_bundle(bundle, model.detector, model.calibration)
        places = prepared(engine, keep, contestant, labelled.sets, advance)
        features = pd.concat(
            [features_of(keep, contestant, places[each]) for each in sorted(places)], ignore_index=True
        )
        spans = evaluated_spans(features, labelled.maneuvers)
        spans = spans[lists_all(spans)].reset_index(drop=True)
        folds, skipped = plan(spans, model.detector, "loso")
        jobs = [fold.outer if model.detector.learns_from_labels else Job((), fold.outer.judged) for fold in folds]

        def shard(job: Job, sets: pd.DataFrame) -> Shard:
            own = JobShard(keep, contestant, job, tuple(places.values()), labelled.maneuvers)
            made_from = {
                "job": job_from(own),
                "sets": fingerprint(sets),
                "bundle": manifest,
                "config": config_hash(config),
                "code": sources_hash(JOB_SOURCES),
            }
            return Shard(own, bundle, sets, made_from, config)

        shards = [shard(job, labelled.sets[job.judged[0].norad_id]) for job in jobs]
        shards.append(shard(Job((), ()), together(controls.sets)))
        found: dict[int, pd.DataFrame] = {}
        for index, result in engine.map(judge_shard, shards):
            advance(1, note=f"{contestant.name}: judging as delivered")
            if isinstance(result, pd.DataFrame):
                found[index] = result
            else:
                skipped[contestant.name] = result
    alarms = flags_among(found.pop(len(jobs)), together(controls.sets), config)
    if not found:
        raise PipelineError(f"no labelled satellite can be judged: {'; '.join(skipped.values())}")
    burns = pd.concat([found[at] for at in sorted(found)], ignore_index=True)
    flags = flags_among(burns, together(labelled.sets), config)
    seen = spans[spans["norad_id"].isin([jobs[at].judged[0].norad_id for at in found])].reset_index(drop=True)
    figures = evaluate(flags, labelled.maneuvers, seen, bootstrap=0)
    return Judged(figures.satellites, false_alarms(alarms, watched, {}))


def together(sets: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Element sets of some objects in one frame, sorted by (norad_id, epoch)."""
    return pd.concat([sets[each] for each in sorted(sets)], ignore_index=True)
