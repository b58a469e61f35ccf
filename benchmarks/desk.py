"""How fast the analysts' desk answers with many flags: server time of its pages, in this process and without a network.

``python -m benchmarks.desk [--flags 100000] [--url postgresql://…]``
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from benchmarks.flags import invent_events
from catalog.objects import ObjectCatalog
from catalog.simulate.generate import simulate_fleet
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from configs.schema import BurnwatchConfig
from configs.simulate import SimulateConfig
from review.desk import Desk
from review.intake import ScoringRun
from review.records import FlagRecord, Role
from review.store import FlagStore
from review.web.app import create_app
from tests.desk_home import burn_events

FLEET = SimulateConfig(days=400, sun_synchronous=40, altimetry=40, passive_leo=10, meo=10, geosynchronous=60)
_REPEATS = 25
_SEED = 20261123


@contextmanager
def desk_of(folder: Path, url: str | None, count: int) -> Iterator[Desk]:
    """A home with a simulated fleet, its true burns as flags, and invented flags of other objects up to ``count``."""
    fleet = simulate_fleet(FLEET)
    ElementStore(folder / "elements").append(fleet.element_sets)
    ObjectCatalog(folder).merge(fleet.objects)
    WeatherTable(folder).merge(fleet.weather)
    burns = burn_events(fleet)
    invented = invent_events(count - len(burns)).assign(name=_names(count - len(burns)))
    config = BurnwatchConfig()
    with FlagStore(url or f"sqlite:///{folder / 'review.sqlite'}", config.review) as flags:
        at = datetime(2026, 6, 2, tzinfo=UTC)
        for events in (burns, invented):
            flags.upsert(events, ScoringRun(at, "robust-step-1", "snapshot", "config"))
        sets = len(fleet.element_sets)
        print(
            f"{flags.count():,} flags, {len(burns):,} of them with element sets; {sets:,} sets of {len(fleet.objects)} objects"
        )
        yield Desk(folder, config, flags)


def _names(count: int) -> list[str]:
    """Names that a search tells apart."""
    words = ("LANTERN", "KESTREL", "HARBOR", "MERIDIAN", "QUARRY", "ALDER", "BEACON", "COBALT")
    return [f"{words[number // 50 % len(words)]} {number // 50 + 1}" for number in range(count)]


def timed(label: str, client: TestClient, addresses: Iterable[str]) -> None:
    """Print the median and the 95th percentile of the wall time of a page, the median processor time, and its size."""
    wall, processor, sizes = [], [], []
    for address in addresses:
        started = time.perf_counter(), time.process_time()
        answer = client.get(address)
        wall.append(1000 * (time.perf_counter() - started[0]))
        processor.append(1000 * (time.process_time() - started[1]))
        sizes.append(len(answer.content) / 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code} {answer.text[:200]}")
    middle, late = statistics.median(wall), np.percentile(wall, 95)
    used, size = statistics.median(processor), statistics.median(sizes)
    print(f"{label:<48} {middle:9.0f} ms {late:9.0f} ms {used:9.0f} ms {size:8.0f} kB", flush=True)


def again(address: str) -> list[str]:
    """One address asked for again and again."""
    return [address] * _REPEATS


def measure(desk: Desk, client: TestClient) -> None:
    """Time the pages and the API."""
    rng = np.random.default_rng(_SEED)
    flags = desk.flags.flags(order="time")
    known = set(desk.elements.object_ids().tolist())

    def some(wanted: Callable[[FlagRecord], bool]) -> list[str]:
        found = [flag.flag_id for flag in flags if flag.norad_id in known and wanted(flag)]
        return [str(one) for one in rng.permutation(found)[:_REPEATS]]

    low, high = some(lambda flag: flag.regime == "leo"), some(lambda flag: flag.regime == "geo")
    print(f"\n{'':<48} {'median':>12} {'95 of 100':>12} {'processor':>12} {'size':>11}")
    client.get("/flags")  # what is kept between requests is read once
    for label, address in {
        "queue": "/flags",
        "queue, by time, page 1000": "/flags?order=time&page=1000",
        "queue, open ones of the belt": "/flags?regime=geo&status=open",
        "queue, a word in name or reasons": "/flags?text=LANTERN",
        "queue, an owner's": "/flags?owner=SIM",
        "queue, a month": "/flags?since=2025-06-01&until=2025-07-01",
    }.items():
        timed(label, client, again(address))
    timed("dossier in LEO, each flag for the first time", client, [f"/flags/{one}" for one in low])
    timed("dossier in LEO, again", client, [f"/flags/{one}" for one in low])
    timed("dossier in the belt, each for the first time", client, [f"/flags/{one}" for one in high])
    timed("dossier in the belt, again", client, [f"/flags/{one}" for one in high])
    for label, address in {
        "belt": "/belt",
        "data": "/data",
        "findings": "/findings",
        "API: a page of 50 flags": "/api/v1/flags",
        "API: a page of 500 flags": "/api/v1/flags?size=500",
        "API: counts": "/api/v1/flags/counts",
        "API: one flag": f"/api/v1/flags/{low[0]}",
    }.items():
        timed(label, client, again(address))
    settle(client, flags[: 4 * _REPEATS])


def settle(client: TestClient, flags: list[FlagRecord]) -> None:
    """Time verdicts by the API."""
    wall = []
    for flag, to in zip(flags, cycle(("confirmed", "routine", "data error", "unclear")), strict=False):
        started = time.perf_counter()
        said: dict[str, Any] = {"to": to, "note": "benchmark", "expected_version": flag.version}
        answer = client.post(f"/api/v1/flags/{flag.flag_id}/verdict", json=said)
        wall.append(1000 * (time.perf_counter() - started))
        if answer.status_code != 200:
            raise SystemExit(f"verdict: {answer.status_code} {answer.text[:200]}")
    print(f"{'API: a verdict':<48} {statistics.median(wall):9.0f} ms {np.percentile(wall, 95):9.0f} ms")


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flags", type=int, default=100_000)
    parser.add_argument("--url", help="of an empty PostgreSQL database; SQLite without it")
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"Python {sys.version.split()[0]}, {cores} cores, {'PostgreSQL' if arguments.url else 'SQLite'}")
    with tempfile.TemporaryDirectory() as folder, desk_of(Path(folder), arguments.url, arguments.flags) as desk:
        user = desk.accounts.add("bench", Role.ANALYST, "four words nobody guesses", by="benchmark")
        _, secret = desk.accounts.tokens.make(user, "benchmark")
        headers = {"Authorization": f"Bearer {secret}"}
        with TestClient(create_app(desk), base_url="http://127.0.0.1", headers=headers) as client:
            measure(desk, client)


if __name__ == "__main__":
    main()
