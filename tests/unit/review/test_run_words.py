"""What is said of a run, and where its links lead."""

from datetime import UTC, datetime, timedelta

import pytest

from review.run_words import mlflow_link, prefect_link, told, took
from review.runs import Outcome, RunRecord

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def run(work, outcome=Outcome.DONE, **summary):
    return RunRecord(run_id="r", work=work, started_at=NOON, outcome=outcome, summary=summary)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (run("ingest", source="CelesTrak", read=1200, added=1), "CelesTrak: 1,200 element sets read, 1 new"),
        (
            run("ingest", source="files", read=3, refused=1, errors=["bad.tle: empty"], what="objects"),
            "files: 3 objects read, 0 new; 1 record refused; 1 error, the first: bad.tle: empty",
        ),
        (run("train", detector="boosted", version="4", known=True), "boosted, version 4 was there already"),
        (run("score", model_version="2", objects=0), "model 2: no new element sets"),
        (
            run("score", model_version="2", objects=1, events=5, created=4, updated=1, withdrawn=0, opened=1, news=2),
            "model 2: 1 object, 5 events; flags: 4 created, 1 updated, 0 withdrawn; 1 new finding, 2 news",
        ),
        (run("promote", challenger=3, champion=3), "version 3 is challenger and champion: nothing to decide"),
        (run("promote", challenger=4, champion=3, promoted=True), "version 4 is champion now, version 3 was"),
        (
            run("promote", challenger=4, champion=3, promoted=False, failed_checks=["f1 fell by 0.1"]),
            "version 4 is worse, version 3 stays champion: f1 fell by 0.1",
        ),
        (run("notify", sent=3, targets=["a"]), "sent: 3"),
        (run("score", Outcome.FAILED, error="no model", objects=2), "objects: 2"),
        (run("score", Outcome.RUNNING), ""),
    ],
)
def test_what_a_run_did_is_said_in_words(given, said):
    assert told(given) == said


def test_a_run_that_goes_on_has_taken_the_time_until_now():
    going_on = RunRecord(run_id="r", work="train", started_at=NOON)
    ended = RunRecord(run_id="r", work="train", started_at=NOON, ended_at=NOON + timedelta(seconds=42))
    assert took(going_on, NOON + timedelta(minutes=7)) == "7 min"
    assert took(ended, NOON + timedelta(days=3)) == "42 s"


def test_links_need_an_address_and_a_run():
    made = RunRecord(run_id="r", work="train", started_at=NOON, mlflow_run_id="m1", prefect_run_id="p1")
    assert mlflow_link(made, "https://ml.example.org") == "https://ml.example.org/#/runs/m1"
    assert prefect_link(made, "https://flow.example.org") == "https://flow.example.org/runs/flow-run/p1"
    assert mlflow_link(made, "") == prefect_link(made, "") == ""
    assert mlflow_link(run("score"), "https://ml.example.org") == prefect_link(run("score"), "https://x.org") == ""
