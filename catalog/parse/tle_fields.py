"""The columns of two-line element sets, decoded for many sets at once.

The layout is that of CelesTrak's "NORAD Two-Line Element Set Format" (T.S. Kelso) and Hoots & Roehrich, Spacetrack
Report No. 3 (1980). Every number is read as an integer and divided once by a power of ten, so it is the double nearest
to the printed decimal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.parse.bounds import FIRST_YEAR, impossible
from catalog.parse.ephemeris_types import OTHER_THEORIES
from orbits.elements import IntArray

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LINE_CHARS = 69
_US_PER_DAY = 86_400_000_000
_EPOCH_TICK_US = 864  # 1e-8 day, the last printed digit of an epoch
_MAX_REV_DAY = 20.0
_MOST_DAYS = 366

_POW10 = 10.0 ** np.arange(16)
_SPACE, _PLUS, _MINUS, _DOT, _ZERO = (ord(char) for char in " +-.0")
_SEPARATORS = {1: (1, 8, 17, 32, 43, 52, 61, 63), 2: (1, 7, 16, 25, 33, 42, 51)}


def _alpha5_values() -> IntArray:
    """Value of the first character of a catalog number; letters count from 10 and leave out I and O."""
    values = np.full(256, -1, dtype=np.int64)
    values[_SPACE] = 0
    for value, char in enumerate("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"):
        values[ord(char)] = values[ord(char.lower())] = value
    return values


_ALPHA5 = _alpha5_values()
# The two-digit years 57..99 and 00..56 are 1957..2056.
_YEARS = [1900 + year if year >= FIRST_YEAR % 100 else 2000 + year for year in range(100)]
_YEAR_START_US = np.array([np.datetime64(f"{year}-01-01", "us") for year in _YEARS]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Fault:
    """A check that some of the sets failed.

    Parameters
    ----------
    line : int
        1 or 2, the line of the pair.
    field : str
    reason : str
    failed : (N,) bool
    """

    line: int
    field: str
    reason: str
    failed: Mask


def _every(rows: Mask) -> Mask:
    return np.asarray(rows.all(axis=0))


def _some(rows: Mask) -> Mask:
    return np.asarray(rows.any(axis=0))


class _Line:
    """One line of N sets, transposed so that every column of text is contiguous."""

    def __init__(self, number: int, lines: Bytes, faults: list[Fault]) -> None:
        self.number, self.faults = number, faults
        self.chars: Bytes = np.ascontiguousarray(lines.T)
        digits = self.chars - np.uint8(_ZERO)
        self._is_digit: Mask = digits < 10
        self._is_space: Mask = self.chars == _SPACE
        self.digits: Bytes = digits * self._is_digit
        self._is_padded: Mask = self._is_digit | self._is_space
        self._space_after_digit: Mask = self._is_digit[:-1] & self._is_space[1:]

    def check(self, field: str, failed: Mask, reason: str) -> None:
        if failed.any():
            self.faults.append(Fault(self.number, field, reason, failed))

    def whole(self, field: str, start: int, stop: int, *, blank: bool = False) -> IntArray:
        """Digits at [start, stop), with spaces before them only; all spaces are a zero where ``blank``."""
        bad = ~_every(self._is_padded[start:stop]) | _some(self._space_after_digit[start : stop - 1])
        if not blank:
            bad |= self._is_space[stop - 1]
        self.check(field, bad, f"columns {start + 1}-{stop} are not a whole number")
        return self._value(start, stop)

    def fixed(self, field: str, start: int, point: int, stop: int) -> NDArray[np.float64]:
        """A decimal number at [start, stop) with its point at ``point``."""
        bad = self.chars[point] != _DOT
        bad |= self._not_a_fraction(point + 1, stop)
        bad |= ~_every(self._is_padded[start:point]) | _some(self._space_after_digit[start : point - 1])
        self.check(field, bad, f"columns {start + 1}-{stop} are not a number with its point in column {point + 1}")
        places = stop - point - 1
        scaled = self._value(start, point) * 10**places + self._value(point + 1, stop)
        return np.asarray(scaled / _POW10[places])

    def fraction(self, field: str, start: int, stop: int) -> IntArray:
        """Decimals at [start, stop); the last of them may be left out."""
        self.check(field, self._not_a_fraction(start, stop), f"columns {start + 1}-{stop} are not digits")
        return self._value(start, stop)

    def blank(self, start: int, stop: int) -> Mask:
        """Whether nothing stands at [start, stop)."""
        return _every(self._is_space[start:stop])

    def sign(self, field: str, column: int, *, zero: bool = False) -> NDArray[np.float64]:
        """-1 where the column is a minus, else 1; only a space, + or - (and 0 where ``zero``) may stand there."""
        char = self.chars[column]
        good = (char == _SPACE) | (char == _PLUS) | (char == _MINUS)
        if zero:
            good |= char == _ZERO
        self.check(field, ~good, f"column {column + 1} is not a sign")
        return np.where(char == _MINUS, -1.0, 1.0)

    def exponential(self, field: str, start: int) -> NDArray[np.float64]:
        """A number such as `-11606-4` = -0.11606e-4 in eight columns; a zero may leave any of them blank."""
        sign = self.sign(field, start)
        mantissa = self.whole(field, start + 1, start + 6, blank=True)
        exponent = self.sign(field, start + 6, zero=True) * self.whole(field, start + 7, start + 8, blank=True)
        self.check(field, self._is_space[start + 7] & (mantissa != 0), f"column {start + 8} is not an exponent")
        power = (5 - exponent).astype(np.int64)
        # Only products and quotients of exact integers: nearest double to the printed decimal.
        magnitude = np.where(
            power >= 0, mantissa / _POW10[np.maximum(power, 0)], mantissa * _POW10[np.maximum(-power, 0)]
        )
        return np.asarray(sign * magnitude + 0.0)

    def norad_id(self) -> IntArray:
        """Catalog number, alpha-5 included."""
        leading = _ALPHA5[self.chars[2]]
        bad = leading < 0
        bad |= ~_every(self._is_padded[3:7]) | _some(self._space_after_digit[2:6])
        bad |= (leading > 9) & self._is_space[3]
        self.check("norad_id", bad, "columns 3-7 are not a catalog number (digits, or alpha-5 without I and O)")
        return np.asarray(leading * 10_000 + self._value(3, 7))

    def layout(self) -> None:
        """Check the columns that must be blank."""
        blank = _every(self._is_space[list(_SEPARATORS[self.number])])
        self.check("layout", ~blank, "a column that must be blank is not: the line is shifted or damaged")

    def checksum(self, missing: Mask) -> None:
        """Check column 69, but where it is ``missing``: the sum of the digits, a minus counting one, modulo ten."""
        minus = np.add.reduce(self.chars[:68] == _MINUS, axis=0, dtype=np.uint16)
        total = np.add.reduce(self.digits[:68], axis=0, dtype=np.uint16) + minus
        failed = ~self._is_digit[68] | (total % 10 != self.digits[68])
        self.check("checksum", failed & ~missing, "the checksum does not match: the line is damaged, fetch it again")

    def _not_a_fraction(self, start: int, stop: int) -> Mask:
        digit_after_space = self._is_space[start : stop - 1] & self._is_digit[start + 1 : stop]
        return ~_every(self._is_padded[start:stop]) | _some(digit_after_space)

    def _value(self, start: int, stop: int) -> IntArray:
        value: IntArray = self.digits[start].astype(np.int64)
        for row in self.digits[start + 1 : stop]:
            value *= 10
            value += row
        return value


def decode(one: Bytes, two: Bytes, unverified: Mask) -> tuple[dict[str, NDArray[Any]], list[Fault]]:
    """Fields of N element sets.

    Parameters
    ----------
    one, two : (N, 69) uint8
        First and second lines.
    unverified : (N,) bool
        Sets that have no checksum in column 69.

    Returns
    -------
    columns : dict of (N,) arrays
        Published fields by the names of ``catalog.records`` [rev/day, deg, 1/Earth radius], ``epoch`` as int64
        [us since 1970-01-01]. Values of a set with a fault mean nothing.
    faults : list of Fault
        In the order in which they should be reported.
    """
    faults: list[Fault] = []
    first, second = _Line(1, one, faults), _Line(2, two, faults)
    first.layout()
    second.layout()
    norad_id = first.norad_id()
    norad_id_2 = second.norad_id()

    year = np.minimum(first.whole("epoch", 18, 20, blank=True), 99)
    day = first.whole("epoch", 20, 23)
    first.check("epoch", first.chars[23] != _DOT, "column 24 is not the point of the day of year")
    tick = first.fraction("epoch", 24, 32)
    dot_sign = first.sign("mean_motion_dot_rev_day2", 33, zero=True)
    no_point = (first.chars[34] != _DOT) & ~first.blank(33, 43)
    first.check("mean_motion_dot_rev_day2", no_point, "column 35 is not a point")
    dot = dot_sign * (first.fraction("mean_motion_dot_rev_day2", 35, 43) / _POW10[8]) + 0.0
    ddot = first.exponential("mean_motion_ddot_rev_day3", 44)
    bstar = first.exponential("bstar_inv_er", 53)
    ephemeris_type = first.whole("ephemeris_type", 62, 63, blank=True)
    element_set_no = first.whole("element_set_no", 64, 68, blank=True)
    capital = first.chars[7] & ~np.uint8(_SPACE)  # in ASCII a small letter is its capital and the bit of the space
    classification = np.where(first.chars[7] == _SPACE, np.uint8(ord("U")), capital)
    letter = (classification >= ord("A")) & (classification <= ord("Z"))
    first.check("classification", ~letter, "column 8 is not a letter")

    inclination = second.fixed("inclination_deg", 8, 11, 16)
    raan = second.fixed("raan_deg", 17, 20, 25)
    eccentricity = second.whole("eccentricity", 26, 33) / _POW10[7]
    arg_pericenter = second.fixed("arg_pericenter_deg", 34, 37, 42)
    mean_anomaly = second.fixed("mean_anomaly_deg", 43, 46, 51)
    mean_motion = second.fixed("mean_motion_rev_day", 52, 54, 63)
    rev_at_epoch = second.whole("rev_at_epoch", 63, 68, blank=True)

    # A damaged line is called that, before the values it happens to print are found wanting.
    first.checksum(unverified)
    second.checksum(unverified)
    first.check("norad_id", norad_id < 1, "the catalog number is zero")
    second.check("norad_id", norad_id_2 != norad_id, "the two lines have different catalog numbers")
    # Day 0 is the last of the year before, day 366 of a short year the first of the next: "an epoch of 98000.00000000
    # would correspond to the beginning of 1997 December 31st" (T.S. Kelso, "Frequently Asked Questions: Two-Line Element
    # Set Format", celestrak.org/columns/v04n03).
    first.check("epoch", day > _MOST_DAYS, "no year has that day")
    for number, theory in OTHER_THEORIES.items():
        reason = f"{theory} elements: SGP4 cannot propagate them"
        first.check("ephemeris_type", ephemeris_type == number, reason)
    second.check("inclination_deg", inclination > 180.0, "the inclination is above 180 deg")
    second.check("raan_deg", raan > 360.0, "the angle is above 360 deg")
    second.check("arg_pericenter_deg", arg_pericenter > 360.0, "the angle is above 360 deg")
    second.check("mean_anomaly_deg", mean_anomaly > 360.0, "the angle is above 360 deg")
    revolving = (mean_motion > 0) & (mean_motion <= _MAX_REV_DAY)
    second.check("mean_motion_rev_day", ~revolving, "the mean motion is not in (0, 20] rev/day")

    columns: dict[str, NDArray[Any]] = {
        "norad_id": norad_id,
        "epoch": _YEAR_START_US[year] + (day - 1) * _US_PER_DAY + tick * _EPOCH_TICK_US,
        "mean_motion_rev_day": mean_motion,
        "eccentricity": eccentricity,
        "inclination_deg": inclination,
        "raan_deg": raan,
        "arg_pericenter_deg": arg_pericenter,
        "mean_anomaly_deg": mean_anomaly,
        "bstar_inv_er": bstar,
        "mean_motion_dot_rev_day2": dot,
        "mean_motion_ddot_rev_day3": ddot,
        "ephemeris_type": ephemeris_type.astype(np.int8),
        "classification": classification,
        "element_set_no": element_set_no.astype(np.int32),
        "rev_at_epoch": rev_at_epoch.astype(np.int32),
    }
    for field, reason, failed in impossible(columns):
        (second if field == "eccentricity" else first).check(field, failed, reason)
    return columns, faults
