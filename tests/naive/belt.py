"""Slow, obvious versions of the kernels in ``models.assess.belt``."""

from __future__ import annotations

import numpy as np

from configs.belt import BeltConfig
from models.assess.belt.segments import break_limit_deg_day
from models.assess.belt.track import Track, excess_deg


def alike(sets: Track) -> list[int]:
    """First sets of the stretches: again and again the pair of neighbors with the least difference is merged."""
    config = BeltConfig()
    limit = break_limit_deg_day(sets, config)
    stretches = [[i] for i in range(len(sets))]
    free_drift = sets.drift_deg_day - sets.pull_deg_day
    while True:
        best, pair = np.inf, -1
        for k in range(len(stretches) - 1):
            left, right = stretches[k], stretches[k + 1]
            if sets.norad_id[left[0]] != sets.norad_id[right[0]]:
                continue
            if abs(excess_deg(sets, np.array([left[-1]]), np.array([right[0]]), config)[0]) > config.box_deg:
                continue
            unlike = abs(np.mean(free_drift[left]) - np.mean(free_drift[right]))
            if unlike <= limit[right[0]] and unlike < best:
                best, pair = unlike, k
        if pair < 0:
            return [stretch[0] for stretch in stretches]
        stretches[pair] += stretches.pop(pair + 1)
