"""A small home, and the API as each of its users sees it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from review.desk import Desk
from review.web.app import create_app
from tests.desk_home import USERS, make_home


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = make_home(tmp_path_factory.mktemp("api")).open()
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def asking(desk: Desk) -> Iterator[dict[str, TestClient]]:
    """By user a client with a token of theirs; '' has none."""
    app = create_app(desk)
    clients = {"": client_of(app)}
    for name in USERS:
        _, secret = desk.accounts.tokens.make(desk.accounts.get(name).user, "tests")
        clients[name] = client_of(app, secret)
    yield clients
    for client in clients.values():
        client.close()


def client_of(app: object, secret: str = "") -> TestClient:
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(app, base_url="http://127.0.0.1/api/v1", headers=headers, raise_server_exceptions=False)


@pytest.fixture
def ann(asking: dict[str, TestClient]) -> TestClient:
    return asking["ann"]


@pytest.fixture
def bob(asking: dict[str, TestClient]) -> TestClient:
    return asking["bob"]


@pytest.fixture
def flag(desk: Desk) -> dict[str, object]:
    """An open flag that no other test has touched."""
    found = next(flag for flag in desk.flags.flags(order="time") if flag.version == 1)
    return {"flag_id": found.flag_id, "version": found.version, "norad_id": found.norad_id}
