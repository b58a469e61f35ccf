"""Speed and size of reading and storing element sets: `python -m benchmarks.catalog FOLDER...` on files of your own."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from catalog.availability import stamp
from catalog.parse import Parsed, parse_bytes
from catalog.sources.files import read_paths
from catalog.store import ElementStore

Result = TypeVar("Result")
_REPEATS = 3


def best_of(action: Callable[[], Result]) -> tuple[float, Result]:
    """Least processor time of three runs [s], and the result."""
    times = []
    for _ in range(_REPEATS):
        begin = time.process_time()
        result = action()
        times.append(time.process_time() - begin)
    return min(times), result


def timed(label: str, action: Callable[[], Result]) -> Result:
    """Run once and say how long it took."""
    begin = time.perf_counter()
    result = action()
    print(f"{label}: {time.perf_counter() - begin:.3f} s")
    return result


def parsing() -> None:
    """Rate of the two-line parser on 200 sets of each of 1,000 objects."""
    one = "1 {:05d}U 98067A   26264.51782528 -.00002182  00000-0 -11606-4 0  292"
    two = "2 {:05d}  51.6416 247.4627 0006703 130.5360 325.0288 15.7212539156353"
    lines = (form.format(number) for number in range(10_000, 11_000) for form in (one, two))
    checked = (f"{line}{sum(int(char) if char.isdigit() else char == '-' for char in line) % 10}\n" for line in lines)
    data = "".join(checked).encode() * 200
    seconds, parsed = best_of(lambda: parse_bytes(data, name="benchmark"))
    print(f"parse: {len(parsed.element_sets) / seconds / 1e6:.2f} M sets/s, checksum included")


def storing(paths: list[Path]) -> None:
    """Append, size and reading of the element sets at ``paths``."""
    outcomes = timed("read files", lambda: [outcome for _, outcome in read_paths(paths) if isinstance(outcome, Parsed)])
    sets = pd.concat([stamp(outcome, source="file") for outcome in outcomes], ignore_index=True)
    objects = sets["norad_id"].unique()
    print(f"{len(sets)} sets of {len(objects)} objects")
    with tempfile.TemporaryDirectory() as folder:
        store = ElementStore(Path(folder))
        print(timed("append all", lambda: store.append(sets)))
        print(timed("append all again", lambda: store.append(sets)))
        latest = sets.sort_values("epoch").drop_duplicates("norad_id", keep="last")
        day = latest.assign(
            epoch=latest["epoch"] + pd.Timedelta(days=1), available_at=latest["available_at"] + pd.Timedelta(days=1)
        )
        print(timed(f"append a day of {len(day)} objects", lambda: store.append(day.astype(sets.dtypes))))
        chosen = np.random.default_rng(0).choice(objects, size=50)
        for state in ("before", "after"):
            times = [best_of(partial(store.history, [number]))[0] for number in chosen]
            print(
                f"one object, {state} compaction: median {1e3 * np.median(times):.1f} ms, worst {1e3 * max(times):.1f} ms"
            )
            print(f"all objects, {state} compaction: {best_of(store.history)[0]:.2f} s")
            if state == "before":
                timed("compact", store.compact)
        print(f"coverage: {best_of(store.coverage)[0]:.2f} s")
        size = sum(path.stat().st_size for path in store.home.rglob("*.parquet"))
        print(f"{size / store.count():.1f} bytes a set")


if __name__ == "__main__":
    parsing()
    if len(sys.argv) > 1:
        storing([Path(argument) for argument in sys.argv[1:]])
