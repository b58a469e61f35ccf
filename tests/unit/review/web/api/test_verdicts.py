"""Settling flags by the API: who may, what is written, and what those are told who come too late."""

from uuid import uuid4

import pandas as pd
import pytest

from review.clock import believe_clock


def settle(client, flag, to="confirmed", **said):
    return client.post(f"/flags/{flag['flag_id']}/verdict", json={"to": to, "expected_version": 1, **said})


def test_a_verdict_is_written_down_under_the_name_of_who_gave_it(ann, flag):
    settled = settle(ann, flag, note="Matches the\noperator's notice", kind="orbit raise")
    assert settled.status_code == 200
    assert settled.json()["status"] == "confirmed"
    assert settled.json()["judged_kind"] == "orbit raise"
    assert settled.headers["etag"] == '"2"'
    (step,) = ann.get(f"/flags/{flag['flag_id']}/history").json()
    assert (step["who"], step["note"], step["kind"]) == ("ann", "Matches the\noperator's notice", "orbit raise")
    assert (step["from_status"], step["to_status"], step["flag_version"]) == ("open", "confirmed", 2)


def test_who_comes_too_late_gets_the_flag_as_it_is_and_what_the_other_did(ann, bob, flag):
    settle(ann, flag, "routine", note="as always")
    late = settle(bob, flag, note="mine")
    assert late.status_code == 409
    assert late.headers["content-type"] == "application/problem+json"
    told = late.json()
    assert (told["flag"]["status"], told["flag"]["version"], told["expected_version"]) == ("routine", 2, 1)
    assert (told["step"]["who"], told["step"]["note"]) == ("ann", "as always")
    assert len(bob.get(f"/flags/{flag['flag_id']}/history").json()) == 1


def test_no_verdict_is_dated_by_a_clock_that_cannot_be_right(ann, desk, flag):
    believe_clock(desk.home, pd.Timestamp.now("UTC") + pd.Timedelta(days=400.5))
    try:
        refused = settle(ann, flag)
        many = {"to": "routine", "flags": [{"flag_id": flag["flag_id"], "expected_version": 1}]}
        assert ann.post("/verdicts", json=many).status_code == refused.status_code == 503
        assert "400 days earlier than when it was last right" in refused.json()["detail"]
        assert "doctor --trust-clock" in refused.json()["detail"]
        assert ann.get(f"/flags/{flag['flag_id']}/history").json() == []
        believe_clock(desk.home, pd.Timestamp.now("UTC"))
        assert settle(ann, flag).status_code == 200
    finally:
        (desk.home / "state" / "clock.json").unlink()


def test_if_match_says_which_version_was_seen(ann, bob, flag):
    address = f"/flags/{flag['flag_id']}"
    seen = ann.get(address).headers["etag"]
    body = {"to": "in review"}
    assert ann.post(f"{address}/verdict", json=body, headers={"If-Match": seen}).status_code == 200
    late = bob.post(f"{address}/verdict", json=body, headers={"If-Match": seen})
    assert late.status_code == 412
    assert late.json()["step"]["who"] == "ann"


def test_a_verdict_must_say_what_it_saw(ann, flag):
    address = f"/flags/{flag['flag_id']}/verdict"
    assert ann.post(address, json={"to": "routine"}).status_code == 428
    both = ann.post(address, json={"to": "routine", "expected_version": 1}, headers={"If-Match": '"2"'})
    assert both.status_code == 422
    assert ann.get(f"/flags/{flag['flag_id']}/history").json() == []


def test_what_the_rules_forbid_says_what_they_allow(ann, flag):
    settle(ann, flag, "routine")
    refused = settle(ann, flag, "confirmed", expected_version=2)
    assert refused.status_code == 409
    assert refused.json()["allowed"] == ["open"]
    assert refused.json()["flag"]["status"] == "routine"
    opened = ann.post(f"/flags/{flag['flag_id']}/reopen", json={"expected_version": 2, "note": "look again"})
    assert (opened.status_code, opened.json()["status"], opened.json()["version"]) == (200, "open", 3)


def test_a_flag_is_given_to_a_person_and_back(ann, flag):
    address = f"/flags/{flag['flag_id']}/assign"
    given = ann.post(address, json={"assignee": "bob", "expected_version": 1}).json()
    assert (given["assignee"], given["status"]) == ("bob", "in review")
    back = ann.post(address, json={"assignee": "", "expected_version": 2}).json()
    assert (back["assignee"], back["status"]) == ("", "open")


def test_a_flag_is_given_only_to_one_who_may_settle_it(ann, flag):
    for name in ("vera", "nobody"):
        refused = ann.post(f"/flags/{flag['flag_id']}/assign", json={"assignee": name, "expected_version": 1})
        assert refused.status_code == 422
        assert name in refused.json()["detail"]


def test_of_many_each_is_settled_by_itself(ann, bob, desk):
    first, second, third = [flag.flag_id for flag in desk.flags.flags(order="time") if flag.version == 1][-3:]
    settle(bob, {"flag_id": second}, "duplicate")
    unknown = str(uuid4())
    seen = [{"flag_id": one, "expected_version": 1} for one in (first, second, third, unknown)]
    done = ann.post("/verdicts", json={"flags": seen, "to": "routine", "note": "one campaign"})
    assert done.status_code == 200
    told = done.json()
    assert {flag["flag_id"] for flag in told["settled"]} == {first, third}
    (late,) = told["conflicts"]
    assert (late["flag"]["flag_id"], late["flag"]["status"], late["step"]["who"]) == (second, "duplicate", "bob")
    assert [one["flag_id"] for one in told["refused"]] == [unknown]
    assert ann.get(f"/flags/{third}/history").json()[0]["note"] == "one campaign"


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/flags/{}/verdict", {"to": "routine", "expected_version": 1}),
        ("/flags/{}/assign", {"assignee": "ann", "expected_version": 1}),
        ("/flags/{}/reopen", {"expected_version": 1}),
        ("/verdicts", {"to": "routine", "flags": []}),
    ],
)
def test_viewers_and_strangers_settle_nothing(asking, flag, address, body):
    if "flags" in body:
        body = {**body, "flags": [{"flag_id": flag["flag_id"], "expected_version": 1}]}
    at = address.format(flag["flag_id"])
    assert asking["vera"].post(at, json=body).status_code == 403
    assert asking[""].post(at, json=body, headers={"Origin": "http://127.0.0.1"}).status_code == 401
    assert asking["vera"].get(f"/flags/{flag['flag_id']}").json()["version"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "open", "expected_version": 1}, "body.to"),
        ({"to": "routine", "expected_version": 0}, "body.expected_version"),
        ({"to": "routine", "expected_version": 1, "kind": "orbit raise"}, "body.kind"),
        ({"to": "routine", "expected_version": 1, "notes": "a slip of the pen"}, "body.notes"),
        ({"to": "routine", "expected_version": 1, "note": "x" * 10_001}, "body.note"),
    ],
)
def test_what_cannot_be_understood_is_named(ann, flag, body, field):
    refused = ann.post(f"/flags/{flag['flag_id']}/verdict", json=body)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["faults"]] == [field]
