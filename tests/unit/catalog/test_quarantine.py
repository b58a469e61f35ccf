from pathlib import Path

import pandas as pd
import pytest

from catalog import quarantine
from catalog.parse.result import REFUSED_DTYPES, Refusal, refused_frame


def refused(*lines: int) -> pd.DataFrame:
    return refused_frame(
        "sets.tle", [Refusal(line, "checksum", "damaged \u2028 \x00", f"1 text {line}\n2") for line in lines]
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    assert quarantine.read(tmp_path).empty
    assert quarantine.append(tmp_path, refused(5, 6)) == 2
    assert quarantine.append(tmp_path, refused(2)) == 1
    pd.testing.assert_frame_equal(quarantine.read(tmp_path), refused(2, 5, 6))


def test_keeping_again_changes_nothing(tmp_path: Path) -> None:
    quarantine.append(tmp_path, refused(5, 6))
    assert quarantine.append(tmp_path, refused(5, 6)) == 0
    assert quarantine.append(tmp_path, refused()) == 0
    assert len(quarantine.read(tmp_path)) == 2
    assert len(list((tmp_path / "quarantine").iterdir())) == 1
    assert quarantine.read(tmp_path).dtypes.astype(str).to_dict() == REFUSED_DTYPES


def test_a_damaged_quarantine_says_which_file(tmp_path: Path) -> None:
    quarantine.append(tmp_path, refused(5))
    (path,) = (tmp_path / "quarantine").iterdir()
    path.write_text('{"file": ')
    with pytest.raises(quarantine.CorruptQuarantineError, match=path.name):
        quarantine.read(tmp_path)
