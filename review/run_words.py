"""Runs of the pipelines as a person reads them, and where Prefect and MLflow tell more of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from review import words
from review.runs import Outcome, RunRecord

Summary = Mapping[str, Any]


def told(run: RunRecord) -> str:
    """What a run did, in a sentence or two; nothing where it left no word."""
    if run.outcome is not Outcome.RUNNING and "error" not in run.summary and run.work in _TELLERS:
        return _TELLERS[run.work](run.summary)
    counted = {name: value for name, value in run.summary.items() if isinstance(value, str | int | float)}
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in counted.items() if name != "error")


def took(run: RunRecord, now: datetime) -> str:
    """How long a run took, or for how long it has been running."""
    return words.duration(run.took if run.took is not None else now - run.started_at)


def prefect_link(run: RunRecord, prefect_url: str) -> str:
    """Address of the flow run in Prefect's pages; nothing where it has none."""
    return f"{prefect_url}/runs/flow-run/{run.prefect_run_id}" if prefect_url and run.prefect_run_id else ""


def mlflow_link(run: RunRecord, mlflow_url: str) -> str:
    """Address of the run in MLflow's pages; nothing where it has none."""
    return f"{mlflow_url}/#/runs/{run.mlflow_run_id}" if mlflow_url and run.mlflow_run_id else ""


def count(number: object, one: str, many: str = "") -> str:
    """So many of something."""
    value = number if isinstance(number, int) else 0
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def _ingest(summary: Summary) -> str:
    what = summary.get("what", "element sets")
    parts = [f"{summary.get('source', '')}: {summary.get('read', 0):,} {what} read, {summary.get('added', 0):,} new"]
    if summary.get("refused"):
        parts.append(f"{count(summary['refused'], 'record')} refused")
    if summary.get("errors"):
        parts.append(f"{count(len(summary['errors']), 'error')}, the first: {summary['errors'][0]}")
    return "; ".join(parts)


def _train(summary: Summary) -> str:
    version = f"{summary.get('detector', '')}, version {summary.get('version', '')}"
    if summary.get("known"):
        return f"{version} was there already"
    learned = f"{count(summary.get('gaps'), 'gap')} of {count(summary.get('objects'), 'object')}"
    return f"{version} ({summary.get('alias', '')}), from {learned}"


def _score(summary: Summary) -> str:
    model = f"model {summary.get('model_version', '')}"
    if not summary.get("objects"):
        return f"{model}: no new element sets"
    flags = ", ".join(f"{summary.get(name, 0):,} {name}" for name in ("created", "updated", "withdrawn"))
    news = f"{count(summary.get('opened'), 'new finding')}, {summary.get('news', 0):,} news"
    objects = count(summary.get("objects"), "object")
    return f"{model}: {objects}, {count(summary.get('events'), 'event')}; flags: {flags}; {news}"


def _promote(summary: Summary) -> str:
    challenger, champion = summary.get("challenger", ""), summary.get("champion", "")
    if challenger == champion:
        return f"version {champion} is challenger and champion: nothing to decide"
    if summary.get("promoted"):
        return f"version {challenger} is champion now, version {champion} was"
    failed = "; ".join(str(one) for one in summary.get("failed_checks", ()))
    return f"version {challenger} is worse, version {champion} stays champion: {failed}"


def _upkeep(summary: Summary) -> str:
    return f"every byte is as it was written; {count(summary.get('fewer_files'), 'file')} fewer in the store"


def _backup(summary: Summary) -> str:
    return f"flags, verdicts, accounts and notes copied to {summary.get('file', '')}"


_TELLERS: dict[str, Callable[[Summary], str]] = {
    "ingest": _ingest,
    "train": _train,
    "score": _score,
    "promote": _promote,
    "upkeep": _upkeep,
    "backup": _backup,
}
