"""Detected events to judged ones: what they are, how unexpected, why, and who is near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from catalog.identity import latest_issues
from models.assess.pattern import assess
from models.assess.proximity import nearest, without_neighbours
from models.characterize.explain.among import Stretch, ended_since, explain
from models.characterize.explain.words import MANEUVER
from pipelines.events import merged

if TYPE_CHECKING:
    from catalog.store import ElementStore
    from configs.schema import BurnwatchConfig
    from pipelines.detection import Detected

_UNEXPLAINED = {"explanation": MANEUVER, "explanation_note": "", "own_explanation": MANEUVER, "own_note": ""}
_AT_ONCE = 1_500_000  # element sets of a store that are held in memory at once
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
        Those of this run, judged and named, and older ones that are explained otherwise by now.
    """

    log: pd.DataFrame
    events: pd.DataFrame


def judge(
    detected: Detected,
    known: pd.DataFrame | None,
    store: ElementStore,
    objects: pd.DataFrame,
    weather: pd.DataFrame,
    config: BurnwatchConfig,
    as_of: pd.Timestamp | None,
    *,
    at: pd.Timestamp,
) -> Judged:
    """Explain new events, judge them by the object's earlier ones and by its peers, and look for neighbors.

    Parameters
    ----------
    detected : Detected
        Of this run.
    known : DataFrame or None
        The log of what was found before.
    store : ElementStore
        For the neighbors' element sets.
    objects : DataFrame
        What is known of objects (``catalog.objects.OBJECT_DTYPES``).
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``.
    config : BurnwatchConfig
    as_of : Timestamp or None
        Only what was available then is seen.
    at : Timestamp
        When this run is: new events are first seen then.
    """
    all_events = merged(known, detected.events, detected.spans, at)
    all_events = _explained(all_events, store, objects, weather, config, as_of)
    assessed = assess(all_events.drop(columns=["new", "turned"]), config.pattern)
    names = dict(zip(objects["norad_id"].tolist(), objects["name"].tolist(), strict=True))
    events = assessed[(all_events["new"] | all_events["turned"]).to_numpy()].reset_index(drop=True)
    # The log keeps what the burn would be: the next run may find that it was one.
    events["kind"] = events["kind"].where(events["explanation"] == MANEUVER, events["explanation"])
    events["name"] = events["norad_id"].map(names).fillna("").astype("str")
    events = nearest(events, _latest_sets(store, config, as_of), names, config.proximity)
    passed_over = without_neighbours(events, config.proximity)
    said = [[*texts, NOT_SOUGHT] if one else texts for texts, one in zip(events["quality"], passed_over, strict=True)]
    events["quality"] = pd.Series(said, index=events.index, dtype=object)
    return Judged(all_events.drop(columns=["new", "turned"]), events)


def _explained(
    events: pd.DataFrame,
    store: ElementStore,
    objects: pd.DataFrame,
    weather: pd.DataFrame,
    config: BurnwatchConfig,
    as_of: pd.Timestamp | None,
) -> pd.DataFrame:
    """All events with what explains them; ``turned`` marks known ones that something else explains by now."""
    # A log written before there were explanations holds maneuvers.
    for name, unknown in _UNEXPLAINED.items():
        known = events[name] if name in events else pd.Series(unknown, index=events.index)
        events[name] = known.fillna(unknown).astype("str")
    if events.empty:
        return events.assign(turned=False)
    coverage = _coverage(store, as_of)
    age = coverage["last_epoch"].max() - events["epoch_after"]
    fresh = events["new"] | (age <= pd.Timedelta(days=config.explanation.reopen_days))
    recent = ~fresh & (age <= pd.Timedelta(days=config.explanation.reopen_loss_days))
    before = events["explanation"].copy()

    def sets(ids: list[int]) -> pd.DataFrame:
        return store.history(ids, as_of=as_of)

    settings = config.explanation
    parts = [
        explain(events[fresh], _stretches(store, as_of), sets, coverage, objects, weather, settings),
        ended_since(events[recent], coverage, objects, sets, settings),
    ]
    for part in parts:
        events.loc[part.index, ["explanation", "explanation_note"]] = part[["explanation", "explanation_note"]]
    return events.assign(turned=~events["new"] & (events["explanation"] != before))


def _coverage(store: ElementStore, as_of: pd.Timestamp | None) -> pd.DataFrame:
    if as_of is None:
        return store.coverage()
    known = store.history(as_of=as_of)[["norad_id", "epoch"]]
    return known.groupby("norad_id", as_index=False).agg(
        count=("epoch", "size"), first_epoch=("epoch", "min"), last_epoch=("epoch", "max")
    )


def _stretches(store: ElementStore, as_of: pd.Timestamp | None) -> Stretch:
    """Element sets of all objects by their epochs: out of one read where the store is small, else each from the store."""
    if store.count() > _AT_ONCE:
        return lambda since, until: store.history(since=since, until=until, as_of=as_of)

    @cache
    def whole() -> pd.DataFrame:
        return store.history(as_of=as_of)

    def stretch(since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        history = whole()
        return history[(history["epoch"] >= since) & (history["epoch"] < until)].reset_index(drop=True)

    return stretch


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
