"""The element sets and features that a dossier is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from review.evidence import orbits_around
from review.records import FlagRecord

_NOISE_DAYS = 120.0  # before the burn, from which the object's own noise is known


@dataclass(frozen=True, slots=True)
class Gathered:
    """Element sets of an object and of its neighbors, the object's own with its orbits (``sets``), and its features."""

    history: pd.DataFrame
    sets: pd.DataFrame
    gaps: pd.DataFrame


def gather(flag: FlagRecord, others: Sequence[int], elements: ElementStore, config: BurnwatchConfig) -> Gathered:
    """Read what there is from some months before the burn to the last day that the dossier shows."""
    before = max(config.review.report_days_before, _NOISE_DAYS)
    since = pd.Timestamp(flag.epoch_before) - timedelta(days=before)
    until = pd.Timestamp(flag.epoch_after) + timedelta(days=config.review.report_days_after)
    history = elements.history([flag.norad_id, *others], since=since, until=until)
    gaps = compute_features(history[history["norad_id"] == flag.norad_id], config=config.features)
    return Gathered(history, orbits_around(history, gaps, flag), gaps)
