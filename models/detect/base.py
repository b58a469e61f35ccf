"""What every detector is: rows of features in, one score a gap out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from configs.detect import CandidateConfig
from configs.section import Section
from models.detect.candidates import find_events
from models.detect.forward import above, rank_forward
from models.errors import ModelError

if TYPE_CHECKING:
    from models.detect.calibration import OperatingPoint

UNLIMITED_LATER_SETS = 1_000_000  # of a detector that is retrospective
JUDGED = "judged"  # marks rows that are known by a verdict alone, while the gaps about them are not


class NotFittedError(ModelError):
    """A detector that needs training was asked to score before ``fit``."""

    def __init__(self, detector: str) -> None:
        self.detector = detector
        super().__init__(f"detector {detector!r} is not fitted: call fit() or load a trained one")


class LabelsNeededError(ModelError):
    """A detector that learns from known burns was fitted without any, or with too few.

    Attributes
    ----------
    detector : str
    judged, needed : int
        Burns that analysts' verdicts teach, and how many it takes; 0 for a detector that does not learn from verdicts.
    """

    def __init__(self, detector: str, judged: int = 0, needed: int = 0) -> None:
        self.detector, self.judged, self.needed = detector, judged, needed
        verdicts = f"; of the {needed} burns that verdicts may give instead, {judged} are there" if needed else ""
        super().__init__(
            f"detector {detector!r} learns from logged burns: give it some (`train --labels PATH`){verdicts}"
        )


class Detector(ABC):
    """Scores every gap between successive element sets; higher is more anomalous.

    ``fit``, ``score`` and ``events`` are final and check their input once for all detectors; a detector
    overrides ``_fit``, ``_score`` and, if it knows better than its scores tell when a burn was, ``_events``. Rows come
    sorted by (norad_id, epoch) and a detector treats each object on its own.

    One whose work is long before any fit (candidates, context) overrides ``_prepare`` and sets ``mark``: these three
    then get prepared rows, and who fits or judges the same rows many times, as the benchmark does, prepares them once.

    Attributes
    ----------
    name : str
    needs_fit, learns_from_labels, learns_from_verdicts : bool
        Of the last two, the former reads logged burns, the latter rows marked ``JUDGED`` as well.
    mark : str or None
        A column that ``prepare`` adds, by which prepared rows are known.
    scores_log_odds : bool
        Whether scores are log-odds of a burn; otherwise they are positive strengths.
    times_events : bool
        Whether it says itself in which gap a burn lies, better than the largest step beside it does.
    least_score : float or None
        Events below it are not worth ranking; without it, those in all but the upper twentieth of an object's gaps.
    """

    name: ClassVar[str]
    needs_fit: ClassVar[bool] = True
    learns_from_labels: ClassVar[bool] = False
    learns_from_verdicts: ClassVar[bool] = False
    mark: ClassVar[str | None] = None
    scores_log_odds: ClassVar[bool] = False
    times_events: ClassVar[bool] = False
    least_score: ClassVar[float | None] = None
    fitted: bool = False

    @property
    @abstractmethod
    def inputs(self) -> tuple[str, ...]:
        """The feature columns it reads."""

    @property
    @abstractmethod
    def later_sets(self) -> int:
        """How many element sets after a gap its score may depend on."""

    @property
    @abstractmethod
    def settings(self) -> Section:
        """Its own section of the configuration: what `models.detect.detectors.create` makes another like it from."""

    @property
    def default_threshold(self) -> Mapping[str, float]:
        """Score by regime above which there is an event where none is chosen or calibrated; empty where it has none."""
        return {}

    @property
    def taught_by(self) -> frozenset[int]:
        """Catalog numbers of objects that taught it before it got here: what it finds on them measures nothing."""
        return frozenset()

    @property
    def operating_points(self) -> Mapping[str, OperatingPoint]:
        """Threshold and probabilities by regime that were chosen with its teaching; empty for one that learns at home."""
        return {}

    def prepare(self, features: pd.DataFrame) -> pd.DataFrame:
        """Feature rows with what the detector makes of them before it is fitted, without labels.

        ``fit``, ``score`` and ``events`` do this themselves for rows that are not prepared.

        Parameters
        ----------
        features : DataFrame
            N gaps; whole histories, since rows may be described by those around them.

        Returns
        -------
        DataFrame
            The same N rows in the same order: the columns of ``features`` and the detector's own, which can be
            written as Parquet. They may be put together and selected from; an object's rows depend on its own alone.
        """
        self._check(features)
        return features if features.empty else self._prepare(features)

    def fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None = None) -> Self:
        """Learn from feature rows.

        Parameters
        ----------
        features : DataFrame
            N gaps, prepared or not; with ``learns_from_labels`` only of objects, and of times, of which all maneuvers
            are logged, and, prepared, single gaps that were judged (``JUDGED``).
        maneuvers : DataFrame, optional
            ``norad_id``, ``burn_time`` and windows, as from `models.benchmark.labels.merge_burns`. Never read unless
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
        self._fit(self._prepared(features), maneuvers)
        self.fitted = True
        return self

    def score(self, features: pd.DataFrame) -> NDArray[np.float64]:
        """Anomaly score of each gap, shape (N,), finite, never NaN."""
        self._check(features)
        if self.needs_fit and not self.fitted:
            raise NotFittedError(self.name)
        if features.empty:
            return np.empty(0)
        scores = np.asarray(self._score(self._prepared(features)), dtype=np.float64)
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
            Of a ``causal`` detector each is decided when ``later_sets`` sets after its gap are there
            (`models.detect.forward`), which is its ``available_at``; nothing that comes later changes it.
        """
        rows = self._prepared(features)
        return self._events(rows, self.score(rows), threshold, config or CandidateConfig())

    def ranked(
        self,
        features: pd.DataFrame,
        least: float | Mapping[str, float],
        config: CandidateConfig | None = None,
    ) -> pd.DataFrame:
        """What is an event at some threshold from ``least`` up, and at which.

        Parameters
        ----------
        features, config
            As for ``events``.
        least : float or mapping of regime to float

        Returns
        -------
        DataFrame
            Columns of ``EVENT_DTYPES``, ``score_before`` and ``peak``: it is an event at the thresholds from ``score_before``
            up to ``score`` (`models.detect.forward.above`). Of a retrospective detector these are the events at ``least``,
            ``score_before`` is -inf and each is its own peak.
        """
        rows = self._prepared(features)
        scores, config = self.score(rows), config or CandidateConfig()
        if self.causal:
            return self._ranked(rows, scores, least, config)
        return self._events(rows, scores, least, config).assign(score_before=-np.inf, peak=True)

    @property
    def causal(self) -> bool:
        """Whether its scores are there a known number of element sets after a gap, and events are decided then."""
        return self.later_sets < UNLIMITED_LATER_SETS

    def _events(
        self,
        features: pd.DataFrame,
        scores: NDArray[np.float64],
        threshold: float | Mapping[str, float],
        config: CandidateConfig,
    ) -> pd.DataFrame:
        if self.causal:
            return above(self._ranked(features, scores, threshold, config), threshold)
        return find_events(features, scores, threshold, config, detector=self.name)

    def _ranked(
        self,
        features: pd.DataFrame,
        scores: NDArray[np.float64],
        least: float | Mapping[str, float],
        config: CandidateConfig,
    ) -> pd.DataFrame:
        return rank_forward(
            features,
            scores,
            least,
            config,
            later_sets=self.later_sets,
            detector=self.name,
            log_odds=self.scores_log_odds,
        )

    def _prepared(self, features: pd.DataFrame) -> pd.DataFrame:
        return features if self.mark is None or self.mark in features.columns else self.prepare(features)

    def _prepare(self, features: pd.DataFrame) -> pd.DataFrame:
        return features

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
