"""Handlers that take long, in small pools of their own: whoever waits there keeps no thread from the other pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from fastapi import HTTPException

MOST_WAITING = 60
RETRY_AFTER_S = 5

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Pool:
    """Runs some handlers at once, lets some wait, and turns the rest away.

    Parameters
    ----------
    name : str
        What they do, in words.
    threads : int
        How many at once.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._threads = threads
        self._limiter: RunVar[CapacityLimiter] = RunVar(name)  # one for each event loop

    def __call__(self, handler: Callable[Given, Answer]) -> Callable[Given, Awaitable[Answer]]:
        """The handler in this pool, for a route."""

        @wraps(handler)
        async def aside(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            limiter = self.of_this_loop()
            if limiter.statistics().tasks_waiting >= MOST_WAITING:
                busy = f"Too many {self._name} at once: try again in {RETRY_AFTER_S} s."
                raise HTTPException(503, busy, {"Retry-After": str(RETRY_AFTER_S)})
            return await to_thread.run_sync(partial(handler, *args, **kwargs), limiter=limiter)

        return aside

    def of_this_loop(self) -> CapacityLimiter:
        """Who is in the pool and who waits, in the event loop that runs."""
        try:
            return self._limiter.get()
        except LookupError:
            self._limiter.set(limiter := CapacityLimiter(self._threads))
            return limiter


passwords = Pool("logins", 2)  # as many as are hashed at once
files = Pool("uploads", 1)
