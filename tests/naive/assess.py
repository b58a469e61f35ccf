"""Slow, obvious versions of the kernels in ``models.assess``: one pair at a time, in plain Python."""

from __future__ import annotations

import math

from models.assess.orbit_index import Orbits


def plane_angle_deg(first: Orbits, i: int, second: Orbits, j: int) -> float:
    """Angle between two planes by the spherical law of cosines."""
    i1, i2 = math.radians(first.inclination_deg[i]), math.radians(second.inclination_deg[j])
    node = math.radians(second.raan_deg[j] - first.raan_deg[i])
    cosine = math.cos(i1) * math.cos(i2) + math.sin(i1) * math.sin(i2) * math.cos(node)
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))


def near(movers: Orbits, others: Orbits, plane_deg: float, band_km: float) -> set[tuple[int, int]]:
    """Rows of all pairs that are alike in plane and in both radii."""
    found = set()
    for i in range(len(movers.norad_id)):
        for j in range(len(others.norad_id)):
            a, e, other_a, other_e = movers.a_km[i], movers.eccentricity[i], others.a_km[j], others.eccentricity[j]
            low = abs(other_a * (1 - other_e) - a * (1 - e))
            high = abs(other_a * (1 + other_e) - a * (1 + e))
            if max(low, high) <= band_km and plane_angle_deg(movers, i, others, j) <= plane_deg:
                found.add((i, j))
    return found
