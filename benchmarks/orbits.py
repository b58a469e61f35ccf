"""Speed of the physics: sets per second, and how many times faster than the plain versions.

Run from the repository root: ``python -m benchmarks.orbits``.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from orbits.burns import apply_burn, fit_mean_elements, gauss_matrix
from orbits.elements import MeanElements, kozai_mean_motion_rev_day
from orbits.frames import teme_to_rtn
from orbits.kepler import eccentric_anomaly_rad
from orbits.propagate import drift, propagate, propagate_with_drift
from orbits.relative import closest_approach
from tests.naive import orbits as naive

DAY_US = 86_400_000_000


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


def propagation() -> None:
    """SGP4 at several times a set, against SGP4 in plain Python."""
    for name, deep in (("near-earth", 0.0), ("5 % deep-space", 0.05), ("deep-space", 1.0)):
        elements = sample(20_000, deep)
        times = elements.epoch_us[:, None] + np.array([-2, -1, 1, 2, 3], dtype=np.int64) * DAY_US
        slow = rate(lambda e=elements[:50], t=times[:50]: naive.propagate_with_drift(e, t), 50)
        for kernel in (propagate, drift, propagate_with_drift):
            fast = rate(lambda k=kernel, e=elements, t=times: k(e, t), len(elements))
            show(f"{kernel.__name__}, {times.shape[1]} times a set, {name}", fast, slow)


def fits() -> None:
    """Mean elements from states, burns, and Gauss's equations."""
    for name, deep in (("near-earth", 0.0), ("deep-space", 1.0)):
        elements = sample(5_000, deep)
        position, velocity, _ = propagate(elements, elements.epoch_us)
        fast = rate(
            lambda e=elements, p=position, v=velocity: fit_mean_elements(
                p, v, e.epoch_us, e.bstar_inv_er, on_failure="nan"
            ),
            len(elements),
        )
        slow = rate(
            lambda e=elements, p=position, v=velocity: [
                naive.fit_mean_elements(p[i], v[i], e.epoch_us[i], e.bstar_inv_er[i]) for i in range(10)
            ],
            10,
        )
        show(f"fit_mean_elements, {name}", fast, slow)
        dv = np.tile([0.0, 0.1, 0.0], (len(elements), 1))
        fast = rate(lambda e=elements, dv=dv: apply_burn(e, e.epoch_us + DAY_US, dv, on_failure="nan"), len(elements))
        show(f"apply_burn, {name}", fast)
    n = 50_000
    rng = np.random.default_rng(2)
    orbit = [rng.uniform(7000, 42000, n), rng.uniform(0, 0.7, n), rng.uniform(0, 100, n), *rng.uniform(0, 360, (3, n))]
    fast = rate(lambda: gauss_matrix(*orbit), n)
    show("gauss_matrix", fast, rate(lambda: [naive.gauss_matrix(*row) for row in np.transpose(orbit)[:200]], 200))
    anomaly = np.radians(orbit[5])
    slow = rate(lambda: [naive.eccentric_anomaly_rad(m, e) for m, e in zip(anomaly[:500], orbit[1], strict=False)], 500)
    show("eccentric_anomaly_rad", rate(lambda: eccentric_anomaly_rad(anomaly, orbit[1]), n), slow)


def geometry() -> None:
    """Axes and approaches; a pair counts as one set."""
    elements = sample(20_000, 0.05)
    position, velocity, _ = propagate(elements, elements.epoch_us)
    slow = rate(lambda: [naive.rtn_axes(position[i], velocity[i]) for i in range(500)], 500)
    show("teme_to_rtn", rate(lambda: teme_to_rtn(position, velocity), len(elements)), slow)
    for name, deep in (("near-earth", 0.0), ("geosynchronous", 1.0)):
        a, b = sample(200, deep), sample(200, deep, seed=2)
        start = int(max(a.epoch_us.max(), b.epoch_us.max()))
        end = start + DAY_US
        fast = rate(lambda a=a, b=b, start=start, end=end: closest_approach(a, b, start, end), len(a))
        slow = rate(
            lambda a=a, b=b, start=start, end=end: [
                naive.closest_approach(a[i : i + 1], b[i : i + 1], start, end) for i in range(5)
            ],
            5,
        )
        show(f"closest_approach over a day, {name}", fast, slow)


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
