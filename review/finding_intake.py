"""From a frame of findings to rows of their tables, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from review.columns import (
    Row,
    clean_text,
    content_hash,
    datetimes,
    instants,
    is_list,
    iso_z,
    marks,
    numbers,
    plain,
    texts,
)
from review.errors import InvalidFindingsError
from review.records import State

TEXTS = ("finding_id", "name", "regime", "kind", "state", "headline", "expects")
TIMES = ("opened_at", "news_at", "closed_at")
LISTS = ("reasons", "neighbours", "events", "partners")
NUMBERS = ("unexpectedness", "dv_m_s")
REQUIRED = ("finding_id", "norad_id", "kind", "state", "opened_at", "news_at", "headline", "news")
_UTC = "datetime64[us, UTC]"
# In the order in which findings are handed on; `said` is kept for the one who makes them.
DTYPES = {
    "finding_id": "str",
    "norad_id": "int64",
    "name": "str",
    "regime": "str",
    "kind": "str",
    "state": "str",
    "opened_at": _UTC,
    "news_at": _UTC,
    "closed_at": _UTC,
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


def rows_of(findings: pd.DataFrame) -> list[tuple[Row, list[Row]]]:
    """The row of each finding, with its ``content_hash``, and the rows of its news, in their order.

    Parameters
    ----------
    findings : DataFrame
        Columns of `REQUIRED`, and the others of `DTYPES` where known. ``news`` holds lists of {at, text, event}, ``at`` and
        ``event`` (the later epoch of a burn window, or None) as times or ISO 8601 in UTC.

    Raises
    ------
    InvalidFindingsError
        If a required column or value is missing, a time has no zone, a state is none or two findings share an id.
    """
    if findings.empty:
        return []
    missing = [name for name in REQUIRED if name not in findings.columns]
    if missing:
        raise InvalidFindingsError(", ".join(missing), "missing column: needed to keep findings")
    absent = pd.Series(pd.NaT, index=findings.index, dtype=_UTC)
    columns: dict[str, list[Any]] = {"norad_id": [int(value) for value in findings["norad_id"]]}
    columns |= {name: texts(findings, name, "") for name in TEXTS}
    columns |= {
        name: datetimes(instants(findings[name], name, InvalidFindingsError) if name in findings else absent)
        for name in TIMES
    }
    columns |= {name: numbers(findings, name, InvalidFindingsError) for name in NUMBERS}
    columns |= {name: _lists(findings, name) for name in LISTS}
    columns |= {"listed": marks(findings, "listed")}
    columns |= {"said": [plain(value) for value in findings["said"]] if "said" in findings else [None] * len(findings)}
    _check(columns)
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        row["content_hash"] = content_hash(row)
    return [
        (row, [_news(row["finding_id"], item) for item in said])
        for row, said in zip(rows, _lists(findings, "news"), strict=True)
    ]


def frame_of(rows: Sequence[Mapping[str, Any]], news: Mapping[str, list[dict[str, Any]]]) -> pd.DataFrame:
    """The frame that rows and their news were made of: `DTYPES`, times in lists ISO 8601 in UTC.

    Parameters
    ----------
    rows : sequence of mappings
        Rows of the table of findings.
    news : mapping of finding_id to list of {at, text, event}
    """
    whole = [{**row, "news": news.get(row["finding_id"], [])} for row in rows]
    frame = pd.DataFrame(whole, columns=list(DTYPES))
    frame["closed_at"] = pd.to_datetime(frame["closed_at"], utc=True)
    return frame.astype(DTYPES)


def _check(columns: dict[str, list[Any]]) -> None:
    for name in ("finding_id", "kind", "opened_at", "news_at", "headline"):
        for value, norad_id in zip(columns[name], columns["norad_id"], strict=True):
            if not value:
                raise InvalidFindingsError(name, f"missing for object {norad_id}")
    for state in sorted(set(columns["state"]) - set(State)):
        raise InvalidFindingsError("state", f"{state!r} is none of {', '.join(State)}")
    for event in (event for events in columns["events"] for event in events):
        if not isinstance(event, dict) or not {"epoch_before", "epoch_after"} <= set(event):
            raise InvalidFindingsError("events", f"{event!r} is no burn window with epoch_before and epoch_after")
        for name in ("epoch_before", "epoch_after"):
            _instant(event[name], "events")
    for neighbour in (neighbour for some in columns["neighbours"] for neighbour in some):
        if not isinstance(neighbour, dict) or "norad_id" not in neighbour:
            raise InvalidFindingsError("neighbours", f"{neighbour!r} is not a mapping with a norad_id")
        for name in ("when", "when_low", "when_high"):
            if neighbour.get(name) is not None:
                _instant(neighbour[name], "neighbours")
    if len(set(columns["finding_id"])) < len(columns["finding_id"]):
        raise InvalidFindingsError("finding_id", "two findings share an id")


def _lists(findings: pd.DataFrame, name: str) -> list[list[Any]]:
    if name not in findings:
        return [[] for _ in range(len(findings))]
    return [plain(value) if is_list(value) else [] for value in findings[name]]


def _news(finding_id: str, item: Any) -> Row:  # noqa: ANN401
    if not isinstance(item, dict) or not item.get("at") or not clean_text(item.get("text")):
        raise InvalidFindingsError("news", f"{item!r} of finding {finding_id} is not a mapping with at and text")
    at, event = _instant(item["at"], "news"), item.get("event")
    told = f"{iso_z(at)} {item['text']}"
    return {
        "finding_id": finding_id,
        "at": at,
        "text": item["text"],
        "event": None if event is None else _instant(event, "news"),
        "news_hash": hashlib.blake2b(told.encode(), digest_size=16).hexdigest(),
    }


def _instant(text: Any, field: str) -> datetime:  # noqa: ANN401
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise InvalidFindingsError(field, f"{text!r} is no time: give ISO 8601 in UTC") from error
    if time.tzinfo is None:
        raise InvalidFindingsError(field, f"{text!r} has no zone: give UTC")
    return time
