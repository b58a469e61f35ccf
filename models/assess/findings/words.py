"""Sentences of findings: figures, places, dates, names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import pandas as pd

from models.assess.reasons import drift_text, longitude_text, size_text


def day_text(time: pd.Timestamp) -> str:
    """A day as one says it: 2 June."""
    return f"{time.day} {time:%B}"


def span_text(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """From one day to another."""
    one, other = day_text(first), day_text(last)
    return f"on {one}" if one == other else f"between {one} and {other}"


def burns_text(count: int, dv_m_s: float) -> str:
    """How many maneuvers, how much together."""
    size = f", {size_text(dv_m_s)}" if dv_m_s > 0 else ""
    return f"{count} maneuver{'' if count == 1 else 's'}{size}"


def beside_text(neighbours: Sequence[tuple[str, float]]) -> str:
    """Beside whom it stands; names and distances in longitude [deg]."""
    said = [f"{name} ({abs(apart):.2f} deg)" for name, apart in neighbours[:2]]
    return f" beside {' and '.join(said)}" if said else ""


def height_text(above_km: float) -> str:
    """Distance from the synchronous orbit."""
    return f"{abs(above_km):.0f} km {'above' if above_km > 0 else 'below'} the belt"


def family(name: str) -> str:
    """The first word of a name without its numbers: objects of one fleet share it."""
    found = re.match(r"[A-Za-z]+", name.strip())
    return found.group(0).upper() if found else name.strip().upper()


def listed_text(names: Iterable[str]) -> str:
    """Names with commas and a last 'and'."""
    said = list(names)
    return " and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


__all__ = [
    "beside_text",
    "burns_text",
    "day_text",
    "drift_text",
    "family",
    "height_text",
    "listed_text",
    "longitude_text",
    "size_text",
    "span_text",
]
