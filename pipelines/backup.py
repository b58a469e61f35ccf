"""A copy of what a home cannot make anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipelines.flags import open_flags

if TYPE_CHECKING:
    from pathlib import Path

    from configs.schema import BurnwatchConfig
    from pipelines.home import Home


def back_up(home: Home, config: BurnwatchConfig, target: Path, *, at: datetime | None = None) -> None:
    """Copy the database of flags, verdicts, accounts and notes, also while others write to it.

    Parameters
    ----------
    home : Home
    config : BurnwatchConfig
    target : Path
        The copy; one of before is replaced once the new one is sound.
    at : datetime, optional
        Now by default [UTC].

    Raises
    ------
    StoreUnavailableError
        Where the database is no SQLite file, is damaged, or is the target itself.
    """
    from review import backup

    with open_flags(home, config) as flags:
        backup.back_up(flags.database, target.absolute(), at=at or datetime.now(UTC))
