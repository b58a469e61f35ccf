"""A message in keyword-value notation, taken apart into its sections and lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from review.ocm_tables import HEADER, SECTIONS

_DELIMITER = re.compile(r"([A-Z0-9]+)_(START|STOP)")
_WITH_DATA = ("TRAJ", "COV", "MAN")


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken rule: the line (from 1), the keyword at fault, where the standard says so, and what is wrong."""

    line: int
    keyword: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line ``keyword = value``."""

    line: int
    keyword: str
    value: str


@dataclass(frozen=True, slots=True)
class DataLine:
    """A line of a time history: its values."""

    line: int
    values: tuple[str, ...]


@dataclass(slots=True)
class Section:
    """A section and what stands in it; the header's ``name`` is empty."""

    name: str
    line: int
    last_line: int
    entries: list[Entry] = field(default_factory=list)
    comments: list[int] = field(default_factory=list)
    data: list[DataLine] = field(default_factory=list)

    def entry(self, keyword: str) -> Entry | None:
        """The first line of a keyword, or None."""
        return next((entry for entry in self.entries if entry.keyword == keyword), None)


def sections_of(text: str) -> tuple[list[Section], list[Breach]]:
    """The sections of a message, the header first, and what is wrong with its lines as such."""
    header = Section("", 1, 1)
    sections, breaches = [header], list[Breach]()
    current: Section | None = header
    lines = re.split("\r\n|\n\r|\n|\r", text)
    if lines[-1]:
        breaches.append(Breach(len(lines), "", "7.3.7", "the last line is not ended: the message may be cut"))
    for number, line in enumerate(lines, start=1):
        odd = next((char for char in line if not " " <= char <= "~"), None)
        if odd is not None:
            breaches.append(Breach(number, "", "7.3.4", f"{odd!r} is no printable ASCII character"))
        words = line.strip(" ")
        if not words:
            continue
        delimiter = _DELIMITER.fullmatch(words)
        if delimiter and "=" not in words:
            name, end = delimiter.groups()
            if end == "START":
                if current is not None and current is not header:
                    breaches.append(Breach(number, words, "7.4.2", f"{words} stands within the {current.name} section"))
                if name not in SECTIONS or not name:
                    breaches.append(Breach(number, words, "table 6-1", f"there is no {name} section"))
                    current = Section(name, number, number)  # read, but not among those that are checked
                else:
                    current = Section(name, number, number)
                    sections.append(current)
            elif current is None or current is header or current.name != name:
                breaches.append(Breach(number, words, "7.4.2", f"{words} without its {name}_START"))
            else:
                current.last_line = number
                current = None
            continue
        if current is None:
            breaches.append(Breach(number, "", "6.2.1.1", "a line between sections"))
            continue
        current.last_line = number
        breaches += _take(current, number, words)
    if current is not None and current is not header:
        reason = f"{current.name}_STOP is missing"
        breaches.append(Breach(len(lines), f"{current.name}_STOP", "table 6-1", reason))
    first = header.entries[0].keyword if header.entries else ""
    if first != HEADER[0].name:
        breaches.append(Breach(1, HEADER[0].name, "7.3.6", f"the message does not begin with {HEADER[0].name}"))
    return sections, breaches


def _take(section: Section, number: int, words: str) -> list[Breach]:
    if words == "COMMENT" or words.startswith("COMMENT "):
        section.comments.append(number)
        return []
    keyword, equals, value = (part.strip(" ") for part in words.partition("="))
    if not equals:
        if section.name in _WITH_DATA:
            section.data.append(DataLine(number, tuple(words.split())))
            return []
        return [Breach(number, "", "7.4.4", f"{words[:40]!r} is neither a keyword with a value nor a comment")]
    if not re.fullmatch("[A-Z][A-Z0-9_]*", keyword) and section.name != "USER":
        return [Breach(number, keyword, "7.4.4", f"{keyword[:40]!r} is no keyword: capital letters without blanks")]
    section.entries.append(Entry(number, keyword, value))
    return []
