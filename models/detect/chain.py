"""The one way from feature rows to events: what is flagged, measured, compared and shown is found here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

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

    In geosynchronous orbit events are put into the gap that shows their burn, moves that the longitude shows are added, and what only
    the newest sets show waits until they have settled, unless the longitude bears it out. In low orbit climbs are added.

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
    events = detector.events(features, thresholds, config.candidates)
    if calibration is not None:
        events = events.assign(probability=calibration.probability(events["score"], events["regime"]))
    events = placed(events, features, config.placement, config.candidates)
    events = with_moves(events, features, thresholds, config.moves, config.candidates, detector=detector.name)
    events = with_climbs(events, features, thresholds, config.candidates, detector=detector.name)
    return proven(events, features, config.proof)
