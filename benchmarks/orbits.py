"""Speed of the physics: sets per second, and how many times faster than the plain versions.

Run from the repository root: ``python -m benchmarks.orbits``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.propagate import drift, propagate, propagate_with_drift
from tests.naive import orbits as naive

TARGETS = 5


def sample(count: int, deep_share: float, seed: int = 1) -> MeanElements:
    """Low orbits, with a share of geosynchronous ones."""
    rng = np.random.default_rng(seed)
    deep = rng.random(count) < deep_share
    e = rng.uniform(1e-4, 2e-3, count)
    i = np.where(deep, rng.uniform(0.01, 10.0, count), rng.uniform(30.0, 100.0, count))
    a = np.where(deep, rng.uniform(42150.0, 42180.0, count), rng.uniform(6800.0, 7600.0, count))
    return MeanElements(
        1_780_000_000_000_000 + rng.integers(0, 10**13, count),
        kozai_mean_motion_rev_day(a, e, i),
        e,
        i,
        *rng.uniform(0.0, 360.0, (3, count)),
        np.where(deep, 0.0, rng.uniform(0.0, 2e-4, count)),
    )


def rate(call: Callable[[], object], sets: int) -> float:
    """Sets a second: the best of three."""
    best = min(_timed(call) for _ in range(3))
    return sets / best


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    print(f"{'kernel':<46}{'sets/s':>12}{'naive sets/s':>14}{'ratio':>9}")
    for name, deep in (("near-earth", 0.0), ("5 % deep-space", 0.05), ("deep-space", 1.0)):
        elements = sample(20_000, deep)
        days = np.array([-2, -1, 1, 2, 3], dtype=np.int64) * 86_400_000_000
        times = elements.epoch_us[:, None] + days
        few, few_times = elements[:50], times[:50]
        slow = rate(lambda few=few, few_times=few_times: naive.propagate_with_drift(few, few_times), 50)
        for label, kernel in (
            ("propagate", propagate),
            ("drift", drift),
            ("propagate_with_drift", propagate_with_drift),
        ):
            fast = rate(lambda kernel=kernel, elements=elements, times=times: kernel(elements, times), len(elements))
            print(f"{f'{label}, {TARGETS} times a set, {name}':<46}{fast:>12,.0f}{slow:>14,.0f}{fast / slow:>9.0f}")


if __name__ == "__main__":
    main()
