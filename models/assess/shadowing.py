"""Objects that stay in another's plane and altitude for weeks, and do as it does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binom

from catalog.records import mean_elements, time_us
from configs.judgement import ProximityConfig
from configs.shadowing import ShadowingConfig
from models.assess.approach import oldest_days
from models.assess.fleet import fleet_mates, launches
from models.assess.orbit_index import DAYS_PER_YEAR, OrbitIndex, Pairing, orbits_at, pairing
from models.assess.ways import BESIDE
from models.characterize.noise import MAD_TO_SIGMA
from orbits.elements import FloatArray, IntArray, regime, semi_major_axis_km
from orbits.propagate import drift

SHADOWING_DTYPES: dict[str, str] = {
    "norad_id": "int64",
    "other_id": "int64",
    "other_name": "str",
    "own_fleet": "bool",
    "launched_together": "bool",
    "since": "datetime64[us, UTC]",
    "plane_angle_low_deg": "float64",
    "plane_angle_high_deg": "float64",
    "delta_a_low_km": "float64",
    "delta_a_high_km": "float64",
    "phase_range_deg": "float64",
    "changes": "int64",  # of the other's semi-major axis meanwhile
    "followed": "int64",  # of them, by the shadow
    "chance": "float64",  # of as many follows, from the shadow's own rate of changes
    "evidence": "object",  # list of sentences
}

_US_PER_DAY = 86_400e6
_KNOWN_SHARE = 0.8  # of the looks within the time


class _Steps(NamedTuple):
    """Changes of an object's semi-major axis: when [days since 1970] and how large [km]."""

    when_days: FloatArray
    delta_a_km: FloatArray


def shadowing(
    history: pd.DataFrame,
    norad_ids: Collection[int],
    as_of: pd.Timestamp,
    names: Mapping[int, str],
    config: ShadowingConfig = ShadowingConfig(),
    *,
    designators: Mapping[int, str] | None = None,
    proximity: ProximityConfig = ProximityConfig(),
) -> pd.DataFrame:
    """Whom some objects shadow: share plane and altitude with for weeks, and follow.

    Many objects share a plane by chance, above all in sun-synchronous orbits. So a pair is told of only on evidence
    that one cares for the other: it turned into the other's plane by a burn; it keeps its phase; or it
    follows changes of the other's height, more often than its own rate of burns would make it.

    Parameters
    ----------
    history : DataFrame
        Element sets of all objects (users' ones among them), available at ``as_of``, of the last ``config.days`` at least;
        sorted by (norad_id, epoch).
    norad_ids : collection of int
        Objects to look at: those that maneuver unexpectedly, or are on a watch-list. Of those in the geosynchronous belt,
        where all keep their phase to all, nothing is said.
    as_of : Timestamp
        Now; sets of later epochs or availability are not looked at.
    names : mapping of norad_id to name
    designators : mapping of norad_id to international designator, optional

    Returns
    -------
    DataFrame
        ``SHADOWING_DTYPES`` by shadow: its own fleet and launch last, then by the number of sentences of evidence.
    """
    known = history[(history["available_at"] <= as_of) & (history["epoch"] <= as_of)].reset_index(drop=True)
    now_us = time_us(as_of)
    current = orbits_at(known.iloc[_latest(known, now_us, config)], now_us)
    belt = regime(current.elements.mean_motion_rev_day, current.elements.eccentricity) == "geo"
    sought = np.isin(current.norad_id, np.array(sorted(norad_ids), dtype=np.int64))
    movers = current.at(np.flatnonzero(sought & ~belt))
    first, second = OrbitIndex(current, config.plane_deg, config.band_km).near(movers)
    apart = movers.norad_id[first] != current.norad_id[second]
    first, second = first[apart], second[apart]
    if not len(first):
        return _frame([])
    mates = fleet_mates(
        movers,
        first,
        current,
        second,
        names,
        least=1,  # two of a series in formation are no news either
        band_km=proximity.fleet_band_km,
        tilt_deg=proximity.fleet_tilt_deg,
    )
    ids, others = movers.norad_id[first], current.norad_id[second]
    launch = [launches(one, designators or {}) for one in (ids, others)]
    together = (launch[0] == launch[1]) & (launch[0] != "")
    some = known[known["norad_id"].isin(np.concatenate([ids, others]))].reset_index(drop=True)
    times_us = now_us - (np.arange(int(config.days / config.step_days) + 1) * config.step_days * _US_PER_DAY).astype(
        np.int64
    )
    looks = [_look(some, ids, others, int(time_us), config) for time_us in times_us]
    series = Pairing(*(np.stack(field) for field in zip(*looks, strict=True)))  # (looks, pairs), now first
    steps: dict[int, _Steps] = {}
    rows = []
    for place in range(len(ids)):
        pair = Pairing(*(field[:, place] for field in series))
        row = _judged(
            pair, int(ids[place]), int(others[place]), times_us, some, steps, current.a_km[second[place]], config
        )
        if row is not None:
            name = names.get(int(others[place]), str(others[place]))
            kin = {"own_fleet": bool(mates[place]), "launched_together": bool(together[place])}
            rows.append(row | {"other_name": name} | kin)
    return _frame(rows)


def as_company(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of `shadowing` in the columns of `approach.company` that findings are made of; evidence as one text, kin left out."""
    told = rows[~rows["own_fleet"] & ~rows["launched_together"]].reset_index(drop=True)
    texts = [
        f"since {since:%Y-%m-%d}: {'; '.join(evidence)}"
        for since, evidence in zip(told["since"], told["evidence"], strict=True)
    ]
    kept = told[["norad_id", "other_id", "other_name", "own_fleet", "launched_together", "chance"]]
    return kept.assign(
        way=pd.Series(BESIDE, index=told.index, dtype="str"),
        by_the_burn=pd.Series(True, index=told.index, dtype="bool"),
        plane_angle_deg=told["plane_angle_high_deg"],
        evidence=pd.Series(texts, index=told.index, dtype="str"),
    )


def _judged(
    pair: Pairing,
    norad_id: int,
    other_id: int,
    times_us: IntArray,
    sets: pd.DataFrame,
    steps: dict[int, _Steps],
    a_km: float,
    config: ShadowingConfig,
) -> dict[str, object] | None:
    """A row for one pair, if it is one of shadowing."""
    seen = np.isfinite(pair.plane_angle_deg)
    near = (pair.plane_angle_deg <= config.plane_deg) & (pair.radii_gap_km <= config.band_km)
    breaks = np.flatnonzero(seen & ~near)
    run = int(breaks[0]) if len(breaks) else len(times_us)  # looks since they came together
    within = np.flatnonzero(seen[:run])
    if not len(within):
        return None
    last = int(within[-1])
    since_us = int(times_us[last])
    if times_us[0] - since_us < config.least_days * _US_PER_DAY or len(within) < _KNOWN_SHARE * (last + 1):
        return None
    phase = np.degrees(np.unwrap(np.radians(pair.phase_deg[within])))
    phase_range = float(np.ptp(phase))
    if np.abs(pair.phase_deg[within]).max() <= np.degrees(config.docked_km / a_km):
        return None
    for one in (norad_id, other_id):
        if one not in steps:
            bounds = np.searchsorted(sets["norad_id"].to_numpy(np.int64), [one, one + 1])
            steps[one] = _steps_of(sets.iloc[slice(*bounds)], config)
    changes, followed, chance = _follows(steps[norad_id], steps[other_id], since_us, int(times_us[0]), config)
    angles = pair.plane_angle_deg[within]
    evidence = []
    if len(breaks) and run < len(times_us):
        left = pair.plane_angle_deg[run]
        turned = np.abs(pair.node_rate_difference_deg_year[run]) / DAYS_PER_YEAR * (times_us[last] - times_us[run])
        if left - angles[-1] - turned / _US_PER_DAY >= config.entry_deg:
            evidence.append(f"turned into its plane ({left:.2f} to {angles[-1]:.2f} deg) by a burn")
    burned = len(steps[norad_id].when_days) > 0
    ahead = float(np.median(pair.phase_deg[within]))
    if phase_range <= config.phase_deg and abs(ahead) <= config.beside_deg and burned:
        evidence.append(
            f"keeps its phase within {phase_range:.1f} deg, {abs(ahead):.1f} deg {'behind' if ahead > 0 else 'ahead'}"
        )
    if followed and chance <= config.chance:
        evidence.append(f"followed {followed} of its {changes} changes of height within {config.follow_days:.0f} days")
    if not evidence:
        return None
    return {
        "norad_id": norad_id,
        "other_id": other_id,
        "since": pd.Timestamp(since_us, unit="us", tz="UTC"),
        "plane_angle_low_deg": float(angles.min()),
        "plane_angle_high_deg": float(angles.max()),
        "delta_a_low_km": float(pair.delta_a_km[within].min()),
        "delta_a_high_km": float(pair.delta_a_km[within].max()),
        "phase_range_deg": phase_range,
        "changes": changes,
        "followed": followed,
        "chance": chance,
        "evidence": evidence,
    }


def _follows(
    shadow: _Steps, other: _Steps, since_us: int, now_us: int, config: ShadowingConfig
) -> tuple[int, int, float]:
    """Changes of the other that had time to be followed, those that were, and how likely so many are by chance.

    A change is followed by one of like size and the same direction. By chance each is so with 1 - exp(-rate · time), of the
    shadow's rate of such changes over the whole time looked at: a binomial tail.
    """
    since, until = since_us / _US_PER_DAY, now_us / _US_PER_DAY
    counted = (other.when_days >= since) & (other.when_days <= until - config.follow_days)
    followed, likely = 0, []
    for when, size in zip(other.when_days[counted], other.delta_a_km[counted], strict=True):
        ratio = shadow.delta_a_km / size
        alike = (ratio >= config.like_share) & (ratio <= 1 / config.like_share)
        delay = shadow.when_days - when
        followed += bool((alike & (delay > 0) & (delay <= config.follow_days)).any())
        # One of them is the follow in question.
        rate = max(int(alike.sum()) - 1, 0) / config.days
        likely.append(1.0 - np.exp(-max(rate, 1.0 / config.days) * config.follow_days))
    if not likely:
        return 0, 0, 1.0
    return len(likely), followed, float(binom.sf(followed - 1, len(likely), np.mean(likely)))


def _steps_of(sets: pd.DataFrame, config: ShadowingConfig) -> _Steps:
    """Changes of the semi-major axis between successive sets beyond SGP4's own, those of one day together."""
    if len(sets) < 2:
        return _Steps(np.empty(0), np.empty(0))
    elements = mean_elements(sets)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    step = a_km[1:] - drift(elements[:-1], elements.epoch_us[1:]).a_km
    sigma = MAD_TO_SIGMA * np.nanmedian(np.abs(step - np.nanmedian(step))) if np.isfinite(step).any() else np.nan
    large = np.flatnonzero(np.abs(step) > max(config.change_km, config.change_sigma * sigma))
    when = elements.epoch_us[1:][large] / _US_PER_DAY
    group = np.cumsum(np.diff(when, prepend=-np.inf) > 1.0) - 1
    if not len(group):
        return _Steps(np.empty(0), np.empty(0))
    total = np.asarray(np.bincount(group, weights=step[large]), dtype=np.float64)
    begin = when[np.unique(group, return_index=True)[1]]
    kept = np.abs(total) > config.change_km
    return _Steps(begin[kept], total[kept])


def _look(sets: pd.DataFrame, ids: IntArray, others: IntArray, time_us: int, config: ShadowingConfig) -> Pairing:
    """The pairs (N,) at one time; NaN where a set is missing or too old."""
    then = orbits_at(sets.iloc[_latest(sets, time_us, config)], time_us)
    if not len(then.norad_id):
        return Pairing(*(np.full(len(ids), np.nan) for _ in Pairing._fields))
    rows = [np.minimum(np.searchsorted(then.norad_id, wanted), len(then.norad_id) - 1) for wanted in (ids, others)]
    known = (then.norad_id[rows[0]] == ids) & (then.norad_id[rows[1]] == others)
    return Pairing(*(np.where(known, field, np.nan) for field in pairing(then.at(rows[0]), then.at(rows[1]))))


def _latest(sets: pd.DataFrame, time_us: int, config: ShadowingConfig) -> IntArray:
    """Rows of each object's newest set at a time, of sets sorted by (norad_id, epoch)."""
    age_days = (time_us - sets["epoch"].dt.as_unit("us").astype("int64").to_numpy()) / _US_PER_DAY
    rows = np.flatnonzero((age_days >= 0) & (age_days <= oldest_days(sets, config)))
    return rows[np.flatnonzero(np.diff(sets["norad_id"].to_numpy(np.int64)[rows], append=-1))]


def _frame(rows: list[dict[str, object]]) -> pd.DataFrame:
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in SHADOWING_DTYPES.items()})
    frame = pd.DataFrame(rows)[list(SHADOWING_DTYPES)].astype(SHADOWING_DTYPES)
    count = -frame["evidence"].map(len)
    kin = frame["own_fleet"] | frame["launched_together"]
    order = np.lexsort((frame["other_id"], frame["chance"], count, kin, frame["norad_id"]))
    return frame.iloc[order].reset_index(drop=True)
