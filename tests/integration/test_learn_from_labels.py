"""A detector that learns from logged burns, trained on a home and asked to score it."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from configs.schema import BurnwatchConfig
from models.benchmark.labels import LabelSource, label_frame
from models.detect.base import LabelsNeededError
from models.registry import ModelRegistry
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.ingest import read_truth
from pipelines.score import score
from pipelines.train import train

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    # MLflow's own, on SQLAlchemy 2.1 and pandas 3
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture
def labels(trained_home: Home, tmp_path: Path) -> Path:
    """The burns of the simulated fleet, as an operator would log them."""
    truth = read_truth(trained_home)
    path = tmp_path / "burns.csv"
    label_frame(truth).to_csv(path, index=False)
    return path


def test_boosted_is_trained_on_logged_burns_and_scores_the_home(
    trained_home: Home, small: BurnwatchConfig, labels: Path, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(trained_home)
    few = {"trees": {"leo": 30, "high": 30}, "ensembles": 1, "least_in_leaf": 3}  # as few as its burns are
    config = small.model_copy(update={"boosted": small.boosted.model_copy(update=few)})
    summary = train(home, config, detector="boosted", labels=LabelSource.of(labels))
    assert summary.metrics["ap_leo"] > 0.5, summary.metrics
    assert ModelRegistry(home.mlflow).resolve("challenger").detector.name == "boosted"
    assert train(home, config, detector="boosted", labels=LabelSource.of(labels)).known
    scored = score(home, config, model="challenger")
    assert scored.gaps > 0


def test_without_labels_it_says_what_it_needs_before_it_begins(
    trained_home: Home, small: BurnwatchConfig, copy_of: Callable[[Home], Home]
) -> None:
    home = copy_of(trained_home)
    with pytest.raises(LabelsNeededError, match=r"'boosted'.*--labels"):
        train(home, small, detector="boosted")
    assert ModelRegistry(home.mlflow).version_of("challenger") == ModelRegistry(trained_home.mlflow).version_of(
        "challenger"
    )


def test_labels_of_objects_that_are_not_in_the_store_are_no_help(
    trained_home: Home, small: BurnwatchConfig, labels: Path, copy_of: Callable[[Home], Home]
) -> None:
    foreign = pd.read_csv(labels).assign(norad_id=7)
    foreign.to_csv(labels, index=False)
    with pytest.raises(PipelineError, match="no element sets of the labeled objects"):
        train(copy_of(trained_home), small, detector="boosted", labels=LabelSource.of(labels))
