"""Pages on findings and flags, from the store's element sets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.atomic import replace_bytes, sweep
from pipelines.flags import open_flags
from pipelines.handing import handed

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.records import FindingRecord


def write_page(home: Home, config: BurnwatchConfig, which: str, out: Path) -> Path:
    """Write the page of one finding or flag to ``out``; the report of a flag is a PDF where its name ends so.

    Raises
    ------
    review.errors.UnknownIdError, AmbiguousIdError
        Where no id of either begins so, or several do.
    review.hand_on.UnknownFormatError
        A finding has no PDF.
    """
    replace_bytes(out, handed(home, config, which, "pdf" if out.suffix.lower() == ".pdf" else "html"))
    return out


def newest_findings(home: Home, config: BurnwatchConfig) -> list[FindingRecord]:
    """The findings with news in the last days of news, most unexpected first."""
    with open_flags(home, config) as flags:
        newest = flags.findings.records("news", limit=1)
        if not newest:
            return []
        since = newest[0].news_at - timedelta(days=config.schedule.report_days)
        return flags.findings.records("unexpected", since=since, limit=config.schedule.report_limit)


def write_reports(home: Home, config: BurnwatchConfig) -> list[Path]:
    """Write the pages of the findings with the newest news into the home's folder of reports."""
    sweep(home.reports)
    return [
        write_page(home, config, finding.finding_id, home.reports / f"{finding.finding_id}.html")
        for finding in newest_findings(home, config)
    ]
