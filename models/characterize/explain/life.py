"""The beginning and the end of an object's life: first element sets, decay, another drag from then on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from catalog.records import epoch_us
from configs.explanation import ExplanationConfig
from models.characterize.explain.words import BREAK_UP, DECAY, FIRST_SETS, Finding
from models.detect.candidates import row_of
from orbits.constants import EARTH_RADIUS_KM, MU_KM3_S2
from orbits.elements import FloatArray

US_PER_DAY = 86_400e6
_SETS_OF_BIRTH = 10
_REVOLUTIONS_MISSED = 3.0  # counters are rounded and started differently


def add_age(events: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """How old each event's object was, as its element sets tell it.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after.
    history : DataFrame
        Element sets of these objects, sorted by (norad_id, epoch).

    Returns
    -------
    DataFrame
        ``events`` and ``age_days`` since launch by the count of revolutions, NaN where this does not run with time,
        and ``sets_before``, how many element sets there are up to the window.
    """
    owner, set_us = history["norad_id"].to_numpy(np.int64), epoch_us(history["epoch"])
    revolutions = history["rev_at_epoch"].to_numpy(np.float64)
    motion = history["mean_motion_rev_day"].to_numpy(np.float64)
    ids = events["norad_id"].to_numpy(np.int64)
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    ages, counts = np.full(len(events), np.nan), np.zeros(len(events), dtype=np.int64)
    starts, stops = np.searchsorted(owner, ids, "left"), np.searchsorted(owner, ids, "right")
    for event, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        counts[event] = np.searchsorted(set_us[start:stop], begin_us[event], "right")
        first = slice(start, min(start + _SETS_OF_BIRTH, stop, start + max(int(counts[event]), 1) + 1))
        days = set_us[first] / US_PER_DAY
        if len(days) > 1:
            flown = np.sum(0.5 * (motion[first][1:] + motion[first][:-1]) * np.diff(days))
            if abs(revolutions[first][-1] - revolutions[first][0] - flown) > _REVOLUTIONS_MISSED + 0.1 * flown:
                continue
        launch = np.median(days - revolutions[first] / motion[first])
        ages[event] = end_us[event] / US_PER_DAY - launch
    return events.assign(age_days=ages, sets_before=counts)


def first_sets(events: pd.DataFrame, objects: pd.DataFrame, config: ExplanationConfig) -> Finding:
    """Events of new objects, whose orbit determination still settles.

    New is what was launched lately: by its launch date, or by the count of its revolutions where the year of
    the international designator agrees. That a store begins with an object does not make it new. A step that is
    too large for orbit determination stays a maneuver, of a new object.

    Parameters
    ----------
    events : DataFrame
        With burn fit and `add_age`'s columns.
    objects : DataFrame
        ``catalog.objects.OBJECT_DTYPES``.
    """
    finding = Finding(FIRST_SETS, len(events))
    age = _age_days(events, objects)
    count = events["sets_before"].to_numpy(np.int64)
    at_first_set = age - events["observed_days"].to_numpy(np.float64)
    young = (age <= config.young_days) | ((count <= config.young_sets) & (age <= config.young_sets_days))
    young &= (age >= 0) & (at_first_set <= config.born_days)
    along, across = _sizes_m_s(events)
    factor = np.where(count <= 1, config.first_set_factor, 1.0)
    settles = (along <= factor * config.settling_dv_m_s) & (across <= factor * config.settling_cross_m_s)
    for event in np.flatnonzero(young):
        said = (
            f"{age[event]:.0f} days after launch, {count[event]} element set{'' if count[event] == 1 else 's'} before"
        )
        if settles[event]:
            note = f"{said}: a step of {along[event]:.2g} m/s is orbit determination that settles"
            finding.say(int(event), note)
        else:
            finding.say(int(event), f"a new object: {said}", explained=False)
    return finding


def _age_days(events: pd.DataFrame, objects: pd.DataFrame) -> FloatArray:
    known = objects.drop_duplicates("norad_id").set_index("norad_id")
    end = events["epoch_after"]
    launch = pd.Series(known["launch_date"].reindex(events["norad_id"]).array, index=events.index)
    age = (end - launch).dt.total_seconds().to_numpy(np.float64) / 86_400
    designator = pd.Series(known["object_id"].reindex(events["norad_id"]).array, index=events.index)
    year = pd.to_numeric(designator.astype("str").str[:4], errors="coerce")
    by_count = events["age_days"].to_numpy(np.float64)
    born = end.dt.year + (end.dt.day_of_year - by_count) / 365.25
    agrees = year.isna() | ((born >= year - 0.02) & (born <= year + 1.02))
    # A count that was started anew says nothing of the age: the designator's year limits it.
    return np.where(np.isfinite(age), age, np.where(agrees & (by_count >= 0), by_count, np.nan))


def _sizes_m_s(events: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Sizes of the steps along and across the track, (E,) each [m/s], by the change of the elements where Δv was withheld."""
    a_km, delta_a, delta_i = (events[name].to_numpy(np.float64) for name in ("a_km", "delta_a_km", "delta_i_deg"))
    speed_m_s = 1e3 * np.sqrt(MU_KM3_S2 / a_km)
    along, across = (np.abs(events[f"dv_{axis}_m_s"].to_numpy(np.float64)) for axis in "tn")
    along = np.where(np.isfinite(along), along, np.abs(0.5 * speed_m_s * delta_a / a_km))
    across = np.where(np.isfinite(across), across, speed_m_s * np.abs(np.radians(delta_i)))
    return along, across


def decays(events: pd.DataFrame, features: pd.DataFrame, config: ExplanationConfig) -> Finding:
    """Events of objects that fall: a low perigee, and an orbit that shrinks faster and faster of itself.

    A burn that ends an orbit lowers its perigee and leaves the apogee; drag lowers the apogee first.
    """
    finding = Finding(DECAY, len(events))
    rows = row_of(events, features)
    ids = features["norad_id"].to_numpy(np.int64)
    a_km, eccentricity = (features[name].to_numpy(np.float64) for name in ("a_km", "eccentricity"))
    days = features["gap_days"].to_numpy(np.float64)
    for event in np.flatnonzero(rows >= 2):
        row = int(rows[event])
        if ids[row - 2] != ids[row]:
            continue
        low, high = (a_km * (1 + sign * eccentricity) - EARTH_RADIUS_KM for sign in (-1, 1))
        rate, earlier = ((a_km[k] - a_km[k - 1]) / days[k] for k in (row, row - 1))
        if not (low[row] < config.decay_perigee_km and rate < earlier < 0):
            continue
        if low[row - 1] - low[row] > max(high[row - 1] - high[row], 1.0):
            continue
        finding.say(
            int(event),
            f"perigee at {low[row]:.0f} km, and the orbit shrinks by {-rate:.2g} km a day, {-earlier:.2g} before: it falls",
        )
    return finding


def changed_drag(events: pd.DataFrame, features: pd.DataFrame, config: ExplanationConfig) -> Finding:
    """Events that lower an orbit whose B* is larger from then on: attitude or parts were lost, or an engine runs without a pause.

    The element sets do not tell the two apart, so this is noted and explains nothing.
    """
    finding = Finding(BREAK_UP, len(events))
    rows = row_of(events, features)
    ids, count = features["norad_id"].to_numpy(np.int64), config.bstar_sets
    bstar, step_m = (features[name].to_numpy(np.float64) for name in ("bstar_inv_er", "step_a_m"))
    leo = features["regime"].eq("leo").to_numpy()
    for event in np.flatnonzero((rows >= count) & (rows + count < len(ids))):
        row = int(rows[event])
        before, after = bstar[row - count : row], bstar[row + 1 : row + 1 + count]
        if ids[row - count] != ids[row + count] or not leo[row] or np.median(before) <= 0:
            continue
        if step_m[row] < 0 and after.min() > before.max() and np.median(after) >= config.bstar_jump * np.median(before):
            finding.say(
                int(event),
                f"B* goes from {np.median(before):.2g} to {np.median(after):.2g} per Earth radius for {count} sets or more: "
                "attitude or parts were lost, or continuous thrust",
                explained=False,
            )
    return finding
