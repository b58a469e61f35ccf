"""`burnwatch promote` between two registered models, on a small folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from configs.detect import RobustStepConfig
from configs.schema import BurnwatchConfig
from features.bank import compute_features
from models.benchmark.folder import read_satellites
from models.benchmark.labels import LabelSource
from models.bundle import CorruptModelError
from models.detect.calibration import fit_threshold
from models.detect.robust_step import RobustStep
from models.registry import AliasNotFoundError, ModelRegistry, Training
from pipelines.errors import PipelineError
from pipelines.home import Home
from pipelines.promote import promote, roll_back
from tests.shorten_folder import write_controls, write_shorten

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("data")
    return write_shorten(folder / "shorten"), write_controls(folder / "controls")


@pytest.fixture(scope="module")
def quick() -> BurnwatchConfig:
    default = BurnwatchConfig()
    gate = {"resamples": 200, "injections": 5, "directions": ("along-track",)}
    wide = {"least_injections": 5, "sizes_per_decade": 2, "arc_sets": 60, "least_dv_m_s": 1e-3, "largest_dv_m_s": 1.0}
    return default.model_copy(
        update={
            "benchmark": default.benchmark.model_copy(update=gate),
            "sensitivity": default.sensitivity.model_copy(update=wide),
        }
    )


def register(home: Home, folder: Path, config: RobustStepConfig, threshold: float = 8.0) -> int:
    sets = read_satellites(folder).sets
    features = compute_features(next(iter(sets.values())))
    detector = RobustStep(config)
    calibration = fit_threshold(features, detector.score(features))
    entries = {name: entry.model_copy(update={"threshold": threshold}) for name, entry in calibration.regimes.items()}
    calibration = calibration.model_copy(update={"regimes": entries})
    return ModelRegistry(home.mlflow).log_training(
        detector, calibration, Training("data", str(hash(config.noise_floor_m)), 1)
    )


def test_the_worse_is_refused_with_figures_and_the_equal_promoted_and_rolled_back(data, quick, tmp_path):
    labels, controls = data
    home = Home.at(tmp_path / "home")
    with pytest.raises(AliasNotFoundError):
        promote(home, quick, labels=LabelSource.of(labels), controls=controls)
    champion = register(home, labels, RobustStepConfig())
    alone = promote(home, quick, labels=None, controls=None)
    assert not alone.promoted
    assert "nothing to decide" in alone.lines()[0]

    deaf = register(home, labels, RobustStepConfig(noise_floor_m=0.22), threshold=1e4)
    with pytest.raises(PipelineError, match="--labels"):
        promote(home, quick, labels=None, controls=None)
    refused = promote(home, quick, labels=LabelSource.of(labels), controls=controls)
    assert not refused.promoted
    assert any(check.name == "f1_leo" and not check.passed for check in refused.checks)
    registry = ModelRegistry(home.mlflow)
    assert (registry.version_of("champion"), registry.version_of("previous")) == (champion, None)
    version = registry._client.get_model_version("burnwatch", str(deaf))
    assert version.tags["decision"] == f"refused against version {champion}"
    assert "F1 leo" in version.tags["decision_reasons"]
    run = registry._client.get_run(version.run_id)
    assert run.data.tags["decision"] == version.tags["decision"]
    assert run.data.metrics["gate_f1_leo"] < run.data.metrics["gate_champion_f1_leo"]

    equal = register(home, labels, RobustStepConfig(noise_floor_m=0.21))
    promoted = promote(home, quick, labels=LabelSource.of(labels), controls=controls)
    assert promoted.promoted, promoted.lines()
    assert {"f1_leo", "f1_geo", "controls"} <= {check.name for check in promoted.checks}
    assert (registry.version_of("champion"), registry.version_of("previous")) == (equal, champion)
    for _ in range(2):  # one that was killed at its very end may be repeated
        assert f"version {champion} is champion again" in roll_back(home)
    assert (registry.version_of("champion"), registry.version_of("previous")) == (champion, equal)


def test_a_champion_that_cannot_be_read_gives_way_unmeasured(data, quick, tmp_path):
    labels, _ = data
    home = Home.at(tmp_path / "home")
    champion = register(home, labels, RobustStepConfig())
    registry = ModelRegistry(home.mlflow)
    for file in home.mlflow.glob("artifacts/**/calibration.json"):
        file.write_text("{}")
    with pytest.raises(CorruptModelError, match="burnwatch train"):
        promote(home, quick, labels=None, controls=None)
    better = register(home, labels, RobustStepConfig(noise_floor_m=0.21))
    decision = promote(home, quick, labels=None, controls=None)
    assert decision.promoted
    assert f"{home.mlflow}" in decision.lines()[0]
    assert "calibration.json was changed" in decision.lines()[0]
    assert registry.resolve().version == better
    assert (registry.version_of("champion"), registry.version_of("previous")) == (better, champion)
    with pytest.raises(CorruptModelError):
        roll_back(home)
