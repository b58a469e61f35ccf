"""Who scores: one record, written whole, of which the registry's aliases are copies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

CHALLENGER, CHAMPION, PREVIOUS = "challenger", "champion", "previous"
ROLES = (CHAMPION, CHALLENGER, PREVIOUS)
TAG = "roles"  # of the registered model: a single row, so that no kill leaves half of it


@dataclass(frozen=True)
class Roles:
    """Versions by what they do.

    Parameters
    ----------
    champion, challenger, previous : int or None
        The version that scores, the one trained last, and the champion before.
    rolled_back : bool
        The champion came back by a rollback, and ``previous`` is the one that was taken back.
    """

    champion: int | None = None
    challenger: int | None = None
    previous: int | None = None
    rolled_back: bool = False

    @classmethod
    def read(cls, tags: Mapping[str, str], aliases: Mapping[str, str]) -> Roles:
        """Those of a registered model; of one from before there was a record, what its aliases say."""
        if TAG in tags:
            return cls(**json.loads(tags[TAG]))
        champion, challenger, previous = (int(aliases[role]) if role in aliases else None for role in ROLES)
        return cls(champion, challenger, previous)

    def text(self) -> str:
        """The record."""
        return json.dumps(asdict(self))

    def aliases(self) -> dict[str, int]:
        """The roles that a version has."""
        return {role: version for role in ROLES if (version := getattr(self, role)) is not None}

    def with_challenger(self, version: int) -> Roles:
        """Once a version was trained; the first of all scores at once. An older one than the challenger changes nothing."""
        if self.challenger is not None and version <= self.challenger:
            return self
        return replace(self, challenger=version, champion=version if self.champion is None else self.champion)

    def with_champion(self, version: int) -> Roles:
        """Once a version scores and the champion so far is kept as previous."""
        return self if version == self.champion else Roles(version, self.challenger, self.champion)

    def with_previous(self) -> Roles:
        """Once the champion before scores again. Doing so twice is doing it once: a rollback cut short can be repeated."""
        return self if self.rolled_back else Roles(self.previous, self.challenger, self.champion, rolled_back=True)
