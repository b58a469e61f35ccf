"""The page that says what the API can do, made of its document."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from review.web.access import Viewer
from review.web.api.app import PATH
from review.web.render import render

router = APIRouter(include_in_schema=False)


@router.get("/api")
def show(request: Request, _: Viewer) -> Response:
    """Every operation by subject, with what it takes and answers."""
    document = request.app.state.api.openapi()
    subjects: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            subjects[operation["tags"][0]].append(_shown(method, path, operation))
    about = [paragraph.replace("\n", " ") for paragraph in document["info"]["description"].strip().split("\n\n")]
    tags = [tag for tag in document["tags"] if tag["name"] in subjects]
    return render(request, "api.html.j2", about=about, tags=tags, subjects=subjects, path=PATH)


def _shown(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {})
    answers = {status: answer.get("content", {}) for status, answer in operation["responses"].items()}
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation["summary"],
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": one["name"],
                "where": one["in"],
                "needed": one.get("required", False),
                "what": one.get("description") or one["schema"].get("description", ""),
            }
            for one in operation.get("parameters", [])
        ],
        "body": _name(body),
        "answers": {status: _name(content) for status, content in answers.items() if int(status) < 400},
        "problems": [status for status in answers if int(status) >= 400],
    }


def _name(content: dict[str, Any]) -> str:
    """What the first kind of a body is called."""
    for kind, said in content.items():
        schema = said.get("schema", {})
        items = schema.get("items", {})
        if "$ref" in schema:
            return str(schema["$ref"]).rpartition("/")[2]
        return f"list of {items['$ref'].rpartition('/')[2]}" if "$ref" in items else kind
    return ""
