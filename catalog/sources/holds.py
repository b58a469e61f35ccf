"""A source that refused is left alone for a time, by every process and across restarts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from catalog.ledger import LONGEST_HOLD, Hold, Ledger
from catalog.sources.web import SourceError

# The folders of the ledgers, and what people call the sources.
SOURCES = {"celestrak": "CelesTrak", "space-track": "Space-Track"}


class HeldError(SourceError):
    """A source is asked nothing for now.

    Attributes
    ----------
    until : Timestamp
        When it may be asked again.
    """

    def __init__(
        self, source: str, hold: Hold, message: str, *, url: str, hint: str = "", passing: bool = False
    ) -> None:
        self.until = hold.until
        told = f"nothing is asked of {SOURCES[source]} before {hold.until:%Y-%m-%d %H:%M} UTC"
        hints = (hint, told, "to ask sooner once the cause is mended: --lift-hold")
        super().__init__(
            message, url=url, status=hold.status or None, hint="; ".join(filter(None, hints)), passing=passing
        )


def begin_hold(ledger: Ledger, error: SourceError, now: pd.Timestamp, hours: float) -> HeldError:
    """Hold a source after ``error``, for as long as it asked for, else for some hours; the error to raise in its place."""
    wait_s = hours * 3600 if error.retry_after_s is None else error.retry_after_s
    hold = Hold(now, now + min(pd.Timedelta(seconds=round(wait_s)), LONGEST_HOLD), error.status or 0, str(error))
    ledger.hold(hold)
    return HeldError(ledger.folder.name, hold, error.reason, url=error.url, hint=error.hint, passing=error.passing)


def check_held(ledger: Ledger, now: pd.Timestamp, *, url: str) -> None:
    """Raise HeldError while a source is held."""
    if hold := ledger.held(now):
        raise HeldError(
            ledger.folder.name, hold, f"left alone since {hold.at:%Y-%m-%d %H:%M} UTC ({hold.reason})", url=url
        )


def lift_hold(home: Path, source: str) -> None:
    """End the hold of a source of ``SOURCES``, if there is one: a person says that what led to it is mended."""
    Ledger(home, source).lift()


def holds(home: Path, now: pd.Timestamp) -> dict[str, Hold]:
    """The holds in force, by source; a home that never asked a source has none."""
    asked = [source for source in SOURCES if (home / "ledger" / source).is_dir()]
    found = {source: Ledger(home, source).held(now) for source in asked}
    return {source: hold for source, hold in found.items() if hold is not None}
