"""Files that are either the old or the new one."""

import os
from pathlib import Path

import pytest

from catalog.atomic import replace_bytes, replacing


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
