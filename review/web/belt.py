"""The page of the geosynchronous belt."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from review.belt import SEEN_DAYS, STANDING_DEG_DAY, Marked, belt, marks
from review.belt_plot import belt_figure
from review.desk import Desk
from review.pages import figure_json
from review.web.access import Viewer
from review.web.data import coverage_of
from review.web.params import Longitude, Page, Word
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

Show = Literal["all", "drifting", "flagged", "findings"]
Order = Literal["longitude", "drift", "unexpected", "age"]

_SIZE = 200
_DAYS = (7, 30, 90, 365)


@router.get("/belt")
def belt_page(
    request: Request,
    desk: DeskDep,
    _user: Viewer,
    text: Word = "",
    owner: Word = "",
    watch_list: Word = "",
    show: Show = "all",
    west: Longitude = None,
    east: Longitude = None,
    days: Annotated[int, Query(ge=1, le=3650)] = 30,
    order: Order = "longitude",
    page: Page = 1,
) -> HTMLResponse:
    """Every object of the belt by longitude, with its drift and what is on record of it."""
    at, found, unseen = belt_of(desk)
    lists = desk.assets.load().lists
    marked = marks(desk.database, (at - timedelta(days=days)).to_pydatetime(), at.to_pydatetime()) if len(found) else {}
    chosen = _chosen(found, marked, text, owner, show, west, east)
    if watch_list:
        wanted = {asset.number for one in lists if one.name == watch_list for asset in one.objects}
        chosen &= found["norad_id"].isin(wanted).to_numpy()
    rows = _ordered(found[chosen], marked, order)
    given = {"text": text, "owner": owner, "watch_list": watch_list, "show": show, "west": west, "east": east}
    kept = {name: value for name, value in (given | {"days": days, "order": order}).items() if value not in ("", None)}
    return render(
        request,
        "belt.html.j2",
        at=at,
        objects=len(found),
        unseen=unseen,
        seen_days=SEEN_DAYS,
        drifting=int((found["drift_deg_day"].abs() >= STANDING_DEG_DAY).sum()),
        standing=STANDING_DEG_DAY,
        with_flags=sum(1 for mark in marked.values() if mark.flags),
        with_findings=sum(1 for mark in marked.values() if mark.finding_id),
        figure=figure_json(belt_figure(found, chosen, marked)) if len(found) else None,
        rows=rows.iloc[(page - 1) * _SIZE : page * _SIZE].to_dict("records"),
        marked=marked,
        nothing=Marked(),
        page=page,
        pages=-(-len(rows) // _SIZE),
        total=len(rows),
        size=_SIZE,
        address=f"/belt?{urlencode({name: value for name, value in kept.items() if name != 'page'})}",
        given=given,
        days=days,
        day_choices=sorted({*_DAYS, days}),
        order=order,
        owners=sorted({name for name in found["owner"] if name}),
        lists=[one.name for one in lists],
    )


def belt_of(desk: Desk) -> tuple[pd.Timestamp, pd.DataFrame, int]:
    """When the store's newest set became available, where the belt's objects are then, and how many were not seen of late.

    The frame is that of `review.belt.belt` with ``name, owner, status`` of each object.
    """
    at, found, unseen = desk.kept("belt", desk.elements.snapshot_id(), lambda: _belt(desk))
    names = desk.names(found["norad_id"].tolist())
    objects = desk.objects()
    known = objects.loc[objects["norad_id"].isin(found["norad_id"]), ["norad_id", "owner", "status"]]
    described = found.merge(known, on="norad_id", how="left")
    described[["owner", "status"]] = described[["owner", "status"]].fillna("")
    return at, described.assign(name=[names.get(one, "") for one in found["norad_id"].tolist()]), unseen


def _belt(desk: Desk) -> tuple[pd.Timestamp, pd.DataFrame, int]:
    coverage = coverage_of(desk)
    at, objects = coverage.newest, coverage.objects()
    of_the_belt = objects[objects["regime"] == "geo"]
    since = None if pd.isna(at) else at - pd.Timedelta(days=SEEN_DAYS)
    seen = of_the_belt if since is None else of_the_belt[of_the_belt["last_epoch"] >= since]
    found = belt(desk.elements.history(seen["norad_id"], since=since), at)
    return at, found, len(of_the_belt) - len(found)


def _chosen(
    found: pd.DataFrame,
    marked: dict[int, Marked],
    text: str,
    owner: str,
    show: Show,
    west: float | None,
    east: float | None,
) -> np.ndarray:
    chosen = np.ones(len(found), dtype=bool)
    for word in text.upper().split():
        named = found["name"].str.upper().str.contains(word, regex=False).to_numpy(dtype=bool)
        chosen &= named | (found["norad_id"].astype("str") == word).to_numpy()
    if owner:
        chosen &= (found["owner"] == owner).to_numpy()
    if show == "drifting":
        chosen &= (found["drift_deg_day"].abs() >= STANDING_DEG_DAY).to_numpy()
    elif show == "flagged":
        chosen &= found["norad_id"].isin([one for one, mark in marked.items() if mark.flags]).to_numpy()
    elif show == "findings":
        chosen &= found["norad_id"].isin([one for one, mark in marked.items() if mark.finding_id]).to_numpy()
    if west is not None or east is not None:
        left, right = west if west is not None else -180.0, east if east is not None else 180.0
        width = (right - left) % 360.0 or 360.0
        chosen &= ((found["longitude_deg"] - left) % 360.0 <= width).to_numpy()
    return chosen


def _ordered(rows: pd.DataFrame, marked: dict[int, Marked], order: Order) -> pd.DataFrame:
    if rows.empty or order == "longitude":
        return rows
    key = {
        "drift": -rows["drift_deg_day"].abs(),
        "age": -rows["age_days"],
        "unexpected": -rows["norad_id"].map(lambda one: _unexpectedness(marked.get(one))),
    }[order]
    return rows.iloc[np.argsort(key.to_numpy(), kind="stable")]


def _unexpectedness(mark: Marked | None) -> float:
    if mark is None:
        return -2.0
    return -1.0 if mark.unexpectedness is None else mark.unexpectedness
