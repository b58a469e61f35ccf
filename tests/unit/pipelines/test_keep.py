"""Frames that are kept between runs."""

from __future__ import annotations

import pandas as pd
import pytest

from pipelines.keep import Keep


@pytest.fixture
def keep(tmp_path) -> Keep:
    return Keep(tmp_path / "kept")


FRAME = pd.DataFrame(
    {"norad_id": [1, 2], "name": ["a", "b"], "at": pd.to_datetime(["2020-01-01", "2021-01-01"], utc=True)}
)


def never() -> pd.DataFrame:
    raise AssertionError("it was made again")


def test_a_frame_is_made_once_for_what_it_is_made_from(keep):
    made = keep.frame("jobs", {"a": 1}, lambda: FRAME)
    pd.testing.assert_frame_equal(keep.frame("jobs", {"a": 1}, never), made)
    assert keep.path("jobs", {"a": 1}).is_file()
    for kind, made_from in (("jobs", {"a": 2}), ("features", {"a": 1})):
        assert not keep.path(kind, made_from).is_file()
        with pytest.raises(AssertionError):
            keep.frame(kind, made_from, never)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_file_is_made_again(keep, damage):
    keep.frame("jobs", 1, lambda: FRAME)
    path = keep.path("jobs", 1)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        data = data[: len(data) // 2]
    elif damage == "flip":
        data[30] ^= 0xFF
    else:
        data = bytearray(b"" if damage == "empty" else b"not parquet at all")
    path.write_bytes(data)
    pd.testing.assert_frame_equal(keep.frame("jobs", 1, lambda: FRAME), FRAME)
    pd.testing.assert_frame_equal(keep.frame("jobs", 1, never), FRAME, check_dtype=False)


def test_what_fails_leaves_nothing_behind(keep):
    with pytest.raises(AssertionError):
        keep.frame("jobs", 1, never)
    assert not any(path.is_file() for path in keep.folder.rglob("*"))
