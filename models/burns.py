"""From feature rows to burns: what is found, when and how large it was, and what its own object's sets say against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from catalog.numbers import number_of
from models.bundle import Bundle
from models.characterize.burn_fit import arcs_in, arcs_of, fit_burns
from models.characterize.explain.own import explain_alone
from models.characterize.kind import classify
from models.characterize.thrust import Arcs
from models.detect.chain import find_burns
from models.detect.others import with_other_objects

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig


def tell_burns(
    features: pd.DataFrame,
    history: pd.DataFrame,
    bundle: Bundle,
    config: BurnwatchConfig,
    since: pd.Series,
) -> tuple[pd.DataFrame, pd.Series]:
    """Find the burns of some objects and say of each what can be told from the sets of its own object.

    Parameters
    ----------
    features : DataFrame
        Feature rows of the history, sorted by (norad_id, epoch), prepared by the detector or not.
    history : DataFrame
        Element sets under keys as from ``catalog.numbers.by_identity``, sorted by (norad_id, epoch).
    bundle : Bundle
        Detector and calibration.
    config : BurnwatchConfig
    since : Series of Timestamp
        By catalog number: windows that begin then or later are told. Sets before are context; the last burns in them
        bound what the first ones after them are fitted to.

    Returns
    -------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``, burn fit, kind, and own explanation.
    since : Series of Timestamp
        As given; where a thrust reaches beyond it, of the event in which that began, whose end has moved on.
    """
    detector, calibration = bundle
    thresholds = calibration.thresholds_of(features["regime"].unique())
    found = find_burns(features, detector, thresholds, config, calibration)
    found = with_other_objects(found, history, calibration.threshold, detector=detector.name)
    arcs = arcs_in(found, history, config.burn_fit)
    since = _from_begin(since, found, arcs)
    bounds = pd.Timedelta(days=config.burn_fit.max_span_days)
    near = found[found["epoch_after"] >= _of_number(found, since) - bounds].reset_index(drop=True)
    told = classify(fit_burns(near, history, config.burn_fit, arcs), config.kind)
    told = _timed_within(told[told["epoch_before"] >= _of_number(told, since)].reset_index(drop=True))
    return explain_alone(told, features, history, config.explanation), since


def _timed_within(told: pd.DataFrame) -> pd.DataFrame:
    """With burn times inside their windows: what a fit finds beyond is another burn's, or noise; the interval reaches on."""
    time = told["burn_time"].clip(told["epoch_before"], told["epoch_after"])
    return told.assign(
        burn_time=time,
        burn_time_low=told["burn_time_low"].clip(upper=time),
        burn_time_high=told["burn_time_high"].clip(lower=time),
    )


def _from_begin(since: pd.Series, events: pd.DataFrame, arcs: Arcs) -> pd.Series:
    """``since``, or where a thrust reaches beyond it the begin of its event."""
    arc = arcs_of(arcs, events)
    own = events[arc >= 0]
    own = own.assign(end=pd.to_datetime(arcs.end_us[arc[arc >= 0]], unit="us", utc=True))
    own = own[own["end"] >= _of_number(own, since)]
    earlier = own["epoch_before"].groupby(number_of(own["norad_id"].to_numpy(np.int64))).min().reindex(since.index)
    return since.where(~(earlier < since), earlier)


def _of_number(events: pd.DataFrame, values: pd.Series) -> pd.Series:
    """The value of each event's catalog number."""
    return pd.Series(number_of(events["norad_id"].to_numpy(np.int64)), index=events.index).map(values)
