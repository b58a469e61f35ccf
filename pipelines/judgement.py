"""Detected events to judged ones: what they are, how unexpected, why, and who is near."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.assets import Assets
from catalog.identity import latest_issues
from catalog.records import empty_element_sets
from models.assess.approach import Lookup, with_user_sets
from models.assess.approach import company as company_of
from models.assess.belt.arrivals import arrivals
from models.assess.belt.phases import belt_phases
from models.assess.findings import movers, update
from models.assess.findings.frame import CLOSED
from models.assess.overdue import overdue
from models.assess.pattern import assess
from models.assess.proximity import nearest, without_neighbours
from models.assess.shadowing import as_company, shadowing
from models.assess.surprise import calibrate
from models.characterize.explain.among import ended_since, explain
from models.characterize.explain.words import MANEUVER
from orbits.elements import regime
from pipelines.events import COMPANY_COLUMNS, merged

if TYPE_CHECKING:
    from catalog.known import KnownSets
    from configs.schema import BurnwatchConfig
    from pipelines.detection import Detected

_UNEXPLAINED = {"explanation": MANEUVER, "explanation_note": "", "own_explanation": MANEUVER, "own_note": ""}
_BEGIN = pd.Timestamp(0, tz="UTC")
_RECENT, _REMEMBERED = pd.Timedelta(days=30), pd.Timedelta(days=400)  # of the belt
_AIMLESS = ("kept", "graveyard")
_TOLD = 5  # of those whom one comes to, in a finding

NO_ASSETS = Assets()
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
    findings : DataFrame
        All findings, brought up to this run (``models.assess.findings.FINDING_DTYPES``).
    """

    log: pd.DataFrame
    events: pd.DataFrame
    findings: pd.DataFrame


class _Around(NamedTuple):
    """Other objects: their element sets, those that the user gave, names and launches, and which of them are protected."""

    lookup: Lookup
    given: pd.DataFrame
    names: dict[int, str]
    designators: dict[int, str]
    protected: dict[int, float]


def judge(
    detected: Detected,
    log: pd.DataFrame | None,
    findings: pd.DataFrame,
    known: KnownSets,
    objects: pd.DataFrame,
    weather: pd.DataFrame,
    config: BurnwatchConfig,
    *,
    at: pd.Timestamp,
    assets: Assets = NO_ASSETS,
    data_errors: pd.DataFrame | None = None,
) -> Judged:
    """Say of new events what they are, how unexpected and why, who is near, and what they amount to over weeks.

    Parameters
    ----------
    detected : Detected
        Of this run.
    log : DataFrame or None
        What was found before.
    findings : DataFrame
        Those of before.
    known : KnownSets
        The element sets of all objects.
    objects : DataFrame
        What is known of objects (``catalog.objects.OBJECT_DTYPES``).
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``.
    config : BurnwatchConfig
    at : Timestamp
        When this run is: new events are first seen then.
    assets : Assets
        The user's lists: protected objects are named first, and element sets of the user's own take part.
    data_errors : DataFrame, optional
        ``norad_id, epoch_before, epoch_after`` of windows that analysts have called data errors by now: what was found in
        them teaches nothing of what their objects usually do.
    """
    if known.as_of is not None:
        objects, weather = _as_known(objects, weather, known.as_of)
    named = objects[objects["name"] != ""]
    names = assets.names() | dict(zip(named["norad_id"].tolist(), named["name"].tolist(), strict=True))
    all_events = merged(log, detected.events, detected.spans, at)
    all_events = _explained(all_events, known, objects, weather, config)
    told = all_events.drop(columns=["new", "turned"]).assign(dismissed=_dismissed(all_events, data_errors))
    assessed = calibrate(assess(told, objects, config.pattern).drop(columns="dismissed"), config.surprise)
    given = _given(assets, known, config)
    around = _Around(
        with_user_sets(_latest_sets(known, config), given),
        given,
        names,
        dict(zip(objects["norad_id"].tolist(), objects["object_id"].tolist(), strict=True)),
        assets.keep_out_km(),
    )
    assessed, company = _in_company(assessed, all_events["new"], around, config, at)
    history = _belt_history(assessed, known, at)
    phases = belt_phases(history, at, config.belt)
    silent = overdue(assessed, known.coverage, at, config.overdue, history=history)
    company = pd.concat([company, _shadowed(findings, known, around, assets, config, at)], ignore_index=True)
    # Objects of one launch are in company for long: that is no news.
    company = company[~company["launched_together"].astype(bool)]
    met = _met(findings, assessed, phases, history, names, config, at)
    if len(met):
        company = pd.concat([company, met], ignore_index=True)
    findings = update(findings, assessed, phases, company, silent, objects, at, config.findings)
    events = assessed[all_events["new"] | all_events["turned"]].reset_index(drop=True)
    # The log keeps what the burn would be: the next run may find that it was one.
    events["kind"] = events["kind"].where(events["explanation"] == MANEUVER, events["explanation"])
    called = [names.get(norad_id, "") for norad_id in events["norad_id"].tolist()]
    events["name"] = pd.Series(called, index=events.index, dtype="str")
    passed_over = events["sought_at"].isna()
    said = [[*texts, NOT_SOUGHT] if one else texts for texts, one in zip(events["quality"], passed_over, strict=True)]
    events["quality"] = pd.Series(said, index=events.index, dtype=object)
    kept = all_events.drop(columns=["new", "turned"]).assign(**{name: assessed[name] for name in COMPANY_COLUMNS})
    return Judged(kept, events, findings)


def _dismissed(events: pd.DataFrame, data_errors: pd.DataFrame | None) -> NDArray[np.bool_]:
    """Which events share their window with a data error, (N,)."""
    mask = np.zeros(len(events), np.bool_)
    if data_errors is None or data_errors.empty:
        return mask
    windows = ["norad_id", "epoch_before", "epoch_after"]
    rows = events[windows].reset_index(drop=True).reset_index(names="row")
    rows = rows.merge(data_errors[windows], on="norad_id", suffixes=("", "_judged"))
    shared = (rows["epoch_before"] < rows["epoch_after_judged"]) & (rows["epoch_after"] > rows["epoch_before_judged"])
    mask[rows.loc[shared, "row"].to_numpy()] = True
    return mask


def _in_company(
    events: pd.DataFrame,
    new: pd.Series,
    around: _Around,
    config: BurnwatchConfig,
    at: pd.Timestamp,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events with who is near, sought of new ones, and again until those sets are there that it is sought in; and their company."""
    settled = events["sought_at"] >= events["available_at"] + pd.Timedelta(days=config.proximity.settle_days)
    rows = np.flatnonzero((new & ~settled).to_numpy())
    some = events.iloc[rows].reset_index(drop=True)
    looked = ~without_neighbours(some, config.proximity)
    of = np.flatnonzero(looked)
    others = company_of(
        some.iloc[of],
        around.lookup,
        around.names,
        config.proximity,
        protected=around.protected,
        designators=around.designators,
    )
    others = others.assign(event=of[others["event"].to_numpy()])
    sought = nearest(some, around.lookup, around.names, config.proximity, others=others, protected=around.protected)
    columns = {name: events[name].tolist() for name in COMPANY_COLUMNS}
    before, after = some["reasons"].tolist(), sought["reasons"].tolist()
    for place, row in enumerate(rows.tolist()):
        columns["neighbours"][row] = sought["neighbours"].iloc[place]
        columns["company_reasons"][row] = list(after[place])[len(before[place]) :]
        columns["sought_at"][row] = at if looked[place] else pd.NaT
    reasons = [[*own, *said] for own, said in zip(events["reasons"], columns["company_reasons"], strict=True)]
    judged = events.assign(
        neighbours=pd.Series(columns["neighbours"], index=events.index, dtype=object),
        company_reasons=pd.Series(columns["company_reasons"], index=events.index, dtype=object),
        sought_at=pd.Series(columns["sought_at"], index=events.index).astype("datetime64[us, UTC]"),
        reasons=pd.Series(reasons, index=events.index, dtype=object),
    )
    return judged, others


def _shadowed(
    findings: pd.DataFrame,
    known: KnownSets,
    around: _Around,
    assets: Assets,
    config: BurnwatchConfig,
    at: pd.Timestamp,
) -> pd.DataFrame:
    """Whom objects of open findings, and those on watch-lists, shadow outside the belt."""
    open_now = findings[(findings["state"] != CLOSED) & (findings["regime"] != "geo")]
    ids = set(open_now["norad_id"].tolist()) | assets.numbers("watched")
    if not ids:
        return as_company(shadowing(empty_element_sets(), ids, at, around.names, config.shadowing))
    since = at - pd.Timedelta(days=config.shadowing.days + config.shadowing.max_age_days)
    history = pd.concat([around.given, known.history(since=since)], ignore_index=True)
    history = history.sort_values(["norad_id", "epoch"], kind="stable", ignore_index=True)
    rows = shadowing(history, ids, at, around.names, config.shadowing, designators=around.designators)
    return as_company(rows)


def _met(
    findings: pd.DataFrame,
    events: pd.DataFrame,
    phases: pd.DataFrame,
    history: pd.DataFrame,
    names: dict[int, str],
    config: BurnwatchConfig,
    at: pd.Timestamp,
) -> pd.DataFrame:
    """Whom objects of open findings and of fresh listed events come to, as far as they are adrift in the belt."""
    adrift = set(phases.loc[phases["current"] & ~phases["mode"].isin(_AIMLESS), "norad_id"].tolist())
    ids = adrift.intersection(movers(findings, events, at, config.findings))
    few = config.belt.model_copy(update={"top": min(config.belt.top, _TOLD)})
    return arrivals(phases, history, sorted(ids), at, names, few)


def _given(assets: Assets, known: KnownSets, config: BurnwatchConfig) -> pd.DataFrame:
    """Element sets of the user's own, as far as they were there."""
    sets = assets.element_sets(config.ingest)
    return sets if known.as_of is None else sets[sets["available_at"] <= known.as_of].reset_index(drop=True)


def _belt_history(events: pd.DataFrame, known: KnownSets, at: pd.Timestamp) -> pd.DataFrame:
    """Element sets of what is, or has burned, in the geosynchronous belt."""
    recent = known.history(since=at - _RECENT)
    here = regime(recent["mean_motion_rev_day"].to_numpy(np.float64), recent["eccentricity"].to_numpy(np.float64))
    ids = set(recent.loc[here == "geo", "norad_id"].tolist())
    ids |= set(events.loc[events["regime"] == "geo", "norad_id"].tolist())
    return known.history(sorted(ids), since=at - _REMEMBERED)


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


def _latest_sets(known: KnownSets, config: BurnwatchConfig) -> Lookup:
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
