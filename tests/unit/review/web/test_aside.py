"""Handlers in pools of their own: they wait without keeping threads from others, and not without number."""

import asyncio
from threading import Event

import pytest
from anyio import to_thread
from fastapi import HTTPException

from review.web import aside


def test_who_waits_for_a_pool_keeps_no_thread_from_others():
    free, most = Event(), []
    working = set()

    def slow(number):
        working.add(number)
        most.append(len(working))
        free.wait(10)
        working.discard(number)
        return number

    pooled = aside.Pool("tests", 2)(slow)

    async def all_at_once():
        waiting = [asyncio.create_task(pooled(number)) for number in range(50)]
        other = await asyncio.wait_for(to_thread.run_sync(lambda: "a page"), 5)
        free.set()
        return other, await asyncio.gather(*waiting)

    assert asyncio.run(all_at_once()) == ("a page", list(range(50)))
    assert max(most) <= 2


def test_more_than_can_wait_are_turned_away():
    free = Event()
    pool = aside.Pool("logins", 1)
    pooled = pool(lambda: free.wait(10))

    async def all_at_once():
        waiting = [asyncio.create_task(pooled()) for _ in range(aside.MOST_WAITING + 1)]
        while pool.of_this_loop().statistics().tasks_waiting < aside.MOST_WAITING:
            await asyncio.sleep(0)
        with pytest.raises(HTTPException) as told:
            await pooled()
        free.set()
        assert await asyncio.gather(*waiting) == [True] * len(waiting)
        return told.value

    told = asyncio.run(all_at_once())
    assert (told.status_code, told.headers) == (503, {"Retry-After": "5"})
    assert told.detail == "Too many logins at once: try again in 5 s."
