"""The API's operations that take a body, each as a way in: a body of any bytes is taken or refused, never a failure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from review.web.access import COOKIE
from review.web.api.app import create_api
from review.web.app import create_app
from tests.desk_home import CONFIG, DESK, INSPECTOR, PASSWORD, make_home
from tests.fuzz import seeds
from tests.fuzz.readers import Reader

# Good values where the document says no more than "a string".
_GOOD = {
    "norad_id": INSPECTOR,
    "password": PASSWORD,
    "assignee": "bob",
    "tle": seeds.tle(seeds.DRAWN[:1]).decode().splitlines(),
    "omm": seeds.RECORDS[:1],
}
_BODIES = ("post", "put", "patch")
_CONFIG = CONFIG.model_copy(update={"desk": DESK.model_copy(update={"hosts": ("testserver",)})})


class RefusedError(Exception):
    """An answer between 400 and 499."""


@contextmanager
def operations(folder: Path) -> Iterator[dict[str, Reader]]:
    """By method and address a reader that sends a body there, to a desk in ``folder``."""
    desk = make_home(folder).open(_CONFIG)
    document = create_api(None).openapi()
    flag = next(iter(desk.flags.flags(order="time")))
    there = {"flag_id": flag.flag_id, "name": "vera"}
    good = {**_GOOD, "flag_id": flag.flag_id}
    with desk.flags, TestClient(create_app(desk), raise_server_exceptions=False) as client:
        ada = desk.accounts.get("ada").user
        _, token = desk.accounts.tokens.make(ada, "to ask with")
        with desk.database.writing() as connection:
            session = desk.accounts.sessions.begin(connection, ada, "")
        ways = {
            "token": {"Authorization": f"Bearer {token}"},
            "in person": {"Cookie": f"{COOKIE}={session}", "Sec-Fetch-Site": "same-origin"},
        }

        def reader(method: str, path: str, content: dict[str, Any]) -> Reader:
            (media, described), *_ = content.items()
            is_json = media == "application/json"
            body = json.dumps(_example(described["schema"], document, good)).encode()
            address = f"/api/v1{path.format(**there)}"

            def read(data: bytes, _: Path) -> None:
                statuses = set()
                for headers in ways.values():
                    answer = client.request(method, address, content=data, headers={**headers, "Content-Type": media})
                    assert answer.status_code < 500, f"{answer.status_code}: {answer.text[:200]}"
                    assert len(answer.content) < 1_000_000
                    statuses.add(answer.status_code)
                if min(statuses) >= 400:
                    raise RefusedError(f"answered {min(statuses)}")

            return Reader({"body": body if is_json else seeds.table(seeds.LABELS)}, read, (RefusedError,))

        yield {
            f"API {method.upper()} {path}": reader(method, path, operation["requestBody"]["content"])
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
            if method in _BODIES and "requestBody" in operation
        }


def _example(schema: dict[str, Any], document: dict[str, Any], good: dict[str, Any], name: str = "") -> Any:
    """A value that the schema allows, with every property in it."""
    if "$ref" in schema:
        return _example(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document, good, name)
    if name in good:
        return good[name]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], document, good, name)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {key: _example(field, document, good, key) for key, field in fields.items()}
        case "array":
            return [_example(schema["items"], document, good, name)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case _:
            return schema.get("const") or schema.get("enum", ["2026-03-02" if "format" in schema else "word"])[0]
