"""The API as an application, to be mounted into the desk's."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from review.desk import Desk
from review.web.api import (
    accounts,
    belt,
    data,
    document,
    evidence,
    exports,
    findings,
    flags,
    labels,
    lists,
    objects,
    problems,
    saved,
    verdicts,
)

PATH = "/api/v1"
ROUTERS = tuple(
    part.router
    for part in (flags, evidence, verdicts, saved, findings, objects, belt, data, exports, lists, labels, accounts)
)


def create_api(desk: Desk) -> FastAPI:
    """The API of a desk; its document is at ``openapi.json`` beside it."""
    api = FastAPI(
        title="burnwatch",
        version=version("burnwatch"),
        summary="Flags, findings, objects and verdicts of the analysts' desk",
        description=document.ABOUT,
        openapi_tags=document.TAGS,
        servers=[{"url": PATH, "description": "This desk"}],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        responses=problems.answers(400, 401, 403, 408, 413, 422, 503),
    )
    api.state.desk = desk
    for router in ROUTERS:
        api.include_router(router)
    problems.install(api)
    document.install(api)
    return api
