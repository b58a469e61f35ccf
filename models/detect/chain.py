"""The one way from feature rows to events: what is flagged, measured, compared and shown is found here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from models.detect.candidates import row_of
from models.detect.climbs import with_climbs
from models.detect.moves import with_moves
from models.detect.placement import placed
from models.detect.proof import proven

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from models.detect.base import Detector
    from models.detect.calibration import Calibration


def find_burns(
    features: pd.DataFrame,
    detector: Detector,
    thresholds: Mapping[str, float],
    config: BurnwatchConfig,
    calibration: Calibration | None = None,
) -> pd.DataFrame:
    """The events of some objects: the detector's above the threshold of their regime, and what is plain without it.

    In geosynchronous orbit events are put into the gap that shows their burn, unless the detector tells times itself; moves that the longitude shows are added, and what only
    the newest sets show waits until they have settled, unless the longitude bears it out. In low orbit climbs are added. What
    lies in the first gap of a history is no event: one set alone tells no orbit that a burn could have left.

    Parameters
    ----------
    features : DataFrame
        Feature rows, sorted by (norad_id, epoch), prepared by the detector or not.
    detector : Detector
    thresholds : mapping of regime to float
        As `Calibration.thresholds_of` gives them.
    config : BurnwatchConfig
        Its sections ``candidates``, ``placement``, ``moves`` and ``proof``.
    calibration : Calibration, optional
        Without it the events of the detector have no probability (NaN).

    Returns
    -------
    DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``, sorted by (norad_id, epoch_before).
    """
    events = _borne_out(detector.events(features, thresholds, config.candidates), features)
    if calibration is not None:
        events = events.assign(probability=calibration.probability(events["score"], events["regime"]))
    if not detector.times_events:
        events = placed(events, features, config.placement, config.candidates)
    events = with_moves(events, features, thresholds, config.moves, config.candidates, detector=detector.name)
    events = with_climbs(events, features, thresholds, config.candidates, detector=detector.name)
    return _one_a_window(proven(events, features, config.proof))


def _borne_out(events: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    """Events but those in the first gap of an object's history."""
    first = np.append(~features["norad_id"].duplicated().to_numpy(), False)  # the last is of events without a row
    alone = first[row_of(events, features)]
    return events[~alone].reset_index(drop=True) if alone.any() else events


def _one_a_window(events: pd.DataFrame) -> pd.DataFrame:
    """Events of which no two of an object begin at one set: the stronger is kept."""
    if not events.duplicated(["norad_id", "epoch_before"]).any():
        return events
    strongest = events.sort_values("score", ascending=False, kind="stable").drop_duplicates(
        ["norad_id", "epoch_before"]
    )
    return strongest.sort_values(["norad_id", "epoch_before"], ignore_index=True)
