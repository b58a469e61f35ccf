"""The desk's pages for everybody: axe-core's rules in light and dark, a phone, paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.desk_browser import PHONE, WIDE
from tests.desk_home import FINDING, INSPECTOR

pytestmark = pytest.mark.e2e

SERIOUS = {"serious", "critical"}
# {geo} and {leo} stand for the id of the most unexpected flag there.
PAGES = [
    "/flags",
    "/flags?regime=heo",
    "/flags?status=open&regime=leo",
    "/flags/{geo}",
    "/flags/{leo}",
    "/flags/{leo}/verdict",
    f"/objects/{INSPECTOR}",
    "/objects?text=HARBOR",
    "/belt",
    "/findings",
    f"/findings/{FINDING}",
    "/data",
    "/runs",
    "/lists",
    "/api",
    "/account",
    "/admin/users",
    "/admin/tokens",
    "/admin/audit",
    "/nowhere",
]


@pytest.fixture(scope="module")
def ids(flags):
    found = flags.flags()
    return {regime: next(flag.flag_id for flag in found if flag.regime == regime) for regime in ("geo", "leo")}


def settled(page):
    """Wait until what scripts draw is there."""
    expect(page.locator("[data-figure]:not(:has(.main-svg))")).to_have_count(0, timeout=30_000)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(desk, ids, scheme):
    found = []
    with desk.opened("/login", "", color_scheme=scheme) as page:
        found += [("/login", fault["id"]) for fault in faults(page)]
    with desk.opened("/account", "ada", color_scheme=scheme, expected=["404"]) as page:
        for path in PAGES:
            page.goto(path.format(**ids))
            settled(page)
            found += [(path, fault["id"], fault["nodes"][0]["html"][:200]) for fault in faults(page)]
    assert found == []


def faults(page):
    return [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in SERIOUS]


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_no_page_scrolls_sideways(desk, ids, size):
    wide = {}
    with desk.opened("/account", "ada", viewport=size, expected=["404"]) as page:
        for path in PAGES:
            page.goto(path.format(**ids))
            settled(page)
            wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: width for path, width in wide.items() if width > size["width"]} == {}


def test_a_dossier_prints_dark_ink_on_white_paper(desk, ids):
    with desk.opened(f"/flags/{ids['geo']}", color_scheme="dark") as page:
        settled(page)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not page.get_by_role("button", name="confirmed").is_visible()
        expect(page.locator("#elements-plot .ytick text").first).to_have_css("fill", "rgb(85, 96, 113)")


def test_every_page_says_what_it_is(desk, ids):
    titles = []
    with desk.opened("/account", "ada", expected=["404"]) as page:
        for path in PAGES:
            page.goto(path.format(**ids))
            assert page.locator("h1").count() == 1, path
            assert page.locator("main").count() == 1, path
            titles.append(page.title())
    assert all(title.strip() for title in titles)
