"""Speed of the flag store: storing, storing again, updating and listing many flags.

``python -m benchmarks.flags [--count 100000] [--url sqlite:///…|postgresql://…]``; a new SQLite file by default. The
database given must be empty.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from review.intake import ScoringRun
from review.records import Status
from review.store import FlagStore

_EVENTS_PER_OBJECT = 50


def invent_events(count: int) -> pd.DataFrame:
    """Events of ``count / 50`` objects, one a week each: of 100,000 some 400 fall on a day."""
    rng = np.random.default_rng(0)
    week = np.arange(count) % _EVENTS_PER_OBJECT
    start = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(
        7 * 86400 * week + rng.integers(0, 86400, count), unit="s"
    )
    before = pd.Series(start).astype("datetime64[us, UTC]")
    numbers = (
        "dv_r_m_s",
        "dv_t_m_s",
        "dv_n_m_s",
        "dv_m_s",
        "dv_sigma_m_s",
        "probability",
        "unexpectedness",
        "chi2_ratio",
    )
    return pd.DataFrame(
        {
            "norad_id": np.arange(count) // _EVENTS_PER_OBJECT + 1,
            "name": "OBJECT",
            "regime": "leo",
            "detector": "robust-step",
            "epoch_before": before,
            "epoch_after": before + pd.Timedelta(hours=15),
            "burn_time": before + pd.Timedelta(hours=8),
            "available_at": before + pd.Timedelta(hours=20),
            "kind": "drag make-up",
            "score": rng.gamma(2.0, 3.0, count),
            **{name: rng.random(count) for name in numbers},
            "reasons": [["11 times the median of its earlier burns", "first burn in 94 days"]] * count,
            "neighbours": [[{"norad_id": 7, "name": "OTHER", "miss_km": 41.5, "when": "2025-03-01T00:00:00Z"}]] * count,
        }
    )


def timed(label: str, call: Callable[[], object], repeats: int = 1) -> None:
    """Print the median wall and processor time of a call; they differ where the machine does other things too."""
    wall, processor = [], []
    for _ in range(repeats):
        started = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - started[0])
        processor.append(time.process_time() - started[1])
    print(f"{label:<44} {1000 * statistics.median(wall):10.1f} ms {1000 * statistics.median(processor):10.1f} ms")


def run(store: FlagStore, count: int) -> None:
    """Time every operation on ``count`` flags."""
    events = invent_events(count)
    scored = ScoringRun(datetime(2026, 1, 1, tzinfo=UTC), "1", "snapshot", "config")
    recent = datetime(2025, 12, 1, tzinfo=UTC)
    print(f"{'':<44} {'wall':>13} {'processor':>13}")
    timed(f"store {count:,} new flags", lambda: store.upsert(events, scored))
    timed("store the same again", lambda: store.upsert(events, scored))
    moved = events.assign(epoch_after=events["epoch_after"] + timedelta(hours=2), score=events["score"] + 1.0)
    timed("update all, in shifted windows", lambda: store.upsert(moved, scored))
    one = moved[moved["norad_id"] == 1].assign(score=99.0)
    timed("update one object's flags", lambda: store.upsert(one, scored))
    some_id = store.flags(limit=1)[0].flag_id
    for label, call in {
        "list 50 most unexpected": lambda: store.flags(limit=50),
        "list 50 latest": lambda: store.flags("time", limit=50),
        "list 50 most unexpected of a month": lambda: store.flags(since=recent, limit=50),
        "list 50 open": lambda: store.flags(status=Status.OPEN, limit=50),
        "list one object's": lambda: store.flags(norad_id=9),
        "get one by the beginning of its id": lambda: store.get(some_id[:12]),
        "count": store.count,
    }.items():
        timed(label, call, repeats=9)
    timed("list all", store.flags)


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--url")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        FlagStore(arguments.url or f"sqlite:///{Path(folder) / 'review.sqlite'}") as store,
    ):
        run(store, arguments.count)


if __name__ == "__main__":
    main()
