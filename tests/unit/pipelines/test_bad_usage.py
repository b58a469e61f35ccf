"""What cannot be meant is refused before anything is done: exit code 2 and a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli.main import app
from pipelines.cli.times import duration, utc_time

HUGE = "99999999999999999999999"
PERIOD = "replay --from 2026-01-01 --until 2026-01-02"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ingest simulated --days 0", "--days"),
        ("ingest simulated --days -5", "--days"),
        ("ingest simulated --seed -1", "--seed"),
        ("demo --seed -1", "--seed"),
        (f"flags --limit {HUGE}", "--limit"),
        (f"flags --id {HUGE}", "--id"),
        (f"findings --limit {HUGE}", "--limit"),
        ("findings --id 0", "--id"),
        ("ingest celestrak", "--group"),
        ("ingest celestrak --group ''", "--group"),
        ("ingest celestrak --name ' '", "--name"),
        ("ingest celestrak --id 1234567890", "--id"),
        ("ingest spacetrack --ids ''", "--ids"),
        (f"ingest spacetrack --ids 5,{HUGE}", "catalog numbers"),
        ("ingest spacetrack --ids 5,0", "catalog numbers"),
        ("ingest spacetrack --ids ²", "catalog numbers"),
        ("sensitivity --ids ,", "--ids"),
        (f"{PERIOD} --ids ''", "--ids"),
        (f"{PERIOD} --step {HUGE}d", "time span"),
        (f"{PERIOD} --step 0.0000001h", "time span"),
        (f"{PERIOD} --top {HUGE}", "--top"),
        ("flags --since 0001-01-01T00:00+14:00", "no time"),
        ("flags --until 9999-12-31T23:59-14:00", "no time"),
        ("score --model ''", "--model"),
        ("show ''", "ID"),
        ("watch remove ' '", "name"),
        ("users add ''", "name"),
        ("serve --port 70000", "--port"),
        ("serve --port 0", "--port"),
        ("serve --mlflow-port -1", "--mlflow-port"),
        ("review --port 65536", "--port"),
        (f"benchmark . --trials {HUGE}", "--trials"),
        (f"benchmark . --workers {HUGE}", "--workers"),
    ],
)
def test_bad_usage_is_told(tmp_path: Path, line: str, says: str) -> None:
    words = [word.strip("'") for word in line.replace("' '", "'\x00'").split()]
    arguments = ["--home", str(tmp_path / "home"), *(word.replace("\x00", " ") for word in words)]
    outcome = CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})
    assert outcome.exit_code == 2, outcome.output
    assert says in outcome.output
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("text", ["2026-05-31", "2026-05-31T12:00Z", "9999-12-31T23:59+00:00"])
def test_what_is_a_time_is_taken(text: str) -> None:
    assert utc_time(text).tzinfo is not None


def test_time_spans() -> None:
    assert duration("1.5d").total_seconds() == 1.5 * 86_400
    assert duration("12 h").total_seconds() == 12 * 3600
