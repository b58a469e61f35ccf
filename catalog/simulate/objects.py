"""One object of the simulation, and the random streams it draws from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catalog.simulate.cadence import Cadence
from catalog.simulate.eras import CLEAN, Era
from catalog.simulate.habits import Habit
from catalog.simulate.motion import DAY_US
from configs.simulate import SimulateConfig
from orbits.elements import MeanElements


@dataclass(frozen=True, slots=True)
class SimulatedObject:
    """One object as it is launched into the simulation.

    Parameters
    ----------
    norad_id, name, object_id, kind, purpose, operator
        As in the catalog of objects.
    start : MeanElements
        Its first orbit (one set); the epoch is when it is first seen.
    habits : tuple of Habit
        In order of precedence; none for what cannot burn.
    eras : tuple of Era
    cadence : Cadence
    radiation_circle : float
        Radius of the yearly circle of the eccentricity vector; see `motion.radiation_pressure`.
    lunar_a_m : float
        Amplitude of the monthly wave in a that SGP4 leaves out [m].
    """

    norad_id: int
    name: str
    object_id: str
    kind: str
    purpose: str
    operator: str
    start: MeanElements
    habits: tuple[Habit, ...] = ()
    eras: tuple[Era, ...] = (CLEAN,)
    cadence: Cadence = field(default_factory=Cadence)
    radiation_circle: float = 0.0
    lunar_a_m: float = 0.0


def stream(config: SimulateConfig, *key: int) -> np.random.Generator:
    """The random stream of one object (and purpose): no other object's draws can move it."""
    return np.random.default_rng(np.random.SeedSequence(config.seed, spawn_key=key))


def epoch_start_us(config: SimulateConfig) -> int:
    """First instant of the simulation [us]."""
    return round(config.start.timestamp() * 1e6)


def epoch_end_us(config: SimulateConfig) -> int:
    """Last instant of the simulation [us]."""
    return epoch_start_us(config) + config.days * DAY_US
