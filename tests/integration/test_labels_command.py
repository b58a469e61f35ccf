"""Labels from one home to another on the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catalog import quarantine
from pipelines.home import Home
from review.labels import LabelStore
from review.records import Status
from review.store import FlagStore
from tests.review_examples import event, frame, run

pytestmark = [pytest.mark.integration, pytest.mark.slow]


def burnwatch(*arguments, home):
    command = [Path(sys.executable).parent / "burnwatch", "--home", home.path, "labels", *arguments]
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False, env=os.environ
    )


@pytest.fixture
def ours(tmp_path):
    home = Home.at(tmp_path / "ours")
    with FlagStore.at_home(home.path) as store:
        store.upsert(frame(event(), event(90002), event(90003)), run())
        for flag, to in zip(store.flags(order="time"), (Status.CONFIRMED, Status.DATA_ERROR), strict=False):
            store.settle(flag.flag_id, to, who="ann", note="=seen", expected_version=flag.version)
    return home


@pytest.fixture
def theirs(tmp_path):
    return Home.at(tmp_path / "theirs")


def labels_of(home):
    with FlagStore.at_home(home.path) as store:
        return LabelStore(store.database).labels()


@pytest.mark.parametrize("name", ["labels.csv", "labels.json"])
def test_verdicts_go_to_another_team_once(ours, theirs, tmp_path, name):
    path = tmp_path / name
    assert burnwatch("export", "--team", "Ours", "--out", path, home=ours).returncode == 0
    assert "ann" not in path.read_text(), "names of analysts stay at home"
    first = burnwatch("import", path, home=theirs)
    assert (first.returncode, first.stdout) == (0, "")
    assert "2 labels read: 2 new, 0 known" in first.stderr
    assert "2 labels read: 0 new, 2 known" in burnwatch("import", path, home=theirs).stderr
    assert labels_of(theirs).equals(labels_of(ours).assign(team="Ours"))
    assert "0 new, 2 known" in burnwatch("import", path, home=ours).stderr, "they are known where they come from"
    handed_on = burnwatch("export", "--team", "Theirs", "--others", home=theirs).stdout
    assert handed_on.count("Ours") == 2
    assert burnwatch("export", "--team", "Theirs", home=theirs).stdout.count("\n") == 1


def test_who_exports_must_say_who_they_are(ours):
    result = burnwatch("export", home=ours)
    assert (result.returncode, result.stdout) == (1, "")
    assert "--team" in result.stderr


def test_what_cannot_be_used_is_quarantined_and_the_rest_is_taken(ours, theirs, tmp_path):
    good, bad, none = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "none.csv"
    burnwatch("export", "--team", "Ours", "--out", good, home=ours)
    lines = good.read_text().splitlines(keepends=True)
    bad.write_text(lines[0] + lines[1].replace("data error", "guilty").replace("confirmed", "guilty") + lines[2])
    none.write_text("nothing\n")
    result = burnwatch("import", bad, none, tmp_path / "missing.csv", home=theirs)
    assert result.returncode == 0
    assert "1 labels read: 1 new" in result.stderr
    assert "none.csv, line 1: lacks the columns" in result.stderr
    assert "missing.csv: No such file" in result.stderr
    (refused,) = quarantine.read(theirs.path).to_dict("records")
    assert (refused["file"], refused["line"], refused["field"]) == ("bad.csv", 2, "verdict")
    assert burnwatch("import", none, home=theirs).returncode == 1
