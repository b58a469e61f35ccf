"""What every detector is: rows of features in, one score a gap out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from configs.detect import CandidateConfig
from models.detect.candidates import find_events
from models.errors import ModelError


class NotFittedError(ModelError):
    """A detector that needs training was asked to score before ``fit``."""

    def __init__(self, detector: str) -> None:
        self.detector = detector
        super().__init__(f"detector {detector!r} is not fitted: call fit() or load a trained one")


class LabelsNeededError(ModelError):
    """A detector that learns from logged burns was fitted without any."""

    def __init__(self, detector: str) -> None:
        self.detector = detector
        super().__init__(f"detector {detector!r} learns from logged burns: give it some (`train --labels PATH`)")


class Detector(ABC):
    """Scores every gap between successive element sets; higher is more anomalous.

    ``fit``, ``score`` and ``events`` are final and check their input once for all detectors; a detector
    overrides ``_fit``, ``_score`` and, if it knows better than its scores tell when a burn was, ``_events``. Rows come
    sorted by (norad_id, epoch) and a detector treats each object on its own.
    """

    name: ClassVar[str]
    needs_fit: ClassVar[bool] = True
    learns_from_labels: ClassVar[bool] = False
    fitted: bool = False

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """The feature columns it reads."""

    @property
    @abstractmethod
    def later_sets(self) -> int:
        """How many element sets after a gap its score may depend on."""

    def fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None = None) -> Self:
        """Learn from feature rows.

        Parameters
        ----------
        features : DataFrame
            N gaps; with ``learns_from_labels`` only of objects, and of times, of which all maneuvers are logged.
        maneuvers : DataFrame, optional
            ``norad_id`` and ``burn_time``, as from `models.benchmark.labels.merge_burns`. Never read unless
            ``learns_from_labels``.

        Raises
        ------
        LabelsNeededError
            If it learns from labels and there are none.
        """
        self._check(features)
        if not self.learns_from_labels:
            maneuvers = None
        elif maneuvers is None or maneuvers.empty:
            raise LabelsNeededError(self.name)
        self._fit(features, maneuvers)
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

    def events(
        self,
        features: pd.DataFrame,
        threshold: float | Mapping[str, float],
        config: CandidateConfig | None = None,
    ) -> pd.DataFrame:
        """Events above a threshold, one for what one burn explains.

        Parameters
        ----------
        features : DataFrame
            N gaps.
        threshold : float or mapping of regime to float
            On the scale of ``score``.
        config : CandidateConfig, optional
            How scored gaps become events.

        Returns
        -------
        DataFrame
            Columns of ``models.detect.candidates.EVENT_DTYPES``, sorted by (norad_id, epoch_before); ``probability`` is NaN.
        """
        return self._events(features, self.score(features), threshold, config or CandidateConfig())

    def _events(
        self,
        features: pd.DataFrame,
        scores: NDArray[np.float64],
        threshold: float | Mapping[str, float],
        config: CandidateConfig,
    ) -> pd.DataFrame:
        return find_events(features, scores, threshold, config, detector=self.name)

    def _check(self, features: pd.DataFrame) -> None:
        missing = [name for name in ("norad_id", "epoch", *self.inputs) if name not in features.columns]
        if missing:
            raise ModelError(f"detector {self.name!r} needs columns that the features lack: {', '.join(missing)}")

    @abstractmethod
    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None: ...

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
