"""A past period day by day: what would have been flagged, when, on what was available then."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from catalog.asset_store import AssetStore
from catalog.atomic import replace_bytes
from catalog.known import KnownSets
from catalog.objects import ObjectCatalog
from catalog.sqlite import sqlite_url
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.load import config_hash
from models.bundle import sources_hash
from pipelines.champion import Choice, bundle_of, choose
from pipelines.detection import Detected
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.judgement import judge
from pipelines.terminal import Advance, silent
from pipelines.walk import WalkShard, read_walk, walk_shard
from review.columns import iso_z
from review.export import finding_json, flag_json
from review.fleets import FleetLine, in_lines
from review.intake import ScoringRun
from review.store import FlagStore

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home

DAY = pd.Timedelta(days=1)

# What decides which events are found; how they are judged is done anew every time.
_SECTIONS = {
    "features",
    "calibration",
    "candidates",
    "placement",
    "moves",
    "proof",
    "burn_fit",
    "kind",
    "explanation",
    "train",
    "score",
    "replay",
}
_SOURCES = (
    *("orbits", "features", "models/detect", "models/characterize", "models/burns.py", "models/assess/quality.py"),
    *("catalog/identity.py", "catalog/known.py", "catalog/records.py"),
    *("pipelines/detection.py", "pipelines/walk.py", "pipelines/watermark.py"),
)


class NothingThenError(PipelineError):
    """No element set had become available by the end of the period."""

    def __init__(self, until: pd.Timestamp, first: pd.Timestamp | None) -> None:
        self.until, self.first = until, first
        held = "the store holds none" if first is None else f"the first came {first:%Y-%m-%d}"
        super().__init__(f"no element sets were available by {until:%Y-%m-%d}: {held}")


@dataclass(frozen=True)
class Replay:
    """What a replay gave.

    Parameters
    ----------
    about : dict
        from, until, step_days, detector, model_version, objects.
    days : list of dict
        ``day``, its ``flags`` and its ``findings``, as JSON values.
    note : str
        Which model it was done with, and why.
    folder : Path
        Where it is kept.
    """

    about: dict[str, Any]
    days: list[dict[str, Any]]
    note: str
    folder: Path

    def write(self, path: Path) -> None:
        """Write all of it as one JSON object, a day a line."""
        head = json.dumps(self.about, ensure_ascii=False, allow_nan=False)[:-1]
        lines = ",\n".join(json.dumps(day, ensure_ascii=False, allow_nan=False) for day in self.days)
        replace_bytes(path, f'{head}, "days": [\n{lines}\n]}}\n'.encode())

    def lines(self) -> list[str]:
        """The summary for a person."""
        flags = [len(day["flags"]) for day in self.days]
        findings = [len(day["findings"]) for day in self.days]
        opened = len({finding["finding_id"] for day in self.days for finding in day["findings"]})
        latencies = [flag["latency_days"] for day in self.days for flag in day["flags"]]
        said = [
            f"{self.note}",
            f"{len(self.days)} days of {self.about['objects']} objects: {sum(flags)} flags, {statistics.median(flags):g} on the median day",
            f"{opened} findings; on the median day {statistics.median(findings):g} have news",
        ]
        if latencies:
            said.append(f"flagged {statistics.median(latencies):.1f} days after the burn (median)")
        return said


@dataclass(frozen=True)
class Period:
    """The times of judgement, ascending, and the step between them."""

    times: tuple[pd.Timestamp, ...]
    step: pd.Timedelta


def replay(
    home: Home,
    config: BurnwatchConfig,
    since: pd.Timestamp,
    until: pd.Timestamp,
    *,
    step: pd.Timedelta = DAY,
    model: str | None = None,
    ids: Iterable[int] | None = None,
    engine: Engine | None = None,
    advance: Advance = silent,
) -> Replay:
    """Walk a period step by step, each on what was available then, and say what would have been flagged.

    It leaves the home's own flags alone. What was found in each shard of objects is kept under ``home/replay``: a replay
    that was killed goes on from there, and gives what it would have given.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    since, until : Timestamp
        First and last time of judgement [UTC].
    step : Timedelta
    model : str, optional
        Alias or version; the champion as of ``since`` by default (see `pipelines.champion.choose`).
    ids : iterable of int, optional
        Look for burns of these objects only; all others stay in sight.
    engine : Engine, optional
    advance : Advance

    Raises
    ------
    PipelineError
        Where the period is empty, or nothing was available in it.
    models.errors.ModelError
        Where there is no such model.
    """
    if step <= pd.Timedelta(0) or until < since:
        raise PipelineError(
            f"nothing to replay from {since:%Y-%m-%d} until {until:%Y-%m-%d} in steps of {step / DAY:g} d"
        )
    period = Period(tuple(since + index * step for index in range(int((until - since) // step) + 1)), step)
    with home.alone("replay"):
        return _replay(home, config, period, model, ids, engine or Engine(workers=1), advance)


def _replay(
    home: Home,
    config: BurnwatchConfig,
    period: Period,
    model: str | None,
    ids: Iterable[int] | None,
    engine: Engine,
    advance: Advance,
) -> Replay:
    times = period.times
    if config.replay.context_days is not None:
        score = config.score.model_copy(update={"context_days": config.replay.context_days})
        config = config.model_copy(update={"score": score})
    store = ElementStore(home.elements, config.store)
    coverage = KnownSets(store, times[-1]).coverage
    if coverage.empty:
        all_times = store.coverage()["first_epoch"]
        raise NothingThenError(times[-1], None if all_times.empty else all_times.min())
    wanted = coverage["norad_id"].to_numpy()
    if ids is not None:
        asked = set(ids)
        if missing := sorted(asked - set(wanted.tolist())):
            raise PipelineError(f"object {missing[0]} had no element sets by {times[-1]:%Y-%m-%d}")
        wanted = wanted[coverage["norad_id"].isin(asked)]
    choice = choose(home, times[0], model)
    key = _key(times, choice, config, store.snapshot_id(), wanted.tolist())
    folder = home.path / "replay" / key
    bundle = bundle_of(home, config, choice, folder / "model", engine=engine, advance=advance)
    groups = store.gathered(wanted, config.replay.shard_objects)
    shards = [
        WalkShard(home.path, config, bundle, tuple(group.tolist()), times, folder / f"shard-{index:05d}.parquet")
        for index, group in enumerate(groups)
    ]
    todo = [shard for shard in shards if not shard.done]
    advance(len(wanted) - sum(len(shard.ids) for shard in todo))
    for finished, (_, count) in enumerate(engine.map(walk_shard, todo), start=1 + len(shards) - len(todo)):
        advance(count, note=f"{finished}/{len(shards)} shards")
    days = _judged(home, config, store, choice, read_walk(shards), period, folder, advance)
    about = {
        "from": iso_z(times[0]),
        "until": iso_z(times[-1]),
        "step_days": period.step / DAY,
        "detector": choice.loaded.detector.name,
        "model_version": choice.version,
        "objects": len(wanted),
    }
    return Replay(about, days, choice.note, folder)


def _key(
    times: tuple[pd.Timestamp, ...], choice: Choice, config: BurnwatchConfig, snapshot: str, ids: list[int]
) -> str:
    """Name of what stage one gives: with another of any of these it may give something else."""
    made_from = {
        "times": [time.isoformat() for time in times],
        "model": choice.identity,
        "config": config.model_dump(mode="json", include=_SECTIONS),
        "snapshot": snapshot,
        "objects": ids,
        "code": sources_hash(_SOURCES),
    }
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]


def _judged(
    home: Home,
    config: BurnwatchConfig,
    store: ElementStore,
    choice: Choice,
    walked: dict[pd.Timestamp, Detected],
    period: Period,
    folder: Path,
    advance: Advance,
) -> list[dict[str, Any]]:
    """The days in order, each judged by what the days before left behind."""
    objects, weather = ObjectCatalog(home.path).load(), WeatherTable(home.path).load()
    assets = AssetStore(home.path).load()
    issues = store.history(every_issue=True) if store.count() <= config.replay.held_sets else None
    snapshot, settings = store.snapshot_id(), config_hash(config)
    database = folder / "review.sqlite"
    for path in folder.glob(f"{database.name}*"):  # of a replay that was killed
        path.unlink()
    log: pd.DataFrame | None = None
    days = []
    with FlagStore(sqlite_url(database), config.review) as flags:
        for time in period.times:
            record: dict[str, Any] = {"day": iso_z(time), "flags": [], "fleets": [], "findings": []}
            detected = walked.get(time)
            if detected is not None:
                known, standing = KnownSets(store, time, issues), flags.findings.current()
                judged = judge(detected, log, standing, known, objects, weather, config, at=time, assets=assets)
                run = ScoringRun(
                    at=time.to_pydatetime(),
                    model_version=choice.version,
                    data_snapshot=snapshot,
                    config_hash=settings,
                    spans=detected.spans[["norad_id", "span_start", "span_end"]],
                )
                result = flags.upsert(judged.events, run)
                flags.findings.upsert(judged.findings)
                # A backlog was news on earlier days.
                news = judged.events["first_seen_at"] > time - period.step
                created = set(result.created)
                new = [one for one, is_news in zip(result.flag_ids, news, strict=True) if is_news and one in created]
                record["flags"], record["fleets"] = _flags_json(flags, new, time)
                record["findings"] = _findings_json(flags, time)
                log = judged.log
            days.append(record)
            advance(0, note=f"judged as of {time:%Y-%m-%d}")
    return days


def _flags_json(
    flags: FlagStore, ids: list[str], time: pd.Timestamp
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The day's flags, the most unexpected first, and what many of a fleet did, which is one line of the day."""
    records = sorted((flags.get(one) for one in ids), key=lambda flag: (-(flag.unexpectedness or 0.0), flag.flag_id))
    fleets = [
        {
            "fleet": line.fleet,
            "text": str(line),
            "raising": line.raising,
            "lowering": len(line.flags) - line.raising,
            "flag_ids": [flag.flag_id for flag in line.flags],
        }
        for line in in_lines(records)
        if isinstance(line, FleetLine)
    ]
    told = [
        flag_json(flag) | {"rank": rank, "latency_days": round((time - flag.burn_time) / DAY, 4)}
        for rank, flag in enumerate(records, start=1)
    ]
    return told, fleets


def _findings_json(flags: FlagStore, time: pd.Timestamp) -> list[dict[str, Any]]:
    """The findings that have news, each with that news alone, the most unexpected first."""
    whole = map(finding_json, flags.findings.records(order="unexpected", since=time.to_pydatetime()))
    now = iso_z(time)
    return [finding | {"news": [piece for piece in finding["news"] if piece["at"] == now]} for finding in whole]
