"""Lists as a page: shown, taken in, handed on, removed; and by whom."""

import json

import pytest
import yaml

from catalog.assets import Asset, AssetList
from review.web.lists import MOST_BRINGING
from tests.desk_client import logged_in, visitor
from tests.desk_home import INSPECTOR, TARGET
from tests.html_page import Page

HARBORS = AssetList(
    name="harbors & <b>piers</b>",
    kind="protected",
    objects=[
        Asset(name="HARBOR 21", norad_id=TARGET, keep_out_km=50.0, why="ours"),
        Asset(name="INSPECTOR", norad_id=INSPECTOR),
    ],
)


@pytest.fixture
def ann(desk):
    with logged_in(desk, "ann") as client:
        yield client


def send(client, content, name="lists.yaml"):
    return client.post("/lists", files={"file": (name, content)})


def test_an_empty_desk_says_what_to_do(ann):
    page = ann.get("/lists")
    assert page.status_code == 200
    assert "There is no list yet." in page.text
    assert 'enctype="multipart/form-data"' in page.text


def test_a_list_shows_its_objects_as_text(desk, ann):
    desk.assets.put([HARBORS])
    page = Page(ann.get("/lists").text)
    for said in ("harbors & <b>piers</b>", "protected", "2 objects", "HARBOR 21", str(TARGET), "50.0", "ours"):
        assert said in page.words, said
    assert ("b", {}) not in page.tags


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_list_handed_on_and_taken_in_elsewhere_is_the_same(desk, ann, form):
    desk.assets.put([HARBORS, AssetList(name="others", kind="watched", objects=[Asset(name="X", norad_id=7)])])
    kept = desk.assets.load()
    answer = ann.get(f"/lists.{form}")
    assert answer.headers["content-disposition"] == f'attachment; filename="burnwatch-lists.{form}"'
    for one in kept.lists:
        desk.assets.remove(one.name)
    taken = send(ann, answer.content, f"mine.{form}")
    assert (taken.status_code, taken.headers["location"]) == (303, "/lists?taken=2&changed=2")
    assert "2 lists taken in, 2 of them new or changed." in ann.get(taken.headers["location"]).text
    assert desk.assets.load() == kept


def test_one_list_is_handed_on_by_its_name(desk, ann):
    desk.assets.put([HARBORS, AssetList(name="others", kind="watched", objects=[Asset(name="X", norad_id=7)])])
    assert yaml.safe_load(ann.get("/lists.yaml", params={"name": HARBORS.name}).text)["name"] == HARBORS.name
    assert json.loads(ann.get("/lists.json", params={"name": "others"}).text)["kind"] == "watched"
    assert ann.get("/lists.yaml?name=none").status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("lists.yaml", b"name: a\nkind: guarded\nobjects: []\n", "lists.yaml: line 2, kind"),
        ("lists.yaml", b"name: &a x\nkind: watched\nobjects: [*a]\n", "anchors and aliases are not read"),
        ("lists.json", b'{"name": ', "is no JSON"),
        ("lists.exe", b"name: a\n", "must end in .yaml, .yml or .json"),
        ("lists.yaml", b"\xff\xfe", "is not UTF-8"),
        ("lists.yaml", b"x" * (4 * 2**20 + 1), "larger than 4 MiB"),
        ("../../etc/<script>.yaml", b"name: a\nkind: guarded\nobjects: []\n", "&lt;script&gt;.yaml: line 2"),
    ],
)
def test_a_faulty_file_changes_nothing_and_says_where_the_fault_is(desk, ann, name, content, said):
    desk.assets.put([HARBORS])
    answer = send(ann, content, name)
    assert answer.status_code == 422
    assert said in answer.text
    assert [one.name for one in desk.assets.load().lists] == [HARBORS.name]


def test_more_objects_with_sets_than_a_few_seconds_read_are_refused_unread(desk, ann):
    objects = [{"name": f"OURS {i}", "norad_id": i, "tle": ["no element set"]} for i in range(1, MOST_BRINGING + 2)]
    lists = [{"name": "a", "kind": "watched", "objects": objects[:300]}, {"name": "b", "kind": "watched"}]
    lists[1]["objects"] = objects[300:]
    answer = send(ann, yaml.safe_dump({"lists": lists}))
    assert answer.status_code == 422
    assert "501 objects bring element sets of their own, and the desk takes 500 at once" in Page(answer.text).words
    by_api = ann.put("/api/v1/lists/a", json={"kind": "watched", "objects": objects})
    assert (by_api.status_code, "501 objects bring element sets" in by_api.text) == (422, True)
    assert desk.assets.load().lists == []


def test_a_long_list_is_shown_in_part_and_by_its_name_as_a_whole(desk, ann):
    long = [Asset(name=f"OBJECT {number}", norad_id=number) for number in range(1, 501)]
    desk.assets.put([AssetList(name="a & b", kind="watched", objects=long), HARBORS])
    page = ann.get("/lists").text
    assert page.count("OBJECT ") == 20
    assert "All 500 objects" in page
    assert "/lists?name=a%20%26%20b" in page
    whole = ann.get("/lists", params={"name": "a & b"}).text
    assert whole.count("OBJECT ") == 500
    assert "HARBOR 21" not in whole
    assert ann.get("/lists?name=none").status_code == 422


def test_a_list_can_be_removed(desk, ann):
    desk.assets.put([HARBORS])
    answer = ann.post("/lists/remove", data={"name": HARBORS.name})
    assert answer.status_code == 303
    assert "The list is removed." in ann.get(answer.headers["location"]).text
    assert desk.assets.load().lists == []
    assert ann.post("/lists/remove", data={"name": HARBORS.name}).status_code == 404


def test_what_was_done_to_lists_is_in_the_audit(desk, ann):
    send(ann, json.dumps({"name": "a", "kind": "watched", "objects": [{"name": "X", "norad_id": 7}]}), "a.json")
    ann.post("/lists/remove", data={"name": "a"})
    steps = desk.accounts.audit.newest(2)
    assert [(step.who, step.action, step.detail) for step in steps] == [
        ("ann", "list removed", "a"),
        ("ann", "lists taken in", "a"),
    ]


def test_viewers_may_look_and_take_away_but_change_nothing(desk):
    desk.assets.put([HARBORS])
    with logged_in(desk, "vera") as vera:
        page = vera.get("/lists")
        assert "HARBOR 21" in page.text
        assert "Take lists in" not in page.text
        assert vera.get("/lists.yaml").status_code == 200
        assert send(vera, b"name: a\nkind: watched\nobjects: []\n").status_code == 403
        assert vera.post("/lists/remove", data={"name": HARBORS.name}).status_code == 403
    assert [one.name for one in desk.assets.load().lists] == [HARBORS.name]


def test_strangers_may_not_even_look(desk):
    with visitor(desk) as stranger:
        assert stranger.get("/lists").status_code == 303
        assert send(stranger, b"name: a\nkind: watched\nobjects: []\n").status_code == 401
