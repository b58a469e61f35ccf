"""Whom the object of a finding is beside or comes to."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from models.assess.findings.chain import Move
from models.assess.findings.day import Day
from models.assess.findings.frame import Finding, iso
from models.assess.ways import APPROACHING, BESIDE, RECEDING


def ahead_of(norad_id: int, day: Day) -> list[dict[str, Any]]:
    """Whom an object of the belt comes to, nearest in time first, by the company that was asked for it."""
    rows = _arrivals(norad_id, day)
    if rows.empty:
        return []
    rows = rows[(rows["way"] == APPROACHING) & (rows["when"] >= day.as_of)]
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def neighbours_of(finding: Finding, moves: list[Move], day: Day) -> list[dict[str, Any]]:
    """Who is near: in the belt who is beside or ahead as of the day, elsewhere whom the last event came near."""
    known = list(moves[-1].neighbours) if moves else []
    if finding["regime"] != "geo":
        return known
    rows = _arrivals(finding["norad_id"], day)
    if rows.empty:
        return known
    rows = rows[rows["way"] != RECEDING]
    order = np.lexsort((rows["when"], (rows["way"] != BESIDE)))
    return [
        {
            "norad_id": int(row["other_id"]),
            "name": str(row["other_name"]),
            "miss_km": _rounded(row["miss_km"]),
            "miss_sigma_km": _rounded(row["miss_sigma_km"]),
            **{name: iso(row[name].floor("s")) for name in ("when", "when_low", "when_high")},
            "way": str(row["way"]),
            "longitude_deg": round(float(row["longitude_deg"]), 3),
        }
        for row in rows.iloc[order].to_dict("records")
    ] or known


def _arrivals(norad_id: int, day: Day) -> pd.DataFrame:
    """Rows of `arrivals` of an object of the belt, those ahead by time; none where it was not asked."""
    if not {"longitude_deg", "way", "when", "other_name"} <= set(day.company.columns):
        return day.company.iloc[:0]
    own = day.company["longitude_deg"].notna() & (day.company["norad_id"] == norad_id)
    return day.company[own].sort_values("when", kind="stable")


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if math.isfinite(value) else None
