"""Verdicts in real browsers: by keyboard, by two people at once, taken back; and what is handed on."""

import csv
import io
import json
import zipfile

import pytest
from playwright.sync_api import expect

from review.records import Status

pytestmark = pytest.mark.e2e


@pytest.fixture
def flag(flags):
    """A flag that no test has touched yet."""
    return next(flag for flag in flags.flags(status=Status.OPEN) if not flags.history(flag.flag_id))


def steps(flags, flag):
    return [(step.who, step.to_status, step.note) for step in flags.history(flag.flag_id)]


def test_a_flag_is_settled_by_keyboard_and_the_next_one_comes(desk, flags, flag):
    with desk.opened(f"/flags/{flag.flag_id}?status=open") as page:
        page.keyboard.press("n")
        page.keyboard.type("1 2 3 agrees with the operator's notice")
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.wait_for_url(lambda address: flag.flag_id not in address)
        expect(page.locator("#toasts")).to_contain_text("confirmed")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert steps(flags, flag) == [("ann", Status.CONFIRMED, "1 2 3 agrees with the operator's notice")]


def test_two_people_at_once_never_overwrite_each_other(desk, flags, flag):
    path = f"/flags/{flag.flag_id}"
    with desk.opened(path) as ann, desk.opened(path, "bob", expected=["409"]) as bob:
        bob.get_by_label("Note").fill("the sets around it are bad")
        ann.get_by_label("Note").fill("as every week")
        ann.get_by_role("button", name="routine").click()
        expect(ann.locator("#toasts")).to_contain_text("routine")
        bob.get_by_role("button", name="data error").click()
        alert = bob.get_by_role("alert").filter(has_text="changed this flag")
        expect(alert).to_contain_text("ann")
        expect(alert).to_contain_text("as every week")
        expect(bob.get_by_label("Note")).to_have_value("the sets around it are bad")
        assert steps(flags, flag) == [("ann", Status.ROUTINE, "as every week")]
        with bob.expect_navigation():
            bob.get_by_role("button", name="Reopen it and settle as data error").click()
    assert [(who, to) for who, to, _ in steps(flags, flag)] == [
        ("ann", Status.ROUTINE),
        ("bob", Status.OPEN),
        ("bob", Status.DATA_ERROR),
    ]


def test_two_people_settle_many_at_once_and_the_conflicts_are_told(desk, flags, flag):
    path = f"/flags?status=open&norad_id={flag.norad_id}"
    with desk.opened(path) as ann, desk.opened(path, "bob", expected=["409"]) as bob:
        bob.get_by_label("Select all flags on this page").check()
        count = bob.locator(".queue .flag").count()
        bob.get_by_placeholder("Note for all of them").fill("all of them")
        ann.locator(f"#flag-{flag.flag_id} input[name=flag]").check()
        ann.locator("#bulk").get_by_role("button", name="confirmed").click()
        expect(ann.locator("#told")).to_contain_text("1 flag settled as confirmed")
        bob.locator("#bulk").get_by_role("button", name="routine").click()
        expect(bob.locator("#told")).to_contain_text("ann")
        expect(bob.locator("#told")).to_contain_text(f"{count - 1} flag")
    assert [(who, to) for who, to, _ in steps(flags, flag)] == [("ann", Status.CONFIRMED)]


def test_a_settled_flag_is_opened_again(desk, flags, flag):
    flags.settle(flag.flag_id, Status.UNCLEAR, who="bob", note="two sets only", expected_version=flag.version)
    with desk.opened(f"/flags/{flag.flag_id}") as page:
        page.get_by_label("Note").fill("a third set has come")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        expect(page.locator("#verdicts")).to_contain_text("a third set has come")
        expect(page.get_by_role("button", name="confirmed")).to_be_visible()
    assert [to for _, to, _ in steps(flags, flag)] == [Status.UNCLEAR, Status.OPEN]


def test_viewers_read_and_cannot_settle(desk, flag):
    with desk.opened(f"/flags/{flag.flag_id}", "vera", expected=["403"]) as page:
        expect(page.get_by_text("Viewers look on")).to_be_visible()
        assert page.get_by_role("button", name="confirmed").count() == 0
        page.keyboard.press("1")
        values = {"to": "confirmed", "expected_version": str(flag.version)}
        answer = page.request.post(
            f"/flags/{flag.flag_id}/verdict", form=values, headers={"Origin": desk.url}, max_redirects=0
        )
        assert answer.status == 403


def test_a_verdict_sent_by_another_site_is_refused(desk, flags, flag):
    with desk.opened("/flags") as page:
        values = {"to": "confirmed", "expected_version": str(flag.version)}
        answer = page.request.post(
            f"/flags/{flag.flag_id}/verdict", form=values, headers={"Origin": "https://example.org"}, max_redirects=0
        )
        assert answer.status == 403
    assert steps(flags, flag) == []


def test_every_format_is_handed_on(desk, flag):
    with desk.opened(f"/flags/{flag.flag_id}") as page:
        links = page.locator(".downloads a")
        files = {}
        for index in range(links.count()):
            with page.expect_download() as coming:
                links.nth(index).click()
            files[links.nth(index).get_attribute("href").rsplit("/", 1)[1]] = coming.value
        contents = {name: download.path().read_bytes() for name, download in files.items()}
        names = {name: download.suggested_filename for name, download in files.items()}
    assert set(contents) == {
        "report.html", "report.pdf", "ocm.kvn", "omm.kvn", "omm.json", "sets.csv", "flag.json", "flag.csv", "package.zip"
    }  # fmt: skip
    assert all(flag.flag_id[:8] in name for name in names.values()), names
    assert contents["report.pdf"].startswith(b"%PDF-")
    assert flag.name.encode() in contents["report.html"]
    assert contents["ocm.kvn"].startswith(b"CCSDS_OCM_VERS")
    assert contents["omm.kvn"].startswith(b"CCSDS_OMM_VERS")
    assert {record["NORAD_CAT_ID"] for record in json.loads(contents["omm.json"])} == {flag.norad_id}
    assert json.loads(contents["flag.json"])["flag_id"] == flag.flag_id
    assert [row["flag_id"] for row in csv.DictReader(io.StringIO(contents["flag.csv"].decode()))] == [flag.flag_id]
    assert len(contents["sets.csv"].splitlines()) > 10
    with zipfile.ZipFile(io.BytesIO(contents["package.zip"])) as package:
        assert package.testzip() is None
        assert any(name.endswith("SHA256SUMS") for name in package.namelist())


def test_the_flags_of_a_filter_are_handed_on(desk, flags):
    with desk.opened("/flags?regime=geo") as page:
        page.locator("summary", has_text="Export").click()
        with page.expect_download() as coming:
            page.get_by_role("link", name="These flags as CSV").click()
        rows = list(csv.DictReader(io.StringIO(coming.value.path().read_text())))
    assert {row["flag_id"] for row in rows} == {flag.flag_id for flag in flags.flags() if flag.regime == "geo"}
