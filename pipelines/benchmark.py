"""`burnwatch benchmark`: the protocol on a folder of labelled satellites, in jobs that are done once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from configs.load import config_hash
from models.benchmark.contest import EVER, LEARNED_SHARE, Fold, Job, Split, Window, group_of, plan, windows_of
from models.benchmark.decision import Decided, decide
from models.benchmark.figures import draw
from models.benchmark.folder import LeftOut, Satellites, read_controls, read_satellites
from models.benchmark.labels import LabelSource
from models.benchmark.measurement import fit_events
from models.benchmark.protocol import evaluated_spans
from models.benchmark.report import Report, false_alarms, measure
from models.bundle import code_version
from models.detect.forward import fires
from models.registry.benchmarks import BenchmarkLog
from pipelines.contest import Contestant, Jobs, JobShard, Place, do_job, features_of, one_thread, prepared
from pipelines.delivery import control_flags, deliveries
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.keep import Keep
from pipelines.search import Searched, done, require_space, search
from pipelines.terminal import Advance, silent

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from models.detect.base import Detector
    from pipelines.home import Home

FOLDER = "benchmark"


@dataclass(frozen=True)
class Options:
    """What a benchmark is asked for.

    Parameters
    ----------
    later_sets : int or None
        Causal with so many element sets after the gap; None is retrospective.
    split : {'loso', 'temporal', 'transfer'}
    labels : LabelSource or None
        Labels beside those that lie with the element sets, and what is said of them.
    controls : Path or None
        Element sets of objects that cannot maneuver.
    trials : int
        Hyper-parameters that each fold tries, the configured ones first; 0 or 1 searches nothing.
    share : float
        Of each satellite's time that teaches, in the temporal split.
    """

    later_sets: int | None = None
    split: Split = "loso"
    labels: LabelSource | None = None
    controls: Path | None = None
    trials: int = 0
    share: float = LEARNED_SHARE


@dataclass(frozen=True)
class Benchmark:
    """What `benchmark` returns.

    Parameters
    ----------
    report : Report
    left_out : list of LeftOut
    jobs_done, jobs_known : int
        Jobs that were done now, and that were found done.
    """

    report: Report
    left_out: list[LeftOut] = field(default_factory=list)
    jobs_done: int = 0
    jobs_known: int = 0


def benchmark(
    home: Home,
    config: BurnwatchConfig,
    paths: Path | Sequence[Path],
    *,
    detector: str,
    options: Options | None = None,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> Benchmark:
    """Measure a detector on labelled satellites of homes, of folders in the layout of Shorten et al. 2023, or of others.

    What was done before, with the same data, configuration and code, is found under ``$BURNWATCH_HOME/benchmark``, so that
    a run that was killed goes on where it was. The figures do not depend on the number of workers.

    Raises
    ------
    PipelineError
        If nothing can be measured.
    """
    options = options or Options()
    contestant = Contestant.of(config, detector, options.later_sets)
    return benchmark_of(home, config, paths, contestant, options=options, engine=engine, advance=advance)


def benchmark_of(
    home: Home,
    config: BurnwatchConfig,
    paths: Path | Sequence[Path],
    contestant: Contestant,
    *,
    options: Options,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> Benchmark:
    """The same, of a detector with settings of its own."""
    _require(contestant, options)
    engine = engine or Engine(workers=1)
    keep = Keep(home.path / FOLDER)
    satellites = read_satellites(paths, options.labels)
    with one_thread():
        places = prepared(engine, keep, contestant, satellites.sets, advance)
        features = pd.concat(
            [features_of(keep, contestant, places[each]) for each in sorted(places)], ignore_index=True
        )
        spans = evaluated_spans(features, satellites.maneuvers)
        model = contestant.create()
        left_out = [*satellites.left_out, *_without_span(satellites, spans), *_teachers(spans, model)]
        spans = spans[~spans["norad_id"].isin(model.taught_by)].reset_index(drop=True)
        folds, skipped = plan(spans, model, options.split, options.share)
        jobs = Jobs(engine, keep, tuple(places.values()), satellites.maneuvers, advance)
        outcomes, failures = _compete(jobs, contestant, folds)
        folds, impossible = _possible(folds, failures)
        skipped |= impossible
        by_fold = [outcomes] * len(folds)
        searched: list[Searched] = []
        if options.trials:
            seed = config.benchmark.seed
            searched = search(jobs, contestant, folds, spans, trials=options.trials, seed=seed)
            by_fold = done(jobs, [(own.contestant, fold.jobs()) for fold, own in zip(folds, searched, strict=True)])
        advance(0, note="measuring")
        decided = decide(folds, by_fold, satellites.maneuvers, spans, model)
        skipped |= decided.skipped
        if decided.spans.empty:
            raise PipelineError(f"nothing can be measured: {_told(skipped, left_out)}")
        delivered = None
        if options.split == "loso":
            contestants = [own.contestant for own in searched] or [contestant] * len(folds)
            delivered = deliveries(jobs, contestants, folds, by_fold, satellites.sets, spans, features, config)
        fits = fit_events(decided.events, features, config.burn_fit, options.later_sets)
        about = _about(contestant, config, options, satellites, left_out, skipped)
        if searched:
            decided = _with_parameters(decided, folds, searched)
            about["trials"] = [row for own in searched for row in own.trials]
        settings = config.benchmark
        report = measure(
            decided,
            fits,
            satellites.maneuvers,
            about,
            resamples=settings.resamples,
            seed=settings.seed,
            delivered=delivered,
        )
        if options.controls:
            report = _with_controls(report, jobs, contestant, folds, outcomes, features, options.controls, config)
    return Benchmark(report, left_out, jobs.done, jobs.known)


def _require(contestant: Contestant, options: Options) -> None:
    if not options.trials:
        return
    require_space(contestant.name)
    if options.controls:
        raise PipelineError(
            "controls are judged by one detector, but with trials every fold has its own: ask for one of them"
        )


def _with_parameters(decided: Decided, folds: Sequence[Fold], searched: Sequence[Searched]) -> Decided:
    """With the ``parameters`` that were chosen for each judged satellite."""
    chosen = {
        window.norad_id: own.parameters
        for fold, own in zip(folds, searched, strict=True)
        for window in fold.outer.judged
    }
    return decided._replace(folds=decided.folds.assign(parameters=decided.folds["norad_id"].map(chosen)))


def _compete(
    jobs: Jobs, contestant: Contestant, folds: Sequence[Fold]
) -> tuple[dict[Job, pd.DataFrame], dict[Job, str]]:
    """What every job found, and why some could not be done."""
    wanted = list(dict.fromkeys(job for fold in folds for job in fold.jobs()))
    outcomes: dict[Job, pd.DataFrame] = {}
    failures: dict[Job, str] = {}
    for job, events in zip(wanted, jobs.outcomes([(contestant, job) for job in wanted]), strict=True):
        if isinstance(events, str):
            failures[job] = events
        else:
            outcomes[job] = events
    return outcomes, failures


def _possible(folds: Sequence[Fold], failures: dict[Job, str]) -> tuple[list[Fold], dict[str, str]]:
    """The folds whose jobs could be done, without the inner ones that could not, and why others are missing."""
    kept, skipped = [], {}
    for fold in folds:
        if fold.outer in failures:
            skipped[fold.group] = failures[fold.outer]
        else:
            inner = tuple(each for each in fold.inner if each[0] not in failures)
            kept.append(Fold(fold.group, fold.outer, inner))
    return kept, skipped


def _with_controls(
    report: Report,
    jobs: Jobs,
    contestant: Contestant,
    folds: Sequence[Fold],
    outcomes: Mapping[Job, pd.DataFrame],
    features: pd.DataFrame,
    path: Path,
    config: BurnwatchConfig,
) -> Report:
    """With the false alarms on objects that cannot maneuver: of the detector, and as delivered."""
    controls = read_controls(path)
    own = prepared(jobs.engine, jobs.keep, contestant, controls.sets, jobs.advance)
    watched = pd.concat([features_of(jobs.keep, contestant, own[each]) for each in sorted(own)], ignore_index=True)
    spans = report.decided.spans
    figures = _alarms(jobs, contestant, report.decided, tuple(own.values()), watched)
    figures["left_out"] = [{"name": each.name, "reason": each.reason} for each in controls.left_out]
    report = replace(report, controls=figures)
    if report.delivered is None:
        return report
    flags, points = control_flags(jobs, contestant, folds, outcomes, controls.sets, spans, features, config)
    alarms = false_alarms(flags, watched, {regime: point.threshold for regime, point in points.items()})
    return replace(report, delivered=report.delivered | {"controls": alarms})


def _alarms(
    jobs: Jobs, contestant: Contestant, decided: Decided, controls: tuple[Place, ...], features: pd.DataFrame
) -> dict[str, Any]:
    """False alarms of the detector taught by all satellites, at the folds' median thresholds."""
    watched = tuple(Window(place.norad_id, *EVER) for place in controls)
    job = Job(windows_of(decided.spans) if contestant.create().needs_fit else (), watched)
    shard = JobShard(jobs.keep, contestant, job, (*jobs.places, *controls), jobs.maneuvers)
    events = next(found for _, found in jobs.engine.map(do_job, [shard]))
    if isinstance(events, str):
        raise PipelineError(f"the controls cannot be judged: {events}")
    chosen = decided.folds.groupby("group")["threshold"].median().to_dict()
    regimes = [str(regime) for regime in features["regime"].unique()]
    thresholds = {regime: chosen[group_of(regime)] for regime in regimes if group_of(regime) in chosen}
    features = features[features["regime"].isin(thresholds.keys())]
    limits = pd.Series(
        [thresholds.get(str(regime), np.inf) for regime in events["regime"]], events.index, dtype="float64"
    )
    return false_alarms(events[fires(events, limits)], features, thresholds)


def _without_span(satellites: Satellites, spans: pd.DataFrame) -> list[LeftOut]:
    names = dict(zip(satellites.maneuvers["norad_id"], satellites.maneuvers["name"], strict=True))
    left = sorted(satellites.sets.keys() - set(spans["norad_id"]))
    return [
        LeftOut(str(names[norad_id]), "no burn at a time when its element sets are less than a week apart")
        for norad_id in left
    ]


def _teachers(spans: pd.DataFrame, model: Detector) -> list[LeftOut]:
    names = spans.loc[spans["norad_id"].isin(model.taught_by), "name"]
    return [LeftOut(str(name), f"it taught {model.name} before: nothing found on it measures that") for name in names]


def _about(
    contestant: Contestant,
    config: BurnwatchConfig,
    options: Options,
    satellites: Satellites,
    left_out: list[LeftOut],
    skipped: dict[str, str],
) -> dict[str, Any]:
    causal = options.later_sets is not None
    return {
        "detector": contestant.name,
        "setting": f"causal, {options.later_sets} later sets" if causal else "retrospective",
        "split": options.split,
        "learned_share": options.share if options.split == "temporal" else None,
        "labels": "as shipped (late)" if options.labels and options.labels.as_shipped else "raw logs",
        "seed": config.benchmark.seed,
        "data_snapshot": satellites.snapshot,
        "config_hash": config_hash(config),
        "code_version": code_version(),
        "detector_config": contestant.config.model_dump(mode="json"),
        "left_out": [{"name": each.name, "reason": each.reason} for each in left_out],
        "skipped": skipped,
    }


def _told(skipped: dict[str, str], left_out: list[LeftOut]) -> str:
    reasons = [f"{group}: {reason}" for group, reason in skipped.items()]
    reasons += [f"{each.name}: {each.reason}" for each in left_out]
    return "; ".join(reasons[:3])


def log_report(home: Home, report: Report) -> str:
    """Put a report on record in MLflow, with its plots; returns the run's id."""
    return BenchmarkLog(home.mlflow).log_benchmark(report.json(), report.metrics(), draw(report))
