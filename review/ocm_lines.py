"""The rules of the lines of a time history in an Orbit Comprehensive Message: CCSDS 502.0-B-3, 6.2.2, 6.2.5, 6.2.7, 6.2.8."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

from review.ocm_tables import DEPLOYMENT, PROPULSIVE, TIME_TAGS, Keyword
from review.ocm_text import Breach, DataLine, Entry, Section
from review.ocm_values import is_relative, value_breach

_NAMES = {"TRAJ": "states", "COV": "covariances", "MAN": "maneuvers"}


def time_line_breaches(section: Section) -> Iterator[Breach]:
    """What is wrong with the lines of a section of states, covariances or maneuvers, and with what announces them."""
    if section.name not in _NAMES:
        return
    if not section.data:
        reason = f"a {section.name} section without a line of {_NAMES[section.name]}"
        yield Breach(section.last_line, section.name, "6.2.1.2", reason)
    yield from _times(section)
    if section.name == "MAN":
        yield from _maneuver(section)
    elif section.name == "TRAJ" and (units := section.entry("TRAJ_UNITS")):
        wanted = {len(line.values) - 1 for line in section.data}
        if wanted and wanted != {len(_words(units.value.strip("[]")))}:
            yield Breach(units.line, units.keyword, "table 6-4", "TRAJ_UNITS does not fit the values of the lines")


def _times(section: Section) -> Iterator[Breach]:
    tags: list[tuple[int, str]] = []
    for line in section.data:
        if wrong := value_breach(line.values[0], "time"):
            yield Breach(line.line, "", *wrong)
        else:
            tags.append((line.line, line.values[0]))
    if len({is_relative(tag) for _, tag in tags}) > 1:
        yield Breach(tags[0][0], "", "6.2.2.5", "relative and absolute times in one section")
        return
    for (_, before), (number, after) in pairwise(tags):
        first, second = _seconds(before), _seconds(after)
        if first == second:
            yield Breach(number, "", "6.2.2.4", f"the time {after} is given twice")
        elif second < first and section.name != "MAN":
            rule = "6.2.5.6" if section.name == "TRAJ" else "6.2.7.6"
            yield Breach(number, "", rule, f"the time {after} is before that of the line above")


def _seconds(tag: str) -> Decimal:
    """A time tag in seconds, exactly: those of a date since the year 1."""
    if is_relative(tag):
        return Decimal(tag)
    date, _, clock = tag.removesuffix("Z").partition("T")
    form = "%Y-%m-%d" if date.count("-") == 2 else "%Y-%j"
    hours, minutes, seconds = clock.split(":")
    day = datetime.strptime(date, form).replace(tzinfo=UTC).toordinal()
    return Decimal(86_400 * day + 3600 * int(hours) + 60 * int(minutes)) + Decimal(seconds)


def _maneuver(section: Section) -> Iterator[Breach]:
    composition = section.entry("MAN_COMPOSITION")
    if composition is None:
        return
    names = _words(composition.value)
    deploys = any(name.startswith("DEPLOY_") for name in names)
    table = {keyword.name: keyword for keyword in (DEPLOYMENT if deploys else PROPULSIVE)}
    wrong = list(_composition(composition, names, table, deploys=deploys))
    yield from wrong
    if wrong:
        return
    device = section.entry("MAN_DEVICE_ID")
    if device and device.value == "DEPLOY" and not deploys:
        yield Breach(device.line, device.keyword, "6.2.8.9", "DEPLOY stands for deployments only")
    if units := section.entry("MAN_UNITS"):
        given = _words(units.value.strip("[]"))
        wanted = [table[name].unit or "n/a" for name in names if name not in TIME_TAGS]
        if given != wanted:
            reason = f"MAN_UNITS must be [{', '.join(wanted)}] for this composition"
            yield Breach(units.line, units.keyword, "table 6-7", reason)
    for line in section.data:
        yield from _line(line, [table[name] for name in names])


def _composition(entry: Entry, names: list[str], table: dict[str, Keyword], *, deploys: bool) -> Iterator[Breach]:
    strangers = [name for name in names if name not in table]
    which = "6-9" if deploys else "6-8"
    if strangers:
        yield Breach(entry.line, entry.keyword, "6.2.8.15", f"{strangers[0]!r} is not in table {which}")
        return
    if names[0] not in TIME_TAGS or any(name in TIME_TAGS for name in names[1:]):
        yield Breach(
            entry.line, entry.keyword, "6.2.8.18", "one of TIME_ABSOLUTE and TIME_RELATIVE must come first, once"
        )
    places = [list(table).index(name) for name in names]
    if any(after <= before for before, after in pairwise(places)):
        yield Breach(entry.line, entry.keyword, "6.2.8.16", f"its words are not in the order of table {which}")


def _line(line: DataLine, keywords: list[Keyword]) -> Iterator[Breach]:
    if len(line.values) != len(keywords):
        reason = f"{len(line.values)} values where MAN_COMPOSITION has {len(keywords)}"
        yield Breach(line.line, "", "6.2.8.14", reason)
        return
    for value, keyword in zip(line.values, keywords, strict=True):
        if wrong := value_breach(value, keyword.form):
            yield Breach(line.line, keyword.name, wrong[0], f"{keyword.name}: {wrong[1]}")


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",")]
