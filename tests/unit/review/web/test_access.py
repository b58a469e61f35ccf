"""Who gets to what: sessions, tokens, the proxy's word, and roles on every page there is."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from review.records import Role, Scope
from review.web.access import COOKIE, SECURE_COOKIE, Needs
from review.web.app import create_app
from tests.desk_client import URL, logged_in, program_of, visitor
from tests.desk_home import CONFIG, PASSWORD

OPEN = {"/", "/health", "/login", "/static/{digest}/{name:path}", "/api/v1/openapi.json"}
# What viewers may change: their own account and saved views.
OWN = re.compile(r"/(logout|account|views|api/v1/(views|me))(/|$)")


def routes(app, prefix=""):
    """Every (method, path) that the application answers, those of applications within it too."""
    for route in app.routes:
        if isinstance(route, Mount):
            yield from routes(route, prefix + route.path)
            continue
        answers = [route] if isinstance(route, Route) else route.effective_route_contexts()
        for answer in answers:
            for method in sorted(answer.methods - {"HEAD", "OPTIONS"}):
                yield method, prefix + answer.path


def filled(path):
    """A path with its parameters filled in."""
    return re.sub(r"\{[^}]+\}", "1", path)


# -- without a login


def test_every_page_but_the_login_wants_one(desk):
    client = visitor(desk)
    asked = [(method, path) for method, path in routes(client.app) if path not in OPEN]
    assert len(asked) > 10
    for method, path in asked:
        answer = client.request(method, filled(path))
        if method == "GET" and not path.startswith("/api/"):
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login"), path
        else:
            assert answer.status_code == 401, (method, path)


def test_a_stranger_to_the_api_is_told_so_in_json(desk):
    answer = visitor(desk).get("/api/v1/flags")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_login_leads_back_to_what_was_wanted(desk):
    answer = visitor(desk).get("/account?regime=geo&page=2")
    assert answer.headers["location"] == "/login?next=%2Faccount%3Fregime%3Dgeo%26page%3D2"


def test_a_script_of_a_page_is_sent_to_the_login_as_a_whole(desk):
    answer = visitor(desk).get("/account", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


def test_what_was_typed_is_not_lost_when_the_login_has_ended(desk):
    answer = visitor(desk).post("/account/tokens", data={"label": "nightly", "days": "3"})
    assert answer.status_code == 401
    assert "Log in in another tab" in answer.text


# -- roles


def test_viewers_change_nothing_but_their_own(desk):
    client = logged_in(desk, "vera")
    for method, path in routes(client.app):
        if method != "GET" and path not in OPEN and not OWN.match(path):
            assert client.request(method, filled(path)).status_code == 403, (method, path)


@pytest.mark.parametrize("name", ["vera", "ann"])
def test_only_admins_keep_accounts(desk, name):
    client = logged_in(desk, name)
    asked = [
        (method, path) for method, path in routes(client.app) if re.match(r"/admin/|/api/v1/(users|audit|tokens)", path)
    ]
    assert len(asked) >= 7
    for method, path in asked:
        assert client.request(method, filled(path)).status_code == 403, (method, path)
    assert logged_in(desk, "ada").get("/admin/users").status_code == 200


@pytest.mark.parametrize("role", list(Role))
def test_a_role_holds_those_below_it(desk, role):
    may = {name: Needs(role).role for name in ("vera", "ann", "ada") if desk.accounts.get(name).user.may(role)}
    assert list(may) == {"viewer": ["vera", "ann", "ada"], "analyst": ["ann", "ada"], "admin": ["ada"]}[role]


def test_a_refusal_says_which_role_it_needs(desk):
    answer = logged_in(desk, "vera").get("/admin/users")
    assert "needs the role admin, and vera is viewer" in answer.text


# -- tokens

# What could outlive a token, or let somebody else in: only who is logged in does it.
IN_PERSON = re.compile(
    r"/account/(password|tokens)$|/api/v1/me/tokens$"
    r"|/admin/users$|/api/v1/users$|(/admin|/api/v1)/users/\{name\}/(role|password|activate)$"
)
SCOPES = {"read-only": 0, "verdicts": 1, "admin": 2}


def token_of(desk, scope):
    """A program of the admin with a token of a scope."""
    _, secret = desk.accounts.tokens.make(desk.accounts.get("ada").user, scope, scope=Scope(scope))
    client = visitor(desk)
    client.headers = {"Authorization": f"Bearer {secret}"}
    return client


@pytest.mark.parametrize("scope", list(SCOPES))
def test_a_token_does_on_every_address_what_its_scope_allows_and_no_more(desk, scope):
    client = token_of(desk, scope)
    seen = set()
    for method, path in routes(client.app):
        if path in OPEN:
            continue
        answer = client.request(method, filled(path))
        needs = 0
        if re.match(r"/admin/|/api/v1/(users|audit|tokens)", path):
            needs = 2
        elif method != "GET" and not OWN.match(path):
            needs = 1
        in_person = method != "GET" and IN_PERSON.match(path)
        writes = method != "GET" and scope == "read-only"
        may = SCOPES[scope] >= needs and not in_person and not writes
        assert (answer.status_code != 403) == may, (method, path, answer.status_code)
        seen.add(bool(in_person))
        if path.endswith(("/log-out-everywhere", "/logout")) and may:
            client = token_of(desk, scope)
    assert seen == {True, False}


def test_a_token_makes_neither_tokens_nor_accounts(desk):
    client = token_of(desk, "admin")
    wish = {"label": "another", "password": PASSWORD}
    answer = client.post("/api/v1/me/tokens", json=wish)
    assert answer.status_code == 403
    assert "needs a login, not a token, and this token of ada has the scope admin" in answer.json()["detail"]
    new = {"name": "eve", "role": "admin", "password": PASSWORD}
    assert client.post("/api/v1/users", json=new).status_code == 403
    assert client.post("/admin/users", data=new).status_code == 403
    in_person = logged_in(desk, "ada")
    assert in_person.post("/api/v1/me/tokens", json=wish).json()["token"]["scope"] == "read-only"
    assert in_person.post("/api/v1/me/tokens", json={"label": "another"}).status_code == 422
    assert in_person.post("/api/v1/users", json=new).status_code == 201


def test_a_program_comes_in_with_its_token(desk):
    assert program_of(desk).get("/account").status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("header", ["Bearer burnwatch_no_such_token", "Bearer", "bearer  ", "Bearer nonsense"])
def test_with_a_token_that_does_not_hold_the_session_counts_for_nothing(desk, method, header):
    client = logged_in(desk)
    answer = client.request(
        method, "/account/log-out-everywhere" if method == "POST" else "/account", headers={"Authorization": header}
    )
    assert answer.status_code in (303, 401)
    assert answer.status_code == 401 or answer.headers["location"].startswith("/login?next")
    assert client.get("/account").status_code == 200


# -- the proxy


def proxied(home, *, address="10.0.0.1", **settings):
    desk = home.open(
        CONFIG.model_copy(
            update={
                "desk": CONFIG.desk.model_copy(
                    update={"proxy_addresses": ("10.0.0.0/24",), "proxy_user_header": "X-Forwarded-User", **settings}
                )
            }
        )
    )
    return TestClient(create_app(desk), base_url=URL, client=(address, 50000), follow_redirects=False)


def test_a_trusted_proxy_names_the_user(home):
    answer = proxied(home).get("/account", headers={"X-Forwarded-User": "ann"})
    assert answer.status_code == 200
    assert "<h1>ann</h1>" in answer.text


def test_anybody_else_may_say_what_they_like(home):
    for client in (proxied(home, address="192.0.2.7"), proxied(home, address="127.0.0.1")):
        answer = client.get("/account", headers={"X-Forwarded-User": "ada", "X-Forwarded-For": "10.0.0.1"})
        assert answer.status_code == 303


def test_a_header_that_came_twice_is_not_believed(home):
    headers = [("X-Forwarded-User", "ada"), ("X-Forwarded-User", "ann")]
    assert proxied(home).get("/account", headers=headers).status_code == 303


def test_without_the_setting_the_header_means_nothing(home):
    client = proxied(home, proxy_user_header="")
    assert client.get("/account", headers={"X-Forwarded-User": "ann"}).status_code == 303


def test_the_proxys_groups_give_the_role(home):
    client = proxied(home, proxy_groups_header="X-Forwarded-Groups", proxy_group_roles={"leads": "admin"})
    headers = {"X-Forwarded-User": "zoe", "X-Forwarded-Groups": "others, leads"}
    assert client.get("/admin/users", headers=headers).status_code == 200
    assert client.get("/admin/users", headers=headers | {"X-Forwarded-Groups": "others"}).status_code == 303


def test_users_of_the_proxy_are_guarded_against_forged_requests_too(home):
    client = proxied(home)
    headers = {"X-Forwarded-User": "ann", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/account/log-out-everywhere", headers=headers).status_code == 403


# -- the cookie


@pytest.mark.parametrize(("public_url", "secure"), [("", False), ("https://desk.example.org", True)])
def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_http(home, public_url, secure):
    config = CONFIG.model_copy(update={"desk": CONFIG.desk.model_copy(update={"public_url": public_url})})
    answer = visitor(home.open(config)).post("/login", data={"name": "ann", "password": "a long enough password"})
    name, *flags = [part.strip().lower() for part in answer.headers["set-cookie"].split(";")]
    assert name.startswith(f"__host-{COOKIE}=" if secure else f"{COOKIE}=")
    assert {"httponly", "samesite=lax", "path=/"} <= set(flags)
    assert ("secure" in flags) == secure
    assert not [flag for flag in flags if flag.startswith("domain")]  # which __Host- forbids


def test_over_https_a_cookie_that_a_neighboring_host_could_have_set_is_not_looked_at(home):
    config = CONFIG.model_copy(update={"desk": CONFIG.desk.model_copy(update={"public_url": "https://localhost"})})
    client = visitor(home.open(config))
    client.base_url = "https://localhost"
    client.post("/login", data={"name": "ann", "password": PASSWORD})
    secret = client.cookies[SECURE_COOKIE]
    assert client.get("/account").status_code == 200
    client.cookies.clear()
    client.cookies.set(COOKIE, secret)
    assert client.get("/account").status_code == 303
    client.cookies.clear()
    client.cookies.set(SECURE_COOKIE, secret)
    gone = client.post("/logout")
    assert "secure" in gone.headers["set-cookie"].lower()
    assert client.get("/account").status_code == 303
