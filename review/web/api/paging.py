"""Pages of what the API lists, and the links from one to the next."""

from __future__ import annotations

import math
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel, Field

from review.web.api.fields import Asked

LARGEST_PAGE = 500
LAST_PAGE = 1_000_000


class Paged(Asked):
    """Which page is asked for."""

    page: int = Field(default=1, ge=1, le=LAST_PAGE, description="Which page, from 1")
    size: int = Field(default=50, ge=1, le=LARGEST_PAGE, description="How many of them a page has")


class Pages(BaseModel):
    """Where a page stands among the others."""

    total: int = Field(ge=0, description="How many there are on all pages")
    page: int = Field(ge=1)
    pages: int = Field(ge=1, description="How many pages there are; one where there is nothing")
    size: int = Field(ge=1)
    previous: str | None = Field(description="Address of the page before this one")
    next: str | None = Field(description="Address of the page after this one")


def links(request: Request, response: Response, *, total: int, asked: Paged) -> dict[str, Any]:
    """The members of `Pages` for a list of ``total``; the header ``Link`` says them too (RFC 8288)."""
    pages = max(math.ceil(total / asked.size), 1)
    near = {
        "previous": asked.page - 1 if 1 < asked.page <= pages + 1 else None,
        "next": asked.page + 1 if asked.page < pages else None,
    }
    found = {name: None if page is None else address(request, page=page) for name, page in near.items()}
    short = {"previous": "prev", "next": "next"}
    if any(found.values()):
        response.headers["Link"] = ", ".join(f'<{at}>; rel="{short[name]}"' for name, at in found.items() if at)
    return {"total": total, "page": asked.page, "pages": pages, "size": asked.size, **found}


def address(request: Request, **changes: object) -> str:
    """The request's own address with other parameters."""
    url = request.url.include_query_params(**changes)
    return f"{url.path}?{url.query}"
