"""Pages on flags, from the store's element sets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from catalog.store import ElementStore
from catalog.weather import WeatherTable
from features.bank import compute_features
from pipelines.flags import open_flags
from review.report import render_report, write_report

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig
    from pipelines.home import Home
    from review.records import FlagRecord


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


def newest_flags(home: Home, config: BurnwatchConfig) -> list[FlagRecord]:
    """The flags of the last days of data, most unexpected first."""
    flags = open_flags(home, config)
    newest = flags.flags(order="time", limit=1)
    if not newest:
        return []
    since = pd.Timestamp(newest[0].burn_time) - pd.Timedelta(days=config.schedule.report_days)
    return flags.flags(order="unexpected", since=since.to_pydatetime(), limit=config.schedule.report_limit)


def write_reports(home: Home, config: BurnwatchConfig) -> list[Path]:
    """Write the pages of the newest flags into the home's folder of reports."""
    return [
        write_flag_report(home, config, flag.flag_id, home.reports / f"{flag.flag_id}.html")
        for flag in newest_flags(home, config)
    ]
