"""What else than a maneuver might have made a flag, and what in the data speaks against each.

The rules themselves ran with the scoring (docs/decisions/0015); here are the figures that an analyst can check.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from configs.explanation import ExplanationConfig
from orbits.constants import EARTH_RADIUS_KM
from review.evidence import bracket, element_changes
from review.records import FlagRecord
from review.words import decimals_of, duration, number

_LATER_SETS = 6  # over which a change is said to last
_LASTS = 0.5  # share of a step that must be left of it in the later sets
_FEW_SETS = 2
# Columns of the sets, how each change is said, its unit and decimals.
_CHANGES = (
    ("a_km", "the semi-major axis", "km", 3),
    ("inclination_deg", "the inclination", "°", 4),
    ("eccentricity", "the eccentricity", "", 6),
)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another explanation of a flag: why it does not hold, or, where it is not ``refused``, what keeps it possible."""

    explanation: str
    why: str
    refused: bool


def alternatives(
    flag: FlagRecord,
    sets: pd.DataFrame,
    weather: pd.DataFrame,
    launch_date: datetime | None = None,
    config: ExplanationConfig = ExplanationConfig(),
) -> list[Alternative]:
    """Every explanation but the one that the flag has, and the evidence against it.

    Parameters
    ----------
    flag : FlagRecord
    sets : DataFrame
        The object's element sets about the burn, as from `review.evidence.orbits_around`.
    weather : DataFrame
        ``catalog.weather.WEATHER_DTYPES``.
    launch_date : datetime, optional
    config : ExplanationConfig
        By whose limits the rules ran.
    """
    before, after = bracket(sets, flag)
    if before.empty or after.empty:
        return []
    found = [
        _another_object(flag),
        *_bad_set(flag, sets, before, after),
        _cross_tag(flag),
        *_storm(flag, before, after, weather, config),
        _decay(after, config),
        _first_sets(flag, sets, launch_date, config),
        _loss(flag, sets, config),
    ]
    return [one for one in found if one.explanation != flag.explanation]


def _bad_set(flag: FlagRecord, sets: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> Iterator[Alternative]:
    name = "bad element set"
    later = sets[sets["epoch"] > flag.epoch_after].head(_LATER_SETS)
    if later.empty:
        yield Alternative(name, "one set only shows the change so far: the next one will tell", False)
        return
    first = element_changes(before, after)
    rest = [element_changes(before, later.iloc[[place]]) for place in range(len(later))]
    sizes = {
        column: abs(first[column]) / _scatter(sets[sets["epoch"] <= flag.epoch_before], column)
        for column, *_ in _CHANGES
    }
    column = max(sizes, key=lambda one: sizes[one])
    _, what, unit, decimals = next(one for one in _CHANGES if one[0] == column)
    lasting = float(pd.Series([one[column] for one in rest]).median())
    holds = lasting * first[column] > 0 and abs(lasting) >= _LASTS * abs(first[column])
    space = "" if unit in ("", "°") else " "
    said = (
        f"{what} changed by {number(first[column], decimals, sign=True)}{space}{unit} with the first set after the burn, and "
        f"{number(lasting, decimals, sign=True)}{space}{unit} of it are left over the next "
        f"{len(later)}, until {later['epoch'].iloc[-1]:%Y-%m-%d}"
    )
    yield Alternative(name, said if holds else f"{said}: it did not last, or further burns followed", holds)


def _another_object(flag: FlagRecord) -> Alternative:
    size = "no change" if flag.dv_m_s is None else f"a change of {number(flag.dv_m_s, decimals_of(flag.dv_m_s))} m/s"
    why = f"{size} was fitted; a number stands for another object where no satellite's engine gives what lies between its sets"
    return Alternative("another object", why, True)


def _cross_tag(flag: FlagRecord) -> Alternative:
    if "as one with" in flag.explanation_note:
        return Alternative("cross-tag", flag.explanation_note, False)
    why = "among all objects of the store none was found that went on where this one was, nor one whose sets these are"
    return Alternative("cross-tag", why, True)


def _storm(
    flag: FlagRecord, before: pd.DataFrame, after: pd.DataFrame, weather: pd.DataFrame, config: ExplanationConfig
) -> Iterator[Alternative]:
    name = "drag storm"
    height_km = float(before["a_km"].iloc[0]) - EARTH_RADIUS_KM
    if height_km > config.storm_ceiling_km:
        why = f"at {number(height_km, 0)} km there is no air that would move it (looked for below {config.storm_ceiling_km:.0f} km)"
        yield Alternative(name, why, True)
        return
    change_km = element_changes(before, after)["a_km"]
    if change_km > 0:
        yield Alternative(
            name, f"the orbit rose by {number(1e3 * change_km, 0)} m against what SGP4 foresaw; drag lowers it", True
        )
        return
    days = weather["date"].between(flag.epoch_before - timedelta(days=1), flag.epoch_after)
    most = weather.loc[days, "ap_daily"].max() if len(weather) else float("nan")
    if pd.isna(most):
        yield Alternative(
            name, "no space weather is known for these days; neighbors in altitude did not fall as it did", False
        )
        return
    said = f"daily Ap was {number(float(most), 0)} at most in these days"
    if most < config.storm_least_ap:
        yield Alternative(name, f"{said}; under {config.storm_least_ap:.0f} there is no storm", True)
    else:
        why = f"{said}; yet its fall is not that of its neighbors in altitude, or larger than such drag takes"
        yield Alternative(name, why, most < config.storm_ap)


def _decay(after: pd.DataFrame, config: ExplanationConfig) -> Alternative:
    perigee_km = float(after["perigee_km"].iloc[0])
    high = perigee_km >= config.decay_perigee_km
    why = (
        f"its perigee is at {number(perigee_km, 0)} km, and drag rules an orbit below {config.decay_perigee_km:.0f} km"
    )
    return Alternative(
        "decay", why if high else f"{why}; but it does not shrink in the window as it does before and after", high
    )


def _first_sets(
    flag: FlagRecord, sets: pd.DataFrame, launch_date: datetime | None, config: ExplanationConfig
) -> Alternative:
    known = sets[sets["epoch"] <= flag.epoch_before]
    span = known["epoch"].max() - known["epoch"].min()
    why = f"{len(known)} element sets over {duration(span)} came before it"
    settled = len(known) > config.young_sets or span.days > config.young_sets_days
    if launch_date is not None and not pd.isna(launch_date):
        age = flag.epoch_after - launch_date
        why += f"; it was launched {duration(age)} before"
        settled = age.days > config.young_sets_days
    return Alternative("first element sets", why, settled)


def _loss(flag: FlagRecord, sets: pd.DataFrame, config: ExplanationConfig) -> Alternative:
    later = sets[sets["epoch"] >= flag.epoch_after]
    span = later["epoch"].max() - flag.epoch_after
    count = f"{len(later)} element set{'' if len(later) == 1 else 's'}"
    if len(later) > _FEW_SETS:
        return Alternative(
            "break-up or loss", f"{count} followed in {duration(span)}, and no new pieces of its launch", True
        )
    why = f"{count} so far; {config.loss_days:.0f} days of silence would make it a lost object"
    return Alternative("break-up or loss", why, False)


def _scatter(known: pd.DataFrame, column: str) -> float:
    """Usual size of the change from set to set, never nothing."""
    usual = float(known[column].diff().abs().median()) if len(known) > 1 else 0.0
    return max(usual if usual == usual else 0.0, {"a_km": 1e-4, "inclination_deg": 1e-4, "eccentricity": 1e-7}[column])
