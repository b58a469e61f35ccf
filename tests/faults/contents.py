"""Everything that a home holds, but for what differs from run to run by nature."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from catalog import quarantine
from catalog.store import ElementStore
from models.registry import ModelRegistry
from models.registry.roles import ROLES
from tests.faults.works import CONFIG, COPY, INBOX

# When a thing was done, by the clock, and ids that are drawn.
_BY_CHANCE = {
    "started_at",
    "updated_at",
    "ended_at",
    "run_id",
    "decided_at",
    "created_at",
    "password_hash",
    "audit_id",
    "at",
    "mlflow_run_id",
    "attempts",
    "sent_at",
    "user_id",
}
# Logins are the trial's own; how scoring is tied to the home's files is drawn anew by each run.
_LEFT_OUT = {"sessions", "scoring", "alembic_version", "runs"}


def contents(home: Path) -> dict[str, Any]:
    """By name, to be compared with those of another home."""
    sets = ElementStore(home / "elements", CONFIG.store).history(every_issue=True)
    found: dict[str, Any] = {"element sets": _rows(sets), "quarantine": _rows(quarantine.read(home))}
    for path in (*home.glob("*.parquet"), *(home / "state").glob("*.parquet")):
        found[path.name] = _rows(pd.read_parquet(path))
    if (home / "state" / "scored.json").is_file():
        found["watermark"] = sorted(json.loads((home / "state" / "scored.json").read_text())["objects"].split())
    found["reports"] = sorted(path.name for path in (home / "reports").glob("*"))
    if (home / INBOX).is_file():
        found["told"] = sorted(set((home / INBOX).read_text().split("\f")))
    if (home / COPY).is_file():
        found["copy"] = [f"{name}: {row}" for name, rows in _tables(home / COPY).items() for row in rows]
    found["parts"] = sorted(path.name for path in (home / "elements").glob("bucket=*/*"))
    return found | _models(home / "mlflow") | _tables(home / "review.sqlite")


def left_over(home: Path) -> list[str]:
    """Runs that never ended, here and in MLflow, their locks, and scratch files."""
    unended = []
    if (home / "mlflow" / "mlflow.db").is_file():
        with closing(sqlite3.connect(home / "mlflow" / "mlflow.db")) as database:
            unended = [
                f"MLflow: {row}" for row in database.execute("SELECT name, status FROM runs WHERE status = 'RUNNING'")
            ]
    with closing(sqlite3.connect(home / "review.sqlite")) as database:
        running = [
            f"{work} is running" for (work,) in database.execute("SELECT work FROM runs WHERE outcome = 'running'")
        ]
    return (
        unended
        + running
        + sorted(str(path.relative_to(home)) for path in (*home.rglob(".*.tmp*"), *(home / "state" / "runs").iterdir()))
    )


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What differs: by name the rows that only one of both has."""
    return {
        name: (
            [row for row in one.get(name, []) if row not in other.get(name, [])],
            [row for row in other.get(name, []) if row not in one.get(name, [])],
        )
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }


def _models(mlflow: Path) -> dict[str, list[str]]:
    """Which version has which role, and what each is."""
    if not (mlflow / "mlflow.db").is_file():
        return {}
    registry = ModelRegistry(mlflow)
    roles = [f"{role}: {version}" for role in ROLES if (version := registry.version_of(role))]
    with closing(sqlite3.connect(mlflow / "mlflow.db")) as database:
        aliases = [str(row) for row in database.execute("SELECT alias, version FROM registered_model_aliases")]
        versions = [str(row) for row in database.execute("SELECT version, status FROM model_versions")]
    return {"roles": roles, "aliases": sorted(aliases), "versions": sorted(versions)}


def _tables(path: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        names = [row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted({_text(row) for row in database.execute(f"SELECT * FROM {name}")})
            for name in names
            if name not in _LEFT_OUT and not name.startswith("sqlite_")
        }


def _text(row: sqlite3.Row) -> str:
    kept = {key: value for key, value in dict(row).items() if key not in _BY_CHANCE}
    return json.dumps(kept, sort_keys=True, default=str)


def _rows(frame: pd.DataFrame) -> list[str]:
    return sorted(frame.to_json(orient="records", lines=True, date_format="iso", double_precision=15).splitlines())
