"""What the web sources share: batches, errors, limits of an answer, and the only place that repeats a request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx2
import pandas as pd
import stamina

from catalog.errors import CatalogError
from catalog.parse import Parsed, parse_bytes
from catalog.parse.result import PARSED_DTYPES, frame_of
from configs.sources import HttpConfig, RetryConfig

T = TypeVar("T")
Clock = Callable[[], pd.Timestamp]

_MIB = 2**20
_NOTHING = (b"", b"[]", b"nogpdatafound", b"nosupgpdatafound", b"noresultsreturned")
_HTML = (b"<!doctype", b"<html", b"<head", b"<body")


@dataclass(frozen=True)
class Batch:
    """Element sets to be stored; call ``done`` after they are, and only then.

    Until ``done`` is called the answer stays on the disk, and the next run hands it over again without asking.

    Attributes
    ----------
    element_sets : DataFrame
        ``ELEMENT_SET_DTYPES``.
    names : DataFrame
        ``norad_id, name, object_id``.
    refused : DataFrame
        ``file, line, field, reason, text``.
    request : str
        What was asked, in words.
    done : callable
        Notes in the ledger that the batch is stored. Calling it twice changes nothing.
    """

    element_sets: pd.DataFrame
    names: pd.DataFrame
    refused: pd.DataFrame
    request: str
    done: Callable[[], None]


@dataclass(frozen=True)
class Skipped:
    """Nothing was asked, because the answer is already here or it is too early to ask again.

    Attributes
    ----------
    request : str
        What would have been asked, in words.
    reason : str
    next_at : Timestamp or None
        When asking will make sense.
    """

    request: str
    reason: str
    next_at: pd.Timestamp | None = None


class SourceError(CatalogError):
    """A web source did not give element sets.

    Attributes
    ----------
    url : str
        Address asked, without secrets.
    status : int or None
        HTTP status, where there was an answer.
    hint : str
        What to do.
    retry_after_s : float or None
        When the server is willing to answer again [s].
    passing : bool
        True for a fault of the connection, which another attempt may not meet.
    """

    def __init__(
        self,
        message: str,
        *,
        url: str,
        status: int | None = None,
        hint: str = "",
        retry_after_s: float | None = None,
        passing: bool = False,
    ) -> None:
        self.url, self.status, self.hint = url, status, hint
        self.retry_after_s, self.passing = retry_after_s, passing
        super().__init__(f"{url}: {message}{'; ' + hint if hint else ''}")


def utc_now() -> pd.Timestamp:
    """The time, UTC [us]."""
    return pd.Timestamp(datetime.now(UTC)).as_unit("us")


def with_retries(ask: Callable[[], T], config: RetryConfig, *, url: str) -> T:
    """Call ``ask`` until it succeeds, within the bounds of ``config``.

    Raises
    ------
    SourceError
        The last attempt failed, or the failure is not one to repeat.
    """
    attempts = stamina.retry_context(
        on=lambda error: backoff(error, config),
        attempts=config.attempts,
        timeout=config.total_s,
        wait_initial=config.wait_initial_s,
        wait_max=config.wait_max_s,
        wait_jitter=config.wait_jitter_s,
    )
    try:
        for attempt in attempts:
            with attempt:
                return ask()
    except httpx2.TimeoutException as error:
        raise SourceError("no answer in time", url=url, hint="try again later", passing=True) from error
    except httpx2.RequestError as error:
        message = f"connection failed ({type(error).__name__}: {error})"
        raise SourceError(message, url=url, hint="check the network and try again", passing=True) from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def backoff(error: Exception, config: RetryConfig) -> bool | float:
    """Whether to ask again after ``error``, and the wait [s] where the server named one.

    Asked again are failed connections and the statuses of ``config``. A Retry-After longer than ``config.wait_max_s`` is not
    waited for, and a 429 without one is final.
    """
    if not isinstance(error, SourceError):
        return isinstance(error, httpx2.TransportError)
    if error.passing or error.status not in config.statuses:
        return error.passing
    if error.retry_after_s is None:
        return error.status != httpx2.codes.TOO_MANY_REQUESTS
    return error.retry_after_s if error.retry_after_s <= config.wait_max_s else False


def open_client(
    config: HttpConfig,
    *,
    base_url: str,
    before: Callable[[], None] | None = None,
    after: Callable[[httpx2.Response], None] | None = None,
) -> httpx2.Client:
    """An HTTP client that bounds size and time of each answer and never leaves the host of ``base_url``.

    Parameters
    ----------
    before : callable, optional
        Called before each request that goes out, logins and redirects included.
    after : callable, optional
        Called with each answer before its body is read.
    """
    home = httpx2.URL(base_url)

    def guard(request: httpx2.Request) -> None:
        if (request.url.scheme, request.url.host, request.url.port) != (home.scheme, home.host, home.port):
            target = f"{request.url.scheme}://{request.url.host}"
            raise SourceError(f"sends to {target}, which was not followed", url=base_url, hint="check base_url")
        if before is not None:
            before()

    def bound(response: httpx2.Response) -> None:
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = _BoundedStream(response.stream, config, str(response.request.url))

    timeout = httpx2.Timeout(config.read_timeout_s, connect=config.connect_timeout_s)
    return httpx2.Client(
        base_url=base_url,
        timeout=timeout,
        follow_redirects=False,
        headers={"User-Agent": "burnwatch"},
        event_hooks={"request": [guard], "response": [bound, *([after] if after else [])]},
    )


def bounded(chunks: Iterator[bytes], config: HttpConfig, *, url: str) -> bytes:
    """The chunks joined, as long as they fit ``config.max_answer_mb``: what a small compressed answer unpacks to."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        parts.append(chunk)
        size += len(chunk)
        if size > config.max_answer_mb * _MIB:
            raise _too_large(config, url)
    return b"".join(parts)


def check_status(response: httpx2.Response, *, hints: dict[int, str]) -> None:
    """Raise SourceError for any status but 200, with the beginning of a plain answer's text."""
    status = response.status_code
    if status == httpx2.codes.OK:
        return
    url = str(response.request.url)
    if response.has_redirect_location:
        hint = "set base_url to the new address, after a look whether it is right"
        raise SourceError(f"moved to {response.headers['Location'][:200]!r}", url=url, status=status, hint=hint)
    body = response.read()
    said = "" if looks_like_html(body) else " ".join(body[:300].decode("utf-8", "replace").split())
    hint = hints.get(status, "try again later" if status >= 500 else "")
    raise SourceError(
        f"answered {status}{': ' + said if said else ''}",
        url=url,
        status=status,
        hint=hint,
        retry_after_s=retry_after_s(response.headers.get("Retry-After")),
    )


def parse_answer(body: bytes, *, name: str) -> Parsed:
    """The element sets of an answer, none where it says in the service's own words that there are none.

    Raises
    ------
    ParseError
        Nothing in the answer is readable.
    """
    return Parsed(frame_of({}, PARSED_DTYPES)) if says_nothing(body) else parse_bytes(body, name=name)


def says_nothing(body: bytes) -> bool:
    """Whether a body says that there are no sets: an empty list, or the words of CelesTrak or Space-Track."""
    return len(body) < 64 and b"".join(body.split()).lower() in _NOTHING


def looks_like_html(body: bytes) -> bool:
    """Whether a body is a web page instead of data."""
    return body.lstrip()[:200].lower().startswith(_HTML)


def retry_after_s(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks to wait (RFC 9110, section 10.2.3: a number or a date); None without."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)) / timedelta(seconds=1))


class _BoundedStream(httpx2.SyncByteStream):
    """A response's bytes as they come, up to a size and a time: a server that drips never meets a read timeout."""

    def __init__(self, stream: httpx2.SyncByteStream, config: HttpConfig, url: str) -> None:
        self._stream, self._config, self._url = stream, config, url

    def __iter__(self) -> Iterator[bytes]:
        started, size = time.monotonic(), 0
        for chunk in self._stream:
            size += len(chunk)
            if size > self._config.max_answer_mb * _MIB:
                raise _too_large(self._config, self._url)
            if time.monotonic() - started > self._config.answer_timeout_s:
                message = f"the answer took longer than {self._config.answer_timeout_s:g} s"
                raise SourceError(message, url=self._url, hint="try again later", passing=True)
            yield chunk

    def close(self) -> None:
        self._stream.close()


def _too_large(config: HttpConfig, url: str) -> SourceError:
    hint = "ask for less, or raise http.max_answer_mb"
    return SourceError(f"the answer is larger than {config.max_answer_mb:g} MiB", url=url, hint=hint)
