"""Slow, obvious references for the catalog: a TLE writer and reader, OMM writers, and the rule of history."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

ALPHA5 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
EPOCH_0 = datetime(1970, 1, 1, tzinfo=UTC)

KEYWORDS = {
    "EPOCH": "epoch",
    "MEAN_MOTION": "mean_motion_rev_day",
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination_deg",
    "RA_OF_ASC_NODE": "raan_deg",
    "ARG_OF_PERICENTER": "arg_pericenter_deg",
    "MEAN_ANOMALY": "mean_anomaly_deg",
    "EPHEMERIS_TYPE": "ephemeris_type",
    "CLASSIFICATION_TYPE": "classification",
    "NORAD_CAT_ID": "norad_id",
    "ELEMENT_SET_NO": "element_set_no",
    "REV_AT_EPOCH": "rev_at_epoch",
    "BSTAR": "bstar_inv_er",
    "MEAN_MOTION_DOT": "mean_motion_dot_rev_day2",
    "MEAN_MOTION_DDOT": "mean_motion_ddot_rev_day3",
}


def checksum(line: str) -> int:
    return sum(int(char) if char.isdigit() else char == "-" for char in line[:68]) % 10


def with_checksum(line: str) -> str:
    return line[:68] + str(checksum(line))


def element_set(**changes: Any) -> dict[str, Any]:
    """An invented element set; whole numbers of the last printed digit, so that nothing is rounded on the way."""
    return {
        "norad_id": 98765,
        "year": 2026,
        "tick": 12_345_678_901,  # [1e-8 day] since the start of the year
        "mean_motion": 1_512_345_678,
        "eccentricity": 12_345,
        "inclination": 516_400,
        "raan": 2_001_234,
        "arg_pericenter": 901_234,
        "mean_anomaly": 3_001_234,
        "bstar": (11606, -4),  # 0.11606e-4
        "dot": -1234,
        "ddot": (0, 0),
        "ephemeris_type": 0,
        "classification": "U",
        "element_set_no": 999,
        "rev": 12345,
        **changes,
    }


def above_ground(drawn: dict[str, Any]) -> dict[str, Any]:
    """``drawn``, its eccentricity so far reduced that the perigee does not lie inside the Earth."""
    a_km = 42_241.1 * (drawn["mean_motion"] / 10**8) ** (-2 / 3)
    most = max(0.0, 1 - 6378.135 / a_km)
    return {**drawn, "eccentricity": min(drawn["eccentricity"], int(most * 10**7))}


def tle_lines(drawn: dict[str, Any]) -> tuple[str, str]:
    number = f"{ALPHA5[drawn['norad_id'] // 10_000]}{drawn['norad_id'] % 10_000:04d}"
    day, fraction = divmod(drawn["tick"], 10**8)

    def exponential(value: tuple[int, int]) -> str:
        mantissa, exponent = value
        return f"{'-' if mantissa < 0 else ' '}{abs(mantissa):05d}{'-' if exponent < 0 else '+'}{abs(exponent)}"

    def angle(value: int) -> str:
        return f"{value // 10_000:3d}.{value % 10_000:04d}"

    one = (
        f"1 {number}{drawn['classification']} 98067A   {drawn['year'] % 100:02d}{day + 1:03d}.{fraction:08d} "
        f"{'-' if drawn['dot'] < 0 else ' '}.{abs(drawn['dot']):08d} {exponential(drawn['ddot'])} "
        f"{exponential(drawn['bstar'])} {drawn['ephemeris_type']} {drawn['element_set_no']:4d}"
    )
    mean_motion = f"{drawn['mean_motion'] // 10**8:2d}.{drawn['mean_motion'] % 10**8:08d}"
    two = (
        f"2 {number} {angle(drawn['inclination'])} {angle(drawn['raan'])} {drawn['eccentricity']:07d} "
        f"{angle(drawn['arg_pericenter'])} {angle(drawn['mean_anomaly'])} {mean_motion}{drawn['rev']:5d}"
    )
    return with_checksum(one), with_checksum(two)


def read_pair(one: str, two: str) -> dict[str, Any]:
    """Fields of one element set, one slice and one ``float`` at a time."""
    year = int(one[18:20])
    start = datetime(1900 + year if year >= 57 else 2000 + year, 1, 1, tzinfo=UTC)
    ticks = (int(one[20:23]) - 1) * 10**8 + int(one[24:32])

    def exponential(text: str) -> float:
        return float(f"{text[0].strip()}0.{text[1:6].strip()}e{text[6:8]}") + 0.0

    return {
        "norad_id": ALPHA5.index(one[2].replace(" ", "0")) * 10_000 + int(one[3:7].replace(" ", "0")),
        "epoch": start + ticks * timedelta(microseconds=864),
        "mean_motion_rev_day": float(two[52:63]),
        "eccentricity": float("0." + two[26:33].strip()),
        "inclination_deg": float(two[8:16]),
        "raan_deg": float(two[17:25]),
        "arg_pericenter_deg": float(two[34:42]),
        "mean_anomaly_deg": float(two[43:51]),
        "bstar_inv_er": exponential(one[53:61]),
        "mean_motion_dot_rev_day2": float(one[33].strip() + "0" + one[34:43]) + 0.0,
        "mean_motion_ddot_rev_day3": exponential(one[44:52]),
        "ephemeris_type": int(one[62].strip() or 0),
        "classification": one[7].replace(" ", "U"),
        "supplemental": one[7] == "C",
        "element_set_no": int(one[64:68].strip() or 0),
        "rev_at_epoch": int(two[63:68].strip() or 0),
    }


def published(drawn: dict[str, Any]) -> dict[str, Any]:
    """The published fields of a drawn element set, through its TLE."""
    return read_pair(*tle_lines(drawn))


def omm(fields: dict[str, Any], *, as_text: bool = False, **more: Any) -> dict[str, Any]:
    """Keywords of an OMM for published fields."""
    record: dict[str, Any] = {"OBJECT_NAME": "INVENTED", "OBJECT_ID": "1998-067A"}
    for keyword, name in KEYWORDS.items():
        value = fields[name]
        record[keyword] = value.strftime("%Y-%m-%dT%H:%M:%S.%f") if isinstance(value, datetime) else value
    record.update(more)
    return {keyword: str(value) for keyword, value in record.items()} if as_text else record


def omm_json(records: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps(list(records), indent=1, ensure_ascii=False).encode()


def omm_csv(records: Sequence[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(records[0]))
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode()


def omm_kvn(records: Iterable[dict[str, Any]]) -> bytes:
    head = (
        "CCSDS_OMM_VERS = 3.0\nCENTER_NAME = EARTH\nREF_FRAME = TEME\nTIME_SYSTEM = UTC\nMEAN_ELEMENT_THEORY = SGP4\n"
    )
    return "".join(head + "".join(f"{key} = {value}\n" for key, value in record.items()) for record in records).encode()


def omm_xml(records: Iterable[dict[str, Any]]) -> bytes:
    messages = "".join(
        "<omm><header/><body><segment><metadata><REF_FRAME>TEME</REF_FRAME></metadata><data>\n"
        + "".join(f"<{key}>{value}</{key}>\n" for key, value in record.items())
        + "</data></segment></body></omm>\n"
        for record in records
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ndm>\n{messages}</ndm>\n'.encode()


def history(rows: pd.DataFrame, as_of: pd.Timestamp | None, contents: Sequence[str]) -> list[dict[str, Any]]:
    """For each object and epoch the content that became available last, each content counted from its first availability."""
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows.to_dict("records"):
        if as_of is not None and row["available_at"] > as_of:
            continue
        content = (row["norad_id"], row["epoch"], *(row[name] for name in contents))
        if content not in first or row["available_at"] < first[content]["available_at"]:
            first[content] = row
    latest: dict[tuple[int, datetime], dict[str, Any]] = {}
    for row in first.values():
        key = (row["norad_id"], row["epoch"])
        if key not in latest or row["available_at"] > latest[key]["available_at"]:
            latest[key] = row
    return [latest[key] for key in sorted(latest)]
