"""Reading by the API: pages and filters of flags, findings, objects and element sets."""

from uuid import uuid4

import pytest

from tests.desk_home import FINDING, INSPECTOR, TARGET


def everything(client, address, name):
    """The items of all pages, by the links from one to the next."""
    found, pages = [], 0
    while address:
        page = client.get(address.removeprefix("/api/v1")).json()
        found += page[name]
        address = page["next"]
        pages += 1
    return found, pages


def test_pages_follow_one_another_without_a_gap_or_a_double(ann, desk):
    flags, pages = everything(ann, "/flags?size=30&order=time", "flags")
    assert [flag["flag_id"] for flag in flags] == [flag.flag_id for flag in desk.flags.flags(order="time")]
    assert pages == -(-len(flags) // 30)


def test_a_page_says_where_it_stands(ann, desk):
    answer = ann.get("/flags?size=10&page=2&regime=geo")
    page = answer.json()
    assert page["total"] == len([flag for flag in desk.flags.flags() if flag.regime == "geo"])
    assert (page["page"], page["size"], len(page["flags"])) == (2, 10, 10)
    assert page["previous"] == "/api/v1/flags?size=10&regime=geo&page=1"
    assert f'<{page["next"]}>; rel="next"' in answer.headers["link"]


def test_filters_narrow_and_their_values_widen(ann, desk):
    both = ann.get("/flags?regime=geo&regime=leo&size=500").json()["total"]
    assert both == desk.flags.count()
    inspections = ann.get(f"/flags?listed=true&norad_id={INSPECTOR}").json()
    assert 0 < inspections["total"] < 10
    assert all(flag["listed"] and flag["norad_id"] == INSPECTOR for flag in inspections["flags"])
    assert ann.get("/flags?owner=SIM").json()["total"] == both
    assert ann.get("/flags?owner=NOBODY").json()["total"] == 0


def test_a_filter_that_means_nothing_is_named(ann):
    for query, field in (
        ("regime=moon", "query.regime.0"),
        ("since=yesterday", "query.since"),
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "query.until"),
        ("reigme=leo", "query.reigme"),
        ("watch_list=nothing", "query.watch_list"),
    ):
        refused = ann.get(f"/flags?{query}")
        assert refused.status_code == 422, query
        assert [fault["field"] for fault in refused.json()["faults"]] == [field]


def test_counts_are_those_of_the_pages(ann):
    counts = ann.get("/flags/counts?regime=geo").json()
    for kind, count in counts["kind"].items():
        assert ann.get("/flags", params={"regime": "geo", "kind": kind}).json()["total"] == count


def test_a_flag_knows_those_beside_it(ann):
    first, second, third = ann.get("/flags?size=3").json()["flags"]
    beside = ann.get(f"/flags/{second['flag_id']}/beside").json()
    assert beside == {"previous": first["flag_id"], "next": third["flag_id"]}


def test_evidence_says_what_is_usual_and_who_is_near(ann):
    (inspection, *_) = ann.get(f"/flags?listed=true&norad_id={INSPECTOR}").json()["flags"]
    found = ann.get(f"/flags/{inspection['flag_id']}/evidence").json()
    assert TARGET in {one["norad_id"] for one in found["near"]}
    assert len(found["detectable"]["smallest"]) == 2
    assert all(0 < one["dv_m_s"] < inspection["dv_m_s"] for one in found["detectable"]["smallest"])
    assert found["pattern"]["said"]
    assert found["alternatives"]


@pytest.mark.parametrize(
    "address", ["/flags/{}", "/flags/{}/history", "/flags/{}/beside", "/findings/{}", "/findings/{}/flags"]
)
def test_what_is_not_there_is_not_found(ann, address):
    missing = ann.get(address.format(uuid4()))
    assert missing.status_code == 404
    assert missing.json()["title"] == "Not Found"


def test_a_finding_leads_to_its_flags(ann):
    (finding,) = ann.get("/findings").json()["findings"]
    assert finding["finding_id"] == FINDING
    assert ann.get(f"/findings/{FINDING}").json() == finding
    flags = ann.get(f"/findings/{FINDING}/flags").json()
    assert [flag["epoch_after"] for flag in flags] == [event["epoch_after"] for event in finding["events"]]
    assert all(flag["finding_id"] == FINDING for flag in flags)


def test_an_object_and_all_its_element_sets(ann, desk):
    known = ann.get(f"/objects/{INSPECTOR}").json()
    assert (known["name"], known["owner"], known["decay_date"]) == ("INSPECTOR", "SIM", None)
    assert [one["norad_id"] for one in ann.get("/objects?text=inspect").json()["objects"]] == [INSPECTOR]
    sets, pages = everything(ann, f"/objects/{INSPECTOR}/sets?limit=40", "sets")
    history = desk.elements.history([INSPECTOR])
    assert pages == -(-len(history) // 40)
    assert [one["mean_motion_rev_day"] for one in sets] == history["mean_motion_rev_day"].tolist()


def test_element_sets_as_they_were_known(ann, desk):
    at = desk.elements.history([INSPECTOR])["available_at"].iloc[20]
    asked = {"as_of": at.isoformat()}
    assert ann.get(f"/objects/{INSPECTOR}/sets", params=asked).json()["total"] == 21


def test_an_object_that_nobody_knows_is_not_found(ann):
    assert ann.get("/objects/5").status_code == 404
    assert ann.get("/objects/5/sets").status_code == 404


def test_strangers_read_nothing(asking):
    for address in ("/flags", "/findings", "/objects", f"/objects/{INSPECTOR}/sets", "/me"):
        refused = asking[""].get(address)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"


def test_a_wrong_method_is_told_the_right_ones(ann):
    refused = ann.put("/flags")
    assert refused.status_code == 405
    assert refused.headers["allow"] == "GET"
    assert refused.headers["content-type"] == "application/problem+json"
