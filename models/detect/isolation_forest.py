"""Isolation forest on locally normalized features, one forest a regime."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from configs.learning import IsolationForestConfig
from features.registry import COLUMNS
from models.detect.base import Detector
from models.detect.scaling import center_and_scale
from models.detect.trusted import dump_trusted, load_trusted
from models.errors import ModelError

POOLED = "pooled"

# Everything outside skops' own defaults that a saved forest may hold; anything else is refused on load.
TRUSTED_TYPES = [
    "sklearn.ensemble._iforest.IsolationForest",
    "sklearn.tree._classes.ExtraTreeRegressor",
    "sklearn.tree._tree.Tree",
]


class IsolationForestDetector(Detector):
    """How few random cuts isolate a gap from its regime's others (Liu, Ting & Zhou 2008, doi 10.1109/ICDM.2008.17).

    Each input x becomes (asinh x - median) / IQR, with the regime's training median and interquartile
    range of asinh x: one wild element set neither stretches the scale nor hides the rest. An undefined
    input (NaN) becomes 0, the regime's median: what is not known never makes a gap stand out. A regime
    with fewer than ``min_rows`` training gaps, or none, uses the forest of all regimes.

    The score is the negated mean of 2^(-depth / expected depth), in (0, 1]. A gap is scored from its own row.
    """

    name: ClassVar[str] = "isolation-forest"

    def __init__(self, config: IsolationForestConfig | None = None) -> None:
        self.config = config or IsolationForestConfig()
        self._center: dict[str, NDArray[np.float64]] = {}
        self._scale: dict[str, NDArray[np.float64]] = {}
        self._forests: dict[str, Any] = {}

    @property
    def settings(self) -> IsolationForestConfig:  # noqa: D102 - as the base says
        return self.config

    @property
    def inputs(self) -> tuple[str, ...]:  # noqa: D102 - as the base says
        return ("regime", *self.config.columns)

    @property
    def later_sets(self) -> int:  # noqa: D102 - as the base says
        return max((COLUMNS[name].later_sets for name in self.config.columns if name in COLUMNS), default=0)

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:  # noqa: ARG002
        from sklearn.ensemble import IsolationForest

        if len(features) < 2:
            raise ModelError(f"an isolation forest needs at least 2 gaps to learn from, got {len(features)}")
        values = np.arcsinh(features[list(self.config.columns)].to_numpy(np.float64))
        regimes = features["regime"].to_numpy(str)
        groups = {POOLED: np.ones(len(features), dtype=bool)}
        groups |= {name: regimes == name for name in np.unique(regimes)}
        self._center, self._scale, self._forests = {}, {}, {}
        for name, members in groups.items():
            if name != POOLED and members.sum() < self.config.min_rows:
                continue
            self._center[name], self._scale[name] = center_and_scale(values[members])
            forest = IsolationForest(
                n_estimators=self.config.trees,
                max_samples=min(self.config.samples, int(members.sum())),
                random_state=self.config.seed,
            )
            self._forests[name] = forest.fit(self._normalized(values[members], name))

    def _score(self, features: pd.DataFrame) -> NDArray[np.float64]:
        values = np.arcsinh(features[list(self.config.columns)].to_numpy(np.float64))
        regimes = features["regime"].to_numpy(str)
        known = np.where(np.isin(regimes, list(self._forests)), regimes, POOLED)
        scores = np.empty(len(features))
        for name in np.unique(known):
            members = known == name
            scores[members] = -self._forests[name].score_samples(self._normalized(values[members], name))
        return scores

    def _normalized(self, values: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return np.nan_to_num((values - self._center[name]) / self._scale[name], nan=0.0)

    def save(self, folder: Path) -> None:
        """Write ``detector.json`` and ``forests.skops`` into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        scaling = {
            name: {"center": self._center[name].tolist(), "scale": self._scale[name].tolist()} for name in self._forests
        }
        record = {"detector": self.name, "config": self.config.model_dump(mode="json"), "scaling": scaling}
        (folder / "detector.json").write_text(json.dumps(record, indent=2))
        dump_trusted(self._forests, folder / "forests.skops")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote.

        Raises
        ------
        ModelError
            When the file of forests holds a type that is not in ``TRUSTED_TYPES``.
        """
        record = json.loads((folder / "detector.json").read_text())
        detector = cls(IsolationForestConfig.model_validate(record["config"]))
        detector._forests = load_trusted(folder / "forests.skops", TRUSTED_TYPES, "a forest does")
        for name, scaling in record["scaling"].items():
            detector._center[name] = np.asarray(scaling["center"])
            detector._scale[name] = np.asarray(scaling["scale"])
        detector.fitted = True
        return detector
