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


def motion(sets: Track, norad_id: int) -> tuple[float, float]:
    """Longitude and drift at the newest set of an object that never burned, by plain least squares."""
    config = BeltConfig()
    mine = np.flatnonzero(sets.norad_id == norad_id)
    last = mine[-1]
    rows, values, weights, claims = [], [], [], []
    for k in mine:
        t = sets.day[k] - sets.day[last]
        if t < -config.fit_days:
            continue
        pulled = 0.0
        for j in range(k, last):
            mean = 0.5 * (sets.pull_deg_day[j] + sets.pull_deg_day[j + 1]) - sets.pull_deg_day[last]
            pulled -= mean * (sets.day[j + 1] - sets.day[j])
        rows.append([1.0, t])
        values.append(sets.longitude_deg[k] - sets.longitude_deg[last] - pulled)
        weights.append(1 / 0.002)
        claims.append(sets.drift_deg_day[k] - sets.pull_deg_day[k] + sets.pull_deg_day[last])
    rows.append([0.0, 1.0])
    values.append(float(np.mean(claims)))
    weights.append(1 / config.drift_noise_deg_day)
    weight = np.array(weights)
    place, drift = np.linalg.lstsq(np.array(rows) * weight[:, None], np.array(values) * weight, rcond=None)[0]
    return sets.longitude_deg[last] + place, drift
