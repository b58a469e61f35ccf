"""The model registry on a real MLflow with SQLite."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from configs.learning import BoostedConfig, ForecasterConfig, IsolationForestConfig
from models import bundle, plots
from models.bundle import CorruptModelError, IncompatibleModelError
from models.detect.base import Detector
from models.detect.calibration import fit_threshold
from models.detect.detectors import DETECTORS, create
from models.registry import AliasNotFoundError, ModelRegistry, NonFiniteMetricError, Training
from tests.conftest import REPOSITORY
from tests.synthetic_features import logged_burns, synthetic_features

pytestmark = [
    pytest.mark.integration,
    pytest.mark.slow,
    # MLflow's own, on SQLAlchemy 2.1 and pandas 3
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

BURNS = {(at, gap): 40.0 for at in range(8) for gap in (50, 100)}
FEATURES = synthetic_features(objects=8, gaps=150, seed=1, burns=BURNS)
CONFIGS = {
    "isolation-forest": IsolationForestConfig(trees=20, samples=128),
    "forecaster": ForecasterConfig(width=4, dilations=(1, 2), epochs=1),
    "boosted": BoostedConfig(trees={"leo": 20, "high": 20}, ensembles=1, least_in_leaf=5),
}
TRAINING = Training("snapshot-1", "config-1", seed=7)


@cache
def trained(name: str = "isolation-forest") -> tuple[Detector, bundle.Calibration]:
    detector = create(name, CONFIGS.get(name)).fit(FEATURES, logged_burns(FEATURES, BURNS))
    return detector, fit_threshold(FEATURES, detector.score(FEATURES))


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> ModelRegistry:
    registry = ModelRegistry(tmp_path_factory.mktemp("home") / "mlflow")
    registry.migrate()
    return registry


@pytest.fixture(autouse=True)
def nothing_strays_into_the_working_directory(tmp_path, monkeypatch):
    folder = tmp_path / "working"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def ready(tmp_path_factory) -> Path:
    """An empty database; not to be written to."""
    home = tmp_path_factory.mktemp("ready") / "mlflow"
    ModelRegistry(home).migrate()
    return home


@pytest.fixture
def fresh(ready, tmp_path) -> ModelRegistry:
    """A registry that holds nothing yet."""
    return ModelRegistry(shutil.copytree(ready, tmp_path / "mlflow"))


@pytest.mark.parametrize("name", list(DETECTORS))
def test_every_detector_comes_back_with_the_same_scores(registry, name):
    detector, calibration = trained(name)
    version = registry.log_training(detector, calibration, TRAINING)
    loaded = registry.resolve("challenger")
    assert loaded.version == version
    assert loaded.detector.name == loaded.tags["detector"] == name
    assert loaded.calibration == calibration
    np.testing.assert_array_equal(loaded.detector.score(FEATURES), detector.score(FEATURES))


def test_first_champion_then_challengers_then_promotion(fresh):
    with pytest.raises(AliasNotFoundError, match=r"'champion'.*burnwatch train"):
        fresh.resolve()
    detector, calibration = trained()
    first = fresh.log_training(detector, calibration, TRAINING)
    assert (fresh.version_of("champion"), fresh.version_of("challenger"), fresh.version_of("previous")) == (1, 1, None)
    second = fresh.log_training(detector, calibration, TRAINING)
    assert (fresh.version_of("champion"), fresh.version_of("challenger")) == (first, second)
    for _ in range(2):  # repeating it changes nothing
        fresh.set_champion(second)
        assert (fresh.version_of("champion"), fresh.version_of("previous")) == (second, first)
    fresh.set_champion(first)
    assert (fresh.resolve().version, fresh.resolve("previous").version) == (first, second)


def test_a_training_is_recorded_with_everything_it_depends_on(registry):
    detector, calibration = trained("forecaster")
    scores = detector.score(FEATURES)
    labels = FEATURES["z_step_a_m"].abs() > 2.5
    training = Training(
        "snapshot-2",
        "config-2",
        seed=11,
        params={f"setting_{number}": number for number in range(130)},
        metrics={"average_precision": 0.5},
        curves={"loss": [3.0, 2.0, 1.5]},
        figures={
            "precision_recall": plots.precision_recall(labels, scores),
            "score_timeline": plots.score_timeline(FEATURES.head(300), scores[:300], calibration.threshold("leo")),
            "training_loss": plots.training_loss({"loss": [3.0, 2.0, 1.5]}),
            "feature_weights": plots.feature_weights({"z_step_a_m": 0.7, "gap_days": 0.3}),
        },
    )
    version = registry.log_training(detector, calibration, training)
    client = registry._client
    found = client.get_model_version("burnwatch", str(version))
    run = client.get_run(found.run_id)
    expected = {
        "detector": "forecaster",
        "data_snapshot": "snapshot-2",
        "config_hash": "config-2",
        "seed": "11",
        "code_version": bundle.code_version(),
    }
    assert expected.items() <= found.tags.items()
    assert expected.items() <= run.data.tags.items()
    assert client.get_experiment(run.info.experiment_id).name == "burnwatch-forecaster"
    assert run.info.status == "FINISHED"
    assert run.data.metrics["average_precision"] == 0.5
    assert [one.value for one in client.get_metric_history(found.run_id, "loss")] == [3.0, 2.0, 1.5]
    assert len(run.data.params) == 130
    images = {one.path: one.file_size for one in client.list_artifacts(found.run_id, "plots")}
    assert set(images) == {f"plots/{name}.png" for name in training.figures}
    assert min(images.values()) > 5_000


@pytest.mark.parametrize(("metrics", "curves"), [({"f1": float("nan")}, {}), ({}, {"loss": [1.0, float("inf")]})])
def test_figures_that_are_no_numbers_are_refused_before_anything_is_written(tmp_path, metrics, curves):
    detector, calibration = trained()
    fresh = ModelRegistry(tmp_path / "mlflow")
    with pytest.raises(NonFiniteMetricError, match=r"f1|loss"):
        fresh.log_training(detector, calibration, Training("s", "c", 0, metrics=metrics, curves=curves))
    assert not fresh.home.exists()


def model_folder(registry: ModelRegistry, alias: str = "champion") -> Path:
    version = registry._client.get_model_version_by_alias("burnwatch", alias)
    source = registry._client.get_model_version_download_uri("burnwatch", version.version)
    return Path(source.removeprefix("file://"))


@pytest.mark.parametrize("damage", ["changed", "gone", "added", "manifest"])
def test_files_that_are_not_as_they_were_written_are_not_loaded(fresh, damage):
    fresh.log_training(*trained(), TRAINING)
    folder = model_folder(fresh) / "data" / "bundle"
    forests = folder / "detector" / "forests.skops"
    if damage == "changed":
        forests.write_bytes(forests.read_bytes()[:-1] + b"!")
    elif damage == "gone":
        forests.unlink()
    elif damage == "added":
        (folder / "detector" / "extra.pkl").write_bytes(b"\x80\x04.")
    else:  # a consistent forgery: file and manifest both replaced
        forests.write_bytes(b"other")
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["detector/forests.skops"] = bundle._sha256(forests)
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CorruptModelError, match=r"manifest|forests|extra"):
        fresh.resolve()


@pytest.mark.parametrize("what", ["schema", "version"])
def test_a_model_of_another_generation_is_refused(fresh, monkeypatch, what):
    with monkeypatch.context() as patch:
        if what == "schema":
            patch.setattr(bundle, "SCHEMA", bundle.SCHEMA + 1)
        else:
            patch.setattr(bundle, "code_version", lambda: "99.1.0")
        fresh.log_training(*trained(), TRAINING)
    with pytest.raises(IncompatibleModelError, match="train it again"):
        fresh.resolve()


class Killed(BaseException):
    """The process is gone."""


class Dying:
    """A client of MLflow that does so many writes, and nothing more."""

    def __init__(self, client: object, writes: int) -> None:
        self._client, self._left = client, writes

    def __getattr__(self, name: str) -> object:
        if not name.startswith(("get_", "search_")):
            self._left -= 1
        if self._left < 0:
            raise Killed
        return getattr(self._client, name)


def dies_after(home: Path, writes: int, work: Callable[[ModelRegistry], object]) -> bool:
    """Whether work on the registry at ``home`` was killed after so many writes."""
    registry = ModelRegistry(home)
    registry.__dict__["_client"] = Dying(registry._client, writes)
    try:
        work(registry)
    except Killed:
        return True
    return False


def learn(registry: ModelRegistry, training: Training) -> None:
    """What ``burnwatch train`` does with a detector."""
    registry.close_killed()
    known = registry.trained(
        detector="robust-step", data_snapshot=training.data_snapshot, config_hash="config-1", labels="none"
    )
    if known is None:
        registry.log_training(*trained("robust-step"), training)
    else:
        registry.set_challenger(known)


def untidy(registry: ModelRegistry) -> list[str]:
    """Runs without an end, models without a version, files of nobody."""
    client = registry._client
    experiments = [one.experiment_id for one in client.search_experiments()]
    versions = client.search_model_versions("name='burnwatch'")
    models = client.search_logged_models(experiments)
    left = [f"run {run.info.status}" for run in client.search_runs(experiments) if run.info.status == "RUNNING"]
    left += [f"model {model.status}" for model in models if model.source_run_id not in {one.run_id for one in versions}]
    places = {Path(one.source.removeprefix("file://")).parent for one in versions}
    left += [str(folder) for folder in registry.home.glob("artifacts/*/models/*") if folder not in places]
    return left + [str(folder) for folder in registry.home.glob(".scratch-*")]


def test_a_training_killed_at_any_write_is_finished_by_the_next(ready: Path, tmp_path: Path) -> None:
    second = Training("snapshot-2", "config-1", seed=7)
    killed, writes = True, 0
    while killed:
        home = tmp_path / f"mlflow-{writes}"
        shutil.copytree(ready, home)
        killed = dies_after(home, writes, lambda registry: learn(registry, TRAINING))
        registry = ModelRegistry(home)
        learn(registry, TRAINING)
        assert (registry.version_of("champion"), registry.version_of("challenger")) == (1, 1), writes
        assert untidy(registry) == [], writes
        dies_after(home, writes, lambda registry: learn(registry, second))
        learn(registry, second)
        assert (registry.version_of("champion"), registry.version_of("challenger")) == (1, 2), writes
        assert registry._client.get_registered_model("burnwatch").aliases == {"champion": 1, "challenger": 2}
        assert untidy(registry) == [], writes
        writes += 1
    assert writes > 8


def test_a_change_of_champion_killed_at_any_write_is_finished_by_repeating_it(ready: Path, tmp_path: Path) -> None:
    start = tmp_path / "start"
    shutil.copytree(ready, start)
    for snapshot in ("snapshot-1", "snapshot-2"):
        learn(ModelRegistry(start), Training(snapshot, "config-1", seed=7))
    killed, writes = True, 0
    while killed:
        home = tmp_path / f"mlflow-{writes}"
        shutil.copytree(start, home)
        killed = dies_after(home, writes, lambda registry: registry.set_champion(2))
        registry = ModelRegistry(home)
        registry.set_champion(2)
        aliases = {"champion": 2, "challenger": 2, "previous": 1}
        assert registry.roles().aliases() == registry._client.get_registered_model("burnwatch").aliases == aliases
        killed |= dies_after(home, writes, lambda registry: registry.roll_back())
        for _ in range(2):
            assert registry.roll_back() == (1, 2)
        aliases = {"champion": 1, "challenger": 2, "previous": 2}
        assert registry.roles().aliases() == registry._client.get_registered_model("burnwatch").aliases == aliases
        writes += 1
    assert writes > 2
    registry.set_champion(2)
    assert registry.roll_back() == (1, 2)


def test_a_registry_from_before_there_was_a_record_is_what_its_aliases_say(ready: Path, tmp_path: Path) -> None:
    home = tmp_path / "mlflow"
    shutil.copytree(ready, home)
    registry = ModelRegistry(home)
    for snapshot in ("snapshot-1", "snapshot-2"):
        learn(registry, Training(snapshot, "config-1", seed=7))
    registry._client.delete_registered_model_tag("burnwatch", "roles")
    registry._client.set_registered_model_alias("burnwatch", "champion", "2")
    assert registry.roles().aliases() == {"champion": 2, "challenger": 2}
    assert (registry.resolve().version, registry.resolve("1").version) == (2, 1)
    registry.set_champion(1)
    assert registry.roles().aliases() == {"champion": 1, "challenger": 2, "previous": 2}


def test_what_is_damaged_is_named_trained_again_and_not_rolled_back_to(ready: Path, tmp_path: Path) -> None:
    home = tmp_path / "mlflow"
    shutil.copytree(ready, home)
    registry = ModelRegistry(home)
    learn(registry, TRAINING)
    folder = model_folder(registry)
    (folder / "data" / "bundle" / "calibration.json").unlink()
    for _ in range(2):
        with pytest.raises(CorruptModelError, match=f"{folder}.*calibration.json is missing.*burnwatch promote"):
            registry.resolve()
        learn(registry, TRAINING)
        assert registry.roles().aliases() == {"champion": 1, "challenger": 2}
    registry.set_champion(2)
    with pytest.raises(CorruptModelError, match=str(folder)):
        registry.roll_back()
    assert registry.version_of("champion") == 2
    shutil.rmtree(model_folder(registry))
    with pytest.raises(CorruptModelError, match=r"no manifest\.json"):
        registry.resolve()


def test_a_crash_while_registering_leaves_the_aliases_alone(fresh, monkeypatch):
    first = fresh.log_training(*trained(), TRAINING)

    def crash(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fresh._client, "create_model_version", crash)
        with pytest.raises(KeyboardInterrupt):
            fresh.log_training(*trained(), TRAINING)
    assert fresh.version_of("challenger") == fresh.version_of("champion") == first
    runs = fresh._client.search_runs([fresh._experiment("isolation-forest")])
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED"]
    assert fresh.log_training(*trained(), TRAINING) == first + 1


def test_mlflow_itself_can_serve_it_without_pickle(registry):
    """MLFLOW_ALLOW_PICKLE_DESERIALIZATION is false in these tests; nor is code read from the model's files."""
    import mlflow

    detector, calibration = trained("forecaster")
    registry.log_training(detector, calibration, TRAINING)
    folder = model_folder(registry, "challenger")
    assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pt", ".joblib", ".py"}]
    served = mlflow.pyfunc.load_model(str(folder))
    kinds = {column.name: str(column.type) for column in served.metadata.signature.inputs}
    assert set(kinds) == {"norad_id", "epoch", "regime", *detector.inputs}
    assert {kinds[name] for name in detector.inputs} == {"DataType.double"}
    sent = FEATURES[list(kinds)].assign(epoch=FEATURES["epoch"].dt.tz_localize(None))
    answer = served.predict(sent)
    np.testing.assert_allclose(answer["score"], detector.score(FEATURES))
    np.testing.assert_allclose(answer["probability"], calibration.probability(answer["score"], FEATURES["regime"]))


def test_a_given_client_is_used(registry):
    again = ModelRegistry(registry.home, client=registry._client)
    assert again.version_of("challenger") == registry.version_of("challenger")


def test_several_processes_may_meet_a_fresh_database(tmp_path):
    code = "import sys; from pathlib import Path; from models.registry import ModelRegistry; ModelRegistry(Path(sys.argv[1])).migrate()"
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "mlflow")], cwd=Path(__file__).parents[2]
        )
        for _ in range(2)
    ]
    assert [process.wait(timeout=120) for process in started] == [0, 0]


def test_importing_the_registry_does_not_import_mlflow():
    code = "import sys, models.registry; assert not {'mlflow', 'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_home_that_was_moved_keeps_its_models_and_takes_new_ones(fresh: ModelRegistry, tmp_path: Path) -> None:
    first = fresh.log_training(*trained(), TRAINING)
    place = tmp_path / "elsewhere, ö" / "mlflow"
    place.parent.mkdir()
    fresh.home.rename(place)
    moved = ModelRegistry(place)
    assert moved.resolve().version == first
    moved.log_training(*trained(), Training("snapshot-2", "config-1", seed=7))
    assert not fresh.home.exists()
    assert len(list(place.glob("artifacts/isolation-forest/models/*"))) == 2


def test_a_copy_of_a_home_leaves_the_original_alone(fresh: ModelRegistry, tmp_path: Path) -> None:
    fresh.log_training(*trained(), TRAINING)
    shutil.copytree(fresh.home, tmp_path / "copy" / "mlflow")
    copy = ModelRegistry(tmp_path / "copy" / "mlflow")
    copy.log_training(*trained(), Training("snapshot-2", "config-1", seed=7))
    assert len(list(fresh.home.glob("artifacts/isolation-forest/models/*"))) == 1
    assert copy.resolve("challenger").version == 2


DIES = """
import os, sys
from pathlib import Path
import sqlalchemy
from models.registry import ModelRegistry

@sqlalchemy.event.listens_for(sqlalchemy.Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if "index_params_run_uuid" in statement:
        os._exit(9)

ModelRegistry(Path(sys.argv[1])).migrate()
"""


def test_a_kill_while_the_database_is_made_does_no_harm(tmp_path: Path) -> None:
    home = tmp_path / "mlflow"
    died = subprocess.run([sys.executable, "-c", DIES, str(home)], check=False, timeout=120, cwd=REPOSITORY)
    assert died.returncode == 9
    assert ModelRegistry(home).version_of("champion") is None
    assert not list(home.glob("*mlflow.db?*"))
