"""Holds any text to the keyword rules of an Orbit Comprehensive Message in keyword-value notation.

CCSDS 502.0-B-3, sections 6.2 and 7: which sections and keywords there are and in which order, which must be there, what
their values and units may be, and how the lines of a maneuver are made up. What the lines of states and covariances
mean depends on registries outside the standard: of them only their times are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from review.errors import ReviewError
from review.ocm_lines import time_line_breaches
from review.ocm_tables import CALLED_FOR, ELEMENTS, REPEATED, SECTIONS, TABLES, USER_PREFIX, Keyword
from review.ocm_text import Breach, Entry, Section, sections_of
from review.ocm_values import value_breach

_UNIT = re.compile(r"^(?P<value>.*?)(?P<gap>\s*)\[(?P<unit>[^\[\]]*)\]$")


class OcmBreachError(ReviewError):
    """A text that breaks the rules of an Orbit Comprehensive Message.

    Attributes
    ----------
    breaches : tuple of Breach
    """

    def __init__(self, breaches: list[Breach]) -> None:
        self.breaches = tuple(breaches)
        first = breaches[0]
        more = f" (and {len(breaches) - 1} more)" if len(breaches) > 1 else ""
        super().__init__(f"no valid OCM: line {first.line}: {first.reason} ({first.rule}){more}")


def check(text: str) -> None:
    """Accept a text that keeps every rule.

    Raises
    ------
    OcmBreachError
    """
    if found := breaches(text):
        raise OcmBreachError(found)


def breaches(text: str) -> list[Breach]:
    """Every place where a text breaks a rule, in the order of its lines; none for a valid message."""
    sections, found = sections_of(text)
    found += _layout(sections)
    for section in sections:
        found += _presence(section)
        found += _order(section)
        found += _comments(section)
        found += _values(section)
        found += time_line_breaches(section)
    return sorted(found, key=lambda breach: (breach.line, breach.rule, breach.reason))


def _layout(sections: list[Section]) -> Iterator[Breach]:
    names = [section.name for section in sections]
    end = sections[-1].last_line
    if "META" not in names:
        yield Breach(end, "META_START", "6.2.4.2", "the metadata section is missing")
    if "OD" in names and "PERT" not in names:
        yield Breach(end, "PERT_START", "6.2.10.5", "an OD section calls for a PERT section")
    places = list(SECTIONS)
    for before, after in pairwise(sections):
        if places.index(after.name) < places.index(before.name):
            yield Breach(after.line, f"{after.name}_START", "6.2.1.1", f"{after.name} stands after {before.name}")
    for place, section in enumerate(sections):
        if section.name in names[:place] and section.name not in REPEATED:
            yield Breach(section.line, f"{section.name}_START", "table 6-1", f"a second {section.name} section")
    metadata = next((section for section in sections if section.name == "META"), None)
    listed = metadata and metadata.entry("OCM_DATA_ELEMENTS")
    if listed:
        there = [ELEMENTS.get(name, name) for name in names if name not in ("", "META")]
        if [word.strip() for word in listed.value.split(",")] != there:
            reason = f"lists {listed.value!r}, but the message holds {', '.join(there) or 'no data'}"
            yield Breach(listed.line, listed.keyword, "table 6-3", reason)


def _presence(section: Section) -> Iterator[Breach]:
    table = f"table {TABLES[section.name]}"
    given = {entry.keyword for entry in section.entries}
    for keyword in SECTIONS[section.name]:
        if keyword.status == "M" and keyword.name not in given:
            yield Breach(section.last_line, keyword.name, table, f"{keyword.name} is mandatory and missing")
    if section.name == "USER" and not given:
        yield Breach(section.last_line, f"{USER_PREFIX}x", table, "a USER section without a user-defined parameter")
    for name, keyword_name, values, wanted in CALLED_FOR:
        entry = section.entry(keyword_name) if name == section.name else None
        if entry and (values is None or entry.value.upper() in values):
            for missing in (one for one in wanted if one not in given):
                reason = f"{keyword_name} = {entry.value} calls for {missing}"
                yield Breach(entry.line, missing, table, reason)


def _order(section: Section) -> Iterator[Breach]:
    places = {keyword.name: place for place, keyword in enumerate(SECTIONS[section.name])}
    seen: set[str] = set()
    highest, last = -1, ""
    table = f"table {TABLES[section.name]}"
    first_data = section.data[0].line if section.data else None
    for entry in section.entries:
        if entry.keyword in seen:
            yield Breach(entry.line, entry.keyword, table, f"{entry.keyword} is given twice")
        seen.add(entry.keyword)
        if section.name == "USER":
            if not re.fullmatch(rf"{USER_PREFIX}\S+", entry.keyword):
                yield Breach(entry.line, entry.keyword, table, f"{entry.keyword} is no user-defined parameter")
            continue
        if entry.keyword not in places:
            where = f"the {section.name} section" if section.name else "the header"
            yield Breach(entry.line, entry.keyword, table, f"{entry.keyword} is no keyword of {where}")
            continue
        if places[entry.keyword] < highest:
            yield Breach(entry.line, entry.keyword, "7.4.8", f"{entry.keyword} stands after {last}")
        elif places[entry.keyword] > highest:
            highest, last = places[entry.keyword], entry.keyword
        if first_data is not None and entry.line > first_data:
            yield Breach(entry.line, entry.keyword, "7.4.8", f"{entry.keyword} stands after lines of data")


def _comments(section: Section) -> Iterator[Breach]:
    """Comments stand at the top of a section only, in the header right after its version."""
    first = section.entries[0].line if section.entries else None
    if section.name == "":
        first = section.entries[1].line if len(section.entries) > 1 else None
    if section.data:
        first = min(first or section.data[0].line, section.data[0].line)
    for line in section.comments:
        early = section.name == "" and (not section.entries or line < section.entries[0].line)
        if early or (first is not None and line > first):
            yield Breach(line, "COMMENT", "7.8.10", "a comment may stand only at the top of its section")


def _values(section: Section) -> Iterator[Breach]:
    forms = {keyword.name: keyword for keyword in SECTIONS[section.name]}
    for entry in section.entries:
        keyword = forms.get(entry.keyword) or Keyword(entry.keyword, "O", "text")
        if not entry.value:
            yield Breach(entry.line, entry.keyword, "7.5.1", f"{entry.keyword} has no value")
            continue
        yield from _value(entry, keyword)


def _value(entry: Entry, keyword: Keyword) -> Iterator[Breach]:
    value = entry.value
    found = None if keyword.form in ("text", "list", "units") else _UNIT.match(value)
    if found:
        value = found["value"]
        if not keyword.unit:
            yield Breach(
                entry.line, entry.keyword, "7.7.3.7", f"{entry.keyword} has no unit, but [{found['unit']}] is given"
            )
        elif found["unit"].strip() != keyword.unit:
            reason = f"{entry.keyword} is in {keyword.unit}, not {found['unit']}"
            yield Breach(entry.line, entry.keyword, "7.7.3.1", reason)
        elif not found["gap"]:
            reason = "a blank must stand between a value and its unit"
            yield Breach(entry.line, entry.keyword, "7.7.3.6", reason)
    wrong = value_breach(value, keyword.form)
    if wrong and not (keyword.status in "MD" and value == "UNKNOWN"):
        rule, reason = wrong
        yield Breach(entry.line, entry.keyword, rule, f"{entry.keyword}: {reason}")
