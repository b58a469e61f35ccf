"""A database of the program's tables, ready made: going through the migrations takes longer than most tests."""

import shutil
from pathlib import Path

import pytest

from review.store import FlagStore


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database in SQLite, closed."""
    path = tmp_path_factory.mktemp("migrated") / "review.sqlite"
    FlagStore(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(migrated: Path, tmp_path: Path) -> str:
    """URL of an empty database of this test's own."""
    shutil.copyfile(migrated, tmp_path / "review.sqlite")
    return f"sqlite:///{tmp_path / 'review.sqlite'}"
