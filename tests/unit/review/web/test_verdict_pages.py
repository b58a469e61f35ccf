"""Settling flags through pages: one and many, with a script and without, and when two do it at once."""

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from review.clock import believe_clock
from review.records import Status
from review.web.app import create_app
from tests.desk_home import make_home

HTMX = {"hx-request": "true"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_home(tmp_path_factory.mktemp("verdicts")).open()
    with desk.flags:
        yield desk


@pytest.fixture(scope="module")
def visit(desk):
    app = create_app(desk)
    clients = {}
    for name in ("ann", "bob", "vera"):
        _, secret = desk.accounts.tokens.make(desk.accounts.get(name).user, "tests")
        headers = {"Authorization": f"Bearer {secret}"}
        clients[name] = TestClient(app, base_url="http://127.0.0.1", headers=headers, follow_redirects=False)
    yield clients.__getitem__
    for one in clients.values():
        one.close()


@pytest.fixture
def flag(desk):
    """A flag that no other test has touched."""
    return next(one for one in desk.flags.flags(order="time") if one.version == 1)


@pytest.fixture
def flags(desk):
    return [one for one in desk.flags.flags(order="time") if one.version == 1][:4]


def give(client, flag, what="verdict", headers=None, **form):
    return client.post(
        f"/flags/{flag.flag_id}/{what}", data={"expected_version": flag.version, **form}, headers=headers
    )


def test_a_verdict_leads_back_to_the_flag_with_the_filter(visit, desk, flag):
    answer = give(visit("ann"), flag, to="confirmed", kind="plane change", note="seen\r\ntwice", query="regime=geo")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/flags/{flag.flag_id}?regime=geo"
    now = desk.flags.get(flag.flag_id)
    assert (now.status, now.judged_kind) == (Status.CONFIRMED, "plane change")
    assert [(step.who, step.note) for step in desk.flags.history(flag.flag_id)] == [("ann", "seen\ntwice")]


def test_a_clock_that_cannot_be_right_is_said_and_the_note_is_kept(visit, desk, flag):
    believe_clock(desk.home, pd.Timestamp.now("UTC") + pd.Timedelta(days=400.5))
    try:
        answer = give(visit("ann"), flag, to="routine", note="seen twice")
        assert answer.status_code == 503
        assert "400 days earlier than when it was last right" in answer.text
        assert "seen twice" in answer.text
        many = visit("ann").post("/flags/verdicts", data={"flag": f"{flag.flag_id}:1", "to": "routine"})
        assert many.status_code == 503
        assert "set the clock" in many.text
        assert desk.flags.history(flag.flag_id) == []
    finally:
        (desk.home / "state" / "clock.json").unlink()


def test_or_on_to_the_next_flag_of_the_queue(visit, flags):
    first, second = flags[:2]
    answer = give(visit("ann"), first, to="routine", next=second.flag_id)
    assert answer.headers["location"] == f"/flags/{second.flag_id}"


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/logout", "x" * 36])
def test_but_nowhere_else(visit, flag, next_):
    answer = give(visit("ann"), flag, to="routine", next=next_)
    assert answer.headers["location"] == f"/flags/{flag.flag_id}"


def test_a_kind_counts_only_for_what_is_confirmed(visit, desk, flag):
    give(visit("ann"), flag, to="data error", kind="plane change")
    assert desk.flags.get(flag.flag_id).judged_kind == ""


def test_the_second_of_two_is_told_what_the_first_did_and_keeps_the_note(visit, desk, flag):
    give(visit("ann"), flag, to="routine", note="the operator said so")
    answer = give(visit("bob"), flag, to="confirmed", kind="eccentricity control", note="bob's <long> reasons")
    assert answer.status_code == 409
    assert "ann" in answer.text
    assert "the operator said so" in answer.text
    assert "bob&#39;s &lt;long&gt; reasons" in answer.text
    assert "<option selected>eccentricity control" in answer.text
    assert f'name="expected_version" value="{flag.version + 1}"' in answer.text
    assert desk.flags.get(flag.flag_id).status is Status.ROUTINE
    assert len(desk.flags.history(flag.flag_id)) == 1


def test_and_can_settle_it_over_the_first_with_both_in_the_log(visit, desk, flag):
    give(visit("ann"), flag, to="routine")
    answer = visit("bob").post(
        f"/flags/{flag.flag_id}/verdict",
        data={"expected_version": flag.version + 1, "over": "unclear", "note": "not so sure"},
    )
    assert answer.status_code == 303
    steps = [(step.who, str(step.to_status), step.note) for step in desk.flags.history(flag.flag_id)]
    assert [step[:2] for step in steps] == [("ann", "routine"), ("bob", "open"), ("bob", "unclear")]
    assert steps[-1][2] == "not so sure"


def test_in_the_queue_a_conflict_is_said_below_the_row(visit, flag):
    give(visit("ann"), flag, to="routine", note="known")
    answer = give(visit("bob"), flag, to="confirmed", part="row", note="mine", headers=HTMX)
    assert answer.status_code == 409
    row = answer.text.split(f'<tbody id="flag-{flag.flag_id}"')[1]
    assert 'hx-swap-oob="true"' in row
    for said in ("ann", "known", "mine", "Reopen it and settle as confirmed"):
        assert said in row, said


def test_in_the_queue_a_verdict_changes_row_counts_and_says_so(visit, flag):
    answer = give(visit("ann"), flag, to="duplicate", part="row", headers=HTMX)
    assert answer.status_code == 200
    assert 'data-status="duplicate"' in answer.text
    assert 'id="count-status-duplicate"' in answer.text
    assert "beforeend:#toasts" in answer.text
    assert "data-undo" in answer.text


def test_undo_opens_it_again(visit, desk, flag):
    give(visit("ann"), flag, to="routine")
    answer = visit("ann").post(
        f"/flags/{flag.flag_id}/reopen", data={"expected_version": flag.version + 1, "part": "row"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert desk.flags.get(flag.flag_id).status is Status.OPEN


def test_a_script_on_the_flags_page_is_sent_on(visit, flag):
    answer = give(visit("ann"), flag, to="routine", query="text=x", headers=HTMX)
    assert answer.headers["hx-redirect"] == f"/flags/{flag.flag_id}?text=x"
    assert "routine" in answer.text


def test_a_step_against_the_rules_is_refused_with_the_form(visit, desk, flag):
    give(visit("ann"), flag, to="routine")
    answer = visit("ann").post(
        f"/flags/{flag.flag_id}/verdict", data={"expected_version": flag.version + 1, "to": "unclear", "note": "kept"}
    )
    assert answer.status_code == 409
    assert "kept" in answer.text
    assert desk.flags.get(flag.flag_id).status is Status.ROUTINE


def test_no_verdict_at_all_is_refused(visit, flag):
    assert give(visit("ann"), flag, note="kept").status_code == 422


def test_a_flag_is_assigned_and_given_back(visit, desk, flag):
    give(visit("ann"), flag, "assign", assignee="bob")
    assert (desk.flags.get(flag.flag_id).assignee, desk.flags.get(flag.flag_id).status) == ("bob", Status.IN_REVIEW)
    visit("bob").post(f"/flags/{flag.flag_id}/assign", data={"expected_version": flag.version + 1, "assignee": ""})
    assert (desk.flags.get(flag.flag_id).assignee, desk.flags.get(flag.flag_id).status) == ("", Status.OPEN)


def test_to_somebody_from_the_list_of_people(visit, desk, flag):
    give(visit("ann"), flag, "assign", other="bob")
    assert desk.flags.get(flag.flag_id).assignee == "bob"


@pytest.mark.parametrize("name", ["nobody", "vera"])
def test_only_to_those_who_settle_flags(visit, desk, flag, name):
    assert give(visit("ann"), flag, "assign", assignee=name).status_code == 422
    assert desk.flags.get(flag.flag_id).assignee == ""


def test_many_at_once(visit, desk, flags):
    form = {"flag": [f"{one.flag_id}:{one.version}" for one in flags], "to": "routine", "note": "kept", "page": 2}
    answer = visit("ann").post("/flags/verdicts", data={**form, "query": "regime=leo"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/flags?regime=leo&page=2&settled=4&to=routine"
    assert {desk.flags.get(one.flag_id).status for one in flags} == {Status.ROUTINE}
    assert "4 flags settled as routine" in visit("ann").get(answer.headers["location"]).text


def test_of_many_those_that_another_changed_stay_and_are_named(visit, desk, flags):
    give(visit("bob"), flags[0], "assign", assignee="bob")
    give(visit("bob"), flags[1], to="confirmed", note="a real one")
    form = {"flag": [f"{one.flag_id}:{one.version}" for one in flags], "to": "routine", "note": "the usual"}
    for headers in (None, HTMX):
        answer = visit("ann").post("/flags/verdicts", data=form, headers=headers)
        assert answer.status_code == 409
        assert "a real one" in answer.text
        assert 'value="the usual"' in answer.text
    assert desk.flags.get(flags[0].flag_id).status is Status.IN_REVIEW
    assert desk.flags.get(flags[1].flag_id).status is Status.CONFIRMED
    assert {desk.flags.get(one.flag_id).status for one in flags[2:]} == {Status.ROUTINE}
    assert all(len(desk.flags.history(one.flag_id)) == 1 for one in flags)


def test_many_with_none_chosen_says_so(visit):
    answer = visit("ann").post("/flags/verdicts", data={"to": "routine"})
    assert answer.status_code == 422
    assert "tick some" in answer.text


@pytest.mark.parametrize("what", ["verdict", "assign", "reopen"])
def test_a_viewer_changes_nothing(visit, desk, flag, what):
    assert give(visit("vera"), flag, what, to="routine", assignee="vera").status_code == 403
    assert visit("vera").post("/flags/verdicts", data={"flag": f"{flag.flag_id}:1", "to": "routine"}).status_code == 403
    assert desk.flags.get(flag.flag_id).version == flag.version


def test_a_viewer_sees_the_state_and_no_buttons(visit, flag):
    page = visit("vera").get(f"/flags/{flag.flag_id}/verdict")
    assert page.status_code == 200
    assert 'name="to"' not in page.text


def test_an_unknown_flag_is_not_found(visit):
    for what in ("verdict", "assign", "reopen"):
        answer = visit("ann").post(f"/flags/feed/{what}", data={"expected_version": 1, "to": "routine", "assignee": ""})
        assert answer.status_code == 404
