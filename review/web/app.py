"""The application: which rooms it has, and what every answer passes through."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from fastapi.responses import RedirectResponse

from review.desk import Desk
from review.web import (
    admin,
    assets,
    belt,
    data,
    dossier,
    errors,
    findings,
    handing,
    lists,
    login,
    objects,
    protect,
    queue,
    runs,
    saved,
    verdicts,
)
from review.web.api import app as api
from review.web.api import reference

root = APIRouter(include_in_schema=False)


@root.get("/")
def home() -> RedirectResponse:
    """The desk opens with the flags."""
    return RedirectResponse("/flags", 303)


@root.get("/health")
def health() -> dict[str, str]:
    """Whether the server answers."""
    return {"status": "ok"}


ROUTERS = (
    root,
    assets.router,
    login.router,
    admin.router,
    reference.router,
    queue.router,
    saved.router,
    verdicts.router,
    dossier.router,
    handing.router,
    lists.router,
    belt.router,
    data.router,
    findings.router,
    objects.router,
    runs.router,
)


def create_app(desk: Desk) -> FastAPI:
    """The desk as an ASGI application."""
    app = FastAPI(title="burnwatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    for router in ROUTERS:
        app.include_router(router)
    app.state.api = api.create_api(desk)
    app.mount(api.PATH, app.state.api)
    errors.register(app)
    protect.install(app, desk.config.desk)
    return app
