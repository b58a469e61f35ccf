"""Where everything lives: the folder ``$BURNWATCH_HOME``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import PipelineError


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
            path.mkdir(parents=True, exist_ok=True)
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

    @property
    def review_url(self) -> str:
        """The review database, unless the environment names another."""
        return f"sqlite:///{self.path / 'review.sqlite'}"
