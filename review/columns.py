"""Columns of a frame as plain values that a database and JSON hold, or what is wrong with them in one line."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from review.errors import InvalidFrameError

Row = dict[str, Any]
Refuse = type[InvalidFrameError]  # the error to raise


def instants(series: pd.Series, name: str, refuse: Refuse) -> pd.Series:
    """UTC times to the microsecond.

    Raises
    ------
    InvalidFrameError
        If they have no zone.
    """
    if not isinstance(series.dtype, pd.DatetimeTZDtype):
        raise refuse(name, f"is {series.dtype}: give UTC times (datetime64[us, UTC])")
    return series.astype("datetime64[us, UTC]")


def datetimes(series: pd.Series) -> list[datetime | None]:
    """Times as Python has them, unknown ones None."""
    return [None if value is pd.NaT else value.to_pydatetime() for value in series]


def numbers(frame: pd.DataFrame, name: str, refuse: Refuse) -> list[float | None]:
    """Finite numbers; what is not finite, or a column that is not there, is None.

    Raises
    ------
    InvalidFrameError
        If they are no numbers.
    """
    if name not in frame:
        return [None] * len(frame)
    try:
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise refuse(name, f"not numbers ({error})") from error
    return [value if finite else None for value, finite in zip(values.tolist(), np.isfinite(values), strict=True)]


def texts(frame: pd.DataFrame, name: str, default: str) -> list[str]:
    """Clean texts; an empty one, or a column that is not there, is ``default``."""
    if name not in frame:
        return [default] * len(frame)
    return [clean_text(value) or default for value in frame[name]]


def marks(frame: pd.DataFrame, name: str) -> list[bool]:
    """Truth values; an unknown one, or a column that is not there, is false."""
    if name not in frame:
        return [False] * len(frame)
    return [bool(value) and not pd.isna(value) for value in frame[name]]


def clean_text(value: object) -> str:
    """Text without control and formatting characters: names come from strangers, and databases refuse NUL."""
    text = "" if value is None or (isinstance(value, float) and math.isnan(value)) else str(value)
    if text.isprintable():
        return text
    return "".join(character for character in text if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})


def is_list(value: object) -> bool:
    """Whether a cell holds a list, of whatever kind."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def plain(value: Any) -> Any:  # noqa: ANN401
    """A cell's value as JSON has it: texts cleaned, times ISO 8601 in UTC, what is not finite null."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(name): plain(one) for name, one in value.items()}
    if is_list(value):
        return [plain(one) for one in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, datetime | np.datetime64):
        return when(value)
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def when(value: Any) -> str | None:  # noqa: ANN401
    """A time as JSON has it; without a zone it is UTC."""
    if value is None or pd.isna(value):
        return None
    instant = pd.Timestamp(value)
    return iso_z(instant.tz_localize("UTC") if instant.tzinfo is None else instant)


def iso_z(time: datetime) -> str:
    """ISO 8601 in UTC with a Z, microseconds only where there are any."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def content_hash(row: Row) -> str:
    """What tells whether a row says anything new.

    Numbers count with nine digits: the last bits of a score differ between machines, and are no news.
    """
    return hashlib.blake2b(json.dumps(_rounded(row), sort_keys=True).encode(), digest_size=16).hexdigest()


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    if isinstance(value, float):
        return f"{value:.9g}"
    return value.isoformat() if isinstance(value, datetime) else value
