"""Element sets from files into the home: what is told, what is kept, and what a killed reading leaves."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import quarantine
from catalog.objects import ObjectCatalog
from catalog.parse.tle import parse_tle
from catalog.store import AppendResult, ElementStore
from configs.schema import BurnwatchConfig
from pipelines import ingest
from pipelines.home import Home
from pipelines.ingest import ingest_files
from tests.naive import catalog as naive
from tests.tle_files import tle_bytes, with_wrong_checksum

CONFIG = BurnwatchConfig()


def lines(norad_id: int = 98765, tick: int = 12_345_678_901) -> bytes:
    return "".join(f"{line}\n" for line in naive.tle_lines(naive.element_set(norad_id=norad_id, tick=tick))).encode()


def name_of(home: Home, norad_id: int = 98765) -> str:
    return ObjectCatalog(home.path).name_of([norad_id]).get(norad_id, "")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home")


def test_refusals_are_told_with_reasons_share_and_folder(home: Home, tmp_path: Path) -> None:
    good = lines()
    path = tmp_path / "sets.tle"
    path.write_bytes(good * 5 + with_wrong_checksum(good) * 2 + b"junk\n")
    summary = ingest_files(home, CONFIG, [path])
    assert not summary.failed
    (told,) = (line for line in summary.lines() if "refused" in line)
    assert told.startswith("3 records refused (38% of 8): checksum: the checksum does not match")
    assert "fetch it again (2); this line is neither an element set nor its name (1);" in told
    assert told.endswith(str(home.path / "quarantine"))


@pytest.mark.parametrize("good", [0, 1])
def test_a_file_that_is_mostly_lost_fails_the_run_and_keeps_what_is_good(home: Home, tmp_path: Path, good: int) -> None:
    bad = with_wrong_checksum(lines())
    (tmp_path / "lost.tle").write_bytes(lines() * good + bad * 3)
    (tmp_path / "whole.tle").write_bytes(lines(5) + lines(6))
    summary = ingest_files(home, CONFIG, [tmp_path / "lost.tle", tmp_path / "whole.tle"])
    assert summary.failed
    (error,) = summary.errors
    assert (
        f"lost.tle: {'most' if good else 'all'} of it was lost, 3 records refused ({75 if good else 100}% of" in error
    )
    assert ElementStore(home.elements).count() == 2 + good


def test_records_beyond_those_that_are_kept_are_counted(home: Home, tmp_path: Path) -> None:
    (tmp_path / "sets.tle").write_bytes(lines() + with_wrong_checksum(lines()) * 9)
    config = CONFIG.model_copy(update={"ingest": CONFIG.ingest.model_copy(update={"max_refused_per_file": 2})})
    summary = ingest_files(home, config, [tmp_path / "sets.tle"])
    assert summary.refused == 9
    assert "9 records refused (90% of 10): checksum" in summary.errors[0]
    assert "(2); …" in summary.errors[0]


def test_sets_without_checksums_are_counted(home: Home, tmp_path: Path) -> None:
    bare = b"".join(line[:68] + b"\\\n" for line in lines().splitlines())
    (tmp_path / "year.txt").write_bytes(bare + lines(5))
    summary = ingest_files(home, CONFIG, [tmp_path / "year.txt"])
    assert summary.unverified == 1
    assert "1 of them have no checksum: taken by their layout alone, unverified" in summary.lines()


def test_a_name_that_is_not_utf8_stops_nothing(home: Home, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.tle"))
    odd.write_bytes(lines() + with_wrong_checksum(lines(6)))
    (tmp_path / "good.tle").write_bytes(lines(5))
    notes: list[str] = []
    summary = ingest_files(
        home, CONFIG, [odd, tmp_path / "good.tle"], advance=lambda _=1, *, note="": notes.append(note)
    )
    assert summary.added == 2
    assert quarantine.read(home.path)["file"].tolist() == [f"{tmp_path}/caf\\xe9.tle"]
    assert notes == ["caf\\xe9.tle", "good.tle"]


def test_a_reading_killed_at_any_store_gives_the_same_when_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.parse.parse_tle", partial(parse_tle, sets_at_once=10))
    monkeypatch.setattr(ingest, "ROWS_PER_APPEND", 10)
    config = CONFIG.model_copy(update={"ingest": CONFIG.ingest.model_copy(update={"chunk_bytes": 1024})})
    path = tmp_path / "year.txt"
    path.write_bytes(tle_bytes(60) + with_wrong_checksum(lines()))
    undisturbed = Home.at(tmp_path / "undisturbed")
    ingest_files(undisturbed, config, [path])
    expected = ElementStore(undisturbed.elements).snapshot_id()
    append = ElementStore.append
    for stores in range(4):
        home = Home.at(tmp_path / str(stores))
        left = iter(range(stores))

        def killed(
            store: ElementStore, element_sets: pd.DataFrame, left: Iterator[int] = left, **more: Any
        ) -> AppendResult:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return append(store, element_sets, **more)

        monkeypatch.setattr(ElementStore, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest_files(home, config, [path])
        monkeypatch.setattr(ElementStore, "append", append)
        stored = ElementStore(home.elements).count()
        assert stored >= 10 * stores
        again = ingest_files(home, config, [path])
        assert (again.read, again.added) == (60, 60 - stored)
        assert ElementStore(home.elements).snapshot_id() == expected
        assert len(quarantine.read(home.path)) == 1


def test_a_known_name_is_not_replaced_by_what_only_one_file_says(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "sets.tle"
    for text, expected in [
        (b"OBJECT A\n" + lines(), "OBJECT A"),
        (b"0 REAL NAME\n" + lines(), "REAL NAME"),
        (lines(), "REAL NAME"),
        (b"a remark\n" + lines(), "REAL NAME"),
        (b"0 ANOTHER\n" + lines(), "REAL NAME"),
    ]:
        path.write_bytes(text)
        ingest_files(home, CONFIG, [path])
        assert name_of(home) == expected
    (tmp_path / "objects.csv").write_text("norad_id,name,intl_designator\n98765,ANOTHER,98067A\n")
    ingest.ingest_objects(home, CONFIG, [tmp_path / "objects.csv"])
    ingest_files(home, CONFIG, [path])
    assert name_of(home) == "ANOTHER"


def test_of_the_names_in_one_reading_the_first_stands(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.tle").write_bytes(b"0 REAL NAME\n" + lines())
    (tmp_path / "b.tle").write_bytes(b"a remark\n" + lines())
    ingest_files(home, CONFIG, [tmp_path])
    assert name_of(home) == "REAL NAME"


@pytest.mark.parametrize("body", [b"No GP data found", b'{"error":"You have violated your query rate limit."}'])
def test_a_saved_error_is_quoted(home: Home, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "gp.json").write_bytes(body)
    summary = ingest_files(home, CONFIG, [tmp_path / "gp.json"])
    assert summary.failed
    assert body.decode() in summary.errors[0]
