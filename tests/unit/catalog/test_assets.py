"""Lists of assets: strict, exchanged without loss, kept whole, and harmless whatever a file holds."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from catalog import asset_files, asset_store
from catalog.asset_files import read_lists, rendered
from catalog.asset_store import AssetStore
from catalog.assets import PRIVATE_FIRST, PRIVATE_LAST, Asset, AssetError, AssetList, Assets
from catalog.records import ELEMENT_SET_DTYPES, GP_SOURCES
from tests.naive import catalog as naive

EXAMPLES = Path(__file__).parents[3] / "configs" / "assets"
TLE = list(naive.tle_lines(naive.element_set()))
OMM = json.loads((EXAMPLES / "watched.example.json").read_text())["objects"][1]["omm"]


def write(folder: Path, text: str | bytes, name: str = "list.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def omm_list(message: dict[str, object]) -> dict[str, object]:
    return {"name": "x", "kind": "watched", "objects": [{"name": "a", "omm": message}]}


def head(*lines: str) -> str:
    return "name: mine\nkind: protected\nobjects:\n" + "\n".join(lines) + "\n"


def test_the_examples_are_as_their_page_says():
    (protected,) = read_lists(EXAMPLES / "protected.example.yaml")
    (watched,) = read_lists(EXAMPLES / "watched.example.json")
    assets = Assets(lists=[protected, watched])
    assert [one.kind for one in assets.lists] == ["protected", "watched"]
    sets = assets.element_sets()
    assert dict(sets.dtypes.astype(str)) == ELEMENT_SET_DTYPES
    assert set(sets["source"]) == {"user"}
    assert "user" not in GP_SOURCES
    assert sets["norad_id"].between(PRIVATE_FIRST, PRIVATE_LAST).all()
    assert {assets.names()[number] for number in sets["norad_id"]} == {"QUIET KEEPER", "GUEST"}
    kept = assets.keep_out_km()
    assert kept[98001] == 50.0
    assert 98007 not in kept
    assert assets.numbers("watched") == {98007, watched.objects[1].number}
    fields = {*AssetList.model_fields, *Asset.model_fields}
    page = (EXAMPLES / "README.md").read_text()
    assert all(f"| `{field}` |" in page for field in fields)


def test_a_name_always_gives_the_same_private_number():
    asset = Asset(name="Quiet Keeper", tle=TLE)
    assert asset.number == Asset(name="QUIET KEEPER", omm=[OMM]).number
    assert PRIVATE_FIRST <= asset.number <= PRIVATE_LAST
    assert asset.element_sets()["norad_id"].tolist() == [asset.number]


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        (head("  - name: A", "    norad_id: 12", "    orbit: low"), 6, "objects.0.orbit"),
        (head("  - name: A", "    norad_id: '12'"), 5, "objects.0.norad_id"),
        (head("  - name: A", "    norad_id: 12", "    keep_out_km: -3"), 6, "objects.0.keep_out_km"),
        (head("  - name: A", "    norad_id: 12", "    keep_out_km: .inf"), 6, "objects.0.keep_out_km"),
        (head("  - name: A"), 4, "objects.0"),
        (head("  - name: A", "    norad_id: 12", "  - name: B", "    norad_id: 12"), 1, ""),
        (head("  - name: A", "    norad_id: 12", "    name: B"), 6, "name"),
        (head("  - name: A", "    tle:", f"    - {TLE[0]}", f"    - {TLE[1][:-1]}0"), 7, "objects.0.tle"),
        (head("  - name: A", "    omm: {EPOCH: 2026-01-01T00:00:00}"), 5, "objects.0.omm"),
        (head("  - {name: A, norad_id: 12, why: &x a}", "  - {name: B, norad_id: 13, why: *x}"), 4, ""),
        ("name: mine\nkind: secret\nobjects: []\n", 2, "kind"),
        ("name: mine\nkind: watched\n", 1, "objects"),
        ("- 1\n", 1, ""),
        ("name: [\n", 2, ""),
        ('name: "a\\0b"\nkind: watched\nobjects: []\n', 1, "name"),
    ],
)
def test_a_fault_is_named_by_file_line_and_field(tmp_path, text, line, field):
    path = write(tmp_path, text)
    with pytest.raises(AssetError) as caught:
        read_lists(path)
    assert (caught.value.file, caught.value.line, caught.value.field or "") == (str(path), line, field)
    assert len(str(caught.value).splitlines()) == 1


def test_a_key_of_many_lines_is_told_in_one(tmp_path):
    path = write(tmp_path, 'name: mine\nkind: watched\nobjects: []\n"no\\n' + 5000 * "\\n" + '": 1\n')
    with pytest.raises(AssetError) as caught:
        read_lists(path)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 4000


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "laughs.yaml"),
        (b"!!python/object/apply:os.system ['true']\n", "call.yaml"),
        (b"[" * 100_000, "deep.json"),
        (b"[" * 2_000, "deep.yaml"),
        (b"name: " + b"9" * 6000, "digits.yaml"),
        (b'{"name": ' + b"9" * 6000 + b"}", "digits.json"),
        (b'{"name": "a", "name": "b"}', "twice.json"),
        (b"\xff\xfe\x00", "binary.yaml"),
        (b"{? [a] : b}", "key.yaml"),
        (b"", "empty.yaml"),
        (b"name: x\nkind: watched\nobjects: []\n", "list.txt"),
        (b"lists: {}\n", "lists.yaml"),
        (b"[" + b"{}," * 1_390_000 + b"{}]", "nothings.json"),
        (b"[" + b"{}," * 1_390_000 + b"{}]", "nothings.yaml"),
        (b'{"name": "x", "kind": "watched", "objects": [' + b"{}," * 1_390_000 + b"{}]}", "objects.json"),
        (b"name: x\nkind: watched\nobjects:\n  - {name: a, norad_id: " + b"9" * 400 + b"}\n", "digits400.yaml"),
        (b'[{"name": "x", "norad_id": !!timestamp x}]', "tag.yaml"),
        (b'{"lists": [' + b'{"name": "x", "kind": "watched", "objects": []},' * 5_000 + b"{}]}", "lists.json"),
        (b"lists: []\nmore: 1\n", "more.yaml"),
        (json.dumps(omm_list({**OMM, "\ud800": 1})).encode(), "half_key.json"),
        (json.dumps(omm_list({**OMM, "COMMENT": "a\ud800"})).encode(), "half_value.json"),
    ],
)
def test_hostile_files_do_no_harm(tmp_path, content, name):
    with pytest.raises(AssetError) as caught:
        read_lists(write(tmp_path, content, name))
    assert len(str(caught.value)) < 1000


def test_a_file_beyond_the_limit_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setitem(asset_files.MAX_BYTES, "yaml", 100)
    with pytest.raises(AssetError, match="larger than"):
        read_lists(write(tmp_path, head("  - name: A", "    norad_id: 12") + "#" * 100))
    with pytest.raises(AssetError, match="cannot be read"):
        read_lists(tmp_path / "none.yaml")


texts = st.text(st.characters(codec="utf-8"), max_size=30).map(
    lambda text: "".join(filter(str.isprintable, text)).strip()
)
messages = st.sampled_from([[], [OMM], [OMM, OMM | {"EPOCH": "2026-04-12T00:00:00", "MEAN_MOTION": "14.9"}]])
assets_of = st.builds(
    Asset,
    name=texts.filter(bool),
    norad_id=st.integers(1, 900_000_000),
    why=texts,
    keep_out_km=st.none() | st.floats(1e-3, 1e5),
    tle=st.sampled_from([[], TLE]),
    omm=messages,
)
lists_of = st.builds(
    AssetList,
    name=texts.filter(bool),
    kind=st.sampled_from(["protected", "watched"]),
    objects=st.lists(assets_of, max_size=4, unique_by=lambda asset: asset.norad_id),
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(lists=st.lists(lists_of, max_size=3, unique_by=lambda one: one.name), form=st.sampled_from(["yaml", "json"]))
def test_what_is_written_is_read_the_same(tmp_path_factory, lists, form):
    path = tmp_path_factory.mktemp("lists") / f"out.{form}"
    path.write_bytes(rendered(lists, form=form))
    assert read_lists(path) == lists


def test_a_home_keeps_lists_and_putting_them_again_changes_nothing(tmp_path):
    store = AssetStore(tmp_path)
    assert store.load() == Assets()
    lists = [*read_lists(EXAMPLES / "watched.example.json"), *read_lists(EXAMPLES / "protected.example.yaml")]
    assert store.put(lists) == 2
    before = (tmp_path / "assets.json").read_bytes()
    assert store.put(lists) == 0
    assert (tmp_path / "assets.json").read_bytes() == before
    assert [one.name for one in store.load().lists] == ["lighthouse fleet", "objects that come near"]
    store.remove("lighthouse fleet")
    assert [one.name for one in store.load().lists] == ["objects that come near"]
    with pytest.raises(AssetError, match="no list 'lighthouse fleet'"):
        store.remove("lighthouse fleet")
    other = lists[0].model_copy(update={"kind": "protected"})
    assert store.put([other]) == 1
    assert store.load().lists == [other]


def numbered(name, count, first=1):
    return AssetList(
        name=name,
        kind="watched",
        objects=[Asset(name=f"OBJECT {number}", norad_id=number) for number in range(first, first + count)],
    )


def test_a_home_takes_no_more_than_can_be_read_again(tmp_path, monkeypatch):
    store = AssetStore(tmp_path)
    store.put([numbered("a", 20)])
    size = (tmp_path / "assets.json").stat().st_size
    monkeypatch.setitem(asset_files.MAX_BYTES, "json", size * 3 // 2)
    with pytest.raises(AssetError, match=r"2 lists would be .* remove some lists or objects first"):
        store.put([numbered("b", 20)])
    assert [one.name for one in AssetStore(tmp_path).load().lists] == ["a"]
    assert read_lists(tmp_path / "assets.json") == [numbered("a", 20)]


def test_what_a_home_holds_opens_and_can_be_made_smaller_whatever_the_limit_is(tmp_path, monkeypatch):
    AssetStore(tmp_path).put([numbered("a", 20), numbered("b", 20, first=100)])
    monkeypatch.setitem(asset_files.MAX_BYTES, "json", 1700)
    store = AssetStore(tmp_path)
    assert [one.name for one in store.load().lists] == ["a", "b"]
    store.remove("b")
    assert [one.name for one in AssetStore(tmp_path).load().lists] == ["a"]


def test_lists_are_not_written_where_they_would_not_be_read_again(monkeypatch):
    monkeypatch.setitem(asset_files.MAX_BYTES, "yaml", 1000)
    with pytest.raises(AssetError, match=r"lists.yaml: 1 lists would be .* take JSON, or fewer lists"):
        rendered([numbered("a", 20)], form="yaml")
    assert rendered([numbered("a", 20)], form="json")


def test_lists_are_read_again_only_when_their_file_is_another(tmp_path, monkeypatch):
    one, other = AssetStore(tmp_path), AssetStore(tmp_path)
    reads = []
    monkeypatch.setattr(asset_store, "kept_lists", lambda path: reads.append(path) or asset_files.kept_lists(path))
    for _ in range(3):
        other.put([numbered("a", 3)])
        assert [len(two.load().lists) for two in (one, one, other)] == [1, 1, 1]
    assert len(reads) == 1
    other.put([numbered("b", 3, first=10)])
    assert [made.name for made in one.load().lists] == ["a", "b"]
    (tmp_path / "assets.json").unlink()
    assert one.load() == other.load() == Assets()


def test_a_file_that_was_spoiled_by_hand_is_named_without_its_folder(tmp_path):
    (tmp_path / "assets.json").write_text('{"name": "a", "kind": "guarded", "objects": []}')
    with pytest.raises(AssetError, match=r"^assets.json: line 1, kind"):
        AssetStore(tmp_path).load()
    (tmp_path / "assets.json").write_text('{"name": "a", "kind": "watched", "objects": [{"name": "X", "tle": "1 x"}]}')
    with pytest.raises(AssetError, match=r"^assets.json: a: X: tle"):
        AssetStore(tmp_path).load().element_sets()


def test_a_crash_while_writing_leaves_the_old_lists(tmp_path, monkeypatch):
    store = AssetStore(tmp_path)
    lists = read_lists(EXAMPLES / "watched.example.json")
    store.put(lists)

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        store.put(read_lists(EXAMPLES / "protected.example.yaml"))
    monkeypatch.undo()
    assert store.load().lists == lists


def hidden(*names):
    return [Asset(name=name, tle=TLE) for name in names]


def numbers_of(store, name):
    return {asset.name: asset.number for asset in store.load().named([name])[0].objects}


def test_objects_without_a_public_number_never_share_one(tmp_path, monkeypatch):
    monkeypatch.setattr("catalog.assets.PRIVATE_LAST", PRIVATE_FIRST + 4)  # five numbers, as two in ten million meet
    monkeypatch.setattr("catalog.asset_store.PRIVATE_LAST", PRIVATE_FIRST + 4)
    names = ["A", "B", "C", "D"]
    store, other = AssetStore(tmp_path / "one"), AssetStore(tmp_path / "other")
    store.put([AssetList(name="mine", kind="watched", objects=hidden(*names))])
    other.put([AssetList(name="mine", kind="watched", objects=hidden(*names[::-1]))])
    numbers = numbers_of(store, "mine")
    assert numbers_of(other, "mine") == numbers
    assert len(set(numbers.values())) == 4
    assert store.load().element_sets()["norad_id"].nunique() == 4
    grown = AssetList(name="mine", kind="watched", objects=hidden("0 FIRST", *names))
    assert store.put([grown]) == 1
    assert store.put([grown]) == 0
    assert numbers_of(store, "mine").items() > numbers.items(), "those of before keep theirs"
    assert AssetStore(tmp_path / "one").load() == store.load()


def test_a_number_that_was_given_is_nobody_elses(tmp_path):
    secret = hidden("HIDDEN")[0]
    other = AssetList(name="b", kind="watched", objects=[Asset(name="OTHER", norad_id=secret.number)])
    store = AssetStore(tmp_path)
    store.put([other])
    store.put([AssetList(name="c", kind="watched", objects=[secret])])
    assert numbers_of(store, "c") == {"HIDDEN": secret.number + 1}
    store.remove("b")
    store.put([AssetList(name="d", kind="watched", objects=hidden("SECOND"))])
    taken = numbers_of(store, "d")["SECOND"]
    with pytest.raises(AssetError, match="would both be number"):
        store.put([AssetList(name="b", kind="watched", objects=[Asset(name="OTHER", norad_id=taken)])])
    assert [one.name for one in store.load().lists] == ["c", "d"]


def test_an_object_of_several_lists_has_the_largest_distance():
    lists = [
        AssetList(name=name, kind="protected", objects=[Asset(name="A", norad_id=7, keep_out_km=km)])
        for name, km in (("x", 5.0), ("y", None), ("z", 20.0))
    ]
    assert Assets(lists=lists).keep_out_km() == {7: 20.0}
    assert math.isnan(Assets(lists=lists[1:2]).keep_out_km()[7])
    assert yaml.safe_load(rendered(lists[:1], form="yaml"))["objects"] == [
        {"name": "A", "norad_id": 7, "keep_out_km": 5.0}
    ]


def test_the_most_sensitive_list_that_holds_an_object_says_how_closely_it_is_watched():
    def named(name, sensitivity, *numbers):
        objects = [Asset(name=f"OBJECT {number}", norad_id=number) for number in numbers]
        return AssetList(name=name, kind="watched", objects=objects, sensitivity=sensitivity)

    lists = [
        named("a", "sensitive", 1),
        named("b", "cautious", 1, 2),
        named("c", None, 1, 2, 3),
        named("d", "balanced", 2),
    ]
    assert Assets(lists=lists).sensitivities() == {1: "sensitive", 2: "balanced"}


def test_a_whole_number_is_an_integer_however_json_writes_it():
    assert Asset.model_validate_json('{"name": "A", "norad_id": 11882.0}').norad_id == 11882
    with pytest.raises(ValidationError):
        Asset.model_validate_json('{"name": "A", "norad_id": 11882.5}')
