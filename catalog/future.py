"""Epochs that have not come yet: a wrong year, or a wrong clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.parse.result import Parsed, Refusal, refused_frame
from catalog.records import epoch_us
from configs.catalog import StoreConfig

SIMULATED = "simulated"
_US_PER_DAY = 86_400_000_000
_FIELD = "epoch"


def latest_epoch_us(config: StoreConfig, now: datetime | None = None) -> int:
    """The latest epoch that is believed [us since 1970-01-01]: operators publish orbits of the next days, nobody of the next year."""
    return round((now or datetime.now(UTC)).timestamp() * 1e6 + config.max_ahead_days * _US_PER_DAY)


def is_ahead(epoch: pd.Series, source: pd.Series | str, latest_us: int) -> NDArray[np.bool_]:
    """Which sets (N,) have an epoch after ``latest_us``; what is simulated may lie anywhere."""
    return np.asarray((epoch_us(epoch) > latest_us) & np.asarray(source != SIMULATED))


def without_future(parsed: Parsed, file: str, config: StoreConfig, most: int, now: datetime | None = None) -> Parsed:
    """What was read of a file, with each set from the future refused.

    Parameters
    ----------
    parsed : Parsed
    file : str
        Its name in the refusals.
    config : StoreConfig
    most : int
        Refusals that are kept one by one; the rest is counted in the last.
    now : datetime, optional
        The clock's time by default (UTC).
    """
    ahead = is_ahead(parsed.element_sets["epoch"], "", latest_epoch_us(config, now))
    if not ahead.any():
        return parsed
    rows = np.flatnonzero(ahead)
    lines = parsed.lines if len(parsed.lines) == len(ahead) else np.zeros(len(ahead), dtype=np.int64)
    refusals = [
        Refusal(
            int(lines[row]), _FIELD, _reason(epoch, config), f"object {norad_id}, epoch {epoch:%Y-%m-%d %H:%M:%S} UTC"
        )
        for row, norad_id, epoch in zip(
            rows[:most],
            parsed.element_sets["norad_id"].iloc[rows[:most]],
            parsed.element_sets["epoch"].iloc[rows[:most]],
            strict=True,
        )
    ]
    before, uncounted = parsed.refused, parsed.uncounted + max(len(rows) - most, 0)
    if uncounted:  # one row tells of all, and is the last
        before = before.iloc[:-1] if parsed.uncounted else before
        refusals.append(Refusal(refusals[-1].line, "", f"{uncounted} more records of this file were refused", ""))
    refused = pd.concat([before, refused_frame(file, refusals)], ignore_index=True)
    kept = parsed.element_sets[~ahead].reset_index(drop=True)
    return replace(parsed, element_sets=kept, refused=refused, uncounted=uncounted, lines=lines[~ahead])


def _reason(epoch: pd.Timestamp, config: StoreConfig) -> str:
    return (
        f"{epoch:%Y-%m-%d} is more than {config.max_ahead_days:g} days ahead of this machine's clock: correct the year, or the "
        "clock; store.max_ahead_days allows more"
    )
