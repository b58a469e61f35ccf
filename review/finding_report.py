"""One self-contained page a finding: what the object is up to, how it came to that, and what to expect of it next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from configs.review import ReviewConfig
from review import words
from review.figures import Figure
from review.finding_plots import Burn, Neighbor, approach
from review.pages import figure_json, render
from review.records import FindingRecord, FlagRecord, State
from review.tracks import planes, track
from review.ways import along_belt

_TIMES = ("when", "when_low", "when_high")


@dataclass(frozen=True, slots=True)
class BurnRow:
    """One burn of the page's table: where its pictures mark it, and the flag that tells of it, if there is one."""

    mark: Burn
    flag: FlagRecord | None


def render_finding(
    finding: FindingRecord,
    flags: Sequence[FlagRecord],
    history: pd.DataFrame,
    *,
    names: Mapping[int, str] | None = None,
    generated_at: datetime,
    config: ReviewConfig = ReviewConfig(),
) -> str:
    """The page of a finding as HTML.

    Parameters
    ----------
    finding : FindingRecord
    flags : sequence of FlagRecord
        Those that it gathers.
    history : DataFrame
        Element sets (``catalog.records.ELEMENT_SET_DTYPES``) of the object, of its neighbors and its partners, as far as
        they are to be shown.
    names : mapping of norad_id to name, optional
        For the partners.
    generated_at : datetime
        Printed on the page [UTC].
    config : ReviewConfig
    """
    return render(
        "finding.html.j2",
        words=words,
        generated_at=generated_at,
        **facts(finding, flags, history, names=names, config=config),
    )


def facts(
    finding: FindingRecord,
    flags: Sequence[FlagRecord],
    history: pd.DataFrame,
    *,
    names: Mapping[int, str] | None = None,
    config: ReviewConfig = ReviewConfig(),
) -> dict[str, Any]:
    """What every page of a finding shows, as a template takes it; the parameters are those of `render_finding`."""
    rows = burn_rows(finding, flags)
    burns = [row.mark for row in rows]
    ids = company(finding, config)
    called = dict(names or {}) | {int(one["norad_id"]): one["name"] for one in finding.neighbours if one.get("name")}
    way = track(history, finding.norad_id)
    figure = _figure(finding, way, history, [(one, called.get(one) or f"object {one}") for one in ids], burns)
    return {
        "finding": finding,
        "burns": rows,
        "partners": [(one, called.get(one, "")) for one in finding.partners],
        "sets": len(way),
        "newest_epoch": way["epoch"].max() if len(way) else None,
        "later_sets": int((way["available_at"] > finding.news_at).sum()),
        "models": sorted({f"{flag.detector}, model {flag.model_version}" for flag in flags}),
        "is_belt": finding.regime == "geo",
        "drawn": set() if figure is None else {trace["name"] for trace in figure["data"]},
        "figure": figure_json(figure),
    }


def company(finding: FindingRecord, config: ReviewConfig = ReviewConfig()) -> list[int]:
    """The neighbors and partners whose ways the page shows, at most ``config.report_neighbors``."""
    ids = [int(one["norad_id"]) for one in finding.neighbours] + [int(one) for one in finding.partners]
    return [one for one in dict.fromkeys(ids) if one != finding.norad_id][: config.report_neighbors]


def span(finding: FindingRecord, config: ReviewConfig = ReviewConfig()) -> tuple[datetime, datetime]:
    """What time the page's picture shows: from before the first burn until after the last news."""
    begin = min([finding.opened_at, *(datetime.fromisoformat(event["epoch_before"]) for event in finding.events)])
    return begin - timedelta(days=config.report_days_before), finding.news_at + timedelta(days=config.report_days_after)


def burn_rows(finding: FindingRecord, flags: Sequence[FlagRecord]) -> list[BurnRow]:
    """The burns that a finding gathers in order of time, each with its flag, or its window alone where there is none."""
    known = [flag for flag in flags if flag.withdrawn_at is None]
    found = [(flag.burn_time, flag.burn_time_low, flag.burn_time_high, flag) for flag in known]
    bare: list[tuple[datetime, datetime, datetime, FlagRecord | None]] = []
    for event in finding.events:
        before, after = (datetime.fromisoformat(event[name]) for name in ("epoch_before", "epoch_after"))
        if not any(flag.epoch_before < after and before < flag.epoch_after for flag in known):
            bare.append((before + (after - before) / 2, before, after, None))
    ordered = sorted([*found, *bare], key=lambda burn: burn[0])
    return [BurnRow(Burn(number, *times), flag) for number, (*times, flag) in enumerate(ordered, start=1)]


def _figure(
    finding: FindingRecord,
    way: pd.DataFrame,
    history: pd.DataFrame,
    others: Sequence[tuple[int, str]],
    burns: Sequence[Burn],
) -> Figure | None:
    if len(way) == 0:
        return None
    if finding.regime != "geo":
        ways = [(name, planes(history, finding.norad_id, one)) for one, name in others]
        return approach(way, ways, burns, finding.news_at)
    met = {int(one["norad_id"]): one for one in finding.neighbours}
    near = [
        Neighbor(one, name, way.iloc[:0], *(_instant(met.get(one, {}).get(time)) for time in _TIMES))
        for one, name in others
    ]
    return along_belt(way, near, history, burns, finding.news_at, moving=finding.state is State.UNDER_WAY)


def _instant(text: str | None) -> datetime | None:
    return None if not text else datetime.fromisoformat(text)
