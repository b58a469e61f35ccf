"""Files that are either the old or the new one."""

import fcntl
import os
from pathlib import Path

import pandas as pd
import pytest

from catalog.atomic import read_parquet, replace_bytes, replace_parquet, replacing, scratch_folder, sweep
from catalog.errors import CorruptFileError


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    replace_bytes(path, b"old")
    with pytest.raises(IsADirectoryError), replacing(path) as scratch:
        tmp_path.write_bytes(scratch.read_bytes())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o007, 0o660)])
def test_files_have_the_mode_that_the_umask_asks_for(mask: int, mode: int, tmp_path: Path) -> None:
    before = os.umask(mask)
    try:
        replace_bytes(tmp_path / "shared", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "shared").stat().st_mode & 0o777 == mode


def test_a_table_comes_back_with_what_was_noted(tmp_path: Path) -> None:
    frame = pd.DataFrame({"number": [1, 2], "text": ["a", None]})
    replace_parquet(tmp_path / "table", frame, {"mark": "x"})
    found = read_parquet(tmp_path / "table", "make it anew")
    pd.testing.assert_frame_equal(found, frame)
    assert found.attrs == {"mark": "x"}
    assert frame.attrs == {}


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_no_byte_of_a_table_can_be_lost_unseen(bit: int, tmp_path: Path) -> None:
    path = tmp_path / "table"
    frame = pd.DataFrame({"number": range(50), "text": [str(row) for row in range(50)]})
    replace_parquet(path, frame)
    data, said = path.read_bytes(), []
    for at in range(0, len(data), 7):
        path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        try:
            pd.testing.assert_frame_equal(read_parquet(path, "make it anew"), frame)  # the byte said nothing
        except CorruptFileError as error:
            said.append(str(error))
    assert len(said) > len(data) / 20
    assert all(one.startswith(f"{path}: damaged: ") and one.endswith("; make it anew") for one in said)


def test_what_a_killed_process_left_is_swept_and_what_a_living_one_holds_stays(tmp_path: Path) -> None:
    (tmp_path / ".left.tmp").write_text("half")
    (tmp_path / ".folder.tmp" / "below").mkdir(parents=True)
    (tmp_path / ".hidden").write_text("not ours")
    with replacing(tmp_path / "state") as file, scratch_folder(tmp_path) as folder:
        file.write_text("whole")
        (folder / "model").write_text("whole")
        sweep(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {".hidden", file.name, folder.name}
    assert {path.name for path in tmp_path.iterdir()} == {".hidden", "state"}
    assert (tmp_path / "state").read_text() == "whole"


def test_a_scratch_that_is_swept_before_it_is_held_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, swept = fcntl.flock, []

    def first_swept(descriptor: int, how: int) -> None:
        if not swept:
            swept.append(next(tmp_path.iterdir()))
            swept[0].unlink()
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", first_swept)
    replace_bytes(tmp_path / "state", b"whole")
    assert swept
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


def test_what_a_dead_process_left_beside_a_file_goes_and_nothing_else(tmp_path):
    left = [".a[1].db.0123.tmp", ".a[1].db.0123.tmp-wal", ".a[1].db.0123.tmp-journal"]
    others = [".b.db.0123.tmp", ".a1.db.0123.tmp", "a[1].db", ".profile.tmp"]
    for name in (*left, *others):
        (tmp_path / name).touch()
    sweep(tmp_path, "a[1].db")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(others)
