"""Element sets as Orbit Mean-Elements Messages, which `catalog.parse` reads again.

CCSDS 502.0-B-3, section 4, in keyword-value notation, and the JSON of the same keywords that Space-Track and CelesTrak
publish. As there, MEAN_MOTION_DOT and MEAN_MOTION_DDOT are those of a two-line set: half and a sixth of the derivative.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pandas as pd

from catalog.ccsds import instant, number, printable

_VERSION = "3.0"
_UNKNOWN = "UNKNOWN"
_MOST_CHARS = 254  # of a line, by section 7.3; only names and the like are ever longer
_METADATA = {"CENTER_NAME": "EARTH", "REF_FRAME": "TEME", "TIME_SYSTEM": "UTC", "MEAN_ELEMENT_THEORY": "SGP4"}
# In the order of the standard's tables.
_MEAN_ELEMENTS = {
    "MEAN_MOTION": "mean_motion_rev_day",
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination_deg",
    "RA_OF_ASC_NODE": "raan_deg",
    "ARG_OF_PERICENTER": "arg_pericenter_deg",
    "MEAN_ANOMALY": "mean_anomaly_deg",
}
_TLE_PARAMETERS = {
    "EPHEMERIS_TYPE": "ephemeris_type",
    "CLASSIFICATION_TYPE": "classification",
    "NORAD_CAT_ID": "norad_id",
    "ELEMENT_SET_NO": "element_set_no",
    "REV_AT_EPOCH": "rev_at_epoch",
    "BSTAR": "bstar_inv_er",
    "MEAN_MOTION_DOT": "mean_motion_dot_rev_day2",
    "MEAN_MOTION_DDOT": "mean_motion_ddot_rev_day3",
}


def omm_json(element_sets: pd.DataFrame, objects: pd.DataFrame, *, originator: str) -> str:
    """Element sets as a JSON array, one message a line.

    CREATION_DATE is when a set became available, left out where that is imputed.

    Parameters
    ----------
    element_sets : DataFrame
        Columns of ``catalog.records.ELEMENT_SET_DTYPES``.
    objects : DataFrame
        ``norad_id``, ``name`` and ``object_id`` (international designator) of those objects that are known.
    originator : str
        Who makes the messages.
    """
    lines = []
    for message in _messages(element_sets, objects, originator):
        imputed = message.pop("_imputed")
        message.pop("_source")
        if imputed:
            del message["CREATION_DATE"]
        lines.append(json.dumps(message, ensure_ascii=False, allow_nan=False))
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def omm_kvn(element_sets: pd.DataFrame, objects: pd.DataFrame, *, originator: str) -> str:
    """Element sets as messages in keyword-value notation, one after the other.

    CREATION_DATE, which every message must have, is when a set became available; a comment says where that is imputed.
    The parameters are those of `omm_json`.
    """
    blocks = []
    for message in _messages(element_sets, objects, originator):
        imputed, source = message.pop("_imputed"), message.pop("_source")
        comments = [f"COMMENT Source of the element set: {printable(str(source))}"]
        if imputed:
            comments.append("COMMENT CREATION_DATE is not recorded but imputed from the epoch")
        lines = [f"{keyword} = {_value(value)}" for keyword, value in message.items()]
        blocks.append("\n".join(line[:_MOST_CHARS].rstrip() for line in [lines[0], *comments, *lines[1:]]) + "\n")
    return "\n".join(blocks)


def _messages(element_sets: pd.DataFrame, objects: pd.DataFrame, originator: str) -> Iterator[dict[str, object]]:
    known = objects.drop_duplicates("norad_id").set_index("norad_id")
    names, designators = known["name"].to_dict(), known["object_id"].to_dict()
    for row in element_sets.to_dict("records"):
        yield {
            "CCSDS_OMM_VERS": _VERSION,
            "CREATION_DATE": instant(row["available_at"]),
            "ORIGINATOR": printable(originator),
            "OBJECT_NAME": printable(names.get(row["norad_id"]) or _UNKNOWN),
            "OBJECT_ID": printable(designators.get(row["norad_id"]) or _UNKNOWN),
            **_METADATA,
            "EPOCH": instant(row["epoch"]),
            **{keyword: float(row[name]) for keyword, name in _MEAN_ELEMENTS.items()},
            **{keyword: row[name] for keyword, name in _TLE_PARAMETERS.items()},
            "_imputed": row["available_at_imputed"],
            "_source": row["source"],
        }


def _value(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
