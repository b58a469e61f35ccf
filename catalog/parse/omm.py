"""The keywords of an Orbit Mean-Elements Message, whatever the file format that carries them.

CCSDS 502.0-B-3, "Orbit Data Messages", section 4, as Space-Track's and CelesTrak's general perturbations data use it.
Space-Track prints every value as text, CelesTrak prints numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from catalog.errors import CatalogError
from catalog.parse.bounds import FIRST_EPOCH_US, FIRST_YEAR, LAST_EPOCH_US, LAST_YEAR, impossible
from catalog.parse.ephemeris_types import OTHER_THEORIES
from catalog.parse.result import NAME_DTYPES, PARSED_DTYPES, SUPPLEMENTAL_CLASS, Parsed, Refusal, finish, frame_of
from orbits.constants import MU_KM3_S2

_REQUIRED = {
    "ECCENTRICITY": "eccentricity",
    "INCLINATION": "inclination_deg",
    "RA_OF_ASC_NODE": "raan_deg",
    "ARG_OF_PERICENTER": "arg_pericenter_deg",
    "MEAN_ANOMALY": "mean_anomaly_deg",
    "BSTAR": "bstar_inv_er",
}
_RANGES: dict[str, tuple[Callable[[float], bool], str]] = {
    "MEAN_MOTION": (lambda value: 0.0 < value <= 20.0, "(0, 20] rev/day"),
    "SEMI_MAJOR_AXIS": (lambda value: value > 0.0, "above 0 km"),
    "GM": (lambda value: value > 0.0, "above 0 km^3/s^2"),
    "ECCENTRICITY": (lambda value: 0.0 <= value < 1.0, "[0, 1)"),
    "INCLINATION": (lambda value: 0.0 <= value <= 180.0, "[0, 180] deg"),
    "RA_OF_ASC_NODE": (lambda value: abs(value) <= 360.0, "[-360, 360] deg"),
    "ARG_OF_PERICENTER": (lambda value: abs(value) <= 360.0, "[-360, 360] deg"),
    "MEAN_ANOMALY": (lambda value: abs(value) <= 360.0, "[-360, 360] deg"),
}
# What SGP4 does not use. The standard's issue 3 wants neither for it, its earlier issues the first.
_DERIVATIVES = {"MEAN_MOTION_DOT": "mean_motion_dot_rev_day2", "MEAN_MOTION_DDOT": "mean_motion_ddot_rev_day3"}
_FORMER_ISSUES = ("1.0", "2.0")
_COUNTS = {"ELEMENT_SET_NO": "element_set_no", "REV_AT_EPOCH": "rev_at_epoch"}
_EXPECTED = {
    "MEAN_ELEMENT_THEORY": ("SGP4", "SGP/SGP4", "SDP4", "TLE"),
    "REF_FRAME": ("TEME",),
    "TIME_SYSTEM": ("UTC",),
    "CENTER_NAME": ("EARTH",),
}
_OF_SUPPLEMENTAL = ("RMS", "DATA_SOURCE")  # how well a set fits an operator's ephemeris, and whose that is
_OTHERS = (
    "CCSDS_OMM_VERS",
    "OBJECT_NAME",
    "OBJECT_ID",
    "EPOCH",
    "CREATION_DATE",
    "NORAD_CAT_ID",
    "CLASSIFICATION_TYPE",
    "EPHEMERIS_TYPE",
    *_OF_SUPPLEMENTAL,
)
_KEYWORD_OF = {name: keyword for keyword, name in (_REQUIRED | _DERIVATIVES).items()} | {"epoch": "EPOCH"}
KEYWORDS = frozenset({*_REQUIRED, *_RANGES, *_DERIVATIVES, *_COUNTS, *_EXPECTED, *_OTHERS})
# Units of tables 4-2 and 4-3, which KVN and XML may print; in any other a number means something else.
_UNITS = {
    "SEMI_MAJOR_AXIS": "km",
    "MEAN_MOTION": "rev/day",
    **dict.fromkeys(("INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY"), "deg"),
    "GM": "km**3/s**2",
    "BSTAR": "1/er",
    "MEAN_MOTION_DOT": "rev/day**2",
    "MEAN_MOTION_DDOT": "rev/day**3",
}

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d{1,3})?", re.ASCII)
_TIME = re.compile(
    r"(\d{4})-(?:(\d{2})-(\d{2})|(\d{3}))[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(?:Z|\+00:00)?", re.ASCII
)
_MAX_NORAD_ID = 999_999_999
_MAX_COUNT = 2**31 - 1
_TEXT_CHARS = 200
_UNKNOWN = "UNKNOWN"  # what a mandatory name or designator says where there is none (tables 4-2 and 6-3)
_MAX_NUMBER = 1e300
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_A_TIME = np.iinfo(np.int64).min


class FieldError(CatalogError):
    """A keyword of a record that is missing or holds what it must not.

    Attributes
    ----------
    keyword, reason : str
    """

    def __init__(self, keyword: str, reason: str) -> None:
        self.keyword, self.reason = keyword, reason
        super().__init__(f"{keyword}: {reason}")


@dataclass
class OmmRecords:
    """Gathers the records of one file.

    Parameters
    ----------
    file : str
    max_refusals : int
        Refused records kept one by one; the rest is counted.
    """

    file: str
    max_refusals: int
    _columns: dict[str, list[object]] = field(default_factory=lambda: {name: [] for name in PARSED_DTYPES})
    _names: dict[int, tuple[str, str]] = field(default_factory=dict)
    _refusals: list[Refusal] = field(default_factory=list)
    _uncounted: int = 0
    _lines: list[int] = field(default_factory=list)

    def add(self, line: int, fields: Mapping[str, object], *, label: str = "") -> None:
        """Take one record, or refuse it.

        Parameters
        ----------
        line : int
            Where it begins, from 1.
        fields : mapping
            Keyword to value; keywords that are not in ``KEYWORDS`` are ignored.
        label : str
            Which record it is, where the line does not say.
        """
        try:
            row = _row(fields)
        except FieldError as error:
            self.refuse(line, error.keyword, f"{label}{error.reason}", fields)
            return
        for name, values in self._columns.items():
            values.append(row[name])
        self._lines.append(line)
        norad_id = int(str(row["norad_id"]))
        self._names[norad_id] = (_known(fields, "OBJECT_NAME"), _known(fields, "OBJECT_ID"))

    def refuse(self, line: int, keyword: str, reason: str, record: str | Mapping[str, object]) -> None:
        """Note a record that cannot be taken, by its text or its fields."""
        if len(self._refusals) < self.max_refusals:
            text = record if isinstance(record, str) else _shown(record)
            self._refusals.append(Refusal(line, keyword, _storable(reason), _storable(text[:_TEXT_CHARS])))
        else:
            self._uncounted += 1

    def parsed(self) -> Parsed:
        """The result of the file; raises ``ParseError`` if every record was refused."""
        times = {name: _times(self._columns[name]) for name in ("epoch", "creation_date")}
        element_sets = frame_of({**self._columns, **times}, PARSED_DTYPES)
        norad_ids = sorted(self._names)
        names, object_ids = ([self._names[number][place] for number in norad_ids] for place in (0, 1))
        known = frame_of({"norad_id": norad_ids, "name": names, "object_id": object_ids}, NAME_DTYPES)
        lines = np.array(self._lines, dtype=np.int64)
        return finish(self.file, element_sets, known, self._refusals, self._uncounted, lines)


def _shown(fields: Mapping[str, object]) -> str:
    return ", ".join(f"{keyword}={value}" for keyword, value in fields.items() if keyword in KEYWORDS)


def unit_fault(keyword: str, unit: str) -> str:
    """What is wrong with the unit that a message prints for a keyword; empty where nothing is."""
    plain = "".join(unit.split()).lower()
    if keyword not in KEYWORDS or plain == _UNITS.get(keyword, plain):
        return ""
    return f"in [{unit[:20]}], where the standard has [{_UNITS[keyword]}]: convert it"


def _row(fields: Mapping[str, object]) -> dict[str, object]:
    if "NORAD_CAT_ID" not in fields:  # first: a bomb of bare headers is to take little time
        raise FieldError("NORAD_CAT_ID", "missing")
    for keyword, expected in _EXPECTED.items():
        if (given := _text(fields, keyword).upper()) and given not in expected:
            raise FieldError(
                keyword, f"'{given}' is not {expected[0]}: these elements are not for SGP4 as it is used here"
            )
    norad_id = _whole(fields, "NORAD_CAT_ID")
    if norad_id is None or not 1 <= norad_id <= _MAX_NORAD_ID:
        raise FieldError("NORAD_CAT_ID", "missing" if norad_id is None else f"{norad_id} is not in 1..{_MAX_NORAD_ID}")
    ephemeris_type = _whole(fields, "EPHEMERIS_TYPE") or 0
    if ephemeris_type in OTHER_THEORIES:
        raise FieldError("EPHEMERIS_TYPE", f"{OTHER_THEORIES[ephemeris_type]} elements: SGP4 cannot propagate them")
    if not 0 <= ephemeris_type <= 9:
        raise FieldError("EPHEMERIS_TYPE", f"{ephemeris_type} is not in 0..9")
    row: dict[str, object] = {"norad_id": norad_id, "ephemeris_type": ephemeris_type}
    row["epoch"] = _time_us(fields, "EPOCH")
    if row["epoch"] is None:
        raise FieldError("EPOCH", "missing")
    row["creation_date"] = _time_us(fields, "CREATION_DATE")
    row["mean_motion_rev_day"] = _mean_motion_rev_day(fields)
    for keyword, name in _REQUIRED.items():
        row[name] = _required(fields, keyword)
    if _text(fields, "CCSDS_OMM_VERS") in _FORMER_ISSUES:
        _required(fields, "MEAN_MOTION_DOT")
    for keyword, name in _DERIVATIVES.items():
        row[name] = _number(fields, keyword) or 0.0
    for keyword, name in _COUNTS.items():
        count = _whole(fields, keyword) or 0
        if not 0 <= count <= _MAX_COUNT:
            raise FieldError(keyword, f"{count} is not in 0..{_MAX_COUNT}")
        row[name] = count
    classification = _text(fields, "CLASSIFICATION_TYPE") or "U"
    if not re.fullmatch("[A-Z]", classification):
        raise FieldError("CLASSIFICATION_TYPE", f"'{classification[:20]}' is not one capital letter")
    row["classification"] = classification
    for name, reason, failed in impossible(row):
        if failed:
            raise FieldError(_KEYWORD_OF[name], reason)
    row["supplemental"] = classification == SUPPLEMENTAL_CLASS or any(_text(fields, name) for name in _OF_SUPPLEMENTAL)
    return row


def _mean_motion_rev_day(fields: Mapping[str, object]) -> float:
    """Mean motion [rev/day], from the semi-major axis by Kepler's third law where only that is given.

    The message's GM is used where it has one, else that of WGS-72.
    """
    given = _number(fields, "MEAN_MOTION")
    if given is not None:
        return given
    a_km = _number(fields, "SEMI_MAJOR_AXIS")
    if a_km is None:
        raise FieldError("MEAN_MOTION", "missing, and SEMI_MAJOR_AXIS too")
    mu_km3_s2 = _number(fields, "GM") or MU_KM3_S2
    derived = math.sqrt(mu_km3_s2 / a_km) / a_km * 86_400.0 / (2.0 * math.pi)
    if not _RANGES["MEAN_MOTION"][0](derived):
        raise FieldError(
            "SEMI_MAJOR_AXIS", f"{a_km:g} km is no orbit about the Earth: mean motion not in (0, 20] rev/day"
        )
    return derived


def _required(fields: Mapping[str, object], keyword: str) -> float:
    value = _number(fields, keyword)
    if value is None:
        raise FieldError(keyword, "missing: the record is cut, or not made for SGP4")
    return value


def _number(fields: Mapping[str, object], keyword: str) -> float | None:
    value = fields.get(keyword)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = float(value.upper().replace("D", "E"))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        number = float(value) if abs(value) < _MAX_NUMBER else math.inf  # a JSON integer may be too long for a double
    else:
        raise FieldError(keyword, f"'{str(value)[:40]}' is not a number")
    if not math.isfinite(number):
        raise FieldError(keyword, f"'{str(value)[:40]}' is not finite")
    if keyword in _RANGES and not _RANGES[keyword][0](number):
        raise FieldError(keyword, f"{number:g} is not in {_RANGES[keyword][1]}".replace("in above", "above"))
    return number + 0.0


def _whole(fields: Mapping[str, object], keyword: str) -> int | None:
    number = _number(fields, keyword)
    if number is None:
        return None
    if number != int(number):
        raise FieldError(keyword, f"{number:g} is not a whole number")
    return int(number)


def _text(fields: Mapping[str, object], keyword: str) -> str:
    value = fields.get(keyword)
    return "" if value is None else "".join(char for char in str(value)[:100] if char.isprintable()).strip()


def _known(fields: Mapping[str, object], keyword: str) -> str:
    text = _text(fields, keyword)
    return "" if text.upper() == _UNKNOWN else text


def _time_us(fields: Mapping[str, object], keyword: str) -> int | None:
    """UTC [us since 1970-01-01], to the nearest microsecond.

    A leap second, which only ends a month, counts as the first of the next day, as POSIX time has it.
    """
    value = _text(fields, keyword)
    if not value:
        return None
    match = _TIME.fullmatch(value)
    if match is None:
        raise FieldError(keyword, f"'{value[:40]}' is not a UTC time such as 2026-05-01T12:34:56.789")
    year, month, day, day_of_year, hour, minute, second, fraction = match.groups()
    try:
        if day_of_year:
            date = datetime(int(year), 1, 1, tzinfo=UTC) + timedelta(days=int(day_of_year) - 1)
            if int(day_of_year) < 1 or date.year != int(year):
                raise FieldError(keyword, f"'{value[:40]}': the year has no such day")
        else:
            date = datetime(int(year), int(month), int(day), tzinfo=UTC)
        leaps = second == "60" and (hour, minute) == ("23", "59") and (date + timedelta(days=1)).day == 1
        time = date.replace(hour=int(hour), minute=int(minute), second=59 if leaps else int(second))
        time += timedelta(seconds=int(leaps))
    except (ValueError, OverflowError) as error:  # the year 9999 has no next day
        raise FieldError(keyword, f"'{value[:40]}': {error}") from error
    microseconds = round(int((fraction or "0")[:15].ljust(15, "0")) / 1e9)
    time_us = (time - _UNIX_EPOCH) // timedelta(microseconds=1) + microseconds
    # The last microsecond of the last year may round up: what is written then must be read again.
    if not FIRST_EPOCH_US <= time_us <= LAST_EPOCH_US:
        raise FieldError(keyword, f"'{value[:40]}' is not in {FIRST_YEAR}..{LAST_YEAR}")
    return time_us


def _storable(text: str) -> str:
    """``text`` without line breaks, controls and the lone surrogates that JSON can smuggle in."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _times(values: list[object]) -> pd.DatetimeIndex:
    filled = [_NOT_A_TIME if value is None else value for value in values]
    return pd.DatetimeIndex(np.array(filled, dtype=np.int64).view("datetime64[us]")).tz_localize("UTC")
