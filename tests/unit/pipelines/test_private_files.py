"""What a home holds of secrets is its owner's alone, whatever the umask."""

import os

import pandas as pd
import pytest

from catalog.atomic import make_private, replace_bytes
from catalog.ledger import Ledger
from pipelines.doctor import _privacy
from pipelines.home import Home
from review.store import FlagStore


@pytest.fixture(params=[0o000, 0o022, 0o027])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return path.stat().st_mode & 0o777


def test_private_files_are_their_owners_alone(tmp_path, umask):
    make_private(tmp_path / "made")
    replace_bytes(tmp_path / "written", b"x", private=True)
    replace_bytes(tmp_path / "shared", b"x")
    assert [mode(tmp_path / name) for name in ("made", "written", "shared")] == [0o600, 0o600, 0o666 & ~umask]


def test_what_is_there_stays_as_it_is(tmp_path):
    path = tmp_path / "there"
    path.write_text("kept")
    path.chmod(0o640)
    make_private(path)
    assert (path.read_text(), mode(path)) == ("kept", 0o640)


def test_a_home_its_database_and_its_ledgers_are_closed_to_others(tmp_path, umask):
    home = Home.at(tmp_path / "new" / "home")
    with FlagStore(f"sqlite:///{home.path / 'review.sqlite'}") as flags:
        flags.count()
        modes = {path.name: mode(path) for path in home.path.glob("review.sqlite*")}
    ledger = Ledger(home.path, "celestrak")
    now = pd.Timestamp("2026-03-01", tz="UTC")
    ledger.receive({"group": "active"}, b"body", now)
    modes |= {path.name: mode(path) for path in ledger.folder.iterdir() if path.name != "lock"}
    assert len(modes) >= 3
    assert set(modes.values()) == {0o600}
    assert mode(home.path) == 0o750
    assert list(_privacy(home, None)) == []


def test_doctor_says_what_others_may_read(tmp_path):
    home = Home.at(tmp_path / "home")
    home.path.chmod(0o755)
    database = home.path / "review.sqlite"
    database.touch()
    database.chmod(0o644)
    said = [(one.state, one.text) for one in _privacy(home, None)]
    assert said == [
        ("note", f"everybody on this machine may look into it: chmod 750 {home.path}"),
        ("note", f"others than its owner may read {database}: chmod 600 them"),
    ]
    home.path.chmod(0o750)
    assert len(list(_privacy(home, None))) == 1
