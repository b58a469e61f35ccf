"""Catalog numbers that stand for another object."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.numbers import least_dv_km_s, number_of
from catalog.records import epoch_us, mean_elements
from models.characterize.explain.words import ANOTHER_OBJECT, CROSS_TAG, Finding

_STAYS = 3  # sets that make an object of what may have been a set of another's orbit


def other_objects(events: pd.DataFrame, history: pd.DataFrame) -> tuple[Finding, Finding]:
    """Events in which a number begins to stand for an object that no satellite's engine makes of the one before.

    Where the number goes back after a set or two, these were of another object's orbit: a cross-tag.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after, as from `models.detect.others.with_other_objects`.
    history : DataFrame
        Element sets under keys as from ``catalog.numbers.by_identity``, sorted by (norad_id, epoch).

    Returns
    -------
    two of Finding
        Those of another object, and the cross-tags.
    """
    another, tags = Finding(ANOTHER_OBJECT, len(events)), Finding(CROSS_TAG, len(events))
    keys, set_us = history["norad_id"].to_numpy(np.int64), epoch_us(history["epoch"])
    numbers, owners = number_of(keys), events["norad_id"].to_numpy(np.int64)
    before_us, after_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    elements = mean_elements(history)
    for event in np.flatnonzero(owners != number_of(owners)):
        own = np.flatnonzero(keys == owners[event])
        if set_us[own[0]] != after_us[event]:
            continue
        same = np.flatnonzero(numbers == number_of(owners[event : event + 1])[0])
        earlier = same[set_us[same] == before_us[event]][:1]
        least = least_dv_km_s(elements, earlier, own[:1])[0]
        said = f"the orbit of this set is {least:.1f} km/s or more from that of the set before, which no satellite's engine gives"
        if len(own) >= _STAYS or set_us[own[-1]] == set_us[same].max():
            another.say(int(event), f"{said}; from then on the number is another object's")
        else:
            tags.say(
                int(event), f"{said}, and soon the number is back at the orbit before: {len(own)} of another object"
            )
    return another, tags
