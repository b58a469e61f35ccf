"""From a template and its values to a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import jinja2
from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from review import words
from review.desk import Desk
from review.records import MANEUVER_KINDS
from review.web.access import current_user
from review.web.assets import asset_url, plotly_style_ids

# Address, name: what stands at the head of every page.
NAVIGATION = (
    ("/flags", "Flags"),
    ("/findings", "Findings"),
    ("/belt", "Belt"),
    ("/objects", "Objects"),
    ("/lists", "Lists"),
    ("/data", "Data"),
    ("/runs", "Runs"),
)


def desk_of(request: Request) -> Desk:
    """The desk that the application works on."""
    desk: Desk = request.app.state.desk
    return desk


DeskDep = Annotated[Desk, Depends(desk_of)]


def is_htmx(request: Request) -> bool:
    """Whether a script of the page asks, and wants a part of it only."""
    return request.headers.get("hx-request") == "true"


def render(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,  # noqa: ANN401
) -> HTMLResponse:
    """A page, or a part of one.

    Parameters
    ----------
    request : Request
    template : str
        Name of the file in ``templates``. It finds ``request``, ``user`` (or None), ``words`` and ``nav`` too.
    status : int
    headers : mapping, optional
    **values
        What else the template shows.
    """
    page = _environment().get_template(template)
    known = {"request": request, "user": current_user(request), "words": words, "nav": NAVIGATION}
    response = HTMLResponse(page.render(known | values), status_code=status, headers=dict(headers or {}))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "HX-Request"
    return response


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        asset=asset_url, plotly_style_ids=plotly_style_ids, words=words, MANEUVER_KINDS=MANEUVER_KINDS
    )
    return environment
