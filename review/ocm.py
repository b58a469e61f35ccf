"""Burns handed on as an Orbit Comprehensive Message with a maneuver block each: CCSDS 502.0-B-3, section 6."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from catalog.assets import PRIVATE_FIRST
from catalog.ccsds import instant, number, printable
from configs.review import ReviewConfig
from review.errors import ReviewError
from review.ocm_rules import check
from review.records import FlagRecord, Status

_M_PER_KM = 1000.0
_OBJECT_TYPES = {"payload": "PAYLOAD", "rocket body": "ROCKET BODY", "debris": "DEBRIS"}
_PURPOSES = {
    "orbit raise": "ORBIT",
    "orbit lowering": "ORBIT",
    "eccentricity control": "ORBIT",
    "drag make-up": "SK, PERIOD",
    "east-west station-keeping": "SK",
    "north-south station-keeping": "SK, INCLINATION",
    "relocation": "RELOCATION",
    "plane change": "INCLINATION",
}
_SOURCE = (
    "Inferred by burnwatch from public element sets, which are fits over days of tracking.",
    "Not observed directly, and not a statement of the operator.",
)
_LIGHT_M_S = 299_792_458.0


class NoManeuverError(ReviewError):
    """A flag that holds no maneuver to hand on.

    Attributes
    ----------
    flag_id, reason : str
    """

    def __init__(self, flag_id: str, reason: str) -> None:
        self.flag_id, self.reason = flag_id, reason
        super().__init__(f"flag {flag_id} makes no OCM: {reason}; its JSON and its report tell what is known")


def why_no_ocm(flag: FlagRecord) -> str:
    """Why a flag holds no maneuver to hand on, or nothing where it does."""
    if flag.status in (Status.DATA_ERROR, Status.DUPLICATE):
        return f"an analyst judged it a {flag.status}"
    if flag.explanation != "maneuver" and flag.status != Status.CONFIRMED:
        return f"it is explained as {flag.explanation}, not as a maneuver"
    if flag.dv_r_m_s is None or flag.dv_t_m_s is None or flag.dv_n_m_s is None:
        return "no change of velocity was fitted to it"
    if not math.hypot(flag.dv_r_m_s, flag.dv_t_m_s, flag.dv_n_m_s) < _LIGHT_M_S:
        return "its change of velocity is none that a satellite can make"
    return ""


def ocm(
    flags: Sequence[FlagRecord],
    objects: pd.DataFrame,
    *,
    message_id: str = "",
    config: ReviewConfig = ReviewConfig(),
) -> str:
    """The message on the burns of one object, in keyword-value notation, held to the standard's rules.

    It depends on nothing else than the flags and what is known of the object: CREATION_DATE is when the last of the flags
    was changed. The burn is an impulse, so MAN_DURA is 0 and the time tag that of the burn.

    Parameters
    ----------
    flags : sequence of FlagRecord
        Of one object, at least one.
    objects : DataFrame
        ``catalog.object_records.OBJECT_DTYPES``; it need not hold the object.
    message_id : str
        The flag's id and version by default.
    config : ReviewConfig

    Raises
    ------
    NoManeuverError
        A flag holds no maneuver to hand on (`why_no_ocm`).
    """
    for flag in flags:
        if reason := why_no_ocm(flag):
            raise NoManeuverError(flag.flag_id, reason)
    flags = sorted(flags, key=lambda flag: flag.burn_time)
    first, last = flags[0], flags[-1]
    lines = [
        "CCSDS_OCM_VERS = 3.0",
        *_comments(*_SOURCE),
        *([f"CLASSIFICATION = {config.classification}"] if config.classification else []),
        f"CREATION_DATE = {instant(max(flag.updated_at for flag in flags))}",
        f"ORIGINATOR = {config.originator}",
        f"MESSAGE_ID = {message_id or f'{first.flag_id}-{first.version}'}",
        "",
        *_metadata(flags, objects, config),
    ]
    for place, flag in enumerate(flags):
        before = flags[place - 1] if flag is not first else None
        after = flags[place + 1] if flag is not last else None
        lines += ["", *_maneuver(flag, before, after)]
    text = "\n".join(lines) + "\n"
    check(text)
    return text


def _metadata(flags: Sequence[FlagRecord], objects: pd.DataFrame, config: ReviewConfig) -> list[str]:
    first, last = flags[0], flags[-1]
    rows = objects[objects["norad_id"] == first.norad_id].to_dict("records")
    known: dict[str, str] = (
        {str(name): value for name, value in rows[0].items() if isinstance(value, str)} if rows else {}
    )
    private = first.norad_id >= PRIVATE_FIRST
    entries = {
        "OBJECT_NAME": printable(first.name) or printable(known.get("name", "")) or "UNKNOWN",
        "INTERNATIONAL_DESIGNATOR": printable(known.get("object_id", "")) or "UNKNOWN",
        "CATALOG_NAME": config.originator if private else "CSPOC",
        "OBJECT_DESIGNATOR": str(first.norad_id),
        "OPERATOR": known.get("operator"),
        "OWNER": known.get("owner"),
        "OBJECT_TYPE": _OBJECT_TYPES.get(known.get("kind", ""), "UNKNOWN"),
        "TIME_SYSTEM": "UTC",
        "EPOCH_TZERO": instant(first.burn_time),
        "ORBIT_CATEGORY": first.regime.upper(),
        "OCM_DATA_ELEMENTS": ", ".join("MAN" for _ in flags),
        "START_TIME": instant(first.burn_time),
        "STOP_TIME": instant(last.burn_time),
    }
    lines = [f"{keyword} = {printable(value)}" for keyword, value in entries.items() if value and printable(value)]
    return ["META_START", *lines, "META_STOP"]


def _maneuver(flag: FlagRecord, before: FlagRecord | None, after: FlagRecord | None) -> list[str]:
    dv_m_s = np.array([flag.dv_r_m_s, flag.dv_t_m_s, flag.dv_n_m_s], dtype=np.float64)
    dv_km_s = (float(f"{value:.9g}") for value in dv_m_s / _M_PER_KM)  # more digits than any fit has
    values = {"MAN_DURA": 0.0} | dict(zip(("DV_X", "DV_Y", "DV_Z"), dv_km_s, strict=True))
    units = {
        "MAN_DURA": "s",
        "DV_X": "km/s",
        "DV_Y": "km/s",
        "DV_Z": "km/s",
        "DV_MAG_SIGMA": "%",
        "DV_DIR_SIGMA": "deg",
    }
    values |= _sigmas(flag, dv_m_s)
    purpose = _PURPOSES.get(flag.judged_kind or flag.kind)
    return [
        "MAN_START",
        *_comments(*_notes(flag)),
        f"MAN_ID = {flag.flag_id}",
        *([f"MAN_PREV_ID = {before.flag_id}"] if before else []),
        *([f"MAN_NEXT_ID = {after.flag_id}"] if after else []),
        "MAN_BASIS = DETERMINED",
        f"MAN_BASIS_ID = {printable(flag.model_version)} on data {printable(flag.data_snapshot)}",
        "MAN_DEVICE_ID = ALL",
        *([f"MAN_PREV_EPOCH = {instant(before.burn_time)}"] if before else []),
        *([f"MAN_NEXT_EPOCH = {instant(after.burn_time)}"] if after else []),
        *([f"MAN_PURPOSE = {purpose}"] if purpose else []),
        "MAN_REF_FRAME = RSW_INERTIAL",
        "DC_TYPE = CONTINUOUS",
        f"MAN_COMPOSITION = TIME_ABSOLUTE, {', '.join(values)}",
        f"MAN_UNITS = [{', '.join(units[name] for name in values)}]",
        " ".join([instant(flag.burn_time), *(number(value) for value in values.values())]),
        "MAN_STOP",
    ]


def _sigmas(flag: FlagRecord, dv_m_s: np.ndarray) -> dict[str, float]:
    """One-sigma errors of the size [%] and of the direction [deg] that the errors along R, T and N leave, where known.

    The direction's is the angle under which the widest half-axis of the error ellipse across the velocity change appears.
    """
    size_m_s = float(np.linalg.norm(dv_m_s))
    if size_m_s == 0.0:
        return {}
    found = {}
    if flag.dv_sigma_m_s is not None and flag.dv_sigma_m_s < _LIGHT_M_S:
        found["DV_MAG_SIGMA"] = float(f"{100.0 * flag.dv_sigma_m_s / size_m_s:.6g}")
    sigmas = (flag.dv_r_sigma_m_s, flag.dv_t_sigma_m_s, flag.dv_n_sigma_m_s)
    known = [sigma for sigma in sigmas if sigma is not None and sigma < _LIGHT_M_S]
    if len(known) == 3:
        along = dv_m_s / size_m_s
        across = np.eye(3) - np.outer(along, along)
        widest = float(np.linalg.eigvalsh(across @ np.diag(np.square(known)) @ across)[-1])
        found["DV_DIR_SIGMA"] = float(f"{math.degrees(math.atan2(math.sqrt(max(widest, 0.0)), size_m_s)):.6g}")
    return found


def _notes(flag: FlagRecord) -> list[str]:
    """What a receiver must know of the burn and no keyword says."""
    sigmas = [flag.dv_r_sigma_m_s, flag.dv_t_sigma_m_s, flag.dv_n_sigma_m_s]
    told = ", ".join("unknown" if sigma is None else f"{sigma:.6g}" for sigma in sigmas)
    judged = f" as {flag.judged_kind}" if flag.judged_kind else ""
    notes = [
        "One impulse fitted to the element sets on both sides; MAN_DURA is 0 because its duration is not known.",
        "X, Y, Z of RSW are radial (outward), along-track and cross-track (orbit normal): RTN, also called RIC.",
        f"The burn lies between {instant(flag.burn_time_low)} and {instant(flag.burn_time_high)}.",
        f"Element sets that bracket it: {instant(flag.epoch_before)} and {instant(flag.epoch_after)}.",
        f"One-sigma errors along R, T, N [m/s]: {told}.",
        f"Kind, as found: {flag.kind}. Review: {flag.status}{judged}.",
    ]
    if flag.probability is not None:
        notes.append(f"Probability of a burn: {flag.probability:.4g}.")
    if flag.explanation_note:
        notes.append(f"Doubt: {flag.explanation_note}")
    if flag.withdrawn_at is not None:
        notes.append(f"Withdrawn {instant(flag.withdrawn_at)}: a later scoring did not find it again.")
    return notes


def _comments(*texts: str) -> list[str]:
    return [f"COMMENT {printable(text)}" for text in texts if printable(text)]
