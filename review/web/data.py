"""The page of the data: what the store holds, how fresh it is, and what was refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from catalog import quarantine
from review.coverage import AGES_DAYS, Coverage, PartCoverage, cover
from review.data_plots import sets_a_day
from review.desk import Desk
from review.pages import figure_json
from review.web.access import Viewer
from review.web.params import Page
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

_SIZE = 100
_STALE_DAYS = 7.0
_MOST_REFUSED = 30  # kinds of refusals that the page names


def coverage_of(desk: Desk) -> Coverage:
    """What the desk's store holds now."""
    parts: dict[str, PartCoverage] = desk.kept("parts of the coverage", None, dict)
    return desk.kept("coverage", desk.elements.snapshot_id(), lambda: cover(desk.elements, parts))


@router.get("/data")
def data_page(request: Request, desk: DeskDep, _user: Viewer, page: Page = 1) -> HTMLResponse:
    """Coverage and freshness."""
    coverage = coverage_of(desk)
    stale = _stale(desk, coverage)
    weather = desk.weather()
    refused = _refused(desk)
    return render(
        request,
        "data.html.j2",
        now=datetime.now(UTC),
        newest=None if pd.isna(coverage.newest) else coverage.newest,
        sets=int(coverage.by_source["sets"].sum()),
        objects=int(coverage.by_source["norad_id"].nunique()),
        regimes=coverage.regimes().to_dict("records"),
        ages=[(f"{days:g}", f"age_{days:g}d") for days in AGES_DAYS],
        sources=coverage.sources().to_dict("records"),
        figure=figure_json(sets_a_day(coverage.days)),
        stale=stale.iloc[(page - 1) * _SIZE : page * _SIZE].to_dict("records"),
        stale_days=_STALE_DAYS,
        page=page,
        pages=-(-len(stale) // _SIZE),
        total=len(stale),
        size=_SIZE,
        weather_until=weather["date"].max() if len(weather) else None,
        refused=refused.head(_MOST_REFUSED).to_dict("records"),
        refused_total=int(refused["records"].sum()),
        refused_kinds=len(refused),
        snapshot=desk.elements.snapshot_id(),
    )


def _stale(desk: Desk, coverage: Coverage) -> pd.DataFrame:
    """The objects of which no new set came for days, less those known to have decayed, with their names."""
    stale = coverage.stale(_STALE_DAYS)
    objects = desk.objects()[["norad_id", "name", "owner", "kind", "status"]]
    named = stale.merge(objects, on="norad_id", how="left")
    named[["name", "owner", "kind", "status"]] = named[["name", "owner", "kind", "status"]].fillna("")
    return named[named["status"] != "decayed"].reset_index(drop=True)


def _refused(desk: Desk) -> pd.DataFrame:
    """The refused records by file, field and reason, the most frequent first."""
    folder = desk.home / "quarantine"
    names = tuple(sorted(path.name for path in folder.glob("*.jsonl")))
    return desk.kept("refused", names, lambda: _by_reason(quarantine.read(desk.home)))


def _by_reason(refused: pd.DataFrame) -> pd.DataFrame:
    kinds = ["file", "field", "reason"]
    counted = refused.groupby(kinds, as_index=False).agg(records=("line", "size"), first=("line", "min"))
    return counted.sort_values(["records", *kinds], ascending=[False, True, True, True], ignore_index=True)
