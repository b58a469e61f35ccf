"""The network of temporal-conv: a dilated convolution over an object's gaps that looks ahead as far as it may."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def taps_of(dilations: tuple[int, ...], later_steps: int | None) -> list[tuple[int, int, int]]:
    """Which steps each layer reads, from its own: a dilation to both sides, ahead no further than is left of ``later_steps``.

    A layer that may not look ahead at all reads two dilations back.
    """
    taps, left = [], later_steps
    for dilation in dilations:
        ahead = dilation if left is None else min(dilation, left)
        taps.append((-dilation, 0, ahead) if ahead else (-2 * dilation, -dilation, 0))
        left = None if left is None else left - ahead
    return taps


class DilatedConvolution(nn.Module):
    """Residual stack of gated convolutions over whole series (van den Oord et al. 2016, arXiv 1609.03499).

    Each layer reads three steps (`taps_of`). Everything is normalized within a step (LayerNorm).

    Parameters
    ----------
    inputs : int
        Channels read.
    width : int
        Hidden channels.
    dilations : sequence of int
        One layer each [steps].
    dropout : float
        Share of hidden values left out in training.
    later_steps : int or None
        How many later steps a step may depend on in all; None: as many as it reaches.
    """

    def __init__(
        self, inputs: int, width: int, dilations: tuple[int, ...], dropout: float, later_steps: int | None
    ) -> None:
        super().__init__()
        self.dilations, self.later_steps = dilations, later_steps
        self.taps = taps_of(dilations, later_steps)
        self.read = nn.Linear(inputs, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in dilations)
        self.gates = nn.ModuleList(nn.Linear(len(taps) * width, 2 * width) for taps in self.taps)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width)
        self.judge = nn.Linear(width, 1)
        nn.init.zeros_(self.judge.weight)
        nn.init.constant_(self.judge.bias, -3.0)  # starts at what one gap in twenty holds

    @property
    def before(self) -> int:
        """How many earlier steps matter to a step."""
        return -sum(taps[0] for taps in self.taps)

    @property
    def after(self) -> int:
        """How many later steps matter to a step."""
        return sum(taps[-1] for taps in self.taps)

    def forward(self, steps: Tensor) -> Tensor:
        """Log-odds (B, T) from inputs (B, T, inputs)."""
        hidden = self.read(steps)
        for norm, gate, taps in zip(self.norms, self.gates, self.taps, strict=True):
            about = _with_others(norm(hidden), taps)
            hidden = hidden + self.dropout(nn.functional.glu(gate(about), dim=-1))
        odds: Tensor = self.judge(self.norm(hidden))[..., 0]
        return odds


def _with_others(steps: Tensor, taps: tuple[int, int, int]) -> Tensor:
    """Each step (B, T, W) beside those at ``taps`` from it, zero beyond the ends: (B, T, 3 W)."""
    length, before = steps.shape[1], -taps[0]
    padded = nn.functional.pad(steps, (0, 0, before, taps[-1]))
    return torch.cat([padded[:, before + tap : before + tap + length] for tap in taps], dim=-1)
