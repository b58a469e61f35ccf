"""The pages of objects: looking one up, and one's whole life."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import pandas as pd
from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from catalog.object_records import KINDS
from review import directory
from review.desk import Desk
from review.finding_plots import longitude_text
from review.life import flags_of, life, years
from review.life_plot import life_figure
from review.pages import figure_json
from review.web.access import Viewer
from review.web.data import coverage_of
from review.web.params import Page, RegimeParam, Word
from review.web.render import DeskDep, render

router = APIRouter(include_in_schema=False)

_SIZE = 100
_FLAGS = 50  # lines of an object's page
_LARGEST = 999_999_999


@router.get("/objects")
def objects_page(
    request: Request,
    desk: DeskDep,
    _user: Viewer,
    text: Word = "",
    owner: Word = "",
    kind: Word = "",
    regime: RegimeParam = None,
    held: Annotated[bool, Query()] = False,
    page: Page = 1,
) -> Response:
    """Objects by name, number, designator or operator; a whole number that is an object's leads to it."""
    known = _directory(desk)
    if text.strip().isdecimal() and len(text.strip()) <= len(str(_LARGEST)) and (known["norad_id"] == int(text)).any():
        return RedirectResponse(f"/objects/{int(text)}", 303)
    rows = directory.found(known, text=text, owner=owner, kind=kind, regime=regime or "", held=held)
    given = {"text": text, "owner": owner, "kind": kind, "regime": regime or "", "held": "true" if held else ""}
    return render(
        request,
        "objects.html.j2",
        rows=rows.iloc[(page - 1) * _SIZE : page * _SIZE].to_dict("records"),
        known=len(known),
        held_count=int((known["sets"] > 0).sum()),
        given=given,
        owners=sorted({one for one in known["owner"] if one}),
        kinds=KINDS,
        page=page,
        pages=-(-len(rows) // _SIZE),
        total=len(rows),
        size=_SIZE,
        address=f"/objects?{urlencode({name: value for name, value in given.items() if value})}",
    )


@router.get("/objects/{norad_id}")
def object_page(
    request: Request, desk: DeskDep, _user: Viewer, norad_id: Annotated[int, Path(ge=1, le=_LARGEST)]
) -> HTMLResponse:
    """An object's life on one page."""
    sets = desk.elements.history([norad_id])
    identity = _identity(desk, norad_id)
    flags = flags_of(desk.database, norad_id)
    findings = desk.flags.findings.records(norad_id=norad_id)
    if sets.empty and not flags and not findings and not identity:
        raise HTTPException(404, f"No object {norad_id} is known.")
    orbit = life(sets)
    covered = coverage_of(desk).objects()
    regimes = covered.loc[covered["norad_id"] == norad_id, "regime"].tolist()
    regime = regimes[0] if regimes else ""
    lists = [one for one in desk.assets.load().lists if any(asset.number == norad_id for asset in one.objects)]
    figure = life_figure(orbit, flags, findings, in_the_belt=regime == "geo")
    epochs = sets["epoch"]
    return render(
        request,
        "object.html.j2",
        norad_id=norad_id,
        name=desk.names([norad_id]).get(norad_id, ""),
        identity=identity,
        regime=regime,
        lists=lists,
        now=_now(orbit, regime),
        sets=len(sets),
        sources=sorted(sets["source"].unique()),
        first_epoch=epochs.min() if len(sets) else None,
        figure=figure_json(figure),
        flags=flags[:_FLAGS],
        flag_count=len(flags),
        maneuvers=sum(flag.is_maneuver for flag in flags),
        findings=findings,
        years=years(epochs, flags),
    )


def _directory(desk: Desk) -> pd.DataFrame:
    names = {asset.number: asset.name for one in desk.assets.load().lists for asset in one.objects}
    return directory.directory(desk.objects(), coverage_of(desk), names)


def _identity(desk: Desk, norad_id: int) -> dict[str, Any]:
    objects = desk.objects()
    rows = objects[objects["norad_id"] == norad_id].to_dict("records")
    return {str(name): value for name, value in rows[0].items()} if rows else {}


def _now(orbit: pd.DataFrame, regime: str) -> dict[str, Any] | None:
    """The newest set's orbit in a person's terms."""
    if orbit.empty:
        return None
    newest: dict[str, Any] = {str(name): value for name, value in orbit.iloc[-1].to_dict().items()}
    where = longitude_text(newest["longitude_deg"]) if regime == "geo" else ""
    return {**newest, "where": where, "period_min": 1440.0 / newest["mean_motion_rev_day"]}
