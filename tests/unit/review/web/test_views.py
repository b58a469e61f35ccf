"""Pages of the belt, objects, findings, the data and the runs, as a viewer sees them."""

import json
import re
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from catalog import quarantine
from catalog.assets import Asset, AssetList
from review.runs import Outcome, RunLog
from tests.desk_client import logged_in, visitor
from tests.desk_home import FINDING, INSPECTOR, TARGET, make_home

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("desk")).open()
    with desk.flags:
        yield desk


@pytest.fixture
def page(desk):
    """The text of a page that a viewer asks for."""
    client = logged_in(desk, "vera")

    def ask(address, status=200):
        answer = client.get(address)
        assert answer.status_code == status, answer.text
        return answer.text

    return ask


def figure(text, name):
    found = re.search(rf'<script type="application/json" id="{name}-data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


def numbers_in(text, table):
    """The objects of a page's table, in its order."""
    body = re.search(rf'<table[^>]*id="{table}".*?</table>', text, re.DOTALL)[0]
    return [int(one) for one in re.findall(r'<th scope="row"><a href="/objects/(\d+)"', body)]


@pytest.mark.parametrize(
    "address", ["/belt", "/data", "/runs", "/objects", f"/objects/{INSPECTOR}", "/findings", f"/findings/{FINDING}"]
)
def test_nobody_sees_a_page_without_a_login(desk, address):
    answer = visitor(desk).get(address)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


# -- the belt


def test_the_belt_shows_every_object_in_the_table_and_in_the_picture(page, desk):
    text = page("/belt")
    truth = desk.elements.history()
    geo = set(truth.loc[truth["mean_motion_rev_day"].between(0.9, 1.1), "norad_id"])
    assert set(numbers_in(text, "belt")) == geo
    drawn = {one[0] for trace in figure(text, "belt-plot")["data"] for one in trace["customdata"]}
    assert drawn == geo


def test_what_has_a_finding_stands_out(page):
    text = page("/belt")
    traces = {trace["name"]: trace for trace in figure(text, "belt-plot")["data"]}
    assert [one[0] for one in traces["finding"]["customdata"]] == [INSPECTOR]
    assert f'href="/findings/{FINDING}"' in text
    assert [one["text"] for one in figure(text, "belt-plot")["layout"]["annotations"]] == ["INSPECTOR"]


def test_the_belt_is_asked_for_in_parts(page, desk):
    assert numbers_in(page("/belt?text=inspec"), "belt") == [INSPECTOR]
    assert numbers_in(page(f"/belt?text={TARGET}"), "belt") == [TARGET]
    assert numbers_in(page("/belt?show=findings"), "belt") == [INSPECTOR]
    desk.assets.put([AssetList(name="ours", kind="protected", objects=[Asset(name="HARBOR 21", norad_id=TARGET)])])
    assert numbers_in(page("/belt?watch_list=ours"), "belt") == [TARGET]
    assert "No object of the belt is like this" in page("/belt?text=nonesuch")


@pytest.mark.parametrize("after", [0.5, 1.0, 30.0])
def test_longitudes_may_be_asked_for_across_the_date_line(page, after):
    traces = figure(page("/belt"), "belt-plot")["data"]
    places = {one[0]: x for trace in traces for one, x in zip(trace["customdata"], trace["x"], strict=True)}
    eastmost = max(places.values())
    west, east = eastmost - 0.01, eastmost + after - 360.0
    inside = {one for one, place in places.items() if (place - west) % 360 <= (east - west) % 360}
    assert set(numbers_in(page(f"/belt?west={west}&east={max(east, -180)}"), "belt")) == inside


def test_the_table_is_ordered_as_asked(page):
    assert numbers_in(page("/belt?order=unexpected&days=3650"), "belt")[0] == INSPECTOR
    drifts = [
        abs(float(one.replace("\u2212", "-")))
        for one in re.findall(r'<td class="right">([+\u2212][\d.]+)</td>', page("/belt?order=drift"))
    ]
    assert drifts == sorted(drifts, reverse=True)
    assert len(drifts) > 2


@pytest.mark.parametrize("query", ["west=500", "days=0", "order=sideways", "page=0", "show=nothing", "east=nan"])
def test_a_wrong_question_is_told_so(page, query):
    page(f"/belt?{query}", status=422)


def test_empty_fields_of_the_form_do_not_narrow(page):
    assert numbers_in(page("/belt?text=&owner=&watch_list=&west=&east="), "belt") == numbers_in(page("/belt"), "belt")


# -- objects


def test_objects_are_found_by_name_operator_designator_and_number(page, desk):
    objects = desk.objects()
    everyone = set(objects["norad_id"])
    assert set(numbers_in(page("/objects"), "objects")) == everyone
    assert numbers_in(page("/objects?text=INSPECT"), "objects") == [INSPECTOR]
    start = str(INSPECTOR)[:4]
    assert set(numbers_in(page(f"/objects?text={start}"), "objects")) == {
        one for one in everyone if str(one).startswith(start)
    }
    assert "No object is like this" in page("/objects?text=nonesuch")
    geo = numbers_in(page("/objects?regime=geo&kind=&owner="), "objects")
    assert {INSPECTOR, TARGET} <= set(geo) < everyone


def test_a_whole_number_leads_to_its_object(desk):
    answer = logged_in(desk, "vera").get(f"/objects?text=+{INSPECTOR}+")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/objects/{INSPECTOR}")


def test_an_objects_life_is_on_one_page(page, desk):
    text = page(f"/objects/{INSPECTOR}")
    sets = desk.elements.history([INSPECTOR])
    assert f'id="sets">{len(sets):,}<' in text
    drawn = figure(text, "life-plot")
    assert "Mean longitude [° E]" in {trace["name"] for trace in drawn["data"]}
    flags = desk.flags.flags(norad_id=INSPECTOR)
    marked = [one[0] for trace in drawn["data"] if trace.get("meta") for one in trace["customdata"]]
    assert sorted(marked) == sorted(flag.flag_id for flag in flags)
    assert all(f'href="/flags/{flag.flag_id}"' in text for flag in flags[:50])
    assert f'href="/findings/{FINDING}"' in text
    assert {shape["name"] for shape in drawn["layout"]["shapes"]} >= {"finding", "flag"}


def test_an_object_outside_the_belt_shows_its_axis_and_drag(page, desk):
    leo = next(flag.norad_id for flag in desk.flags.flags() if flag.regime == "leo")
    drawn = figure(page(f"/objects/{leo}"), "life-plot")
    assert {"Semi-major axis [km]", "Drag term B* [1/Earth radius]"} <= {trace["name"] for trace in drawn["data"]}


def test_an_object_of_a_list_says_so_and_why(page, desk):
    ours = Asset(name="HARBOR 21", norad_id=TARGET, why="carries <our> traffic", keep_out_km=50.0)
    desk.assets.put([AssetList(name="fleet", kind="protected", objects=[ours])])
    text = page(f"/objects/{TARGET}")
    assert "carries &lt;our&gt; traffic" in text
    assert "50 km away" in text


def test_an_object_that_nobody_knows_is_not_there(page):
    assert "No object 5 is known" in page("/objects/5", status=404)
    page("/objects/0", status=422)
    page("/objects/99999999999999999999", status=422)


# -- findings


def test_findings_are_listed_and_asked_for(page):
    text = page("/findings")
    assert numbers_in(text, "findings") == [INSPECTOR]
    assert "INSPECTOR left its place and has stopped beside HARBOR 21" in text
    for query in ("state=stopped", "text=inspector+harbor", "kind=relocation&regime=geo&state=&listed=true"):
        assert numbers_in(page(f"/findings?{query}"), "findings") == [INSPECTOR]
    for query in ("state=closed", "text=nonesuch", "regime=leo"):
        assert "No finding is like this" in page(f"/findings?{query}")


def test_a_finding_shows_its_news_its_picture_and_the_flags_of_its_burns(page, desk):
    text = page(f"/findings/{FINDING}")
    assert "has stopped beside HARBOR 21" in text
    names = {trace["name"] for trace in figure(text, "waterfall-plot")["data"]}
    assert {"burns", "HARBOR 21"} <= names
    flags = desk.flags.findings.flags(FINDING)
    assert flags
    assert all(f'href="/flags/{flag.flag_id}"' in text for flag in flags)
    assert f'href="/objects/{TARGET}"' in text


def test_the_beginning_of_a_findings_id_leads_to_it(desk, page):
    answer = logged_in(desk, "vera").get(f"/findings/{FINDING[:6]}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/findings/{FINDING}")
    page("/findings/ffffffff", status=404)


# -- the data


def test_the_data_page_counts_the_store(page, desk):
    text = page("/data")
    assert f'id="sets">{desk.elements.count():,}<' in text
    bars = figure(text, "days-plot")["data"]
    assert sum(sum(trace["y"]) for trace in bars) == desk.elements.count()
    assert {trace["marker"]["pattern"]["shape"] for trace in bars} >= {"", "/"}
    assert desk.elements.snapshot_id() in text


def test_an_object_that_fell_silent_is_named(tmp_path):
    home = make_home(tmp_path)
    desk = home.open()
    with desk.flags:
        client = logged_in(desk, "vera")
        assert "every object that has not decayed has a set" in client.get("/data").text
        sets = desk.elements.history([INSPECTOR]).tail(1)
        later = sets.assign(
            epoch=sets["epoch"] + pd.Timedelta(days=30), available_at=sets["available_at"] + pd.Timedelta(days=30)
        )
        desk.elements.append(later)
        silent = numbers_in(client.get("/data").text, "stale")
        assert set(silent) == set(np.setdiff1d(desk.elements.object_ids(), [INSPECTOR]).tolist())


def test_refused_records_are_counted_by_reason(page, desk):
    refused = {
        "file": "<b>bad</b>.tle",
        "line": [3, 9],
        "field": "checksum",
        "reason": "is 4, not 7",
        "text": "1 25544",
    }
    quarantine.append(desk.home, pd.DataFrame(refused))
    text = page("/data")
    row = re.search(r'<table[^>]*id="refused".*?</table>', text, re.DOTALL)[0]
    assert "&lt;b&gt;bad&lt;/b&gt;.tle" in row
    assert re.search(r"is 4, not 7</td><td[^>]*>2</td><td[^>]*>3</td>", row)


# -- the runs


@pytest.fixture(scope="module")
def runs(desk):
    log = RunLog(desk.database)
    at = NOW - timedelta(hours=9)
    done = log.start("train", at=at)
    counted = {"detector": "robust-step", "version": "3", "alias": "challenger", "gaps": 1200, "objects": 12}
    log.finish(done, Outcome.DONE, counted, mlflow_run_id="abc123", at=at + timedelta(minutes=4))
    failed = log.start("score", prefect_run_id="0a1b", at=at + timedelta(hours=1))
    log.finish(failed, Outcome.FAILED, {"error": "no model is <champion>"}, at=at + timedelta(hours=1, seconds=20))
    log.start("ingest", at=at + timedelta(hours=2))


def test_runs_are_told_with_links_to_where_more_is(page, runs):
    text = page("/runs")
    rows = re.search(r'<table[^>]*id="runs".*?</table>', text, re.DOTALL)[0].split("<tr>")[2:]
    assert [re.search(r"<td>(\w+)</td>", row)[1] for row in rows] == ["ingest", "score", "train"]
    assert "so far" in rows[0]
    assert "no model is &lt;champion&gt;" in rows[1]
    assert 'href="http://127.0.0.1:4200/runs/flow-run/0a1b"' in rows[1]
    assert "robust-step, version 3 (challenger), from 1,200 gaps of 12 objects" in rows[2]
    assert "4 min" in rows[2]
    assert 'href="http://127.0.0.1:5000/#/runs/abc123"' in rows[2]


def test_runs_are_asked_for_by_work_and_outcome(page, runs):
    text = page("/runs?work=score&outcome=")
    assert "no model is" in text
    assert "version 3 (challenger)" not in text
    assert "No run is like this" in page("/runs?work=train&outcome=failed")
