"""MLflow's database and artifacts under the home, or wherever an address says."""

from __future__ import annotations

import logging
import math
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock

from catalog.atomic import replacing
from catalog.sqlite import sqlite_url
from models.errors import ModelError
from models.relocation import ARTIFACTS, move_along

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from mlflow import MlflowClient

MODEL_NAME = "burnwatch"
_PREFIX, _SCRATCH = f"{MODEL_NAME}-", ".scratch-"
_MOST_IN_A_BATCH = 100  # MLflow refuses more params in one call


class NonFiniteMetricError(ModelError):
    """A metric is NaN or infinite, which MLflow would store as another number."""

    def __init__(self, metrics: list[str]) -> None:
        self.metrics = metrics
        super().__init__(f"metrics are not finite numbers and were not logged: {', '.join(metrics)}")


class Tracking:
    """A connection to MLflow, made when it is first needed.

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
        self.tracking_uri = tracking_uri or sqlite_url(self.home / "mlflow.db")
        if client is not None:
            self.tracking_uri = client.tracking_uri
            self.__dict__["_client"] = client

    def migrate(self) -> None:
        """Make the database. Other calls do so when needed; call it before workers start, to be quick."""
        self._client.search_experiments(max_results=1)

    @contextmanager
    def run(self, experiment: str, name: str, tags: Mapping[str, str]) -> Iterator[str]:
        """A new run's id while the block is at work; it ends as failed where the block does.

        One run at a time is at work in a home: whatever else is still open when it begins was killed, and is closed.

        Parameters
        ----------
        experiment : str
            Which of burnwatch's: its name without the prefix.
        name : str
        tags : mapping
        """
        from mlflow.entities import RunTag

        with self.lock("run"):
            self._close_killed()
            run_id: str = self._client.create_run(self._experiment(experiment), run_name=name).info.run_id
            try:
                self._client.log_batch(run_id, tags=[RunTag(key, value) for key, value in tags.items()])
                yield run_id
            except BaseException:
                self._discard_models(run_id)
                self._client.set_terminated(run_id, "FAILED")
                raise
            self._client.set_terminated(run_id)

    def close_killed(self) -> None:
        """Close the runs whose processes were killed, and remove what they left of models that nobody registered."""
        with self.lock("run"):
            self._close_killed()

    def _close_killed(self) -> None:
        if not self._own_store:
            return  # others may be at work there
        for left in self.home.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left, ignore_errors=True)
        found = self._client.search_experiments(filter_string=f"name LIKE '{_PREFIX}%'")
        ids = [experiment.experiment_id for experiment in found]
        for run in self._client.search_runs(ids, "attributes.status = 'RUNNING'") if ids else ():
            registered = self._discard_models(run.info.run_id)
            self._client.set_terminated(run.info.run_id, "FINISHED" if registered else "KILLED")

    def _discard_models(self, run_id: str) -> bool:
        """Remove the models of a run that registered none of them; says whether it did register one."""
        if list(self._client.search_model_versions(f"run_id = '{run_id}'")):
            return True
        experiment_id = self._client.get_run(run_id).info.experiment_id
        for model in self._client.search_logged_models([experiment_id], f"source_run_id = '{run_id}'"):
            if model.status == "PENDING":
                self._client.finalize_logged_model(model.model_id, "FAILED")
            place = local_path(model.artifact_location)
            if place is not None and self._own_store:
                shutil.rmtree(place.parent, ignore_errors=True)
            self._client.delete_logged_model(model.model_id)
        return False

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """A folder for the block; that of a block that was killed goes with its run."""
        place = self.home if self._own_store else None
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=place) as folder:
            yield Path(folder)

    def log(
        self,
        run_id: str,
        *,
        params: Mapping[str, object] | None = None,
        metrics: Mapping[str, float] | None = None,
        curves: Mapping[str, Sequence[float]] | None = None,
        figures: Mapping[str, Figure] | None = None,
    ) -> None:
        """Add to a run.

        Parameters
        ----------
        params : mapping
            Settings, kept as text.
        metrics : mapping
        curves : mapping
            Figures of every pass.
        figures : mapping
            Name -> plot.

        Raises
        ------
        NonFiniteMetricError
        """
        from mlflow.entities import Metric, Param

        check_finite(metrics or {}, curves or {})
        now = int(time.time() * 1000)
        kept = [Metric(name, float(value), now, 0) for name, value in (metrics or {}).items()]
        for name, values in (curves or {}).items():
            kept += [Metric(name, float(value), now, step) for step, value in enumerate(values, start=1)]
        settings = [Param(name, str(value)) for name, value in (params or {}).items()]
        for low in range(0, max(len(kept), len(settings)), _MOST_IN_A_BATCH):
            window = slice(low, low + _MOST_IN_A_BATCH)
            self._client.log_batch(run_id, metrics=kept[window], params=settings[window])
        for name, figure in (figures or {}).items():
            self._client.log_figure(run_id, figure, f"plots/{name}.png")

    @cached_property
    def _client(self) -> MlflowClient:
        _import_mlflow()
        from mlflow import MlflowClient

        # Several processes that create the same SQLite tables at once break each other.
        with self.lock("migration"):
            if self._own_store:
                self._prepare_database()
            client = MlflowClient(self.tracking_uri, registry_uri=self.tracking_uri)
            client.search_experiments(max_results=1)
        return client

    def _prepare_database(self) -> None:
        """Make the database where there is none, and let it follow a home that was moved."""
        database = self.home / "mlflow.db"
        if database.exists():
            move_along(database, _PREFIX)
            return
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        # MLflow makes its tables in many transactions, and a database that has some of them is broken for good.
        for left in self.home.glob(f".{database.name}.*"):
            left.unlink()
        with replacing(database, private=True) as scratch:
            store = SqlAlchemyStore(sqlite_url(scratch), (self.home / ARTIFACTS).as_uri())  # type: ignore[no-untyped-call]
            store.engine.dispose()

    def lock(self, work: str) -> AbstractContextManager[object]:
        """What one process of this home at a time holds; a store elsewhere has to look after itself."""
        if not self._own_store:
            return nullcontext()
        self.home.mkdir(parents=True, exist_ok=True)
        return FileLock(self.home / f".{work}.lock")

    def _experiment(self, detector: str) -> str:
        from mlflow.exceptions import MlflowException

        name = f"{_PREFIX}{detector}"
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


def local_path(uri: str) -> Path | None:
    """The path of a file's address; None where it lies elsewhere."""
    parts = urlsplit(uri)
    return Path(url2pathname(parts.path)) if parts.scheme == "file" else None


def check_finite(metrics: Mapping[str, float], curves: Mapping[str, Sequence[float]]) -> None:
    """Refuse what MLflow would store as another number.

    Raises
    ------
    NonFiniteMetricError
    """
    figures = {**metrics, **{f"curve {name}": sum(values) for name, values in curves.items()}}
    bad = sorted(name for name, value in figures.items() if not math.isfinite(value))
    if bad:
        raise NonFiniteMetricError(bad)


def _import_mlflow() -> None:
    """Import mlflow with its telemetry off and its chatter about migrations."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")  # it would draw into pipes and logs
    os.environ.setdefault("MLFLOW_SKIP_PIP_REQUIREMENTS_CHECK", "true")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.artifacts
        import mlflow.pyfunc  # noqa: F401

    logging.getLogger("mlflow.store.db.utils").setLevel(logging.WARNING)
