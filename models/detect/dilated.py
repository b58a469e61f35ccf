"""The network of temporal-conv: a dilated convolution over an object's gaps, looking both ways or back alone."""

from __future__ import annotations

import torch
from torch import Tensor, nn

KERNEL = 3


class DilatedConvolution(nn.Module):
    """Residual stack of gated convolutions over whole series (van den Oord et al. 2016, arXiv 1609.03499).

    Layer l sees the steps ``dilation_l`` earlier and later or, looking back alone, ``dilation_l`` and ``2 dilation_l``
    earlier. Everything is normalized within a step (LayerNorm).

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
    looks_back : bool
        Whether a step sees no later one.
    """

    def __init__(self, inputs: int, width: int, dilations: tuple[int, ...], dropout: float, looks_back: bool) -> None:
        super().__init__()
        self.dilations, self.looks_back = dilations, looks_back
        self.read = nn.Linear(inputs, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in dilations)
        self.gates = nn.ModuleList(nn.Linear(KERNEL * width, 2 * width) for _ in dilations)
        self.dropout = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(width)
        self.judge = nn.Linear(width, 1)
        nn.init.zeros_(self.judge.weight)
        nn.init.constant_(self.judge.bias, -3.0)  # starts at what one gap in twenty holds

    @property
    def reach(self) -> int:
        """How many steps before, and unless it looks back alone after, a step matter to it."""
        return sum(self.dilations) * (KERNEL - 1 if self.looks_back else KERNEL // 2)

    def forward(self, steps: Tensor) -> Tensor:
        """Log-odds (B, T) from inputs (B, T, inputs)."""
        hidden = self.read(steps)
        for norm, gate, dilation in zip(self.norms, self.gates, self.dilations, strict=True):
            about = _with_others(norm(hidden), dilation, self.looks_back)
            hidden = hidden + self.dropout(nn.functional.glu(gate(about), dim=-1))
        odds: Tensor = self.judge(self.norm(hidden))[..., 0]
        return odds


def _with_others(steps: Tensor, dilation: int, looks_back: bool) -> Tensor:
    """Each step (B, T, W) beside those that its layer sees, zero beyond the ends: (B, T, 3 W)."""
    length, span = steps.shape[1], (KERNEL - 1) * dilation
    before = span if looks_back else span // 2
    padded = nn.functional.pad(steps, (0, 0, before, span - before))
    return torch.cat([padded[:, low : low + length] for low in range(0, span + 1, dilation)], dim=-1)
