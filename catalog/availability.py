"""When an element set could first be had."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from catalog.parse.result import Parsed
from catalog.records import ELEMENT_SET_DTYPES, GP_SOURCES, SUPPLEMENTAL_SOURCE
from configs.catalog import IngestConfig


def stamp(
    parsed: Parsed,
    *,
    source: str,
    supplemental: bool | None = None,
    fetched_at: datetime | None = None,
    config: IngestConfig | None = None,
) -> pd.DataFrame:
    """Element sets of ``parsed`` with their source and the time they became available.

    ``available_at`` is the creation date where the file gives it, else the fetch time, else the epoch plus
    ``config.imputed_latency_hours`` with ``available_at_imputed`` set.

    Parameters
    ----------
    parsed : Parsed
    source : str
        One of ``catalog.records.GP_SOURCES``, ``SUPPLEMENTAL_SOURCE`` or the user's own.
    supplemental : bool, optional
        Whether the sets are SupGP. Without it a set of a GP source that was fitted to an operator's ephemeris, as its
        classification or its columns say, gets ``SUPPLEMENTAL_SOURCE`` by itself: the two are never one history.
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
    told = sets["supplemental"].to_numpy() & (source in GP_SOURCES)
    apart = told if supplemental is None else np.full(len(sets), supplemental)
    stamped = sets.assign(
        available_at=available_at.where(~imputed, sets["epoch"] + latency).dt.as_unit("us"),
        available_at_imputed=imputed,
        source=pd.Series(source, index=sets.index, dtype="str").mask(apart, SUPPLEMENTAL_SOURCE),
    )
    return stamped[list(ELEMENT_SET_DTYPES)]
