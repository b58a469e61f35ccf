"""Pictures of the desk's pages, of simulated data only: ``python -m tests.screenshots FOLDER``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from review.records import Status
from tests.browser import PROGRAM, START
from tests.desk_browser import PHONE, WIDE, ServedDesk, served_desk
from tests.desk_home import FINDING, INSPECTOR, make_home


def take(desk: ServedDesk, folder: Path) -> list[Path]:
    """Every page once, the queue and a dossier in the dark and on a phone too."""
    with desk.home.open().flags as flags:
        flag = next(flag for flag in flags.flags() if flag.norad_id == INSPECTOR)
        low = next(flag for flag in flags.flags() if flag.regime == "leo")
        if not flags.history(low.flag_id):
            note = "As every other week."
            flags.settle(low.flag_id, Status.ROUTINE, who="bob", note=note, expected_version=low.version)
    dossier = f"/flags/{flag.flag_id}"
    pages = {
        "queue": "/flags",
        "dossier": dossier,
        "dossier-leo": f"/flags/{low.flag_id}",
        "object": f"/objects/{INSPECTOR}",
        "belt": "/belt",
        "findings": "/findings",
        "finding": f"/findings/{FINDING}",
        "data": "/data",
        "runs": "/runs",
        "lists": "/lists",
        "api": "/api",
        "account": "/account",
        "users": "/admin/users",
    }
    taken = [_picture(desk, "/login", folder / "login.png", name="")]
    taken += [_picture(desk, path, folder / f"{name}.png") for name, path in pages.items()]
    taken += [
        _picture(desk, path, folder / f"{name}-dark.png", color_scheme="dark")
        for name, path in pages.items()
        if name in ("queue", "dossier", "belt")
    ]
    taken += [
        _picture(desk, path, folder / f"{name}-phone.png", viewport=PHONE)
        for name, path in pages.items()
        if name in ("queue", "dossier")
    ]
    return taken


def _picture(desk: ServedDesk, path: str, file: Path, *, name: str = "ada", **context: object) -> Path:
    with desk.opened(path, name, **{"viewport": WIDE, "color_scheme": "light", **context}) as page:
        expect(page.locator("[data-figure]:not(:has(.main-svg))")).to_have_count(0, timeout=30_000)
        page.screenshot(path=file)
    return file


def main(folder: Path) -> None:
    """Start the desk on a simulated home and take its pictures."""
    if PROGRAM is None:
        sys.exit("no chromium on the path: `make system-packages` installs one")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=START)
        with served_desk(make_home(Path(scratch) / "home"), browser) as desk:
            for file in take(desk, folder):
                sys.stderr.write(f"{file}\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
