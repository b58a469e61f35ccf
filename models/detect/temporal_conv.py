"""A convolution over an object's gaps that says in which of them a burn lies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from catalog.records import epoch_us
from configs.detect import RobustStepConfig
from configs.learning import BoostedConfig
from configs.networks import TemporalConvConfig
from models.benchmark.matching import burn_windows_us
from models.detect.base import JUDGED
from models.detect.boosted import Boosted
from models.detect.channels import MARK, add_channels, read_channels
from models.detect.context import bounds
from models.detect.described import HIGH, LEO, US_A_DAY, Candidates, hold_burns
from models.detect.gap_training import Judge, new_network, train_judge
from models.detect.practice import practice
from models.detect.pursuit import FloatArray
from models.detect.training import Progress
from models.errors import ModelError

_LEAST_CHANCE = 1e-4


class TemporalConv(Boosted):
    """Dilated convolution over the uneven series of an object's residuals, trained on logged burns.

    Reads the channels of `models.detect.channels` at each gap and up to 15 gaps to both sides, and gives the log-odds
    that the gap holds a burn. Candidates, their times and what becomes an event are those of `boosted`, and so is the
    scale of the score. With ``later_sets`` = k it reads what is known k sets after the gap.

    Parameters
    ----------
    config : TemporalConvConfig
    checkpoint : Path, optional
        Folder of files that let an interrupted ``fit`` go on where it was.
    progress : callable, optional
        Called with a ``Progress`` after every pass of ``fit``.
    """

    name: ClassVar[str] = "temporal-conv"
    learns_from_verdicts: ClassVar[bool] = False  # it reads series, and about a judged gap nothing is known
    mark: ClassVar[str | None] = MARK

    def __init__(
        self,
        config: TemporalConvConfig | None = None,
        *,
        candidates: BoostedConfig | None = None,
        checkpoint: Path | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.network = config or TemporalConvConfig()
        super().__init__((candidates or BoostedConfig()).model_copy(update={"later_sets": self.network.later_sets}))
        self.checkpoint, self.progress = checkpoint, progress
        self.history: dict[str, list[Progress]] = {}
        self._judges: dict[str, list[Judge]] = {}
        self._usual: dict[str, float] = {}

    @property
    def settings(self) -> TemporalConvConfig:  # noqa: D102 - as the base says
        return self.network

    def _prepare(self, features: pd.DataFrame) -> pd.DataFrame:
        return add_channels(super()._prepare(features), RobustStepConfig(later_sets=self.network.later_sets))

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:
        assert maneuvers is not None  # noqa: S101 - fit() saw to it
        late_days = self.config.late_days_causal if self.causal else 0.0
        if JUDGED in features:
            features = features[~features[JUDGED]].reset_index(drop=True)
        groups = np.where(features["regime"].eq("leo"), LEO, HIGH)
        candidates = Candidates.out_of(features)
        held = hold_burns(candidates, maneuvers, self.config.reach_days, late_days)
        self._judges, self._usual, self.history = {}, {}, {}
        for group in (LEO, HIGH):
            own = features[groups == group].reset_index(drop=True)
            if not _hold(own, maneuvers, self.network.near_days[group], late_days).any():
                continue
            self._judges[group], self.history[group] = self._taught(group, own, maneuvers, late_days)
            strengths = candidates.strength[held & (candidates.group == group)]
            self._usual[group] = float(np.median(strengths)) if len(strengths) else 1.0
        if not self._judges:
            raise ModelError("temporal-conv cannot learn: no gap holds a logged burn")

    def _taught(
        self, group: str, features: pd.DataFrame, maneuvers: pd.DataFrame, late_days: float
    ) -> tuple[list[Judge], list[Progress]]:
        """Networks of different seeds, each with its own draw of injected burns, and the passes of the first."""
        near_days, steps = self.network.near_days[group], RobustStepConfig(later_sets=self.network.later_sets)
        known = maneuvers[maneuvers["norad_id"].isin(features["norad_id"])].reset_index(drop=True)
        real = _series(features, known, near_days, late_days)
        judges: list[Judge] = []
        history: list[Progress] = []
        for number in range(self.network.networks):
            config = self.network.model_copy(update={"seed": self.network.seed + number})
            series = real
            if config.injected[group]:
                practiced = practice(features, known, config.injection, steps, config.seed)
                series = real + _series(*practiced, near_days, late_days)
            checkpoint = None if self.checkpoint is None else self.checkpoint / f"{group}-{number}.safetensors"
            judge, passes = train_judge(
                series, config, config.passes[group], checkpoint=checkpoint, progress=self.progress
            )
            judges.append(judge)
            history = history or passes
        return judges, history

    def chance(self, features: pd.DataFrame, candidates: Candidates) -> FloatArray:
        """Of a burn at each candidate, (C,); a group that was not trained is judged by the other one's network."""
        odds = self.log_odds(features)
        rows = candidates.events["row"].to_numpy(np.int64)
        groups, out = candidates.group, odds[rows]
        for group in np.unique(groups):
            known = str(group) if group in self._judges else next(iter(self._judges))
            weight = 0.0 if self.causal else self.network.strength_weight[known]
            own = groups == group
            strength = np.log(np.fmax(candidates.strength[own], 1e-3) / self._usual[known])
            out[own] = (out[own] + weight * strength) / max(1.0, weight)
        return np.asarray(1 / (1 + np.exp(-np.clip(out, np.log(_LEAST_CHANCE), -np.log(_LEAST_CHANCE)))))

    def log_odds(self, features: pd.DataFrame) -> FloatArray:
        """That each gap holds a burn, (N,), of prepared rows."""
        channels, out = read_channels(features), np.empty(len(features))
        in_leo = features["regime"].eq("leo").to_numpy()
        for start, stop in bounds(features["norad_id"].to_numpy(np.int64)):
            judges = self._judges.get(LEO if in_leo[start] else HIGH) or next(iter(self._judges.values()))
            out[start:stop] = np.mean([judge.log_odds(channels[start:stop]) for judge in judges], axis=0)
        return out

    def curves(self) -> dict[str, list[float]]:  # noqa: D102 - as the base says
        return {f"loss_{group}": [one.loss for one in passes] for group, passes in self.history.items()}

    def save(self, folder: Path) -> None:
        """Write ``detector.json`` and the weights, such as ``leo-0.safetensors``, into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        record = {
            "detector": self.name,
            "config": self.network.model_dump(mode="json"),
            "candidates": self.config.model_dump(mode="json"),
            "usual": self._usual,
            "scaling": {g: [own[0].center.tolist(), own[0].scale.tolist()] for g, own in self._judges.items()},
            "history": {group: [one._asdict() for one in passes] for group, passes in self.history.items()},
        }
        (folder / "detector.json").write_text(json.dumps(record, indent=2))
        for group, judges in self._judges.items():
            for number, judge in enumerate(judges):
                save_file(judge.network.state_dict(), folder / f"{group}-{number}.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        record = json.loads((folder / "detector.json").read_text())
        config = TemporalConvConfig.model_validate(record["config"])
        detector = cls(config, candidates=BoostedConfig.model_validate(record["candidates"]))
        for group, (center, scale) in record["scaling"].items():
            scaling = np.array(center, np.float32), np.array(scale, np.float32)
            detector._judges[group] = []
            for number in range(config.networks):
                network = new_network(config)
                network.load_state_dict(load_file(folder / f"{group}-{number}.safetensors"))
                detector._judges[group].append(Judge(network.eval(), *scaling))
        detector._usual = record["usual"]
        detector.history = {group: [Progress(**one) for one in passes] for group, passes in record["history"].items()}
        detector.fitted = True
        return detector


def _series(
    features: pd.DataFrame, maneuvers: pd.DataFrame, near_days: float, late_days: float
) -> list[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    """Channels of each object's gaps and whether they hold a burn, of rows that have channels."""
    channels, holds = read_channels(features), _hold(features, maneuvers, near_days, late_days)
    edges = bounds(features["norad_id"].to_numpy(np.int64))
    return [(channels[start:stop], holds[start:stop]) for start, stop in edges]


def _hold(features: pd.DataFrame, maneuvers: pd.DataFrame, near_days: float, late_days: float) -> NDArray[np.bool_]:
    """Whether a logged burn lies in each gap or ``near_days`` from it at most, or ``late_days`` before it, (N,)."""
    begin_us = epoch_us(features["epoch_before"]) - round(max(near_days, late_days) * US_A_DAY)
    end_us = epoch_us(features["epoch"]) + round(near_days * US_A_DAY)
    owner, held = features["norad_id"].to_numpy(np.int64), np.zeros(len(features), np.bool_)
    for norad_id, own in maneuvers.groupby("norad_id"):
        rows, (start_us, stop_us) = np.flatnonzero(owner == norad_id), burn_windows_us(own)
        held[rows] = ((begin_us[rows, None] < stop_us[None]) & (start_us[None] <= end_us[rows, None])).any(axis=1)
    return held
