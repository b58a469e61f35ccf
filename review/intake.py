"""From a frame of assessed events to rows of the table of flags."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

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

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class ScoringRun:
    """One pass of one detector over some spans of some objects' histories.

    Parameters
    ----------
    detector : str
        Name of the detector: the family that its flags belong to, whatever the model's version.
    at : datetime
        When it ran, or the time it was run as of [UTC].
    model_version, data_snapshot, config_hash : str
        Where its events come from.
    spans : DataFrame, optional
        What was scored: ``norad_id``, ``span_start``, ``span_end`` (UTC), any number of rows an object. A flag whose
        burn window lies within a span and that was not found again is withdrawn; without spans none is.
    """

    detector: str
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
        Columns of `REQUIRED`; those of `TIMES`, `NUMBERS`, `TEXTS` and `LISTS` where known. Where the burn time is
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
    columns |= {name: _numbers(events, name) for name in NUMBERS}
    columns |= {name: _texts(events, name, default) for name, default in TEXTS.items()}
    columns |= {name: _lists(events, name) for name in LISTS}
    _check(columns, run)
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row |= {"model_version": run.model_version, "config_hash": run.config_hash}
        row["content_hash"] = _content_hash(row)
        row |= {"data_snapshot": run.data_snapshot, "burn_day": row["burn_time"].date()}
    return rows


def clean_text(value: object) -> str:
    """Text without control and formatting characters: names come from strangers, and databases refuse NUL."""
    text = "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
    if text.isprintable():
        return text
    return "".join(character for character in text if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})


def _check(columns: dict[str, list[Any]], run: ScoringRun) -> None:
    for name in ("epoch_before", "epoch_after", "available_at", "score"):
        if None in columns[name]:
            raise InvalidEventsError(name, f"missing for object {columns['norad_id'][columns[name].index(None)]}")
    for name in sorted(set(columns["detector"]) - {run.detector}):
        raise InvalidEventsError("detector", f"{name!r} is not the run's detector {run.detector!r}")
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
    times = {name: _instants(events[name], name) if name in events else absent for name in TIMES}
    before, after = times["epoch_before"], times["epoch_after"]
    times["burn_time"] = times["burn_time"].fillna(before + (after - before) / 2)
    times["burn_time_low"] = times["burn_time_low"].fillna(before)
    times["burn_time_high"] = times["burn_time_high"].fillna(after)
    return {name: _datetimes(series) for name, series in times.items()}


def _instants(series: pd.Series, name: str) -> pd.Series:
    if not isinstance(series.dtype, pd.DatetimeTZDtype):
        raise InvalidEventsError(name, f"is {series.dtype}: give UTC times (datetime64[us, UTC])")
    return series.astype("datetime64[us, UTC]")


def _datetimes(series: pd.Series) -> list[datetime | None]:
    return [None if value is pd.NaT else value.to_pydatetime() for value in series]


def _numbers(events: pd.DataFrame, name: str) -> list[float | None]:
    if name not in events:
        return [None] * len(events)
    try:
        values = events[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InvalidEventsError(name, f"not numbers ({error})") from error
    return [value if finite else None for value, finite in zip(values.tolist(), np.isfinite(values), strict=True)]


def _texts(events: pd.DataFrame, name: str, default: str) -> list[str]:
    if name not in events:
        return [default] * len(events)
    return [clean_text(value) or default for value in events[name]]


def _lists(events: pd.DataFrame, name: str) -> list[list[Any]]:
    if name not in events:
        return [[] for _ in range(len(events))]
    plain = _neighbour if name == "neighbours" else clean_text
    return [[plain(item) for item in value] if _is_list(value) else [] for value in events[name]]


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | dict)


def _neighbour(item: dict[str, Any]) -> Row:
    if not isinstance(item, dict) or "norad_id" not in item:
        raise InvalidEventsError("neighbours", f"{item!r} is not a mapping with a norad_id")
    miss_km = item.get("miss_km")
    return {
        "norad_id": int(item["norad_id"]),
        "name": clean_text(item.get("name")),
        "miss_km": float(miss_km) if miss_km is not None and math.isfinite(miss_km) else None,
        "when": _when(item.get("when")),
    }


def _when(value: Any) -> str | None:  # noqa: ANN401
    if value is None or pd.isna(value):
        return None
    instant = pd.Timestamp(value)
    return iso_z(instant.tz_localize("UTC") if instant.tzinfo is None else instant)


def iso_z(time: datetime) -> str:
    """ISO 8601 in UTC with a Z, microseconds only where there are any."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _content_hash(row: Row) -> str:
    # Nine digits: the last bits of a score differ between machines, and are no news. The snapshot is left out: new
    # element sets elsewhere do not change this flag.
    plain = {name: _plain(value) for name, value in row.items()}
    return hashlib.blake2b(json.dumps(plain, sort_keys=True).encode(), digest_size=16).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, float):
        return f"{value:.9g}"
    return value.isoformat() if isinstance(value, datetime) else value
