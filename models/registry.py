"""Trained models and how they came about, in MLflow: the only module that imports mlflow, and only when it is used.

Every trained model is a version of the one registered model ``burnwatch``, whatever its detector. Aliases:
``challenger`` (trained last), ``champion`` (scores new sets), ``previous`` (the champion before). Nothing is pickled,
and no code is read from a model's files: MLflow's pyfunc flavor names this installed module as the loader.
"""

from __future__ import annotations

import logging
import math
import os
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from filelock import FileLock

from catalog.atomic import replacing
from models.bundle import SCHEMA, Bundle, code_version, read_bundle, write_bundle
from models.detect.base import Detector
from models.detect.calibration import Calibration
from models.errors import ModelError
from models.relocation import ARTIFACTS, move_along

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
    from mlflow.models import ModelSignature

MODEL_NAME = "burnwatch"
CHALLENGER, CHAMPION, PREVIOUS = "challenger", "champion", "previous"

_LIBRARIES = ("numpy", "pandas", "pydantic", "safetensors", "scikit-learn", "scipy", "skops", "torch")
_BUNDLE = "bundle"
_MOST_IN_A_BATCH = 100  # MLflow refuses more params in one call


class AliasNotFoundError(ModelError):
    """No model carries the alias that was asked for."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        super().__init__(f"no model is {alias!r} yet: train one with `burnwatch train`")


class NonFiniteMetricError(ModelError):
    """A metric is NaN or infinite, which MLflow would store as another number."""

    def __init__(self, metrics: list[str]) -> None:
        self.metrics = metrics
        super().__init__(f"metrics are not finite numbers and were not logged: {', '.join(metrics)}")


@dataclass(frozen=True)
class Training:
    """What is kept of a training beside the model itself.

    Parameters
    ----------
    data_snapshot, config_hash : str
        Identity of the element sets and of the configuration that it was trained with.
    seed : int
    labels : str
        Identity of the labels that it was measured against; 'none' without.
    params : mapping
        Settings, kept as text.
    metrics : mapping
        Figures of the finished model, such as ``average_precision``.
    curves : mapping
        Figures of every pass, such as ``loss``.
    figures : mapping
        Name -> plot (see ``models.plots``).
    """

    data_snapshot: str
    config_hash: str
    seed: int
    labels: str = "none"
    params: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


class LoadedModel(NamedTuple):
    """A model fetched from the registry, its checksums verified."""

    detector: Detector
    calibration: Calibration
    version: int
    uri: str
    tags: dict[str, str]


class ModelRegistry:
    """Records trainings, keeps their models, and says which one scores.

    Parameters
    ----------
    home : Path
        Folder of the SQLite database and the artifacts, made on first use; normally ``$BURNWATCH_HOME/mlflow``.
    tracking_uri : str, optional
        An MLflow server or database instead of the one in ``home``; artifacts then go where that says.
    client : MlflowClient, optional
        Use this one instead of making one.
    """

    def __init__(self, home: Path, *, tracking_uri: str | None = None, client: MlflowClient | None = None) -> None:
        self.home = home.resolve()
        self._own_store = tracking_uri is None and client is None
        self.tracking_uri = tracking_uri or f"sqlite:///{self.home / 'mlflow.db'}"
        if client is not None:
            self.tracking_uri = client.tracking_uri
            self.__dict__["_client"] = client

    def migrate(self) -> None:
        """Make the database. Other calls do so when needed; call it before workers start, to be quick."""
        self._client.search_experiments(max_results=1)

    def log_training(self, detector: Detector, calibration: Calibration, training: Training) -> int:
        """Record a training and register its model as challenger; the first model of all becomes champion too.

        Returns the version. Until the last step no alias changes: a crash leaves at most a failed run.

        Raises
        ------
        NonFiniteMetricError
        """
        _check_finite(training)
        client = self._client
        run = client.create_run(
            self._experiment(detector.name), run_name=f"{detector.name}-{training.data_snapshot[:12]}"
        )
        run_id = run.info.run_id
        tags = {
            "detector": detector.name,
            "data_snapshot": training.data_snapshot,
            "config_hash": training.config_hash,
            "labels": training.labels,
            "seed": str(training.seed),
            "code_version": code_version(),
            "model_schema": str(SCHEMA),
        }
        try:
            self._log_figures_and_metrics(run_id, training, tags)
            model = client.create_logged_model(
                run.info.experiment_id, name=detector.name, source_run_id=run_id, tags=tags, model_type="detector"
            )
            with tempfile.TemporaryDirectory(prefix="burnwatch-model-") as scratch:
                tags["manifest_sha256"] = _write_model(Path(scratch), detector, calibration)
                client.log_model_artifacts(model.model_id, str(Path(scratch) / "model"))
            client.finalize_logged_model(model.model_id, "READY")
            # Not ``model.model_uri``: MLflow would look that up in the process's default store instead of this one.
            version = self._register(model.artifact_location, run_id, model.model_id, tags)
        except BaseException:
            client.set_terminated(run_id, "FAILED")
            raise
        client.set_terminated(run_id)
        client.set_registered_model_alias(MODEL_NAME, CHALLENGER, str(version))
        if self.version_of(CHAMPION) is None:
            self.set_champion(version)
        return version

    def set_champion(self, version: int) -> None:
        """Let ``version`` score from now on and keep the champion so far as ``previous``; safe to repeat."""
        champion = self.version_of(CHAMPION)
        if champion == version:
            return
        if champion is not None:
            self._client.set_registered_model_alias(MODEL_NAME, PREVIOUS, str(champion))
        self._client.set_registered_model_alias(MODEL_NAME, CHAMPION, str(version))

    def version_of(self, alias: str) -> int | None:
        """The version that carries ``alias``, or None."""
        found = self._find(alias)
        return None if found is None else int(found.version)

    def trained(self, *, detector: str, data_snapshot: str, config_hash: str, labels: str) -> int | None:
        """The latest version made by this code of this detector, data, configuration and labels, or None."""
        wanted = {
            "detector": detector,
            "data_snapshot": data_snapshot,
            "config_hash": config_hash,
            "labels": labels,
            "code_version": code_version(),
        }
        versions = [
            int(found.version)
            for found in self._client.search_model_versions(f"name='{MODEL_NAME}'")
            if wanted.items() <= dict(found.tags).items()
        ]
        return max(versions, default=None)

    def resolve(self, alias: str = CHAMPION) -> LoadedModel:
        """Fetch the model that carries ``alias``.

        Raises
        ------
        AliasNotFoundError
        models.bundle.CorruptModelError
            When its files are not those that were registered.
        models.bundle.IncompatibleModelError
            When another version of burnwatch wrote it, whose models this one cannot read.
        """
        found = self._find(alias)
        if found is None:
            raise AliasNotFoundError(alias)
        tags: dict[str, str] = dict(found.tags)
        source = self._client.get_model_version_download_uri(MODEL_NAME, found.version)
        with tempfile.TemporaryDirectory(prefix="burnwatch-model-") as scratch:
            folder = _download(source, scratch, self.tracking_uri)
            bundle = read_bundle(folder / "data" / _BUNDLE, tags.get("manifest_sha256"))
        return LoadedModel(*bundle, int(found.version), f"models:/{MODEL_NAME}/{found.version}", tags)

    @cached_property
    def _client(self) -> MlflowClient:
        _import_mlflow()
        from mlflow import MlflowClient

        # Several processes that create the same SQLite tables at once break each other.
        with self._migration_lock():
            if self._own_store:
                self._prepare_database()
            client = MlflowClient(self.tracking_uri, registry_uri=self.tracking_uri)
            client.search_experiments(max_results=1)
        return client

    def _prepare_database(self) -> None:
        """Make the database where there is none, and let it follow a home that was moved."""
        database = self.home / "mlflow.db"
        if database.exists():
            move_along(database, f"{MODEL_NAME}-")
            return
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        # MLflow makes its tables in many transactions, and a database that has some of them is broken for good.
        for left in self.home.glob(f".{database.name}.*"):
            left.unlink()
        with replacing(database) as scratch:
            store = SqlAlchemyStore(f"sqlite:///{scratch}", (self.home / ARTIFACTS).as_uri())  # type: ignore[no-untyped-call]
            store.engine.dispose()

    def _migration_lock(self) -> AbstractContextManager[object]:
        if not self._own_store:
            return nullcontext()
        self.home.mkdir(parents=True, exist_ok=True)
        return FileLock(self.home / ".migration.lock")

    def _experiment(self, detector: str) -> str:
        from mlflow.exceptions import MlflowException

        name = f"{MODEL_NAME}-{detector}"
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        location = (self.home / ARTIFACTS / detector).as_uri() if self._own_store else None
        try:
            return str(self._client.create_experiment(name, artifact_location=location))
        except MlflowException:
            found = self._client.get_experiment_by_name(name)  # another process was first
            if found is None:
                raise
            return str(found.experiment_id)

    def _log_figures_and_metrics(self, run_id: str, training: Training, tags: Mapping[str, str]) -> None:
        from mlflow.entities import Metric, Param, RunTag

        now = int(time.time() * 1000)
        metrics = [Metric(name, float(value), now, 0) for name, value in training.metrics.items()]
        for name, values in training.curves.items():
            metrics += [Metric(name, float(value), now, step) for step, value in enumerate(values, start=1)]
        params = [Param(name, str(value)) for name, value in training.params.items()]
        self._client.log_batch(run_id, tags=[RunTag(name, value) for name, value in tags.items()])
        for low in range(0, max(len(metrics), len(params)), _MOST_IN_A_BATCH):
            window = slice(low, low + _MOST_IN_A_BATCH)
            self._client.log_batch(run_id, metrics=metrics[window], params=params[window])
        for name, figure in training.figures.items():
            self._client.log_figure(run_id, figure, f"plots/{name}.png")

    def _register(self, source: str, run_id: str, model_id: str, tags: Mapping[str, str]) -> int:
        from mlflow.exceptions import MlflowException

        try:
            self._client.create_registered_model(MODEL_NAME, description="Scores gaps between element sets.")
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        made = self._client.create_model_version(
            MODEL_NAME, source, run_id, tags=dict(tags), model_id=model_id, await_creation_for=0
        )
        return int(made.version)

    def _find(self, alias: str) -> ModelVersion | None:
        from mlflow.exceptions import MlflowException

        try:
            return self._client.get_model_version_by_alias(MODEL_NAME, alias)
        except MlflowException as error:
            if error.error_code in {"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"}:
                return None
            raise


class ScoringModel:
    """What ``mlflow.pyfunc`` calls: feature rows in, score, threshold and probability out."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def predict(self, model_input: pd.DataFrame, params: dict[str, object] | None = None) -> pd.DataFrame:  # noqa: ARG002
        """Score feature rows (N gaps), sorted by (norad_id, epoch); epochs in UTC, without a zone as MLflow has it."""
        detector, calibration = self._bundle
        features = model_input.assign(epoch=pd.to_datetime(model_input["epoch"], utc=True))
        scores = detector.score(features)
        return pd.DataFrame(
            {
                "score": scores,
                "threshold": calibration.thresholds(model_input["regime"]),
                "probability": calibration.probability(scores, model_input["regime"]),
            },
            index=model_input.index,
        )


def _load_pyfunc(path: str) -> ScoringModel:
    """The hook that MLflow's pyfunc flavor looks for in its loader module."""
    return ScoringModel(read_bundle(Path(path)))


def _import_mlflow() -> None:
    """Import mlflow with its telemetry off and its chatter about migrations."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_SKIP_PIP_REQUIREMENTS_CHECK", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.artifacts
        import mlflow.pyfunc  # noqa: F401

    logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)


def _write_model(scratch: Path, detector: Detector, calibration: Calibration) -> str:
    """Write ``scratch``/model as MLflow reads it; returns the SHA-256 of the bundle's manifest."""
    import mlflow.pyfunc

    manifest_sha256 = write_bundle(scratch / _BUNDLE, detector, calibration)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*input example was not provided")  # the signature is given
        mlflow.pyfunc.save_model(
            scratch / "model",
            loader_module=__name__,
            data_path=str(scratch / _BUNDLE),
            signature=_signature(detector),
            pip_requirements=[f"{name}=={installed_version(name)}" for name in _LIBRARIES],
        )
    return manifest_sha256


def _signature(detector: Detector) -> ModelSignature:
    """Inputs and outputs; features are float64, since integers cannot hold NaN."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {"norad_id": "long", "epoch": "datetime", "regime": "string"}
    inputs = [ColSpec(kinds.get(name, "double"), name) for name in dict.fromkeys((*kinds, *detector.inputs))]
    outputs = [ColSpec("double", name) for name in ("score", "threshold", "probability")]
    return ModelSignature(Schema([*inputs]), Schema([*outputs]))


def _download(source: str, scratch: str, tracking_uri: str) -> Path:
    import mlflow.artifacts

    return Path(
        mlflow.artifacts.download_artifacts(
            artifact_uri=source, dst_path=scratch, tracking_uri=tracking_uri, registry_uri=tracking_uri
        )
    )


def _check_finite(training: Training) -> None:
    figures = {**training.metrics, **{f"curve {name}": sum(values) for name, values in training.curves.items()}}
    bad = sorted(name for name, value in figures.items() if not math.isfinite(value))
    if bad:
        raise NonFiniteMetricError(bad)
