"""Whether a Prefect server answers, and whether what it was given to run on schedules does run."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from ipaddress import ip_address
from itertools import islice
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from pipelines.errors import PipelineError

LATE_PERIODS = 2
# Prefect's server plans the next three runs, of at most 100 days ahead, a minute after it learns of a schedule.
SCHEDULED_WITHIN = timedelta(minutes=5)
SCHEDULED_AHEAD = timedelta(days=50)
PATIENCE_SECONDS = 10


class ServerError(PipelineError):
    """The server does not answer, or not what it was asked."""

    def __init__(self, url: str, why: str, status: int | None = None) -> None:
        self.url, self.status = url, status
        super().__init__(f"the server at {url} {why}")


@dataclass(frozen=True)
class Server:
    """A server that speaks JSON.

    Parameters
    ----------
    url : str
        What its paths come after, such as ``http://127.0.0.1:4200/api``.
    authorization : str
        The header ``Authorization``; none where empty.
    """

    url: str
    authorization: str = field(default="", repr=False)

    @classmethod
    def of_prefect(cls, environment: Mapping[str, str]) -> Self | None:
        """The Prefect server that its own variables name, with the login or key among them; none where they name none."""
        if not (given := environment.get("PREFECT_API_URL")):
            return None
        before, _, host = urlsplit(given).netloc.rpartition("@")
        login = environment.get("PREFECT_API_AUTH_STRING") or unquote(before)
        key = environment.get("PREFECT_API_KEY")
        basic = "Basic " + base64.b64encode(login.encode()).decode() if login else ""
        return cls(urlsplit(given)._replace(netloc=host).geturl().rstrip("/"), f"Bearer {key}" if key else basic)

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """What it answers to a GET, or to a POST with a body.

        Raises
        ------
        ServerError
        """
        if not self.url.startswith(("http://", "https://")):
            raise ServerError(self.url, "is at no http address")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})  # noqa: S310 - checked above
        if self.authorization:
            request.add_unredirected_header("Authorization", self.authorization)
        try:
            with self._opener().open(request, timeout=PATIENCE_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise ServerError(self.url, f"answers {error.code} {error.reason}", error.code) from error
        except (OSError, HTTPException, ValueError) as error:
            raise ServerError(self.url, f"does not answer: {getattr(error, 'reason', error)}") from error

    @property
    def loopback(self) -> bool:
        """No other machine reaches it."""
        host = urlsplit(self.url).hostname or ""
        with suppress(ValueError):
            return ip_address(host).is_loopback
        return host == "localhost" or host.endswith(".localhost")

    def _opener(self) -> urllib.request.OpenerDirector:
        """No proxy leads to this machine, and none is told the login."""
        return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if self.loopback else []))


@dataclass(frozen=True)
class Missed:
    """A schedule that is not kept.

    Parameters
    ----------
    name : str
        Of the deployment, such as 'ingest'.
    due : datetime
        When the first of its runs that is missing is due (UTC).
    what : str
        What is wrong with that run.
    """

    name: str
    due: datetime
    what: str

    def __str__(self) -> str:
        """For a person."""
        return f"the schedule of {self.name} is not kept: its run of {self.due:%Y-%m-%d %H:%M} UTC {self.what}"


def missed(server: Server, since: datetime, now: datetime) -> list[Missed]:
    """The schedules of burnwatch's flows that are late by two periods or more, or that the server does not look after.

    Parameters
    ----------
    server : Server
    since : datetime
        When those that run the flows began to (UTC): what was due before is nobody's fault.
    now : datetime
        (UTC)

    Raises
    ------
    ServerError
    """
    deployments = server.ask("/deployments/filter", {"flows": {"name": {"like_": "burnwatch-"}}})
    return [
        one
        for deployment in deployments
        for plan in deployment["schedules"]
        if plan["active"] and not deployment["paused"] and plan["schedule"].get("cron")
        for one in _missed(server, deployment, plan["schedule"], since, now)
    ]


def _missed(
    server: Server, deployment: Mapping[str, Any], schedule: Mapping[str, Any], since: datetime, now: datetime
) -> Iterator[Missed]:
    name, cron, zone = deployment["name"], schedule["cron"], schedule.get("timezone") or "UTC"
    runs = {"deployments": {"id": {"any_": [deployment["id"]]}}}
    started = max(since, _last_start(server, runs) or since)
    if due := overdue(cron, zone, started, now):
        yield Missed(name, due, "has not started")
        return
    coming = next(_due(cron, zone, now), None)
    if now - since > SCHEDULED_WITHIN and coming is not None and coming - now < SCHEDULED_AHEAD:
        ahead = {"expected_start_time": {"after_": now.isoformat()}}
        if not server.ask("/flow_runs/count", {**runs, "flow_runs": ahead}):
            yield Missed(name, coming, "is not in the server's plan; the server's log says why")


def overdue(cron: str, zone: str, started: datetime, now: datetime) -> datetime | None:
    """When the first run after ``started`` was due, if that is two periods ago or more (UTC).

    A moment that never comes, or an expression that only Prefect understands, is never overdue.
    """
    due = list(islice(_due(cron, zone, started), LATE_PERIODS + 1))
    return due[0] if len(due) > LATE_PERIODS and due[-1] <= now else None


def _due(cron: str, zone: str, after: datetime) -> Iterator[datetime]:
    with suppress(CronSimError):
        for moment in CronSim(cron, after.astimezone(ZoneInfo(zone))):
            yield moment.astimezone(UTC)


def _last_start(server: Server, runs: Mapping[str, Any]) -> datetime | None:
    """When the newest of some runs started."""
    begun = {"flow_runs": {"start_time": {"is_null_": False}}, "sort": "START_TIME_DESC", "limit": 1}
    found = server.ask("/flow_runs/filter", {**runs, **begun})
    return datetime.fromisoformat(found[0]["start_time"]) if found else None
