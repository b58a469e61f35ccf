"""The Prefect flows: coarse tasks over plain functions, repeatable at any time.

Tasks take and return counts, ids and paths, never frames; nothing is cached by Prefect, since the work itself is
idempotent (content keys and watermarks).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from catalog.store import ElementStore
from configs.load import load_config
from models.benchmark.labels import LabelSource
from models.registry import ModelRegistry
from pipelines import ingest as ingestion
from pipelines import notify as noticing
from pipelines import report as reporting
from pipelines import score as scoring
from pipelines import train as training
from pipelines import upkeep as keeping
from pipelines.engine import Engine
from pipelines.errors import PipelineError
from pipelines.home import Home
from review.export import finding_json

_NO_SETS = "no element sets are stored yet: `burnwatch ingest`, or the ingest flow, brings some"


@task(cache_policy=NO_CACHE)
def ingest_celestrak_task(home: Path, config: Path | None, group: str) -> dict[str, Any]:
    """Pull one group from CelesTrak."""
    return _counts(ingestion.ingest_celestrak(Home.at(home), load_config(config), groups=[group]))


@task(cache_policy=NO_CACHE)
def ingest_spacetrack_task(home: Path, config: Path | None, norad_ids: list[int]) -> dict[str, Any]:
    """Pull the newest history of some objects from Space-Track."""
    return _counts(ingestion.ingest_spacetrack(Home.at(home), load_config(config), norad_ids))


@task(cache_policy=NO_CACHE)
def ingest_files_task(home: Path, config: Path | None, paths: list[Path]) -> dict[str, Any]:
    """Read element sets from files and folders."""
    return _counts(ingestion.ingest_files(Home.at(home), load_config(config), paths))


@task(cache_policy=NO_CACHE)
def train_task(home: Path, config: Path | None, detector: str | None, labels: Path | None) -> dict[str, Any]:
    """Fit and register a challenger."""
    loaded = load_config(config)
    source = LabelSource.of(labels) if labels else None
    summary = training.train(
        Home.at(home), loaded, detector=detector, labels=source, engine=Engine(workers=loaded.score.workers)
    )
    return {
        "detector": summary.detector,
        "version": summary.version,
        "alias": summary.alias,
        "known": summary.known,
        "metrics": summary.metrics,
    }


@task(cache_policy=NO_CACHE)
def score_task(home: Path, config: Path | None, model: str) -> dict[str, Any]:
    """Score what is new since the watermark."""
    loaded = load_config(config)
    summary = scoring.score(Home.at(home), loaded, model=model, engine=Engine(workers=loaded.score.workers))
    return {
        "model_version": summary.model_version,
        "objects": summary.objects,
        "events": summary.events,
        "created": summary.created,
        "updated": summary.updated,
        "withdrawn": summary.withdrawn,
    }


@task(cache_policy=NO_CACHE)
def notify_task(home: Path, config: Path | None) -> dict[str, Any]:
    """Send the notices that are due; what cannot be sent is tried again by the next run."""
    summary = noticing.notify(Home.at(home), load_config(config))
    if summary.problems:
        raise PipelineError("; ".join(summary.problems))
    return {"made": summary.made, "told": summary.told, "waiting": summary.waiting}


@task(cache_policy=NO_CACHE)
def report_task(home: Path, config: Path | None) -> list[Path]:
    """Write the pages of the findings with the newest news, most unexpected first."""
    return reporting.write_reports(Home.at(home), load_config(config))


@task(cache_policy=NO_CACHE)
def upkeep_task(home: Path, config: Path | None) -> int:
    """Read every byte and merge the store's files; how many fewer there are."""
    return keeping.upkeep(Home.at(home), load_config(config))


@flow(name="burnwatch-ingest", log_prints=False)
def ingest_flow(home: Path, config: Path | None = None, files: list[Path] | None = None) -> dict[str, Any]:
    """Pull new element sets: given files, or the scheduled groups and objects.

    One source that fails does not keep the others from being pulled; the run fails at the end.
    """
    schedule = load_config(config).schedule
    rows: list[dict[str, Any]] = []
    if files:
        rows.append({"source": "files"} | ingest_files_task(home, config, files))
    else:
        jobs = [
            (f"celestrak {group}", ingest_celestrak_task.submit(home, config, group))
            for group in schedule.celestrak_groups
        ]
        if schedule.spacetrack_ids:
            jobs.append(("space-track", ingest_spacetrack_task.submit(home, config, list(schedule.spacetrack_ids))))
        for source, future in jobs:
            future.wait()
            failed = future.state.is_failed() or future.state.is_crashed()
            counts = {"error": str(future.state.message)} if failed else future.result()
            rows.append({"source": source} | counts)
    create_table_artifact(key="burnwatch-ingest", table=rows, description="Element sets pulled, by source.")
    broken = [row["source"] for row in rows if row.get("error")]
    if broken:
        raise PipelineError(f"nothing came from {', '.join(broken)}; the other sources are stored")
    return {"added": sum(row["added"] for row in rows), "known": sum(row["known"] for row in rows)}


@flow(name="burnwatch-train", log_prints=False)
def train_flow(
    home: Path, config: Path | None = None, detector: str | None = None, labels: Path | None = None
) -> dict[str, Any] | State[None]:
    """Fit a detector and register it as challenger."""
    if _no_sets(home, config):
        return Completed(message=_NO_SETS)
    summary = train_task(home, config, detector, labels)
    rows = [{"metric": name, "value": value} for name, value in summary["metrics"].items()]
    create_table_artifact(
        key="burnwatch-train", table=rows, description=f"{summary['detector']}, version {summary['version']}."
    )
    return summary


@flow(name="burnwatch-score", log_prints=False)
def score_flow(home: Path, config: Path | None = None, model: str = "champion") -> dict[str, Any] | State[None]:
    """Score new element sets, list the findings with news in the last days and tell of them.

    Notices that cannot be sent are the notify flow's own failure, not this one's. A home that is still empty has nothing
    to score, which is no failure of a schedule.
    """
    if _no_sets(home, config):
        return Completed(message=_NO_SETS)
    if ModelRegistry(Home.at(home).mlflow).empty():
        return Completed(message="no model is trained yet: `burnwatch train`, or the train flow, makes one")
    summary = score_task(home, config, model)
    notify_task(home, config, return_state=True)
    names = ("finding_id", "name", "news_at", "kind", "state", "unexpectedness", "headline", "expects")
    newest = [finding_json(finding) for finding in reporting.newest_findings(Home.at(home), load_config(config))]
    table = [{name: finding[name] for name in names} for finding in newest]
    create_table_artifact(
        key="burnwatch-findings", table=table, description="Findings with the newest news, most unexpected first."
    )
    return summary


@flow(name="burnwatch-notify", log_prints=False)
def notify_flow(home: Path, config: Path | None = None) -> dict[str, Any]:
    """Send the notices that are due."""
    return notify_task(home, config)


@flow(name="burnwatch-report", log_prints=False)
def report_flow(home: Path, config: Path | None = None) -> int:
    """Write a page for each finding with news in the last days, and link it."""
    pages = report_task(home, config)
    for page in pages:
        create_link_artifact(key=f"burnwatch-{page.stem}", link=page.as_uri(), link_text=page.name)
    return len(pages)


@flow(name="burnwatch-upkeep", log_prints=False)
def upkeep_flow(home: Path, config: Path | None = None) -> int:
    """Merge the store's files; fails where a byte of the store or the databases is not what was written."""
    return upkeep_task(home, config)


def _no_sets(home: Path, config: Path | None) -> bool:
    return ElementStore(Home.at(home).elements, load_config(config).store).coverage().empty


def _counts(summary: ingestion.IngestSummary) -> dict[str, Any]:
    if summary.failed:
        raise PipelineError("; ".join(summary.errors) or f"all {summary.refused} records were refused")
    return {
        "read": summary.read,
        "added": summary.added,
        "known": summary.read - summary.added,
        "refused": summary.refused,
    }
