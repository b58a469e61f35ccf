"""The forecaster's network: a causal dilated convolution with a heavy-tailed forecast."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

KERNEL = 3


class Forecast(NamedTuple):
    """Student-t forecast of each target: location and scale (B, T, C), degrees of freedom (C,)."""

    location: Tensor
    scale: Tensor
    freedom: Tensor


class CausalConvolution(nn.Module):
    """Residual stack of gated causal convolutions over whole series (van den Oord et al. 2016, arXiv 1609.03499).

    Step t sees its own input and those before it; layer l reaches ``2 * dilation_l`` steps further back.
    Everything is normalized within a step (LayerNorm), so padding at a series' end changes nothing before it.

    Parameters
    ----------
    inputs, targets : int
        Channels read and forecast.
    width : int
        Hidden channels.
    dilations : sequence of int
        One layer each [steps].
    """

    def __init__(self, inputs: int, targets: int, width: int, dilations: tuple[int, ...]) -> None:
        super().__init__()
        self.targets = targets
        self.dilations = dilations
        self.read = nn.Linear(inputs, width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in dilations)
        self.gates = nn.ModuleList(nn.Linear(KERNEL * width, 2 * width) for _ in dilations)
        self.norm = nn.LayerNorm(width)
        self.forecast = nn.Linear(width, 2 * targets)
        nn.init.zeros_(self.forecast.weight)  # starts as the forecast "like every other gap"
        nn.init.zeros_(self.forecast.bias)
        self.raw_freedom = nn.Parameter(torch.full((targets,), math.log(math.e**3 - 1)))  # 4 degrees of freedom

    def forward(self, steps: Tensor) -> Forecast:
        """Forecast from inputs (B, T, inputs)."""
        hidden = self.read(steps)
        for norm, gate, dilation in zip(self.norms, self.gates, self.dilations, strict=True):
            hidden = hidden + nn.functional.glu(gate(_with_earlier(norm(hidden), dilation)), dim=-1)
        location, log_scale = self.forecast(self.norm(hidden)).split(self.targets, dim=-1)
        return Forecast(location, log_scale.clamp(-6, 6).exp(), 1 + nn.functional.softplus(self.raw_freedom))


def _with_earlier(steps: Tensor, dilation: int) -> Tensor:
    """Each step (B, T, W) beside those ``dilation`` and ``2 dilation`` earlier, zero before the start: (B, T, 3 W).

    A matrix product with this is the dilated convolution; torch has no fast one of its own in float64.
    """
    length = steps.shape[1]
    reach = (KERNEL - 1) * dilation
    padded = nn.functional.pad(steps, (0, 0, reach, 0))
    return torch.cat([padded[:, low : low + length] for low in range(0, reach + 1, dilation)], dim=-1)


def negative_log_density(forecast: Forecast, values: Tensor) -> Tensor:
    """-log of the Student-t density of values (B, T, C) [nat]."""
    freedom = forecast.freedom
    normalizer = torch.lgamma(freedom / 2) - torch.lgamma((freedom + 1) / 2) + 0.5 * torch.log(math.pi * freedom)
    return normalizer + forecast.scale.log() + shortfall(forecast, values)


def shortfall(forecast: Forecast, values: Tensor) -> Tensor:
    """How far the log density at values (B, T, C) lies below that at its mode [nat], >= 0."""
    error = (values - forecast.location) / forecast.scale
    return (forecast.freedom + 1) / 2 * torch.log1p(error**2 / forecast.freedom)
