"""The scheduled flows, unattended, on the loopback address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from configs.load import load_config
from pipelines.errors import PipelineError
from pipelines.terminal import note

if TYPE_CHECKING:
    from pipelines.home import Home

HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 10


def serve(home: Home, *, config_path: Path | None, port: int, mlflow_port: int) -> None:
    """Serve the flows on their schedules until interrupted.

    Uses the Prefect server of ``$PREFECT_API_URL``, or starts one in the home. Schedules stay active when this
    process ends, and every flow works from a watermark, so that late runs are cheap.

    Raises
    ------
    PipelineError
        Where a port is taken or a server does not come up.
    """
    load_config(config_path)  # what is wrong in it is told before anything starts
    # A shell starts what goes to the background with SIGINT ignored, and Python leaves it so.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with ExitStack() as stack:
        if not os.environ.get("PREFECT_API_URL"):
            stack.enter_context(_prefect_server(home, port))
        server = urlsplit(os.environ["PREFECT_API_URL"])
        address = server._replace(netloc=server.netloc.rpartition("@")[2], path=server.path.removesuffix("/api"))
        note(f"Prefect: {address.geturl()}")
        if mlflow_port:
            stack.enter_context(_mlflow_server(home, mlflow_port))
            note(f"MLflow:  http://{HOST}:{mlflow_port}")
        _run_flows(home, config_path)


def _run_flows(home: Home, config_path: Path | None) -> None:
    """The flows in a process of their own, until it or we are interrupted."""
    command = [sys.executable, "-m", "pipelines.scheduled", str(home.path)]
    flows = subprocess.Popen([*command, *([str(config_path)] if config_path else [])], start_new_session=True)  # noqa: S603
    try:
        code = flows.wait()
    except KeyboardInterrupt:
        return
    finally:
        _end(flows, signal.SIGINT)
    raise PipelineError(f"the scheduled flows ended by themselves (exit code {code}): their messages are above")


@contextmanager
def _prefect_server(home: Home, port: int) -> Iterator[None]:
    url = f"http://{HOST}:{port}/api"
    os.environ.setdefault("PREFECT_HOME", str(home.prefect))
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    # The server needs it too: its pages would look for the default port otherwise.
    os.environ["PREFECT_API_URL"] = url
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    with _process("Prefect's server", command, port, f"{url}/health", home.state / "prefect-server.log"):
        yield


@contextmanager
def _mlflow_server(home: Home, port: int) -> Iterator[None]:
    from models.registry import ModelRegistry

    registry = ModelRegistry(home.mlflow)
    registry.migrate()
    os.environ.setdefault("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")  # ten processes otherwise
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"),
        *("--backend-store-uri", registry.tracking_uri, "--artifacts-destination", str(home.mlflow / "artifacts")),
    ]
    with _process("MLflow's server", command, port, f"http://{HOST}:{port}/health", home.state / "mlflow-server.log"):
        yield


@contextmanager
def _process(name: str, command: list[str], port: int, health: str, log: Path) -> Iterator[None]:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise PipelineError(f"port {port} is taken, {name} cannot use it: give another one")
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603
    try:
        _wait(name, process, health, log)
        yield
    finally:
        _end(process, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Ask a process to end; what is left of its group after ``STOP_SECONDS`` is killed."""
    if process.poll() is None:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(name: str, process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(health, timeout=2):  # noqa: S310 - our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise PipelineError(f"{name} did not come up; its log is {log}")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
