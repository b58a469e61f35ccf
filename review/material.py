"""What the report of a flag and all that is handed on with it are made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from review.records import FlagRecord, VerdictRecord
from review.store import FlagStore


@dataclass(frozen=True)
class Material:
    """A flag and the data that tell of it.

    ``history`` are the element sets of the span that a report shows (``catalog.records.ELEMENT_SET_DTYPES``),
    ``features`` the feature rows of that span, ``verdicts`` the steps of the review, ``others`` all flags of the object.
    """

    flag: FlagRecord
    history: pd.DataFrame
    features: pd.DataFrame
    verdicts: list[VerdictRecord]
    others: list[FlagRecord]


def used_sets(
    elements: ElementStore, flag: FlagRecord, config: BurnwatchConfig, *, as_of: datetime | None = None
) -> pd.DataFrame:
    """The object's element sets in the span of a report, of those that were available at ``as_of``, if it is given."""
    first, last = _span(flag, config)
    known_at = None if as_of is None else pd.Timestamp(as_of)
    return elements.history([flag.norad_id], since=first, until=last, as_of=known_at)


def gather(
    flags: FlagStore,
    elements: ElementStore,
    flag_id: str,
    config: BurnwatchConfig,
    *,
    weather: pd.DataFrame | None = None,
) -> Material:
    """Everything on a flag, as it is now.

    Raises
    ------
    review.errors.UnknownFlagError, AmbiguousIdError
    """
    flag = flags.get(flag_id)
    history, features = _shown(elements, flag, config, weather)
    return Material(
        flag, history, features, flags.history(flag.flag_id), flags.flags(order="time", norad_id=flag.norad_id)
    )


def gather_version(flags: FlagStore, elements: ElementStore, flag_id: str, config: BurnwatchConfig) -> Material:
    """What tells of a flag as its present version knew it: the same for as long as the flag is not changed.

    So without element sets that became available later, without the object's other flags, which change by themselves, and
    without the steps of the review, which are the house's own.

    Raises
    ------
    review.errors.UnknownFlagError, AmbiguousIdError
    """
    flag = flags.get(flag_id)
    history, features = _shown(elements, flag, config, None, as_of=flag.updated_at)
    return Material(flag, history, features, [], [])


def _shown(
    elements: ElementStore,
    flag: FlagRecord,
    config: BurnwatchConfig,
    weather: pd.DataFrame | None,
    *,
    as_of: datetime | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    first, last = _span(flag, config)
    # Enough before the first day shown that the local noise is known there.
    context = pd.Timedelta(days=config.score.context_days)
    known_at = None if as_of is None else pd.Timestamp(as_of)
    sets = elements.history([flag.norad_id], since=first - context, until=last, as_of=known_at)
    features = compute_features(sets, config=config.features, weather=weather)
    return sets[sets["epoch"] >= first], features[features["epoch"] >= first]


def _span(flag: FlagRecord, config: BurnwatchConfig) -> tuple[pd.Timestamp, pd.Timestamp]:
    first = pd.Timestamp(flag.epoch_before) - pd.Timedelta(days=config.review.report_days_before)
    return first, pd.Timestamp(flag.epoch_after) + pd.Timedelta(days=config.review.report_days_after)
