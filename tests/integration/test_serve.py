"""`burnwatch serve` as its schedules, strangers, a service manager and a kill meet it.

The tests share one home, which the last one kills and starts again.
"""

import asyncio
import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import psutil
import pytest
import yaml
from playwright.sync_api import Browser, Page
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from catalog.store import ElementStore
from pipelines.home import Home
from pipelines.login import login_path, read_login
from pipelines.serve import Served
from tests.browser import PROGRAM, START, browser
from tests.servers import CelestrakServer, Reply, Request, Server, gp_record

__all__ = ["browser"]

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

SCHEDULES = {
    "ingest": "* * * * *",
    "score": "* * * * *",
    "train": "3 3 29 2 *",
    "report": "4 4 29 2 *",
    "upkeep": "5 5 29 2 *",
}
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
RECORDS = [gp_record(norad_id, "2026-05-01T03:04:05.678901") for norad_id in range(90001, 90008)]
EXPERIMENTS = "/ajax-api/2.0/mlflow/experiments"
WRONG = "Basic " + base64.b64encode(b"burnwatch:guess").decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(found: Callable[[], Any], seconds: float = 150) -> Any:
    """The first true answer of ``found``, asked again until the deadline."""
    end = time.monotonic() + seconds
    pause = 0.05
    while not (answer := found()):
        assert time.monotonic() < end, f"{found} came to nothing in {seconds} s"
        time.sleep(pause := min(2 * pause, 0.5))
    return answer


def ask(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer; Host is written as it is given."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        data = None if body is None else json.dumps(body).encode()
        given = {"Host": f"127.0.0.1:{port}", "Content-Type": "application/json"} | headers
        connection.request(method, path, data, given)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


class Service:
    """A home that is served, and CelesTrak for it."""

    def __init__(self, folder: Path, celestrak: CelestrakServer) -> None:
        self.celestrak = celestrak
        self.home, self.settings = Home(folder / "home"), folder / "settings.yaml"
        self.port, self.mlflow_port = free_port(), free_port()
        schedule = {f"{name}_cron": cron for name, cron in SCHEDULES.items()}
        self.settings.write_text(yaml.safe_dump({"celestrak": {"base_url": celestrak.url}, "schedule": schedule}))
        self.errors = folder / "stderr"
        self.family: list[psutil.Process] = []

    def start(self) -> Self:
        """Start it as a shell starts what goes to the background: with SIGINT ignored."""
        command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *self.command("serve", "--port", self.port)]
        command += ["--mlflow-port", str(self.mlflow_port)]
        with self.errors.open("a") as errors:
            self.process = subprocess.Popen(command, stderr=errors, env=environment())
        until(self.registered)
        self.family = [self.parent, *self.parent.children(recursive=True)]
        return self

    def registered(self) -> bool:
        assert self.process.poll() is None, self.told()
        try:
            return len(self.deployments()) == len(SCHEDULES)
        except OSError:
            return False

    @property
    def parent(self) -> psutil.Process:
        return psutil.Process(self.process.pid)

    def command(self, *words: object) -> list[str]:
        program = Path(sys.executable).parent / "burnwatch"
        return [str(word) for word in (program, "--home", self.home.path, "--config", self.settings, *words)]

    def doctor(self) -> tuple[int, dict[str, str]]:
        """Its exit code, and the states of the schedules with what it says of them."""
        done = subprocess.run(
            self.command("doctor", "--json"), capture_output=True, text=True, check=False, env=environment()
        )
        found = [one for one in json.loads(done.stdout) if one["subject"] == "schedules"]
        return done.returncode, {one["state"]: one["text"] for one in found}

    @property
    def login(self) -> str:
        return read_login(login_path(self.home)).header

    def told(self) -> str:
        return self.errors.read_text()

    def api(self, path: str, body: Any = None, method: str = "") -> Any:
        """What Prefect's server answers its owner; a busy one (503) is asked again, as its own clients do."""

        def answered() -> list[Any]:
            way = method or ("GET" if body is None else "POST")
            status, _, text = ask(self.port, way, f"/api{path}", body, Authorization=self.login)
            if status == HTTPStatus.SERVICE_UNAVAILABLE:
                return []
            assert status < 300, (status, text)
            return [json.loads(text)]

        return until(answered)[0]

    def deployments(self) -> dict[str, Any]:
        return {one["name"]: one for one in self.api("/deployments/filter", {})}

    def steps(self) -> dict[str, Any]:
        """What each deployment would run, and when."""
        parts = ("id", "pull_steps", "entrypoint", "parameters", "paused", "job_variables")
        plans = {name: [plan["schedule"] for plan in one["schedules"]] for name, one in self.deployments().items()}
        return {name: [plans[name], *map(one.get, parts)] for name, one in self.deployments().items()}

    def runs(self, name: str, *states: str) -> list[dict[str, Any]]:
        """The scheduled runs of a deployment that are in one of the states, by the time that they were due."""
        wanted = {
            "deployments": {"id": {"any_": [self.deployments()[name]["id"]]}},
            "flow_runs": {"state": {"type": {"any_": states}}},
            "sort": "EXPECTED_START_TIME_ASC",
        }
        return [run for run in self.api("/flow_runs/filter", wanted) if run["auto_scheduled"]]

    def trigger(self, name: str) -> str:
        return str(self.api(f"/deployments/{self.deployments()[name]['id']}/create_flow_run", {})["id"])

    def experiments(self) -> list[str]:
        answer = ask(self.mlflow_port, "POST", f"{EXPERIMENTS}/search", {"max_results": 100}, Authorization=self.login)
        assert answer[0] == 200
        return [one["name"] for one in json.loads(answer[2])["experiments"]]

    def gone(self) -> bool:
        """Whether nothing that it started is left."""
        return not psutil.wait_procs(self.family, timeout=20)[1]

    def close(self) -> None:
        for one in [self.process, *self.family]:
            if isinstance(one, psutil.Process) and one.is_running():
                one.kill()
        self.process.kill()
        self.process.wait()


def environment() -> dict[str, str]:
    hidden = ("PREFECT_API_URL", "PREFECT_HOME")  # of the test run itself
    return {name: value for name, value in os.environ.items() if name not in hidden}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with CelestrakServer({"active": RECORDS}) as celestrak:
        service = Service(tmp_path_factory.mktemp("serve"), celestrak)
        try:
            yield service.start()
        finally:
            service.close()


def strangers(port: int) -> Iterator[dict[str, str]]:
    for host in (f"127.0.0.1:{port}", "evil.example"):
        for login in ({}, {"Authorization": WRONG}, {"Authorization": "Basic"}, {"Authorization": "Bearer x"}):
            for origin in ({}, {"Origin": "http://evil.example"}, {"Origin": f"http://{host}"}):
                yield {"Host": host} | login | origin


def test_strangers_get_nothing_of_prefect(service: Service) -> None:
    before = service.steps()
    one = service.deployments()["ingest"]["id"]
    attacks = [
        ("PATCH", f"/api/deployments/{one}", {"pull_steps": [{"prefect.deployments.steps.run_shell_script": {}}]}),
        ("POST", f"/api/deployments/{one}/create_flow_run", {}),
        ("POST", "/api/deployments/filter", {}),
        ("POST", "/api/flow_runs/filter", {}),
        ("DELETE", f"/api/deployments/{one}", None),
        ("GET", "/api/admin/settings", None),
        ("GET", "/api//health/../admin/settings", None),
    ]
    for stranger in strangers(service.port):
        for method, path, body in attacks:
            status, headers, _ = ask(service.port, method, path, body, **stranger)
            assert status == 401, (method, path, stranger)
            own = f"http://127.0.0.1:{service.port}"
            assert headers.get("access-control-allow-origin", own) == own, stranger
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "PATCH"}
    status, headers, _ = ask(service.port, "OPTIONS", f"/api/deployments/{one}", None, **preflight)
    assert (status, "access-control-allow-origin" in headers) == (400, False)
    assert service.steps() == before


@pytest.mark.parametrize("path", ["/api/events/in", "/api/events/out", "/api/logs/out"])
def test_strangers_get_no_socket_of_prefect(service: Service, path: str) -> None:
    async def told(words: list[str], **options: Any) -> str:
        try:
            async with connect(f"ws://127.0.0.1:{service.port}{path}", **options) as sockets:
                for word in words:
                    await sockets.send(word)
                return str(await sockets.recv())
        except WebSocketException:
            return "refused"

    token = json.dumps({"type": "auth", "token": "burnwatch:guess"})
    assert asyncio.run(told([token])) == "refused"
    assert asyncio.run(told([token], subprotocols=["prefect"])) == "refused"
    assert asyncio.run(told([json.dumps({"type": "auth"})], subprotocols=["prefect"])) == "refused"


def test_strangers_get_nothing_of_mlflow(service: Service) -> None:
    before = service.experiments()
    attacks = [
        ("POST", f"{EXPERIMENTS}/create", {"name": "intruder"}),
        ("POST", "/api/2.0/mlflow/experiments/search", {"max_results": 10}),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/intruder", {}),
        ("POST", "/graphql", {}),
        *(("GET", path, None) for path in ("/", "/health", "/version", "/static-files/index.html", "/metrics")),
    ]
    own = f"127.0.0.1:{service.mlflow_port}"
    for stranger in strangers(service.mlflow_port):
        known = stranger["Host"] == own
        foreign = stranger.get("Origin", f"http://{own}") != f"http://{own}"
        for method, path, body in attacks:
            expected = 400 if not known else 403 if foreign else 401
            assert ask(service.mlflow_port, method, path, body, **stranger)[0] == expected, (method, path, stranger)
    for more in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}, {"Origin": "http://localhost:1"}):
        answer = ask(service.mlflow_port, *attacks[0], Authorization=service.login, **more)
        assert answer[0] in (400, 403), more
    assert service.experiments() == before


def test_the_login_is_in_its_file_alone(service: Service) -> None:
    password = read_login(login_path(service.home)).text.partition(":")[2].encode()
    family = [service.parent, *service.parent.children(recursive=True)]
    lines = [" ".join(one.cmdline()).encode() for one in family]
    assert len(lines) >= 4
    assert not [line for line in lines if password in line]
    files = [path for path in service.home.path.parent.rglob("*") if path.is_file()]
    assert [path for path in files if password in path.read_bytes()] == [login_path(service.home)]
    assert str(login_path(service.home)) in service.told()


class Elsewhere(Server):
    """A web server of somebody else's on this machine."""

    def answer(self, request: Request) -> Reply:
        return Reply(body=b"<!DOCTYPE html><title>elsewhere</title>", headers={"Content-Type": "text/html"})


def fetched(page: Page, address: str, **options: Any) -> Any:
    """Status and text of what a script on the page gets, or the name of its error."""
    script = """async ([address, options]) => {
        try { const answer = await fetch(address, options); return [answer.status, await answer.text()] }
        catch (error) { return error.name }
    }"""
    return page.evaluate(script, [address, options])


def test_a_web_page_from_elsewhere_reads_and_changes_nothing(service: Service, browser: Browser) -> None:
    steps, experiments = service.steps(), service.experiments()
    prefect, mlflow = f"http://127.0.0.1:{service.port}", f"http://127.0.0.1:{service.mlflow_port}"
    one = f"{prefect}/api/deployments/{service.deployments()['ingest']['id']}"
    text = {"Content-Type": "text/plain"}
    user, _, password = read_login(login_path(service.home)).text.partition(":")
    knowing = {"username": user, "password": password, "origin": mlflow}
    with Elsewhere() as elsewhere, browser.new_context(http_credentials=knowing) as context:
        page = context.new_page()
        assert page.goto(mlflow).status == 200  # whoever uses this browser has logged in there
        assert fetched(page, f"{EXPERIMENTS}/search?max_results=10")[0] != 401
        page.goto(elsewhere.url)
        json_body = {"headers": {"Content-Type": "application/json"}, "body": "{}"}
        assert fetched(page, f"{prefect}/api/deployments/filter", method="POST", **json_body) == "TypeError"
        assert fetched(page, one, method="PATCH", headers=json_body["headers"], body='{"paused": true}') == "TypeError"
        assert fetched(page, f"{one}/create_flow_run", method="POST", mode="no-cors", body="{}", headers=text) == [
            0,
            "",
        ]
        for credentials in ("omit", "include"):
            reading = fetched(page, f"{mlflow}{EXPERIMENTS}/search?max_results=9", credentials=credentials)
            assert reading == "TypeError"
            making = {"method": "POST", "mode": "no-cors", "headers": text, "body": '{"name": "intruder"}'}
            assert fetched(page, f"{mlflow}{EXPERIMENTS}/create", credentials=credentials, **making) == [0, ""]
    assert (service.steps(), service.experiments()) == (steps, experiments)


def test_a_name_that_is_bound_to_this_machine_gets_nothing(service: Service, browser: Browser) -> None:
    steps, experiments = service.steps(), service.experiments()
    rebound = [*START, "--host-resolver-rules=MAP evil.example 127.0.0.1"]
    chromium = browser.browser_type.launch(executable_path=PROGRAM, args=rebound)
    try:
        page = chromium.new_page()
        answer = page.goto(f"http://evil.example:{service.mlflow_port}/")
        assert answer is not None
        assert answer.status == 400
        assert fetched(page, f"{EXPERIMENTS}/create", method="POST", body='{"name": "intruder"}')[0] == 400
        page.goto(f"http://evil.example:{service.port}/")
        body = {"headers": {"Content-Type": "application/json"}, "body": "{}"}
        one = f"/api/deployments/{service.deployments()['ingest']['id']}"
        assert fetched(page, "/api/deployments/filter", method="POST", **body)[0] == 401
        assert fetched(page, one, method="PATCH", **body)[0] == 401
    finally:
        chromium.close()
    assert (service.steps(), service.experiments()) == (steps, experiments)


def test_the_pages_open_for_who_logs_in(service: Service, browser: Browser) -> None:
    login = read_login(login_path(service.home)).text
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{service.port}/deployments")
        page.locator("input[type=password]").fill(login)
        page.keyboard.press("Enter")
        page.get_by_text("burnwatch-ingest").first.wait_for()


def test_schedules_are_kept_and_looked_after(service: Service) -> None:
    """Nothing but the schedules starts these runs."""
    for name in ("ingest", "score"):
        (run, *_) = until(lambda name=name: service.runs(name, *FINAL))
        assert run["state_type"] == "COMPLETED", run["state"]
    assert ElementStore(service.home.elements).count() == len(RECORDS)
    _, schedules = service.doctor()
    assert list(schedules) == ["ok"]
    assert "ALARM" not in service.told()


def test_a_home_and_a_port_are_served_once(service: Service, tmp_path: Path) -> None:
    def again(*words: object) -> list[str]:
        command = [*service.command("--home", tmp_path), *words] if words else service.command("serve")
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, check=False, timeout=60, env=environment()
        )
        assert done.returncode == 1
        return done.stderr.splitlines()

    assert again() == [f"burnwatch: another `burnwatch serve` is at work in {service.home.path}"]
    assert again("serve", "--port", service.port) == [
        f"burnwatch: port {service.port} is taken, Prefect's server cannot use it: give another one"
    ]


def stalled(service: Service) -> list[psutil.Process]:
    """Have the next ingestion get an answer that never ends; the processes once it waits for it."""
    ledger = service.home.path / "ledger"
    ledger.rename(ledger.with_name(f"ledger-{time.monotonic_ns()}"))  # the clock of the two-hour rule turned back
    asked = len(service.celestrak.data_requests)
    service.celestrak.next(Reply(body=b"[" * 1000, stall=True))
    service.trigger("ingest")
    until(lambda: len(service.celestrak.data_requests) > asked)
    return [service.parent, *service.parent.children(recursive=True)]


def test_killed_it_leaves_nothing_and_started_again_it_goes_on(service: Service) -> None:
    service.family = stalled(service)
    service.process.kill()
    assert service.process.wait() == -signal.SIGKILL
    assert service.gone()
    code, schedules = service.doctor()
    assert code == 1
    assert "start it again" in schedules["broken"]

    killed = len(service.told())
    service.start()
    for name in ("ingest", "score"):
        done = {run["id"] for run in service.runs(name, "COMPLETED")}
        until(lambda name=name, done=done: {run["id"] for run in service.runs(name, "COMPLETED")} - done)
    crashed = service.api("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["CRASHED"]}}}})
    assert {run["state"]["message"] for run in crashed} == {"`burnwatch serve` ended while this was at work"}
    assert not service.api("/flow_runs/filter", {"flow_runs": {"state": {"name": {"any_": ["Late"]}}}})

    service.family = stalled(service)
    service.process.send_signal(signal.SIGTERM)
    assert service.process.wait(timeout=60) == 0
    assert service.gone()
    assert not Served.path(service.home).exists()
    told = service.told()[killed:]
    assert "Traceback" not in told
    assert "Warning" not in told
    assert ElementStore(service.home.elements).count() == len(RECORDS)
