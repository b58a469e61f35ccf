"""One browser for all tests that look at pages, and the desk for those that look at it."""

import shutil

import pytest

from tests.browser import browser
from tests.desk_browser import served_desk
from tests.desk_home import DeskHome, make_home

__all__ = ["browser"]


@pytest.fixture(scope="session")
def simulated_desk(tmp_path_factory):
    """Not to be written to."""
    return make_home(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def desk(browser, simulated_desk, tmp_path_factory):
    """The desk in a process of its own, over a copy of the simulated home that the tests of a file share."""
    path = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(simulated_desk.path, path)
    with served_desk(DeskHome(path, f"sqlite:///{path / 'review.sqlite'}"), browser) as desk:
        yield desk


@pytest.fixture(scope="module")
def flags(desk):
    """The desk's flags, for what the tests compare with; most unexpected first."""
    opened = desk.home.open()
    with opened.flags as store:
        yield store
