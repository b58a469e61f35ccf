"""The beginning and the end of an object's life: first element sets, decay, another drag from then on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from catalog.records import epoch_us, mean_elements
from configs.explanation import ExplanationConfig
from models.characterize.explain.words import BREAK_UP, DECAY, FIRST_SETS, Finding
from models.detect.candidates import row_of
from orbits.constants import EARTH_RADIUS_KM, MU_KM3_S2
from orbits.elements import FloatArray, semi_major_axis_km

US_PER_DAY = 86_400e6
_SETS_OF_BIRTH = 10
_REVOLUTIONS_MISSED = 3.0  # counters are rounded and started differently
_SIDE_DAYS, _LEAST_SIDE_DAYS, _MOST_SIDE_DAYS = 1.0, 0.2, 15.0  # over which the rate of a fall is told
_LEAST_FALL_KM_DAY = 0.2  # under it drag does not rule an orbit
_SCALE_HEIGHT_KM = 30.0  # of the density at 150 to 300 km: 22 to 45 km (Picone et al. 2002, NRLMSISE-00)
_MOST_SCALES = 10.0
_DRAG_FACTOR = 2.0  # by which attitude and weather change drag from one day to the next
_THRUST_FACTOR = 3.0  # a fall that gets so many times faster, in like air, may be an engine's doing
_HEIGHT_SLACK_KM = 3.0  # how far the heights of a near-circular orbit swing in some days by odd zonal harmonics
_DECAY_TURN_DEG = 0.05  # the air, which turns with the Earth, turns no plane by more in some days


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


def decays(events: pd.DataFrame, history: pd.DataFrame, config: ExplanationConfig) -> Finding:
    """Events of objects that fall: over the window the orbit shrinks as it does before and after.

    What the orbit before would have come to includes its decay. With a low perigee no set foretells that for a
    day, so it is told from the track: how fast the semi-major axis falls in the days before and after, each for the
    air at the height of the window. An orbit that falls in the window at such a rate was neither raised nor lowered in
    it. A burn that ends an orbit shrinks it faster than either side does, or lowers the perigee and leaves the
    apogee, where drag lowers the apogee at least as much. Where the fall is suddenly many times faster, an engine may have
    begun to lower the orbit.

    Parameters
    ----------
    events : DataFrame
        norad_id, epoch_before, epoch_after, delta_a_km, delta_i_deg.
    history : DataFrame
        Element sets of these objects, sorted by (norad_id, epoch).
    """
    finding = Finding(DECAY, len(events))
    owner, set_us = history["norad_id"].to_numpy(np.int64), epoch_us(history["epoch"])
    objects = events["norad_id"].to_numpy(np.int64)
    begin_us, end_us = epoch_us(events["epoch_before"]), epoch_us(events["epoch_after"])
    turn_deg, rise_km = (np.nan_to_num(events[name].to_numpy(np.float64)) for name in ("delta_i_deg", "delta_a_km"))
    starts, stops = np.searchsorted(owner, objects, "left"), np.searchsorted(owner, objects, "right")
    for event, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        first = start + int(np.searchsorted(set_us[start:stop], begin_us[event], "right")) - 1
        last = start + int(np.searchsorted(set_us[start:stop], end_us[event], "left"))
        if not start <= first < last < stop or abs(turn_deg[event]) > _DECAY_TURN_DEG:
            continue
        low_km = _perigee_km(history.iloc[[first, last]])
        if low_km.max() > config.decay_perigee_km:
            continue
        track = _track(history.iloc[start:stop], first - start, last - start)
        if track.falls(raised=rise_km[event] > 0):
            finding.say(event, f"perigee at {low_km[1]:.0f} km, and the orbit shrinks {track.text()}: it falls")
    return finding


class _Track(NamedTuple):
    """How fast the semi-major axis of an object grows before, in and after a window [km/day]; NaN where not known."""

    before: float
    within: float
    after: float
    perigee_km: float  # change of the heights over the window
    apogee_km: float
    expected: tuple[float, float]  # the rates before and after, for the air in the window

    def falls(self, *, raised: bool) -> bool:
        """Whether the window is part of the fall."""
        before, after = self.expected
        if not self.within < -_LEAST_FALL_KM_DAY:
            return False
        if not (_like(self.within, before, before) or (math.isnan(before) and _like(self.within, after, after))):
            sudden = after < _THRUST_FACTOR * before and not raised
            if sudden or not _like(self.within, before, after):
                return False
        return raised or self.perigee_km >= 2 * self.apogee_km - _HEIGHT_SLACK_KM

    def text(self) -> str:
        sides = {"before": self.before, "after": self.after}
        said = ", ".join(f"{-rate:.2g} {side}" for side, rate in sides.items() if math.isfinite(rate))
        return f"by {-self.within:.2g} km a day, {said}"


def _like(rate: float, one: float, other: float) -> bool:
    """Whether a rate of fall is between two, or out by no more than drag changes from day to day; False where one is not known."""
    slow, fast = max(one, other), min(one, other)
    return slow < 0 and _DRAG_FACTOR * fast <= rate <= slow / _DRAG_FACTOR


def _track(own: pd.DataFrame, first: int, last: int) -> _Track:
    """The track of one object about a window from its set ``first`` to its set ``last``."""
    elements = mean_elements(own)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    low_km, days = a_km * (1 - elements.eccentricity) - EARTH_RADIUS_KM, elements.epoch_us / US_PER_DAY
    earlier = int(np.searchsorted(days, days[first] - _SIDE_DAYS, "right")) - 1
    later = int(np.searchsorted(days, days[last] + _SIDE_DAYS, "left"))
    spans = ((max(earlier, 0), first), (first, last), (last, min(later, len(days) - 1)))

    def rate(start: int, stop: int) -> float:
        far = days[stop] - days[start]
        return float((a_km[stop] - a_km[start]) / far) if _LEAST_SIDE_DAYS <= far <= _MOST_SIDE_DAYS else math.nan

    before, after = rate(*spans[0]), rate(*spans[2])
    height = np.array([0.5 * (low_km[start] + low_km[stop]) for start, stop in spans])
    denser = np.exp(np.clip((height[[0, 2]] - height[1]) / _SCALE_HEIGHT_KM, -_MOST_SCALES, _MOST_SCALES))
    within = float((a_km[last] - a_km[first]) / (days[last] - days[first]))
    perigee_km = float(low_km[last] - low_km[first])
    apogee_km = float(2 * (a_km[last] - a_km[first])) - perigee_km
    return _Track(before, within, after, perigee_km, apogee_km, (before * float(denser[0]), after * float(denser[1])))


def _perigee_km(history: pd.DataFrame) -> FloatArray:
    elements = mean_elements(history)
    a_km = semi_major_axis_km(elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg)
    return np.asarray(a_km * (1 - elements.eccentricity) - EARTH_RADIUS_KM)


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
