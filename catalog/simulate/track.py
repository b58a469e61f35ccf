"""The true history of one object: its orbit once a day, and every burn its habits made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from catalog.simulate.habits import Burn, Habit
from catalog.simulate.motion import DAY_US, advance, radiation_pressure
from catalog.simulate.weather import DragHistory
from orbits.burns import apply_burn
from orbits.elements import IntArray, MeanElements
from orbits.mean_fit import NotConverged


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """True orbit of one object.

    Parameters
    ----------
    nodes : MeanElements
        Once a day, before and after each burn, in order of time (K,). The later of two nodes at one time counts.
    burns : tuple of Burn
        In order of time (B,).
    before, after : MeanElements
        The orbit just before and after each burn (B,).
    radiation_circle : float
        See `motion.radiation_pressure`.
    """

    nodes: MeanElements
    burns: tuple[Burn, ...]
    before: MeanElements
    after: MeanElements
    radiation_circle: float

    def at(self, epoch_us: IntArray, seen_until_us: IntArray | None = None) -> MeanElements:
        """The orbit at ``epoch_us`` (N,), as one who knows of no burn later than ``seen_until_us`` (N,) believes it to be."""
        known = self._node(epoch_us)
        if seen_until_us is not None:
            times = self.burn_times_us
            differs = np.searchsorted(times, epoch_us, "right") != np.searchsorted(times, seen_until_us, "right")
            known = np.where(differs, self._node(seen_until_us), known)
        nodes = self.nodes[known]
        later = advance(nodes, epoch_us)
        return radiation_pressure(later, nodes.epoch_us, self.radiation_circle) if self.radiation_circle else later

    @property
    def burn_times_us(self) -> IntArray:
        """Times of the burns (B,) [us]."""
        return np.array([burn.time_us for burn in self.burns], dtype=np.int64)

    def _node(self, times_us: IntArray) -> IntArray:
        return np.asarray(np.maximum(np.searchsorted(self.nodes.epoch_us, times_us, "right") - 1, 0), dtype=np.int64)


def fly(
    start: MeanElements,
    end_us: int,
    habits: Sequence[Habit],
    drag: DragHistory | None,
    radiation_circle: float,
    rng: np.random.Generator,
) -> Track:
    """Let one object fly from ``start`` (one set) to ``end_us``; the first habit that wants to burn has its way.

    ``drag`` scales the B* of ``start`` by the air density of each day.
    """
    bstar = start.bstar_inv_er
    now, rest_until_us, next_look_us = start, int(start.epoch_us[0]), int(start.epoch_us[0])
    pending: list[Burn] = []
    nodes: list[MeanElements] = []
    burns: list[Burn] = []
    before: list[MeanElements] = []
    after: list[MeanElements] = []
    while (now_us := int(now.epoch_us[0])) < end_us:
        if now_us >= next_look_us:
            next_look_us += DAY_US
            if not pending and now_us >= rest_until_us:
                plan = next((plan for habit in habits if (plan := habit.plan(now, rng)).burns or plan.rest_days), None)
                if plan is not None:
                    pending = list(plan.burns)
                    last_us = pending[-1].time_us if pending else now_us
                    rest_until_us = last_us + int(plan.rest_days * DAY_US)
        until_us = min([next_look_us, end_us, *(burn.time_us for burn in pending[:1])])
        if drag is not None:
            now = replace(now, bstar_inv_er=bstar * drag.mean(now.epoch_us, np.array([until_us])))
        nodes.append(now)
        then = advance(now, np.array([until_us], dtype=np.int64))
        now = radiation_pressure(then, now.epoch_us, radiation_circle) if radiation_circle else then
        if pending and pending[0].time_us == until_us:
            burn = pending.pop(0)
            dv = np.array([[burn.dv_r_m_s, burn.dv_t_m_s, burn.dv_n_m_s]])
            try:
                burned = apply_burn(now, np.array([until_us], dtype=np.int64), dv)
            except NotConverged:
                # Near the equator SGP4 has no mean elements for some orbits: the habit makes another plan tomorrow.
                continue
            before.append(now)
            after.append(burned)
            burns.append(burn)
            now = burned
    nodes.append(now)
    return Track(_join(nodes), tuple(burns), _join(before), _join(after), radiation_circle)


def _join(sets: list[MeanElements]) -> MeanElements:
    columns = {name: [getattr(item, name) for item in sets] for name in (field.name for field in fields(MeanElements))}
    epochs = np.concatenate([np.empty(0, np.int64), *columns.pop("epoch_us")])
    return MeanElements(epochs, **{name: np.concatenate([np.empty(0), *parts]) for name, parts in columns.items()})
