"""Whom a geosynchronous object comes to, when and how near: approaching, passing, receding, stopped beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, utc
from configs.belt import BeltConfig
from models.assess.belt.forecast import Motion, motions
from models.assess.belt.passes import element_sets_of, miss_beside_km, miss_in_passing_km
from models.assess.belt.segments import segments
from models.assess.belt.track import track
from models.assess.ways import APPROACHING, BESIDE, PASSING, RECEDING
from orbits.constants import US_PER_DAY
from orbits.elements import FloatArray, IntArray, wrap_deg

ARRIVAL_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "other_id": "int64",
    "other_name": "str",
    "longitude_deg": "float64",
    "when": "datetime64[us, UTC]",
    "when_low": "datetime64[us, UTC]",
    "when_high": "datetime64[us, UTC]",
    "miss_km": "float64",
    "miss_sigma_km": "float64",
    "way": "str",
    "apart_deg": "float64",
    "drift_deg_day": "float64",
    "relative_drift_deg_day": "float64",
}
_GRID_DAYS = 0.25
_LEAST_SETS = 3  # fewer do not tell what an object does


class Others(NamedTuple):
    """Whom one may come to, by longitude: those kept where they stand, and those that drift where they go.

    Arrays (C,); ``longitude_deg`` in [-180, 180) and sorted, ``stands`` says which are kept, ``steered`` which are that or
    drift because of a burn.
    """

    norad_id: IntArray
    longitude_deg: FloatArray
    half_width_deg: FloatArray
    since_us: IntArray
    stands: NDArray[np.bool_]
    steered: NDArray[np.bool_]


def arrivals(
    phases: pd.DataFrame,
    history: pd.DataFrame,
    norad_ids: Collection[int],
    as_of: pd.Timestamp,
    names: Mapping[int, str],
    config: BeltConfig = BeltConfig(),
) -> pd.DataFrame:
    """Who stands or drifts ahead of each mover, whom it passes or leaves, beside whom it has stopped.

    The mover's longitude is foretold with the Earth's pull; where it will stop, nobody knows but its operator, so all that it
    would come to are told, nearest in time first. Kept objects stay where they are; those that drift are foretold likewise.
    What nobody steers is no aim: librators, the graveyard, what was only ever seen drifting. Told all the same is one that a
    burn has taken to the place and the drift of such an object: it flies along with it.

    Parameters
    ----------
    phases : DataFrame
        As from `belt_phases` at ``as_of``.
    history : DataFrame
        Element sets; nothing later than ``as_of`` is seen.
    norad_ids : collection of int
        The movers.
    names : mapping of norad_id to name

    Returns
    -------
    DataFrame
        `ARRIVAL_DTYPES`: where and ``when`` (one sigma either way) the mover reaches the longitude of the other, or passed
        it; for who stands beside it, since when both do. ``miss_km``: closest approach of the two at that time, by their
        newest elements with the longitudes foretold, and how much it changes within the error of the longitudes. ``apart_deg``:
        other east of the mover at ``as_of``; ``drift_deg_day`` of the mover then, and that of the other less it.
    """
    current = phases[phases["current"]]
    age_days = (as_of - current["phase_end"]).dt.total_seconds() / 86_400
    current = current[age_days <= config.max_age_days]
    movers = current[current["norad_id"].isin(list(norad_ids))]
    others = _others(current, phases)
    drifting_ids = others.norad_id[~others.stands]
    wanted = history[history["norad_id"].isin([*movers["norad_id"], *drifting_ids])]
    moving = motions(*segments(track(wanted, as_of), config), config)
    now = _day(as_of)
    rows = [_of_one(mover, moving, others, now, config) for mover in movers.itertuples(index=False)]
    if not sum(len(row["way"]) for row in rows):
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in ARRIVAL_DTYPES.items()})
    found = {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
    found |= _misses(found, history, phases, as_of, config)
    found["other_name"] = np.array([names.get(int(other), str(other)) for other in found["other_id"]], dtype=object)
    for name in ("when", "when_low", "when_high"):
        found[name] = utc(np.rint(found[name] * US_PER_DAY).astype(np.int64)).to_numpy(dtype=object)
    return pd.DataFrame({name: found[name] for name in ARRIVAL_DTYPES}).astype(ARRIVAL_DTYPES)


def _others(current: pd.DataFrame, phases: pd.DataFrame) -> Others:
    known = current["norad_id"].map(phases.groupby("norad_id")["sets"].sum()) >= _LEAST_SETS
    aims = current[known & (current["mode"] != "transfer")].sort_values(["longitude_deg", "norad_id"])
    stands = (aims["mode"] == "kept").to_numpy()
    return Others(
        aims["norad_id"].to_numpy(np.int64),
        aims["longitude_deg"].to_numpy(np.float64),
        np.nan_to_num(aims["box_deg"].to_numpy(np.float64)),
        epoch_us(aims["phase_start"]),
        stands,
        stands | ((aims["mode"] == "drifting") & aims["burned"]).to_numpy(),
    )


def _of_one(
    mover: NamedTuple, moving: Motion, others: Others, now: float, config: BeltConfig
) -> dict[str, NDArray[np.generic]]:
    """Rows of one mover, columns as arrays; times in days since 1970-01-01."""
    norad_id, began = int(mover.norad_id), _day(mover.phase_start)  # type: ignore[attr-defined]
    own = np.searchsorted(moving.norad_id, norad_id)
    motion = moving[np.array([own])]
    i = int(min(config.past_days, max(0.0, now - began)) / _GRID_DAYS) if mover.mode != "kept" else 0  # type: ignore[attr-defined]
    grid = np.asarray(now + _GRID_DAYS * np.arange(-i, int(config.horizon_days / _GRID_DAYS) + 1), dtype=np.float64)
    path, rate = (values[0] for values in motion.at(grid))
    path = path - path[i] + wrap_deg(path[i])
    if mover.mode == "kept":  # type: ignore[attr-defined]
        place = float(mover.longitude_deg)  # type: ignore[attr-defined]
        path, rate = np.full(len(grid), place), np.zeros(len(grid))
    sigma = motion.sigma_deg(grid, config)[0]
    chosen = _within_reach(others, path, config)
    chosen = chosen[others.norad_id[chosen] != norad_id]
    ids, stands = others.norad_id[chosen], others.stands[chosen]
    theirs = np.repeat(others.longitude_deg[chosen][:, None], len(grid), axis=1)
    their_rate = np.zeros_like(theirs)
    loose = np.searchsorted(moving.norad_id, ids[~stands])
    theirs[~stands], their_rate[~stands] = moving[loose].at(grid)
    error = np.hypot(sigma, np.repeat(0.5 * others.half_width_deg[chosen][:, None], len(grid), axis=1))
    error[~stands] = np.hypot(sigma, moving[loose].sigma_deg(grid, config))

    start = wrap_deg(theirs[:, i] - path[i])
    apart = start[:, None] + (theirs - theirs[:, i : i + 1]) - (path - path[i])
    relative = their_rate[:, i] - rate[i]
    met, when = _crossing(apart, grid)
    steered = others.steered[chosen]
    flies_along = mover.mode in ("drifting", "graveyard") and bool(mover.burned)  # type: ignore[attr-defined]
    beside = (np.abs(start) <= config.beside_deg) & (np.abs(relative) < config.beside_drift_deg_day)
    near = (np.abs(start) <= config.beside_deg) & ~beside & steered
    ahead = met & (when >= now) & ~beside & ~near & steered
    behind = met & (when < now) & ~beside & ~near & steered
    beside &= steered | flies_along
    way = np.select([beside, near, ahead, behind], [BESIDE, PASSING, APPROACHING, RECEDING], "")
    # One that is near now is passed when the two are level, or now if they never are.
    when = np.where(near & ~met, now, when)
    when = np.where(beside, np.maximum(began, others.since_us[chosen] / US_PER_DAY), when)
    at = np.clip(np.searchsorted(grid, when), 0, len(grid) - 1)
    every = np.arange(len(ids))
    pace = np.abs(their_rate[every, at] - rate[at])
    give = np.where(beside, 0.0, np.minimum(error[every, at] / np.maximum(pace, 1e-6), config.horizon_days))
    told = np.flatnonzero(way != "")
    rank = np.select([way == BESIDE, way == PASSING, way == APPROACHING], [0, 1, 2], 3)
    order = np.lexsort((ids, np.where(beside, np.abs(start), np.abs(when - now)), rank))
    told = order[np.isin(order, told)][: config.top]
    return {
        "norad_id": np.full(len(told), norad_id),
        "other_id": ids[told],
        "longitude_deg": wrap_deg(theirs[told, at[told]]),
        "when": when[told],
        "when_low": (when - give)[told],
        "when_high": (when + give)[told],
        "way": way[told],
        "apart_deg": start[told],
        "drift_deg_day": np.full(len(told), rate[i]),
        "relative_drift_deg_day": relative[told],
        "error_deg": error[told, at[told]],
    }


def _within_reach(others: Others, path: FloatArray, config: BeltConfig) -> IntArray:
    """Who stands on the mover's way, by the sorted longitudes; and all who drift."""
    margin = config.beside_deg
    low, high = path.min() - margin, path.max() + margin
    turned = np.concatenate([others.longitude_deg + 360.0 * k for k in range(-4, 5)])
    first, last = np.searchsorted(turned, [low, high])
    on_the_way = np.arange(first, last) % max(len(others.norad_id), 1)
    return np.unique(np.concatenate([on_the_way[others.stands[on_the_way]], np.flatnonzero(~others.stands)]))


def _crossing(apart_deg: FloatArray, grid: FloatArray) -> tuple[NDArray[np.bool_], FloatArray]:
    """Whether and when (C,) the difference of longitude (C, M) is first a whole number of turns."""
    turn = np.floor(apart_deg / 360.0)
    crosses = np.diff(turn, axis=1) != 0
    first = np.argmax(crosses, axis=1)
    every = np.arange(len(apart_deg))
    before, after = apart_deg[every, first], apart_deg[every, first + 1]
    level = 360.0 * np.maximum(turn[every, first], turn[every, first + 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num((level - before) / (after - before))
    return crosses.any(axis=1), grid[first] + np.clip(share, 0, 1) * (grid[first + 1] - grid[first])


def _misses(
    found: dict[str, NDArray[np.generic]],
    history: pd.DataFrame,
    phases: pd.DataFrame,
    as_of: pd.Timestamp,
    config: BeltConfig,
) -> dict[str, FloatArray]:
    """Closest approach of each row, and how far the error of the longitudes changes it."""
    elements_of = element_sets_of(history, phases, np.union1d(found["norad_id"], found["other_id"]), as_of)
    own, other = elements_of.of(found["norad_id"]), elements_of.of(found["other_id"])
    beside = found["way"] == BESIDE
    miss, sigma = np.full(len(beside), np.nan), np.full(len(beside), np.nan)
    rows = np.flatnonzero(beside)
    miss[rows], sigma[rows] = miss_beside_km(own[rows], other[rows], _day(as_of), config)
    rows = np.flatnonzero(~beside)
    miss[rows], sigma[rows] = miss_in_passing_km(
        own[rows],
        other[rows],
        found["when"][rows].astype(np.float64),
        found["longitude_deg"][rows].astype(np.float64),
        found["relative_drift_deg_day"][rows].astype(np.float64),
        found["error_deg"][rows].astype(np.float64),
    )
    return {"miss_km": miss, "miss_sigma_km": sigma}


def _day(time: pd.Timestamp) -> float:
    return float((time - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1))
