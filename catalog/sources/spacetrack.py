"""Space-Track's ``gp`` (current sets) and ``gp_history`` classes.

The ledger under ``home/ledger/space-track`` keeps what was downloaded, so that the same data is never asked for twice, and the
times of all requests, so that all processes together keep the rate limit (30 a minute, 300 an hour).

History is asked for in windows of whole days, the same ones whatever span is wanted, for a number of objects at a time. A
window whose epochs have settled is complete and never asked for again. A younger one is asked again for sets created after the
newest CREATION_DATE seen in it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path

import httpx2
import pandas as pd
from filelock import FileLock, Timeout
from pydantic import SecretStr
from spacetrack import AuthenticationError, SpaceTrackClient

from catalog.availability import stamp
from catalog.ledger import Ledger, Receipt
from catalog.parse import ParseError
from catalog.sources.history import Request, facts, plan_current, plan_history
from catalog.sources.holds import HeldError, begin_hold, check_held
from catalog.sources.rate import Quota, SharedRate
from catalog.sources.transport import bounded, check_clock, check_status, looks_like_html, open_client
from catalog.sources.web import (
    Batch,
    Clock,
    Skipped,
    SourceError,
    parse_answer,
    says_nothing,
    utc_now,
    with_retries,
)
from configs.sources import SpaceTrackConfig, SpaceTrackLogin

_log = logging.getLogger(__name__)

_HINTS = {
    403: "the account may lack the right or be suspended: log in with a browser and look",
    404: "no such address: check base_url",
    429: "too many requests from this account: wait",
}
_SET_LOGIN = "set SPACETRACK_USER and SPACETRACK_PASSWORD to an account of https://www.space-track.org"


class LoginError(SourceError):
    """Space-Track refused the login, or there is none."""


def fetch_current(
    ids: Collection[int] | None = None,
    *,
    home: Path,
    login: SpaceTrackLogin | None = None,
    config: SpaceTrackConfig | None = None,
    clock: Clock = utc_now,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Batch | Skipped]:
    """The latest set of each object, and on later calls only what was created after the newest one seen.

    Parameters
    ----------
    ids : collection of int, optional
        Objects [NORAD id]; without it, every object on orbit with a set of the last 30 days.
    home : Path
        ``$BURNWATCH_HOME``.
    login : SpaceTrackLogin, optional
        By default from the environment.
    config : SpaceTrackConfig, optional
    clock, sleep : callable
        The time, UTC, and how to wait [s].

    Yields
    ------
    Batch or Skipped
        First the batches that an interrupted run left. ``available_at`` is the CREATION_DATE. Store each batch, then call its
        ``done``; one whose ``done`` was not called comes again in the next run, from the disk.

    Raises
    ------
    LoginError
        No login in the environment, or Space-Track refused it.
    HeldError
        Space-Track answered 403 or 429: nothing is asked for ``config.hold_h`` or until Retry-After. So too while that lasts.
    SourceError
        No usable answer; what was yielded before stays good.
    """
    config = config or SpaceTrackConfig()
    with _Session(home, config, login, clock, sleep) as session:
        yield from session.deliver(lambda receipts: plan_current(receipts, ids, config, clock()))


def fetch_history(
    ids: Collection[int],
    since: datetime,
    until: datetime | None = None,
    *,
    home: Path,
    login: SpaceTrackLogin | None = None,
    config: SpaceTrackConfig | None = None,
    clock: Clock = utc_now,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Batch | Skipped]:
    """Every set of the objects with an epoch in [since, until), and some around it: whole windows are asked for.

    Parameters
    ----------
    ids : collection of int
        Objects [NORAD id].
    since, until : datetime
        UTC, tz-aware; ``until`` is now by default.
    home, login, config, clock, sleep
        As in ``fetch_current``.

    Yields
    ------
    Batch or Skipped
        As ``fetch_current`` does, one an answer.

    Raises
    ------
    LoginError, HeldError, SourceError
        As in ``fetch_current``.
    ValueError
        A time has no time zone.
    """
    config = config or SpaceTrackConfig()
    with _Session(home, config, login, clock, sleep) as session:
        begin, end = pd.Timestamp(since), clock() if until is None else pd.Timestamp(until)
        yield from session.deliver(lambda receipts: plan_history(receipts, ids, begin, end, config, clock()))


class _Session:
    """One run: the ledger, and a client that logs in with the first request."""

    def __init__(
        self,
        home: Path,
        config: SpaceTrackConfig,
        login: SpaceTrackLogin | None,
        clock: Clock,
        sleep: Callable[[float], object],
    ) -> None:
        self._ledger = Ledger(home, "space-track")
        self._config, self._clock = config, clock
        self._login = login or SpaceTrackLogin()
        self._run_lock = FileLock(self._ledger.folder / "run.lock")
        quotas = (Quota(config.requests_per_minute, 60.0), Quota(config.requests_per_hour, 3600.0))
        self._rate = SharedRate(
            self._ledger.folder / "rate.json", quotas, clock=lambda: clock().timestamp(), sleep=sleep
        )
        self._client: SpaceTrackClient | None = None

    def __enter__(self) -> _Session:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            try:
                self._client.close()  # logs out
            except (httpx2.HTTPError, SourceError, ValueError) as error:
                _log.debug("logout failed: %s", error)

    def deliver(self, plan: Callable[[list[Receipt]], Iterator[Request | Skipped]]) -> Iterator[Batch | Skipped]:
        """What earlier runs left, then what is planned. One run at a time: two would ask for the same."""
        try:
            self._run_lock.acquire(timeout=0)
        except Timeout:
            yield Skipped("space-track", "another run is downloading from Space-Track now")
            return
        try:
            for receipt, body in self._ledger.pending():
                yield self._batch(body, receipt)
            for step in plan(self._ledger.receipts()):
                yield step if isinstance(step, Skipped) else self._batch(*self._ask(step))
        finally:
            self._run_lock.release()

    def _ask(self, request: Request) -> tuple[bytes, Receipt]:
        check_held(self._ledger, self._clock(), url=self._config.base_url)
        try:
            body = with_retries(lambda: self._get(request), self._config.retry, url=self._config.base_url)
        except SourceError as error:
            if error.status in (403, 429):
                raise self._hold(error) from error
            raise
        return body, self._ledger.receive(request.as_json(), body, self._clock())

    def _get(self, request: Request) -> bytes:
        try:
            if self._client is None:
                self._client = self._connect()
            chunks = self._client.generic_request(
                request.kind, iter_content=True, format="json", **_predicates(request)
            )
            body = bounded((chunk.encode() for chunk in chunks), self._config.http, url=self._config.base_url)
        except AuthenticationError as error:
            raise self._login_error("refused the login") from error
        except httpx2.HTTPStatusError as error:
            if error.response.status_code == httpx2.codes.UNAUTHORIZED:
                raise self._login_error("refused the login", status=401) from error
            raise SourceError(str(error), url=self._config.base_url, status=error.response.status_code) from error
        except (ValueError, KeyError, TypeError) as error:
            # What the client makes of a login or a list of fields that is not the API's JSON.
            message = f"answered with something else than its API does ({type(error).__name__}: {error})"
            raise SourceError(message, url=self._config.base_url, hint="is it down for maintenance?") from error
        self._refuse_trouble(body, request)
        return body

    def _connect(self) -> SpaceTrackClient:
        user, password = _secret(self._login.user), _secret(self._login.password)
        if not (user and password):
            raise self._login_error("no login given")
        client = open_client(
            self._config.http, base_url=self._config.base_url, before=self._rate.acquire, after=self._check_answer
        )
        return SpaceTrackClient(
            user,
            password,
            base_url=self._config.base_url,
            httpx_client=client,
            cache_path=self._ledger.folder / "fields",
        )

    def _check_answer(self, response: httpx2.Response) -> None:
        # The client logs in again after a 401, and follows a redirect; where it leads is checked before it is asked.
        if response.status_code == httpx2.codes.UNAUTHORIZED or response.has_redirect_location:
            return
        if (
            response.status_code == httpx2.codes.INTERNAL_SERVER_ERROR
            and b"query rate limit" in response.read().lower()
        ):
            url = str(response.request.url)
            raise SourceError("says that the rate limit was broken", url=url, status=429, hint=_HINTS[429])
        check_status(response, hints=_HINTS)
        check_clock(response, self._clock())

    def _batch(self, body: bytes, receipt: Receipt) -> Batch:
        request = Request.from_json(receipt.request)
        try:
            parsed = parse_answer(body, name=f"space-track {request}")
        except ParseError as error:
            self._ledger.close(receipt, state="unreadable", trouble=str(error))
            message = f"no element sets in the answer: {error}"
            hint = "the answer may have been cut; run again"
            raise SourceError(message, url=self._config.base_url, status=200, hint=hint) from error
        sets = stamp(parsed, source="space-track", fetched_at=receipt.at)
        newest = parsed.element_sets["creation_date"].max()
        known = facts(request, None if pd.isna(newest) else newest, receipt.at, self._config)

        def done() -> None:
            self._ledger.close(receipt, sets=len(sets), **known)

        return Batch(sets, parsed.names, parsed.refused, str(request), done, uncounted=parsed.uncounted)

    def _refuse_trouble(self, body: bytes, request: Request) -> None:
        """Raise for an answer of status 200 that is no list of sets."""
        if says_nothing(body) or body.lstrip().startswith(b"["):
            return
        said = "a web page" if looks_like_html(body) else " ".join(body[:300].decode("utf-8", "replace").split())
        limited = b"query rate limit" in body.lower()
        raise SourceError(
            f"answered with {said!r} instead of element sets to {request}",
            url=self._config.base_url,
            status=429 if limited else 200,
            hint=_HINTS[429] if limited else "is it down for maintenance? try again later",
        )

    def _hold(self, error: SourceError) -> HeldError:
        if self._client is not None:
            self._client.base_url = self._config.base_url  # forgets the session, so that closing sends no logout
        return begin_hold(self._ledger, error, self._clock(), self._config.hold_h)

    def _login_error(self, message: str, status: int | None = None) -> LoginError:
        return LoginError(message, url=self._config.base_url, status=status, hint=_SET_LOGIN)


def _predicates(request: Request) -> dict[str, str]:
    predicates = {"orderby": "norad_cat_id,epoch"}
    if request.ids is not None:
        predicates["norad_cat_id"] = ",".join(map(str, request.ids))
    elif request.created_after is None:
        predicates |= {"decay_date": "null-val", "epoch": ">now-30"}  # Space-Track's recipe for all current sets
    if request.since is not None:
        predicates["epoch"] = f"{request.since}--{request.until}"
    if request.created_after is not None:
        predicates["creation_date"] = f">{request.created_after}"
    return predicates


def _secret(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value().strip()
