"""Numbers, times and text as CCSDS 502.0-B-3 (Orbit Data Messages), section 7, wants them in a message."""

from __future__ import annotations

import math
import unicodedata
from datetime import datetime

_MOST_DIGITS = 16  # of a number: 7.5.6 and 7.5.7
_IN_ASCII = str.maketrans(
    {
        "°": " deg",
        "Δ": "delta-",
        "δ": "delta-",
        "σ": "sigma",
        "χ": "chi",
        "±": "+/-",
        "×": "x",
        "·": ",",
        "→": "->",
        "≤": "<=",
        "≥": ">=",
        "\u2212": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "…": "...",
    }
)


def number(value: float) -> str:
    """A number in fixed point, or in floating point where that would take more than the 16 digits that are allowed.

    Reading it gives ``value`` again unless that needs 17 digits; then it is off by less than 1e-15 of itself.

    Raises
    ------
    ValueError
        It is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot stand in a message")
    plain = repr(float(value) + 0.0)
    if "e" not in plain and sum(char.isdigit() for char in plain) <= _MOST_DIGITS:
        return plain
    texts = (f"{value:.{places}E}" for places in range(1, _MOST_DIGITS))
    return next((text for text in texts if float(text) == value), f"{value:.{_MOST_DIGITS - 1}E}")


def instant(time: datetime) -> str:
    """A UTC time to the microsecond, without the optional Z: not every reader of messages takes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%f")


def printable(text: str) -> str:
    """One line of printable ASCII: what cannot be written so is spelled out, or becomes a question mark."""
    plain = unicodedata.normalize("NFKD", " ".join(text.split()).translate(_IN_ASCII))
    kept = (char for char in plain if not unicodedata.combining(char))
    return "".join(char if " " <= char <= "~" else "?" for char in kept)
