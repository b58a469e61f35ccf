"""Which hyper-parameters of a detector a benchmark may search inside its folds, and how far from the configured ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Range(NamedTuple):
    """Where a hyper-parameter is looked for, ends included; widened to the configured value where that lies outside."""

    low: float
    high: float
    whole: bool = False
    log: bool = True


# By the place of the setting in the detector's section; of a setting by group, that of the fold's group is meant.
# None of them changes what the detector prepares of a satellite.
_BOOSTED = {
    "trees": Range(80, 320, whole=True),
    "leaves": Range(4, 24, whole=True),
    "least_in_leaf": Range(6, 40, whole=True),
    "learning_rate": Range(0.03, 0.12),
    "l2": Range(1.0, 25.0),
    "columns_share": Range(0.12, 0.7),
    "strength_weight": Range(0.0, 2.0, log=False),
}
_TEMPORAL_CONV = {
    "width": Range(16, 64, whole=True),
    "dropout": Range(0.1, 0.5, log=False),
    "noise": Range(0.1, 0.6, log=False),
    "passes": Range(8, 40, whole=True),
    "learning_rate": Range(1e-3, 6e-3),
}
SPACES: Mapping[str, Mapping[str, Range]] = {
    "boosted": _BOOSTED,
    "temporal-conv": _TEMPORAL_CONV,
    "ensemble": {"weight": Range(0.0, 0.8, log=False)}
    | {f"boosted.{name}": limits for name, limits in _BOOSTED.items()},
}
