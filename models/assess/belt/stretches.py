"""Successive stretches of a track, by the index of the first set of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.assess.belt.segments import grouped_median
from models.assess.belt.track import BoolArray, Track
from orbits.elements import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """S stretches that together hold all sets of a track, by object and time.

    Parameters
    ----------
    sets : Track
    first : (S,) int64
        Index of the first set of each.
    """

    sets: Track
    first: IntArray

    def __len__(self) -> int:
        return len(self.first)

    @property
    def last(self) -> IntArray:
        """Index (S,) of the last set of each."""
        return np.append(self.first[1:], len(self.sets)) - 1

    @property
    def norad_id(self) -> IntArray:
        """Whose they are (S,)."""
        return self.sets.norad_id[self.first]

    @property
    def begins(self) -> BoolArray:
        """Mask (S,): the first of its object."""
        return np.concatenate([[True], self.norad_id[1:] != self.norad_id[:-1]])

    @property
    def ends(self) -> BoolArray:
        """Mask (S,): the last of its object."""
        return np.append(self.begins[1:], True)

    @property
    def days(self) -> FloatArray:
        """From first to last set (S,) [days]."""
        return np.asarray(self.sets.day[self.last] - self.sets.day[self.first])

    @property
    def travel_deg(self) -> FloatArray:
        """Longitude at the end less that at the start (S,) [deg]."""
        return np.asarray(self.sets.longitude_deg[self.last] - self.sets.longitude_deg[self.first])

    @property
    def low_deg(self) -> FloatArray:
        """Westernmost longitude (S,), unwrapped [deg]."""
        return np.minimum.reduceat(self.sets.longitude_deg, self.first)

    @property
    def high_deg(self) -> FloatArray:
        """Easternmost longitude (S,), unwrapped [deg]."""
        return np.maximum.reduceat(self.sets.longitude_deg, self.first)

    @property
    def of_set(self) -> IntArray:
        """Stretch (N,) that each set belongs to."""
        return np.repeat(np.arange(len(self)), self.last - self.first + 1)

    def median(self, values: FloatArray) -> FloatArray:
        """Lower median (S,) of a figure of each set (N,)."""
        return grouped_median(self.of_set, values)[1]

    def mean(self, values: FloatArray) -> FloatArray:
        """Mean (S,) of a figure of each set (N,)."""
        return np.asarray(np.add.reduceat(values, self.first) / (self.last - self.first + 1))

    def without(self, dropped: BoolArray) -> Stretches:
        """With every stretch in a mask (S,) made part of the one before it."""
        return Stretches(self.sets, self.first[~dropped])
