"""The watermark names exactly the objects that have something new."""

from pathlib import Path

import pandas as pd
import pytest

from catalog.errors import CorruptFileError
from pipelines import watermark as module
from pipelines.watermark import Watermark


def coverage(**sets_and_days: tuple[int, int]) -> pd.DataFrame:
    rows = [
        {
            "norad_id": int(name[1:]),
            "count": sets,
            "last_epoch": pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(days=day),
        }
        for name, (sets, day) in sets_and_days.items()
    ]
    return pd.DataFrame(rows).astype({"last_epoch": "datetime64[us, UTC]"})


def read(path: Path) -> Watermark:
    found = Watermark.read(path)
    assert found is not None
    return found


def test_everything_is_behind_an_absent_watermark() -> None:
    behind = Watermark.none("1").behind(coverage(n1=(10, 5), n2=(4, 2)))
    assert behind["norad_id"].tolist() == [1, 2]
    assert behind["count_scored"].tolist() == [0, 0]
    assert behind["last_epoch_scored"].isna().all()


def test_only_changed_objects_are_behind(tmp_path: Path) -> None:
    path = tmp_path / "scored.json"
    Watermark("1", coverage(n1=(10, 5), n2=(4, 2), n3=(7, 7))).write(path)
    behind = read(path).behind(coverage(n1=(10, 5), n2=(5, 3), n3=(8, 7), n4=(1, 1)))
    assert behind["norad_id"].tolist() == [2, 3, 4]
    assert behind["count_scored"].tolist() == [4, 7, 0]


def test_the_epoch_survives_to_the_microsecond(tmp_path: Path) -> None:
    exact = coverage(n1=(10, 5))
    exact["last_epoch"] += pd.Timedelta(microseconds=123_457)
    Watermark("1", exact).write(tmp_path / "scored.json")
    assert read(tmp_path / "scored.json").behind(exact).empty


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": "1"}', '{"key": "1", "objects": "norad_id\\n1"}', "\xff"])
def test_a_damaged_one_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "scored.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CorruptFileError, match=r"scored\.json: not a readable watermark; the next `burnwatch score`"):
        Watermark.read(path)


def test_a_crash_while_writing_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scored.json"
    Watermark("1", coverage(n1=(10, 5))).write(path)

    def crash(*_: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr(module, "replace_bytes", crash)
    with pytest.raises(OSError, match="power"):
        Watermark("1", coverage(n1=(11, 6))).write(path)
    assert read(path).objects["count"].tolist() == [10]
