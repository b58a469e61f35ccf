"""`burnwatch serve` as a service manager meets it: up, scheduled, at work, and gone without a trace."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from catalog.store import ElementStore
from tests.servers import CelestrakServer, Reply, gp_record

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]

SCHEDULES = {"ingest": "1 1 * * *", "score": "2 2 * * *", "train": "3 3 * * *", "report": "4 4 * * *"}
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
RECORDS = [gp_record(norad_id, "2026-05-01T03:04:05.678901") for norad_id in range(90001, 90008)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(found: Callable[[], Any], seconds: float = 90) -> Any:
    """The first true answer of ``found``, asked again until the deadline."""
    end = time.monotonic() + seconds
    pause = 0.05
    while not (answer := found()):
        assert time.monotonic() < end, f"{found} came to nothing in {seconds} s"
        time.sleep(pause := min(2 * pause, 0.5))
    return answer


class Service:
    """A running `burnwatch serve`."""

    def __init__(self, process: subprocess.Popen[str], port: int, mlflow_port: int) -> None:
        self.process, self.port, self.mlflow_port = process, port, mlflow_port

    def answers(self, port: int, path: str) -> bool:
        assert self.process.poll() is None, self.process.communicate()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def api(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """What Prefect's server answers; a busy one (503) is asked again, as its own clients do."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api{path}", data, {"Content-Type": "application/json"}
        )

        def answered() -> list[Any]:
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return [json.load(answer)]
            except urllib.error.HTTPError as error:
                if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                    raise
                return []

        return until(answered)[0]

    def deployments(self) -> dict[str, Any]:
        return {one["name"]: one for one in self.api("/deployments/filter", {})}

    def trigger(self, name: str) -> str:
        run = self.api(f"/deployments/{self.deployments()[name]['id']}/create_flow_run", {})
        return str(run["id"])

    def stop(self, number: signal.Signals) -> str:
        """Stop it and hand back its stderr; nothing that it started may be left."""
        family = [self.process_of(), *self.process_of().children(recursive=True)]
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        _, left = psutil.wait_procs(family, timeout=20)
        assert not left
        assert self.process.returncode == 0, errors
        return errors

    def process_of(self) -> psutil.Process:
        return psutil.Process(self.process.pid)


@contextmanager
def serving(home: Path, settings: Path) -> Iterator[Service]:
    port, mlflow_port = free_port(), free_port()
    command = [Path(sys.executable).parent / "burnwatch", "--home", home, "--config", settings, "serve"]
    command += ["--port", port, "--mlflow-port", mlflow_port]
    # As a shell starts what goes to the background: with SIGINT ignored.
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *command]
    hidden = ("PREFECT_API_URL", "PREFECT_HOME")  # of the test run itself
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    service = Service(process, port, mlflow_port)
    family: list[psutil.Process] = []
    try:
        until(lambda: service.answers(port, "/api/health") and service.answers(mlflow_port, "/health"), 150)
        family = service.process_of().children(recursive=True)
        until(lambda: len(service.deployments()) == len(SCHEDULES))
        yield service
    finally:
        if process.poll() is None:
            process.kill()
            for one in family:
                one.kill()
            process.communicate()


def test_it_serves_runs_stops_and_starts_again(tmp_path: Path) -> None:
    home, settings = tmp_path / "home", tmp_path / "settings.yaml"
    with CelestrakServer({"active": RECORDS}) as celestrak:
        schedule = {f"{name}_cron": cron for name, cron in SCHEDULES.items()}
        settings.write_text(yaml.safe_dump({"celestrak": {"base_url": celestrak.url}, "schedule": schedule}))
        with serving(home, settings) as service:
            assert service.answers(service.port, "/")
            assert service.answers(service.mlflow_port, "/")
            deployments = service.deployments()
            assert {
                name: [plan["schedule"]["cron"] for plan in one["schedules"] if plan["active"]]
                for name, one in deployments.items()
            } == {name: [cron] for name, cron in SCHEDULES.items()}

            run = service.trigger("ingest")
            final = until(lambda: (state := service.api(f"/flow_runs/{run}")["state"])["type"] in FINAL and state)
            assert final["type"] == "COMPLETED", final
            assert ElementStore(home / "elements").count() == len(RECORDS)

            again = subprocess.run(
                [Path(sys.executable).parent / "burnwatch", "--home", home, "serve", "--port", str(service.port)],
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
                env={name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"},
            )
            assert again.returncode == 1
            assert again.stderr.splitlines() == [
                f"burnwatch: port {service.port} is taken, Prefect's server cannot use it: give another one"
            ]
            errors = service.stop(signal.SIGINT)
        assert "Traceback" not in errors
        assert "Warning" not in errors

        # With the clock of the two-hour rule turned back, the next run gets an answer that never ends.
        (home / "ledger").rename(tmp_path / "ledger")
        celestrak.next(Reply(body=b"[" * 1000, stall=True))
        with serving(home, settings) as service:
            asked = len(celestrak.data_requests)
            service.trigger("ingest")
            until(lambda: len(celestrak.data_requests) > asked)
            errors = service.stop(signal.SIGTERM)
        assert "Traceback" not in errors
        assert "Warning" not in errors
    assert ElementStore(home / "elements").count() == len(RECORDS)
