"""What every detector is: rows of features in, one score a gap out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.errors import ModelError


class NotFittedError(ModelError):
    """A detector that needs training was asked to score before ``fit``."""

    def __init__(self, detector: str) -> None:
        self.detector = detector
        super().__init__(f"detector {detector!r} is not fitted: call fit() or load a trained one")


class Detector(ABC):
    """Scores every gap between successive element sets; higher is more anomalous.

    ``fit`` and ``score`` are final and check their input once for all detectors; a detector
    overrides ``_fit`` and ``_score``. Rows come sorted by (norad_id, epoch) and a detector treats
    each object on its own.
    """

    name: ClassVar[str]
    needs_fit: ClassVar[bool] = True
    fitted: bool = False

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """The feature columns it reads."""

    @property
    @abstractmethod
    def later_sets(self) -> int:
        """How many element sets after a gap its score may depend on."""

    def fit(self, features: pd.DataFrame) -> Self:
        """Learn from feature rows (N gaps), without labels."""
        self._check(features)
        self._fit(features)
        self.fitted = True
        return self

    def score(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Anomaly score of each gap, shape (N,), finite, never NaN."""
        self._check(features)
        if self.needs_fit and not self.fitted:
            raise NotFittedError(self.name)
        if features.empty:
            return np.empty(0)
        scores = np.asarray(self._score(features), dtype=np.float64)
        if scores.shape != (len(features),) or not np.isfinite(scores).all():
            raise ModelError(f"detector {self.name!r} returned scores that are not finite, one a row")
        return scores

    def _check(self, features: pd.DataFrame) -> None:
        missing = [name for name in ("norad_id", "epoch", *self.inputs) if name not in features.columns]
        if missing:
            raise ModelError(f"detector {self.name!r} needs columns that the features lack: {', '.join(missing)}")

    @abstractmethod
    def _fit(self, features: pd.DataFrame) -> None: ...

    @abstractmethod
    def _score(self, features: pd.DataFrame) -> NDArray[np.float64]: ...

    def curves(self) -> dict[str, list[float]]:
        """Figures of every pass of the training, such as losses; empty for a detector trained at once."""
        return {}

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write config (JSON) and weights (skops, safetensors) into ``folder``; never pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
