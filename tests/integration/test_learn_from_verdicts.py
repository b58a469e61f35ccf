"""From a verdict at the desk to the next model: what MLflow shows of it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow import MlflowClient

from catalog.store import ElementStore
from configs.schema import BurnwatchConfig
from models.benchmark.labels import merge_burns
from models.benchmark.protocol import match
from models.detect.base import LabelsNeededError
from models.registry import ModelRegistry
from pipelines.flags import open_flags
from pipelines.home import Home
from pipelines.ingest import ingest_simulated, read_truth
from pipelines.score import score
from pipelines.train import train
from review.desk import Desk
from review.labels import LabelStore, label_frame
from review.records import FlagRecord, Role, Status
from review.store import FlagStore
from tests.contract.label_store import label
from tests.desk_client import visitor
from tests.desk_home import PASSWORD

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    # MLflow's own, on SQLAlchemy 2.1 and pandas 3
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

FEW = {"trees": {"leo": 30, "high": 30}, "ensembles": 1, "least_in_leaf": 3}


class Run:
    """The MLflow run of a version, as anyone reads it."""

    def __init__(self, home: Home, version: str, folder: Path) -> None:
        client = MlflowClient(f"sqlite:///{home.mlflow / 'mlflow.db'}")
        run_id = client.get_model_version("burnwatch", version).run_id
        assert run_id
        run = client.get_run(run_id)
        self.tags, self.params, self.metrics = run.data.tags, run.data.params, run.data.metrics
        files = {artifact.path for artifact in client.list_artifacts(run_id)}
        self.labels: list[dict[str, str]] = []
        if "labels.csv" in files:
            text = Path(client.download_artifacts(run_id, "labels.csv", str(folder))).read_text()
            self.labels = list(csv.DictReader(io.StringIO(text)))


def settle_all(home: Home, config: BurnwatchConfig) -> None:
    """Settle every flag as the simulation's truth has it."""
    truth = read_truth(home)
    burns = merge_burns(truth.assign(burn_begin=truth["burn_time"], burn_end=truth["burn_time"]))
    with open_flags(home, config) as flags:
        records = flags.flags(order="time")
        given = label_frame(
            label(one.norad_id, epoch_before=one.epoch_before, epoch_after=one.epoch_after, burn_time=one.burn_time)
            for one in records
        )
        true = {
            (row["norad_id"], row["epoch_after"])
            for row, burn in zip(given.to_dict("records"), match(given, burns).event_to_maneuver, strict=True)
            if burn >= 0
        }
        for one in records:
            to = Status.CONFIRMED if (one.norad_id, one.epoch_after) in true else Status.DATA_ERROR
            flags.settle(one.flag_id, to, who="ann", note="a note", expected_version=one.version)


def in_the_app(home: Home, path: str, **form: str) -> FlagRecord:
    """Log in as an analyst and send a form about the first open flag, or the one in ``form``."""
    desk = Desk(home.path, BurnwatchConfig(), FlagStore.at_home(home.path))
    with desk.flags as flags:
        if not desk.accounts.all():
            desk.accounts.add("ann", Role.ANALYST, PASSWORD, by="the tests")
        wanted = form.pop("flag_id", "")
        flag = flags.get(wanted) if wanted else flags.flags(order="time", status=Status.OPEN, limit=1)[0]
        with visitor(desk) as client:
            assert client.post("/login", data={"name": "ann", "password": PASSWORD}).status_code == 303
            answer = client.post(f"/flags/{flag.flag_id}/{path}", data={"expected_version": flag.version, **form})
            assert answer.status_code == 303, answer.text
        return flags.get(flag.flag_id)


def test_a_verdict_is_in_the_next_models_data_and_in_its_run(
    scored_home: Home, small: BurnwatchConfig, copy_of: Callable[[Home], Home], tmp_path: Path
) -> None:
    home = copy_of(scored_home)
    before = ModelRegistry(home.mlflow).resolve("champion").tags
    assert train(home, small).known, "without a verdict there is nothing to do"

    flag = in_the_app(home, "verdict", to="confirmed", note="as the operator says")
    assert flag.status is Status.CONFIRMED
    summary = train(home, small)
    assert not summary.known
    run = Run(home, summary.version, tmp_path)
    assert run.tags["data_snapshot"] != before["data_snapshot"] == before["element_sets"]
    assert run.tags["element_sets"] == before["element_sets"] == ElementStore(home.elements).snapshot_id()
    assert (before["verdicts"], run.tags["verdicts"].split("-")[0]) == ("none", "1")
    assert (run.params["verdicts"], run.metrics["labels"]) == ("1", 1.0)
    (row,) = run.labels
    assert (int(row["norad_id"]), row["verdict"], row["says"]) == (flag.norad_id, "confirmed", "burn")
    assert datetime.fromisoformat(row["burn_time"]) == flag.burn_time.astimezone(UTC)
    assert row["split"] in {"train", "other object"}
    assert row["found"] == "True"
    assert "ann" not in str(run.labels), "who gave a verdict stays in the flags' log"
    assert "operator" not in str(run.labels)

    assert train(home, small).known, "without a new verdict there is nothing to do"
    assert train(home, small, verdicts=False).known, "without any it is the first model"
    again = in_the_app(home, "verdict", to="data error")
    changed = train(home, small)
    assert not changed.known
    in_the_app(home, "reopen", flag_id=again.flag_id)
    reopened = train(home, small)
    assert not reopened.known
    assert {row["verdict"] for row in Run(home, reopened.version, tmp_path).labels} == {"confirmed", "open"}


def test_a_label_of_another_team_counts_too(
    scored_home: Home, small: BurnwatchConfig, copy_of: Callable[[Home], Home], tmp_path: Path
) -> None:
    home = copy_of(scored_home)
    with FlagStore.at_home(home.path) as flags:
        flag = flags.flags(order="time", limit=1)[0]
        window = {name: getattr(flag, name) for name in ("epoch_before", "epoch_after", "burn_time")}
        LabelStore(flags.database).take(label_frame([label(flag.norad_id, **window)]), by="ann")
    run = Run(home, train(home, small).version, tmp_path)
    assert [row["team"] for row in run.labels] == ["Elsewhere"]


@pytest.fixture(scope="module")
def settled_home(small: BurnwatchConfig, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, BurnwatchConfig]:
    """A fleet with objects that cannot burn, scored, and every flag settled as the truth has it."""
    fleet = {"days": 260, "sun_synchronous": 4, "altimetry": 1, "passive_leo": 6, "geosynchronous": 1}
    config = small.model_copy(
        update={
            "simulate": small.simulate.model_copy(update=fleet),
            "boosted": small.boosted.model_copy(update=FEW),
            "train": small.train.model_copy(update={"held_out_objects": 0.3, "least_judged_burns": 20}),
        }
    )
    home = Home.at(tmp_path_factory.mktemp("settled"))
    ingest_simulated(home, config)
    train(home, config)
    score(home, config)
    with pytest.raises(LabelsNeededError, match="0 are there"):
        train(home, config, detector="boosted")
    settle_all(home, config)
    return home, config


def test_boosted_learns_from_verdicts_alone(settled_home: tuple[Home, BurnwatchConfig], tmp_path: Path) -> None:
    home, config = settled_home
    summary = train(home, config, detector="boosted")
    run = Run(home, summary.version, tmp_path)
    assert run.tags["verdicts"].startswith(f"{len(run.labels)}-")
    assert {"train", "later", "other object"} <= {row["split"] for row in run.labels if row["says"] == "burn"}
    assert summary.verdicts == run.metrics["labels_train"] == sum(row["split"] == "train" for row in run.labels)
    held_out = {row["norad_id"] for row in run.labels if row["split"].startswith("other object")}
    assert held_out.isdisjoint(row["norad_id"] for row in run.labels if row["split"] in {"train", "guard", "later"})
    begun = min(row["epoch_before"] for row in run.labels if row["split"] == "later")
    assert max(row["epoch_after"] for row in run.labels if row["split"] == "train") < begun
    assert run.metrics["judged_recall_held_out"] > 0.7, run.metrics
    assert run.metrics["judged_precision_held_out"] > 0.8, run.metrics
    assert run.params["verdicts.teach"] == "True"
    assert datetime.fromisoformat(run.tags["data_until"]) >= max(
        datetime.fromisoformat(row["decided_at"]) for row in run.labels
    )
    assert train(home, config, detector="boosted").known
    with pytest.raises(LabelsNeededError):
        train(home, config, detector="boosted", verdicts=False)
    assert score(home, config, model="challenger").gaps > 0
