"""An analyst's day in a real browser: come in, find a flag, read it, settle it."""

import re

import pytest
from playwright.sync_api import expect

from review.records import Status
from tests.desk_home import INSPECTOR, PASSWORD

pytestmark = pytest.mark.e2e


def rows(page):
    return page.locator(".queue .flag")


def ids(page):
    return rows(page).evaluate_all("rows => rows.map(row => row.dataset.flag)")


def open_flags(flags, regime=None):
    return [flag for flag in flags.flags(status=Status.OPEN) if regime in (None, flag.regime)]


# -- coming in


def test_the_login_leads_to_what_was_wanted(desk):
    with desk.opened("/flags?regime=geo", "", expected=["403"]) as page:
        expect(page).to_have_title(re.compile("Log in"))
        page.get_by_label("Name").fill("ann")
        page.get_by_label("Password").fill("a wrong password")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/flags?regime=geo")
        expect(page.get_by_role("heading", level=1)).to_have_text("Flags")
        page.locator("summary", has_text="ann").click()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        page.goto("/flags")
        page.wait_for_url("**/login?next=*")


# -- finding a flag


def test_filters_change_the_list_its_counts_and_the_address(desk, flags):
    with desk.opened() as page:
        assert ids(page) == [flag.flag_id for flag in flags.flags(limit=50)]
        page.locator("summary", has_text="Regime").click()
        page.get_by_label("geosynchronous orbit").check()
        page.wait_for_url("**/flags?regime=geo")
        geo = [flag.flag_id for flag in flags.flags() if flag.regime == "geo"]
        expect(rows(page)).to_have_count(min(len(geo), 50))
        assert ids(page) == geo[:50]
        expect(page.locator("#total")).to_contain_text(str(len(geo)))
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        page.keyboard.type("INSPECTOR")
        page.wait_for_url("**text=INSPECTOR*")
        of_inspector = [flag.flag_id for flag in flags.flags(norad_id=INSPECTOR)]
        expect(rows(page)).to_have_count(min(len(of_inspector), 50))
        page.reload()
        assert set(ids(page)) <= set(of_inspector)
        expect(page.get_by_role("searchbox")).to_have_value("INSPECTOR")
        page.go_back()
        page.wait_for_url("**/flags?regime=geo")


def test_a_view_is_saved_and_shared(desk):
    with desk.opened("/flags?regime=leo&order=time") as page:
        page.locator("summary", has_text="Save view").click()
        page.get_by_label("Name of this view").fill("Low orbits, latest")
        page.get_by_label("All others see it too").check()
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".views a[aria-current]")).to_contain_text("Low orbits, latest")
    with desk.opened("/flags", "bob") as page:
        page.locator(".views a", has_text="Low orbits, latest").click()
        page.wait_for_url("**/flags?*regime=leo*")


def test_the_queue_is_worked_by_keyboard(desk, flags):
    with desk.opened("/flags?status=open&order=time") as page:
        first, second, third = ids(page)[:3]
        page.keyboard.press("j")
        expect(page.locator(".flag.here")).to_have_attribute("data-flag", first)
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("2")
        expect(page.locator(f"#flag-{first}")).to_have_attribute("data-status", "routine")
        expect(page.locator(".flag.here")).to_have_attribute("data-flag", second)
        page.keyboard.press("a")
        expect(page.locator(f"#flag-{second}")).to_contain_text("ann")
        page.keyboard.press("3")
        expect(page.locator(f"#flag-{second}")).to_have_attribute("data-status", "data error")
        page.keyboard.press("u")
        expect(page.locator(f"#flag-{second}")).to_have_attribute("data-status", "open")
        page.locator(f"#flag-{third} .open").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/flags/{third}?*")
    assert [step.to_status for step in flags.history(first)] == [Status.ROUTINE]
    assert [(step.who, step.to_status) for step in flags.history(second)] == [
        ("ann", Status.IN_REVIEW),
        ("ann", Status.DATA_ERROR),
        ("ann", Status.OPEN),
    ]


def test_the_keys_are_explained(desk):
    with desk.opened() as page:
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("next, previous flag")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.keyboard.press("g")
        page.keyboard.press("b")
        page.wait_for_url("**/belt")


# -- many flags


def test_many_flags_are_settled_at_once_and_opened_again(desk, flags):
    with desk.opened("/flags?status=open&regime=leo") as page:
        wanted = ids(page)
        page.get_by_label("Select all flags on this page").check()
        expect(page.locator("#picked")).to_have_text(f"{len(wanted)} selected")
        page.get_by_placeholder("Note for all of them").fill("within the usual week")
        page.locator("#bulk").get_by_role("button", name="routine").click()
        expect(page.get_by_role("status").filter(has_text="settled as routine")).to_contain_text(str(len(wanted)))
        assert {flags.get(one).status for one in wanted} == {Status.ROUTINE}
        assert {flags.history(one)[-1].note for one in wanted} == {"within the usual week"}
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#told")).to_contain_text("opened again")
    assert {flags.get(one).status for one in wanted} == {Status.OPEN}


# -- reading a flag


@pytest.mark.parametrize("regime", ["geo", "leo"])
def test_every_plot_of_a_dossier_is_drawn(desk, flags, regime):
    flag = next(flag for flag in flags.flags() if flag.regime == regime)
    with desk.opened(f"/flags/{flag.flag_id}") as page:
        expect(page.get_by_role("heading", level=1)).to_contain_text(flag.name)
        expect(page.locator("[data-figure]:not(:has(.main-svg))")).to_have_count(0, timeout=30_000)
        plots = page.eval_on_selector_all(
            "[data-figure]",
            """plots => plots.map(plot => ({
                id: plot.id,
                traces: plot._fullData.filter(trace => trace.x && trace.x.length).length,
                marks: (plot._fullLayout.shapes || []).map(shape => shape.name),
                drawn: plot.querySelectorAll('.point, .js-line').length,
            }))""",
        )
    by_id = {plot["id"]: plot for plot in plots}
    wanted = {"elements-plot", "residuals-plot", "life-plot", "delta-v-plot"}
    wanted |= {"way-plot", "inclinations-plot"} if regime == "geo" else set()
    assert wanted <= set(by_id)
    for name, plot in by_id.items():
        assert plot["traces"] > 0, name
        assert plot["drawn"] > 0, name
    assert "burn" in by_id["elements-plot"]["marks"]


def test_plots_follow_the_switch_between_light_and_dark(desk, flags):
    flag = flags.flags()[0]

    def ink(page):
        return page.evaluate("getComputedStyle(document.querySelector('#elements-plot .ytick text')).fill")

    def paper(page):
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    with desk.opened(f"/flags/{flag.flag_id}", color_scheme="light") as page:
        page.wait_for_selector("#elements-plot .ytick text")
        light = ink(page), paper(page)
        page.get_by_role("button", name="Light or dark").click()
        expect(page.locator("#elements-plot .ytick text").first).not_to_have_css("fill", light[0])
        assert paper(page) == "rgb(16, 20, 27)"
        assert light[1] == "rgb(255, 255, 255)"
        page.goto("/flags")
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert paper(page) == "rgb(16, 20, 27)"


# -- without scripts


def test_the_core_path_needs_no_script(desk, flags):
    flag = open_flags(flags, "leo")[-1]
    with desk.opened("/login", "", java_script_enabled=False) as page:
        page.get_by_label("Name").fill("bob")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("link", name="Flags", exact=True).click()
        page.locator("summary", has_text="Regime").click()
        page.get_by_label("low Earth orbit").check()
        page.get_by_role("button", name="Filter", exact=True).click()
        page.wait_for_url("**/flags?regime=leo")
        page.locator(f"#flag-{flag.flag_id} .open").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(flag.name)
        page.goto(f"/flags/{flag.flag_id}/verdict")
        page.get_by_label("Note").fill("as it always does")
        page.get_by_role("button", name="routine").click()
        page.goto(f"/flags/{flag.flag_id}")
        expect(page.locator("#verdicts")).to_contain_text("as it always does")
        page.goto(f"/flags/{flag.flag_id}/verdict")
        page.get_by_role("button", name="Reopen").click()
    assert [(step.who, step.to_status) for step in flags.history(flag.flag_id)[-2:]] == [
        ("bob", Status.ROUTINE),
        ("bob", Status.OPEN),
    ]
