"""Pages on findings and flags, from the store's element sets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from catalog.objects import ObjectCatalog
from catalog.store import ElementStore
from catalog.weather import WeatherTable
from features.bank import compute_features
from pipelines.flags import open_flags
from review.finding_report import company, render_finding, span
from review.pages import write_report
from review.records import FlagRecord
from review.report import render_report

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.records import FindingRecord


def write_page(home: Home, config: BurnwatchConfig, which: str, out: Path) -> Path:
    """Write the page of one finding or flag to ``out``.

    Raises
    ------
    review.errors.UnknownIdError, AmbiguousIdError
        Where no id of either begins so, or several do.
    """
    found = open_flags(home, config).either(which)
    if isinstance(found, FlagRecord):
        return write_flag_report(home, config, found.flag_id, out)
    return write_finding_report(home, config, found.finding_id, out)


def write_finding_report(home: Home, config: BurnwatchConfig, finding_id: str, out: Path) -> Path:
    """Write the page of one finding to ``out``.

    Raises
    ------
    review.errors.UnknownFindingError, AmbiguousIdError
        Where no finding's id begins so, or several do.
    """
    findings = open_flags(home, config).findings
    finding = findings.get(finding_id)
    first, last = span(finding, config.review)
    ids = [finding.norad_id, *company(finding, config.review)]
    page = render_finding(
        finding,
        findings.flags(finding.finding_id),
        ElementStore(home.elements, config.store).history(ids, since=pd.Timestamp(first), until=pd.Timestamp(last)),
        names=ObjectCatalog(home.path).name_of(ids),
        generated_at=datetime.now(UTC),
        config=config.review,
    )
    write_report(out, page)
    return out


def write_flag_report(home: Home, config: BurnwatchConfig, flag_id: str, out: Path) -> Path:
    """Write the page of one flag to ``out``.

    Raises
    ------
    review.errors.UnknownFlag
        Where no flag's id begins so.
    """
    flags = open_flags(home, config)
    flag = flags.get(flag_id)
    store = ElementStore(home.elements, config.store)
    first = pd.Timestamp(flag.epoch_before) - pd.Timedelta(days=config.review.report_days_before)
    last = pd.Timestamp(flag.epoch_after) + pd.Timedelta(days=config.review.report_days_after)
    # Enough before the page's first day that the local noise is known there.
    context = pd.Timedelta(days=config.score.context_days)
    history = store.history([flag.norad_id], since=first - context, until=last)
    features = compute_features(history, config=config.features, weather=WeatherTable(home.path).load())
    page = render_report(
        flag,
        history[history["epoch"] >= first],
        features[features["epoch"] >= first],
        generated_at=datetime.now(UTC),
        verdicts=flags.history(flag.flag_id),
        other_flags=flags.flags(order="time", norad_id=flag.norad_id),
        config=config.review,
    )
    write_report(out, page)
    return out


def newest_findings(home: Home, config: BurnwatchConfig) -> list[FindingRecord]:
    """The findings with news in the last days of news, most unexpected first."""
    findings = open_flags(home, config).findings
    newest = findings.records("news", limit=1)
    if not newest:
        return []
    since = newest[0].news_at - timedelta(days=config.schedule.report_days)
    return findings.records("unexpected", since=since, limit=config.schedule.report_limit)


def write_reports(home: Home, config: BurnwatchConfig) -> list[Path]:
    """Write the pages of the findings with the newest news into the home's folder of reports."""
    return [
        write_finding_report(home, config, finding.finding_id, home.reports / f"{finding.finding_id}.html")
        for finding in newest_findings(home, config)
    ]
