"""The forms that values of an Orbit Data Message may have: CCSDS 502.0-B-3, sections 7.5 and 7.6."""

from __future__ import annotations

import math
import re
from calendar import isleap, monthrange

_INTEGER = re.compile(r"[+-]?\d+")
_FIXED = re.compile(r"[+-]?\d+\.\d+")
_FLOATING = re.compile(r"[+-]?\d\.\d*[Ee][+-]?\d{1,3}")
_EPOCH = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>\d\d)-(?P<day>\d\d)|(?P<doy>\d{3}))T(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:\.\d{1,16})?Z?"
)
_UNITS = re.compile(r"\[[^\[\]]+\]")
_WORD = re.compile(r"\S(.*\S)?")
_MOST_DIGITS = 16


def value_breach(value: str, form: str) -> tuple[str, str] | None:
    """What is wrong with a value of a form of ``review.ocm_tables.Keyword``: the rule and why; None if nothing is."""
    if form == "text":
        return None
    if form in _CHECKS:
        return _CHECKS[form](value)
    allowed = form.split("|")
    if value in allowed or (value.islower() and value.upper() in allowed):
        return None
    return "annex A", f"{value!r} is none of {', '.join(allowed)}"


def is_relative(value: str) -> bool:
    """Whether a time is told in seconds after EPOCH_TZERO."""
    return _number(value) is None


def _number(value: str) -> tuple[str, str] | None:
    if _INTEGER.fullmatch(value):
        return _integer(value)
    digits = sum(char.isdigit() for char in re.split("[Ee]", value)[0])
    if not _FIXED.fullmatch(value) and not _FLOATING.fullmatch(value):
        return "7.5.5", f"{value!r} is no number such as -12.5 or 1.25E-3"
    if digits > _MOST_DIGITS:
        return "7.5.6", f"{value!r} has more than {_MOST_DIGITS} digits"
    return None if math.isfinite(float(value)) else ("7.5.7", f"{value!r} is too large")


def _integer(value: str) -> tuple[str, str] | None:
    if not _INTEGER.fullmatch(value):
        return "7.5.4", f"{value!r} is no integer"
    if len(value) > 11 or not -(2**31) <= int(value) < 2**31:
        return "7.5.4", f"{value!r} is beyond 32 bits"
    return None


def _epoch(value: str) -> tuple[str, str] | None:
    found = _EPOCH.fullmatch(value)
    wrong = "7.5.10", f"{value!r} is no time such as 2026-03-02T10:00:00.5 or 2026-061T10:00:00Z"
    if found is None:
        return wrong
    year = int(found["year"])
    if found["doy"]:
        right = 1 <= int(found["doy"]) <= 365 + isleap(year)
    else:
        month = int(found["month"])
        right = year > 0 and 1 <= month <= 12 and 1 <= int(found["day"]) <= monthrange(year, month)[1]
    leap_second = found["s"] == "60" and (found["h"], found["m"]) == ("23", "59")
    right = right and int(found["h"]) < 24 and int(found["m"]) < 60 and (int(found["s"]) < 60 or leap_second)
    return None if right else wrong


def _time(value: str) -> tuple[str, str] | None:
    return None if _number(value) is None else _epoch(value)


def _vector(value: str) -> tuple[str, str] | None:
    parts = value.split()
    if len(parts) == 3 and all(_number(part) is None for part in parts):
        return None
    return "7.6.1", f"{value!r} is no vector of three numbers between blanks"


def _units(value: str) -> tuple[str, str] | None:
    return None if _UNITS.fullmatch(value) else ("table 6-7", f"{value!r} is no list of units in square brackets")


def _list(value: str) -> tuple[str, str] | None:
    right = all(_WORD.fullmatch(part.strip()) for part in value.split(","))
    return None if right else ("6.2.8.15", f"{value!r} is no list of words between commas")


_CHECKS = {
    "number": _number,
    "integer": _integer,
    "epoch": _epoch,
    "time": _time,
    "vector": _vector,
    "units": _units,
    "list": _list,
}
