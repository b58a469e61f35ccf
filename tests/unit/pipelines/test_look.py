"""How many flags and findings the command line lists."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from review.store import FlagStore
from tests.review_examples import event, finding, findings, frame, run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("home")
    ids = range(90_001, 90_026)
    with FlagStore.at_home(path) as store:
        store.upsert(frame(*(event(number) for number in ids)), run())
        store.findings.upsert(findings(*(finding(number) for number in ids)))
    return path


def listed(home: Path, *arguments: str) -> str:
    outcome = CliRunner().invoke(app, ["--home", str(home), *arguments])
    assert outcome.exit_code == 0, outcome.output
    return outcome.stdout


@pytest.mark.parametrize("what", ["flags", "findings"])
def test_a_program_gets_all_that_there_is_and_a_person_the_first(home: Path, what: str) -> None:
    assert len(json.loads(listed(home, what, "--format", "json"))) == 25
    assert len(list(csv.DictReader(io.StringIO(listed(home, what, "--format", "csv"))))) == 25
    assert len(json.loads(listed(home, what, "--format", "json", "--limit", "3"))) == 3
    assert len(listed(home, what).splitlines()) == 21
