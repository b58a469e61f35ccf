"""Fields of burn logs and tables of labels, each checked, each refused by file, line and name."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

from configs.documents import one_line
from models.errors import ModelError

FASTEST_M_S = 20_000.0
LONGEST_BURN = timedelta(days=90)  # electric thrust goes on for weeks
FIRST_YEAR, LAST_YEAR = 1957, 2056
_MOST_DIGITS = 12
_LONGEST_LOG = 64 * 2**20  # characters; the longest known has a hundred thousand
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class LabelError(ModelError):
    """A burn log cannot be read; says the file, the line, the field and why."""

    def __init__(self, path: Path, line: int, field: str, reason: str) -> None:
        self.path, self.line, self.field, self.reason = path, line, field, reason
        super().__init__(one_line(f"{path.name}, line {line}, {field}: {reason}"))


def text_of(path: Path, encoding: str = "utf-8-sig") -> str:
    """The text of a log, its newlines LF."""
    with path.open(encoding=encoding, errors="replace") as file:
        text = file.read(_LONGEST_LOG + 1)
    if len(text) > _LONGEST_LOG:
        raise LabelError(path, 0, "file", f"is longer than {_LONGEST_LOG} characters: split it")
    return text


def number(path: Path, line: int, field: str, text: str, least: float, most: float) -> float:
    """A decimal number within limits, in ASCII digits."""
    if not _NUMBER.fullmatch(text):
        raise LabelError(path, line, field, f"{text[:40]!r} is no number")
    value = float(text)
    if not least <= value <= most:
        raise LabelError(path, line, field, f"{text[:40]} is not in {least:g}..{most:g}")
    return value


def whole(path: Path, line: int, field: str, text: str, least: int, most: int) -> int:
    """A whole number within limits, in ASCII digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise LabelError(path, line, field, f"{text[:40]!r} is no whole number")
    return int(number(path, line, field, text, least, most))


def ordered(path: Path, line: int, begin: datetime, end: datetime, field: str = "end") -> None:
    """Refuse an end before its begin, or one that comes too long after it."""
    if end < begin:
        raise LabelError(path, line, field, f"{end:%Y-%m-%dT%H:%M:%SZ} is before the begin")
    if end - begin > LONGEST_BURN:
        raise LabelError(path, line, field, f"is more than {LONGEST_BURN.days} days after the begin")


def instant(path: Path, line: int, field: str, text: str, zone: tzinfo = UTC) -> datetime:
    """A time in ISO 8601, of ``zone`` where it names none, in UTC."""
    try:
        time = datetime.fromisoformat(text.strip())
        time = (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise LabelError(path, line, field, f"{text[:40]!r} is no time such as 2026-05-31T12:00:00Z") from error
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise LabelError(path, line, field, f"{text[:40]!r} is not in {FIRST_YEAR}..{LAST_YEAR}")
    return time


def stretch(path: Path, line: int, field: str, text: str) -> tuple[datetime, datetime]:
    """A time as the stretch that it stands for: a day that comes without a time of day is all of that day."""
    start = instant(path, line, field, text)
    return start, start + timedelta(days=1) if _DAY.fullmatch(text.strip()) else start
