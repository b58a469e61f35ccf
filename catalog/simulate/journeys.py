"""Habits that are left: going from one place to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catalog.simulate.habits import (
    NOTHING,
    DragMakeUp,
    EastWest,
    Plan,
    along_track_burn,
    next_time_at,
)
from catalog.simulate.motion import DAY_US, a_change_km_per_m_s, longitude_course, mean_a_km
from catalog.simulate.track import Track
from orbits.elements import MeanElements, wrap_deg
from orbits.geosynchronous import dv_of_drift_change_m_s


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a geosynchronous object is wanted from an instant on."""

    from_us: int
    box: EastWest


@dataclass(frozen=True, slots=True)
class Itinerary:
    """Hold one longitude box after another, drifting from each to the next.

    A move starts with two burns half a day apart and ends with two, so the orbit stays near-circular.

    Parameters
    ----------
    stays : tuple of Stay
        In order of time.
    drift_deg_day : float
        Fastest drift of a move [deg/day].
    intent : str
        Of the burns that make a move.
    """

    stays: tuple[Stay, ...]
    drift_deg_day: float
    intent: str

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        now_us = int(orbit.epoch_us[0])
        box = [stay.box for stay in self.stays if stay.from_us <= now_us][-1]
        longitude, rate, _ = longitude_course(orbit)
        to_go = float(wrap_deg(box.longitude_deg - longitude))
        if abs(to_go) <= 2.0 * box.half_width_deg and abs(rate) < 0.05:
            return box.plan(orbit, rng)
        if rate * to_go > 0.0 and abs(rate) > 0.3 * self._cruise(to_go):
            days_left = to_go / rate
            if days_left > 1.5:
                return NOTHING
            first_us = now_us + int(max(days_left - 0.25, 0.05) * DAY_US)
            wanted = 0.0
        else:
            first_us = next_time_at(orbit, box.hour_utc + rng.normal(0.0, 2.0))
            wanted = float(np.sign(to_go)) * self._cruise(to_go)
        half = 0.5 * float(dv_of_drift_change_m_s(wanted - rate))
        burns = [
            along_track_burn(first_us + k * DAY_US // 2, half, rng, kind="relocation", intent=self.intent)
            for k in range(2)
        ]
        return Plan(tuple(burns), rest_days=1.0)

    def _cruise(self, to_go_deg: float) -> float:
        """Drift of a move: the fastest, or slower so that a short way takes five days [deg/day]."""
        return min(self.drift_deg_day, max(abs(to_go_deg) / 5.0, 0.02))


@dataclass(frozen=True, slots=True)
class Rendezvous:
    """Keep a home in LEO, then catch up with another object of the same plane and stay near it.

    Parameters
    ----------
    home : DragMakeUp
        The habit until the object leaves.
    target : Track
        The other object's true history.
    leave_us : int
        When the approach begins [us].
    catch_up_deg_day : float
        Fastest change of the phase between the two [deg/day].
    standoff_deg : float
        Phase at which the object stays [deg].
    """

    home: DragMakeUp
    target: Track
    leave_us: int
    catch_up_deg_day: float = 7.5
    standoff_deg: float = 0.3

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        now_us = int(orbit.epoch_us[0])
        if now_us < self.leave_us:
            return self.home.plan(orbit, rng)
        other = self.target.at(orbit.epoch_us)
        node = wrap_deg(other.raan_deg - orbit.raan_deg) * np.cos(np.radians(orbit.inclination_deg))
        angle = other.arg_pericenter_deg + other.mean_anomaly_deg - orbit.arg_pericenter_deg - orbit.mean_anomaly_deg
        phase = float(wrap_deg(angle + node)[0])  # the target is ahead by this
        above_km = float(mean_a_km(orbit)[0] - mean_a_km(other)[0])
        deg_day_per_km = 1.5 * 360.0 * float(orbit.mean_motion_rev_day[0] / mean_a_km(orbit)[0])
        rate = deg_day_per_km * above_km
        to_go = phase - float(np.sign(phase)) * self.standoff_deg
        if abs(to_go) < 1.0:
            return self._hold(orbit, rate + to_go / 4.0, deg_day_per_km, rng)
        cruise = -float(np.sign(to_go)) * min(self.catch_up_deg_day, abs(to_go) / 3.0)
        if rate / cruise > 0.5:
            days_left = -to_go / rate
            if days_left > 1.2:
                return NOTHING
            first_us, change = now_us + int(max(days_left - 0.05, 0.02) * DAY_US), -rate
        else:
            first_us, change = next_time_at(orbit, self.home.hour_utc + rng.normal(0.0, 1.0)), cruise - rate
        half = 0.5 * change / deg_day_per_km / a_change_km_per_m_s(orbit)
        spacing = int(1.5 * DAY_US / orbit.mean_motion_rev_day[0])
        kind = "orbit raise" if half > 0.0 else "orbit lowering"
        burns = (along_track_burn(first_us + k * spacing, half, rng, kind=kind, intent="inspection") for k in range(2))
        return Plan(tuple(burns), rest_days=0.5)

    def _hold(
        self, orbit: MeanElements, excess_deg_day: float, deg_day_per_km: float, rng: np.random.Generator
    ) -> Plan:
        """Trim the drift that is too much for staying where it is."""
        if abs(excess_deg_day) < 0.04:
            return NOTHING
        dv = -excess_deg_day / deg_day_per_km / a_change_km_per_m_s(orbit)
        kind = "drag make-up" if dv > 0.0 else "orbit lowering"
        time_us = next_time_at(orbit, self.home.hour_utc + rng.normal(0.0, 1.0))
        return Plan((along_track_burn(time_us, dv, rng, kind=kind),), rest_days=2.0)
