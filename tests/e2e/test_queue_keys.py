"""The queue at the pace of someone who settles hundreds of flags by keyboard."""

import pytest
from playwright.sync_api import expect

from review.records import Status

pytestmark = pytest.mark.e2e


def state_of(page, flag):
    return page.locator(f"#flag-{flag.flag_id}")


def test_keys_faster_than_the_server_are_each_written_once_and_in_order(desk, flags):
    first, second, third = flags.flags(status=Status.OPEN)[:3]
    with desk.opened("/flags?status=open") as page:
        for key in "ja4j2j1":
            page.keyboard.press(key)
        for flag, status in ((first, "duplicate"), (third, "routine")):
            expect(state_of(page, flag)).to_have_attribute("data-status", status)
    steps = [(str(step.to_status), step.flag_version) for step in flags.history(first.flag_id)]
    assert steps == [("in review", 2), ("duplicate", 3)]
    assert flags.history(second.flag_id) == []


def test_coming_back_from_a_flag_one_is_where_one_was(desk, flags):
    flag = flags.flags(status=Status.OPEN)[4]
    with desk.opened("/flags?status=open") as page:
        state_of(page, flag).locator(".open").click()
        page.wait_for_url(f"**/flags/{flag.flag_id}?*")
        page.keyboard.press("q")
        page.wait_for_url("**/flags?status=open")
        expect(page.locator(".flag.here")).to_have_attribute("data-flag", flag.flag_id)
        expect(state_of(page, flag).locator(".open")).to_be_focused()


def test_what_was_settled_on_a_flags_page_can_be_undone_on_the_next(desk, flags):
    flag = flags.flags(status=Status.OPEN)[5]
    with desk.opened(f"/flags/{flag.flag_id}?status=open") as page:
        page.keyboard.press("3")
        page.wait_for_url(lambda address: flag.flag_id not in address)
        expect(page.locator("#toasts")).to_contain_text("data error")
        page.keyboard.press("u")
        expect(page.locator("#toasts")).to_contain_text("open")
    assert [str(step.to_status) for step in flags.history(flag.flag_id)] == ["data error", "open"]
