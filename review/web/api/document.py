"""The API's OpenAPI document: what FastAPI makes of the handlers, with problems and logins said as they are."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from review.web.api.problems import MEDIA_TYPE

ABOUT = """Everything that the desk shows and does, for programs.

Who asks: give a token as `Authorization: Bearer …` (make one on the account's page or, logged in, by `POST /me/tokens`; its scope says what it
may do: read-only, verdicts or admin, and never more than its user). The cookie of a
logged-in browser does too; then whatever changes something must come from the desk's own pages.

Conflicts: every flag has a `version`. A verdict says which one it saw, by `expected_version` in the body or by `If-Match` with the
flag's `ETag`. Where somebody else was there first, nothing is written, and the answer (409, or 412 for `If-Match`) holds the flag as it is
now and the last step of its review.

Words: times are UTC, ISO 8601. Every name carries its unit; what is not known is null. Failures are problem details (RFC 9457).
"""
TAGS = [
    {"name": "flags", "description": "Events put before an analyst, and what became of them"},
    {"name": "verdicts", "description": "Settling, assigning and opening flags again"},
    {"name": "findings", "description": "What an object is up to, told from a chain of its events"},
    {"name": "objects", "description": "Objects, their element sets, and the geosynchronous belt"},
    {"name": "data", "description": "What the store holds, how fresh it is, and the runs of the pipelines"},
    {"name": "handing on", "description": "Exports, watch-lists and labels"},
    {"name": "accounts", "description": "Oneself, tokens, users and their audit"},
]
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token of a user"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "burnwatch_session",
        "description": "A logged-in browser; over https its cookie is `__Host-burnwatch_session`",
    },
}


def install(api: FastAPI) -> None:
    """Let ``api`` give this document."""
    made = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _finished(made())
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]


def _finished(document: dict[str, Any]) -> dict[str, Any]:
    document["components"]["securitySchemes"] = SECURITY
    document["security"] = [{name: []} for name in SECURITY]
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and "content" in answer:
                answer["content"] = {MEDIA_TYPE: next(iter(answer["content"].values()))}
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    return document
