"""New element sets to flags, from a watermark."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pandas as pd

from catalog.asset_store import AssetStore
from catalog.atomic import scratch_folder
from catalog.known import KnownSets
from catalog.objects import ObjectCatalog
from catalog.sources.web import Clock, utc_now
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.load import config_hash
from models.benchmark.judged import data_errors
from models.bundle import write_bundle
from models.registry import LoadedModel, ModelRegistry
from pipelines.detection import Detected, DetectionShard, detect_shard
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.events import EventLog
from pipelines.flags import open_flags
from pipelines.judgement import judge
from pipelines.runs import Recording, recorded
from pipelines.standing import standing
from pipelines.terminal import Advance, silent
from review.clock import believe_clock, check_clock
from review.intake import ScoringRun
from review.labels import LabelStore

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


@dataclass(frozen=True)
class ScoreSummary:
    """What a scoring run did."""

    model_version: str
    objects: int
    gaps: int
    events: int
    created: int
    updated: int
    withdrawn: int
    opened: int
    news: int
    until: pd.Timestamp | None
    anew: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The summary for a person."""
        if not self.objects:
            return [f"model {self.model_version}: no new element sets since the last run; flags unchanged"]
        until = f"{self.until:%Y-%m-%d %H:%M} UTC" if self.until is not None else "-"
        anew = [f"everything is scored anew: {'; '.join(self.anew)}"] if self.anew else []
        return [
            *anew,
            f"model {self.model_version}: {self.objects} objects with new element sets, {self.gaps} gaps, up to {until}",
            f"{self.events} events: {self.created} new flags, {self.updated} updated, {self.withdrawn} withdrawn",
            f"{self.opened} new findings, {self.news} news: burnwatch findings",
        ]


def score(
    home: Home,
    config: BurnwatchConfig,
    *,
    as_of: datetime | None = None,
    model: str = "champion",
    engine: Engine | None = None,
    advance: Advance = silent,
    clock: Clock = utc_now,
) -> ScoreSummary:
    """Look for burns in what is new since the last run, judge them, and put them among the flags.

    Safe to kill at any instant and to repeat: flags are keyed by object and burn, and the watermark moves last.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    as_of : datetime, optional
        See only what was available then (UTC).
    model : str
        Alias or version of the registered model.
    engine : Engine, optional
    advance : Advance
    clock : callable
        The time, UTC.

    Raises
    ------
    PipelineError
        Where the store is empty.
    review.clock.ClockError
        Where the clock cannot be right; with ``as_of`` it is not asked.
    models.errors.ModelError
        Where there is no such model, or it is damaged.
    """
    with home.alone("score"), recorded(home, config, "score") as run:
        # Other processes may store element sets meanwhile: all of a run is made from one state of the store.
        with ElementStore(home.elements, config.store).frozen(home.state / "scoring") as store:
            summary = _score(home, config, store, as_of, model, engine or Engine(workers=1), advance, run, clock)
        run.summary |= asdict(summary)
    return summary


def _score(
    home: Home,
    config: BurnwatchConfig,
    store: ElementStore,
    as_of: datetime | None,
    model: str,
    engine: Engine,
    advance: Advance,
    recording: Recording,
    clock: Clock,
) -> ScoreSummary:
    registry = ModelRegistry(home.mlflow)
    loaded = registry.resolve(model)
    recording.mlflow_run_id = registry.run_of(loaded.version)
    limit = pd.Timestamp(as_of) if as_of else None
    at = pd.Timestamp(as_of) if as_of else clock()
    if as_of is None:
        check_clock(home.path, at, config.store)
    known = KnownSets(store, limit)
    if known.coverage.empty:
        raise PipelineError("the store holds no element sets: run `burnwatch ingest` first")
    key = f"{loaded.version} {config_hash(config)} {store.store_id()}"
    with open_flags(home, config) as flags:
        state = standing(home.state, key, flags)
    behind = state.watermark.behind(known.coverage)
    if behind.empty:
        return ScoreSummary(str(loaded.version), 0, 0, 0, 0, 0, 0, 0, 0, None)
    detected = _detect(home, config, store, loaded, behind, limit, engine, advance)
    advance(0, note="judging")
    run = ScoringRun(
        at=at.to_pydatetime(),
        model_version=str(loaded.version),
        data_snapshot=store.snapshot_id(),
        config_hash=config_hash(config),
        spans=detected.spans[["norad_id", "span_start", "span_end"]],
    )
    objects, weather = ObjectCatalog(home.path).load(), WeatherTable(home.path).load()
    assets = AssetStore(home.path).load()
    with open_flags(home, config) as flags:
        kept = flags.findings.current()
        errors = data_errors(LabelStore(flags.database).labels(run.at))
        judged = judge(
            detected,
            state.log,
            kept,
            known,
            objects,
            weather,
            config,
            at=at,
            assets=assets,
            data_errors=errors,
        )
        # The log, the flags, the findings, the watermark: whatever a crash leaves undone is done again, the same way, or
        # by another model: that one must not take for its own what this one has written.
        replace(state.watermark, mark=state.made_from).write(home.state / "scored.json")
        mark = uuid4().hex
        EventLog(home.state / "events.parquet").write(judged.log, mark, state.made_from)
        result = flags.upsert(judged.events, run)
        told = flags.findings.upsert(judged.findings)
        flags.scoring.done(mark, state.made_from)
    if as_of is None:
        believe_clock(home.path, at)
    replace(state.watermark.moved(behind), mark=mark).write(home.state / "scored.json")
    return ScoreSummary(
        str(loaded.version),
        len(behind),
        int(detected.spans["gaps"].sum()),
        len(judged.events),
        len(result.created),
        len(result.updated) + len(result.restored),
        len(result.withdrawn),
        len(told.created),
        told.news,
        behind["last_epoch"].max(),
        state.anew,
    )


def _detect(
    home: Home,
    config: BurnwatchConfig,
    store: ElementStore,
    loaded: LoadedModel,
    behind: pd.DataFrame,
    as_of: pd.Timestamp | None,
    engine: Engine,
    advance: Advance,
) -> Detected:
    # One epoch makes no gap: nothing is read of such objects.
    single = behind["first_epoch"] == behind["last_epoch"]
    wanted = behind[~single] if not single.all() else behind.iloc[:1]
    ids, counts = wanted["norad_id"].to_numpy(), wanted["count"].to_numpy()
    by_id = wanted.set_index("norad_id", drop=False)
    groups = [by_id.loc[group] for group in store.gathered(ids, config.score.shard_objects, counts)]
    # Most sets first, so that the last worker does not work alone.
    groups.sort(key=lambda group: -int(group["count"].sum()))
    results: dict[int, Detected] = {}
    with scratch_folder(home.state) as scratch:
        # Workers, on other machines too, read the verified model from here: none of them needs to import MLflow.
        bundle = scratch / "bundle"
        write_bundle(bundle, loaded.detector, loaded.calibration)
        shards = [
            DetectionShard(home.path, store.home, config, bundle, group.reset_index(drop=True), as_of)
            for group in groups
        ]
        for index, result in engine.map(detect_shard, shards):
            results[index] = result
            advance(len(result.spans), note=f"{len(results)}/{len(groups)} shards")
    ranked = [results[index] for index in sorted(results)]
    filled = [part.events for part in ranked if len(part.events)] or [ranked[0].events]
    events = pd.concat(filled, ignore_index=True).sort_values(["norad_id", "epoch_after"], ignore_index=True)
    events["model_version"] = str(loaded.version)
    spans = pd.concat([part.spans for part in ranked], ignore_index=True)
    rest = behind[~behind["norad_id"].isin(spans["norad_id"])]
    if rest.empty:
        return Detected(events, spans)
    alone = rest.rename(columns={"first_epoch": "span_start", "last_epoch": "span_end"})
    alone = alone.assign(gaps=0, backlog=rest["count_scored"] == 0)[list(spans.columns)]
    return Detected(events, pd.concat([spans, alone], ignore_index=True))
