"""Detected events to judged ones: how unexpected, why, and who is near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from catalog.identity import latest_issues
from models.assess.pattern import assess
from models.assess.proximity import nearest, without_neighbours
from pipelines.events import EventLog

if TYPE_CHECKING:
    from catalog.store import ElementStore
    from configs.schema import BurnwatchConfig
    from pipelines.detection import Detected

_BEGIN = pd.Timestamp(0, tz="UTC")

NOT_SOUGHT = "neighbors were not sought: too many events of this run are more unexpected"


@dataclass(frozen=True)
class Judged:
    """What a scoring run leaves behind.

    Parameters
    ----------
    log : DataFrame
        All events of the home, for the next run to judge against.
    events : DataFrame
        Those of this run, judged and named.
    """

    log: pd.DataFrame
    events: pd.DataFrame


def judge(
    detected: Detected,
    log: EventLog,
    store: ElementStore,
    objects: pd.DataFrame,
    config: BurnwatchConfig,
    as_of: pd.Timestamp | None,
) -> Judged:
    """Judge new events by the object's earlier ones and by its peers, and look for neighbors.

    Parameters
    ----------
    detected : Detected
        Of this run.
    log : EventLog
        What was found before.
    store : ElementStore
        For the neighbors' element sets.
    objects : DataFrame
        What is known of objects (``catalog.objects.OBJECT_DTYPES``).
    config : BurnwatchConfig
    as_of : Timestamp or None
        Only what was available then is seen.
    """
    merged = log.merged(detected.events, detected.spans)
    assessed = assess(merged.drop(columns="new"), config.pattern)
    names = dict(zip(objects["norad_id"].tolist(), objects["name"].tolist(), strict=True))
    events = assessed[merged["new"].to_numpy()].reset_index(drop=True)
    events["name"] = events["norad_id"].map(names).fillna("").astype("str")
    events = nearest(events, _latest_sets(store, config, as_of), names, config.proximity)
    passed_over = without_neighbours(events, config.proximity)
    said = [[*texts, NOT_SOUGHT] if one else texts for texts, one in zip(events["quality"], passed_over, strict=True)]
    events["quality"] = pd.Series(said, index=events.index, dtype=object)
    return Judged(merged.drop(columns="new"), events)


def _latest_sets(
    store: ElementStore, config: BurnwatchConfig, limit: pd.Timestamp | None
) -> Callable[[pd.Timestamp], pd.DataFrame]:
    """The newest element set of every object, as one could have had it at a time, and at ``limit`` at the latest."""
    longest = pd.Timedelta(days=config.proximity.max_age_days)
    ahead = pd.Timedelta(days=1)  # an epoch may lie a little after its publication

    @lru_cache(maxsize=4)
    def issued_around(start: pd.Timestamp) -> pd.DataFrame:
        return store.history(since=start - longest, until=start + longest + ahead, every_issue=True)

    def lookup(as_of: pd.Timestamp) -> pd.DataFrame:
        seen = as_of if limit is None else min(as_of, limit)
        # Many events share a read of the whole store: it is the same for all within one stretch of time.
        sets = issued_around(seen - (seen - _BEGIN) % longest)
        known = sets[(sets["available_at"] <= seen) & (sets["epoch"] >= seen - longest)]
        return latest_issues(known).drop_duplicates("norad_id", keep="last")

    return lookup
