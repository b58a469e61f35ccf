"""The scheduled flows, unattended, on the loopback address."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from filelock import FileLock, Timeout

from catalog.atomic import make_private, replace_bytes
from catalog.sqlite import sqlite_url
from configs.load import load_config
from pipelines.errors import PipelineError
from pipelines.login import LOGIN_VARIABLE, Login, login_of, login_path
from pipelines.schedules import Server, ServerError, missed
from pipelines.terminal import note

if TYPE_CHECKING:
    from pipelines.home import Home

HOST = "127.0.0.1"
START_SECONDS = 120
STOP_SECONDS = 10
WATCH_SECONDS = 20


@dataclass(frozen=True)
class Served:
    """The note in a home that it is being served, which stays behind where `serve` ends without being asked to.

    Parameters
    ----------
    prefect_url : str
        Of the API of the server that its flows run under.
    own : bool
        It is the home's own server, which takes the home's login.
    since : str
        When it began (ISO 8601, UTC).
    """

    prefect_url: str
    own: bool
    since: str

    @staticmethod
    def path(home: Home) -> Path:
        """Where it is kept."""
        return home.state / "serve.json"

    @classmethod
    def read(cls, home: Home) -> Self | None:
        """What the home's note says; none where nothing serves it."""
        path = cls.path(home)
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise PipelineError(f"{path} is damaged: start `burnwatch serve` again, which writes it anew") from error


@dataclass(frozen=True)
class Child:
    """A process that `serve` started, and where its messages are."""

    name: str
    process: subprocess.Popen[bytes]
    messages: str


def serve(home: Home, *, config_path: Path | None, port: int, mlflow_port: int) -> None:
    """Serve the flows on their schedules until interrupted.

    Uses the Prefect server of ``$PREFECT_API_URL``, or starts one in the home. Schedules stay active when this
    process ends, and every flow works from a watermark, so that late runs are cheap.

    Raises
    ------
    PipelineError
        Where the home is served already, a port is taken, or a process does not come up or ends by itself.
    """
    load_config(config_path)  # what is wrong in it is told before anything starts
    # A shell starts what goes to the background with SIGINT ignored, and Python leaves it so.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        stack.enter_context(_alone(home))
        login = login_of(home)
        children = []
        given = Server.of_prefect(os.environ)
        server = given or Server(f"http://{HOST}:{port}/api", login.header)
        client = {} if given else _client_variables(home, server, login)
        if not given:
            children.append(stack.enter_context(_prefect_server(home, port, server, client, login)))
        note(f"Prefect: {server.url.removesuffix('/api')}")
        if mlflow_port:
            children.append(stack.enter_context(_mlflow_page(home, mlflow_port, login)))
            note(f"MLflow:  http://{HOST}:{mlflow_port}")
        if children:
            note(f"Login:   in {login_path(home)}; Prefect takes the whole line, MLflow its user and password")
        children.append(stack.enter_context(_flows(home, config_path, client)))
        served = Served(server.url, own=not given, since=datetime.now(UTC).isoformat())
        stack.enter_context(_noted(home, served))
        _watch(children, server, datetime.fromisoformat(served.since))


def _watch(children: Sequence[Child], server: Server, since: datetime) -> None:
    """Tell what goes wrong with the server and its schedules, until a child ends."""
    told: list[str] = []
    while True:
        for child in children:
            if (code := child.process.poll()) is not None:
                raise PipelineError(f"{child.name} ended by itself (exit code {code}): {child.messages}")
        wrong = _wrong(server, since)
        for text in wrong:
            if text not in told:
                note(f"ALARM: {text}")
        if told and not wrong:
            note("Prefect's server answers, and the schedules are kept again")
        told = wrong
        with suppress(subprocess.TimeoutExpired):
            children[-1].process.wait(timeout=WATCH_SECONDS)


def _wrong(server: Server, since: datetime) -> list[str]:
    try:
        return [str(one) for one in missed(server, since, datetime.now(UTC))]
    except ServerError as error:
        return [str(error)]


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    try:
        with FileLock(home.state / "serve.lock", timeout=0):
            yield
    except Timeout as error:
        raise PipelineError(f"another `burnwatch serve` is at work in {home.path}") from error


@contextmanager
def _noted(home: Home, served: Served) -> Iterator[None]:
    replace_bytes(Served.path(home), json.dumps(asdict(served)).encode())
    try:
        yield
    except KeyboardInterrupt:
        Served.path(home).unlink(missing_ok=True)
        raise


def _client_variables(home: Home, server: Server, login: Login) -> dict[str, str]:
    """What Prefect reads in every process that speaks to the home's own server, which it reaches past any proxy."""
    past_proxies = ",".join(filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), HOST)))
    return {
        "PREFECT_HOME": os.environ.get("PREFECT_HOME", str(home.prefect)),
        "PREFECT_SERVER_ANALYTICS_ENABLED": os.environ.get("PREFECT_SERVER_ANALYTICS_ENABLED", "false"),
        "PREFECT_API_URL": server.url,
        "PREFECT_API_AUTH_STRING": login.text,
        "no_proxy": past_proxies,
        "NO_PROXY": past_proxies,
    }


@contextmanager
def _prefect_server(home: Home, port: int, server: Server, client: Mapping[str, str], login: Login) -> Iterator[Child]:
    # The address is for its pages too, which would look for the default port otherwise.
    database = "PREFECT_SERVER_DATABASE_CONNECTION_URL"  # Prefect's own makes a wrong one of a home with a `?`
    address = sqlite_url(Path(client["PREFECT_HOME"]).expanduser() / "prefect.db", "aiosqlite")
    variables = {
        **client,
        database: os.environ.get(database, os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL", address)),
        "PREFECT_SERVER_API_AUTH_STRING": login.text,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": server.url.removesuffix("/api"),
    }
    _refuse_taken(port, "Prefect's server")
    log = home.state / "prefect-server.log"
    process = _start("prefect", ["server", "start", "--host", HOST, "--port", str(port)], variables, log)
    with _up(Child("Prefect's server", process, f"its log is {log}"), server, "/version") as child:
        yield child


@contextmanager
def _mlflow_page(home: Home, port: int, login: Login) -> Iterator[Child]:
    jobs = "MLFLOW_SERVER_ENABLE_JOB_EXECUTION"  # ten processes more
    variables = {LOGIN_VARIABLE: login.text, jobs: os.environ.get(jobs, "false")}
    _refuse_taken(port, "MLflow's page")
    log = home.state / "mlflow-server.log"
    process = _start("pipelines.mlflow_page", [str(home.mlflow), str(port)], variables, log)
    page = Server(f"http://{HOST}:{port}", login.header)
    with _up(Child("MLflow's page", process, f"its log is {log}"), page, "/api/3.0/mlflow/server-info") as child:
        yield child


@contextmanager
def _flows(home: Home, config_path: Path | None, client: Mapping[str, str]) -> Iterator[Child]:
    """The flows in a process of their own, which talks on our stderr."""
    arguments = [str(home.path), *([str(config_path)] if config_path else [])]
    process = _start("pipelines.scheduled", arguments, client)
    try:
        yield Child("the process of the scheduled flows", process, "its messages are above")
    finally:
        _end(process, signal.SIGINT)


def _refuse_taken(port: int, name: str) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((HOST, port)) == 0:
            raise PipelineError(f"port {port} is taken, {name} cannot use it: give another one")


def _start(
    module: str, arguments: Sequence[str], variables: Mapping[str, str], log: Path | None = None
) -> subprocess.Popen[bytes]:
    """Run a module in a process group of its own, which ends with us however we end.

    Secrets are among the ``variables``: a command line is for all to read.
    """
    if log:
        make_private(log)
    with log.open("ab") if log else nullcontext() as output:
        return subprocess.Popen(  # noqa: S603 - modules that we name
            [sys.executable, "-m", "pipelines.leash", module, *arguments],
            stdin=subprocess.PIPE,  # the leash
            stdout=output,
            stderr=output,
            env={**os.environ, **variables},
            start_new_session=True,
        )


@contextmanager
def _up(child: Child, server: Server, path: str) -> Iterator[Child]:
    """A server while it is up."""
    try:
        _wait(child, server, path)
        yield child
    finally:
        _end(child.process, signal.SIGTERM)


def _wait(child: Child, server: Server, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.process.poll() is None:
        with suppress(ServerError):
            server.ask(path)
            return
        time.sleep(0.3)
    raise PipelineError(f"{child.name} did not come up; {child.messages}")


def _end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Ask a process to end; what is left of its group after ``STOP_SECONDS`` is killed."""
    if process.poll() is None:
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
