"""A real Chromium for the tests that look at pages."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
START = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


# A module's: as long as it is open its thread runs an event loop, which another file's tests may want for themselves.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium; skips, loudly, where none is installed."""
    if PROGRAM is None:
        pytest.skip("CHROMIUM MISSING: no chromium on the path; `apt-get install chromium` to run this")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=START)
        yield browser
        browser.close()
