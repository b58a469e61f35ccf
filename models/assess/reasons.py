"""Why a burn is or is not expected, in plain words with the figures."""

from __future__ import annotations

import math
from collections.abc import Callable

SayAngle = Callable[[float], str]

DIRECTION_WORDS = {
    "forward": "forward along-track",
    "backward": "backward along-track",
    "cross-track": "cross-track",
    "radial": "radial",
    "unclear": "burn of unclear direction",
}

NEW_RAISE = "new, raising to its orbit"

_WITH_ARTICLE = {
    "another object": "another object under its number",
    "bad element set": "a bad element set",
    "cross-tag": "a cross-tag",
    "drag storm": "a drag storm",
    "break-up or loss": "a break-up or loss",
}


def size_text(dv_m_s: float) -> str:
    """Δv in the unit that reads best."""
    if dv_m_s >= 0.995:
        return f"{dv_m_s:.2f} m/s"
    return f"{dv_m_s * 100:.1f} cm/s" if dv_m_s >= 0.00995 else f"{dv_m_s * 1000:.1f} mm/s"


def days_text(days: float) -> str:
    """A time span in days, hours where short."""
    if days < 1.5:
        return f"{days * 24:.0f} hours"
    return f"{days:.1f} days" if days < 10 else f"{days:.0f} days"


def size_reason(dv_m_s: float, usual_m_s: float, direction: str, own_weight: float) -> str:
    """How its size compares."""
    ratio = dv_m_s / usual_m_s
    whose = "its usual size" if own_weight >= 1 else "what is usual for its peers"
    times = f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"
    return f"{times} times {whose} {DIRECTION_WORDS[direction]} ({size_text(dv_m_s)}, usually {size_text(usual_m_s)})"


def direction_reason(direction: str, count: float, all_count: float, since_days: float, watched_days: float) -> str:
    """How often it burns this way."""
    words = DIRECTION_WORDS[direction]
    if count < 0.05:
        return f"first {words} burn{_since(since_days, watched_days)}"
    share = f"only {count:.1f} of its {all_count:.1f}" if count < 0.5 * all_count else "most of its"
    return f"{words}, as {share} remembered burns"


def kind_reason(kind: str, since_days: float, watched_days: float) -> str:
    """For what it burns."""
    return f"first {kind}{_since(since_days, watched_days)}"


def _since(since_days: float, watched_days: float) -> str:
    if math.isfinite(since_days):
        return f" in {days_text(since_days)}"
    return f" in {watched_days:.0f} days of watching" if watched_days >= 10 else " that is known of it"


def rhythm_reason(wait_days: float, low_days: float, high_days: float) -> str:
    """Early or overdue."""
    word = "only " if wait_days < low_days else ""
    usual = f"{low_days:.0f}-{high_days:.0f}" if high_days >= 3 else f"{low_days:.1f}-{high_days:.1f}"
    return f"{word}{days_text(wait_days)} after the last one, usually {usual}"


def campaign_reason(wait_days: float) -> str:
    """It goes on where it usually stops."""
    return f"only {days_text(wait_days)} after the last one, where single burns are its habit"


def rarity_reason(count: int, watched_days: float, silent_days: float) -> str:
    """It hardly ever burns."""
    if count == 0:
        return f"first burn in {watched_days:.0f} days of watching"
    burns = f"only {count} burn{'s' if count > 1 else ''}" if count < 20 else f"{count} burns"
    return f"{burns} before in {watched_days:.0f} days of watching, the last {days_text(silent_days)} ago"


def place_reason(angle_deg: float) -> str:
    """Where on the orbit it burns, as it hardly does."""
    return f"burns at {angle_deg % 360:.0f} deg of its orbit, where it hardly does"


def hour_reason(angle_deg: float) -> str:
    """When in the day it burns, as it hardly does."""
    return f"burns at {angle_deg % 360 / 15:.0f} h UTC, when it hardly does"


def drift_reason(before: float, drift: float, longitude_deg: float, usual_change_deg_day: float) -> str:
    """How much the drift of a geosynchronous object changes [deg/day], positive to the east, and where it leads."""
    if abs(drift) <= usual_change_deg_day:
        return f"now drifts {drift_text(drift)}, {drift_text(before)} before"
    return f"now drifts {drift_text(drift)}, usually under {usual_change_deg_day:.2f}{_ahead(longitude_deg, drift)}"


def turn_reason(turn: str, before: float, drift: float, longitude_deg: float) -> str:
    """What a burn does to the drift of a geosynchronous object [deg/day]."""
    if turn == "departure":
        return f"now drifts {drift_text(drift)}, kept its place before{_ahead(longitude_deg, drift)}"
    if turn == "stop":
        at = f" at {longitude_text(longitude_deg)}" if math.isfinite(longitude_deg) else ""
        return f"stops{at}, drifted {drift_text(before)} before"
    if turn == "reversal":
        return f"turns back: now drifts {drift_text(drift)}, {drift_text(before)} before{_ahead(longitude_deg, drift)}"
    return f"now drifts {drift_text(drift)}, {turn} than the {drift_text(before)} before{_ahead(longitude_deg, drift)}"


def drift_text(drift: float) -> str:
    """A drift [deg/day] with its direction."""
    return f"{abs(drift):.2f} deg/day {'east' if drift > 0 else 'west'}"


def _ahead(longitude_deg: float, drift: float) -> str:
    if not math.isfinite(longitude_deg):
        return ""
    return f": from {longitude_text(longitude_deg)} to {longitude_text(longitude_deg + 10 * drift)} within 10 days"


def altitude_reason(a_km: float, other_km: float, orbit: str) -> str:
    """How far it leaves an orbit."""
    return f"{abs(a_km - other_km):.1f} km {'above' if a_km > other_km else 'below'} {orbit}"


def longitude_text(longitude_deg: float) -> str:
    """A longitude as analysts write it: 58.0E, 0.9W."""
    wrapped = (longitude_deg + 180) % 360 - 180
    return f"{abs(wrapped):.1f}{'E' if wrapped >= 0 else 'W'}"


def habit_reason(direction: str, dv_m_s: float, wait_days: float, count: int) -> str:
    """Nothing about it is unusual."""
    if count == 0:
        return f"like its peers' burns: {DIRECTION_WORDS[direction]}, {size_text(dv_m_s)}; no history of its own yet"
    return (
        f"within its habit: {DIRECTION_WORDS[direction]}, {size_text(dv_m_s)}, "
        f"{days_text(wait_days)} after the last of {count} burns"
    )


def refusal_reason(explanation: str, note: str) -> str:
    """Why it is no maneuver."""
    return f"not a maneuver but {_WITH_ARTICLE.get(explanation, explanation)}: {note}"


def neighbour_reason(name: str, miss_km: float, when: str) -> str:
    """Who it passes."""
    distance = f"{miss_km:.0f} km" if miss_km >= 10 else f"{miss_km:.1f} km"
    return f"passes {distance} from {name} on {when}"


def standing_reason(name: str, apart_deg: float) -> str:
    """Beside whom it stands in the geosynchronous belt."""
    return f"stands {apart_deg:.2f} deg of longitude from {name}"
