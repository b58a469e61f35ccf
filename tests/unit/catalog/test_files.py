import gzip
import io
import os
import struct
import tarfile
import time
import tracemalloc
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from catalog import quarantine
from catalog.errors import CatalogError
from catalog.parse import Parsed, ParseError
from catalog.parse.tle import parse_tle
from catalog.sources.files import NothingToRead, list_files, read_file, read_paths
from configs.catalog import IngestConfig
from tests.naive import catalog as naive
from tests.tle_files import with_wrong_checksum

SETS = [naive.element_set(norad_id=number) for number in (101, 102, 103)]
TLE = "".join(f"{line}\n" for one in SETS for line in naive.tle_lines(one)).encode()
JSON = naive.omm_json([naive.omm(naive.published(SETS[0]))])


def read(*paths: Path, **limits: Any) -> dict[Path, Parsed | CatalogError]:
    outcomes = list(read_paths(paths, IngestConfig(**limits)))
    assert len({path for path, _ in outcomes}) == len(outcomes)
    return dict(outcomes)


def error(path: Path, **limits: Any) -> CatalogError:
    (outcome,) = read(path, **limits).values()
    assert isinstance(outcome, CatalogError)
    assert str(path) in str(outcome)
    assert "\n" not in str(outcome)
    return outcome


def counts(outcomes: dict[Path, Parsed | CatalogError]) -> dict[str, int]:
    return {path.name: len(outcome.element_sets) for path, outcome in outcomes.items() if isinstance(outcome, Parsed)}


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_folder_is_walked_in_order_and_other_files_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "b" / "deep").mkdir(parents=True)
    (tmp_path / "b" / "deep" / "Z.TLE").write_bytes(TLE)
    (tmp_path / "b" / "c.json.gz").write_bytes(gzip.compress(JSON))
    (tmp_path / "a.3le").write_bytes(b"0 NAME\n" + TLE)
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    (tmp_path / "LICENSE").write_text("words")
    (tmp_path / "loop").symlink_to(tmp_path)
    zipped(tmp_path / "y.zip", {"in/one.txt": TLE, "readme.md": b"words", "two.tle.gz": gzip.compress(TLE)})
    outcomes = read(tmp_path)
    assert [str(path.relative_to(tmp_path)) for path in outcomes] == [
        "a.3le",
        "y.zip/in/one.txt",
        "y.zip/two.tle.gz",
        "b/c.json.gz",
        "b/deep/Z.TLE",
    ]
    assert counts(outcomes) == {"a.3le": 3, "one.txt": 3, "two.tle.gz": 3, "c.json.gz": 1, "Z.TLE": 3}
    listed = list_files([tmp_path, tmp_path / "a.3le"])
    assert len(listed.files) == 4
    assert listed.skipped == 2  # and a linked folder is not followed


def test_a_given_file_is_read_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "sets.dat").write_bytes(TLE)
    (tmp_path / "sets").write_bytes(gzip.compress(TLE[: len(TLE) // 2]) + gzip.compress(TLE[len(TLE) // 2 :]))
    assert counts(read(tmp_path / "sets.dat", tmp_path / "sets", tmp_path / "sets.dat")) == {"sets.dat": 3, "sets": 3}


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.tle").write_bytes(b"")
    (tmp_path / "b.json").write_bytes(JSON[:-20])
    (tmp_path / "c.tle").write_bytes(TLE)
    outcomes = read(tmp_path / "missing.tle", tmp_path)
    assert [type(outcome) for outcome in outcomes.values()] == [ParseError, ParseError, ParseError, Parsed]


def test_a_folder_of_images_is_nothing_to_read(tmp_path: Path) -> None:
    for name in ("a.png", "b.jpg"):
        (tmp_path / name).write_bytes(b"\x89PNG")
    found = error(tmp_path)
    assert isinstance(found, NothingToRead)
    assert found.skipped == 2
    assert isinstance(error(zipped(tmp_path / "x.zip", {"a.png": b"\x89PNG"})), NothingToRead)
    (tmp_path / "empty").mkdir()
    assert isinstance(error(tmp_path / "empty"), NothingToRead)


def test_an_image_given_by_name_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "photo.tle"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(2000))
    assert "PNG image" in str(error(path))


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tle")
    assert "not a regular file" in str(error(tmp_path / "pipe.tle"))
    assert "no such file" in str(error(tmp_path / "missing.tle"))
    (tmp_path / "dangling.tle").symlink_to(tmp_path / "nowhere")
    assert isinstance(error(tmp_path), NothingToRead)


def test_gzip_that_is_cut_or_damaged_or_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "sets.tle.gz"
    whole = gzip.compress(TLE)
    path.write_bytes(whole[:-10])
    assert "cut" in str(error(path))
    path.write_bytes(whole[:-8] + b"\0\0\0\0" + whole[-4:])
    assert "damaged" in str(error(path))
    path.write_bytes(whole[:30] + b"\xff\xff\xff\xff" + whole[34:])
    assert isinstance(error(path), ParseError)
    path.write_bytes(gzip.compress(whole))
    assert "gzip inside another" in str(error(path))


def test_a_bomb_is_stopped_early(tmp_path: Path) -> None:
    line = naive.tle_lines(SETS[0])[0].encode() + b"\n"
    bomb = gzip.compress(line * 500_000, 1)
    path = tmp_path / "bomb.tle.gz"
    path.write_bytes(bomb)
    inside = zipped(tmp_path / "bomb.zip", {"bomb.tle": b"name\n" * 4_000_000})
    tracemalloc.start()
    found = error(path, max_compression_ratio=50.0)
    inside_found = error(inside)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "decompression bomb" in str(found)
    assert "decompression bomb" in str(inside_found)
    assert peak < 40 << 20


def test_size_limits(tmp_path: Path) -> None:
    path = tmp_path / "sets.tle"
    path.write_bytes(TLE * 200)
    assert "max_file_bytes" in str(error(path, max_file_bytes=20_000, chunk_bytes=1024))
    archive = zipped(tmp_path / "sets.zip", {"a.tle": TLE * 30, "b.tle": TLE * 30})
    assert all("max_file_bytes" in str(found) for found in read(archive, max_file_bytes=10_000).values())
    assert counts(read(archive, max_file_bytes=20_000)) == {"a.tle": 90, "b.tle": 90}
    assert "more than 1" in str(error(archive, max_archive_members=1))


@pytest.mark.parametrize("name", ["../evil.tle", "/etc/evil.tle", "a/../../evil.tle", "..\\evil.tle", "C:\\evil.tle"])
def test_a_member_that_leads_out_of_its_archive(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = zipped(inside / "slip.zip", {name: TLE, "good.tle": TLE})
    before = sorted(tmp_path.rglob("*"))
    outcomes = read(archive)
    assert sorted(tmp_path.rglob("*")) == before
    assert counts(outcomes) == {"good.tle": 3}
    (bad,) = (outcome for outcome in outcomes.values() if isinstance(outcome, CatalogError))
    assert "leads out of the archive" in str(bad)


def test_archives_that_cannot_be_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "sets.zip", {"a.tle": TLE, "b.tle": TLE})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged or cut zip" in str(error(path))
    path.write_bytes(whole.replace(TLE[:4], b"XXXX", 1) if TLE[:4] in whole else whole[:60] + b"\xff\xff" + whole[62:])
    outcomes = read(path)
    assert counts(outcomes) == {"b.tle": 3}
    assert isinstance(outcomes[path / "a.tle"], ParseError)
    encrypted = bytearray(whole)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.index(magic) + offset
        struct.pack_into("<H", encrypted, at, struct.unpack_from("<H", whole, at)[0] | 1)
    path.write_bytes(encrypted)
    assert "encrypted" in str(read(path)[path / "a.tle"])
    zipped(path, {"a.tle": TLE}, zipfile.ZIP_LZMA)
    assert "other than deflate" in str(read(path)[path / "a.tle"])
    zipped(path, {"nested.zip": zipped(tmp_path / "n.zip", {"a.tle": TLE}).read_bytes()})
    assert "zip archive inside another" in str(read(path)[path / "nested.zip"])
    path.write_bytes(zipped(path, {"a.tle": TLE}).read_bytes().replace(b"a.tle", b"\0.tle"))
    assert isinstance(error(path), NothingToRead), "a member without a name is none of element sets"
    zipped(path, {})
    assert isinstance(error(path), NothingToRead)


def tarred(path: Path, members: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize(("name", "mode"), [("sets.tar", "w"), ("sets.tar.gz", "w:gz"), ("sets.tgz", "w:gz")])
def test_a_tar_archive_loses_no_set_of_its_members(tmp_path: Path, name: str, mode: str) -> None:
    path = tarred(tmp_path / name, {"a.tle": TLE, "in/b.3le": b"0 ONE\n" + TLE, "c.tle.gz": gzip.compress(TLE)}, mode)
    assert counts(read(tmp_path)) == {"a.tle": 3, "b.3le": 3, "c.tle.gz": 3}
    assert isinstance(error(tarred(path, {"readme.md": b"words"}, mode)), NothingToRead)


def test_a_hostile_tar_archive(tmp_path: Path) -> None:
    path = tmp_path / "sets.tar"
    with tarfile.open(path, "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE):
            member = tarfile.TarInfo("linked.tle")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        for name in ("../evil.tle", "/etc/evil.tle", "good.tle"):
            member = tarfile.TarInfo(name)
            member.size = len(TLE)
            archive.addfile(member, io.BytesIO(TLE))
    outcomes = read(path)
    assert counts(outcomes) == {"good.tle": 3}
    bad = [str(outcome) for outcome in outcomes.values() if isinstance(outcome, CatalogError)]
    assert len(bad) == 2
    assert all("leads out of the archive" in message for message in bad)
    assert "more than 3" in str(next(read_file(path, IngestConfig(max_archive_members=3)))[1])


def test_a_tar_archive_that_is_cut_damaged_or_a_bomb(tmp_path: Path) -> None:
    path = tarred(tmp_path / "sets.tar", {"a.tle": TLE, "b.tle": TLE}, "w")
    whole = path.read_bytes()
    for damage in (whole[:1300], whole[: 512 + 512], whole[:1024] + b"x" * 512 + whole[1536:]):
        path.write_bytes(damage)
        assert any("damaged or cut tar" in str(outcome) for _, outcome in read_file(path))
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 40
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT))
    assert "a tar header of" in str(error(path))
    bomb = tarred(tmp_path / "bomb.tar.gz", {"bomb.tle": b"name\n" * 1_000_000})
    assert "decompression bomb" in str(error(bomb, max_compression_ratio=50.0))


def test_what_lies_in_a_damaged_gzip_is_not_taken_however_much_of_it_is_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.parse.parse_tle", partial(parse_tle, sets_at_once=1))
    path = tmp_path / "sets.tle.gz"
    path.write_bytes(gzip.compress(TLE * 1000)[:-8])
    assert [type(outcome) for _, outcome in read_file(path, IngestConfig(chunk_bytes=1024))] == [ParseError]


def test_a_large_file_comes_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.parse.parse_tle", partial(parse_tle, sets_at_once=50))
    path = zipped(tmp_path / "year.zip", {"year.txt": b"0 ONE\n" + TLE * 100})
    parts = [part for _, part in read_file(path, IngestConfig(chunk_bytes=2048))]
    assert len(parts) > 3
    assert all(isinstance(part, Parsed) for part in parts)
    (whole,) = (part for _, part in read_paths([path]))
    monkeypatch.undo()
    (at_once,) = (part for _, part in read_paths([path]))
    assert isinstance(whole, Parsed)
    assert isinstance(at_once, Parsed)
    pd.testing.assert_frame_equal(whole.element_sets, at_once.element_sets)
    pd.testing.assert_frame_equal(whole.names, at_once.names)
    assert len(whole.element_sets) == 300


def test_the_shadows_that_macos_leaves_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    shadow = b"\x00\x05\x16\x07" + bytes(100)
    (folder / "__MACOSX").mkdir(parents=True)
    (folder / "a.tle").write_bytes(TLE)
    (folder / "._a.tle").write_bytes(shadow)
    (folder / "__MACOSX" / "b.tle").write_bytes(shadow)
    members = {"a.tle": TLE, "._a.tle": shadow, "__MACOSX/._a.tle": shadow}
    zipped(folder / "z.zip", members)
    tarred(folder / "t.tar.gz", members)
    outcomes = read(folder)
    assert len(outcomes) == 3
    assert all(isinstance(outcome, Parsed) for outcome in outcomes.values())
    assert list_files([folder]).skipped == 0


def test_a_name_that_is_not_utf8_is_written_out(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.tle"))
    path.write_bytes(with_wrong_checksum(TLE))
    (parsed,) = read(path).values()
    assert isinstance(parsed, Parsed)
    assert parsed.refused["file"][0].endswith("caf\\xe9.tle")
    assert quarantine.append(tmp_path, parsed.refused) == 1


@pytest.mark.parametrize(
    "data",
    [
        TLE + b"\n" * 17_000_000 + TLE,
        TLE[:-1] + b" " * 900_000 + b"\n" + TLE[:-1] + b" " * 900_000 + b"\n",
        TLE + b" \n" * 4_000_000,
        TLE + b"         \n" * 800_000,
        TLE + b"x\n" * 4_000_000,
        TLE + b"1 \n" * 3_000_000,
    ],
    ids=["blank lines", "trailing blanks", "lines of a blank", "lines of blanks", "junk", "halves"],
)
def test_a_small_file_that_is_large_costs_little(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "sets.tle.gz"
    path.write_bytes(gzip.compress(data))
    config = IngestConfig(max_compression_ratio=1e4)
    tracemalloc.start()
    (_, parsed), *_ = read_file(path, config)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    begin = time.process_time()
    assert len(list(read_file(path, config))) == 1
    assert isinstance(parsed, Parsed)
    assert len(parsed.element_sets) >= 3
    assert time.process_time() - begin < 2.0
    assert peak < 150 << 20


@pytest.mark.real_data
@pytest.mark.slow
def test_every_real_file_is_read_whole(real_data: Path) -> None:
    total = 0
    for path, outcome in read_paths(
        [real_data / name for name in ("cases", "controls", "geo_belt_2026", "catalogue_2026-05")]
    ):
        assert isinstance(outcome, Parsed), outcome
        first_lines = gzip.decompress(path.read_bytes()).count(b"\n1 ") + 1
        assert len(outcome.element_sets) == first_lines
        assert outcome.refused.empty
        total += first_lines
    assert total > 700_000
