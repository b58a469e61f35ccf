"""A home that was worked in tells of its runs."""

import pytest

from configs.schema import BurnwatchConfig
from models.registry import ModelRegistry
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.score import score
from review.run_words import told
from review.runs import Outcome, RunLog

pytestmark = pytest.mark.integration


def test_each_pipeline_put_its_run_into_the_log(scored_home: Home, small: BurnwatchConfig) -> None:
    with open_flags(scored_home, small) as flags:
        found = flags.count()
        runs = {run.work: run for run in RunLog(flags.database).page().runs}
    assert set(runs) == {"ingest", "train", "score"}
    assert {run.outcome for run in runs.values()} == {Outcome.DONE}
    assert all(run.ended_at is not None and run.ended_at > run.started_at for run in runs.values())
    assert runs["ingest"].summary["source"] == "simulated"
    assert runs["score"].summary["created"] == found
    trained = ModelRegistry(scored_home.mlflow).run_of(1)
    assert runs["train"].mlflow_run_id == runs["score"].mlflow_run_id == trained
    assert "version 1 (champion), from" in told(runs["train"])
    assert f"{found:,} created" in told(runs["score"])


def test_a_run_that_fails_is_in_the_log_too(scored_home: Home, small: BurnwatchConfig, copy_of) -> None:
    home = copy_of(scored_home)
    with pytest.raises(Exception, match="challenger2"):
        score(home, small, model="challenger2")
    with open_flags(home, small) as flags:
        newest = RunLog(flags.database).page().runs[0]
    assert (newest.work, newest.outcome) == ("score", Outcome.FAILED)
    assert "challenger2" in newest.summary["error"]
