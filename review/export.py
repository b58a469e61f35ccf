"""Flags and findings for other programs: JSON (docs/flag.schema.json, docs/finding.schema.json) and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd

from review.columns import iso_z
from review.records import FindingRecord, FlagRecord, News

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
    "version",
    "assignee",
    "judged_kind",
    "listed",
    "finding_id",
)
FINDING_FIELDS = (
    "finding_id",
    "norad_id",
    "name",
    "regime",
    "kind",
    "state",
    "opened_at",
    "news_at",
    "closed_at",
    "headline",
    "news",
    "expects",
    "reasons",
    "neighbours",
    "events",
    "partners",
    "unexpectedness",
    "dv_m_s",
    "listed",
)
# A cell that begins so is a formula to a spreadsheet, and names come from strangers.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")


def flag_json(flag: FlagRecord) -> dict[str, Any]:
    """A flag as plain JSON values: what is unknown is null, times are ISO 8601 in UTC with a Z."""
    return {name: _plain(getattr(flag, name)) for name in FIELDS}


def flags_json(flags: Iterable[FlagRecord]) -> str:
    """Flags as a JSON array, one a line."""
    return json_array(flag_json(flag) for flag in flags)


def flags_csv(flags: Iterable[FlagRecord]) -> str:
    """Flags as CSV (RFC 4180) with the fields of the JSON; unknown is empty, lists are JSON.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    return csv_table(FIELDS, (flag_json(flag) for flag in flags))


def finding_json(finding: FindingRecord) -> dict[str, Any]:
    """A finding as plain JSON values, as `flag_json` gives a flag."""
    return {name: _plain(getattr(finding, name)) for name in FINDING_FIELDS}


def findings_json(findings: Iterable[FindingRecord]) -> str:
    """Findings as a JSON array, one a line."""
    return json_array(finding_json(finding) for finding in findings)


def findings_csv(findings: Iterable[FindingRecord]) -> str:
    """Findings as CSV, as `flags_csv` writes flags."""
    return csv_table(FINDING_FIELDS, (finding_json(finding) for finding in findings))


def json_array(items: Iterable[dict[str, Any]]) -> str:
    """Plain values as a JSON array, one a line."""
    lines = [json.dumps(item, ensure_ascii=False, allow_nan=False) for item in items]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def csv_table(fields: Iterable[str], rows: Iterable[dict[str, Any]]) -> str:
    """Plain values as CSV (RFC 4180); a text that a spreadsheet would take for a formula gets an apostrophe before it.

    So does one that is such a text after apostrophes of its own: `unguarded` takes exactly one away.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])
    return text.getvalue()


def _plain(value: object) -> object:
    if isinstance(value, News):
        return {"at": _plain(value.at), "text": value.text, "event": _plain(value.event)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return iso_z(value) if isinstance(value, datetime) else value


def _cell(value: object) -> object:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    return "'" + value if isinstance(value, str) and _is_formula(value.lstrip("'")) else value


def unguarded(cell: str) -> str:
    """The text that `csv_table` wrote as this cell: without the apostrophe that keeps a spreadsheet from calculating it."""
    return cell[1:] if cell.startswith("'") and _is_formula(cell.lstrip("'")) else cell


def _is_formula(text: str) -> bool:
    return text.lstrip(" \u00a0").startswith(FORMULA_STARTS)


def sets_csv(element_sets: pd.DataFrame) -> str:
    """Element sets as CSV (RFC 4180), columns of ``catalog.records.ELEMENT_SET_DTYPES``; numbers lose nothing."""
    times = {name: element_sets[name].map(iso_z) for name in ("epoch", "available_at")}
    return element_sets.assign(**times).to_csv(index=False, lineterminator="\r\n")
