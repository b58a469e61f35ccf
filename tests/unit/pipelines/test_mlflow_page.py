"""Nothing of a stranger's reaches MLflow."""

import asyncio

import pytest

from pipelines.login import Login
from pipelines.mlflow_page import Guard

LOGIN = Login("burnwatch:sesame")
OWN = "127.0.0.1:5000"


def asked(kind="http", **headers):
    """The status of the answer, and what reached the application."""
    reached, sent = [], []

    async def application(scope, receive, send):
        reached.append(scope["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    given = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": kind, "method": "POST", "path": "/", "headers": given}
    asyncio.run(Guard(application, 5000, LOGIN)(scope, receive, send))
    return sent[0].get("status", sent[0]["type"]), reached


@pytest.mark.parametrize(
    ("host", "more"),
    [
        (OWN, {}),
        ("localhost:5000", {}),
        ("LOCALHOST:5000", {"Origin": "http://localhost:5000"}),
        (OWN, {"Origin": f"http://{OWN}"}),
    ],
)
def test_its_own_pages_get_in(host, more):
    assert asked(Host=host, Authorization=LOGIN.header, **more) == (200, ["http"])


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:5000", "127.0.0.1", "127.0.0.1:5001", f"a@{OWN}"])
def test_a_host_of_another_name_is_refused_even_with_the_login(host):
    assert asked(Host=host, Authorization=LOGIN.header) == (400, [])


@pytest.mark.parametrize(
    "origin", ["null", "http://evil.example", "http://127.0.0.1:9999", "http://localhost:5000", f"https://{OWN}", ""]
)
def test_a_page_from_elsewhere_is_refused_although_its_browser_knows_the_login(origin):
    assert asked(Host=OWN, Origin=origin, Authorization=LOGIN.header) == (403, [])


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic", "Basic ", "Basic %%%", "Bearer sesame", Login("burnwatch:").header, Login("burnwatch:Sesame").header],
)
def test_without_the_login_nobody_gets_in(authorization):
    assert asked(Host=OWN, Authorization=authorization) == (401, [])
    assert asked(Host=OWN) == (401, [])


def test_a_socket_is_closed():
    assert asked("websocket", Host=OWN, Authorization=LOGIN.header) == ("websocket.close", [])
