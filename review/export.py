"""Flags for other programs: JSON (docs/flag.schema.json) and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from review.columns import iso_z
from review.records import FlagRecord

FIELDS = (
    "flag_id",
    "norad_id",
    "name",
    "burn_time",
    "burn_time_low",
    "burn_time_high",
    "dv_r_m_s",
    "dv_t_m_s",
    "dv_n_m_s",
    "dv_sigma_m_s",
    "kind",
    "explanation",
    "explanation_note",
    "probability",
    "unexpectedness",
    "rank",
    "reasons",
    "neighbours",
    "first_seen_at",
    "model_version",
    "status",
    "listed",
    "finding_id",
)
# A cell that begins so is a formula to a spreadsheet, and names come from strangers.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def flag_json(flag: FlagRecord) -> dict[str, Any]:
    """A flag as plain JSON values: what is unknown is null, times are ISO 8601 in UTC with a Z."""
    return {name: _plain(getattr(flag, name)) for name in FIELDS}


def flags_json(flags: Iterable[FlagRecord]) -> str:
    """Flags as a JSON array, one a line."""
    lines = [json.dumps(flag_json(flag), ensure_ascii=False, allow_nan=False) for flag in flags]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def flags_csv(flags: Iterable[FlagRecord]) -> str:
    """Flags as CSV (RFC 4180) with the fields of the JSON; unknown is empty, lists are JSON.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    for flag in flags:
        writer.writerow([_cell(value) for value in flag_json(flag).values()])
    return text.getvalue()


def _plain(value: object) -> object:
    return iso_z(value) if isinstance(value, datetime) else value


def _cell(value: object) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, str) and value.lstrip(" \u00a0").startswith(_FORMULA_STARTS):
        return "'" + value
    return value
