"""Made-up orbits of every regime."""

from collections.abc import Callable

import numpy as np
import pytest

from orbits.elements import MeanElements, kozai_mean_motion_rev_day

EPOCH_US = 1_700_000_000_000_000

# name -> lowest and highest perigee altitude [km], eccentricity, inclination [deg]
SHAPES = {
    "leo": ((350.0, 1400.0), (1e-4, 0.02), (1.0, 120.0)),
    "leo_circular": ((500.0, 1400.0), (1e-5, 1e-4), (40.0, 99.0)),
    "leo_equatorial": ((500.0, 1400.0), (1e-4, 0.02), (1e-3, 0.5)),
    "meo": ((19000.0, 22000.0), (1e-4, 0.02), (50.0, 65.0)),
    "geo": ((35700.0, 35850.0), (1e-5, 5e-4), (0.08, 0.2)),
    "geo_inclined": ((35500.0, 35900.0), (1e-4, 5e-3), (0.5, 15.0)),
    "heo": ((500.0, 1500.0), (0.6, 0.74), (5.0, 64.0)),
}

Make = Callable[..., MeanElements]


def make_orbits(shape: str, count: int = 40, seed: int = 0) -> MeanElements:
    rng = np.random.default_rng(seed)
    altitude, eccentricity, inclination = (rng.uniform(*bounds, count) for bounds in SHAPES[shape])
    turns = rng.uniform(0.0, 360.0, (3, count))
    return MeanElements(
        EPOCH_US + rng.integers(0, 10**13, count),
        kozai_mean_motion_rev_day((6378.135 + altitude) / (1.0 - eccentricity), eccentricity, inclination),
        eccentricity,
        inclination,
        *turns,
        rng.uniform(-1e-5, 1e-4, count) * shape.startswith("leo"),
    )


@pytest.fixture
def orbits() -> Make:
    return make_orbits


@pytest.fixture(params=SHAPES)
def every_orbit(request: pytest.FixtureRequest) -> MeanElements:
    return make_orbits(request.param)
