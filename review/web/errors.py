"""What is said when something cannot be done: a page, or for the API a problem (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from catalog.assets import AssetError
from catalog.errors import CatalogError
from review.clock import ClockError
from review.errors import (
    AmbiguousIdError,
    BadTransitionError,
    ConflictError,
    ReviewError,
    StoreUnavailableError,
    UnknownFindingError,
    UnknownFlagError,
    UnknownIdError,
)
from review.saved_views import UnknownViewError
from review.web.render import render

_STATUS: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (UnknownFlagError, HTTPStatus.NOT_FOUND),
    (UnknownFindingError, HTTPStatus.NOT_FOUND),
    (UnknownIdError, HTTPStatus.NOT_FOUND),
    (UnknownViewError, HTTPStatus.NOT_FOUND),
    (AmbiguousIdError, HTTPStatus.CONFLICT),
    (ConflictError, HTTPStatus.CONFLICT),
    (BadTransitionError, HTTPStatus.CONFLICT),
    (StoreUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ClockError, HTTPStatus.SERVICE_UNAVAILABLE),
    (ReviewError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (CatalogError, HTTPStatus.UNPROCESSABLE_ENTITY),
)

_MOST_FAULTS = 20

log = logging.getLogger(__name__)


def status_of(error: Exception) -> HTTPStatus:
    """The status that stands for an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)


def register(app: FastAPI) -> None:
    """Let the application answer errors in these ways."""
    app.add_exception_handler(ReviewError, _expected)
    app.add_exception_handler(CatalogError, _expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


def problem(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """An error as a page, or as JSON under ``/api``."""
    title = HTTPStatus(status).phrase
    if request.url.path.startswith("/api/"):
        content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        return JSONResponse(content, status, headers, media_type="application/problem+json")
    return render(request, "error.html.j2", status, headers, code=status, title=title, detail=detail)


def _expected(request: Request, error: Exception) -> Response:
    # Where the data lies, and a driver's words, are for the log and not for strangers.
    if isinstance(error, StoreUnavailableError):
        log.error("%s %s: %s", request.method, request.url.path, error)
        return problem(request, status_of(error), "The database is busy or out of reach: try again.")
    if isinstance(error, CatalogError) and not isinstance(error, AssetError):
        log.error("%s %s: %s", request.method, request.url.path, error)
        return problem(request, status_of(error), "The data cannot be read. Why is in the server's log.")
    return problem(request, status_of(error), str(error))


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if 300 <= error.status_code < 400:  # a dependency that sends elsewhere
        return Response(status_code=error.status_code, headers=dict(error.headers or {}))
    standard = error.detail == HTTPStatus(error.status_code).phrase
    detail = "There is no such page." if error.status_code == HTTPStatus.NOT_FOUND and standard else error.detail
    return problem(request, error.status_code, detail, dict(error.headers or {}))


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    said = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}" for one in error.errors()[:_MOST_FAULTS]]
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(said))


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here. It is in the server's log.")
