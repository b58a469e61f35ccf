"""The real desk in a real browser, by people who are logged in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

from tests.desk_home import PASSWORD, DeskHome
from tests.desk_server import serving

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 780}


@dataclass(frozen=True)
class ServedDesk:
    """The desk at an address, over a home that can be looked into as well."""

    url: str
    home: DeskHome
    browser: Browser

    @contextmanager
    def opened(
        self, path: str = "/flags", name: str = "ann", *, expected: Sequence[str] = (), **context: Any
    ) -> Iterator[Page]:
        """A page as ``name`` sees it, nobody where it is empty.

        Afterwards nothing may have gone wrong in it but messages with one of ``expected`` in them, and nothing may have
        been asked of any other server.
        """
        with self.browser.new_context(**{"base_url": self.url, "viewport": WIDE, **context}) as tab:
            if name:
                form = {"name": name, "password": PASSWORD}
                answer = tab.request.post("/login", form=form, headers={"Origin": self.url}, max_redirects=0)
                assert answer.status == 303
            page = tab.new_page()
            said: list[str] = []
            asked: list[str] = []
            page.on("console", lambda one: said.append(f"{one.type}: {one.text}") if one.type != "verbose" else None)
            page.on("pageerror", lambda error: said.append(f"error: {error}"))
            page.on("request", lambda request: asked.append(request.url))
            page.goto(path)
            yield page
            wrong = [one for one in said if not any(part in one for part in expected)]
            assert not wrong, wrong
            elsewhere = [one for one in asked if not one.startswith((f"{self.url}/", "data:", "blob:"))]
            assert not elsewhere, elsewhere


@contextmanager
def served_desk(home: DeskHome, browser: Browser) -> Iterator[ServedDesk]:
    """The desk of a home as a process of its own."""
    with serving(home) as url:
        yield ServedDesk(url, home, browser)
