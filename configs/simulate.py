"""Settings of the simulated fleet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from configs.section import Section


class SimulateConfig(Section):
    """How many objects of which kind fly, for how long, and how well they are tracked.

    Every object draws from its own random stream, so changing one count leaves the other objects as they were.
    """

    seed: int = Field(default=20260601, ge=0, description="seed of everything random in the simulation")
    start: AwareDatetime = Field(
        default=datetime(2025, 4, 27, tzinfo=UTC), description="first instant of the simulation (UTC)"
    )
    days: int = Field(default=400, ge=20, le=3000, description="length of the simulation [day]")
    sun_synchronous: int = Field(default=6, ge=0, le=90, description="sun-synchronous satellites that make up for drag")
    altimetry: int = Field(
        default=4, ge=0, le=90, description="high LEO satellites on repeat orbits, with rare burns of mm/s"
    )
    passive_leo: int = Field(
        default=3, ge=0, le=90, description="spheres, rocket bodies and debris in LEO, which cannot burn"
    )
    meo: int = Field(default=2, ge=0, le=90, description="navigation satellites in MEO, with a burn or two a year")
    geosynchronous: int = Field(
        default=7,
        ge=0,
        le=90,
        description="geosynchronous objects: the second one is dead and librates, the others keep station",
    )
    inspector: Literal["geo", "leo", "none"] = Field(
        default="geo",
        description="where INSPECTOR leaves its habit to approach the target; none for neither of the two",
    )
    noise_scale: float = Field(
        default=1.0, ge=0.0, description="factor on all noise and on the rate of bad sets; 0 for perfect tracking"
    )
    storm_day: float = Field(
        default=0.62, ge=0.0, le=1.0, description="when the great geomagnetic storm begins, as a share of the days"
    )
