"""A schedule that is not kept is told of, by `serve` and by the doctor."""

import base64
import json
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from configs.schema import BurnwatchConfig
from pipelines import serve
from pipelines.doctor import _prefect, exposure
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.login import login_of
from pipelines.schedules import Server, ServerError, missed, overdue
from tests.servers import Reply
from tests.servers import Server as WebServer

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def at(text):
    return datetime.fromisoformat(f"2026-05-{text}+00:00")


@pytest.mark.parametrize(
    ("cron", "zone", "started", "now", "due"),
    [
        ("* * * * *", "UTC", "04T12:00:20", "04T12:02:59", None),
        ("* * * * *", "UTC", "04T12:00:20", "04T12:03:00", "04T12:01"),
        ("17 */8 * * *", "UTC", "04T00:17:05", "05T00:16", None),
        ("17 */8 * * *", "UTC", "04T00:17:05", "05T00:17", "04T08:17"),
        ("0 6 * * *", "Europe/Vienna", "04T03:00", "06T03:59", None),
        ("0 6 * * *", "Europe/Vienna", "04T03:00", "06T04:00", "04T04:00"),
        ("0 0 30 2 *", "UTC", "04T00:00", "04T01:00", None),  # never
    ],
)
def test_two_periods_late_is_late(cron, zone, started, now, due):
    assert overdue(cron, zone, at(started), at(now)) == (at(due) if due else None)


class Prefect(WebServer):
    """Two deployments as Prefect's server tells of them, of which one may never have run."""

    def __init__(self, login="", started=None, *, cron="* * * * *", active=True, paused=False, planned=3):
        super().__init__()
        self.login, self.started = login, started or {}
        self.cron, self.active, self.paused, self.planned = cron, active, paused, planned

    def answer(self, request):
        expected = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        if self.login and request.headers.get("Authorization") != expected:
            return Reply(401, b"{}")
        body = json.loads(request.body or b"{}")
        if request.path == "/api/deployments/filter":
            plan = {"active": self.active, "schedule": {"cron": self.cron, "timezone": "UTC"}}
            names = ("ingest", "score")
            return Reply(
                body=json.dumps(
                    [{"id": name, "name": name, "paused": self.paused, "schedules": [plan]} for name in names]
                ).encode()
            )
        if request.path == "/api/flow_runs/count":
            return Reply(body=str(self.planned).encode())
        assert request.path == "/api/flow_runs/filter"
        (name,) = body["deployments"]["id"]["any_"]
        runs = [{"start_time": self.started[name].isoformat()}] if name in self.started else []
        return Reply(body=json.dumps(runs).encode())


def api(server, **values):
    return Server(f"{server.url}api", **values)


def test_a_schedule_that_never_ran_or_stopped_running_is_late():
    with Prefect(started={"score": NOW - 5 * MINUTE}) as server:
        late = missed(api(server), NOW - 10 * MINUTE, NOW)
        assert [(one.name, one.due) for one in late] == [("ingest", NOW - 9 * MINUTE), ("score", NOW - 4 * MINUTE)]
        assert str(late[0]) == "the schedule of ingest is not kept: its run of 2026-05-04 11:51 UTC has not started"
        server.started["ingest"] = server.started["score"] = NOW - MINUTE
        assert not missed(api(server), NOW - 10 * MINUTE, NOW)
        assert not missed(api(server), NOW - MINUTE, NOW)


def test_a_server_that_plans_nothing_is_told_of_long_before_a_run_is_late():
    """As Prefect 3.8.8 on SQLAlchemy 2.1: it takes the schedules and never makes a run of them."""
    with Prefect(cron="17 */8 * * *", planned=0) as server:
        assert not missed(api(server), NOW - 4 * MINUTE, NOW)
        told = {str(one) for one in missed(api(server), NOW - 6 * MINUTE, NOW)}
        assert "the schedule of ingest is not kept: its run of 2026-05-04 16:17 UTC is not in the server's plan" in {
            one.partition(";")[0] for one in told
        }
        server.planned = 3
        assert not missed(api(server), NOW - 6 * MINUTE, NOW)
        server.cron, server.planned = "0 0 29 2 *", 0  # further ahead than it plans
        assert not missed(api(server), NOW - 6 * MINUTE, NOW)


@pytest.mark.parametrize("values", [{"active": False}, {"paused": True}])
def test_what_somebody_has_paused_is_not_late(values):
    with Prefect(**values) as server:
        assert not missed(api(server), NOW - 10 * MINUTE, NOW)


def test_what_a_server_says_otherwise_is_one_typed_error():
    with Prefect("burnwatch:sesame") as server, pytest.raises(ServerError, match="answers 401") as caught:
        missed(api(server), NOW, NOW)
    assert caught.value.status == 401
    for url in ("http://127.0.0.1:1/api", "file:///etc/passwd", "http://127.0.0.1:x"):
        with pytest.raises(ServerError):
            Server(url).ask("/version")


def test_the_server_that_the_environment_names():
    assert Server.of_prefect({}) is None
    named = Server.of_prefect({"PREFECT_API_URL": "http://ada:p%40ss@host:4200/api/"})
    assert named == Server("http://host:4200/api", "Basic " + base64.b64encode(b"ada:p@ss").decode())
    assert "p@ss" not in repr(named)
    assert Server.of_prefect({"PREFECT_API_URL": "https://c/api", "PREFECT_API_KEY": "k"}).authorization == "Bearer k"


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:4200/api", True),
        ("http://[::1]:4200/api", True),
        ("http://localhost/api", True),
        ("http://10.0.0.5:4200/api", False),
        ("https://127.0.0.1.evil.example/api", False),
    ],
)
def test_what_is_within_this_machine(url, loopback):
    assert Server(url).loopback is loopback


def test_the_doctor_tells_of_a_server_that_asks_for_no_login(monkeypatch):
    with Prefect() as server:
        assert exposure(api(server)).state == "note"
        monkeypatch.setattr(Server, "loopback", property(lambda _: False))
        found = exposure(api(server))
        assert (found.state, "PREFECT_SERVER_API_AUTH_STRING" in found.text) == ("broken", True)
    with Prefect("burnwatch:sesame") as server:
        given = {"PREFECT_API_URL": f"{server.url}api", "PREFECT_API_AUTH_STRING": "burnwatch:sesame"}
        assert exposure(Server.of_prefect(given)).state == "ok"
        refused = exposure(Server.of_prefect(given | {"PREFECT_API_AUTH_STRING": "burnwatch:Sesame"}))
        assert (refused.state, "401" in refused.text) == ("broken", True)


def found_in(home):
    return [(one.state, one.text) for one in _prefect(home, BurnwatchConfig()) if one.subject == "schedules"]


def test_the_doctor_looks_at_the_schedules_of_a_home_that_is_served(tmp_path, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    home = Home.at(tmp_path)
    assert found_in(home) == []
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with Prefect(login_of(home).text) as server:
        served = serve.Served(f"{server.url}api", own=True, since=hour_ago.isoformat())
        with suppress(KeyboardInterrupt), serve._noted(home, served):
            late = found_in(home)
            assert [(state, text.split(":")[0]) for state, text in late] == [
                ("broken", "the schedule of ingest is not kept"),
                ("broken", "the schedule of score is not kept"),
            ]
            server.started = dict.fromkeys(("ingest", "score"), datetime.now(UTC))
            assert found_in(home) == [("ok", f"kept, under {server.url}api")]
            raise KeyboardInterrupt
    assert found_in(home) == []
    with pytest.raises(PipelineError), serve._noted(home, served):
        raise PipelineError("a server ended by itself")
    ((state, text),) = found_in(home)
    assert (state, "does not answer" in text, "start it again" in text) == ("broken", True, True)


def test_serve_tells_of_what_is_late_and_when_it_is_over(monkeypatch, capsys):
    monkeypatch.setattr(serve, "WATCH_SECONDS", 0.01)
    texts = []
    with Prefect() as server, subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:

        def told(text):
            texts.append(text)
            server.started = dict.fromkeys(("ingest", "score"), datetime.now(UTC))
            if not text.startswith("ALARM"):
                process.communicate(b"\n")

        monkeypatch.setattr(serve, "note", told)
        child = serve.Child("the child", process, "see there")
        with pytest.raises(PipelineError, match=r"the child ended by itself \(exit code 0\): see there"):
            serve._watch([child], api(server), datetime.now(UTC) - timedelta(hours=1))
    assert [text.split(":")[0] for text in texts] == [
        "ALARM",
        "ALARM",
        "Prefect's server answers, and the schedules are kept again",
    ]
