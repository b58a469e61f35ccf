"""Trained models, how they came about and which of them scores.

Every trained model is a version of the one registered model ``burnwatch``, whatever its detector. Roles:
``challenger`` (trained last), ``champion`` (scores new sets), ``previous`` (the champion before). Nothing is pickled,
and no code is read from a model's files: MLflow's pyfunc flavor names this installed package as the loader.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from models.bundle import SCHEMA, CorruptModelError, code_version, read_bundle, verify
from models.detect.base import Detector
from models.detect.calibration import Calibration
from models.errors import ModelError
from models.registry.pyfunc import BUNDLE, write_model
from models.registry.roles import CHAMPION, PREVIOUS, ROLES, TAG, Roles
from models.registry.tracking import MODEL_NAME, Tracking, check_finite, local_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow.entities.model_registry import ModelVersion

_LONGEST_TAG = 4000  # MLflow refuses more


class AliasNotFoundError(ModelError):
    """No model has the role that was asked for."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        advice = "no other was champion before" if alias == PREVIOUS else "train one with `burnwatch train`"
        super().__init__(f"no model is {alias!r} yet: {advice}")


class VersionNotFoundError(ModelError):
    """There is no such version of the model."""

    def __init__(self, wanted: str, versions: Sequence[int]) -> None:
        self.wanted = wanted
        self.versions = versions
        there = f"there are {', '.join(map(str, versions))}" if versions else "there is none: run `burnwatch train`"
        super().__init__(f"no model is version {wanted!r}: {there}; or say {', '.join(ROLES[:-1])} or {ROLES[-1]}")


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

        Returns the version. Until the last step nobody else scores: what a kill leaves undone the next training does.

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
            with self._scratch() as scratch:
                tags["manifest_sha256"] = write_model(scratch, detector, calibration)
                client.log_model_artifacts(model.model_id, str(scratch / "model"))
            client.finalize_logged_model(model.model_id, "READY")
            # Not ``model.model_uri``: MLflow would look that up in the process's default store instead of this one.
            version = self._register(model.artifact_location, run_id, model.model_id, tags)
        self.set_challenger(version)
        return version

    def set_challenger(self, version: int) -> None:
        """Let ``version`` challenge the champion, or score where nothing does; safe to repeat."""
        self._change(lambda roles: roles.with_challenger(version))

    def set_champion(self, version: int) -> None:
        """Let ``version`` score from now on and keep the champion so far as ``previous``; safe to repeat."""
        self._change(lambda roles: roles.with_champion(version))

    def roll_back(self) -> tuple[int, int]:
        """Let the champion before score again; returns the version that scores now and the one that did. Safe to repeat.

        Raises
        ------
        AliasNotFoundError
            If there was none.
        models.bundle.UnreadableModelError
            If it cannot be read.
        """
        roles = self.roles()
        if roles.champion is None or roles.previous is None:
            raise AliasNotFoundError(PREVIOUS if roles.champion is not None else CHAMPION)
        if not roles.rolled_back:
            self.resolve(PREVIOUS)
        self._change(Roles.with_previous)
        return (roles.champion, roles.previous) if roles.rolled_back else (roles.previous, roles.champion)

    def roles(self) -> Roles:
        """Which version does what."""
        return self._recorded()[0]

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

    def version_of(self, role: str) -> int | None:
        """The version that has a role, or None."""
        return self.roles().aliases().get(role)

    def empty(self) -> bool:
        """No model was ever registered."""
        return not self._versions()

    def trained(self, *, detector: str, data_snapshot: str, config_hash: str, labels: str) -> int | None:
        """The latest version made by this code of this detector, data, configuration and labels, or None.

        One whose files are not as they were written does not count.
        """
        wanted = {
            "detector": detector,
            "data_snapshot": data_snapshot,
            "config_hash": config_hash,
            "labels": labels,
            "code_version": code_version(),
        }
        same = [found for found in self._versions() if wanted.items() <= dict(found.tags).items()]
        for found in sorted(same, key=lambda each: -int(each.version)):
            with suppress(CorruptModelError), self._files(found) as folder:
                verify(folder, found.tags.get("manifest_sha256"))
                return int(found.version)
        return None

    def resolve(self, wanted: str = CHAMPION) -> LoadedModel:
        """Fetch the model with a role, or a version.

        Raises
        ------
        AliasNotFoundError
            When no model has that role.
        VersionNotFoundError
        models.bundle.CorruptModelError
            When its files are not those that were registered.
        models.bundle.IncompatibleModelError
            When another version of burnwatch wrote it, whose models this one cannot read.
        """
        found = self._find(wanted)
        tags: dict[str, str] = dict(found.tags)
        with self._files(found) as folder:
            bundle = read_bundle(folder, tags.get("manifest_sha256"))
        return LoadedModel(*bundle, int(found.version), f"models:/{MODEL_NAME}/{found.version}", tags)

    @contextmanager
    def _files(self, found: ModelVersion) -> Iterator[Path]:
        """The folder of a version's bundle: where it lies, or a copy of what a server holds."""
        source = self._client.get_model_version_download_uri(MODEL_NAME, found.version)
        place = local_path(source)
        if place is not None:
            yield place / "data" / BUNDLE
            return
        with tempfile.TemporaryDirectory(prefix="burnwatch-model-") as scratch:
            try:
                yield _download(source, scratch, self.tracking_uri) / "data" / BUNDLE
            except CorruptModelError as error:
                raise CorruptModelError(source, error.problems) from error

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

    def _find(self, wanted: str) -> ModelVersion:
        roles, aliases = self._recorded()
        number = str(roles.aliases().get(wanted, aliases.get(wanted, wanted)))
        if number in ROLES:
            raise AliasNotFoundError(wanted)
        versions = {str(found.version): found for found in self._versions()}
        if number not in versions:
            raise VersionNotFoundError(wanted, sorted(map(int, versions)))
        return versions[number]

    def _versions(self) -> list[ModelVersion]:
        return list(self._client.search_model_versions(f"name='{MODEL_NAME}'"))

    def _recorded(self) -> tuple[Roles, dict[str, str]]:
        """Who does what by the record, and the aliases as they are."""
        from mlflow.exceptions import MlflowException

        try:
            model = self._client.get_registered_model(MODEL_NAME)
        except MlflowException as error:
            if error.error_code == "RESOURCE_DOES_NOT_EXIST":
                return Roles(), {}
            raise
        aliases = {str(alias): str(version) for alias, version in model.aliases.items()}
        return Roles.read(model.tags, aliases), aliases

    def _change(self, change: Callable[[Roles], Roles]) -> None:
        """Write the record anew and let the aliases follow, also where a kill kept them from it."""
        with self.lock("roles"):
            before, aliases = self._recorded()
            after = change(before)
            if after != before:
                self._client.set_registered_model_tag(MODEL_NAME, TAG, after.text())
            for role, version in after.aliases().items():
                if aliases.get(role) != str(version):
                    self._client.set_registered_model_alias(MODEL_NAME, role, str(version))


def _download(source: str, scratch: str, tracking_uri: str) -> Path:
    import mlflow.artifacts

    return Path(
        mlflow.artifacts.download_artifacts(
            artifact_uri=source, dst_path=scratch, tracking_uri=tracking_uri, registry_uri=tracking_uri
        )
    )
