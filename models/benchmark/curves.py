"""Figures over all thresholds: average precision and recall at fixed false alarm rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.benchmark.matching import Rule, inside, pairs, point_estimates_us

FALSE_ALARMS_A_YEAR = (0.3, 1, 3)


def curves(
    ranked: pd.DataFrame,
    maneuvers: pd.DataFrame,
    spans: pd.DataFrame,
    in_span: NDArray[np.int64],
    window_days: float,
    rule: Rule,
) -> pd.DataFrame:
    """Average precision and recall at fixed false alarm rates, by regime.

    Down the ranking each event takes the nearest maneuver that is still free; the precision at each
    newly found maneuver is averaged over all of them.
    """
    order = np.argsort(-ranked["score"].to_numpy(), kind="stable")
    ranked = ranked.iloc[order].reset_index(drop=True)
    taken = np.full(len(ranked), -1, np.int64)
    free = np.ones(len(maneuvers), np.bool_)
    found, sought, apart = pairs(ranked, maneuvers, window_days, rule)
    for pair in np.lexsort((sought, *reversed(apart), found)):
        if taken[found[pair]] < 0 and free[sought[pair]]:
            taken[found[pair]] = sought[pair]
            free[sought[pair]] = False
    counts = np.zeros(len(maneuvers), np.bool_)
    counts[in_span] = True
    is_hit = (taken >= 0) & counts[taken]
    points_us = point_estimates_us(ranked)
    rows = []
    for regime, own in spans.groupby("regime"):
        members = inside(ranked["norad_id"], points_us, own)
        of_regime = ranked["norad_id"].isin(own["norad_id"]).to_numpy()
        hit, alarm = is_hit & of_regime, members & (taken < 0)
        total = int(np.isin(maneuvers["norad_id"].to_numpy()[in_span], own["norad_id"].to_numpy()).sum())
        hits, alarms = np.cumsum(hit), np.cumsum(alarm)
        row = {"regime": regime, "ap": (hits[hit] / (hits[hit] + alarms[hit])).sum() / max(total, 1)}
        for rate in FALSE_ALARMS_A_YEAR:
            within = hits[alarms <= rate * own["years"].sum()]
            row[f"recall_at_{rate}_fa"] = (within[-1] if len(within) else 0) / max(total, 1)
        rows.append(row)
    return pd.DataFrame(rows).set_index("regime")
