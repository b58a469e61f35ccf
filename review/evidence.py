"""What the element sets around a burn say, as the tables and sentences of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from catalog.records import epoch_us, mean_elements
from orbits.constants import EARTH_RADIUS_KM
from orbits.elements import semi_major_axis_km, wrap_deg
from orbits.propagate import drift
from review.records import FlagRecord
from review.words import duration, instant, number

_OUTLIER_SIGMA = 6.0
_SIGMA_PER_MAD = 1.4826  # of a normal distribution

_ELEMENTS = (
    ("Semi-major axis a", "km", "a_km", 4),
    ("Eccentricity e", "", "eccentricity", 7),
    ("Inclination i", "°", "inclination_deg", 4),
    ("Ascending node Ω", "°", "raan_deg", 4),
    ("Pericenter ω", "°", "arg_pericenter_deg", 4),
    ("Mean anomaly M", "°", "mean_anomaly_deg", 4),
    ("Latitude argument ω + M", "°", "arg_latitude_deg", 4),
    ("Longitude, east", "°", "longitude_deg", 3),
    ("Mean motion", "rev/day", "mean_motion_rev_day", 8),
    ("Period", "min", "period_min", 4),
    ("Perigee height", "km", "perigee_km", 2),
    ("Apogee height", "km", "apogee_km", 2),
    ("Drag term B*", "1/Earth radius", "bstar_inv_er", 8),
)


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One line of the table of elements, ready to print."""

    name: str
    unit: str
    before: str
    carried: str
    after: str
    change: str


def orbits_around(history: pd.DataFrame, features: pd.DataFrame | None, flag: FlagRecord) -> pd.DataFrame:
    """The object's element sets by epoch, with ``a_km`` and what else of an orbit is read more easily than its elements.

    ``longitude_deg`` comes from the features where they hold it (geosynchronous objects).
    """
    sets = history[history["norad_id"] == flag.norad_id].sort_values("epoch", ignore_index=True)
    a_km = semi_major_axis_km(sets["mean_motion_rev_day"], sets["eccentricity"], sets["inclination_deg"])
    sets = sets.assign(
        a_km=a_km,
        arg_latitude_deg=(sets["arg_pericenter_deg"] + sets["mean_anomaly_deg"]) % 360.0,
        period_min=1440.0 / sets["mean_motion_rev_day"],
        perigee_km=a_km * (1.0 - sets["eccentricity"]) - EARTH_RADIUS_KM,
        apogee_km=a_km * (1.0 + sets["eccentricity"]) - EARTH_RADIUS_KM,
    )
    if features is not None and "longitude_deg" in features:
        longitudes = features.loc[features["norad_id"] == flag.norad_id, ["epoch", "longitude_deg"]]
        sets = sets.merge(longitudes.drop_duplicates("epoch"), on="epoch", how="left")
        # In one piece: a satellite at the antimeridian does not jump by 360°.
        middle = sets["longitude_deg"].median()
        sets["longitude_deg"] = middle + wrap_deg(sets["longitude_deg"] - middle)
    return sets


def bracket(sets: pd.DataFrame, flag: FlagRecord) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The last set up to ``epoch_before`` and the first from ``epoch_after`` on, each of one row or none."""
    return sets[sets["epoch"] <= flag.epoch_before].tail(1), sets[sets["epoch"] >= flag.epoch_after].head(1)


def element_rows(earlier: pd.DataFrame, later: pd.DataFrame) -> list[ElementRow]:
    """Elements before the burn, the same carried to the later epoch by SGP4 as if there were none, and after it."""
    before, after, carried = _values(earlier), _values(later), _carried(earlier, later)
    rows = []
    for name, unit, column, decimals in _ELEMENTS:
        values = before.get(column, np.nan), after.get(column, np.nan)
        if np.isnan(values).all():
            continue
        change = values[1] - carried.get(column, values[0])
        rows.append(
            ElementRow(
                name=name,
                unit=unit,
                before=number(values[0], decimals),
                carried=number(carried.get(column), decimals),
                after=number(values[1], decimals),
                change=number(float(wrap_deg(change)) if unit == "°" else change, decimals, sign=True),
            )
        )
    return rows


def element_changes(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, float]:
    """Each element of the later set less that of the earlier one carried to it by SGP4; both of one row."""
    carried, after = _carried(earlier, later), _values(later)
    return {name: after[name] - carried[name] for name in carried.keys() & after.keys()}


def _values(row: pd.DataFrame) -> dict[str, float]:
    return {name: float(row[name].iloc[0]) for _, _, name, _ in _ELEMENTS if name in row and len(row)}


def _carried(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[str, float]:
    if earlier.empty or later.empty:
        return {}
    moved = drift(mean_elements(earlier), epoch_us(later["epoch"]))
    carried = {name: float(values[0]) for name, values in moved._asdict().items() if name != "code"}
    return carried | {"arg_latitude_deg": (carried["arg_pericenter_deg"] + carried["mean_anomaly_deg"]) % 360.0}


def near(frame: pd.DataFrame, flag: FlagRecord, each_side: int = 5) -> pd.DataFrame:
    """The rows of ``frame`` (by ``epoch``) nearest the burn, so many on each side."""
    first_after = int((frame["epoch"] < flag.epoch_after).sum())
    return frame.iloc[max(first_after - each_side, 0) : first_after + each_side]


def window(frame: pd.DataFrame, flag: FlagRecord, days_before: float, days_after: float) -> pd.DataFrame:
    """The rows of the object whose ``epoch`` is in the report's span around the burn."""
    start = flag.burn_time - timedelta(days=days_before)
    end = flag.burn_time + timedelta(days=days_after)
    of_object = frame["norad_id"] == flag.norad_id
    return frame[of_object & frame["epoch"].between(start, end)].sort_values("epoch", ignore_index=True)


def data_quality(sets: pd.DataFrame, gaps: pd.DataFrame | None, flag: FlagRecord) -> list[str]:
    """What to know of the data before believing the flag: its own warnings, then gaps, availability and noise."""
    epochs = sets["epoch"]
    later = int((epochs >= flag.epoch_after).sum())
    notes = [*flag.quality, f"{_count(later, 'element set')} after the burn in the data of this report."]
    gaps_s = np.diff(epoch_us(epochs)) / 1e6
    if gaps_s.size > 1:
        usual_s, widest = float(np.median(gaps_s)), int(np.argmax(gaps_s))
        notes.append(
            f"The sets that bracket the burn are {duration(flag.epoch_after - flag.epoch_before)} apart; "
            f"the usual gap is {duration(timedelta(seconds=usual_s))}."
        )
        if gaps_s[widest] > 3 * usual_s:
            notes.append(
                f"The widest gap is {duration(timedelta(seconds=gaps_s[widest]))}, "
                f"up to {instant(epochs.iloc[widest + 1])} UTC."
            )
    imputed = int(sets["available_at_imputed"].sum())
    if imputed:
        notes.append(
            f"When they became available is imputed for {imputed} of {_count(len(sets), 'element set')}, not recorded."
        )
    for column, way in (("residual_t_km", "along-track"), ("residual_n_km", "cross-track")):
        if gaps is not None and column in gaps:
            notes += _noise(gaps, column, way, flag)
    return notes


def _noise(gaps: pd.DataFrame, column: str, way: str, flag: FlagRecord) -> list[str]:
    quiet = gaps.loc[gaps["epoch"] != flag.epoch_after, column].dropna()
    if len(quiet) < 8:
        return []
    distance = (quiet - quiet.median()).abs()
    sigma = _SIGMA_PER_MAD * float(distance.median())
    note = f"Usual {way} residual: σ = {number(sigma, 3)} km (from the median deviation of {len(quiet)} gaps)"
    outliers = int((distance > _OUTLIER_SIGMA * sigma).sum()) if sigma > 0 else 0
    if outliers:
        return [
            f"{note}; {_count(outliers, 'other gap')} beyond {_OUTLIER_SIGMA:.0f} σ, which may be further burns or bad sets."
        ]
    return [f"{note}; no other gap is beyond {_OUTLIER_SIGMA:.0f} σ."]


def _count(number_of: int, noun: str) -> str:
    return f"{number_of or 'No'} {noun}{'' if number_of == 1 else 's'}"


def availability(row: pd.DataFrame) -> tuple[datetime | None, bool]:
    """When the set in this row (or none) became available, and whether that is imputed."""
    if row.empty:
        return None, False
    return row["available_at"].iloc[0], bool(row["available_at_imputed"].iloc[0])
