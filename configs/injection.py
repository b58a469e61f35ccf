"""Settings of injected burns: how they are drawn, how element sets show them, and what sensitivity is measured with."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from configs.section import Section

Direction = Literal["radial", "along-track", "cross-track"]
Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class SmearEra(Section):
    """How the fits behind the element sets of an era show a burn."""

    until: date = Field(description="first day after the era (UTC)")
    shapes: Annotated[tuple[tuple[float, float], ...], Field(min_length=1)] = Field(
        default=((0.0, 0.0),), description="span of a fit [days] and its ringing, 0 to 1, each as likely as the others"
    )
    lag_days: Range = Field(
        default=(0.0, 0.4), description="how long before its epoch a set's last observation lies, from and to [days]"
    )


_ALWAYS = date(9999, 12, 31)


class InjectionConfig(Section):
    """How burns are drawn and smeared."""

    dv_m_s: dict[str, Range] = Field(
        default={"leo": (5e-4, 1.0), "meo": (2e-3, 3.0), "geo": (2e-3, 5.0), "heo": (2e-3, 3.0)},
        description="least and largest burn, drawn evenly in the logarithm, by regime [m/s]",
    )
    directions: dict[str, float] = Field(
        default={"along-track": 0.5, "cross-track": 0.3, "radial": 0.05, "any": 0.15},
        description="how often burns go each way, either sense; 'any' is evenly over the sphere",
    )
    burns_per_year: float = Field(default=12.0, gt=0, description="burns drawn for a year of quiet time")
    spacing_days: float = Field(default=12.0, ge=0, description="least time between two burns of an object [days]")
    sets_before: int = Field(
        default=20, ge=1, description="element sets of the object before any of its burns, at least"
    )
    sets_after: int = Field(default=8, ge=1, description="element sets after any of its burns, at least")
    max_gap_days: float = Field(default=5.0, gt=0, description="no burn is put into a longer gap [days]")
    guard_days: float = Field(default=8.0, ge=0, description="least time from a known burn or event [days]")
    smear: dict[str, Annotated[tuple[SmearEra, ...], Field(min_length=1)]] = Field(
        default={
            "leo": (
                SmearEra(until=date(2013, 1, 1), shapes=((3.0, 0.0), (4.0, 0.0), (5.0, 0.0), (6.0, 0.0), (10.0, 0.0))),
                SmearEra(until=date(2015, 3, 1), shapes=((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (5.0, 1.0), (5.0, 1.0))),
                SmearEra(until=_ALWAYS),
            ),
            "high": (SmearEra(until=_ALWAYS, lag_days=(0.4, 1.6)),),
        },
        description="how element sets show burns, in LEO and above, by era in order of time; measured on logged burns",
    )
    seed: int = Field(default=7, ge=0, description="seed of the draws")


class SensitivityConfig(Section):
    """How the smallest burn that would have been seen is measured."""

    directions: tuple[Direction, ...] = Field(
        default=("along-track", "cross-track", "radial"), min_length=1, description="directions of the injected burns"
    )
    least_dv_m_s: float = Field(default=1e-4, gt=0, description="smallest injected burn [m/s]")
    largest_dv_m_s: float = Field(default=10.0, gt=0, description="largest injected burn [m/s]")
    sizes_per_decade: int = Field(default=4, ge=1, description="sizes between them, even in the logarithm")
    injections: int = Field(default=40, ge=5, description="burns of each size and direction put into an object")
    least_injections: int = Field(
        default=10, ge=5, description="places for burns below which an object's history says too little"
    )
    false_alarms_per_object_year: float = Field(
        default=1.0, gt=0, description="false alarms at the threshold that burns must pass [1/(object year)]"
    )
    found_share: float = Field(default=0.9, gt=0, lt=1, description="share of the burns of a size to be found")
    window_days: float = Field(default=1.5, gt=0, description="how far from the burn the event may lie [days]")
    arc_sets: int = Field(
        default=140, ge=30, description="element sets on each side of a burn that are scored with it [sets]"
    )
    guard_days: float = Field(
        default=5.0, ge=0, description="least time from a known burn or event to an injected one [days]"
    )
    quiet_guard_days: float = Field(
        default=2.0, ge=0, description="least time from the sets about a lasting step to an injected burn [days]"
    )
    lasting_sigma: float = Field(
        default=6.0, gt=0, description="size of a lasting step, in robust sigmas of its object, that ends a quiet arc"
    )
    seed: int = Field(default=7, ge=0, description="seed of the places and of their burns' smear")
