"""Station-keeping policies: each looks at the orbit once a day and may plan burns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from catalog.simulate.motion import (
    DAY_US,
    a_change_km_per_m_s,
    longitude_course,
    mean_a_km,
    node_passage_us,
)
from orbits.elements import MeanElements, wrap_deg
from orbits.geosynchronous import dv_of_drift_change_m_s, dv_of_inclination_change_m_s

HOUR_US = 3_600_000_000


@dataclass(frozen=True, slots=True)
class Burn:
    """One planned firing: when, Δv in RTN [m/s], and what for."""

    time_us: int
    dv_r_m_s: float
    dv_t_m_s: float
    dv_n_m_s: float
    kind: str
    intent: str = "routine"


@dataclass(frozen=True, slots=True)
class Plan:
    """Burns to come, and how long after the last of them the habit rests."""

    burns: tuple[Burn, ...] = ()
    rest_days: float = 0.0


NOTHING = Plan()


class Habit(Protocol):
    """A station-keeping policy."""

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """What to do from the orbit (one set, its epoch is now)."""
        ...


@dataclass(frozen=True, slots=True)
class DragMakeUp:
    """Raise the orbit when drag has taken it below a deadband.

    Parameters
    ----------
    reference_km : float
        Mean semi-major axis to hold [km].
    deadband_m : float
        The orbit may fall this far below it [m].
    overshoot_m : float
        It is raised this far above it [m].
    hour_utc, hour_spread : float
        When burns are made [h].
    burns : int
        A maneuver is this many burns, one and a half revolutions apart.
    skip_share : float
        Share of due cycles that are put off by one to three weeks.
    """

    reference_km: float
    deadband_m: float
    overshoot_m: float
    hour_utc: float = 9.0
    hour_spread: float = 1.5
    burns: int = 1
    skip_share: float = 0.1

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        below_m = (self.reference_km - float(mean_a_km(orbit)[0])) * 1000.0
        if below_m < self.deadband_m:
            return NOTHING
        if rng.random() < self.skip_share:
            return Plan(rest_days=rng.uniform(7.0, 21.0))
        raise_m = (below_m + self.overshoot_m * rng.uniform(0.8, 1.2)) * rng.normal(1.0, 0.02)
        total = raise_m * 1e-3 / a_change_km_per_m_s(orbit)
        first = next_time_at(orbit, self.hour_utc + rng.normal(0.0, self.hour_spread))
        spacing = int(1.5 * DAY_US / orbit.mean_motion_rev_day[0])
        shares = _shares(self.burns, rng)
        return Plan(
            tuple(
                along_track_burn(first + k * spacing, total * share, rng, kind="drag make-up")
                for k, share in enumerate(shares)
            ),
            rest_days=1.0,
        )


@dataclass(frozen=True, slots=True)
class Commissioning:
    """Raise a new object in steps to its working altitude."""

    target_km: float
    step_km: float = 2.5

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        below_km = self.target_km - float(mean_a_km(orbit)[0])
        if below_km < 0.25:
            return NOTHING
        raise_km = min(below_km, self.step_km * rng.uniform(0.6, 1.3))
        dv = raise_km / a_change_km_per_m_s(orbit)
        return Plan(
            (along_track_burn(next_time_at(orbit, rng.uniform(0.0, 24.0)), dv, rng, kind="orbit raise"),),
            rng.uniform(0.5, 2.0),
        )


@dataclass(frozen=True, slots=True)
class InclinationTrim:
    """Turn the plane back at a node when the inclination is due for it, every ``every_days``."""

    every_days: float
    dv_m_s: float
    phase_days: float

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        day = orbit.epoch_us[0] // DAY_US
        if int(day + self.phase_days) % int(self.every_days) != 0:
            return NOTHING
        size = self.dv_m_s * rng.normal(1.0, 0.08)
        burn = Burn(node_passage_us(orbit), 0.0, size * rng.normal(0.0, 0.01), size, kind="plane change")
        return Plan((burn,), rest_days=2.0)


@dataclass(frozen=True, slots=True)
class RarePhasing:
    """Shift a navigation satellite in its plane: a small along-track burn at random, on average every ``mean_days``."""

    mean_days: float
    dv_m_s: float

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        if rng.random() > 1.0 / self.mean_days:
            return NOTHING
        dv = self.dv_m_s * rng.uniform(0.6, 1.4) * rng.choice([-1.0, 1.0])
        kind = "orbit raise" if dv > 0 else "orbit lowering"
        return Plan(
            (along_track_burn(next_time_at(orbit, rng.uniform(0.0, 24.0)), dv, rng, kind=kind),), rest_days=30.0
        )


@dataclass(frozen=True, slots=True)
class EastWest:
    """Keep a geosynchronous object in its longitude box by reversing its drift at the edge.

    The burn gives the drift from which the pull of J22 turns the object round before the other edge.

    Parameters
    ----------
    longitude_deg, half_width_deg : float
        The box [deg].
    hour_utc : float
        When burns are made [h].
    skip_share : float
        Share of due burns that are put off by some days.
    """

    longitude_deg: float
    half_width_deg: float
    hour_utc: float = 6.0
    skip_share: float = 0.08

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        longitude, rate, pull = longitude_course(orbit)
        offset = float(wrap_deg(longitude - self.longitude_deg))
        outward = offset + 1.5 * rate
        if abs(outward) < self.half_width_deg * 0.9 or offset * rate < 0.0:
            return NOTHING
        if rng.random() < self.skip_share:
            return Plan(rest_days=rng.uniform(1.0, 3.0))
        room = 1.5 * self.half_width_deg * rng.uniform(0.8, 1.1)
        back = -np.sign(offset) * max(np.sqrt(2.0 * abs(pull) * room), self.half_width_deg / 20.0)
        if np.sign(pull) != np.sign(offset):  # at the far edge: J22 takes it home
            back = -np.sign(offset) * self.half_width_deg / 30.0
        dv = float(dv_of_drift_change_m_s(back - rate))
        time_us = next_time_at(orbit, self.hour_utc + rng.normal(0.0, 1.0))
        return Plan((along_track_burn(time_us, dv, rng, kind="east-west station-keeping"),), rest_days=2.0)


@dataclass(frozen=True, slots=True)
class NorthSouth:
    """Take the inclination back every few weeks with a burn across the track at the node.

    Parameters
    ----------
    most_deg, least_deg : float
        Inclination at which a burn is due, and to which it goes back [deg]. Below some 0.03 deg SGP4 has no mean elements
        for some orbits, see `orbits.mean_fit.fit_mean_elements`.
    spill : float
        Along-track part of a burn: the thrusters' misalignment.
    """

    most_deg: float
    least_deg: float = 0.045
    spill: float = 0.012

    def plan(self, orbit: MeanElements, rng: np.random.Generator) -> Plan:
        """See `Habit.plan`."""
        if orbit.inclination_deg[0] < self.most_deg:
            return NOTHING
        turn_deg = (orbit.inclination_deg[0] - self.least_deg) * rng.uniform(0.85, 1.0)
        size = float(dv_of_inclination_change_m_s(turn_deg))
        burn = Burn(
            node_passage_us(orbit),
            float(size * rng.normal(0.0, 0.003)),
            float(size * rng.normal(0.0, self.spill)),
            -size,
            kind="north-south station-keeping",
        )
        return Plan((burn,), rest_days=1.0)


def along_track_burn(
    time_us: int, dv_t_m_s: float, rng: np.random.Generator, *, kind: str, intent: str = "routine"
) -> Burn:
    """An along-track burn with a percent or so of error in size and direction."""
    wrong = rng.normal(0.0, 0.01, 3) * dv_t_m_s
    return Burn(time_us, float(wrong[0]), float(dv_t_m_s + wrong[1]), float(wrong[2]), kind, intent)


def next_time_at(orbit: MeanElements, hour_utc: float) -> int:
    """The next time that the clock shows ``hour_utc`` [us]."""
    now_us = int(orbit.epoch_us[0])
    time_us = now_us // DAY_US * DAY_US + int((hour_utc % 24.0) * HOUR_US)
    return time_us if time_us > now_us else time_us + DAY_US


def _shares(burns: int, rng: np.random.Generator) -> list[float]:
    """How a maneuver is split among its burns."""
    weights = rng.uniform(0.8, 1.2, burns)
    return list((weights / weights.sum()).tolist())
