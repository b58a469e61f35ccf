"""A client of the desk in this process, as a browser would be one that somebody is logged in with."""

from __future__ import annotations

from fastapi.testclient import TestClient

from review.desk import Desk
from review.web.access import COOKIE
from review.web.app import create_app

URL = "http://localhost"


def visitor(desk: Desk, *, address: str = "127.0.0.1") -> TestClient:
    """Somebody who is not logged in; answers are not followed elsewhere."""
    return TestClient(
        create_app(desk),
        base_url=URL,
        headers={"Sec-Fetch-Site": "same-origin"},
        follow_redirects=False,
        raise_server_exceptions=False,
        client=(address, 50000),
    )


def logged_in(desk: Desk, name: str = "ann") -> TestClient:
    """A user with a session; answers are not followed elsewhere."""
    client = visitor(desk)
    with desk.database.writing() as connection:
        client.cookies.set(COOKIE, desk.accounts.sessions.begin(connection, desk.accounts.get(name).user, "127.0.0.1"))
    return client


def program_of(desk: Desk, name: str = "ann") -> TestClient:
    """A program with a token of the user, and nothing else that a browser sends."""
    _, secret = desk.accounts.tokens.make(desk.accounts.get(name).user, "a test")
    return TestClient(
        create_app(desk),
        base_url=URL,
        headers={"Authorization": f"Bearer {secret}"},
        follow_redirects=False,
        raise_server_exceptions=False,
    )
