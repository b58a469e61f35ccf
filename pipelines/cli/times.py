"""UTC times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_SHORTEST_SPAN_H, _LONGEST_SPAN_H = 1 / 60, 876_600.0


def utc_time(text: str) -> datetime:
    """An ISO 8601 date or instant, such as 2026-05-31 or 2026-05-31T12:00Z; UTC where it names no zone.

    Raises
    ------
    ValueError
        Where ``text`` is neither; typer turns it into a usage error.
    """
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text!r} is no time: write 2026-05-31 or 2026-05-31T12:00Z") from error


def duration(text: str) -> timedelta:
    """A time span such as 1d or 12h.

    Raises
    ------
    ValueError
        Where ``text`` is none; typer turns it into a usage error.
    """
    parts = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]+)?)\s*([dh])", text.strip())
    hours = 0.0 if parts is None else float(parts[1]) * {"d": 24, "h": 1}[parts[2]]
    if not _SHORTEST_SPAN_H <= hours <= _LONGEST_SPAN_H:
        raise ValueError(f"{text!r} is no time span from one minute to a century: write 1d or 12h")
    return timedelta(hours=hours)
