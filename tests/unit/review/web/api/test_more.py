"""The rest of the API: views, exports, lists, labels, belt, coverage, runs, accounts."""

import io
import json
import zipfile

import pytest

from review.records import Scope
from review.runs import Outcome, RunLog
from tests.desk_client import logged_in
from tests.desk_home import FINDING, INSPECTOR, PASSWORD, TARGET


def test_a_view_is_saved_for_oneself_or_for_all(ann, bob):
    mine = ann.post("/views", json={"name": "Geo", "query": "regime=geo&nonsense=1"})
    assert (mine.status_code, mine.json()["query"], mine.json()["owner"]) == (201, "regime=geo", "ann")
    ann.post("/views", json={"name": "Inspector", "query": f"norad_id={INSPECTOR}", "shared": True})
    assert [view["name"] for view in ann.get("/views").json()] == ["Geo", "Inspector"]
    assert [view["name"] for view in bob.get("/views").json()] == ["Inspector"]
    address = f"/views/{mine.json()['view_id']}"
    assert bob.delete(address).status_code == 404
    assert ann.delete(address).status_code == 204


@pytest.mark.parametrize(
    ("form", "kind", "start"),
    [
        ("json", "application/json", b"{"),
        ("csv", "text/csv", b"flag_id,"),
        ("ocm", "text/plain", b"CCSDS_OCM_VERS"),
        ("omm", "text/plain", b"CCSDS_OMM_VERS"),
        ("sets", "text/csv", b"norad_id,"),
        ("html", "text/html", b"<!doctype html>"),
        ("pdf", "application/pdf", b"%PDF-"),
    ],
)
def test_a_flag_is_handed_on_as_a_file(ann, flag, form, kind, start):
    answer = ann.get(f"/flags/{flag['flag_id']}/exports/{form}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="burnwatch-{flag["flag_id"]}-')
    assert answer.content.lower().startswith(start.lower())


def test_all_flags_of_a_filter_are_handed_on_as_one_file(ann, desk):
    rows = ann.get("/exports/flags?form=csv&regime=geo").text.splitlines()
    assert len(rows) == 1 + len([flag for flag in desk.flags.flags() if flag.regime == "geo"])
    assert len(ann.get("/exports/flags?form=json").json()) == desk.flags.count()


def test_a_finding_is_handed_on_as_a_file(ann):
    for form in ("json", "csv", "ocm", "html"):
        answer = ann.get(f"/findings/{FINDING}/exports/{form}")
        assert answer.status_code == 200
        assert FINDING in answer.text


def test_a_package_holds_the_flag(ann, flag):
    packed = ann.get(f"/flags/{flag['flag_id']}/exports/zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as package:
        (name,) = [name for name in package.namelist() if name.endswith("flag.json")]
        assert json.loads(package.read(name))["flag_id"] == flag["flag_id"]


def test_lists_are_kept_seen_and_forgotten(asking):
    ann, vera = asking["ann"], asking["vera"]
    content = {"kind": "watched", "objects": [{"name": "INSPECTOR", "norad_id": INSPECTOR, "why": "comes close"}]}
    assert vera.put("/lists/inspectors", json=content).status_code == 403
    kept = ann.put("/lists/inspectors", json=content)
    assert kept.status_code == 200
    assert vera.get("/lists").json() == [kept.json()]
    flags = vera.get("/flags?watch_list=inspectors&size=500").json()["flags"]
    assert {flag["norad_id"] for flag in flags} == {INSPECTOR}
    assert ann.delete("/lists/inspectors").status_code == 204
    assert ann.get("/lists/inspectors").status_code == 404


def test_a_faulty_list_is_refused_whole(ann):
    twice = {"kind": "watched", "objects": [{"name": name, "norad_id": TARGET} for name in ("A", "B")]}
    for objects in (twice["objects"], [{"name": "NOBODY"}], [{"name": "BAD", "tle": ["1 no element set"]}]):
        assert ann.put("/lists/faulty", json={"kind": "watched", "objects": objects}).status_code == 422
    assert ann.get("/lists").json() == []


def test_labels_of_another_team_come_in_once(asking, desk):
    ann, vera = asking["ann"], asking["vera"]
    rows = (
        "team,norad_id,epoch_before,epoch_after,verdict,decided_at\n"
        f"north,{INSPECTOR},2025-06-01T00:00:00Z,2025-06-02T00:00:00Z,confirmed,2025-07-01T00:00:00Z\n"
        f"north,{INSPECTOR},2025-06-03T00:00:00Z,2025-06-02T00:00:00Z,confirmed,2025-07-01T00:00:00Z\n"
    )
    as_bytes = {"Content-Type": "application/octet-stream"}
    assert vera.post("/labels", content=rows, headers=as_bytes).status_code == 403
    first = ann.post("/labels", content=rows, headers=as_bytes).json()
    assert (first["added"], first["known"], first["refused_count"]) == (1, 0, 1)
    assert [(one["line"], one["field"]) for one in first["refused"]] == [(3, "epoch_after")]
    assert ann.post("/labels", content=rows, headers=as_bytes).json()["known"] == 1
    (label,) = [one for one in vera.get("/labels").json()["labels"] if one["team"]]
    assert (label["team"], label["verdict"], label["dv_t_m_s"]) == ("north", "confirmed", None)


def test_our_verdicts_go_out_as_labels(ann, flag):
    ann.post(f"/flags/{flag['flag_id']}/verdict", json={"to": "data error", "expected_version": 1})
    out = ann.get("/labels/file?form=json&team=south").json()
    assert {"south"} == {one["team"] for one in out}
    assert (flag["norad_id"], "data error") in {(one["norad_id"], one["verdict"]) for one in out}
    assert "text/csv" in ann.get("/labels/file?team=south").headers["content-type"]
    assert ann.get("/labels/file").status_code == 422


def test_what_is_too_long_is_refused_whatever_of_it_cannot_be_seen(ann, desk):
    unseen = "north" + 200 * "\x15"
    assert ann.get("/labels/file", params={"team": unseen}).status_code == 422
    assert logged_in(desk).post("/api/v1/me/tokens", json={"label": unseen}).status_code == 422
    assert ann.post("/views", json={"name": unseen, "query": ""}).status_code == 422


def test_the_belt_knows_who_drifts_and_what_is_on_record(ann):
    found = ann.get("/belt?days=3650").json()
    longitudes = [one["longitude_deg"] for one in found["objects"]]
    assert longitudes == sorted(longitudes)
    (inspector,) = [one for one in found["objects"] if one["norad_id"] == INSPECTOR]
    assert inspector["flags"] > 0
    assert inspector["finding_id"] is not None


def test_coverage_adds_up(ann, desk):
    found = ann.get("/coverage").json()
    assert found["sets"] == desk.elements.count() == sum(one["sets"] for one in found["regimes"])
    assert found["objects"] == sum(one["objects"] for one in found["regimes"])
    assert found["snapshot"] == desk.elements.snapshot_id()


def test_runs_are_listed_the_latest_first(ann, desk):
    log = RunLog(desk.database)
    for work, outcome in (("score", Outcome.DONE), ("train", Outcome.FAILED)):
        log.finish(log.start(work), outcome, {"flags": 3})
    assert [run["work"] for run in ann.get("/runs").json()["runs"]] == ["train", "score"]
    (done,) = ann.get("/runs?outcome=done").json()["runs"]
    assert (done["work"], done["summary"]) == ("score", {"flags": 3})


def test_a_token_works_until_it_is_ended(asking, ann, desk):
    wish = {"label": "cron", "days": 1, "scope": "verdicts", "password": PASSWORD}
    made = logged_in(desk).post("/api/v1/me/tokens", json=wish)
    assert made.status_code == 201
    bearer = {"Authorization": f"Bearer {made.json()['secret']}"}
    assert asking[""].get("/me", headers=bearer).json() == {"name": "ann", "role": "analyst"}
    address = f"/me/tokens/{made.json()['token']['token_id']}"
    assert asking["bob"].delete(address).status_code == 404
    assert ann.delete(address).status_code == 204
    assert asking[""].get("/me", headers=bearer).status_code == 401
    assert "secret" not in ann.get("/me/tokens").text


def test_admins_keep_accounts_and_others_do_not(asking, desk):
    ann, ada = asking["ann"], logged_in(desk, "ada")
    ada.base_url = f"{ada.base_url}/api/v1"
    new = {"name": "carl", "role": "viewer", "password": PASSWORD}
    for address, method in (
        ("/users", "get"),
        ("/audit", "get"),
        ("/users", "post"),
        ("/users/ada/deactivate", "post"),
    ):
        assert ann.request(method, address, json=new if address == "/users" else None).status_code == 403
    made = ada.post("/users", json=new)
    assert made.status_code == 201
    assert PASSWORD not in made.text
    assert ada.post("/users/carl/role", json={"role": "analyst"}).json()["role"] == "analyst"
    assert ada.post("/users/carl/deactivate").json()["active"] is False
    assert ada.post("/users/carl/activate").json()["active"] is True
    assert ada.post("/users/nobody/activate").status_code == 404
    assert ada.post("/users/ada/role", json={"role": "viewer"}).status_code == 422
    assert [step["action"] for step in ada.get("/audit?limit=2").json()["steps"]] == [
        "activate user",
        "deactivate user",
    ]


def test_admins_see_and_end_everybodys_tokens(asking, desk):
    made, secret = desk.accounts.tokens.make(desk.accounts.get("ann").user, "somewhere", scope=Scope.READ_ONLY)
    seen = asking["ada"].get("/tokens").json()
    assert ("ann", "somewhere", "read-only") in [(one["owner"], one["label"], one["scope"]) for one in seen]
    assert asking["ann"].delete(f"/tokens/{made.token_id}").status_code == 403
    assert asking["ada"].delete(f"/tokens/{made.token_id}").status_code == 204
    assert asking["ada"].delete(f"/tokens/{made.token_id}").status_code == 404
    assert desk.accounts.tokens.user(secret) is None


def test_a_login_in_a_browser_asks_too_but_only_from_our_own_pages(asking, desk):
    _, secret = desk.accounts.logins.log_in("ann", PASSWORD)
    browser = asking[""]
    cookie = {"Cookie": f"burnwatch_session={secret}"}
    assert browser.get("/me", headers=cookie).json()["name"] == "ann"
    wish = {"label": "from a page", "password": PASSWORD}
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    assert browser.post("/me/tokens", json=wish, headers=cookie | foreign).status_code == 403
    assert browser.post("/me/tokens", json=wish, headers=cookie | {"Sec-Fetch-Site": "same-origin"}).status_code == 201


def test_the_page_of_the_api_names_every_operation(asking, desk):
    vera = asking["vera"]
    document = vera.get("/openapi.json").json()
    page = vera.get("http://127.0.0.1/api")
    assert "<code>expected_version</code>" in page.text
    assert "`" not in page.text
    assert page.status_code == 200
    assert document["openapi"].startswith("3.")
    for path, operations in document["paths"].items():
        for method in operations:
            assert f"{method.upper()} {path}" in page.text


def test_a_note_longer_than_a_page_is_printed_whole(ann, flag):
    note = "\n".join(f"line {number} of what was seen" for number in range(300))
    ann.post(f"/flags/{flag['flag_id']}/verdict", json={"to": "unclear", "note": note, "expected_version": 1})
    printed = ann.get(f"/flags/{flag['flag_id']}/exports/pdf")
    assert printed.status_code == 200
    assert printed.content.startswith(b"%PDF-")
