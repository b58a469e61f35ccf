"""When an element set could first be had."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from catalog.parse.result import Parsed
from catalog.records import ELEMENT_SET_DTYPES
from configs.catalog import IngestConfig


def stamp(
    parsed: Parsed, *, source: str, fetched_at: datetime | None = None, config: IngestConfig | None = None
) -> pd.DataFrame:
    """Element sets of ``parsed`` with their source and the time they became available.

    ``available_at`` is the creation date where the file gives it, else the fetch time, else the epoch plus
    ``config.imputed_latency_hours`` with ``available_at_imputed`` set.

    Parameters
    ----------
    parsed : Parsed
    source : str
        One of ``catalog.records.GP_SOURCES`` or ``SUPPLEMENTAL_SOURCE``.
    fetched_at : datetime, optional
        UTC, tz-aware: when the file was downloaded.

    Returns
    -------
    DataFrame
        Columns of ``ELEMENT_SET_DTYPES``.

    Raises
    ------
    ValueError
        ``fetched_at`` has no time zone.
    """
    sets = parsed.element_sets
    available_at = sets["creation_date"]
    if fetched_at is not None:
        if fetched_at.tzinfo is None:
            raise ValueError("fetched_at has no time zone: give it in UTC")
        available_at = available_at.fillna(pd.Timestamp(fetched_at).tz_convert("UTC").as_unit("us"))
    config = config or IngestConfig()
    imputed = available_at.isna()
    # In whole microseconds: pandas would make nanoseconds of a sum with fractional hours.
    latency = pd.Timedelta(round(config.imputed_latency_hours * 3.6e9), unit="us").as_unit("us")
    stamped = sets.assign(
        available_at=available_at.where(~imputed, sets["epoch"] + latency).dt.as_unit("us"),
        available_at_imputed=imputed,
        source=pd.Series(source, index=sets.index, dtype="str"),
    )
    return stamped[list(ELEMENT_SET_DTYPES)]
