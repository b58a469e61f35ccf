"""What a label from elsewhere must be to be taken."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from review.columns import Row, clean_text
from review.errors import ReviewError
from review.labels import BURNED, VERDICTS

REQUIRED = ("norad_id", "epoch_before", "epoch_after", "verdict", "decided_at")
LONGEST_WINDOW = timedelta(days=90)
_EPOCHS_AHEAD = timedelta(days=7)  # element sets are published with epochs a few days ahead
_NUMBER = re.compile("0{0,20}[1-9][0-9]{0,8}")
_SPEED = re.compile("[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?")
_SPACE_AGE = datetime(1957, 10, 4, tzinfo=UTC)
_LONGEST = {"team": 200, "name": 200, "kind": 100, "note": 10_000}
_FASTEST_M_S = 20_000.0


class RefusedLabelError(ReviewError):
    """A label that cannot be used.

    Attributes
    ----------
    field, reason : str
    """

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(reason)


def label_of(record: Any, team: str, now: datetime) -> Row:  # noqa: ANN401 - whatever a file holds
    """A label as the database keeps it.

    Parameters
    ----------
    record : object
        What a file says of it: names and values, as text or as JSON has them.
    team : str
        Whose it is, where the record does not say.
    now : datetime
        Decisions after it are refused [UTC].

    Raises
    ------
    RefusedLabelError
    """
    if not isinstance(record, dict):
        raise RefusedLabelError("", "is no label: give as many fields as the header has names")
    number = _norad_id(record)
    texts = {name: _text(record, name) for name in _LONGEST}
    before, after, decided_at = (_time(record, name) for name in ("epoch_before", "epoch_after", "decided_at"))
    burn_time = _time(record, "burn_time") if _given(record, "burn_time") else before + (after - before) / 2
    verdict = str(record.get("verdict") or "").strip()
    rules: list[tuple[str, Callable[[], bool], str]] = [
        ("team", lambda: bool(texts["team"] or team), "says not whose label it is: name the team with --team"),
        ("verdict", lambda: verdict in VERDICTS, f"is none of {', '.join(VERDICTS)}"),
        ("epoch_after", lambda: before < after, "is not later than epoch_before"),
        (
            "epoch_after",
            lambda: after - before <= LONGEST_WINDOW,
            f"the window is longer than {LONGEST_WINDOW.days} days",
        ),
        ("epoch_after", lambda: after <= now + _EPOCHS_AHEAD, "is in the future"),
        # A fit to the sets about a window may place the burn beside it.
        (
            "burn_time",
            lambda: before - LONGEST_WINDOW <= burn_time <= after + LONGEST_WINDOW,
            f"is more than {LONGEST_WINDOW.days} days from the window",
        ),
        ("decided_at", lambda: decided_at <= now, "is in the future"),
    ]
    for field, holds, reason in rules:
        if not holds():
            raise RefusedLabelError(field, reason)
    burned = verdict in BURNED
    return {
        "team": texts["team"] or team,
        "norad_id": number,
        "name": texts["name"],
        "epoch_before": before,
        "epoch_after": after,
        "burn_time": burn_time,
        "verdict": verdict,
        "kind": texts["kind"] if burned else "",
        **{name: _speed(record, name) if burned else math.nan for name in ("dv_r_m_s", "dv_t_m_s", "dv_n_m_s")},
        "decided_at": decided_at,
        "note": texts["note"],
    }


def _given(record: Row, name: str) -> bool:
    value = record.get(name)
    return value is not None and str(value).strip() != ""


def _text(record: Row, name: str) -> str:
    if not _given(record, name):
        return ""
    if not isinstance(record[name], str):
        raise RefusedLabelError(name, "is no text")
    text = "\n".join(clean_text(line) for line in record[name].splitlines()).strip()
    if len(text) > _LONGEST[name]:
        raise RefusedLabelError(name, f"has {len(text)} characters: shorten it to {_LONGEST[name]}")
    return text


def _time(record: Row, name: str) -> datetime:
    try:
        time = datetime.fromisoformat(str(record.get(name) or "").strip())
        if time.tzinfo is not None:
            time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RefusedLabelError(name, "is no time: give ISO 8601 in UTC, as 2026-03-02T04:30:00Z") from None
    if time.tzinfo is None:
        raise RefusedLabelError(name, "says not its zone: write Z after it if it is UTC")
    if time < _SPACE_AGE:
        raise RefusedLabelError(name, "is before the first satellite")
    return time


def _norad_id(record: Row) -> int:
    text = str(record.get("norad_id")).strip()
    if not _NUMBER.fullmatch(text):
        raise RefusedLabelError("norad_id", "is no catalog number of one to nine digits")
    return int(text)


def _speed(record: Row, name: str) -> float:
    if not _given(record, name):
        return math.nan
    text = str(record[name]).strip()
    if not _SPEED.fullmatch(text):
        raise RefusedLabelError(name, "is no number")
    speed = float(text)
    if not abs(speed) <= _FASTEST_M_S:
        raise RefusedLabelError(name, f"is not within ±{_FASTEST_M_S:.0f} m/s")
    return speed
