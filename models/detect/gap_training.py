"""Training of temporal-conv's network on logged burns."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from configs.networks import TemporalConvConfig
from models.detect.channels import NAMES, TURNED, TURNED_PLANE
from models.detect.dilated import DilatedConvolution
from models.detect.pursuit import FloatArray
from models.detect.training import Progress, State, TrainingError, descend, one_thread, pace, reproducible, weights

_SIGN_SCALE = 2.0  # of columns that turn with the burn: their mean must stay 0
_LEAST_SCALE = 1e-3
_TURNS = (slice(0, len(TURNED)), slice(len(TURNED), len(TURNED) + len(TURNED_PLANE)))
_PLAIN = len(TURNED) + len(TURNED_PLANE)

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Judge:
    """A trained network and how its inputs are scaled, (len(NAMES),) each."""

    network: DilatedConvolution
    center: Float32Array
    scale: Float32Array

    @cached_property
    def _exact(self) -> DilatedConvolution:
        network = type(self.network)(*_shape_of(self.network)).double().eval()
        network.load_state_dict(self.network.state_dict())
        return network

    def log_odds(self, channels: Float32Array) -> FloatArray:
        """Of a burn in each gap of one object, (T,), from its channels (T, len(NAMES)); the mean over both turns of sign."""
        network = self._exact
        inputs = torch.from_numpy(_pad((channels - self.center) / self.scale, network)).double()
        turned = inputs.clone()
        turned[:, :_PLAIN] *= -1
        with one_thread(), torch.inference_mode():
            both = network(torch.stack([inputs, turned])).mean(dim=0).numpy()
        return np.asarray(both[network.before : network.before + len(channels)])


def train_judge(
    series: list[tuple[Float32Array, NDArray[np.bool_]]],
    config: TemporalConvConfig,
    passes: int,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> tuple[Judge, list[Progress]]:
    """A network taught on series of channels (T, len(NAMES)) and whether each gap holds a burn (T,).

    Cross entropy of every gap. Each sample is turned about (raising for lowering) at random, apart for along-track
    and plane, and gets noise. One of the same configuration and data goes on from its checkpoint to the same weights.

    Raises
    ------
    TrainingError
        When no gap or every gap holds a burn, or the loss diverges.
    """
    held = np.concatenate([holds for _, holds in series]) if series else np.zeros(0, np.bool_)
    if not held.any() or held.all():
        raise TrainingError(f"nothing to learn from: {int(held.sum())} of {len(held)} gaps hold a burn")
    center, scale = _scaling(np.concatenate([channels for channels, _ in series]))
    digest = hashlib.sha256(config.model_dump_json().encode() + str(passes).encode())
    for channels, holds in series:
        digest.update(channels.tobytes() + holds.tobytes())
    with reproducible(config.seed):
        network = new_network(config)
        samples = [(_pad((channels - center) / scale, network), holds) for channels, holds in series]
        optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        state = State(network, optimizer, [], weights(network))
        descend(
            state,
            lambda: _next_pass(state, network, samples, config, passes),
            passes=passes,
            digest=digest.hexdigest(),
            checkpoint=checkpoint,
            progress=progress,
        )
    return Judge(network, center, scale), state.history


def new_network(config: TemporalConvConfig) -> DilatedConvolution:
    """An untrained network of the shape that ``config`` asks for; one input more says where there is a gap at all."""
    return DilatedConvolution(len(NAMES) + 1, config.width, config.dilations, config.dropout, config.later_sets)


def _shape_of(network: DilatedConvolution) -> tuple[int, int, tuple[int, ...], float, int | None]:
    return network.read.in_features, network.read.out_features, network.dilations, 0.0, network.later_steps


def _scaling(channels: Float32Array) -> tuple[Float32Array, Float32Array]:
    center = np.zeros(channels.shape[1], np.float32)
    scale = np.full(channels.shape[1], _SIGN_SCALE, np.float32)
    plain = channels[:, _PLAIN:]
    center[_PLAIN:] = plain.mean(axis=0)
    scale[_PLAIN:] = plain.std(axis=0) + _LEAST_SCALE
    return center, scale


def _pad(scaled: Float32Array, network: DilatedConvolution) -> Float32Array:
    """Scaled channels (T, C) with one that is 1, and nothing as far before and after as matters: (before + T + after, C + 1)."""
    inputs = np.pad(scaled, ((0, 0), (0, 1)), constant_values=1.0)
    return np.pad(inputs, ((network.before, network.after), (0, 0)))


def _next_pass(
    state: State,
    network: DilatedConvolution,
    samples: list[tuple[Float32Array, NDArray[np.bool_]]],
    config: TemporalConvConfig,
    passes: int,
) -> None:
    epoch = len(state.history)
    rng = np.random.default_rng((config.seed, epoch))
    torch.manual_seed(config.seed + 1000 * (epoch + 1))  # a pass after a checkpoint drops what it would have dropped
    network.train()
    pieces = list(_pieces(samples, config.segment, network.before + network.after, rng))
    order = rng.permutation(len(pieces))
    batches = [order[low : low + config.batch] for low in range(0, len(order), config.batch)]
    total, count = 0.0, 0
    for number, batch in enumerate(batches):
        inputs, holds, judged = (np.stack(parts) for parts in zip(*(pieces[at] for at in batch), strict=True))
        inputs = _varied(inputs, config, rng)
        odds = network(torch.from_numpy(inputs))[:, network.before : network.before + config.segment]
        mask = torch.from_numpy(judged)
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            odds[mask], torch.from_numpy(holds)[mask], reduction="none"
        )
        for group in state.optimizer.param_groups:
            group["lr"] = config.learning_rate * pace(epoch + number / len(batches), passes)
        state.optimizer.zero_grad(set_to_none=True)
        losses.mean().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        state.optimizer.step()
        total, count = total + float(losses.detach().sum()), count + len(losses)
    loss = total / max(count, 1)
    if not np.isfinite(loss):
        raise TrainingError(f"training of temporal-conv diverged in pass {epoch + 1}: lower learning_rate")
    network.eval()
    state.history.append(Progress(epoch + 1, passes, loss, loss))


def _pieces(
    samples: list[tuple[Float32Array, NDArray[np.bool_]]],
    length: int,
    around: int,
    rng: np.random.Generator,
) -> Iterator[tuple[Float32Array, Float32Array, NDArray[np.bool_]]]:
    """Stretches of every series, cut anew each pass: inputs with what lies about them, burns, and where there is a gap."""
    for inputs, holds in samples:
        gaps = len(holds)
        for low in range(-int(rng.integers(length)), gaps, length):
            start, stop = max(low, 0), min(low + length, gaps)
            piece = np.zeros((length + around, inputs.shape[1]), np.float32)
            piece[start - low : stop - low + around] = inputs[start : stop + around]
            held, judged = np.zeros(length, np.float32), np.zeros(length, np.bool_)
            held[start - low : stop - low] = holds[start:stop]
            judged[start - low : stop - low] = True
            yield piece, held, judged


def _varied(inputs: Float32Array, config: TemporalConvConfig, rng: np.random.Generator) -> Float32Array:
    """Samples (B, T, C) turned about at random and with noise."""
    out = inputs.copy()
    for turned in _TURNS:
        out[:, :, turned] *= rng.choice(np.array([-1.0, 1.0], np.float32), (len(inputs), 1, 1))
    noise = rng.standard_normal((*out.shape[:2], len(NAMES)), dtype=np.float32)
    out[:, :, : len(NAMES)] += np.float32(config.noise) * noise * out[:, :, -1:]
    return out
