"""A rate limit that all processes on this machine keep together."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from catalog.atomic import replace_bytes

_LATEST_S = 1e12  # beyond it is no time
_log = logging.getLogger(__name__)


class Quota(NamedTuple):
    """So many requests in any ``period_s`` seconds, no more."""

    requests: int
    period_s: float


class RateLimiter:
    """Sliding windows over the times of past requests; knows no clock and no file.

    Parameters
    ----------
    quotas : sequence of Quota
    stamps : iterable of float
        Times of past requests [s].
    """

    def __init__(self, quotas: Iterable[Quota], stamps: Iterable[float] = ()) -> None:
        self._quotas = tuple(quotas)
        self._stamps = sorted(stamps)

    @property
    def stamps(self) -> list[float]:
        """Times of the requests that still count [s]."""
        return list(self._stamps)

    def delay_s(self, now: float) -> float:
        """Time to wait until one more request keeps every quota [s]."""
        # A clock that was set back leaves stamps in the future: they count as made now, so no wait exceeds a period.
        stamps = [min(stamp, now) for stamp in self._stamps]
        delay = 0.0
        for count, period_s in self._quotas:
            if len(stamps) >= count:
                delay = max(delay, stamps[-count] + period_s - now)
        return delay

    def record(self, now: float) -> None:
        """Count a request made now, and forget those older than every quota's period."""
        oldest = now - max(period_s for _, period_s in self._quotas)
        self._stamps = sorted(min(stamp, now) for stamp in [*self._stamps, now] if stamp > oldest)


class SharedRate:
    """The limit of a source, in a file that every process reads and writes under a lock.

    Parameters
    ----------
    path : Path
        JSON list of the times of requests.
    quotas : sequence of Quota
    clock, sleep : callable
        Time since 1970 [s], and how to wait [s].
    """

    def __init__(
        self,
        path: Path,
        quotas: Iterable[Quota],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._path, self._quotas, self._clock, self._sleep = path, tuple(quotas), clock, sleep
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(path.with_suffix(".lock"))

    def acquire(self) -> None:
        """Wait until a request is allowed, and count it."""
        while (delay_s := self._try()) > 0:
            _log.info("waiting %.0f s for the rate limit of %s", delay_s, self._path.parent.name)
            self._sleep(delay_s)

    def _try(self) -> float:
        with self._lock:
            limiter = RateLimiter(self._quotas, self._read())
            now = self._clock()
            delay_s = limiter.delay_s(now)
            if delay_s <= 0:
                limiter.record(now)
                replace_bytes(self._path, json.dumps(limiter.stamps).encode())
            return delay_s

    def _read(self) -> list[float]:
        try:
            stamps = json.loads(self._path.read_bytes())
        except (FileNotFoundError, ValueError, RecursionError):
            return []
        numbers = [stamp for stamp in stamps if isinstance(stamp, int | float)] if isinstance(stamps, list) else []
        return [float(stamp) for stamp in numbers if 0 <= stamp < _LATEST_S]
