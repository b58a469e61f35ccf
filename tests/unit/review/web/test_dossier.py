import json
import re
from datetime import timedelta

import pytest

from review.records import Status
from tests.desk_client import logged_in, visitor
from tests.desk_home import FINDING, INSPECTOR, TARGET, make_home
from tests.html_page import Page


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("desk")).open()
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def client(desk):
    with logged_in(desk) as client:
        yield client


@pytest.fixture(scope="module")
def inspection(desk):
    """The flag of the burn that begins the inspector's way to its target."""
    return min(desk.flags.findings.flags(FINDING), key=lambda flag: flag.burn_time)


@pytest.fixture(scope="module")
def page(client, inspection):
    answer = client.get(f"/flags/{inspection.flag_id}")
    assert answer.status_code == 200
    return Page(answer.text)


def figures_of(page):
    return {
        attrs["id"].removesuffix("-plot-data"): json.loads(text)
        for attrs, text in page.scripts
        if attrs.get("type") == "application/json"
    }


def test_it_shows_the_flag_its_finding_and_its_record(page, inspection):
    text = page.words
    for wanted in (
        "INSPECTOR", *inspection.reasons, "HARBOR 21", "left its place and has stopped beside", inspection.flag_id,
        inspection.model_version, inspection.data_snapshot, inspection.config_hash, "Carried forward", "Available",
        "Smallest burn that would show", "Pattern of life", "What else it might be", "bad element set", "Nobody has looked",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert "None" not in text.split()
    assert "nan" not in text.lower().split()


def test_every_plot_of_a_geosynchronous_flag_has_its_traces(page):
    figures = figures_of(page)
    assert set(figures) == {"elements", "way", "inclinations", "relative", "residuals", "delta-v", "life"}
    names = {name: {trace.get("name") for trace in figure["data"]} for name, figure in figures.items()}
    assert {"before the burn", "after the burn"} <= names["elements"] & names["residuals"] & names["relative"]
    assert {"HARBOR 21", "burns"} <= names["way"]
    assert {"HARBOR 21", "burn"} <= names["inclinations"]
    assert "this burn" in names["life"]
    longitudes = [trace for trace in figures["way"]["data"] if trace["name"] == "HARBOR 21"]
    assert len(longitudes[0]["x"]) > 30


def test_a_flag_in_low_orbit_has_neither_belt_nor_inclination_vector(client, desk):
    flag = next(one for one in desk.flags.flags() if one.regime == "leo")
    figures = figures_of(Page(client.get(f"/flags/{flag.flag_id}").text))
    assert {"elements", "residuals", "delta-v", "life"} <= set(figures)
    assert "inclinations" not in figures


def test_neither_styles_nor_scripts_are_in_the_page(page):
    for tag, attrs in page.tags:
        assert tag != "style"
        assert "style" not in attrs
        assert not any(name.startswith(("on", "hx-on")) for name in attrs)
    assert all(not text.strip() for attrs, text in page.scripts if attrs.get("type") != "application/json")
    assert ("link", "plotly.js-style-global") in {(tag, attrs.get("id")) for tag, attrs in page.tags}


def test_it_has_one_heading_and_every_table_and_plot_is_named(page):
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == tags.count("main") == 1
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in page.tags:
        assert attrs.get("aria-labelledby", ids[0]) in ids
        assert attrs.get("aria-describedby", ids[0]) in ids
        if "data-figure" in attrs:
            assert attrs["role"] == "img"
            assert attrs["aria-label"]
            assert attrs["data-figure"] in ids
        if tag == "th":
            assert attrs["scope"] in {"row", "col"}
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids


def test_all_element_sets_of_its_days_are_listed_and_every_download_is_there(page, desk, inspection):
    rows = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", page.tables["used-sets"])
    history = desk.elements.history(
        [INSPECTOR], since=inspection.burn_time - timedelta(days=60), until=inspection.burn_time + timedelta(days=30)
    )
    assert len(rows) == 2 * len(history)  # epoch and available at
    links = {attrs.get("href") for tag, attrs in page.tags if tag == "a"}
    for name in (
        "report.html",
        "report.pdf",
        "flag.json",
        "flag.csv",
        "ocm.kvn",
        "omm.json",
        "omm.kvn",
        "sets.csv",
        "package.zip",
    ):
        assert f"/flags/{inspection.flag_id}/{name}" in links


def test_one_walks_through_the_queue_in_its_order(client, desk):
    ordered = [flag.flag_id for flag in desk.flags.flags(norad_id=TARGET)]
    ways = []
    for flag_id in ordered[:3]:
        found = Page(client.get(f"/flags/{flag_id}?norad_id={TARGET}").text)
        ways.append({attrs["rel"]: attrs["href"] for tag, attrs in found.tags if tag == "a" and "rel" in attrs})
    assert "prev" not in ways[0]
    assert ways[0]["next"] == f"/flags/{ordered[1]}?norad_id={TARGET}"
    assert ways[2]["prev"] == f"/flags/{ordered[1]}?norad_id={TARGET}"
    assert f"/flags?norad_id={TARGET}" in {attrs.get("href") for _, attrs in found.tags}


def test_the_beginning_of_an_id_leads_to_the_flag(client, inspection):
    answer = client.get(f"/flags/{inspection.flag_id[:13]}?order=time")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/flags/{inspection.flag_id}?order=time"


def test_no_such_flag_and_no_such_filter(client, inspection):
    assert client.get("/flags/ffffffff-0000").status_code == 404
    assert client.get(f"/flags/{inspection.flag_id}?since=never").status_code == 422


def test_strangers_are_sent_to_the_login(desk, inspection):
    with visitor(desk) as stranger:
        answer = stranger.get(f"/flags/{inspection.flag_id}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


def test_the_review_so_far_is_told_and_hostile_notes_stay_text(client, desk):
    flag = next(one for one in desk.flags.flags(norad_id=TARGET))
    note = "<script>alert(1)</script> {{ 7*7 }}"
    desk.flags.settle(
        flag.flag_id, Status.CONFIRMED, who="ann", note=note, kind="relocation", expected_version=flag.version
    )
    page = Page(client.get(f"/flags/{flag.flag_id}").text)
    assert "{{ 7*7 }}" in page.tables["verdicts"]
    assert "relocation" in page.tables["verdicts"]
    assert not any("alert" in text for _, text in page.scripts)


def test_its_verdict_leads_on_to_the_next_flag_of_the_queue(client, desk):
    first, second, *_ = desk.flags.flags(order="time")
    page = Page(client.get(f"/flags/{first.flag_id}?order=time").text)
    fields = {attrs["name"]: attrs.get("value") for tag, attrs in page.tags if tag == "input" and "name" in attrs}
    assert fields["expected_version"] == str(first.version)
    assert (fields["query"], fields["next"]) == ("order=time", second.flag_id)
    assert {"confirmed", "unclear"} <= {attrs.get("value") for tag, attrs in page.tags if tag == "button"}


def test_a_viewer_reads_it_all_and_settles_nothing(desk, inspection):
    with logged_in(desk, "vera") as viewer:
        page = Page(viewer.get(f"/flags/{inspection.flag_id}").text)
    assert "elements" in figures_of(page)
    assert not [attrs for tag, attrs in page.tags if tag == "button" and attrs.get("name") in ("to", "assignee")]
