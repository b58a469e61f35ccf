"""Trained models, how they came about and which of them scores.

Every trained model is a version of the one registered model ``burnwatch``, whatever its detector. Aliases:
``challenger`` (trained last), ``champion`` (scores new sets), ``previous`` (the champion before). Nothing is pickled,
and no code is read from a model's files: MLflow's pyfunc flavor names this installed package as the loader.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from models.bundle import SCHEMA, code_version, read_bundle
from models.detect.base import Detector
from models.detect.calibration import Calibration
from models.errors import ModelError
from models.registry.pyfunc import BUNDLE, write_model
from models.registry.tracking import MODEL_NAME, Tracking, check_finite

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow.entities.model_registry import ModelVersion

CHALLENGER, CHAMPION, PREVIOUS = "challenger", "champion", "previous"
_LONGEST_TAG = 4000  # MLflow refuses more


class AliasNotFoundError(ModelError):
    """No model carries the alias that was asked for."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        super().__init__(f"no model is {alias!r} yet: train one with `burnwatch train`")


@dataclass(frozen=True)
class Training:
    """What is kept of a training beside the model itself.

    Parameters
    ----------
    data_snapshot, config_hash : str
        Identity of all that it learned from and was measured against, and of the configuration that it was trained with.
    seed : int
    labels : str
        Identity of the burn logs that it was measured against; 'none' without.
    element_sets, verdicts : str
        Parts of the data snapshot: that of the store, and that of the analysts' verdicts ('none' without).
    data_until : str
        When the last element set of the data became available (ISO 8601, UTC); empty where it is not known.
    params : mapping
        Settings, kept as text.
    metrics : mapping
        Figures of the finished model, such as ``average_precision``.
    curves : mapping
        Figures of every pass, such as ``loss``.
    figures : mapping
        Name -> plot (see ``models.plots``).
    texts : mapping
        Name of a file -> its content.
    """

    data_snapshot: str
    config_hash: str
    seed: int
    labels: str = "none"
    element_sets: str = ""
    verdicts: str = "none"
    data_until: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


class LoadedModel(NamedTuple):
    """A model fetched from the registry, its checksums verified."""

    detector: Detector
    calibration: Calibration
    version: int
    uri: str
    tags: dict[str, str]


class ModelRegistry(Tracking):
    """Records trainings, keeps their models, and says which one scores."""

    def log_training(self, detector: Detector, calibration: Calibration, training: Training) -> int:
        """Record a training and register its model as challenger; the first model of all becomes champion too.

        Returns the version. Until the last step no alias changes: a crash leaves at most a failed run.

        Raises
        ------
        NonFiniteMetricError
        """
        check_finite(training.metrics, training.curves)
        client = self._client
        tags = {
            "detector": detector.name,
            "data_snapshot": training.data_snapshot,
            "config_hash": training.config_hash,
            "labels": training.labels,
            "element_sets": training.element_sets,
            "verdicts": training.verdicts,
            "data_until": training.data_until,
            "seed": str(training.seed),
            "code_version": code_version(),
            "model_schema": str(SCHEMA),
        }
        with self.run(detector.name, f"{detector.name}-{training.data_snapshot[:12]}", tags) as run_id:
            self.log(
                run_id,
                params=training.params,
                metrics=training.metrics,
                curves=training.curves,
                figures=training.figures,
            )
            for file, text in training.texts.items():
                client.log_text(run_id, text, file)
            model = client.create_logged_model(
                client.get_run(run_id).info.experiment_id,
                name=detector.name,
                source_run_id=run_id,
                tags=tags,
                model_type="detector",
            )
            with tempfile.TemporaryDirectory(prefix="burnwatch-model-") as scratch:
                tags["manifest_sha256"] = write_model(Path(scratch), detector, calibration)
                client.log_model_artifacts(model.model_id, str(Path(scratch) / "model"))
            client.finalize_logged_model(model.model_id, "READY")
            # Not ``model.model_uri``: MLflow would look that up in the process's default store instead of this one.
            version = self._register(model.artifact_location, run_id, model.model_id, tags)
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

    def roll_back(self) -> tuple[int, int]:
        """Let the champion before score again; returns the version that scores now and the one that did.

        Raises
        ------
        AliasNotFoundError
            If there was none.
        """
        champion, before = self.version_of(CHAMPION), self.version_of(PREVIOUS)
        if champion is None or before is None:
            raise AliasNotFoundError(PREVIOUS if champion is not None else CHAMPION)
        self.set_champion(before)
        return before, champion

    def record_decision(
        self, version: int, decision: str, reasons: Sequence[str], figures: Mapping[str, float]
    ) -> None:
        """Keep a decision about a version, in its tags and in those of its run, with its figures as metrics."""
        client = self._client
        run_id = self.run_of(version)
        said = "; ".join(reasons)[:_LONGEST_TAG]
        for name, value in (("decision", decision), ("decision_reasons", said)):
            client.set_model_version_tag(MODEL_NAME, str(version), name, value)
            client.set_tag(run_id, name, value)
        self.log(run_id, metrics=figures)

    def run_of(self, version: int) -> str:
        """The run of MLflow that made a version."""
        return str(self._client.get_model_version(MODEL_NAME, str(version)).run_id)

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
            bundle = read_bundle(folder / "data" / BUNDLE, tags.get("manifest_sha256"))
        return LoadedModel(*bundle, int(found.version), f"models:/{MODEL_NAME}/{found.version}", tags)

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


def _download(source: str, scratch: str, tracking_uri: str) -> Path:
    import mlflow.artifacts

    return Path(
        mlflow.artifacts.download_artifacts(
            artifact_uri=source, dst_path=scratch, tracking_uri=tracking_uri, registry_uri=tracking_uri
        )
    )
