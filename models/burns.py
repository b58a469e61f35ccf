"""From feature rows to burns: what is found, when and how large it was, and what its own object's sets say against it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
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
    from configs.learning import Sensitivity
    from configs.schema import BurnwatchConfig


def tell_burns(
    features: pd.DataFrame,
    history: pd.DataFrame,
    bundle: Bundle,
    config: BurnwatchConfig,
    since: pd.Series,
    closely: Mapping[int, Sensitivity] = MappingProxyType({}),
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
    closely : mapping of int to str
        By catalog number: how closely objects are watched for which ``config.score.sensitivity`` is not to count.

    Returns
    -------
    events : DataFrame
        Columns of ``models.detect.candidates.EVENT_DTYPES``, burn fit, kind, and own explanation.
    since : Series of Timestamp
        As given; where a thrust reaches beyond it, of the event in which that began, whose end has moved on.
    """
    found = _found(features, bundle, config, closely)
    found = with_other_objects(found, history, bundle.calibration.threshold, detector=bundle.detector.name)
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


def _found(
    features: pd.DataFrame, bundle: Bundle, config: BurnwatchConfig, closely: Mapping[int, Sensitivity]
) -> pd.DataFrame:
    """The events of all objects, each at the threshold of its regime and of how closely it is watched."""
    detector, calibration = bundle
    numbers = number_of(features["norad_id"].to_numpy(np.int64))
    watched = np.array([closely.get(number, config.score.sensitivity) for number in numbers.tolist()], dtype=object)
    parts = []
    for sensitivity in sorted(set(watched)) or [config.score.sensitivity]:
        own = features[watched == sensitivity].reset_index(drop=True)
        thresholds = calibration.thresholds_of(own["regime"].unique(), sensitivity)
        parts.append(find_burns(own, detector, thresholds, config, calibration))
    return pd.concat(parts).sort_values(["norad_id", "epoch_before"], ignore_index=True)


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
