"""Boosted trees and a convolution that judge the same candidates together."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from configs.networks import EnsembleConfig
from models.detect.base import JUDGED
from models.detect.boosted import Boosted, log_odds
from models.detect.channels import MARK
from models.detect.described import HIGH, LEO, Candidates
from models.detect.pursuit import FloatArray
from models.detect.temporal_conv import TemporalConv

_CHANCES = 1e-4, 1 - 1e-4  # least and most that each is taken for


class Ensemble(Boosted):
    """Weighted mean of the log-odds of `boosted` and `temporal-conv` at each candidate; events as `boosted` makes them."""

    name: ClassVar[str] = "ensemble"
    mark: ClassVar[str | None] = MARK

    def __init__(self, config: EnsembleConfig | None = None) -> None:
        self.ensemble = config or EnsembleConfig()
        sight = {"later_sets": self.ensemble.later_sets}
        super().__init__(self.ensemble.boosted.model_copy(update=sight))
        self.convolution = TemporalConv(self.ensemble.network.model_copy(update=sight), candidates=self.config)

    @property
    def settings(self) -> EnsembleConfig:  # noqa: D102 - as the base says
        return self.ensemble

    def _prepare(self, features: pd.DataFrame) -> pd.DataFrame:
        return self.convolution.prepare(features)

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:
        super()._fit(features, maneuvers)
        in_leo = features["regime"].eq("leo").to_numpy()
        used = np.where(in_leo, self.ensemble.weight[LEO], self.ensemble.weight[HIGH]) > 0
        if JUDGED in features:
            used &= ~features[JUDGED].to_numpy(np.bool_)
        if maneuvers is not None and maneuvers["norad_id"].isin(features["norad_id"][used]).any():
            self.convolution.fit(features[used].reset_index(drop=True), maneuvers)

    def chance(self, features: pd.DataFrame, candidates: Candidates) -> FloatArray:
        """Of a burn at each candidate, (C,)."""
        weight = np.array([self.ensemble.weight[str(group)] for group in candidates.group])
        odds = log_odds(super().chance(features, candidates), *_CHANCES)
        if self.convolution.fitted and (weight > 0).any():
            odds = (1 - weight) * odds + weight * log_odds(self.convolution.chance(features, candidates), *_CHANCES)
        return np.asarray(1 / (1 + np.exp(-odds)))

    def curves(self) -> dict[str, list[float]]:  # noqa: D102 - as the base says
        return self.convolution.curves()

    def save(self, folder: Path) -> None:
        """Write ``ensemble.json`` and both parts into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ensemble.json").write_text(self.ensemble.model_dump_json(indent=2))
        Boosted.save(self, folder / "boosted")
        if self.convolution.fitted:
            self.convolution.save(folder / "temporal-conv")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        detector = cls(EnsembleConfig.model_validate_json((folder / "ensemble.json").read_bytes()))
        detector._trees = Boosted.load(folder / "boosted")._trees
        if (folder / "temporal-conv").is_dir():
            detector.convolution = TemporalConv.load(folder / "temporal-conv")
        detector.fitted = True
        return detector
