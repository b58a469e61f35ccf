"""UTC times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta


def utc_time(text: str) -> datetime:
    """An ISO 8601 date or instant, such as 2026-05-31 or 2026-05-31T12:00Z; UTC where it names no zone.

    Raises
    ------
    ValueError
        Where ``text`` is neither; typer turns it into a usage error.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time: write 2026-05-31 or 2026-05-31T12:00Z") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def duration(text: str) -> timedelta:
    """A time span such as 1d or 12h.

    Raises
    ------
    ValueError
        Where ``text`` is none; typer turns it into a usage error.
    """
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([dh])", text.strip())
    span = timedelta() if parts is None else float(parts[1]) * timedelta(**{{"d": "days", "h": "hours"}[parts[2]]: 1})
    if not span:
        raise ValueError(f"{text!r} is no time span: write 1d or 12h")
    return span
