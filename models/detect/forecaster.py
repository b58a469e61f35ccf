"""A network forecasts an object's next residual; what it did not expect is the score."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file

from configs.learning import ForecasterConfig
from features.registry import COLUMNS
from models.detect.base import Detector, NotFittedError
from models.detect.convolution import CausalConvolution, shortfall
from models.detect.quiet import STEPS, quiet_gaps
from models.detect.scaling import center_and_scale
from models.detect.training import Progress, Series, new_network, one_thread, padded, train

BATCH_STEPS = 1 << 15  # padded steps a scoring batch holds at most


class Forecaster(Detector):
    """Surprise of each gap under a forecast made from the gaps before it.

    Inputs at gap t are the normalized residuals of the gaps before t (clipped, asinh), and what is known of gap t
    without its residual: its length and the environment. The network forecasts a Student-t distribution for
    every target residual of gap t. The score is ``sqrt(2 sum_c d_c)`` over a group c of residuals that show the same
    direction of burn, the largest of all groups; d_c is how far the log density of residual c lies below its mode. For a
    Gaussian forecast of one residual that is its |z|. An undefined residual adds nothing. Scores of one object depend
    on no other object and on no later gap.

    Training needs no labels, and is kept from learning that burns are normal in three ways: gaps near a
    lasting step (``models.detect.quiet``) have no weight in the loss, inputs are clipped, and the forecast's tails are
    heavy. Bad element sets, which do not last, keep their weight: a kind of residual that is often wild without
    a burn gets heavy tails, and its outliers surprise less. A fraction of the *objects* is held out to stop early.

    Parameters
    ----------
    config : ForecasterConfig
    checkpoint : Path, optional
        File that lets an interrupted ``fit`` go on where it was (see ``training.train``).
    progress : callable, optional
        Called with a ``Progress`` after every pass of ``fit``.

    Attributes
    ----------
    history : list of Progress
        Losses of every pass of the last ``fit``.
    """

    name: ClassVar[str] = "forecaster"

    def __init__(
        self,
        config: ForecasterConfig | None = None,
        *,
        checkpoint: Path | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.config = config or ForecasterConfig()
        self.checkpoint = checkpoint
        self.progress = progress
        self.history: list[Progress] = []
        self._context_center = np.zeros(len(self.config.context))
        self._context_scale = np.ones(len(self.config.context))
        self._network: CausalConvolution | None = None

    @property
    def settings(self) -> ForecasterConfig:  # noqa: D102 - as the base says
        return self.config

    @property
    def inputs(self) -> tuple[str, ...]:  # noqa: D102 - as the base says
        return tuple(dict.fromkeys(("gap_days", *STEPS, *self.config.target_columns, *self.config.context)))

    @property
    def later_sets(self) -> int:  # noqa: D102 - as the base says
        return max((COLUMNS[name].later_sets for name in self.inputs if name in COLUMNS), default=0)

    def _fit(self, features: pd.DataFrame, maneuvers: pd.DataFrame | None) -> None:  # noqa: ARG002
        context = features[list(self.config.context)].to_numpy(np.float64)
        self._context_center, self._context_scale = center_and_scale(context)
        series, rows = self._series(features)
        quiet = quiet_gaps(features, guard_days=self.config.guard_days, lasting_sigma=self.config.lasting_sigma)
        for one, own in zip(series, rows, strict=True):
            one.targets[~quiet[own]] = np.nan
        self._network, self.history = train(series, self.config, checkpoint=self.checkpoint, progress=self.progress)

    def _score(self, features: pd.DataFrame) -> NDArray[np.float64]:
        if self._network is None:
            raise NotFittedError(self.name)
        series, rows = self._series(features)
        # In float64 neither padding nor company in a batch shows in a score's first ten digits.
        network = new_network(self.config).double().eval()
        network.load_state_dict(self._network.state_dict())
        groups = [len(group) for group in self.config.targets]
        scores = np.empty(len(features))
        with one_thread(), torch.inference_mode():
            for batch in _batches([len(one) for one in series]):
                inputs, targets = padded([series[index] for index in batch], torch.float64)
                surprise = torch.split(torch.nan_to_num(shortfall(network(inputs), targets), nan=0.0), groups, dim=-1)
                strongest = torch.stack([group.sum(dim=-1) for group in surprise]).amax(dim=0)
                for index, one in zip(batch, torch.sqrt(2 * strongest).numpy(), strict=True):
                    scores[rows[index]] = one[: len(series[index])]
        return scores

    def _series(self, features: pd.DataFrame) -> tuple[list[Series], list[NDArray[np.int64]]]:
        """Each object's series, objects by norad_id and gaps by epoch, and the rows they come from."""
        ids = features["norad_id"].to_numpy(np.int64)
        order = np.lexsort((features["epoch"].to_numpy("datetime64[us]"), ids))
        starts = np.flatnonzero(np.diff(ids[order], prepend=-1))
        targets = features[self.config.target_columns].to_numpy(np.float64)[order]
        context = features[list(self.config.context)].to_numpy(np.float64)[order]
        gap_days = features["gap_days"].to_numpy(np.float64)[order]

        seen = np.arcsinh(np.clip(targets, -self.config.clip, self.config.clip))
        before = np.roll(seen, 1, axis=0)
        before[starts] = np.nan
        known = np.column_stack(
            [np.log(np.maximum(gap_days, 1e-3)), (context - self._context_center) / self._context_scale]
        )
        inputs = np.column_stack(
            [np.nan_to_num(before), np.isfinite(before), np.clip(np.nan_to_num(known), -8.0, 8.0)]
        ).astype(np.float32)
        series = [
            Series(one, target)
            for one, target in zip(
                np.split(inputs, starts[1:]), np.split(targets.astype(np.float32), starts[1:]), strict=True
            )
        ]
        return series, np.split(order, starts[1:])

    def curves(self) -> dict[str, list[float]]:  # noqa: D102 - as the base says
        if not self.history:
            return {}
        return {
            "loss": [one.loss for one in self.history],
            "held_out_loss": [one.held_out_loss for one in self.history],
        }

    def save(self, folder: Path) -> None:
        """Write ``detector.json`` and ``weights.safetensors`` into ``folder``."""
        if self._network is None:
            raise NotFittedError(self.name)
        folder.mkdir(parents=True, exist_ok=True)
        record = {
            "detector": self.name,
            "config": self.config.model_dump(mode="json"),
            "context": {"center": self._context_center.tolist(), "scale": self._context_scale.tolist()},
            "history": [one._asdict() for one in self.history],
        }
        (folder / "detector.json").write_text(json.dumps(record, indent=2))
        save_file(self._network.state_dict(), folder / "weights.safetensors")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        record = json.loads((folder / "detector.json").read_text())
        detector = cls(ForecasterConfig.model_validate(record["config"]))
        detector._context_center = np.asarray(record["context"]["center"], dtype=np.float64)
        detector._context_scale = np.asarray(record["context"]["scale"], dtype=np.float64)
        detector.history = [Progress(**one) for one in record["history"]]
        detector._network = new_network(detector.config)
        detector._network.load_state_dict(load_file(folder / "weights.safetensors"))
        detector.fitted = True
        return detector


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Indices of series in batches of like length, each of at most ``BATCH_STEPS`` padded steps (or one series)."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and lengths[index] * (len(batch) + 1) > BATCH_STEPS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch
