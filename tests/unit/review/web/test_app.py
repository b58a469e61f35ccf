"""The application as a whole: what it loads, what it serves, and how it says that something cannot be done."""

import gzip
import json
import subprocess
import sys

import pytest

from review.web.assets import asset_url
from tests.desk_client import visitor
from tests.desk_home import make_home


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("desk")).open()
    with desk.flags, visitor(desk) as client:
        client.follow_redirects = True
        yield client


def test_it_starts_without_prefect_mlflow_torch_and_scikit_learn():
    program = "import sys, json; import review.web.app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"prefect", "mlflow", "torch", "sklearn", "django"} & set(json.loads(done.stdout))


def test_scripts_come_from_here_and_may_be_kept_for_ever(client):
    for name in ("htmx.js", "plotly.js", "desk.css"):
        answer = client.get(asset_url(name))
        assert answer.status_code == 200, name
        assert "immutable" in answer.headers["cache-control"]


def test_a_file_is_sent_packed_to_those_who_can_unpack_it(client):
    with client.stream("GET", asset_url("htmx.js"), headers={"accept-encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    plain = client.get(asset_url("htmx.js"), headers={"accept-encoding": "identity"})
    assert gzip.decompress(packed) == plain.content


@pytest.mark.parametrize("name", ["../app.py", "..%2Fapp.py", "nothing.js", ""])
def test_no_other_file_is_served(client, name):
    digest = asset_url("desk.css").split("/")[2]
    assert client.get(f"/static/{digest}/{name}").status_code == 404


def test_a_file_at_an_old_address_is_gone(client):
    assert client.get("/static/0000000000000000/desk.css").status_code == 404


def test_an_unknown_page_says_so(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_the_api_answers_errors_as_problems(client):
    answer = client.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


def test_a_database_that_is_away_is_told_of_without_where_it_is(home, caplog):
    desk = home.open()
    client = visitor(desk)
    with desk.database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE saved_views")
        connection.exec_driver_sql("DROP TABLE sessions")
        connection.exec_driver_sql("DROP TABLE tokens")
        connection.exec_driver_sql("DROP TABLE audit")
    answer = client.post("/login", data={"name": "ann", "password": "a wrong password"})
    assert answer.status_code == 503
    assert "out of reach: try again" in answer.text
    assert str(home.path) not in answer.text
    assert str(home.path) in caplog.text
    desk.flags.close()
