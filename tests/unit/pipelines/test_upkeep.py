"""Upkeep merges the store's files, and fails where a byte is not what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_files
from pipelines.upkeep import DamageError, upkeep
from review.runs import Outcome, RunLog
from tests.tle_files import tle_bytes

CONFIG = BurnwatchConfig()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    days = tle_bytes(68).splitlines(keepends=True)
    # The second is so small that the store does not merge it with the first by itself.
    for name, lines in {"long": days[:120], "short": days[120:]}.items():
        (tmp_path / f"{name}.tle").write_bytes(b"".join(lines))
        ingest_files(home, CONFIG, [tmp_path / f"{name}.tle"])
    return home


def parts(home: Home) -> list[Path]:
    return sorted(home.elements.glob("bucket=*/*.parquet"))


def outcomes(home: Home) -> list[tuple[str, Outcome]]:
    with open_flags(home, CONFIG) as flags:
        return [(one.work, one.outcome) for one in RunLog(flags.database).page(size=1).runs]


def test_the_store_is_merged_and_holds_what_it_held(home: Home) -> None:
    before, held = len(parts(home)), ElementStore(home.elements).history()
    fewer = upkeep(home, CONFIG)
    assert fewer == before - len(parts(home)) == 1
    assert upkeep(home, CONFIG) == 0
    assert ElementStore(home.elements).history().equals(held)
    assert outcomes(home) == [("upkeep", Outcome.DONE)]


def test_all_that_is_damaged_is_named_and_nothing_is_merged(home: Home) -> None:
    part = parts(home)[0]
    part.write_bytes(part.read_bytes()[:-1])
    before = parts(home)
    for folder, name in ((home.mlflow, "mlflow.db"), (home.prefect, "prefect.db")):
        folder.mkdir()
        (folder / name).write_bytes(b"no database at all " * 60)
    with pytest.raises(DamageError) as caught:
        upkeep(home, CONFIG)
    first, second, third = caught.value.damages
    assert str(part) in first
    assert second == f"{home.mlflow / 'mlflow.db'}: file is not a database; restore it from a backup"
    assert third.startswith(f"{home.prefect / 'prefect.db'}: file is not a database; move it away")
    assert parts(home) == before
    assert outcomes(home) == [("upkeep", Outcome.FAILED)]


def test_a_store_without_its_manifest_hides_no_other_damage(home: Home) -> None:
    (home.elements / "manifest.json").unlink()
    home.mlflow.mkdir()
    (home.mlflow / "mlflow.db").write_bytes(b"no database at all " * 60)
    with pytest.raises(DamageError, match=r"manifest\.json: missing beside its parts.*mlflow\.db: file is not"):
        upkeep(home, CONFIG)


def test_an_empty_home_needs_nothing(tmp_path: Path) -> None:
    assert upkeep(Home.at(tmp_path / "home"), CONFIG) == 0
