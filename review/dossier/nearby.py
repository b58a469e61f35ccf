"""Who is near the object of a flag, by the flag itself and by the finding that gathers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from review.records import FindingRecord, FlagRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Another object and when it is met; what is not known is None. ``partner`` says that it takes part in the finding."""

    norad_id: int
    name: str
    miss_km: float | None = None
    when: datetime | None = None
    when_low: datetime | None = None
    when_high: datetime | None = None
    way: str = ""
    partner: bool = False

    @property
    def called(self) -> str:
        """Its name, or its number where it has none."""
        return self.name or f"object {self.norad_id}"


def nearby(flag: FlagRecord, finding: FindingRecord | None, names: Mapping[int, str]) -> list[Near]:
    """The flag's neighbors in their order, then those of its finding, then the finding's partners, each once.

    Of an object that both name, the flag's distance counts, and of the finding what the flag does not say.
    """
    found: dict[int, Near] = {}
    for entry in [*flag.neighbours, *(finding.neighbours if finding else [])]:
        one = _near(entry, names)
        if one is None or one.norad_id == flag.norad_id:
            continue
        known = found.get(one.norad_id)
        found[one.norad_id] = one if known is None else _completed(known, one)
    for partner in finding.partners if finding else []:
        if int(partner) != flag.norad_id:
            known = found.get(int(partner)) or Near(norad_id=int(partner), name=names.get(int(partner), ""))
            found[int(partner)] = replace(known, partner=True)
    return list(found.values())


def _near(entry: Mapping[str, Any], names: Mapping[int, str]) -> Near | None:
    try:
        norad_id = int(entry["norad_id"])
    except (KeyError, TypeError, ValueError):
        return None
    miss = entry.get("miss_km")
    return Near(
        norad_id=norad_id,
        name=str(entry.get("name") or names.get(norad_id, "")),
        miss_km=float(miss) if isinstance(miss, int | float) else None,
        way=str(entry.get("way") or ""),
        when=_instant(entry.get("when")),
        when_low=_instant(entry.get("when_low")),
        when_high=_instant(entry.get("when_high")),
    )


def _completed(known: Near, more: Near) -> Near:
    if known.when is None:
        known = replace(known, when=more.when)
    if more.when is not None and known.when == more.when:  # the ends belong to that meeting
        known = replace(known, when_low=known.when_low or more.when_low, when_high=known.when_high or more.when_high)
    return replace(
        known,
        name=known.name or more.name,
        miss_km=known.miss_km if known.miss_km is not None else more.miss_km,
        way=known.way or more.way,
    )


def _instant(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
