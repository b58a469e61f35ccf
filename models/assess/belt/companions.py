"""Who shares a slot of the belt with whom, since when, and who came to whom."""

from __future__ import annotations

import numpy as np
import pandas as pd

from configs.belt import BeltConfig
from models.assess.belt.passes import element_sets_of, miss_beside_km
from orbits.elements import IntArray, wrap_deg

COMPANION_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "other_id": "int64",
    "longitude_deg": "float64",
    "apart_deg": "float64",
    "since": "datetime64[us, UTC]",
    "came": "bool",
    "together_before": "bool",
    "miss_km": "float64",
    "miss_sigma_km": "float64",
}


def companions(
    phases: pd.DataFrame,
    as_of: pd.Timestamp,
    history: pd.DataFrame | None = None,
    config: BeltConfig = BeltConfig(),
) -> pd.DataFrame:
    """Pairs of kept objects in one slot, each from both sides.

    Parameters
    ----------
    phases : DataFrame
        As from `belt_phases` at ``as_of``.
    history : DataFrame, optional
        Element sets, for the closest approach in the next days; without them it is unknown.

    Returns
    -------
    DataFrame
        `COMPANION_DTYPES`: ``apart_deg`` of the other east of the object; ``since`` both stand there (at least: the history
        may begin later); whether the object ``came``: a burn brought it there after the other; whether they shared a slot
        before as well: old neighbors that moved together; ``miss_km`` in the next ``beside_days`` and its range.
    """
    kept = phases[phases["mode"] == "kept"]
    fresh = (as_of - kept["phase_end"]).dt.total_seconds() / 86_400 <= config.max_age_days
    here = kept[kept["current"] & fresh]
    here = here.sort_values(["longitude_deg", "norad_id"]).reset_index(drop=True)
    first, second = _pairs(here["longitude_deg"].to_numpy(np.float64), config.companion_deg)
    own, other = here.iloc[np.concatenate([first, second])], here.iloc[np.concatenate([second, first])]
    own, other = own.reset_index(drop=True), other.reset_index(drop=True)
    pairs = pd.DataFrame(
        {
            "norad_id": own["norad_id"],
            "other_id": other["norad_id"],
            "longitude_deg": own["longitude_deg"],
            "apart_deg": wrap_deg(other["longitude_deg"].to_numpy() - own["longitude_deg"].to_numpy()),
            "since": own["phase_start"].where(own["phase_start"] >= other["phase_start"], other["phase_start"]),
            "came": own["burned"] & (own["phase_start"] > other["phase_start"]),
            "together_before": _together_before(own, other, kept, config),
            "miss_km": np.nan,
            "miss_sigma_km": np.nan,
        }
    )
    if history is not None and len(pairs):
        sets = element_sets_of(history, phases, np.unique(pairs["norad_id"]), as_of)
        day = (as_of - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)
        once = pairs["norad_id"] < pairs["other_id"]
        ids, others = pairs.loc[once, "norad_id"].to_numpy(), pairs.loc[once, "other_id"].to_numpy()
        miss, sigma = miss_beside_km(sets.of(ids), sets.of(others), day, config)
        found = pd.DataFrame({"miss_km": miss, "miss_sigma_km": sigma}, index=pd.MultiIndex.from_arrays([ids, others]))
        low, high = pairs[["norad_id", "other_id"]].min(axis=1), pairs[["norad_id", "other_id"]].max(axis=1)
        pairs[["miss_km", "miss_sigma_km"]] = found.loc[pd.MultiIndex.from_arrays([low, high])].to_numpy()
    return pairs.sort_values(["norad_id", "other_id"], ignore_index=True).astype(COMPANION_DTYPES)


def _pairs(longitude_deg: np.ndarray, within_deg: float) -> tuple[IntArray, IntArray]:
    """Indices of all pairs of sorted longitudes that are no farther apart, once each, around the circle."""
    count = len(longitude_deg)
    around = np.concatenate([longitude_deg, longitude_deg + 360.0])
    end = np.searchsorted(around, longitude_deg + within_deg, "right")
    many = np.maximum(end - np.arange(count) - 1, 0)
    first = np.repeat(np.arange(count), many)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(many) - many, many)
    return first.astype(np.int64), (second % max(count, 1)).astype(np.int64)


def _together_before(own: pd.DataFrame, other: pd.DataFrame, kept: pd.DataFrame, config: BeltConfig) -> pd.Series:
    """Whether the last slots that the two kept before were one, at one time."""
    earlier = kept[~kept["current"]].drop_duplicates("norad_id", keep="last").set_index("norad_id")
    columns = ["longitude_deg", "phase_start", "phase_end"]
    mine = earlier[columns].reindex(own["norad_id"]).reset_index(drop=True)
    theirs = earlier[columns].reindex(other["norad_id"]).reset_index(drop=True)
    apart = np.abs(wrap_deg(theirs["longitude_deg"].to_numpy() - mine["longitude_deg"].to_numpy()))
    overlap = (mine["phase_start"] <= theirs["phase_end"]) & (theirs["phase_start"] <= mine["phase_end"])
    return pd.Series(np.nan_to_num(apart, nan=np.inf) <= config.companion_deg) & overlap
