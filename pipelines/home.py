"""Where everything lives: the folder ``$BURNWATCH_HOME``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.errors import PipelineError

PATIENCE_SECONDS = 3600.0


@dataclass(frozen=True)
class Home:
    """The folder that holds one installation's data, models and flags."""

    path: Path

    @classmethod
    def at(cls, path: Path) -> Home:
        """The home at ``path``, made if need be.

        Raises
        ------
        PipelineError
            Where the folder cannot be made or written.
        """
        path = path.expanduser().absolute()
        try:
            if not path.exists():
                path.mkdir(parents=True, exist_ok=True)
                path.chmod(0o750)  # whatever the umask
            (path / "state").mkdir(exist_ok=True)
        except OSError as error:
            raise PipelineError(
                f"cannot use {path} as home: {error.strerror}; give another with --home or $BURNWATCH_HOME"
            ) from error
        return cls(path)

    @property
    def elements(self) -> Path:
        """The store of element sets."""
        return self.path / "elements"

    @property
    def truth(self) -> Path:
        """The burns of a simulated fleet, where this home holds one."""
        return self.path / "truth.parquet"

    @property
    def state(self) -> Path:
        """Watermarks of scheduled work."""
        return self.path / "state"

    @property
    def reports(self) -> Path:
        """Pages that the report flow writes."""
        return self.path / "reports"

    @property
    def mlflow(self) -> Path:
        """MLflow's database and artifacts."""
        return self.path / "mlflow"

    @property
    def prefect(self) -> Path:
        """Prefect's database, where no server is configured."""
        return self.path / "prefect"

    @contextmanager
    def alone(self, work: str) -> Iterator[None]:
        """The only ``work`` of its kind in this home while the block runs; another one waits for it to end.

        Raises
        ------
        PipelineError
            Where the other one takes longer than ``PATIENCE_SECONDS``.
        """
        try:
            with FileLock(self.state / f"{work}.lock", timeout=PATIENCE_SECONDS):
                yield
        except Timeout as error:
            raise PipelineError(f"another `burnwatch {work}` has been at work in {self.path} for an hour") from error
