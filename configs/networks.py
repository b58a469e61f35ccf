"""Settings of the detectors with a network that learns from logged burns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from configs.injection import InjectionConfig
from configs.learning import BoostedConfig
from configs.section import Section

_VISIBLE_M_S = {"leo": (3e-3, 0.3), "meo": (1e-2, 1.0), "geo": (1e-2, 1.0), "heo": (1e-2, 1.0)}

LaterSets = Annotated[
    int | None,
    Field(
        ge=0,
        description="how many element sets after a gap its score may depend on; none: all of them (retrospective)",
    ),
]


class TemporalConvConfig(Section):
    """A convolution over an object's gaps, one for LEO and one for what flies higher."""

    width: int = Field(default=32, ge=4, description="channels of a hidden layer")
    dilations: Annotated[tuple[int, ...], Field(min_length=1)] = Field(
        default=(1, 2, 4, 8),
        description="dilation of each layer [gaps]; with kernel 3 the default sees 15 gaps each way",
    )
    dropout: float = Field(default=0.3, ge=0, lt=1, description="share of hidden values left out in training")
    noise: float = Field(default=0.3, ge=0, description="σ of the normal noise put on scaled inputs in training")
    networks: int = Field(default=3, ge=1, description="networks of different seeds whose log-odds are averaged")
    passes: dict[str, int] = Field(default={"leo": 24, "high": 20}, description="passes over the objects, by group")
    segment: int = Field(default=192, ge=16, description="stretch of a series that one training sample judges [gaps]")
    batch: int = Field(default=16, ge=1, description="training samples in a batch")
    learning_rate: float = Field(default=3e-3, gt=0, description="peak step size of AdamW")
    weight_decay: float = Field(default=0.02, ge=0, description="that of AdamW")
    injected: dict[str, bool] = Field(
        default={"leo": False, "high": False},
        description="whether each network is also taught on a copy of the same histories with burns put into their quiet "
        "arcs, its own draw of them, by group",
    )
    injection: InjectionConfig = Field(
        default=InjectionConfig(dv_m_s=_VISIBLE_M_S, directions={"along-track": 1.0}),
        description="which burns those are: of a size and direction that element sets show",
    )
    near_days: dict[str, float] = Field(
        default={"leo": 0.0, "high": 1.0},
        description="a gap so near to a burn counts as holding it in training, by group: where one gap tells little of the "
        "time [day]",
    )
    strength_weight: dict[str, float] = Field(
        default={"leo": 0.0, "high": 1.0},
        description="weight of the logarithm of robust-step's strength beside the log-odds of the network, by group",
    )
    seed: int = Field(default=7, ge=0, description="seed of weights, samples and noise")
    later_sets: LaterSets = None


class EnsembleConfig(Section):
    """Boosted trees and the convolution on the same candidates."""

    boosted: BoostedConfig = Field(default=BoostedConfig(), description="the trees, and how candidates become events")
    network: TemporalConvConfig = Field(
        default=TemporalConvConfig(passes={"leo": 12, "high": 20}),
        description="the convolution, taught for shorter than alone: its errors are then less those of the trees",
    )
    weight: dict[str, float] = Field(
        default={"leo": 0.5, "high": 0.0},
        description="share of the network's log-odds beside the trees', by group; at 0 it is not trained there",
    )
    later_sets: LaterSets = None


class PretrainedConfig(Section):
    """The ensemble that was taught before it got here."""

    weights: Path | None = Field(
        default=None,
        description="folder of other weights, as `python -m benchmarks.pretrained` writes them; those that burnwatch ships by default",
    )
