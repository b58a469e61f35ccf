"""One simulated home for the tests of the desk's pages, and a copy of its database for each that changes it."""

import shutil

import pytest

from tests.desk_home import DeskHome, make_home


@pytest.fixture(scope="session")
def made_home(tmp_path_factory):
    """Not to be written to."""
    return make_home(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def home(made_home, tmp_path):
    """A copy that the test may change."""
    shutil.copytree(made_home.path, tmp_path / "home")
    home = DeskHome(tmp_path / "home", f"sqlite:///{tmp_path / 'home' / 'review.sqlite'}")
    yield home
    home.close()


@pytest.fixture
def desk(home):
    desk = home.open()
    with desk.flags:
        yield desk
