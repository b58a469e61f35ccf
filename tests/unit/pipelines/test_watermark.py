"""The watermark names exactly the objects that have something new."""

from pathlib import Path

import pandas as pd
import pytest

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


def test_everything_is_behind_an_absent_watermark(tmp_path: Path) -> None:
    behind = Watermark.read(tmp_path / "scored.json", "1").behind(coverage(n1=(10, 5), n2=(4, 2)))
    assert behind["norad_id"].tolist() == [1, 2]
    assert behind["count_scored"].tolist() == [0, 0]
    assert behind["last_epoch_scored"].isna().all()


def test_only_changed_objects_are_behind(tmp_path: Path) -> None:
    path = tmp_path / "scored.json"
    Watermark("1", coverage(n1=(10, 5), n2=(4, 2), n3=(7, 7))).write(path)
    behind = Watermark.read(path, "1").behind(coverage(n1=(10, 5), n2=(5, 3), n3=(8, 7), n4=(1, 1)))
    assert behind["norad_id"].tolist() == [2, 3, 4]
    assert behind["count_scored"].tolist() == [4, 7, 0]


def test_the_epoch_survives_to_the_microsecond(tmp_path: Path) -> None:
    exact = coverage(n1=(10, 5))
    exact["last_epoch"] += pd.Timedelta(microseconds=123_457)
    Watermark("1", exact).write(tmp_path / "scored.json")
    assert Watermark.read(tmp_path / "scored.json", "1").behind(exact).empty


def test_another_model_or_configuration_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "scored.json"
    Watermark("1 abc", coverage(n1=(10, 5))).write(path)
    assert len(Watermark.read(path, "2 abc").behind(coverage(n1=(10, 5)))) == 1


def test_a_crash_while_writing_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scored.json"
    Watermark("1", coverage(n1=(10, 5))).write(path)

    def crash(*_: object) -> None:
        raise OSError("the power went")

    monkeypatch.setattr(module, "replace_bytes", crash)
    with pytest.raises(OSError, match="power"):
        Watermark("1", coverage(n1=(11, 6))).write(path)
    assert Watermark.read(path, "1").objects["count"].tolist() == [10]
