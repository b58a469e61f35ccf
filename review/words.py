"""Figures and times as a person reads them. What is unknown is an en dash."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pandas as pd

from review.records import FlagRecord

UNKNOWN = "–"
MINUS = "\u2212"
REGIMES = {
    "leo": "low Earth orbit",
    "meo": "medium Earth orbit",
    "geo": "geosynchronous orbit",
    "heo": "highly elliptical orbit",
}
_DEEDS = {
    "orbit raise": "raised its orbit",
    "orbit lowering": "lowered its orbit",
    "drag make-up": "made up for drag",
    "east-west station-keeping": "kept its station east-west",
    "north-south station-keeping": "kept its station north-south",
    "relocation": "began or ended a relocation",
    "plane change": "turned the plane of its orbit",
    "eccentricity control": "corrected the shape of its orbit",
}


_REFUSALS = {
    "another object": "its catalog number stands for another object from then on",
    "bad element set": "its element sets were bad",
    "cross-tag": "its element sets were exchanged with another object's",
    "drag storm": "a geomagnetic storm raised its drag",
    "decay": "it falls of itself",
    "first element sets": "it is new, and its orbit determination still settles",
    "break-up or loss": "it broke up or was lost",
}
EXPLANATIONS = tuple(_REFUSALS)


def number(value: float | None, decimals: int, *, sign: bool = False) -> str:
    """``value`` with so many decimals and a real minus."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = f"{value:+.{decimals}f}" if sign else f"{value:.{decimals}f}"
    return text.replace("-", MINUS)


def decimals_for(sigma: float | None, most: int = 5) -> int:
    """Decimals that show two digits of ``sigma``, between 1 and ``most``; 3 where it is unknown."""
    if sigma is None or not math.isfinite(sigma) or sigma <= 0:
        return 3
    return min(max(1 - math.floor(math.log10(sigma)), 1), most)


def decimals_of(value: float | None, digits: int = 3, most: int = 3) -> int:
    """Decimals that show so many digits of a value whose error is not known, at most ``most``."""
    if value is None or not math.isfinite(value) or value == 0:
        return 1
    return min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), most)


def with_sigma(value: float | None, sigma: float | None, unit: str, *, sign: bool = False) -> str:
    """``value ± sigma unit`` with the decimals that sigma allows."""
    decimals = decimals_for(sigma)
    if sigma is None or not math.isfinite(sigma):
        return f"{number(value, decimals, sign=sign)}\u00a0{unit}"
    return f"{number(value, decimals, sign=sign)}\u00a0±\u00a0{number(sigma, decimals)}\u00a0{unit}"


def instant(time: datetime | None) -> str:
    """A time to the second, for tables."""
    return UNKNOWN if pd.isna(time) else time.strftime("%Y-%m-%d %H:%M:%S")


def moment(time: datetime) -> str:
    """A time to the minute, for sentences."""
    return f"{time.day} {time.strftime('%B %Y at %H:%M')} UTC"


def interval(low: datetime, high: datetime) -> str:
    """The ends of an interval to the minute, with their days only where these differ."""
    form = "%H:%M" if low.date() == high.date() else "%m-%d %H:%M"
    return f"{low.strftime(form)} to {high.strftime(form)}"


def duration(span: timedelta) -> str:
    """A span in the unit that fits it."""
    seconds = abs(span.total_seconds())
    for limit, size, unit, decimals in ((90, 1, "s", 0), (5400, 60, "min", 0), (172_800, 3600, "h", 1)):
        if seconds < limit:
            return f"{seconds / size:.{decimals}f} {unit}"
    return f"{seconds / 86400:.1f} days"


def ordinal(rank: int) -> str:
    """1st, 2nd, 3rd, 4th…"""
    suffix = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{suffix}"


def direction(flag: FlagRecord) -> str:
    """Which way most of the change of velocity points, or nothing where it is unknown."""
    parts = {
        ("radially outward", "radially inward"): flag.dv_r_m_s,
        ("along-track, forward", "along-track, against the motion"): flag.dv_t_m_s,
        ("cross-track, towards the orbit normal", "cross-track, away from the orbit normal"): flag.dv_n_m_s,
    }
    known = {names: value for names, value in parts.items() if value is not None}
    if not known:
        return ""
    (positive, negative), largest = max(known.items(), key=lambda item: abs(item[1]))
    return positive if largest > 0 else negative


def headline(flag: FlagRecord) -> str:
    """What happened, in one sentence."""
    half = max(flag.burn_time_high - flag.burn_time, flag.burn_time - flag.burn_time_low)
    who = flag.name or f"Object {flag.norad_id}"
    if flag.explanation in _REFUSALS:
        return (
            f"A step in the orbit of {flag.name or f'object {flag.norad_id}'} about {moment(flag.burn_time)} is taken for no "
            f"maneuver: {_REFUSALS[flag.explanation]}."
        )
    what = _DEEDS.get(flag.kind, "changed its orbit")
    sentence = f"{who} {what} on {moment(flag.burn_time)}, give or take {duration(half)}"
    if flag.dv_m_s is None:
        return f"{sentence}; how large it was could not be fitted."
    way = direction(flag)
    size = with_sigma(flag.dv_m_s, flag.dv_sigma_m_s, "m/s")
    return f"{sentence}: {size}{f', mostly {way}' if way else ''}."


def misfit(chi2_ratio: float | None) -> str:
    """How many times the misfit with a burn the one without it is (χ²)."""
    ratio = number(chi2_ratio, decimals_of(chi2_ratio))
    return UNKNOWN if ratio == UNKNOWN else f"{ratio} times that with it (χ²)"


def percent(probability: float) -> str:
    """A probability in percent; never a rounded 0 or 100."""
    if 0.999 < probability < 1.0:
        return "> 99.9 %"
    if 0.0 < probability < 0.001:
        return "< 0.1 %"
    return f"{100 * probability:.1f} %"
