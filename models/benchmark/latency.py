"""How soon a burn is flagged: the whole chain as scoring runs it, whenever a new element set has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.identity import latest_issues
from catalog.records import epoch_us, utc
from features.bank import compute_features
from models.benchmark.matching import inside, match
from models.bundle import Bundle
from models.burns import tell_burns
from models.characterize.explain.words import MANEUVER

if TYPE_CHECKING:
    from configs.schema import BurnwatchConfig

REACH_DAYS = 10.0  # after a burn, within which it is looked for
SOON_HOURS = (24, 72)
TOLD_DTYPES = {
    "norad_id": "int64",
    "burn_time": "datetime64[us, UTC]",
    "hours": "float64",
    "sets": "float64",
}
_DAY_US = 86_400_000_000
_MOST_SETS = 120_000  # in memory at a time


def told_at(
    sets: pd.DataFrame, bundle: Bundle, maneuvers: pd.DataFrame, span: pd.DataFrame, config: BurnwatchConfig
) -> pd.DataFrame:
    """When each burn of a satellite was first among what scoring flags.

    After every set that becomes available within ``REACH_DAYS`` of a burn, what was available by then and reaches
    ``config.score.context_days`` back is looked at as scoring does that ran all the time. Nothing later is seen. All these histories
    are judged together, each as an object of its own.

    Parameters
    ----------
    sets : DataFrame
        All issues of the satellite's element sets, sorted by epoch.
    bundle : Bundle
    maneuvers : DataFrame
        The satellite's.
    span : DataFrame
        One row: the burns in it are looked for.
    config : BurnwatchConfig

    Returns
    -------
    DataFrame
        Columns ``TOLD_DTYPES``, one row a burn: ``hours`` from the burn to when the set came with which it was flagged, and how many
        ``sets`` had come by then since the burn; NaN where it was not within ``REACH_DAYS``.
    """
    own = inside(maneuvers["norad_id"], epoch_us(maneuvers["burn_time"]), span)
    burns = maneuvers[own].sort_values("burn_time", ignore_index=True)
    burns_us = epoch_us(burns["burn_time"])
    available_us, epochs_us = epoch_us(sets["available_at"]), epoch_us(sets["epoch"])
    burn, at_us = _looks(burns_us, available_us)
    found = np.zeros(len(burn), np.bool_)
    context_us = round(config.score.context_days * _DAY_US)
    seen = [
        np.flatnonzero((available_us <= at) & (epochs_us >= burns_us[of] - context_us))
        for of, at in zip(burn.tolist(), at_us.tolist(), strict=True)
    ]
    for part in _parts([len(rows) for rows in seen]):
        owner = np.repeat(part + 1, [len(seen[each]) for each in part])
        copies = sets.iloc[np.concatenate([seen[each] for each in part])].assign(norad_id=owner)
        flags = _flagged(latest_issues(copies.reset_index(drop=True)), bundle, burns_us[burn], config)
        found |= _found(flags, burns, burn, at_us)
    hours, count = np.full(len(burns_us), np.nan), np.full(len(burns_us), np.nan)
    for look in np.flatnonzero(found)[::-1]:
        hours[burn[look]] = (at_us[look] - burns_us[burn[look]]) / 3.6e9
        count[burn[look]] = ((available_us > burns_us[burn[look]]) & (available_us <= at_us[look])).sum()
    owner = np.full(len(burns_us), int(span["norad_id"].iloc[0]))
    table = pd.DataFrame({"norad_id": owner, "burn_time": utc(burns_us), "hours": hours, "sets": count})
    return table.astype(TOLD_DTYPES)


def soon(told: pd.DataFrame) -> dict[str, float | int]:
    """Figures of some burns: shares flagged in time, and the median latency of those that were flagged at all."""
    shares = {f"within_{hours}_h": float((told["hours"] <= hours).mean()) for hours in SOON_HOURS}
    return {
        "burns": len(told),
        **shares,
        "within_reach": float(told["hours"].notna().mean()),
        "latency_h": float(told["hours"].median()),
        "latency_sets": float(told["sets"].median()),
    }


def _looks(burns_us: NDArray[np.int64], available_us: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which burn is looked for and when, one row a look, in order of burns and times."""
    times_us = np.unique(available_us)
    first = np.searchsorted(times_us, burns_us, side="right")
    stop = np.searchsorted(times_us, burns_us + round(REACH_DAYS * _DAY_US), side="right")
    burn = np.repeat(np.arange(len(burns_us)), stop - first)
    times = [times_us[start:end] for start, end in zip(first, stop, strict=True)]
    return burn, np.concatenate([*times, np.empty(0, np.int64)])


def _parts(sizes: list[int]) -> list[NDArray[np.int64]]:
    """Looks in groups of at most ``_MOST_SETS`` sets, or of one."""
    group = np.cumsum(sizes) // _MOST_SETS
    return [np.flatnonzero(group == each) for each in np.unique(group)]


def _flagged(
    copies: pd.DataFrame, bundle: Bundle, burns_us: NDArray[np.int64], config: BurnwatchConfig
) -> pd.DataFrame:
    """What scoring tells of each look from shortly before its burn on."""
    features = compute_features(copies, config=config.features)
    since = utc(burns_us) - pd.Timedelta(days=config.score.revisit_days)
    told, _ = tell_burns(features, copies, bundle, config, since.set_axis(since.index + 1))
    return told[told["own_explanation"] == MANEUVER].reset_index(drop=True)


def _found(
    flags: pd.DataFrame, burns: pd.DataFrame, burn: NDArray[np.int64], at_us: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether each look's burn is flagged, matched one to one with all burns that were made by then, (L,)."""
    found, burns_us = np.zeros(len(burn), np.bool_), epoch_us(burns["burn_time"])
    looks = np.unique(flags["norad_id"].to_numpy(np.int64)) - 1
    made = [
        np.flatnonzero((burns_us <= at_us[look]) & (burns_us >= burns_us[burn[look]] - round(2 * REACH_DAYS * _DAY_US)))
        for look in looks
    ]
    owner = np.repeat(looks, [len(rows) for rows in made])
    which = np.concatenate([*made, np.empty(0, np.int64)])
    hit = match(flags, burns.iloc[which].assign(norad_id=owner + 1)).maneuver_to_event >= 0
    found[owner[hit & (which == burn[owner])]] = True
    return found
