"""Training of networks: seeded, stopped early, resumed where it was interrupted; and that of the forecaster's."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from configs.learning import ForecasterConfig
from models.detect.convolution import CausalConvolution, negative_log_density
from models.errors import ModelError

Weights = dict[str, Tensor]


class TrainingError(ModelError):
    """The network cannot be trained, or its checkpoint not be read."""


class Progress(NamedTuple):
    """State after one pass over the training objects; losses in nat a forecast residual."""

    epoch: int
    epochs: int
    loss: float
    held_out_loss: float


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One object's gaps in order: network inputs (T, I) and targets (T, C) with NaN where undefined."""

    inputs: NDArray[np.float32]
    targets: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, span: slice) -> Series:
        return Series(self.inputs[span], self.targets[span])


@dataclass
class State:
    """What a pass changes and a checkpoint keeps."""

    network: torch.nn.Module
    optimizer: torch.optim.Optimizer
    history: list[Progress]
    best: Weights

    @property
    def stale(self) -> int:
        """Passes since the best held-out loss."""
        losses = [one.held_out_loss for one in self.history]
        return len(losses) - 1 - int(np.argmin(losses)) if losses else 0


def train(
    series: list[Series],
    config: ForecasterConfig,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[CausalConvolution, list[Progress]]:
    """A network trained on most of the objects, with the weights that forecast the held-out objects best.

    Parameters
    ----------
    series : list of Series
        One an object. With one alone nothing is held out and the training loss decides.
    config : ForecasterConfig
    checkpoint : Path, optional
        Written after every pass and removed at the end. One of the same config and data is gone on from,
        and ends in the same weights as an uninterrupted training; any other is written over.
    progress : callable, optional
        Called after every pass.

    Raises
    ------
    TrainingError
        When the targets hold no number, the loss diverges, or the checkpoint is damaged.
    """
    if not any(np.isfinite(one.targets).any() for one in series):
        raise TrainingError(f"none of the columns {', '.join(config.target_columns)} holds a number to learn from")
    held_out = max(1, round(config.held_out * len(series))) if len(series) > 1 else 0
    shuffled = [series[index] for index in np.random.default_rng(config.seed).permutation(len(series))]
    validation = shuffled[:held_out]
    training = [piece for one in shuffled[held_out:] for piece in _segments(one, config.segment)]
    with reproducible(config.seed):
        network = new_network(config)
        optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate)
        state = State(network, optimizer, [], weights(network))
        descend(
            state,
            lambda: _next_pass(state, network, training, validation, config),
            passes=config.epochs,
            patience=config.patience,
            digest=_digest(config, series),
            checkpoint=checkpoint,
            progress=progress,
        )
        network.load_state_dict(state.best)
    return network, state.history


def descend(
    state: State,
    next_pass: Callable[[], None],
    *,
    passes: int,
    digest: str,
    patience: int | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> None:
    """Pass after pass, each adding to ``state.history``, from the checkpoint on if there is one of this ``digest``.

    Raises
    ------
    TrainingError
        When the checkpoint is damaged.
    """
    if checkpoint is not None and checkpoint.exists():
        _resume(state, checkpoint, digest)
    while len(state.history) < passes and (patience is None or state.stale < patience):
        next_pass()
        if checkpoint is not None:
            _save_checkpoint(state, checkpoint, digest)
        if progress is not None:
            progress(state.history[-1])
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)


def new_network(config: ForecasterConfig) -> CausalConvolution:
    """An untrained network of the shape that ``config`` asks for."""
    targets = len(config.target_columns)
    return CausalConvolution(2 * targets + 1 + len(config.context), targets, config.width, config.dilations)


def padded(series: list[Series], dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Inputs (B, T, I) and targets (B, T, C) of a batch, NaN targets behind each series' end."""
    inputs = pad_sequence([torch.from_numpy(one.inputs) for one in series], batch_first=True)
    targets = pad_sequence([torch.from_numpy(one.targets) for one in series], True, float("nan"))
    return inputs.to(dtype), targets.to(dtype)


def _next_pass(
    state: State, network: CausalConvolution, training: list[Series], validation: list[Series], config: ForecasterConfig
) -> None:
    epoch = len(state.history)
    order = np.random.default_rng((config.seed, epoch)).permutation(len(training))
    batches = [
        [training[index] for index in order[low : low + config.batch]] for low in range(0, len(order), config.batch)
    ]
    total, count = 0.0, 0
    for number, batch in enumerate(batches):
        losses = _losses(network, batch, config)
        if not len(losses):
            continue
        for group in state.optimizer.param_groups:
            group["lr"] = config.learning_rate * pace(epoch + number / len(batches), config.epochs)
        state.optimizer.zero_grad(set_to_none=True)
        losses.mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), 1.0)
        state.optimizer.step()
        total, count = total + float(losses.detach().sum()), count + len(losses)
    loss = total / max(count, 1)
    with torch.no_grad():
        unseen = [_losses(network, [one], config) for one in validation]
    held_out = float(torch.cat(unseen).mean()) if sum(map(len, unseen)) else loss
    if not np.isfinite(loss + held_out):
        raise TrainingError(f"training of the forecaster diverged in pass {epoch + 1}: lower learning_rate")
    state.history.append(Progress(epoch + 1, config.epochs, loss, held_out))
    if state.stale == 0:
        state.best = weights(state.network)


def _losses(network: CausalConvolution, batch: list[Series], config: ForecasterConfig) -> Tensor:
    """Negative log density of every residual that is defined and not rejected, shape (n,) [nat]."""
    inputs, targets = padded(batch, torch.float32)
    usable = targets.abs() <= config.reject  # False for NaN
    return negative_log_density(network(inputs), torch.where(usable, targets, 0.0))[usable]


def pace(passes: float, epochs: int) -> float:
    """Learning rate after so many passes: warm-up over half a pass, then a cosine down to a twentieth."""
    return float(min(1.0, 0.05 + 2 * passes) * (0.525 + 0.475 * np.cos(np.pi * passes / epochs)))


def _segments(series: Series, length: int) -> Iterator[Series]:
    for low in range(0, len(series), length):
        yield series[low : low + length]


def weights(network: torch.nn.Module) -> Weights:
    """A copy of them."""
    return {name: value.clone() for name, value in network.state_dict().items()}


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread inside: sums in one order on any machine, and no threads that spin for a core that others use."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def reproducible(seed: int) -> Iterator[None]:
    """Seeded and deterministic inside; torch's global state is as before outside."""
    deterministic = torch.are_deterministic_algorithms_enabled()
    with one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(deterministic)


def _digest(config: ForecasterConfig, series: list[Series]) -> str:
    """Identity of a training: its config and data."""
    digest = hashlib.sha256(config.model_dump_json().encode())
    for one in series:
        digest.update(one.inputs.tobytes() + one.targets.tobytes())
    return digest.hexdigest()


def _save_checkpoint(state: State, path: Path, digest: str) -> None:
    tensors = {f"network/{name}": value for name, value in state.network.state_dict().items()}
    tensors |= {f"best/{name}": value for name, value in state.best.items()}
    for index, moments in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{index}/{name}": value for name, value in moments.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    save_file(tensors, partial, metadata={"digest": digest, "history": json.dumps(state.history)})
    partial.replace(path)


def _resume(state: State, path: Path, digest: str) -> None:
    """Bring ``state`` to where the checkpoint is; leave it alone when that is of another training."""
    try:
        with safe_open(path, "pt") as file:
            record = file.metadata() or {}
            if record.get("digest") != digest:
                return
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except SafetensorError as error:
        raise TrainingError(f"checkpoint {path} cannot be read ({error}): delete it to start over") from error
    moments: dict[int, Weights] = {}
    for name, value in _under("optimizer/", tensors).items():
        index, key = name.split("/")
        moments.setdefault(int(index), {})[key] = value
    state.network.load_state_dict(_under("network/", tensors))
    state.optimizer.load_state_dict({**state.optimizer.state_dict(), "state": moments})
    state.history = [Progress(*one) for one in json.loads(record["history"])]
    state.best = _under("best/", tensors)


def _under(prefix: str, tensors: Weights) -> Weights:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
