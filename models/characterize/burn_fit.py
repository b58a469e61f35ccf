"""When, how large and which way: one impulsive burn fitted to the element sets on both sides."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.records import epoch_us, mean_elements
from configs.judgement import BurnFitConfig
from models.characterize.impulse import NO_TIME, SUSTAINED, WITHHELD, solve_burns
from models.characterize.noise import US_PER_DAY, estimate_noise
from models.characterize.sides import Sides, combine_sides
from models.characterize.thrust import SECONDS_PER_DAY, Arcs, arc_of, raise_km, sustained_thrust
from models.errors import ModelError
from orbits.elements import IntArray, MeanElements

COLUMNS = (
    "burn_time",
    "burn_time_low",
    "burn_time_high",
    "dv_r_m_s",
    "dv_t_m_s",
    "dv_n_m_s",
    "dv_r_sigma_m_s",
    "dv_t_sigma_m_s",
    "dv_n_sigma_m_s",
    "dv_m_s",
    "dv_sigma_m_s",
    "chi2_ratio",
    "thrust",
    "thrust_start",
    "thrust_end",
    "thrust_dv_m_s",
    "thrust_acceleration_m_s2",
    "fit_status",
    "fit_note",
    "delta_a_km",
    "delta_i_deg",
    "delta_e",
    "a_km",
    "inclination_deg",
    "arg_latitude_deg",
    "longitude_deg",
    "observed_days",
)
TIMES = ("burn_time", "burn_time_low", "burn_time_high", "thrust_start", "thrust_end")
TEXTS = ("thrust", "fit_status", "fit_note")


class MissingHistoryError(ModelError):
    """Events of objects of which the history holds no element set."""

    def __init__(self, norad_ids: list[int]) -> None:
        self.norad_ids = norad_ids
        shown = ", ".join(str(i) for i in norad_ids[:5])
        super().__init__(f"no element sets of {len(norad_ids)} objects with events ({shown}): pass their history too")


def fit_burns(
    events: pd.DataFrame, history: pd.DataFrame, config: BurnFitConfig = BurnFitConfig(), arcs: Arcs | None = None
) -> pd.DataFrame:
    """Fit one burn to each event: its time, its Δv in RTN and how well both are known.

    Up to ``sets_each_side`` element sets before and after the gap (never across a neighboring
    event) give one orbit a side, each set weighted by the object's own noise and robustly against a
    bad one; the nearest are left out where they are smeared over the burn or the gap is one off
    (`sides`, `adjustment`). For each trial time the step between the two orbits is fitted by Gauss's
    equations for an impulse; the misfit over the trial times, which reach to the nearest sets that are
    believed, gives the time. What tells it most is where the orbit before, carried forward, and the
    orbit after, carried back, cross.

    Parameters
    ----------
    events : DataFrame
        With norad_id, epoch_before, epoch_after (the gap that holds the burn).
    history : DataFrame
        Element sets of these objects (`catalog.records.ELEMENT_SET_DTYPES`), as of the time of the
        judgement, sorted by norad_id and epoch.
    config : BurnFitConfig
    arcs : Arcs, optional
        Sustained thrust of these objects, where it is known already.

    Returns
    -------
    DataFrame
        ``events`` and: burn_time and the central interval of probability ``config.interval``
        (burn_time_low, burn_time_high); dv_r_m_s, dv_t_m_s, dv_n_m_s (radial, along-track,
        cross-track), their 1-sigma errors dv_*_sigma_m_s with the uncertain time's share, dv_m_s and
        dv_sigma_m_s; chi2_ratio (the misfit ratio: χ² without a burn over χ² with it, the latter at least its
        degrees of freedom: how many times better the fit with the burn is); thrust 'impulse', or 'campaign' where no single impulse explains the step, or
        'sustained' where thrust goes on for days (`thrust`), or nothing where it is not known: of a
        campaign and of sustained thrust thrust_start and thrust_end, between which all of it lies,
        thrust_dv_m_s in all and, where sustained, its mean thrust_acceleration_m_s2 (negative where
        the orbit is lowered), and then no Δv of a burn; fit_status 'fitted' or 'withheld' and fit_note (why, or what is weak); the change
        of the mean elements delta_a_km, delta_i_deg, delta_e, which is given where both sides exist
        even if the Δv is withheld (of sustained thrust the gap's share of delta_a_km); a_km and inclination_deg after the burn; its mean arg_latitude_deg,
        where the trial times tell it, though perhaps not which revolution it was; in GEO the mean longitude_deg in the
        gap's middle; observed_days, for how long the object had been in the history.

    Raises
    ------
    MissingHistoryError
        If an event's object has no element set at all.
    ModelError
        If the history is not sorted, or an event's gap ends before it begins.

    Notes
    -----
    Gauss's equations: Battin, An Introduction to the Mathematics and Methods of Astrodynamics,
    rev. ed., ch. 10. Robust weights: Huber, Ann. Math. Statist. 35 (1964) 73.
    """
    events = events.reset_index(drop=True)
    if events.empty:
        return _with_columns(events, _empty_result(0, np.empty(0, np.int64), np.empty(0, np.int64)))
    elements = mean_elements(history)
    windows = _windows(events, history["norad_id"].to_numpy(np.int64), elements.epoch_us, config)
    parts = []
    for begin in range(0, len(events), config.chunk_events):
        chunk = slice(begin, begin + config.chunk_events)
        parts.append(_fit_chunk(elements, _Windows(*(field[chunk] for field in windows)), config))
    result = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    if arcs is None:
        arcs = arcs_in(events, history, config)
    _mark_sustained(result, events, arcs)
    return _with_columns(events, result)


def quick(config: BurnFitConfig = BurnFitConfig()) -> BurnFitConfig:
    """Settings for candidates by the thousand: half the time, much the same ranking by χ² and by Δv over its σ.

    The time is coarse, and neighbors do not cut each other's sets off, since not all of them are burns.
    """
    coarse = {"grid_points_per_orbit": 6, "max_grid_points": 128, "refined_minima": 2, "refined_points": 5}
    fewer = {"noise_gaps": 16, "sets_each_side": 6, "stop_at_neighbors": False}
    return config.model_copy(update=coarse | fewer)


class _Windows(NamedTuple):
    begin_us: IntArray  # (E,) the gap
    end_us: IntArray
    start: IntArray  # (E,) index of the object's first set
    before: IntArray  # (E, m) indices of sets, latest first; -1 where there is none
    after: IntArray  # (E, m) earliest first


def _windows(events: pd.DataFrame, ids: IntArray, epochs: IntArray, config: BurnFitConfig) -> _Windows:
    """Which sets stand on each side of each event."""
    same_object = ids[1:] == ids[:-1]
    if (ids[1:] < ids[:-1]).any() or (same_object & (epochs[1:] < epochs[:-1])).any():
        raise ModelError("the history is not sorted: sort it by norad_id and epoch")
    objects = events["norad_id"].to_numpy(np.int64)
    start, end = np.searchsorted(ids, objects, "left"), np.searchsorted(ids, objects, "right")
    if (start == end).any():
        raise MissingHistoryError(sorted(set(objects[start == end].tolist())))
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    if (end_us < begin_us).any():
        raise ModelError("an event's epoch_after lies before its epoch_before")
    last = (
        np.array([s + np.searchsorted(epochs[s:e], t, "right") for s, e, t in zip(start, end, begin_us, strict=True)])
        - 1
    )
    first = np.array([s + np.searchsorted(epochs[s:e], t, "left") for s, e, t in zip(start, end, end_us, strict=True)])
    m = config.sets_each_side
    before, after = last[:, None] - np.arange(m), first[:, None] + np.arange(m)
    # A neighboring event ends what may be used: its sets follow another orbit.
    order = np.lexsort((begin_us, objects))
    floor_us = np.full(len(events), np.iinfo(np.int64).min)
    ceiling_us = np.full(len(events), np.iinfo(np.int64).max)
    same = objects[order][1:] == objects[order][:-1]
    if config.stop_at_neighbors:
        floor_us[order[1:][same]] = end_us[order[:-1][same]]
        ceiling_us[order[:-1][same]] = begin_us[order[1:][same]]
    span = int(config.max_span_days * US_PER_DAY)
    floor_us = np.maximum(np.minimum(floor_us, begin_us), begin_us - span)
    ceiling_us = np.minimum(np.maximum(ceiling_us, end_us), end_us + span)
    padded = np.append(epochs, 0)
    usable_before = (before >= start[:, None]) & (padded[np.clip(before, 0, len(epochs))] >= floor_us[:, None])
    if config.sets_after is not None:
        ceiling_us = np.minimum(ceiling_us, epochs[np.minimum(first + config.sets_after, end) - 1])
    usable_after = (after < end[:, None]) & (padded[np.clip(after, 0, len(epochs))] <= ceiling_us[:, None])
    return _Windows(begin_us, end_us, start, np.where(usable_before, before, -1), np.where(usable_after, after, -1))


def _fit_chunk(elements: MeanElements, w: _Windows, config: BurnFitConfig) -> dict[str, NDArray[Any]]:
    result = _empty_result(len(w.start), w.begin_us, w.end_us)
    any_before, any_after = (w.before >= 0).any(1), (w.after >= 0).any(1)
    result["fit_note"][~any_before] = "no element set before the gap"
    result["fit_note"][~any_after] = "no element set after the gap"
    index = np.flatnonzero(any_before & any_after)
    result["observed_days"][any_before] = (w.end_us[any_before] - elements.epoch_us[w.start[any_before]]) / US_PER_DAY
    if not len(index):
        return result
    w = _Windows(*(field[index] for field in w))
    noise = estimate_noise(elements, w.start, w.before[:, 0], config)
    sides = combine_sides(elements, w.before, w.after, (w.begin_us + w.end_us) // 2, noise, config)
    good = np.isfinite(sides.step).all(1) & np.isfinite(sides.covariance).all((1, 2))
    result["fit_note"][index[~good]] = "SGP4 fails on the sets beside the gap (decayed or invalid)"
    index = index[good]
    if not len(index):
        return result
    w = _Windows(*(field[good] for field in w))
    sides = Sides(*(field[good] for field in sides))
    for name, values in solve_burns(sides, w.begin_us, w.end_us, config).items():
        result[name][index] = values
    return result


def arcs_in(events: pd.DataFrame, history: pd.DataFrame, config: BurnFitConfig = BurnFitConfig()) -> Arcs:
    """Sustained thrust of the objects of events, in their history."""
    own = history[history["norad_id"].isin(events["norad_id"])]
    return sustained_thrust(own["norad_id"].to_numpy(np.int64), mean_elements(own), config)


def arcs_of(arcs: Arcs, events: pd.DataFrame) -> IntArray:
    """The arc that each event lies in, (N,); -1 where there is none."""
    objects = events["norad_id"].to_numpy(np.int64)
    return arc_of(arcs, objects, epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"]))


def _mark_sustained(result: dict[str, NDArray[Any]], events: pd.DataFrame, arcs: Arcs) -> None:
    """Where thrust goes on for days there is no burn to be fitted: its begin, end and total are given instead."""
    found = arcs_of(arcs, events)
    rows = np.flatnonzero(found >= 0)
    arc = found[rows]
    for name, values in result.items():
        if name.startswith("dv_"):
            values[rows] = np.nan
    for name, times in (("burn_time_low", "epoch_before"), ("burn_time_high", "epoch_after")):
        result[name][rows] = epoch_us(events[times])[rows]
    result["burn_time"][rows] = (result["burn_time_low"][rows] + result["burn_time_high"][rows]) // 2
    result["thrust"][rows], result["fit_status"][rows] = SUSTAINED, WITHHELD
    result["thrust_start"][rows], result["thrust_end"][rows] = arcs.start_us[arc], arcs.end_us[arc]
    result["thrust_dv_m_s"][rows] = np.abs(arcs.dv_m_s[arc])
    result["thrust_acceleration_m_s2"][rows] = arcs.acceleration_m_s2[arc]
    # The sides of a gap within an arc follow no one orbit: what changed in the gap is told by the arc's rate.
    seconds = (result["burn_time_high"][rows] - result["burn_time_low"][rows]) / US_PER_DAY * SECONDS_PER_DAY
    a_km = np.where(np.isfinite(result["delta_a_km"][rows]), result["a_km"][rows], np.nan)
    result["delta_a_km"][rows] = raise_km(a_km, arcs.acceleration_m_s2[arc] * seconds)
    for row, index in zip(rows, arc, strict=True):
        start, end = (
            pd.Timestamp(time, unit="us").strftime("%Y-%m-%d") for time in (arcs.start_us[index], arcs.end_us[index])
        )
        result["fit_note"][row] = (
            f"thrust sustained from {start} to {end}: {abs(arcs.dv_m_s[index]):.3g} m/s in all, "
            f"{abs(arcs.acceleration_m_s2[index]):.1e} m/s2 on average"
        )


def _empty_result(count: int, begin_us: IntArray, end_us: IntArray) -> dict[str, NDArray[Any]]:
    result: dict[str, NDArray[Any]] = {name: np.full(count, np.nan) for name in COLUMNS}
    result["burn_time"] = (begin_us + end_us) // 2
    result["burn_time_low"], result["burn_time_high"] = begin_us.copy(), end_us.copy()
    result["fit_status"] = np.full(count, WITHHELD, dtype=object)
    result["thrust"], result["fit_note"] = (np.full(count, "", dtype=object) for _ in range(2))
    result["thrust_start"], result["thrust_end"] = (np.full(count, NO_TIME) for _ in range(2))
    return result


def _with_columns(events: pd.DataFrame, result: dict[str, NDArray[Any]]) -> pd.DataFrame:
    out = events.copy()
    for name in COLUMNS:
        if name in TIMES:
            out[name] = pd.to_datetime(result[name], unit="us", utc=True).as_unit("us")
        elif name in TEXTS:
            out[name] = pd.Series(result[name], dtype="str")
        else:
            out[name] = result[name]
    return out
