"""What every database must do with the log of runs; a test class per database gives the fixture ``url``."""

from datetime import UTC, datetime, timedelta

import pytest

from review.runs import Outcome, RunLog, UnknownRunError
from review.store import FlagStore

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class RunLogContract:
    @pytest.fixture
    def log(self, url):
        with FlagStore(url) as store:
            yield RunLog(store.database)

    def test_a_run_is_there_from_when_it_starts(self, log):
        run = log.get(log.start("score", prefect_run_id="flow-1", at=NOON))
        assert (run.work, run.started_at, run.ended_at, run.took) == ("score", NOON, None, None)
        assert (run.outcome, run.summary, run.mlflow_run_id, run.prefect_run_id) == (Outcome.RUNNING, {}, "", "flow-1")

    def test_what_it_counted_is_kept_as_json_has_it(self, log):
        run_id = log.start("train", at=NOON)
        counted = {"gaps": 12, "until": NOON, "metrics": {"f1": float("nan"), "ap": 0.5}, "name": "A\x00B"}
        assert log.finish(run_id, Outcome.DONE, counted, mlflow_run_id="abc", at=NOON + HOUR)
        run = log.get(run_id)
        assert run.summary == {
            "gaps": 12,
            "until": "2026-03-02T12:00:00Z",
            "metrics": {"f1": None, "ap": 0.5},
            "name": "AB",
        }
        assert (run.outcome, run.mlflow_run_id, run.took) == (Outcome.DONE, "abc", HOUR)

    def test_a_run_ends_once(self, log):
        run_id = log.start("score", at=NOON)
        assert log.finish(run_id, Outcome.FAILED, {"error": "no model"}, at=NOON + HOUR)
        assert not log.finish(run_id, Outcome.DONE, {"events": 3}, at=NOON + 2 * HOUR)
        run = log.get(run_id)
        assert (run.outcome, run.summary, run.ended_at) == (Outcome.FAILED, {"error": "no model"}, NOON + HOUR)

    def test_starting_the_same_run_again_changes_nothing(self, log):
        run_id = log.start("score", run_id="r1", at=NOON)
        log.finish(run_id, Outcome.DONE, {"events": 3}, at=NOON + HOUR)
        assert log.start("score", run_id="r1", at=NOON + 3 * HOUR) == "r1"
        assert (log.get("r1").started_at, log.get("r1").outcome, log.page().total) == (NOON, Outcome.DONE, 1)

    def test_all_are_buried_that_have_not_ended_and_do_not_live(self, log):
        done = log.start("score", at=NOON)
        log.finish(done, Outcome.DONE, at=NOON)
        killed, living = log.start("score", at=NOON), log.start("ingest", at=NOON)
        log.bury([living], at=NOON + HOUR)
        assert log.get(killed).outcome is Outcome.FAILED
        assert "killed" in log.get(killed).summary["error"]
        assert log.get(killed).ended_at == NOON + HOUR
        assert log.get(living).outcome is Outcome.RUNNING
        assert (log.get(done).outcome, log.get(done).ended_at) == (Outcome.DONE, NOON)

    def test_pages_are_the_latest_first(self, log):
        for hour in range(5):
            log.finish(
                log.start("score", run_id=f"s{hour}", at=NOON + hour * HOUR), Outcome.DONE, at=NOON + hour * HOUR
            )
        log.start("ingest", run_id="i", at=NOON + 9 * HOUR)
        first, second = log.page(size=4), log.page(page=2, size=4)
        assert [run.run_id for run in first.runs + second.runs] == ["i", "s4", "s3", "s2", "s1", "s0"]
        assert first.total == second.total == 6
        assert [run.run_id for run in log.page(work="score", size=2).runs] == ["s4", "s3"]
        assert log.page(work="score").total == 5
        assert [run.run_id for run in log.page(outcome=Outcome.RUNNING).runs] == ["i"]

    def test_the_latest_of_each_work_is_one_that_is_done(self, log):
        log.finish(log.start("score", run_id="old", at=NOON), Outcome.DONE, at=NOON)
        log.finish(log.start("score", run_id="good", at=NOON + HOUR), Outcome.DONE, at=NOON + HOUR)
        log.finish(log.start("score", run_id="bad", at=NOON + 2 * HOUR), Outcome.FAILED, at=NOON + 2 * HOUR)
        log.start("train", run_id="going on", at=NOON)
        assert {work: run.run_id for work, run in log.latest().items()} == {"score": "good"}
        assert log.works() == ["score", "train"]

    def test_a_run_that_is_not_there_is_said_so(self, log):
        with pytest.raises(UnknownRunError, match="r9"):
            log.get("r9")
        with pytest.raises(UnknownRunError, match="r9"):
            log.finish("r9", Outcome.DONE)
