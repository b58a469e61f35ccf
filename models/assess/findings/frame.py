"""The frame of findings, and what makes each row."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pandas as pd

RELOCATION = "relocation"
DRIFT_CHANGE = "drift change"
EXCURSION = "excursion"
DISPOSAL = "disposal"
COMMISSIONING = "commissioning"
LOITERING = "loitering"
SERIAL_VISITING = "serial visiting"
SYNCHRONISED = "synchronised burns"
SHADOWING = "shadowing"
APPROACH = "approach"
TOW = "tow"
DEAD_MOVES = "dead object moves"
CEASED = "station-keeping ceased"
NEW_ROUTINE = "new routine"
MANEUVER = "maneuver"
FINDING_KINDS = (
    RELOCATION,
    DRIFT_CHANGE,
    EXCURSION,
    DISPOSAL,
    COMMISSIONING,
    LOITERING,
    SERIAL_VISITING,
    SYNCHRONISED,
    SHADOWING,
    APPROACH,
    TOW,
    DEAD_MOVES,
    CEASED,
    NEW_ROUTINE,
    MANEUVER,
)

UNDER_WAY, STOPPED, CLOSED = "under way", "stopped", "closed"
STATES = (UNDER_WAY, STOPPED, CLOSED)

_TIME = "datetime64[us, UTC]"
FINDING_DTYPES = {
    "finding_id": "str",
    "norad_id": "int64",
    "name": "str",
    "regime": "str",
    "kind": "str",
    "state": "str",
    "opened_at": _TIME,
    "news_at": _TIME,
    "closed_at": _TIME,
    "headline": "str",
    "news": "object",
    "expects": "str",
    "reasons": "object",
    "neighbours": "object",
    "events": "object",
    "partners": "object",
    "unexpectedness": "float64",
    "dv_m_s": "float64",
    "listed": "bool",
    "said": "object",
}
"""``news``: list of {at, text, event}; ``events``: list of {epoch_before, epoch_after}; ``said``: what was told already,
a mapping that JSON holds, kept with the finding and shown to nobody. Times within lists are ISO 8601 in UTC."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "burnwatch:finding")

Finding = dict[str, Any]


def empty_findings() -> pd.DataFrame:
    """No findings yet."""
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in FINDING_DTYPES.items()})


def finding_frame(rows: list[Finding]) -> pd.DataFrame:
    """Findings as a frame of `FINDING_DTYPES`, newest news first, RangeIndex."""
    if not rows:
        return empty_findings()
    frame = pd.DataFrame(rows, columns=list(FINDING_DTYPES))
    for name in ("opened_at", "news_at", "closed_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    frame = frame.astype(FINDING_DTYPES)
    order = ["news_at", "unexpectedness", "finding_id"]
    return frame.sort_values(order, ascending=[False, False, True], kind="stable", ignore_index=True)


def finding_rows(findings: pd.DataFrame) -> list[Finding]:
    """The rows of a frame of findings; nothing in them is shared with it."""
    rows = findings.to_dict("records")
    return [{str(name): _copied(value) for name, value in row.items()} for row in rows]


def finding_id(norad_id: int, first_event_day: pd.Timestamp, start: pd.Timestamp) -> str:
    """UUID5 of the object, the day of its first event and the day that the chain started on."""
    return str(uuid.uuid5(_NAMESPACE, f"{norad_id} {first_event_day:%Y-%m-%d} {start:%Y-%m-%d}"))


def iso(time: pd.Timestamp) -> str:
    """A UTC time as lists hold it."""
    return time.isoformat().replace("+00:00", "Z")


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_copied(one) for one in value]
    return value
