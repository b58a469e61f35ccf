"""Logging in and out, one's own account, and the pages of admins."""

import re

import pytest

from review.lockout import FAILED
from review.records import Role
from review.web.access import COOKIE
from tests.desk_client import logged_in, visitor
from tests.desk_home import PASSWORD


def log_in(client, name="ann", password=PASSWORD, **values):
    return client.post("/login", data={"name": name, "password": password, **values})


def test_a_login_leads_to_the_desk_and_out_again(desk):
    client = visitor(desk)
    assert log_in(client).headers["location"] == "/"
    assert client.get("/account").status_code == 200
    secret = client.cookies[COOKIE]
    assert client.post("/logout").headers["location"] == "/login"
    assert COOKIE not in client.cookies
    assert desk.accounts.sessions.user(secret) is None


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/flags?regime=geo", "/flags?regime=geo"),
        ("//example.org", "/"),
        ("/\\example.org", "/"),
        ("https://example.org/", "/"),
        ("javascript:alert(1)", "/"),
        ("flags", "/"),
        ("", "/"),
        ("/\t/example.org", "/"),
        ("/flags\r\nSet-Cookie: x=y", "/"),
        ("/login?next=/", "/"),
        ("///[", "/"),
    ],
)
def test_a_login_never_leads_out_of_the_desk(desk, wanted, led_to):
    assert log_in(visitor(desk), next=wanted).headers["location"] == led_to
    assert logged_in(desk).get("/login", params={"next": wanted}).headers["location"] == led_to


def test_names_that_are_unknown_are_answered_like_wrong_passwords(desk):
    answers = [log_in(visitor(desk), name, "a wrong password") for name in ("ann", "nobody")]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [403, 403]
    assert len(texts) == 1
    assert "Name or password is wrong." in texts.pop()


def test_who_guesses_is_told_to_wait(desk):
    client = visitor(desk)
    for _ in range(desk.config.desk.lockout_failures):
        assert log_in(client, password="a wrong password").status_code == 403
    answer = log_in(client)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "15")
    assert "try again in 15 s" in answer.text


def test_each_login_has_a_new_secret_and_the_one_before_ends(desk):
    client = visitor(desk)
    log_in(client)
    first = client.cookies[COOKIE]
    log_in(client)
    assert client.cookies[COOKIE] != first
    assert desk.accounts.sessions.user(first) is None


def test_a_secret_that_was_planted_is_never_used(desk):
    client = visitor(desk)
    client.cookies.set(COOKIE, "planted", domain="localhost.local")
    log_in(client)
    assert desk.accounts.sessions.user("planted") is None


def test_failures_are_in_the_audit_with_their_address(desk):
    log_in(visitor(desk, address="192.0.2.7"), password="a wrong password")
    page = logged_in(desk, "ada").get("/admin/audit", params={"who": "ann"}).text
    assert "192.0.2.7" in page
    assert FAILED in page
    assert "a wrong password" not in page


def test_a_token_is_shown_once_and_works(desk):
    client = logged_in(desk)
    wish = {"label": "nightly export", "days": "7"}
    for password in ({}, {"password": "a wrong password"}):
        assert client.post("/account/tokens", data={**wish, **password}).status_code == 422
    assert desk.accounts.tokens.all() == []
    too_much = client.post("/account/tokens", data={**wish, "password": PASSWORD, "scope": "admin"})
    assert "may do no more than its user" in too_much.text
    made = client.post("/account/tokens", data={**wish, "password": PASSWORD, "scope": "verdicts"})
    secret = re.search(r'id="secret">([^<]+)<', made.text)[1]
    assert made.headers["cache-control"] == "no-store"
    page = client.get("/account").text
    assert "nightly export" in page
    assert secret not in page
    assert desk.accounts.tokens.user(secret).name == "ann"
    token_id = desk.accounts.tokens.of(desk.accounts.get("ann").user)[0].token_id
    assert logged_in(desk, "bob").post(f"/account/tokens/{token_id}/revoke").status_code == 422
    assert client.post(f"/account/tokens/{token_id}/revoke").status_code == 303
    assert desk.accounts.tokens.user(secret) is None


def test_an_admin_sees_and_ends_everybodys_tokens(desk):
    _, secret = desk.accounts.tokens.make(desk.accounts.get("ann").user, "<b>nightly</b>")
    client = logged_in(desk, "ada")
    page = client.get("/admin/tokens").text
    assert "&lt;b&gt;nightly" in page
    assert secret not in page
    token_id = desk.accounts.tokens.all()[0].token_id
    assert client.post(f"/admin/tokens/{token_id}/revoke").headers["location"] == "/admin/tokens"
    assert desk.accounts.tokens.user(secret) is None
    assert client.post(f"/admin/tokens/{token_id}/revoke").status_code == 404


def test_a_password_is_changed_by_who_knows_the_old_one(desk):
    client, other = logged_in(desk), logged_in(desk)
    new = "another long enough one"
    for wrong in ({"old": "a wrong one"}, {"again": "something else"}, {"new": "short", "again": "short"}):
        answer = client.post("/account/password", data={"old": PASSWORD, "new": new, "again": new, **wrong})
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert client.post("/account/password", data={"old": PASSWORD, "new": new, "again": new}).status_code == 200
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert log_in(visitor(desk), password=new).status_code == 303


def test_logging_out_everywhere_ends_other_browsers_too(desk):
    one, other = logged_in(desk), logged_in(desk)
    one.post("/account/log-out-everywhere")
    assert other.get("/account").status_code == 303


def test_an_admin_keeps_accounts(desk):
    client = logged_in(desk, "ada")
    added = client.post("/admin/users", data={"name": "zoe", "role": "viewer", "password": PASSWORD})
    assert added.headers["location"] == "/admin/users"
    assert log_in(visitor(desk), "zoe").status_code == 303
    client.post("/admin/users/zoe/role", data={"role": "analyst"})
    assert desk.accounts.get("zoe").user.role is Role.ANALYST
    client.post("/admin/users/zoe/password", data={"password": "yet another long one"})
    assert log_in(visitor(desk), "zoe").status_code == 403
    client.post("/admin/users/zoe/deactivate")
    assert log_in(visitor(desk), "zoe", "yet another long one").status_code == 403
    client.post("/admin/users/zoe/activate")
    assert log_in(visitor(desk), "zoe", "yet another long one").status_code == 303
    page = client.get("/admin/audit").text
    assert "change role" in page
    assert "deactivate user" in page


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("/admin/users", {"name": "ann", "role": "viewer", "password": PASSWORD}, "already"),
        ("/admin/users", {"name": "a b", "role": "viewer", "password": PASSWORD}, "no name"),
        ("/admin/users", {"name": "zoe", "role": "viewer", "password": "short"}, "too short"),
        ("/admin/users", {"name": "zoe", "role": "king", "password": PASSWORD}, "role"),
        ("/admin/users/ada/role", {"role": "viewer"}, "only admin"),
        ("/admin/users/ada/deactivate", {}, "only admin"),
        ("/admin/users/zoe/role", {"role": "viewer"}, "user &#39;zoe&#39;"),
    ],
)
def test_what_cannot_be_done_to_an_account_is_said(desk, path, data, said):
    answer = logged_in(desk, "ada").post(path, data=data)
    assert answer.status_code == 422
    assert said in answer.text


def test_names_are_shown_as_text(desk):
    with desk.database.writing() as connection:
        connection.exec_driver_sql("UPDATE users SET name = '<b>bob</b>' WHERE name = 'bob'")
    page = logged_in(desk, "ada").get("/admin/users").text
    assert "<b>bob" not in page
    assert "&lt;b&gt;bob" in page
