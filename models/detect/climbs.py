"""Climbs in low orbit among a detector's events: begins that it passed over, and what it made of the rest of a long one.

A detector weighs a step against the noise about it, and a raise that lasts for days is its own noise.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from configs.detect import CandidateConfig
from models.characterize.climb import LEAST_RISE_KM, NEAR, Climbs, climbs, lasting
from models.detect.candidates import crossing, row_of
from models.detect.joined import PassedOver, joined

PROBABILITY = 0.95  # that such a climb is real
LEAST_ARC_DAYS = 3.0  # shorter ones may hold several burns


def with_climbs(
    events: pd.DataFrame,
    features: pd.DataFrame,
    threshold: float | Mapping[str, float],
    candidates: CandidateConfig | None = None,
    *,
    detector: str = "",
) -> pd.DataFrame:
    """A detector's events and the begins of climbs, less what goes on within a climb, sorted by (norad_id, epoch_before).

    Each begins in an event, the detector's or one of its own (`models.characterize.climb`). What rises later in one that
    lasts ``LEAST_ARC_DAYS`` is the same thrust.

    Parameters
    ----------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``.
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), N gaps.
    threshold : float or mapping of regime to float
        The detector's, which a climb gets for its score: it has none of its own.
    candidates : CandidateConfig, optional
        ``separation_days`` and ``rival_days``, as for the detector's own events.
    detector : str
        Its name, for the column of that name.
    """
    columns = (features[name].to_numpy(np.float64) for name in ("a_km", "eccentricity"))
    norad_id = features["norad_id"].to_numpy(np.int64)
    times_us = epoch_us(features["epoch"])
    first, last = climbs(norad_id, times_us, *columns)
    step_m = features["step_a_m"].to_numpy(np.float64)
    # A row's own set ends its gap, so a climb after the set of one row begins in the gap of the next.
    passed_over = PassedOver(first + 1, crossing(features, first + 1), step_m, PROBABILITY)
    every = joined(events, features, passed_over, threshold, candidates, detector=detector)
    climb_of = np.full(len(features) + 1, -1)  # the last is that of events without a row
    for begin, end in zip(*lasting(Climbs(first, last), times_us, LEAST_ARC_DAYS), strict=True):
        climb_of[begin : end + 2] = begin  # the level of an end is a median too
    row = row_of(every, features)
    lowered = step_m[row] < -1e3 * NEAR * LEAST_RISE_KM
    climb = np.where(~lowered & (norad_id[row] == norad_id[climb_of[row]]), climb_of[row], -1)
    same = pd.Series(climb).duplicated().to_numpy() & (climb >= 0)
    return every[~same].reset_index(drop=True) if same.any() else every
