"""Which object a catalog number stands for: numbers are given out again (70000-99999, 270000-339999) and exchanged."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import mean_elements
from orbits.constants import EARTH_RADIUS_KM, J2, MU_KM3_S2
from orbits.elements import FloatArray, IntArray, MeanElements, semi_major_axis_km, wrap_deg

# Keys are norad_id + identity * KEY_STEP: beyond every catalog number, and the number itself for an object's first identity.
KEY_STEP = 1_000_000_000

# What real propulsion does between two sets. From or to an eccentric orbit an apogee motor gives up to 1.8 km/s at once (from a transfer
# orbit at 28.5 deg into the geosynchronous one: Vallado, 4th ed., ex. 6-5); what gives more is a rocket's stage on the day of launch.
_TRANSFER_KM_S, _TRANSFER_ECCENTRICITY = 2.0, 0.1
_CIRCULAR_KM_S = (
    0.7  # from one near-circular orbit to another: of 20,000 objects in three weeks none did more than 0.19
)
_THRUST_KM_S_DAY = 0.026  # 0.3 mm/s2, the most of an electric engine (the Starlinks' is 0.1)
_MOST_KM_S = 3.0  # what an electric satellite carries
_LIKELY = 3  # identities, the latest first, to which a set may belong


def identities(sets: pd.DataFrame) -> IntArray:
    """Which object of its catalog number each element set is of, counted from 0, (N,).

    A set that no satellite can have reached from the set before is of another object: a new one, or one that was here before and can
    have gone on to it. So a single set of another's orbit, and two objects whose numbers go to and fro, come apart as
    well. What comes later changes nothing.

    Parameters
    ----------
    sets : DataFrame
        Element sets, sorted by (norad_id, epoch).
    """
    owner, elements = sets["norad_id"].to_numpy(np.int64), mean_elements(sets)
    number = np.zeros(len(owner), dtype=np.int64)
    follows = np.flatnonzero(owner[1:] == owner[:-1]) + 1
    apart = follows[beyond_reach(elements, follows - 1, follows)]
    for norad_id in np.unique(owner[apart]).tolist():
        start, stop = np.searchsorted(owner, [norad_id, norad_id + 1]).tolist()
        number[start:stop] = _told_apart(elements[slice(start, stop)])
    return number


def by_identity(sets: pd.DataFrame) -> pd.DataFrame:
    """Element sets with a key in place of ``norad_id`` that stands for one object, sorted by it and by epoch.

    For whatever learns from an object's history and must begin anew with another object. `number_of` gives the catalog number back.
    """
    number = identities(sets)
    if not number.any():
        return sets
    keyed = sets.assign(norad_id=sets["norad_id"] + number * KEY_STEP)
    return keyed.sort_values(["norad_id", "epoch"], kind="stable", ignore_index=True)


def number_of(keys: IntArray) -> IntArray:
    """Catalog numbers (N,) of keys as from `by_identity`."""
    return np.asarray(keys % KEY_STEP, dtype=np.int64)


def newest_identity(sets: pd.DataFrame) -> NDArray[np.bool_]:
    """Mask (N,) of the sets that are of the object which its number stands for last."""
    number = pd.Series(identities(sets))
    return np.asarray(number == number.groupby(sets["norad_id"].to_numpy()).transform("last"))


def beyond_reach(elements: MeanElements, before: IntArray, after: IntArray) -> NDArray[np.bool_]:
    """Which pairs of sets (P,), given by their places, no satellite's own engine connects."""
    days = (elements.epoch_us[after] - elements.epoch_us[before]) / 86_400e6
    eccentric = np.maximum(elements.eccentricity[before], elements.eccentricity[after]) > _TRANSFER_ECCENTRICITY
    at_once = np.where(eccentric, _TRANSFER_KM_S, _CIRCULAR_KM_S)
    most = np.minimum(at_once + _THRUST_KM_S_DAY * days, _MOST_KM_S)
    return np.asarray(least_dv_km_s(elements, before, after) > most)


def least_dv_km_s(elements: MeanElements, before: IntArray, after: IntArray) -> FloatArray:
    """A Δv (P,) that it takes at least from one set's orbit to another's, whichever way and time is chosen [km/s].

    The energy changes cheapest at the lowest perigee, the plane at the highest apogee: 2 v sin(θ/2) (Vallado, 4th ed., 6.4). θ is
    what the precession of the nodes under J2 leaves, for the unknown share of it that goes with a change of the axis meanwhile.
    """
    one, other = elements[before], elements[after]
    axes = [semi_major_axis_km(e.mean_motion_rev_day, e.eccentricity, e.inclination_deg) for e in (one, other)]
    low_km = np.minimum(*(a * (1 - e.eccentricity) for a, e in zip(axes, (one, other), strict=True)))
    speeds = [np.sqrt(MU_KM3_S2 * (2 / low_km - 1 / a)) for a in axes]
    slow = np.minimum(
        *(
            np.sqrt(MU_KM3_S2 / a * (1 - e.eccentricity) / (1 + e.eccentricity))
            for a, e in zip(axes, (one, other), strict=True)
        )
    )
    turn_rad = _plane_angle_rad(one, other, axes)
    return np.asarray(np.hypot(speeds[1] - speeds[0], 2 * slow * np.sin(turn_rad / 2)))


def _plane_angle_rad(one: MeanElements, other: MeanElements, axes: list[FloatArray]) -> FloatArray:
    """Angle (P,) between the planes of two sets, at the least."""
    days = (other.epoch_us - one.epoch_us) / 86_400e6
    precession_deg = [_node_rate_deg_day(e, a) * days for a, e in zip(axes, (one, other), strict=True)]
    # Between its two rates if the axis changes steadily, and a hundredth off for what J2 leaves out.
    turned = 0.5 * (precession_deg[0] + precession_deg[1])
    slack = 0.5 * np.abs(precession_deg[1] - precession_deg[0]) + 0.01 * np.abs(turned)
    node_deg = np.maximum(np.abs(wrap_deg(other.raan_deg - one.raan_deg - turned)) - slack, 0.0)
    low, high = (np.radians(e.inclination_deg) for e in (one, other))
    cosine = np.cos(low) * np.cos(high) + np.sin(low) * np.sin(high) * np.cos(np.radians(node_deg))
    return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)))


def _node_rate_deg_day(elements: MeanElements, a_km: FloatArray) -> FloatArray:
    """Precession of the node under J2 (Vallado, 4th ed., eq. 9-38)."""
    parameter_km = a_km * (1 - elements.eccentricity**2)
    motion_deg_day = np.degrees(np.sqrt(MU_KM3_S2 / a_km**3)) * 86_400
    share = 1.5 * J2 * (EARTH_RADIUS_KM / parameter_km) ** 2
    return np.asarray(-share * motion_deg_day * np.cos(np.radians(elements.inclination_deg)))


def _told_apart(own: MeanElements) -> IntArray:
    """As `identities`, of the sets of one catalog number."""
    number = np.zeros(len(own), dtype=np.int64)
    last = {0: 0}  # place of each identity's last set, the latest seen at the end
    for place in range(1, len(own)):
        recent = [*reversed(last.items())][:_LIKELY]
        places = np.array([at for _, at in recent], dtype=np.int64)
        within = ~beyond_reach(own, places, np.full(len(places), place))
        belongs = recent[int(np.argmax(within))][0] if within.any() else int(number.max()) + 1
        number[place] = belongs
        last.pop(belongs, None)
        last[belongs] = place
    return number
