"""Speed of the physics: sets per second, and how many times faster than the plain versions.

Run from the repository root: ``python -m benchmarks.orbits``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from orbits.burns import apply_burn, fit_mean_elements, gauss_matrix
from orbits.elements import MeanElements, equinoctial, kozai_mean_motion_rev_day
from orbits.frames import teme_to_rtn
from orbits.kepler import eccentric_anomaly_rad, state_of_equinoctial
from orbits.propagate import drift, propagate, propagate_with_drift
from orbits.relative import closest_approach
from tests.naive import orbits as naive

DAY_US = 86_400_000_000
KERNELS: dict[str, Callable[..., object]] = {
    "propagate": propagate,
    "drift": drift,
    "propagate_with_drift": propagate_with_drift,
}


def sample(count: int, deep_share: float, seed: int = 1) -> MeanElements:
    """Low orbits, with a share of geosynchronous ones."""
    rng = np.random.default_rng(seed)
    deep = rng.random(count) < deep_share
    e = rng.uniform(1e-4, 2e-3, count)
    i = np.where(deep, rng.uniform(0.01, 10.0, count), rng.uniform(30.0, 100.0, count))
    a = np.where(deep, rng.uniform(42150.0, 42180.0, count), rng.uniform(6800.0, 7600.0, count))
    raan, arg_pericenter, mean_anomaly = rng.uniform(0.0, 360.0, (3, count))
    return MeanElements(
        1_780_000_000_000_000 + rng.integers(0, 10**13, count),
        kozai_mean_motion_rev_day(a, e, i),
        e,
        i,
        raan,
        arg_pericenter,
        mean_anomaly,
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


def propagation() -> None:
    """SGP4 at several times a set, against SGP4 in plain Python."""
    for name, deep in (("near-earth", 0.0), ("5 % deep-space", 0.05), ("deep-space", 1.0)):
        elements = sample(20_000, deep)
        times = elements.epoch_us[:, None] + np.array([-2, -1, 1, 2, 3], dtype=np.int64) * DAY_US
        slow = rate(partial(naive.propagate_with_drift, elements[:50], times[:50]), 50)
        for label, kernel in KERNELS.items():
            fast = rate(partial(kernel, elements, times), len(elements))
            show(f"{label}, {times.shape[1]} times a set, {name}", fast, slow)


def fits() -> None:
    """Mean elements from states, and burns."""
    for name, deep in (("near-earth", 0.0), ("deep-space", 1.0)):
        elements = sample(5_000, deep)
        position, velocity, _ = propagate(elements, elements.epoch_us)
        columns = (position, velocity, elements.epoch_us, elements.bstar_inv_er)
        fast = rate(partial(fit_mean_elements, *columns, on_failure="nan"), len(elements))
        show(f"fit_mean_elements, {name}", fast, rate(partial(each, naive.fit_mean_elements, *columns, count=10), 10))
        dv = np.tile([0.0, 0.1, 0.0], (len(elements), 1))
        burn = partial(apply_burn, elements, elements.epoch_us + DAY_US, dv, on_failure="nan")
        show(f"apply_burn, {name}", rate(burn, len(elements)))


def geometry() -> None:
    """Two-body formulas, axes and approaches; a pair counts as one set."""
    n = 50_000
    rng = np.random.default_rng(2)
    orbit = [rng.uniform(7000, 42000, n), rng.uniform(0, 0.7, n), rng.uniform(0, 100, n), *rng.uniform(0, 360, (3, n))]
    position, velocity = state_of_equinoctial(orbit[0], equinoctial(*orbit[1:]))
    pairs: list[tuple[str, Callable[..., object], Callable[..., object], list[np.ndarray]]] = [
        ("gauss_matrix", gauss_matrix, naive.gauss_matrix, orbit),
        ("eccentric_anomaly_rad", eccentric_anomaly_rad, naive.eccentric_anomaly_rad, [np.radians(orbit[5]), orbit[1]]),
        ("teme_to_rtn", teme_to_rtn, naive.rtn_axes, [position, velocity]),
    ]
    for label, kernel, plain, columns in pairs:
        show(label, rate(partial(kernel, *columns), n), rate(partial(each, plain, *columns, count=200), 200))
    for name, deep in (("near-earth", 0.0), ("geosynchronous", 1.0)):
        a, b = sample(200, deep), sample(200, deep, seed=2)
        start = int(max(a.epoch_us.max(), b.epoch_us.max()))
        fast = rate(partial(closest_approach, a, b, start, start + DAY_US), len(a))
        slow = rate(partial(naive.closest_approach, a[:1], b[:1], start, start + DAY_US), 1)
        show(f"closest_approach over a day, {name}", fast, slow)


def each(kernel: Callable[..., object], *columns: np.ndarray, count: int) -> None:
    """Call a plain version row by row."""
    for i in range(count):
        kernel(*(column[i] for column in columns))


def show(name: str, fast: float, slow: float | None = None) -> None:
    """One line of the table."""
    against = f"{slow:>14,.0f}{fast / slow:>9.0f}" if slow else ""
    print(f"{name:<52}{fast:>12,.0f}{against}")


def main() -> None:
    """Print the table."""
    print(f"{'kernel':<52}{'sets/s':>12}{'naive sets/s':>14}{'ratio':>9}")
    propagation()
    fits()
    geometry()


if __name__ == "__main__":
    main()
