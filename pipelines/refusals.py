"""How many records a reading refused, and why: what its summary tells of the quarantine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pandas as pd

_TOLD = 3  # reasons, the first ones
_PLACE = re.compile(r"^record \d+: ")  # tells one record from another, not one reason


@dataclass
class Refusals:
    """Refused records of one file, or of many.

    Parameters
    ----------
    count : int
    reasons : dict
        The first reasons, and how many records each refused.
    """

    count: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, refused: pd.DataFrame, uncounted: int = 0) -> None:
        """Count ``refused`` (`catalog.parse.Parsed.refused`), and ``uncounted`` records of which its last row tells."""
        rows = refused.iloc[:-1] if uncounted else refused
        self.count += len(rows) + uncounted
        for name, reason in zip(rows["field"], rows["reason"], strict=True):
            told = ": ".join(part for part in (name, _PLACE.sub("", reason)) if part)
            if told in self.reasons or len(self.reasons) < _TOLD:
                self.reasons[told] = self.reasons.get(told, 0) + 1

    def told(self, taken: int) -> str:
        """How many these are and which share of all records, where ``taken`` others were good, and why."""
        total = self.count + taken
        percent = 100.0 * self.count / total
        shown = f"{percent:.0f}" if percent >= 1 else f"{percent:.2g}"
        why = "; ".join(f"{reason} ({count:,})" for reason, count in self.reasons.items())
        more = "; …" if sum(self.reasons.values()) < self.count else ""
        records = "record" if self.count == 1 else "records"
        return f"{self.count:,} {records} refused ({shown}% of {total:,}): {why}{more}"
