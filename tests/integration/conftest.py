"""A small simulated home, run the whole way once and shared by the tests that only look at it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from configs.schema import BurnwatchConfig
from pipelines.home import Home
from pipelines.ingest import ingest_simulated
from pipelines.score import score
from pipelines.train import train
from tests.small_fleet import SMALL


def pytest_itemcollected(item: pytest.Item) -> None:
    """Tell the tests of schemathesis apart: pytest 9.2 leaves the operation out of their ids, and of tests with one id
    a worker of pytest-xdist runs one."""
    label = getattr(item, "operation_label", None)
    if label is not None and label not in item.nodeid:
        item._id = item._id.with_params(label)


@pytest.fixture(scope="session")
def small() -> BurnwatchConfig:
    """A fleet that flies and is scored in seconds."""
    return SMALL


@pytest.fixture(scope="session")
def trained_home(small: BurnwatchConfig, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Simulated and trained; not to be written to."""
    home = Home.at(tmp_path_factory.mktemp("trained"))
    ingest_simulated(home, small)
    train(home, small)
    return home


@pytest.fixture(scope="session")
def scored_home(small: BurnwatchConfig, trained_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Simulated, trained and scored; not to be written to."""
    home = copied(trained_home, tmp_path_factory.mktemp("scored") / "home")
    score(home, small)
    return home


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Home], Home]:
    """A copy of a home that the test may change."""
    return lambda home: copied(home, tmp_path / "home")


def copied(home: Home, path: Path) -> Home:
    shutil.copytree(home.path, path)
    return Home(path)
