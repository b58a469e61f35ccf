"""HTTP to a web source: bounds on each answer, no way off the host, and what a status means."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx2

from catalog.ledger import LONGEST_HOLD, SHORTEST_HOLD
from catalog.sources.web import SourceError
from configs.sources import HttpConfig

_MIB = 2**20
_CLOCKS_APART_H = 24.0
_HTML = (b"<!doctype", b"<html", b"<head", b"<body")


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


def check_clock(response: httpx2.Response, now: datetime) -> None:
    """Raise SourceError where an answer's Date is a day or more from ``now``: it would be stored as of a wrong time."""
    try:
        said = parsedate_to_datetime(response.headers.get("Date", ""))
        apart_h = abs(now - said.replace(tzinfo=said.tzinfo or UTC)) / timedelta(hours=1)
    except (ValueError, TypeError, IndexError, OverflowError):
        return  # it says no time
    if apart_h >= _CLOCKS_APART_H:
        message = f"says that it is {said:%Y-%m-%d %H:%M} UTC, this machine's clock {now:%Y-%m-%d %H:%M} UTC"
        hint = "nothing was stored; set this machine's clock"
        raise SourceError(message, url=str(response.request.url), hint=hint)


def looks_like_html(body: bytes) -> bool:
    """Whether a body is a web page instead of data."""
    return body.lstrip()[:200].lower().startswith(_HTML)


def retry_after_s(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks to wait (RFC 9110, section 10.2.3: a number or a date); None where it says none.

    Within the bounds of a hold: nobody is asked again sooner, whatever the header, and a slip of the server ends some day.
    """
    if header is None:
        return None
    if re.fullmatch(r"[0-9]+", header.strip()):
        wait_s = float(header)
    else:
        try:
            when = parsedate_to_datetime(header)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
        # The zone apart: a date at the end of the calendar has no equivalent in another one.
        zone = when.utcoffset() or timedelta()
        wait_s = (when.replace(tzinfo=None) - datetime.now(UTC).replace(tzinfo=None) - zone).total_seconds()
    return min(max(wait_s, SHORTEST_HOLD.total_seconds()), LONGEST_HOLD.total_seconds())


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
