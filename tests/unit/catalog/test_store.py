import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import atomic
from catalog.availability import stamp
from catalog.encoding import decode, encode
from catalog.errors import CorruptFileError
from catalog.identity import PUBLISHED, column_hash, latest_issues
from catalog.parse import Parsed
from catalog.records import ELEMENT_SET_DTYPES, empty_element_sets
from catalog.sources.files import read_paths
from catalog.store import ElementStore, InvalidElementSetsError, StoreLockedError
from configs.catalog import StoreConfig
from tests.naive import catalog as naive

T0 = pd.Timestamp("2026-01-01T00:00:00Z")
CONTENTS = [name for name in PUBLISHED if name not in ("norad_id", "epoch")]
CONFIG = StoreConfig(buckets=4, row_group_rows=128, lock_timeout_s=0.2)


def rows(*changes: dict[str, Any]) -> pd.DataFrame:
    """Invented element sets; ``at`` and ``available`` are hours after the start of 2026."""
    records = []
    for change in changes:
        change = dict(change)
        epoch = T0 + pd.Timedelta(hours=change.pop("at", 0))
        available_at = T0 + pd.Timedelta(hours=change.pop("available", 6))
        records.append(
            {
                "norad_id": 1,
                "epoch": epoch,
                "available_at": available_at,
                "available_at_imputed": False,
                "source": "file",
                "mean_motion_rev_day": 15.12345678,
                "eccentricity": 0.0012345,
                "inclination_deg": 98.7654,
                "raan_deg": 12.3456,
                "arg_pericenter_deg": 1.0,
                "mean_anomaly_deg": 359.9999,
                "bstar_inv_er": -0.11606e-4,
                "mean_motion_dot_rev_day2": -1.234e-5,
                "mean_motion_ddot_rev_day3": 0.0,
                "ephemeris_type": 0,
                "classification": "U",
                "element_set_no": 999,
                "rev_at_epoch": 12345,
                **change,
            }
        )
    return pd.DataFrame(records, columns=list(ELEMENT_SET_DTYPES)).astype(ELEMENT_SET_DTYPES)


def at_hours(hours: float) -> pd.Timestamp:
    return T0 + pd.Timedelta(hours=hours)


def fleet(objects: int, each: int, seed: int = 0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    count = objects * each
    frame = pd.concat([rows({})] * count, ignore_index=True)
    frame["norad_id"] = np.repeat(np.arange(1, objects + 1), each)
    hours = np.tile(np.arange(each) * 8, objects) + random.integers(0, 7, count)
    frame["epoch"] = T0.as_unit("us") + pd.to_timedelta(hours, unit="h").as_unit("us")
    frame["available_at"] = frame["epoch"] + pd.Timedelta(hours=6).as_unit("us")
    frame["mean_anomaly_deg"] = random.integers(0, 3_600_000, count) / 1e4
    return frame.astype(ELEMENT_SET_DTYPES)


@pytest.fixture
def store(tmp_path: Path) -> ElementStore:
    return ElementStore(tmp_path / "elements", CONFIG)


def files(store: ElementStore) -> set[Path]:
    return {path for path in store.home.rglob("*") if path.is_file() and path.name != ".lock"}


def state(store: ElementStore) -> tuple[str, int]:
    return store.snapshot_id(), store.count()


class TestAppend:
    def test_what_is_stored_comes_back(self, store: ElementStore) -> None:
        sets = fleet(10, 5)
        assert store.append(sets.sample(frac=1, random_state=1)) == (50, 0)
        found = store.history()
        pd.testing.assert_frame_equal(
            found, sets.sort_values(["norad_id", "epoch"], ignore_index=True), check_exact=True
        )
        assert found.dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES

    def test_appending_again_changes_nothing(self, store: ElementStore) -> None:
        sets = fleet(10, 5)
        store.append(sets)
        before, listed = state(store), files(store)
        assert store.append(sets) == (0, 50)
        assert store.append(pd.concat([sets, sets])) == (0, 100)
        assert state(store) == before
        assert files(store) == listed

    def test_a_set_twice_in_one_batch_is_one_set(self, store: ElementStore) -> None:
        assert store.append(rows({}, {}, {"available": 5})) == (1, 2)
        assert store.history()["available_at"].tolist() == [at_hours(5)]

    def test_an_earlier_availability_replaces_a_later_one(self, store: ElementStore) -> None:
        store.append(rows({}, {"at": 1, "available": 7}))
        first = store.snapshot_id()
        assert store.append(rows({"available": 9})) == (0, 1)
        assert store.snapshot_id() == first
        assert store.append(rows({"available": 2}, {"at": 2})) == (1, 1)
        assert store.snapshot_id() != first
        assert store.history()["available_at"].tolist() == [at_hours(2), at_hours(7), at_hours(6)]
        assert store.count() == 3
        assert store.damaged() == []

    def test_a_known_time_replaces_the_same_imputed_one(self, store: ElementStore) -> None:
        store.append(rows({"available_at_imputed": True}))
        store.append(rows({}))
        store.append(rows({"available_at_imputed": True}))
        assert store.history()["available_at_imputed"].tolist() == [False]

    def test_nothing_is_appended_for_nothing(self, store: ElementStore) -> None:
        assert store.append(empty_element_sets()) == (0, 0)
        assert not store.home.exists()

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("norad_id", 0),
            ("norad_id", 1_000_000_000),
            ("mean_motion_rev_day", np.nan),
            ("bstar_inv_er", np.inf),
            ("epoch", pd.NaT),
            ("source", None),
            ("element_set_no", "many"),
        ],
    )
    def test_what_cannot_be_stored_is_named(self, store: ElementStore, column: str, value: Any) -> None:
        sets = rows({}, {"at": 1}).astype({column: object})
        sets[column] = [sets[column][0], value]
        with pytest.raises(InvalidElementSetsError, match=column) as caught:
            store.append(sets)
        assert caught.value.column == column
        assert store.count() == 0

    def test_a_missing_column_is_named(self, store: ElementStore) -> None:
        with pytest.raises(InvalidElementSetsError, match=r"raan_deg: the column is missing"):
            store.append(rows({}).drop(columns="raan_deg"))

    def test_a_second_writer_waits_then_says_so(self, store: ElementStore) -> None:
        store.append(rows({}))
        with filelock.FileLock(store.home / ".lock"), pytest.raises(StoreLockedError, match="another process"):
            store.append(rows({"at": 1}))
        assert store.append(rows({"at": 1})).added == 1


class TestHistory:
    def test_reissues_are_kept_and_the_latest_at_as_of_is_used(self, store: ElementStore) -> None:
        store.append(rows({"available": 6}, {"available": 9, "raan_deg": 13.0}, {"available": 12, "raan_deg": 14.0}))
        assert store.count() == 3
        for hours, raan in ((5.9, []), (6, [12.3456]), (8.9, [12.3456]), (9, [13.0]), (12, [14.0]), (99, [14.0])):
            assert store.history(as_of=at_hours(hours))["raan_deg"].tolist() == raan
        assert store.history()["raan_deg"].tolist() == [14.0]

    @pytest.mark.parametrize("wrong", [13.0, 14.0, 15.0, 16.0])
    def test_what_corrects_a_set_counts_from_when_it_was_read(self, store: ElementStore, wrong: float) -> None:
        """Nothing in the sets tells which is newer; by their hashes alone half of these would go wrong."""
        guess = {"available_at_imputed": True}
        early, late = at_hours(50), at_hours(80)
        assert store.append(rows({"raan_deg": wrong} | guess, {"at": 1} | guess), read_at=early).added == 2
        assert store.append(rows(guess), read_at=late).added == 1
        for hours, raan in ((5.9, []), (6, [wrong]), (79.9, [wrong]), (80, [12.3456])):
            found = store.history(as_of=at_hours(hours))
            assert found.loc[found["epoch"] == T0, "raan_deg"].tolist() == raan
        before, later = state(store), at_hours(120)
        for again in (rows(guess), rows({"raan_deg": wrong} | guess), rows({"raan_deg": wrong} | guess, guess)):
            assert store.append(again, read_at=later).added == 0
        assert state(store) == before
        assert store.append(rows({"raan_deg": 17.0} | guess), read_at=later).added == 1
        assert store.history()["raan_deg"].tolist() == [17.0, 12.3456]
        assert store.history(as_of=at_hours(119))["raan_deg"].tolist() == [12.3456, 12.3456]

    def test_of_what_is_read_at_once_the_last_wins(self, store: ElementStore) -> None:
        orbits = [{"raan_deg": value, "available_at_imputed": True} for value in (4.0, 3.0, 2.0, 1.0, 5.0)]
        store.append(rows(*orbits), read_at=at_hours(50))
        assert store.history()["raan_deg"].tolist() == [5.0]
        assert store.history()["available_at"].tolist() == [at_hours(6) + pd.Timedelta(microseconds=4)]
        before = state(store)
        store.append(rows(*reversed(orbits)), read_at=at_hours(60))
        assert state(store) == before

    def test_a_number_or_a_known_time_tells_which_is_newer(self, store: ElementStore) -> None:
        guess = {"available_at_imputed": True}
        store.append(rows({"element_set_no": 12} | guess, {"at": 1, "available": 9}), read_at=at_hours(50))
        older = rows({"element_set_no": 11, "raan_deg": 13.0} | guess, {"at": 1, "available": 8, "raan_deg": 13.0})
        store.append(older, read_at=at_hours(80))
        assert store.history()["raan_deg"].tolist() == [12.3456, 12.3456]

    def test_a_content_counts_from_the_first_source_that_had_it(self, store: ElementStore) -> None:
        store.append(
            rows({"source": "space-track", "available": 4}, {"source": "file", "available": 7, "raan_deg": 13.0})
        )
        store.append(rows({"source": "celestrak", "available": 9}))
        assert store.history()["raan_deg"].tolist() == [13.0]
        assert store.history(as_of=at_hours(5))["source"].tolist() == ["space-track"]
        assert store.history(sources=["celestrak"])["raan_deg"].tolist() == [12.3456]

    def test_supplemental_sets_never_mix_with_the_others(self, store: ElementStore) -> None:
        store.append(rows({"source": "supgp", "raan_deg": 13.0, "available": 9}, {}))
        assert store.history()["source"].tolist() == ["file"]
        assert store.history(sources=["supgp"])["raan_deg"].tolist() == [13.0]

    def test_selections(self, store: ElementStore) -> None:
        sets = fleet(20, 10)
        store.append(sets)
        assert store.history([3, 7, 3, 999])["norad_id"].unique().tolist() == [3, 7]
        assert store.history([]).empty
        assert store.history([999]).dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
        epochs = store.history([3])["epoch"]
        assert store.history([3], since=epochs[2], until=epochs[5])["epoch"].tolist() == epochs[2:5].tolist()
        assert store.history(np.array([3]), until=epochs[0]).empty

    def test_times_need_a_zone(self, store: ElementStore) -> None:
        with pytest.raises(ValueError, match="time zone"):
            store.history(as_of=pd.Timestamp("2026-01-01"))

    def test_an_empty_store_reads_as_empty_and_writes_nothing(self, store: ElementStore) -> None:
        assert store.history().dtypes.astype(str).to_dict() == ELEMENT_SET_DTYPES
        assert store.object_ids().tolist() == []
        assert store.changed_since(T0).tolist() == []
        assert store.coverage().empty
        assert store.coverage().columns.tolist() == [
            "norad_id",
            "count",
            "first_epoch",
            "last_epoch",
            "last_available_at",
        ]
        assert store.count() == 0
        assert not store.home.exists()

    def test_coverage_and_changes(self, store: ElementStore) -> None:
        store.append(rows({}, {"at": 3, "available": 9}, {"norad_id": 6, "available": 8}))
        store.append(rows({"at": 3, "available": 10, "raan_deg": 1.0}))
        coverage = store.coverage()
        assert coverage["norad_id"].tolist() == store.object_ids().tolist() == [1, 6]
        assert coverage["count"].tolist() == [3, 1]
        assert coverage["first_epoch"].tolist() == [T0, T0]
        assert coverage["last_epoch"].tolist() == [at_hours(3), T0]
        assert coverage["last_available_at"].tolist() == [at_hours(10), at_hours(8)]
        for hours, ids in ((0, [1, 6]), (7.9, [1, 6]), (8, [1]), (10, [])):
            assert store.changed_since(at_hours(hours)).tolist() == ids


published = st.fixed_dictionaries(
    {
        "norad_id": st.integers(1, 4),
        "at": st.integers(0, 2),
        "available": st.integers(0, 5),
        "source": st.sampled_from(["file", "celestrak"]),
        "raan_deg": st.sampled_from([1.0, 2.0, 3.0]),
        "available_at_imputed": st.booleans(),
    }
)


@pytest.mark.slow
@given(
    st.lists(published, min_size=1, max_size=12),
    st.lists(st.integers(0, 3), min_size=12, max_size=12),
    st.booleans(),
    st.one_of(st.none(), st.integers(-1, 6)),
)
@settings(max_examples=30, deadline=None)
def test_any_order_and_any_split_give_the_same_history(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[dict[str, Any]],
    split: list[int],
    compact: bool,
    hours: int | None,
) -> None:
    sets = rows(*drawn)
    folder = tmp_path_factory.mktemp("split")
    whole, parts = ElementStore(folder / "whole", CONFIG), ElementStore(folder / "parts", CONFIG)
    whole.append(sets)
    for batch in (3, 1, 0, 2):
        parts.append(sets[np.array(split[: len(sets)]) == batch])
    if compact:
        parts.compact()
    assert parts.snapshot_id() == whole.snapshot_id()
    as_of = None if hours is None else at_hours(hours)
    found = parts.history(as_of=as_of)
    pd.testing.assert_frame_equal(found, whole.history(as_of=as_of))
    distinct = sets.sort_values("available_at").drop_duplicates([*CONTENTS, "norad_id", "epoch", "source"])
    assert parts.count() == len(distinct)
    # The slow rule breaks ties by order, so compare what it says without them.
    expected = naive.history(sets, as_of, CONTENTS)
    assert found["norad_id"].tolist() == [row["norad_id"] for row in expected]
    assert found["epoch"].tolist() == [row["epoch"] for row in expected]
    assert found["available_at"].tolist() == [row["available_at"] for row in expected]


class TestEncoding:
    @given(
        st.lists(
            st.fixed_dictionaries(
                {
                    "norad_id": st.integers(1, 999_999_999),
                    "mean_motion_rev_day": st.floats(1e-3, 20),
                    "eccentricity": st.sampled_from([0.0, 0.1234567, 0.12345678, 1 / 3]),
                    "raan_deg": st.one_of(
                        st.floats(-360, 360), st.integers(0, 3_600_000).map(lambda value: value / 1e4)
                    ),
                    "bstar_inv_er": st.floats(allow_nan=False, allow_infinity=False),
                    "mean_motion_ddot_rev_day3": st.tuples(st.integers(-99_999, 99_999), st.integers(-9, 9)).map(
                        lambda pair: float(f"{pair[0]}e{pair[1] - 5}")
                    ),
                    "at": st.one_of(st.integers(-600_000, 270_000), st.floats(-1e4, 1e4)),
                    "available": st.integers(-600_000, 270_000),
                    "available_at_imputed": st.booleans(),
                    "source": st.sampled_from(["file", "supgp", "é"]),
                    "rev_at_epoch": st.integers(0, 2**31 - 1),
                }
            ),
            min_size=1,
            max_size=6,
        )
    )
    @settings(max_examples=60, deadline=None)
    def test_no_value_is_lost(self, tmp_path_factory: pytest.TempPathFactory, drawn: list[dict[str, Any]]) -> None:
        sets = rows(*drawn)
        path = tmp_path_factory.mktemp("encoding") / "part.parquet"
        path.write_bytes(encode(sets, 128))
        pd.testing.assert_frame_equal(decode(path), sets, check_exact=True)

    def test_printed_decimals_take_whole_numbers_and_others_doubles(self, tmp_path: Path) -> None:
        import pyarrow.parquet as pq

        for raan, kind in ((12.3456, "INT64"), (12.34567, "INT64"), (1 / 3, "DOUBLE")):
            path = tmp_path / "part.parquet"
            path.write_bytes(encode(rows({}, {"at": 1, "raan_deg": raan}), 128))
            types = {column.name: column.physical_type for column in pq.ParquetFile(path).schema}
            assert types["raan_deg"] == kind
            assert types["mean_motion_rev_day"] == "INT64"

    def test_negative_zero_is_zero(self, tmp_path: Path) -> None:
        sets = rows({"bstar_inv_er": -0.0, "raan_deg": -0.0})
        (tmp_path / "part.parquet").write_bytes(encode(sets, 128))
        assert not np.signbit(decode(tmp_path / "part.parquet")["bstar_inv_er"][0])
        assert (
            column_hash(sets, PUBLISHED) == column_hash(rows({"bstar_inv_er": 0.0, "raan_deg": 0.0}), PUBLISHED)
        ).all()

    def test_hashes_are_the_same_in_every_version(self) -> None:
        assert hex(int(column_hash(rows({}), PUBLISHED)[0])) == "0x3b441a71c86d3303"


class TestParts:
    def test_small_parts_are_merged_as_they_come(self, store: ElementStore) -> None:
        for day in range(16):
            store.append(rows({"at": 24 * day}))
        parts = [path for path in files(store) if path.suffix == ".parquet"]
        assert len(parts) <= 5
        assert len(store.history()) == 16

    def test_compaction_keeps_the_content_and_removes_orphans(self, store: ElementStore) -> None:
        for seed in range(4):
            store.append(fleet(9, 3, seed).iloc[: 27 - 8 * seed])
        (store.home / "bucket=0001" / ".x.tmp").write_text("left by a crash")
        (store.home / "bucket=0001" / "0123.parquet").write_text("left by a crash")
        before, history = state(store), store.history()
        store.compact()
        assert state(store) == before
        pd.testing.assert_frame_equal(store.history(), history)
        assert len(files(store)) == 1 + CONFIG.buckets
        assert store.damaged() == []
        listed = files(store)
        store.compact()
        assert files(store) == listed

    def test_the_number_of_buckets_belongs_to_the_store(self, store: ElementStore) -> None:
        store.append(fleet(9, 3))
        other = ElementStore(store.home, StoreConfig(buckets=7))
        assert other.append(fleet(9, 3)) == (0, 27)
        assert len(other.history([5])) == 3

    def test_readers_go_on_while_a_writer_replaces_parts(self, store: ElementStore) -> None:
        store.append(fleet(8, 4))
        stop, failures = threading.Event(), []

        def read() -> None:
            while not stop.is_set():
                try:
                    assert len(store.history([1, 2, 3])) >= 12
                except Exception as error:  # noqa: BLE001  # handed to the test
                    failures.append(error)
                    return

        reader = threading.Thread(target=read)
        reader.start()
        for day in range(15):
            store.append(rows({"at": 5000 + day}, {"at": 5000 + day, "norad_id": 2}))
        store.compact()
        stop.set()
        reader.join()
        assert failures == []


class CrashError(Exception):
    pass


def crash_at(monkeypatch: pytest.MonkeyPatch, step: int) -> Callable[[], int]:
    """Every write, replacement and removal of a file counts as a step; the one given fails."""
    done = 0

    def counted(action: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                raise CrashError
            return action(*args, **kwargs)

        return wrapper

    monkeypatch.setattr(Path, "write_bytes", counted(Path.write_bytes))
    monkeypatch.setattr(Path, "replace", counted(Path.replace))
    monkeypatch.setattr(atomic, "_sync", counted(atomic._sync))
    monkeypatch.setattr(os, "fsync", counted(os.fsync))
    unlink = Path.unlink

    def removed(self: Path, **kwargs: Any) -> None:
        if self.suffix == ".parquet":
            counted(unlink)(self, **kwargs)
        else:
            unlink(self, **kwargs)

    monkeypatch.setattr(Path, "unlink", removed)
    return lambda: done


@pytest.mark.slow
@pytest.mark.parametrize("write", ["append", "improve", "compact"])
def test_a_crash_at_any_step_leaves_the_old_or_the_new_state(tmp_path: Path, write: str) -> None:
    first, second = fleet(3, 4), fleet(3, 6, seed=5)
    second = pd.concat([second, first.assign(available_at=first["epoch"])]) if write == "improve" else second

    def prepared(folder: Path) -> ElementStore:
        store = ElementStore(folder, StoreConfig(buckets=1, row_group_rows=128))
        store.append(first)
        store.append(rows({"at": 900}, {"at": 950, "norad_id": 2}))
        return store

    def act(store: ElementStore) -> None:
        if write == "compact":
            store.compact()
        else:
            store.append(second)

    reference = prepared(tmp_path / "reference")
    old_history, old = reference.history(), state(reference)
    act(reference)
    new_history, new = reference.history(), state(reference)
    step, crashed, seen = 0, True, set()
    while crashed:
        step += 1
        store = prepared(tmp_path / f"step{step}")
        with pytest.MonkeyPatch.context() as patch:
            crash_at(patch, step)
            try:
                act(store)
                crashed = False
            except CrashError:
                pass
        now = state(store)
        seen.add(now)
        assert now in (old, new)
        pd.testing.assert_frame_equal(store.history(), new_history if now == new else old_history)
        assert store.damaged() == []
        act(store)
        assert state(store) == new
        pd.testing.assert_frame_equal(store.history(), new_history)
        store.compact()
        assert len(files(store)) == 2  # the manifest and one part: a crash leaves nothing behind for good
    assert step > 6
    assert seen == {old, new}


class TestDamage:
    def test_a_manifest_of_another_version(self, store: ElementStore) -> None:
        store.append(rows({}))
        manifest = store.home / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema_version": 3}))
        with pytest.raises(
            CorruptFileError, match=r"manifest\.json: written by another version of burnwatch \(schema 3"
        ):
            store.history()

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"buckets": 4, "parts": [{}]}', '{"buckets": "x"}'])
    def test_a_damaged_manifest(self, store: ElementStore, text: str) -> None:
        store.append(rows({}))
        (store.home / "manifest.json").write_text(text)
        for action in (store.history, store.count, store.compact, lambda: store.append(rows({"at": 1}))):
            with pytest.raises(CorruptFileError, match=r"manifest\.json: .*restore this file from a backup"):
                action()
        assert (store.home / "manifest.json").read_text() == text

    def test_a_lost_manifest_is_made_anew_by_the_next_write(
        self, store: ElementStore, caplog: pytest.LogCaptureFixture
    ) -> None:
        for seed in range(3):
            store.append(fleet(9, 3, seed))
        before, history, identity = state(store), store.history(), store.store_id()
        # As after a crash: a part that was replaced but not removed.
        left = next(path for path in files(store) if path.suffix == ".parquet")
        content = left.read_bytes()
        store.append(rows({"norad_id": decode(left)["norad_id"][0], "at": 900}))
        left.write_bytes(content)
        after = state(store), store.history()
        (store.home / "manifest.json").unlink()
        for action in (store.history, store.count, store.coverage, store.damaged):
            with pytest.raises(CorruptFileError, match=r"manifest\.json: missing beside its parts; .*burnwatch ingest"):
                action()
        assert store.append(fleet(9, 3)) == (0, 27)
        assert "made anew from its parts" in caplog.text
        assert state(store) == after[0] != before
        assert len(store.history()) == len(history) + 1
        pd.testing.assert_frame_equal(store.history(), after[1])
        assert store.store_id() not in ("", identity)
        assert store.damaged() == []

    def test_a_lost_manifest_is_not_made_anew_from_what_is_wrong(self, store: ElementStore) -> None:
        store.append(fleet(9, 3))
        (store.home / "manifest.json").unlink()
        with pytest.raises(CorruptFileError, match=r"not those of 7 buckets; set `store\.buckets`"):
            ElementStore(store.home, StoreConfig(buckets=7)).append(fleet(9, 3))
        part = next(path for path in files(store) if path.suffix == ".parquet")
        part.write_bytes(foreign())
        with pytest.raises(CorruptFileError, match=part.name):
            store.append(fleet(9, 3))
        assert not (store.home / "manifest.json").exists()

    @pytest.mark.parametrize("damage", ["cut", "flip", "empty", "foreign"])
    def test_a_damaged_part_is_named(self, store: ElementStore, damage: str) -> None:
        store.append(fleet(4, 40))
        store.compact()
        part = next(path for path in files(store) if path.suffix == ".parquet")
        data = bytearray(part.read_bytes())
        if damage == "flip":
            data[200] ^= 0xFF
        content = {"cut": bytes(data[:-20]), "flip": bytes(data), "empty": b"", "foreign": foreign()}[damage]
        part.write_bytes(content)
        with pytest.raises(CorruptFileError, match=part.name) as caught:
            store.history()
        assert caught.value.path == part
        assert [error.path for error in store.damaged()] == [part]

    def test_a_missing_part_is_named(self, store: ElementStore) -> None:
        store.append(rows({}))
        part = next(path for path in files(store) if path.suffix == ".parquet")
        part.unlink()
        with pytest.raises(CorruptFileError, match=f"{part.name}.*missing"):
            store.history()
        assert [error.path for error in store.damaged()] == [part]


def foreign() -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": [1]}), sink)
    return bytes(sink.getvalue().to_pybytes())


@pytest.mark.real_data
@pytest.mark.slow
def test_real_sets_are_stored_without_loss(real_data: Path, tmp_path: Path) -> None:
    frames = []
    for _, outcome in read_paths([real_data / "cases", real_data / "shorten2023" / "processed_files"]):
        if isinstance(outcome, Parsed):
            frames.append(stamp(outcome, source="file"))
    sets = pd.concat(frames)
    store = ElementStore(tmp_path / "elements")
    added, known = store.append(sets)
    assert added + known == len(sets)
    expected = sets.drop_duplicates(list(PUBLISHED)).sort_values(["norad_id", "epoch"], ignore_index=True)
    assert added == len(expected) > 30_000
    pd.testing.assert_frame_equal(store.history(), expected, check_exact=True)
    size = sum(path.stat().st_size for path in store.home.rglob("*.parquet")) / added
    assert size < 30


def test_groups_of_objects_that_lie_together(tmp_path: Path) -> None:
    store = ElementStore(tmp_path, CONFIG)
    ids = np.arange(1, 42)
    store.append(rows(*({"norad_id": int(norad_id)} for norad_id in ids)))
    groups = store.gathered(ids, 10)
    assert sorted(np.concatenate(groups)) == list(ids)
    assert max(map(len, groups)) == 10
    assert all(len(set(group % CONFIG.buckets)) <= 2 for group in groups)
    assert store.gathered(ids[:0], 10) == []
    assert store.gathered(ids[:0], 10, ids[:0]) == []


def test_objects_of_few_sets_count_for_less_in_a_group(tmp_path: Path) -> None:
    store = ElementStore(tmp_path, CONFIG)
    ids = np.arange(1, 2001)
    sets = np.where(ids <= 30, 5000, 1)
    groups = store.gathered(ids, 10, sets)
    assert sorted(np.concatenate(groups)) == list(ids)
    assert max((group <= 30).sum() for group in groups) <= 10
    assert len(groups) <= (30 + 1970 / 100) / 10 + 2


def test_every_issue_shows_what_one_knew_at_any_time(tmp_path: Path) -> None:
    store = ElementStore(tmp_path, CONFIG)
    store.append(
        rows(*({"at": at, "available": at + 6 + late, "raan_deg": 1.0 + late} for at in (0, 8, 16) for late in (0, 9)))
    )
    issues = store.history(every_issue=True)
    assert len(issues) == 6
    for hours in range(0, 40, 3):
        known = latest_issues(issues[issues["available_at"] <= at_hours(hours)])
        pd.testing.assert_frame_equal(known, store.history(as_of=at_hours(hours)))


def test_a_frozen_store_does_not_move(tmp_path: Path) -> None:
    store = ElementStore(tmp_path / "elements", CONFIG)
    store.append(rows(*({"norad_id": number} for number in range(1, 9))))
    before, name = store.history(), store.snapshot_id()
    (tmp_path / "frozen").mkdir()
    (tmp_path / "frozen" / "manifest.json").write_text("left by a killed process")
    with store.frozen(tmp_path / "frozen") as frozen:
        store.append(rows(*({"norad_id": number, "at": 8} for number in range(1, 12)), {"norad_id": 1, "available": 1}))
        store.compact()
        assert frozen.snapshot_id() == name != store.snapshot_id()
        pd.testing.assert_frame_equal(frozen.history(), before)
        assert frozen.damaged() == []
    assert not (tmp_path / "frozen").exists()
    assert store.damaged() == []
    assert len(store.history()) == 19


def test_a_store_is_frozen_where_files_cannot_be_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    store = ElementStore(tmp_path / "elements", CONFIG)
    with store.frozen(tmp_path / "frozen") as nothing:
        assert nothing.history().empty
    store.append(rows({"norad_id": 1}))
    with store.frozen(tmp_path / "frozen") as frozen:
        pd.testing.assert_frame_equal(frozen.history(), store.history())


def test_a_damaged_part_of_a_frozen_store_is_named_where_it_lies(tmp_path: Path) -> None:
    store = ElementStore(tmp_path / "elements", CONFIG)
    store.append(rows({"norad_id": 1}))
    (part,) = store.home.glob("bucket=*/*.parquet")
    part.write_bytes(b"spoilt")
    with pytest.raises(CorruptFileError) as caught, store.frozen(tmp_path / "frozen") as frozen:
        frozen.history()
    assert caught.value.path == part
    part.unlink()
    with pytest.raises(CorruptFileError) as caught, store.frozen(tmp_path / "frozen"):
        pass
    assert caught.value.path == part


def test_a_part_that_vanishes_while_it_is_linked_is_looked_for_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ElementStore(tmp_path / "elements", CONFIG)
    store.append(rows({"norad_id": 1}))
    store.append(rows({"norad_id": 1, "at": 8}))
    link, calls = Path.hardlink_to, 0

    def compacted_first(self: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            ElementStore(tmp_path / "elements", CONFIG).append(rows({"norad_id": 1, "available": 1}))
            ElementStore(tmp_path / "elements", CONFIG).compact()
        link(self, target)

    monkeypatch.setattr(Path, "hardlink_to", compacted_first)
    with store.frozen(tmp_path / "frozen") as frozen:
        pd.testing.assert_frame_equal(frozen.history(), store.history())
        assert frozen.snapshot_id() == store.snapshot_id()
