"""What the web sources share: batches, errors, and the only place that repeats a request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import httpx2
import pandas as pd
import stamina

from catalog.errors import CatalogError
from catalog.parse import Parsed, parse_bytes
from catalog.parse.result import PARSED_DTYPES, frame_of
from configs.sources import RetryConfig

T = TypeVar("T")
Clock = Callable[[], pd.Timestamp]

_NOTHING = (b"", b"[]", b"nogpdatafound", b"nosupgpdatafound", b"noresultsreturned")


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
    uncounted : int
        Refused records of which the last row of ``refused`` tells together.
    """

    element_sets: pd.DataFrame
    names: pd.DataFrame
    refused: pd.DataFrame
    request: str
    done: Callable[[], None]
    uncounted: int = 0


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
    reason : str
        What is wrong.
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
        self.url, self.reason, self.status, self.hint = url, message, status, hint
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
