"""Whether a challenger is not worse than the champion: on labels, on objects that cannot maneuver, on injected burns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from configs.operation import BenchmarkConfig
from models.benchmark.protocol import draw_satellites
from models.benchmark.rates import f1_score

_COUNTS = ["hits", "misses", "false_alarms"]


class Check(NamedTuple):
    """One thing that a challenger must not be worse at.

    Parameters
    ----------
    name : str
        For metrics: letters, digits and underscores.
    passed : bool
    champion, challenger : float
        What is compared; NaN where it is not known.
    said : str
        The comparison in words and figures.
    """

    name: str
    passed: bool
    champion: float
    challenger: float
    said: str


def compare_labels(champion: pd.DataFrame, challenger: pd.DataFrame, config: BenchmarkConfig) -> list[Check]:
    """Pooled F1 of each regime, by a bootstrap that draws the same satellites for both.

    The challenger is not worse if the difference is above ``-worse_f1`` in all but a twentieth of the resamples.

    Parameters
    ----------
    champion, challenger : DataFrame
        By satellite, from `models.benchmark.protocol.evaluate`.
    config : BenchmarkConfig
    """
    columns = ["norad_id", "regime", *_COUNTS]
    both = champion[columns].merge(challenger[columns], on=["norad_id", "regime"], how="outer", suffixes=("", "_new"))
    checks = []
    generator = np.random.default_rng(config.seed)
    for regime, own in both.groupby("regime"):
        if own.isna().to_numpy().any():
            lacking = own["norad_id"][own.isna().any(axis=1)].tolist()
            said = f"F1 {regime}: not both were measured on {', '.join(map(str, lacking))}"
            checks.append(Check(f"f1_{regime}", False, np.nan, np.nan, said))
            continue
        old, new = (own[[f"{name}{end}" for name in _COUNTS]].to_numpy(np.float64) for end in ("", "_new"))
        draws = draw_satellites(len(own), config.resamples, generator)
        change = f1_score(*(draws @ new).T) - f1_score(*(draws @ old).T)
        low, high = np.quantile(change, [0.05, 0.95])
        before, after = float(f1_score(*old.sum(axis=0))), float(f1_score(*new.sum(axis=0)))
        passed = bool(low >= -config.worse_f1)
        said = (
            f"F1 {regime}: {before:.3f} → {after:.3f}, change {after - before:+.3f} (90 % {low:+.3f} to {high:+.3f}, "
            f"paired over {len(own)} satellites); may lose {config.worse_f1:g}"
        )
        checks.append(Check(f"f1_{regime}", passed, before, after, said))
    return checks


def compare_controls(champion: dict[str, Any], challenger: dict[str, Any], config: BenchmarkConfig) -> Check:
    """False alarms on objects that cannot maneuver."""
    before, after = (float(each["false_alarms_per_object_year"]) for each in (champion, challenger))
    passed = after <= before + config.worse_false_alarms_per_object_year
    said = (
        f"false alarms on controls: {before:.3f} → {after:.3f} per object-year ({champion['false_alarms']} → "
        f"{challenger['false_alarms']} in {challenger['object_years']:.0f} years); may gain "
        f"{config.worse_false_alarms_per_object_year:g}"
    )
    return Check("controls", bool(passed), before, after, said)


def compare_sizes(
    champion: pd.DataFrame, challenger: pd.DataFrame, config: BenchmarkConfig, labelled: Collection[str]
) -> list[Check]:
    """Smallest injected burn that is found nine times in ten, by regime and direction.

    Parameters
    ----------
    champion, challenger : DataFrame
        From `models.benchmark.detection_curve.smallest_found`, by regime and direction, on the same places; ``dv_m_s`` is
        not finite where no size was found often enough.
    config : BenchmarkConfig
    labelled : collection of str
        Regimes of the labelled satellites. In others a model that learns from logs has nothing to learn from: there the
        sizes are told, and decide nothing.
    """
    keys = ["regime", "direction"]
    both = champion[[*keys, "dv_m_s"]].merge(challenger[[*keys, "dv_m_s"]], on=keys, how="outer", suffixes=("", "_new"))
    if both.empty:
        said = "injected burns: no quiet arc is long enough to put any in; give more controls"
        return [Check("size", False, np.nan, np.nan, said)]
    checks = []
    for regime, direction, before, after in both.itertuples(index=False):
        decides = regime in labelled
        passed = not decides or not np.isfinite(before) or bool(after <= config.worse_size_ratio * before)
        rule = f"may grow {config.worse_size_ratio:g} times" if decides else "no labelled satellite flies there"
        said = f"smallest {direction} burn found in {regime}: {_size(before)} → {_size(after)}; {rule}"
        name = f"size_{regime}_{direction.replace('-', '_')}"
        checks.append(Check(name, passed, float(before), float(after), said))
    return checks


def _size(dv_m_s: float) -> str:
    return f"{1e3 * dv_m_s:.3g} mm/s" if np.isfinite(dv_m_s) else "none"
