"""What every request passes, and what every answer carries."""

import asyncio

import pytest
from fastapi import Body, FastAPI, Request
from fastapi.testclient import TestClient
from pydantic import ValidationError

from configs.desk import DeskConfig
from review.errors import StoreUnavailableError
from review.records import Role
from review.users import User
from review.web import protect
from review.web.protect import HEADERS, LISTS_BYTES, STRANGERS_BYTES, USERS_BYTES, install


def client(*, address="127.0.0.1", url="http://localhost", role=None, **settings):
    """A client of a small application behind the protection, of a user with a role or of a stranger."""
    app = FastAPI()

    @app.api_route("/", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    def whoever(request: Request):
        return {"from": request.client.host}

    @app.post("/take")
    @app.post("/login")
    @app.post("/lists")
    @app.put("/api/v1/lists/{name}")
    @app.post("/api/v1/labels")
    def take(body: bytes = Body()):
        return len(body)

    @app.get("/api/v1/thing")
    @app.post("/api/v1/thing")
    def thing():
        return {}

    @app.get("/broken")
    def broken():
        raise RuntimeError

    @app.get("/kept")
    def kept(request: Request):
        from fastapi.responses import Response

        return Response(headers={"Cache-Control": "public", "Content-Security-Policy": "default-src *"})

    install(app, DeskConfig(**settings), lambda _: role and User(1, "ann", role))
    return TestClient(app, base_url=url, client=(address, 50000), raise_server_exceptions=False)


# -- forged requests


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "https://localhost"}, True),
        ({"Origin": "http://localhost:8001"}, False),
        ({"Origin": "http://localhost.example.org"}, False),
        ({"Origin": "http://example.org"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({}, False),
        ({"Authorization": "Basic YW5uOnBhc3N3b3Jk"}, False),
        ({"Authorization": "Bearer burnwatch_x"}, True),
    ],
)
def test_only_pages_of_the_desk_and_programs_with_tokens_change_anything(method, headers, passes):
    assert client().request(method, "/", headers=headers).status_code == (200 if passes else 403)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_is_free_to_come_from_elsewhere(method):
    assert client().request(method, "/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_behind_a_proxy_the_public_origin_is_ones_own():
    desk = client(public_url="https://desk.example.org")
    assert desk.post("/", headers={"Origin": "https://desk.example.org"}).status_code == 200
    assert desk.post("/", headers={"Origin": "https://desk.example.org.evil"}).status_code == 403


# -- hosts


@pytest.mark.parametrize(
    ("host", "passes"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]:8000", True),
        ("desk.example.org", True),
        ("inner.example.org", True),
        ("example.org", False),
        ("evil.desk.example.org", False),
        ("localhost@example.org", False),
        ("example.org/localhost", False),
        ("example.org@localhost", False),
        ("localhost/example.org", False),
        ("example.org?@localhost", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_only_known_hosts_are_served(host, passes):
    desk = client(public_url="https://desk.example.org", hosts=("inner.example.org",))
    assert desk.get("/", headers={"Host": host}).status_code == (200 if passes else 400)


# -- sizes


AS_BYTES = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/octet-stream"}
LABELS_BYTES = 5_000_000


@pytest.mark.parametrize(
    ("role", "method", "path", "most_bytes"),
    [
        (None, "POST", "/login", STRANGERS_BYTES),
        (None, "POST", "/take", STRANGERS_BYTES),
        (None, "POST", "/api/v1/labels", STRANGERS_BYTES),
        (Role.VIEWER, "POST", "/take", USERS_BYTES),
        (Role.VIEWER, "POST", "/lists", USERS_BYTES),
        (Role.VIEWER, "POST", "/api/v1/labels", USERS_BYTES),
        (Role.ANALYST, "POST", "/take", USERS_BYTES),
        (Role.ANALYST, "POST", "/lists", LISTS_BYTES),
        (Role.ANALYST, "PUT", "/api/v1/lists/mine", LISTS_BYTES),
        (Role.ADMIN, "POST", "/api/v1/labels", LABELS_BYTES),
    ],
)
def test_a_body_is_as_large_as_its_sender_and_its_address_allow(role, method, path, most_bytes):
    desk = client(role=role, body_mb=LABELS_BYTES / 1e6)
    assert desk.request(method, path, content=b"x" * most_bytes, headers=AS_BYTES).json() == most_bytes
    for content in (
        b"x" * (most_bytes + 1),
        iter([b"x" * most_bytes, b"x"]),
    ):  # that says its length, and that does not
        answer = desk.request(method, path, content=content, headers=AS_BYTES)
        known = role or path == "/login" or not isinstance(content, bytes)
        assert answer.status_code == (413 if known else 401)
        assert answer.headers["content-security-policy"]


def test_a_body_is_cut_off_where_it_grows_too_large():
    asked = []

    def endless():
        for index in range(10_000):
            asked.append(index)
            yield b"x" * 100

    answer = client().post("/take", content=endless(), headers=AS_BYTES)
    assert answer.status_code == 413
    assert "at most 16 kB" in answer.text


def test_a_body_that_comes_too_slowly_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(protect, "BODY_SECONDS", 0.05)
    app = client().app
    sent = []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"sec-fetch-site", b"same-origin"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/take", "query_string": b"", "headers": headers}
    asyncio.run(app({**scope, "client": ("127.0.0.1", 1), "root_path": "", "http_version": "1.1"}, receive, send))
    assert [message.get("status") for message in sent] == [408, None]


def test_while_the_database_is_away_everybody_is_a_stranger():
    def who(request):
        request.state.user = None
        raise StoreUnavailableError("there", "is away")

    desk = client()
    install(desk.app, DeskConfig(), who)
    assert desk.post("/take", content=b"x", headers=AS_BYTES).json() == 1
    assert desk.post("/take", content=b"x" * (STRANGERS_BYTES + 1), headers=AS_BYTES).status_code == 401


def test_a_length_that_is_no_number_is_refused():
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Length": "-1"}
    assert client().post("/take", content=iter([b"x"]), headers=headers).status_code == 400


# -- headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 200), ("GET", "/nowhere", 404), ("POST", "/", 403), ("GET", "/broken", 500), ("GET", "/kept", 200)],
)
def test_every_answer_carries_the_headers(method, path, status):
    answer = client().request(method, path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == ("public" if path == "/kept" else "no-store")


def test_no_page_runs_inline_scripts_sends_forms_elsewhere_or_stands_in_a_frame():
    policy = dict(
        part.strip().split(" ", 1) for part in client().get("/").headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"


def test_the_other_headers_say_what_is_meant():
    headers = client().get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_https_is_demanded_for_ever_where_it_is_used():
    assert "strict-transport-security" not in client().get("/").headers
    assert "strict-transport-security" in client(public_url="https://desk.example.org").get("/").headers


def test_the_api_is_refused_in_its_own_words():
    answer = client().post("/api/v1/thing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code == 403


# -- proxies


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "198.51.100.1, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "192.0.2.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
        ("10.0.0.1", "192.0.2.7:4711", "192.0.2.7"),
        ("10.0.0.1", "[2001:DB8:0::7]:4711", "2001:db8::7"),
        ("10.0.0.1", "2001:DB8:0::7", "2001:db8::7"),
        ("10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, 10.0.0.2:80", "192.0.2.7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.9", "198.51.100.1", "192.0.2.9"),
    ],
)
def test_the_sender_is_taken_from_trusted_proxies_alone(peer, forwarded, seen):
    desk = client(address=peer, proxy_addresses=("10.0.0.0/24",))
    assert desk.get("/", headers={"X-Forwarded-For": forwarded}).json() == {"from": seen}


def test_what_each_proxy_adds_counts_whether_on_one_line_or_on_several():
    desk = client(address="10.0.0.1", proxy_addresses=("10.0.0.0/24",))
    lines = [("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-For", "10.0.0.2")]
    assert desk.get("/", headers=lines).json() == {"from": "192.0.2.7"}


def test_a_proxy_that_nobody_named_is_told_of_once(caplog):
    desk = client(address="10.0.0.1")
    for _ in range(3):
        assert desk.get("/", headers={"X-Forwarded-For": "192.0.2.7"}).json() == {"from": "10.0.0.1"}
    assert [record.getMessage()[:66] for record in caplog.records] == [
        "10.0.0.1 sends X-Forwarded-For and is not in desk.proxy_addresses:"
    ]


def test_a_header_for_users_needs_proxies_to_be_named():
    with pytest.raises(ValidationError, match="proxy_addresses"):
        DeskConfig(proxy_user_header="X-Forwarded-User")


@pytest.mark.parametrize("url", ["desk.example.org", "ftp://desk.example.org", "https://"])
def test_a_public_address_is_one_of_the_web(url):
    with pytest.raises(ValidationError, match="give an address"):
        DeskConfig(public_url=url)
