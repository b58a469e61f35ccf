"""What a person reads when the machine refuses: file, what is wrong, what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from catalog import atomic
from catalog.atomic import replace_bytes
from configs.review import ReviewConfig
from pipelines.cli.main import _one_line
from review.database import Database
from review.errors import StoreUnavailableError


def refused(code: int) -> OSError:
    return OSError(code, os.strerror(code))


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, ["No space left on device (", " MB free)", "make room and run the same command again"]),
        (errno.EROFS, ["Read-only file system", "make it writable, or give another home"]),
        (errno.EACCES, ["Permission denied", "give this user the right"]),
    ],
)
def test_what_the_disk_refuses_names_the_file_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, says: list[str]
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise refused(code)

    monkeypatch.setattr(Path, "write_bytes", full)
    path = tmp_path / "elements" / "part.parquet"
    with pytest.raises(OSError) as caught:  # noqa: PT011 - the code is what is asked
        replace_bytes(path, b"x")
    line = _one_line(caught.value)
    assert line.startswith(f"{path}: ")
    assert all(part in line for part in says), line
    assert list(path.parent.iterdir()) == []


def test_where_no_temporary_file_has_room_the_folders_are_named_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "full")])
    with pytest.raises(OSError, match="No usable temporary directory") as caught:
        tempfile.TemporaryDirectory()
    line = _one_line(caught.value)
    assert str(tmp_path / "full") in line
    assert "name another folder in $TMPDIR, and run the same command again" in line


def test_the_scratch_file_is_never_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(path: Path) -> None:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr(atomic, "_sync", fails)
    with pytest.raises(OSError, match=r"scored\.json") as caught:
        replace_bytes(tmp_path / "scored.json", b"x")
    assert caught.value.filename == str(tmp_path / "scored.json")


def test_a_locked_database_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "review.sqlite"
    config = ReviewConfig(lock_timeout_s=0.1)
    with closing(Database(f"sqlite:///{path}", config)) as database:
        other = sqlite3.connect(path)
        other.execute("BEGIN IMMEDIATE")
        with (
            pytest.raises(StoreUnavailableError, match=r"review\.sqlite.*locked; another process has been writing"),
            database.writing(),
        ):
            pass
        other.close()
