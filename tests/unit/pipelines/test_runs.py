"""What a pipeline's run puts into the log."""

import signal
import subprocess
import sys

import pytest

from configs.schema import BurnwatchConfig
from pipelines.errors import PipelineError
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_files
from pipelines.runs import clear_away, recorded
from review.runs import UNTOLD, Outcome, RunLog

CONFIG = BurnwatchConfig()


@pytest.fixture
def home(tmp_path):
    return Home.at(tmp_path / "home")


def runs(home):
    with open_flags(home, CONFIG) as flags:
        return RunLog(flags.database).page().runs


def test_a_run_is_put_down_while_it_runs_and_when_it_is_done(home):
    with recorded(home, CONFIG, "train", detector="robust-step") as run:
        assert [one.outcome for one in runs(home)] == [Outcome.RUNNING]
        run.summary["gaps"] = 7
        run.mlflow_run_id = "abc"
    (done,) = runs(home)
    assert (done.outcome, done.summary, done.mlflow_run_id) == (
        Outcome.DONE,
        {"detector": "robust-step", "gaps": 7},
        "abc",
    )


def test_a_failure_is_put_down_and_raised(home):
    def work():
        with recorded(home, CONFIG, "score") as run:
            run.summary["objects"] = 3
            raise PipelineError("no sets:\n run ingest")

    with pytest.raises(PipelineError, match="no sets"):
        work()
    (failed,) = runs(home)
    assert (failed.outcome, failed.summary) == (Outcome.FAILED, {"objects": 3, "error": "no sets: run ingest"})


def test_an_interruption_is_put_down_and_raised(home):
    with pytest.raises(KeyboardInterrupt), recorded(home, CONFIG, "score"):
        raise KeyboardInterrupt
    assert [(one.outcome, one.summary["error"]) for one in runs(home)] == [(Outcome.FAILED, "interrupted")]


def test_a_log_that_cannot_be_written_keeps_no_run_from_its_work(home, capsys):
    (home.path / "review.sqlite").write_bytes(b"this is no database, and never was one" * 50)
    worked = False
    with recorded(home, CONFIG, "score"):
        worked = True
    assert worked
    assert "not in the log of runs" in capsys.readouterr().err


def test_a_log_that_breaks_meanwhile_hides_no_error_of_the_run(home, capsys):
    def work():
        with recorded(home, CONFIG, "score"):
            for path in home.path.glob("review.sqlite*"):
                path.write_bytes(b"this is no database, and never was one" * 50)
            raise PipelineError("the real trouble")

    with pytest.raises(PipelineError, match="the real trouble"):
        work()
    assert "not in the log of runs" in capsys.readouterr().err


def test_an_ingestion_says_where_from_and_how_much(home, tmp_path):
    bad = tmp_path / "bad.tle"
    bad.write_text("nothing of the kind\n")
    assert ingest_files(home, CONFIG, [bad]).failed
    (run,) = runs(home)
    assert (run.work, run.outcome, run.summary["source"]) == ("ingest", Outcome.FAILED, "files")
    assert "bad.tle" in run.summary["errors"][0]


def killed_in(home, work):
    """A process that begins a run and is killed in it."""
    code = (
        "import os, signal; from pathlib import Path; from configs.schema import BurnwatchConfig\n"
        "from pipelines.home import Home; from pipelines.runs import recorded\n"
        f"with recorded(Home(Path({str(home.path)!r})), BurnwatchConfig(), {work!r}):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL


@pytest.mark.slow
def test_the_next_run_of_any_kind_closes_what_was_killed_and_nothing_else(home):
    killed_in(home, "ingest")
    (home.elements / "bucket=0001").mkdir(parents=True)
    (home.elements / "bucket=0001" / ".x.parquet.0123.tmp").write_text("half a part")
    with recorded(home, CONFIG, "train"), recorded(home, CONFIG, "notify"):
        living = dict.fromkeys(("train", "notify"), Outcome.RUNNING)
        assert {run.work: run.outcome for run in runs(home)} == {"ingest": Outcome.FAILED} | living
    assert [run.summary["error"] for run in runs(home) if run.outcome is Outcome.FAILED] == [UNTOLD]
    assert not list(home.path.rglob("*.tmp"))
    assert not list((home.state / "runs").iterdir())


@pytest.mark.slow
def test_what_was_killed_is_closed_also_where_no_run_begins(home):
    clear_away(home, CONFIG)
    killed_in(home, "notify")
    with recorded(home, CONFIG, "train"):
        clear_away(home, CONFIG)
        assert {run.work: run.outcome for run in runs(home)} == {"notify": Outcome.FAILED, "train": Outcome.RUNNING}
    assert not list((home.state / "runs").iterdir())


def test_a_run_whose_lock_was_lost_is_closed_by_the_next(home):
    with open_flags(home, CONFIG) as flags:
        RunLog(flags.database).start("ingest")  # as in a restored database, or where `state/` was lost
    with recorded(home, CONFIG, "notify"):
        pass
    assert {run.work: run.outcome for run in runs(home)} == {"ingest": Outcome.FAILED, "notify": Outcome.DONE}


def test_a_run_whose_end_could_not_be_put_down_is_closed_by_the_next(home, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, recorded(home, CONFIG, "ingest"):
        patch.setattr(RunLog, "finish", full)
    assert "not in the log of runs" in capsys.readouterr().err
    with recorded(home, CONFIG, "notify"):
        pass
    assert {run.work: run.outcome for run in runs(home)} == {"ingest": Outcome.FAILED, "notify": Outcome.DONE}
