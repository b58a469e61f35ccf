"""What many of a fleet do on one day is one line: "42 STARLINK raising, 3 lowering"."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, Protocol, TypeVar

LEAST = 5  # flags of one fleet and day that make a line
RAISING, LOWERING = ("orbit raise", "drag make-up"), ("orbit lowering",)


class Told(Protocol):
    """What of a flag matters here, as a record or a row has it."""

    @property
    def flag_id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def regime(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def listed(self) -> bool: ...  # noqa: D102
    @property
    def finding_id(self) -> str | None: ...  # noqa: D102
    @property
    def unexpectedness(self) -> float | None: ...  # noqa: D102
    @property
    def first_seen_at(self) -> datetime: ...  # noqa: D102


Flag = TypeVar("Flag", bound=Told)


@dataclass(frozen=True, slots=True)
class FleetLine(Generic[Flag]):
    """What the flags of one fleet that were first seen on one UTC day say together, in their order."""

    fleet: str
    day: date
    flags: Sequence[Flag]

    @property
    def raising(self) -> int:
        """How many raise their orbits."""
        return sum(flag.kind in RAISING for flag in self.flags)

    def __str__(self) -> str:
        """As one says it."""
        lowering = len(self.flags) - self.raising
        if not self.raising:
            return f"{lowering} {self.fleet} lowering"
        return f"{self.raising} {self.fleet} raising" + (f", {lowering} lowering" if lowering else "")


def in_lines(flags: Iterable[Flag]) -> list[Flag | FleetLine[Flag]]:
    """Flags in their order, those of a fleet that raises or lowers its orbits as one line a day, where its first stood.

    A flag that is listed, or part of a finding, stands alone; so does one in whose day and fleet there are few. A fleet
    is told by the first word of its names.
    """
    flags = list(flags)
    fleets: dict[tuple[str, date], list[Flag]] = defaultdict(list)
    for flag in flags:
        if _joins(flag):
            fleets[_key(flag)].append(flag)
    lines: list[Flag | FleetLine[Flag]] = []
    for flag in flags:
        together = fleets[_key(flag)] if _joins(flag) else []
        if len(together) < LEAST:
            lines.append(flag)
        elif together[0] is flag:
            lines.append(FleetLine(*_key(flag), together))
    return lines


def _joins(flag: Told) -> bool:
    routine = flag.regime == "leo" and flag.kind in (*RAISING, *LOWERING)
    return routine and not flag.listed and flag.finding_id is None and _fleet(flag.name) != ""


def _key(flag: Told) -> tuple[str, date]:
    return _fleet(flag.name), flag.first_seen_at.date()


def _fleet(name: str) -> str:
    """The first word of a name, if a number makes the rest."""
    found = re.match(r"([A-Za-z]+)[-\s]*\d", name.strip())
    return found.group(1).upper() if found else ""
