"""From a frame of assessed events to rows of the table of flags."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from review.columns import (
    Row,
    clean_text,
    content_hash,
    datetimes,
    instants,
    is_list,
    marks,
    numbers,
    plain,
    texts,
    when,
)
from review.errors import InvalidEventsError

REQUIRED = ("norad_id", "epoch_before", "epoch_after", "available_at", "detector", "score")
TIMES = ("epoch_before", "epoch_after", "burn_time", "burn_time_low", "burn_time_high", "available_at")
NUMBERS = (
    "dv_r_m_s",
    "dv_t_m_s",
    "dv_n_m_s",
    "dv_r_sigma_m_s",
    "dv_t_sigma_m_s",
    "dv_n_sigma_m_s",
    "dv_m_s",
    "dv_sigma_m_s",
    "score",
    "threshold",
    "probability",
    "unexpectedness",
    "delta_a_km",
    "delta_i_deg",
    "delta_e",
    "chi2_ratio",
)
# What a text is where the events do not say.
TEXTS = {
    "name": "",
    "regime": "",
    "detector": "",
    "kind": "unknown",
    "fit_status": "withheld",
    "fit_note": "",
    "explanation": "maneuver",
    "explanation_note": "",
}
LISTS = ("reasons", "neighbours", "quality")
MARKS = ("listed",)


@dataclass(frozen=True, slots=True, eq=False)
class ScoringRun:
    """One pass of one model over some spans of some objects' histories.

    Parameters
    ----------
    at : datetime
        When it ran, or the time it was run as of [UTC].
    model_version, data_snapshot, config_hash : str
        Where its events come from; an event of an earlier run may name its own ``model_version``.
    spans : DataFrame, optional
        What was scored: ``norad_id``, ``span_start``, ``span_end`` (UTC), any number of rows an object. A flag whose
        burn window lies within a span and that was not found again is withdrawn, whichever detector found it before;
        without spans none is.
    """

    at: datetime
    model_version: str
    data_snapshot: str
    config_hash: str
    spans: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise InvalidEventsError("run.at", "is not in UTC: give a time with its zone")


def rows_of(events: pd.DataFrame, run: ScoringRun) -> list[Row]:
    """One row of table content an event, in the events' order, each with its ``content_hash``.

    Parameters
    ----------
    events : DataFrame
        Columns of `REQUIRED`; those of `TIMES`, `NUMBERS`, `TEXTS` and `LISTS` and ``model_version`` where known. Where the burn time is
        unknown it is the middle of the burn window, and an unknown interval the whole of it.
    run : ScoringRun

    Raises
    ------
    InvalidEventsError
        If a required column or value is missing, a time has no zone, a window is empty or two events share one.
    """
    if events.empty:
        return []
    missing = [name for name in REQUIRED if name not in events.columns]
    if missing:
        raise InvalidEventsError(", ".join(missing), "missing column: needed to make flags")
    columns: dict[str, list[Any]] = {"norad_id": [int(value) for value in events["norad_id"]]}
    columns |= _times(events)
    columns |= {name: numbers(events, name, InvalidEventsError) for name in NUMBERS}
    columns |= {name: texts(events, name, default) for name, default in TEXTS.items()}
    columns["model_version"] = texts(events, "model_version", run.model_version)
    columns |= {name: marks(events, name) for name in MARKS}
    columns |= {name: _lists(events, name) for name in LISTS}
    _check(columns)
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row["config_hash"] = run.config_hash
        # The snapshot is left out: new element sets elsewhere do not change this flag.
        row["content_hash"] = content_hash(row)
        row |= {"data_snapshot": run.data_snapshot, "burn_day": row["burn_time"].date()}
    return rows


def _check(columns: dict[str, list[Any]]) -> None:
    for name in ("epoch_before", "epoch_after", "available_at", "score"):
        if None in columns[name]:
            raise InvalidEventsError(name, f"missing for object {columns['norad_id'][columns[name].index(None)]}")
    seen: set[tuple[int, datetime, datetime]] = set()
    for window in zip(columns["norad_id"], columns["epoch_before"], columns["epoch_after"], strict=True):
        norad_id, before, after = window
        if not before < after:
            raise InvalidEventsError("epoch_after", f"not later than epoch_before {before} for object {norad_id}")
        if window in seen:
            raise InvalidEventsError(
                "epoch_before", f"two events of object {norad_id} in one burn window from {before}"
            )
        seen.add(window)


def _times(events: pd.DataFrame) -> dict[str, list[datetime | None]]:
    absent = pd.Series(pd.NaT, index=events.index, dtype="datetime64[us, UTC]")
    times = {name: instants(events[name], name, InvalidEventsError) if name in events else absent for name in TIMES}
    before, after = times["epoch_before"], times["epoch_after"]
    times["burn_time"] = times["burn_time"].fillna(before + (after - before) / 2)
    times["burn_time_low"] = times["burn_time_low"].fillna(before)
    times["burn_time_high"] = times["burn_time_high"].fillna(after)
    return {name: datetimes(series) for name, series in times.items()}


def _lists(events: pd.DataFrame, name: str) -> list[list[Any]]:
    if name not in events:
        return [[] for _ in range(len(events))]
    each = _neighbour if name == "neighbours" else clean_text
    return [[each(item) for item in value] if is_list(value) else [] for value in events[name]]


def _neighbour(item: dict[str, Any]) -> Row:
    if not isinstance(item, dict) or "norad_id" not in item:
        raise InvalidEventsError("neighbours", f"{item!r} is not a mapping with a norad_id")
    miss_km = item.get("miss_km")
    return {
        **plain(item),
        "norad_id": int(item["norad_id"]),
        "name": clean_text(item.get("name")),
        "miss_km": float(miss_km) if miss_km is not None and math.isfinite(miss_km) else None,
        "when": when(item.get("when")),
    }
