"""Findings on the command line: lists for people and programs, one shown, exported and written as a page."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from catalog.store import ElementStore
from pipelines.home import Home
from review.store import FlagStore
from tests.finding_examples import belt_sets
from tests.review_examples import event, finding, findings, frame, run

pytestmark = pytest.mark.integration

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "finding.schema.json").read_text())
KEPT = finding(90002, 3, kind="station-keeping ceased", state="closed", unexpectedness=9.0, listed=False, name="")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home.at(tmp_path_factory.mktemp("home"))
    ElementStore(home.elements).append(belt_sets())
    with FlagStore.at_home(home.path) as store:
        store.upsert(frame(event(listed=True), event(90003, 9)), run())
        store.findings.upsert(findings(finding(), KEPT))
    return home


def burnwatch(*arguments, home):
    command = [Path(sys.executable).parent / "burnwatch", "--home", home.path, *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=120, check=False)


def listed(*arguments, home):
    result = burnwatch("findings", "--format", "json", *arguments, home=home)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    for one in found:
        jsonschema.validate(one, SCHEMA)
    return [one["norad_id"] for one in found]


def test_findings_speak_to_programs(home):
    assert listed(home=home) == [90002, 90001]
    assert listed("--kind", "relocation", home=home) == [90001]
    assert listed("--state", "closed", "--order", "unexpected", home=home) == [90002]
    assert listed("--since", "2026-03-05", home=home) == [90002]
    assert listed("--until", "2026-03-05", "--id", "90001", home=home) == [90001]
    assert listed("--since", "2999-01-01", home=home) == []
    rows = list(csv.DictReader(io.StringIO(burnwatch("findings", "--format", "csv", home=home).stdout)))
    assert [row["finding_id"] for row in rows] == [KEPT["finding_id"], finding()["finding_id"]]


def test_findings_speak_to_people_and_pipes(home):
    result = burnwatch("findings", "--limit", "1", home=home)
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert lines[0] == ["finding", "object", "news (UTC)", "kind", "state", "unexp.", "what"]
    assert lines[1][:6] == [KEPT["finding_id"][:8], "90002", "2026-03-06", "station-keeping ceased", "closed", "9.0"]
    assert "1 of 2 findings" in result.stderr
    none = burnwatch("findings", "--since", "2999-01-01", home=home)
    assert "no findings" in none.stderr


def test_a_home_with_flags_and_no_finding_yet_is_told_how_to_get_the_past_ones(tmp_path):
    home = Home.at(tmp_path / "home")
    with FlagStore.at_home(home.path) as store:
        store.upsert(frame(event()), run())
    result = burnwatch("findings", home=home)
    assert result.returncode == 0
    assert "burnwatch replay" in result.stderr


def test_findings_fit_a_terminal(home):
    controller, terminal = pty.openpty()
    command = [Path(sys.executable).parent / "burnwatch", "--home", home.path, "findings"]
    environment = {**os.environ, "COLUMNS": "80", "TERM": "dumb"}
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, check=False, env=environment, timeout=120)
    os.close(terminal)
    text = os.read(controller, 65536).decode()
    os.close(controller)
    assert done.returncode == 0
    assert all(len(line.rstrip("\r")) <= 80 for line in text.split("\n"))
    assert "drifts 1.2°/day to the" in text


@pytest.mark.parametrize(
    "wrong", [("--kind", "raise"), ("--state", "asleep"), ("--order", "size"), ("--since", "soon")]
)
def test_bad_usage_of_findings_is_exit_code_2(wrong, home):
    assert burnwatch("findings", *wrong, home=home).returncode == 2


def test_one_finding_is_shown_exported_and_reported(home, tmp_path):
    start = finding()["finding_id"][:8]
    shown = [tuple(line.split("\t")) for line in burnwatch("show", start, home=home).stdout.splitlines()]
    fields = dict(reversed(shown))
    assert fields["headline"] == finding()["headline"]
    assert fields["expected next"] == "reaches TARGET 1 at 105.1° E on 9 March"
    assert fields["news"] == "2026-03-03 20:00: left 99.4° E: 3.4 m/s"
    assert fields["neighbor"] == "TARGET 1, 41.5 km, 2026-03-09 00:00, approaching"
    assert "0.251 m/s, orbit raise" in fields["flag"]
    exported = json.loads(burnwatch("export", start, home=home).stdout)
    jsonschema.validate(exported, SCHEMA)
    page = tmp_path / "deep" / "page.html"
    result = burnwatch("report", start, "--out", page, home=home)
    assert result.returncode == 0, result.stderr
    text = page.read_text(encoding="utf-8")
    assert finding()["headline"] in text
    assert "waterfall-plot" in text


def test_a_finding_told_of_no_burn_is_shown_and_reported(home, tmp_path):
    assert "station-keeping ceased" in burnwatch("show", KEPT["finding_id"], home=home).stdout
    page = tmp_path / "page.html"
    assert burnwatch("report", KEPT["finding_id"], "--out", page, home=home).returncode == 0
    assert "Object 90002" in page.read_text(encoding="utf-8")


def test_flags_can_be_narrowed_to_the_days_list(home):
    flags = json.loads(burnwatch("flags", "--listed", "--format", "json", home=home).stdout)
    assert [(flag["norad_id"], flag["listed"], flag["finding_id"]) for flag in flags] == [
        (90001, True, finding()["finding_id"])
    ]
