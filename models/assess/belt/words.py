"""Where a geosynchronous object goes and beside whom it stands, in plain words with the figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from configs.belt import BeltConfig
from models.assess.reasons import longitude_text
from models.assess.ways import APPROACHING, BESIDE, PASSING, RECEDING


def arrival_reasons(rows: pd.DataFrame, most: int = 3, config: BeltConfig = BeltConfig()) -> list[str]:
    """Sentences on one mover, from its rows of `arrivals`: where it stands or how it drifts, and the nearest few in time.

    Like "drift now 1.2 deg/day east; reaches TJS-9 at 98.9E on 2 June, give or take 1 day".
    """
    if rows.empty:
        return []
    beside = rows[rows["way"] == BESIDE].sort_values(["apart_deg"], key=lambda apart: apart.abs()).head(most)
    if len(beside):
        return [_beside(row) for _, row in beside.iterrows()]
    rate = float(rows["drift_deg_day"].iloc[0])
    slow = abs(rate) < config.beside_drift_deg_day
    head = "stands" if slow else f"drift now {abs(rate):.{1 if abs(rate) >= 1 else 2}f} deg/day {_side(rate)}"
    ahead = rows[rows["way"].isin((APPROACHING, PASSING))].head(most)
    told = [pass_text(row) for _, row in (ahead if len(ahead) else rows[rows["way"] == RECEDING].head(1)).iterrows()]
    return [f"{head}; {told[0]}", *told[1:]] if told else [head]


def _beside(row: pd.Series[Any]) -> str:
    miss = f", closest {_km(row['miss_km'], row['miss_sigma_km'])} in the next days" if row["miss_km"] >= 0 else ""
    place = longitude_text(row["longitude_deg"] - row["apart_deg"])
    return f"stopped at {place}, {abs(row['apart_deg']):.2f} deg from {row['other_name']}{miss}"


def pass_text(row: Mapping[str, Any] | pd.Series[Any]) -> str:
    """How it comes to another, from a row of `arrivals`: "reaches TJS-9 at 98.9E on 2 June, give or take 1 day, at 40 km"."""
    verb = {APPROACHING: "reaches", PASSING: "passes", RECEDING: "passed"}[row["way"]]
    where = f"{row['other_name']} at {longitude_text(row['longitude_deg'])} on {row['when'].day} {row['when']:%B}"
    give_days = (row["when_high"] - row["when_low"]) / pd.Timedelta(days=2)
    give = f", give or take {_give(give_days)}" if row["way"] == APPROACHING else ""
    near = f", at {_km(row['miss_km'], row['miss_sigma_km'])}" if row["miss_km"] >= 0 else ""
    return f"{verb} {where}{give}{near}"


def _give(days: float) -> str:
    hours = round(days * 24)
    if hours <= 1:
        return "an hour"
    if hours < 24:
        return f"{hours} hours"
    return f"{days:.0f} day{'s' if round(days) > 1 else ''}"


def _km(miss_km: float, sigma_km: float) -> str:
    return f"{miss_km:.0f} km" if sigma_km < max(1.0, 0.1 * miss_km) else f"{miss_km:.0f} +/- {sigma_km:.0f} km"


def _side(rate_deg_day: float) -> str:
    return "east" if rate_deg_day > 0 else "west"
