"""Detected events to judged ones: what they are, how unexpected, why, and who is near."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from catalog.identity import latest_issues
from models.assess.pattern import assess
from models.assess.proximity import nearest, without_neighbours
from models.characterize.explain.among import ended_since, explain
from models.characterize.explain.words import MANEUVER
from pipelines.events import merged

if TYPE_CHECKING:
    from catalog.known import KnownSets
    from configs.schema import BurnwatchConfig
    from pipelines.detection import Detected

_UNEXPLAINED = {"explanation": MANEUVER, "explanation_note": "", "own_explanation": MANEUVER, "own_note": ""}
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
    log: pd.DataFrame | None,
    known: KnownSets,
    objects: pd.DataFrame,
    weather: pd.DataFrame,
    config: BurnwatchConfig,
    *,
    at: pd.Timestamp,
) -> Judged:
    """Explain new events, judge them by the object's earlier ones and by its peers, and look for neighbors.

    Parameters
    ----------
    detected : Detected
        Of this run.
    log : DataFrame or None
        What was found before.
    known : KnownSets
        The element sets of all objects.
    objects : DataFrame
        What is known of objects (``catalog.objects.OBJECT_DTYPES``).
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``.
    config : BurnwatchConfig
    at : Timestamp
        When this run is: new events are first seen then.
    """
    if known.as_of is not None:
        objects, weather = _as_known(objects, weather, known.as_of)
    all_events = merged(log, detected.events, detected.spans, at)
    all_events = _explained(all_events, known, objects, weather, config)
    assessed = assess(all_events.drop(columns=["new", "turned"]), objects, config.pattern)
    names = dict(zip(objects["norad_id"].tolist(), objects["name"].tolist(), strict=True))
    events = assessed[(all_events["new"] | all_events["turned"]).to_numpy()].reset_index(drop=True)
    # The log keeps what the burn would be: the next run may find that it was one.
    events["kind"] = events["kind"].where(events["explanation"] == MANEUVER, events["explanation"])
    events["name"] = events["norad_id"].map(names).fillna("").astype("str")
    events = nearest(events, _latest_sets(known, config), names, config.proximity)
    passed_over = without_neighbours(events, config.proximity)
    said = [[*texts, NOT_SOUGHT] if one else texts for texts, one in zip(events["quality"], passed_over, strict=True)]
    events["quality"] = pd.Series(said, index=events.index, dtype=object)
    return Judged(all_events.drop(columns=["new", "turned"]), events)


def _as_known(objects: pd.DataFrame, weather: pd.DataFrame, as_of: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Without decays after a time, and the weather of days that were not over then."""
    later = objects["decay_date"] > as_of
    objects = objects.assign(
        decay_date=objects["decay_date"].where(~later),
        status=objects["status"].where(~(later & objects["status"].eq("decayed")), "unknown"),
    )
    return objects, weather[weather["date"] + pd.Timedelta(days=1) <= as_of].reset_index(drop=True)


def _explained(
    events: pd.DataFrame, known: KnownSets, objects: pd.DataFrame, weather: pd.DataFrame, config: BurnwatchConfig
) -> pd.DataFrame:
    """All events with what explains them; ``turned`` marks known ones that something else explains by now."""
    # A log written before there were explanations holds maneuvers.
    for name, unknown in _UNEXPLAINED.items():
        said = events[name] if name in events else pd.Series(unknown, index=events.index)
        events[name] = said.fillna(unknown).astype("str")
    if events.empty:
        return events.assign(turned=False)
    coverage = known.coverage
    age = coverage["last_epoch"].max() - events["epoch_after"]
    fresh = events["new"] | (age <= pd.Timedelta(days=config.explanation.reopen_days))
    recent = ~fresh & (age <= pd.Timedelta(days=config.explanation.reopen_loss_days))
    before = events["explanation"].copy()

    def stretch(since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        return known.history(since=since, until=until)

    settings = config.explanation
    parts = [
        explain(events[fresh], stretch, known.history, coverage, objects, weather, settings),
        ended_since(events[recent], coverage, objects, known.history, settings),
    ]
    for part in parts:
        events.loc[part.index, ["explanation", "explanation_note"]] = part[["explanation", "explanation_note"]]
    return events.assign(turned=~events["new"] & (events["explanation"] != before))


def _latest_sets(known: KnownSets, config: BurnwatchConfig) -> Callable[[pd.Timestamp], pd.DataFrame]:
    """The newest element set of every object, as one could have had it at a time."""
    longest = pd.Timedelta(days=config.proximity.max_age_days)
    ahead = pd.Timedelta(days=1)  # an epoch may lie a little after its publication

    @lru_cache(maxsize=4)
    def issued_around(start: pd.Timestamp) -> pd.DataFrame:
        return known.issues(start - longest, start + longest + ahead)

    def lookup(as_of: pd.Timestamp) -> pd.DataFrame:
        seen = as_of if known.as_of is None else min(as_of, known.as_of)
        # Many events share a read of the whole store: it is the same for all within one stretch of time.
        sets = issued_around(seen - (seen - _BEGIN) % longest)
        sets = sets[(sets["available_at"] <= seen) & (sets["epoch"] >= seen - longest)]
        return latest_issues(sets).drop_duplicates("norad_id", keep="last")

    return lookup
