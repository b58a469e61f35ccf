"""What a burn has changed between an object and another, in plain words with the figures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from configs.judgement import ProximityConfig
from models.assess.reasons import neighbour_reason

_SAME_ANGLE = 0.8  # angles whose ratio is nearer to one than this are not told apart


def company_reason(row: pd.Series[Any], config: ProximityConfig = ProximityConfig()) -> str:
    """One row of `approach.company` as a sentence, empty where there is nothing to tell."""
    name = row["other_name"]
    kin = " of its own fleet" if row["own_fleet"] else " of its own launch" if row["launched_together"] else ""
    who = f"the protected {name}" if row["protected"] else f"{name}{kin}"
    met = np.isfinite(row["miss_km"]) and row["miss_km"] <= config.max_miss_km
    told = [text for text in (_plane(row, who, config), _along(row, config)) if text]
    if met and row["way"] != "stopped beside":
        told.append(neighbour_reason("it" if told else who, row["miss_km"], _day(row["when"])))
    if row["miss_km"] <= row["keep_out_km"]:
        told.append(keep_out_reason(row["keep_out_km"]))
    return "; ".join(told)


def keep_out_reason(keep_out_km: float) -> str:
    """It comes nearer than an asset's owner wants."""
    return f"inside its keep-out distance of {keep_out_km:g} km"


def _plane(row: pd.Series[Any], who: str, config: ProximityConfig) -> str:
    """What the burn did to the angle between the planes."""
    now, before, least = row["plane_angle_deg"], row["plane_angle_before_deg"], row["least_plane_angle_deg"]
    rate = abs(row["node_rate_difference_deg_year"])
    alike = rate <= config.node_match_deg_year
    turns = "node drifts alike" if alike else f"nodes part by {rate:.0f} deg/year"
    if now <= config.coplanar_deg and now < _SAME_ANGLE * before:
        follows = ": follows it" if alike else ""
        return f"now in the plane of {who} to {_angle(now)} ({_angle(before)} without the burn), {turns}{follows}"
    if row["by_the_burn"] and least < _SAME_ANGLE * now:
        ahead = f"{_angle(least)} within {config.plane_days:.0f} days"
        return f"its plane turns into that of {who}: {_angle(now)} now, {ahead}"
    return f"in the plane of {who} to {_angle(now)}, {turns}" if now <= config.coplanar_deg else ""


def _along(row: pd.Series[Any], config: ProximityConfig) -> str:
    """How they lie along the track, where they are in one plane."""
    phase, rate = row["phase_deg"], abs(row["phase_rate_deg_day"])
    where = f"{_angle(abs(phase))} {'behind' if phase > 0 else 'ahead of'} it"
    if row["way"] == "stopped beside":
        return f"stopped beside it, {where}, phase constant to {rate:.2f} deg/day"
    soon = row["catches_up"] <= row["as_of"] + pd.Timedelta(days=config.catch_days)
    if row["plane_angle_deg"] <= config.coplanar_deg and soon and config.hold_deg_day < rate <= config.pass_deg_day:
        return f"{where}, closing by {rate:.1f} deg/day: level on {_day(row['catches_up'])}"
    return ""


def _angle(angle_deg: float) -> str:
    return f"{angle_deg:.1f} deg" if angle_deg >= 1 else f"{angle_deg:.2f} deg"


def _day(when: pd.Timestamp) -> str:
    return f"{when:%Y-%m-%d}"
