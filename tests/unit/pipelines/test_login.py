"""One login a home, which only its owner can read."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipelines.home import Home
from pipelines.login import Login, LoginError, login_of, login_path, read_login


@pytest.fixture
def home(tmp_path):
    return Home.at(tmp_path)


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_it_is_made_once_for_its_owner_alone(home, open_umask):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(login_of, [home] * 16))
    assert len(made) == 1
    assert made == {read_login(login_path(home))}
    assert stat.S_IMODE(login_path(home).stat().st_mode) == 0o600
    user, _, password = made.pop().text.partition(":")
    assert user == "burnwatch"
    assert len(password) >= 40
    assert [path.name for path in home.state.iterdir() if "login" in path.name] == ["servers.login"]


def test_two_homes_have_two(home, tmp_path):
    assert login_of(home) != login_of(Home.at(tmp_path / "other"))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_one_that_others_may_use_is_refused(home, mode):
    login_of(home)
    login_path(home).chmod(mode)
    with pytest.raises(LoginError, match=rf"mode {mode:03o}.*delete it") as caught:
        login_of(home)
    assert caught.value.path == login_path(home)


@pytest.mark.parametrize("text", ["", "\n", ":", "burnwatch:", "burnwatch:short\n", "admin:" + 40 * "a", "a" * 5000])
def test_a_file_without_a_login_is_refused(home, text):
    login_path(home).write_text(text)
    login_path(home).chmod(0o600)
    with pytest.raises(LoginError, match="no login is in it") as caught:
        login_of(home)
    assert "aaaa" not in str(caught.value)


def test_it_is_not_shown_by_accident():
    assert "secret" not in f"{Login('burnwatch:secret')!r} {Login('burnwatch:secret')}"
