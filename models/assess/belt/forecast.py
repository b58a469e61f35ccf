"""Where geosynchronous objects are and will be, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from configs.belt import BeltConfig
from models.assess.belt.stretches import Stretches
from models.assess.belt.track import Track
from orbits.elements import FloatArray, IntArray
from orbits.geosynchronous import J22_PEAK_DEG_DAY2, coast_deg

_LONGITUDE_NOISE_DEG = 0.002  # of good sets: half of those of free drifters lie within 0.001 of a straight line


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Longitude and drift of N objects at the epoch of their newest good set.

    Parameters
    ----------
    norad_id : (N,) int64
        Sorted.
    epoch_us : (N,) int64
        [us since 1970-01-01].
    day : (N,) float64
        The same [days since 1970-01-01].
    longitude_deg, longitude_sigma_deg : (N,) float64
    drift_deg_day, drift_sigma_deg_day : (N,) float64
    """

    norad_id: IntArray
    epoch_us: IntArray
    day: FloatArray
    longitude_deg: FloatArray
    longitude_sigma_deg: FloatArray
    drift_deg_day: FloatArray
    drift_sigma_deg_day: FloatArray

    def __len__(self) -> int:
        return len(self.norad_id)

    def __getitem__(self, index: IntArray) -> Motion:
        """The objects at an integer array."""
        return Motion(**{field.name: getattr(self, field.name)[index] for field in fields(self)})

    def at(self, day: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Longitude and drift (N, M) at M times [days since 1970-01-01], left alone since the newest set."""
        return coast_deg(self.longitude_deg, self.drift_deg_day, day - self.day[:, None])

    def sigma_deg(self, day: FloatArray, config: BeltConfig = BeltConfig()) -> FloatArray:
        """Error (N, M) of those longitudes, one sigma [deg]."""
        days = day - self.day[:, None]
        pull = config.tesseral_error * 0.5 * J22_PEAK_DEG_DAY2 * days**2
        drifted = self.drift_sigma_deg_day[:, None] * days
        return np.asarray(np.sqrt(self.longitude_sigma_deg[:, None] ** 2 + drifted**2 + pull**2))


def motions(sets: Track, first: IntArray, config: BeltConfig = BeltConfig()) -> Motion:
    """Longitude and drift of each object from its newest stretch on one drift.

    Least squares over the longitudes of the last ``fit_days`` less what the Earth's pull has done, together with the drift
    that the semi-major axes stand for: they agree to ``drift_noise_deg_day``, and longitudes need days to tell better.

    Parameters
    ----------
    sets, first
        As from `segments.segments`.
    """
    if not len(sets):
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Motion(none, none, nothing, nothing, nothing, nothing, nothing)
    parts = Stretches(sets, first)
    newest = np.flatnonzero(parts.ends)
    last = parts.last[newest]
    owner = np.cumsum(parts.begins) - 1
    of_set = owner[parts.of_set]
    days = sets.day - sets.day[last][of_set]
    used = np.flatnonzero((parts.of_set == newest[of_set]) & (days >= -config.fit_days))
    start = np.searchsorted(of_set[used], np.arange(len(newest)))

    def total(values: FloatArray) -> FloatArray:
        return np.add.reduceat(values, start)

    object_of, t = of_set[used], days[used]
    gathered = _pulled_deg(sets)
    pulled = gathered[used] - gathered[last][object_of] - sets.pull_deg_day[last][object_of] * t
    y = sets.longitude_deg[used] - sets.longitude_deg[last][object_of] - pulled
    rate = sets.drift_deg_day[used] - (sets.pull_deg_day[used] - sets.pull_deg_day[last][object_of])
    count = total(np.ones(len(used)))
    claimed = total(rate) / count

    weight = 1.0 / _LONGITUDE_NOISE_DEG**2
    prior = 1.0 / config.drift_noise_deg_day**2
    s0, s1, s2 = weight * count, weight * total(t), weight * total(t * t) + prior
    b0, b1 = weight * total(y), weight * total(t * y) + prior * claimed
    determinant = s0 * s2 - s1 * s1
    place, drift = (s2 * b0 - s1 * b1) / determinant, (s0 * b1 - s1 * b0) / determinant
    misfit = total((y - place[object_of] - drift[object_of] * t) ** 2) * weight
    strained = np.maximum(1.0, misfit / np.maximum(count - 2, 1))

    whole = parts.mean(sets.drift_deg_day - sets.pull_deg_day)
    jump = np.where(parts.begins[newest], 0.0, np.abs(whole[newest] - whole[newest - 1]))
    fresh = np.where(parts.last[newest] - parts.first[newest] < 2, config.smear * jump, 0.0)
    return Motion(
        norad_id=sets.norad_id[last],
        epoch_us=sets.epoch_us[last],
        day=sets.day[last],
        longitude_deg=sets.longitude_deg[last] + place,
        longitude_sigma_deg=np.sqrt(strained * s2 / determinant),
        drift_deg_day=drift,
        drift_sigma_deg_day=np.sqrt(strained * s0 / determinant + config.drift_wander_deg_day**2 + fresh**2),
    )


def _pulled_deg(sets: Track) -> FloatArray:
    """What the pull has added to the longitude since the object's first set (N,), but for a constant of each object [deg]."""
    step = 0.5 * (sets.pull_deg_day[1:] + sets.pull_deg_day[:-1]) * np.diff(sets.day)
    return np.concatenate([[0.0], np.cumsum(np.where(sets.goes_on, step, 0.0))])
