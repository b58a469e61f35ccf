"""What is kept in MLflow; no other package imports mlflow, and this one only when it is used."""

from models.registry.pyfunc import ScoringModel
from models.registry.pyfunc import load_pyfunc as _load_pyfunc  # the hook that MLflow's pyfunc flavor looks for
from models.registry.roles import CHALLENGER, CHAMPION, PREVIOUS
from models.registry.tracking import NonFiniteMetricError
from models.registry.versions import (
    AliasNotFoundError,
    LoadedModel,
    ModelRegistry,
    Training,
    VersionNotFoundError,
)

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "PREVIOUS",
    "AliasNotFoundError",
    "LoadedModel",
    "ModelRegistry",
    "NonFiniteMetricError",
    "ScoringModel",
    "Training",
    "VersionNotFoundError",
    "_load_pyfunc",
]
