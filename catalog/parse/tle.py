"""Two-line and three-line element sets, in pieces of any size.

A record is a line that begins with `1 `, the next line that is not blank and begins with `2 `, and, in three-line
files, a name before them (`0 NAME` or the bare name). After a damaged or orphaned line reading goes on with the next record.

Space-Track's yearly archives end lines in a backslash, and leave out the checksums of many pairs: those are taken by
their layout and matching catalog numbers, and counted as unverified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from catalog.parse.bounds import FIRST_YEAR
from catalog.parse.lines import whole_lines
from catalog.parse.result import (
    NAME_DTYPES,
    PARSED_DTYPES,
    SUPPLEMENTAL_CLASS,
    Parsed,
    ParseError,
    Refusal,
    finish,
    frame_of,
)
from catalog.parse.tle_fields import LINE_CHARS, Bytes, Fault, Mask, decode
from configs.catalog import IngestConfig
from orbits.elements import IntArray

SETS_AT_ONCE = 500_000  # a file above this comes in parts
_NAME_CHARS = 64  # anything longer before a record is a damaged line, not its name
_BLOCK_SETS = 8192  # the columns of a block fit the processor's cache
_LF, _SPACE = 10, 32
_SPARE = bytes([_SPACE]) * LINE_CHARS
_PASSES = 8  # more blanks at an end than this are rare
_QUOTED_CHARS = 200

_IS_END = np.zeros(256, dtype=np.bool_)  # what may stand behind a line's last column
_IS_END[list(b" \t\\")] = True
_IS_GLUED = np.zeros(256, dtype=np.bool_)  # what makes a line of 69 columns a longer, damaged one
_IS_GLUED[list(b"0123456789+-.")] = True
_IS_LETTER = np.zeros(256, dtype=np.bool_)
_IS_LETTER[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = True
_IS_GLUED |= _IS_LETTER


@dataclass
class _Found:
    """What the pieces read so far held."""

    file: str
    max_refusals: int
    columns: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    lines: list[IntArray] = field(default_factory=list)
    designators: dict[int, int] = field(default_factory=dict)
    zero_names: dict[int, str] = field(default_factory=dict)  # of lines that begin with `0 `
    bare_names: dict[int, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    refused: int = 0
    uncounted: int = 0
    unverified: int = 0
    records: int = 0
    waiting: int = 0
    taken: bool = False
    last_line: int = 0  # of the last refusal of earlier parts
    after_refused: bool = False  # whether the last line read was refused
    three_lines: bool = True  # whether all records so far have a name, but those that follow a refused line
    head: bytes = b""

    def refuse(self, refusals: Iterator[Refusal], count: int) -> None:
        """Keep ``refusals``, of which there are ``count``, up to the limit; beyond it they are only counted."""
        kept = min(count, self.max_refusals - self.refused)
        self.refusals += islice(refusals, kept)
        self.refused += kept
        self.uncounted += count - kept

    def part(self, names: pd.DataFrame, *, last: bool = False) -> Parsed:
        """What was found since the last part; what is only counted is told by the last one, of the whole file."""
        self.refusals.sort(key=lambda refusal: refusal.line)
        parsed = finish(
            self.file,
            _element_sets(self.columns),
            names,
            self.refusals,
            self.uncounted if last else 0,
            np.concatenate([*self.lines, np.empty(0, dtype=np.int64)]),
            unverified=self.unverified,
            taken_before=self.taken,
            last_line=self.last_line,
        )
        self.last_line = self.refusals[-1].line if self.refusals else self.last_line
        self.columns, self.lines, self.refusals, self.taken = [], [], [], True
        self.waiting = self.unverified = 0
        return parsed


def parse_tle(
    chunks: Iterable[bytes], *, name: str, config: IngestConfig | None = None, sets_at_once: int = SETS_AT_ONCE
) -> Iterator[Parsed]:
    """Element sets of a TLE or 3LE file.

    Parameters
    ----------
    chunks : iterable of bytes
        The file's content in order, cut anywhere.
    name : str
        The file's name in messages.
    sets_at_once : int
        Element sets of a part, above which the next one begins; memory grows with it.

    Yields
    ------
    Parsed
        One part of the file after the other; the last holds the names of all its objects.

    Raises
    ------
    ParseError
        The file holds no element set.
    """
    config = config or IngestConfig()
    found = _Found(name, config.max_refused_per_file)
    first_number, carried = 1, _Carried()
    for text in whole_lines(chunks, config.max_line_bytes):
        lines = _Lines.of(carried, text, first_number)
        end = lines.end_of_records()
        _read_piece(lines, end, found)
        carried = lines.carried(end)
        first_number = lines.next_number
        found.head = found.head or text[:_QUOTED_CHARS].strip()
        if found.waiting >= sets_at_once:
            yield found.part(frame_of({}, NAME_DTYPES))
    lines = _Lines.of(carried, b"", first_number)
    _read_piece(lines, len(lines.starts), found)
    if not found.records:
        raise ParseError(name, _without_sets(found.head), line=1)
    yield found.part(_names(found), last=True)


def _without_sets(head: bytes) -> str:
    says = " ".join(head.decode("utf-8", "replace").split())
    return f"no element set in it: expected TLE, 3LE or OMM (JSON, CSV, XML, KVN), not '{says}'"


@dataclass(frozen=True)
class _Carried:
    """The lines of a piece whose record may go on in the next: their text, LF behind each, and their numbers."""

    text: bytes = b""
    numbers: IntArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class _Lines:
    """The lines of a piece that are neither blank nor remarks: where each begins and ends, its number, its looks."""

    text: Bytes
    starts: IntArray
    ends: IntArray
    numbers: IntArray
    is_first: Mask
    is_second: Mask
    is_name: Mask
    next_number: int

    @classmethod
    def of(cls, carried: _Carried, piece: bytes, first_number: int) -> _Lines:
        piece = carried.text + piece
        text: Bytes = np.frombuffer(piece + _SPARE, dtype=np.uint8)
        ends = np.flatnonzero(text[: len(piece)] == _LF)
        starts = np.concatenate([[0], ends + 1])[:-1]
        ends = _without_trailing_blanks(text, starts, ends)
        filled = np.flatnonzero((ends > starts) & ~((text[starts] == ord("#")) & (text[starts + 1] == _SPACE)))
        numbers = first_number - len(carried.numbers) + filled
        numbers[: len(carried.numbers)] = carried.numbers
        next_number = first_number + len(starts) - len(carried.numbers)
        starts, ends = starts[filled], ends[filled]
        spaced = text[starts + 1] == _SPACE
        is_first = (text[starts] == ord("1")) & spaced
        is_second = (text[starts] == ord("2")) & spaced
        is_name = ~is_first & ~is_second & np.append(is_first[1:], False) & (ends - starts <= _NAME_CHARS)
        return cls(text, starts, ends, numbers, is_first, is_second, is_name, next_number)

    def end_of_records(self) -> int:
        """How many lines to read so that no record is split: those behind may have its other lines in the next piece."""
        count = len(self.starts)
        if not count or self.is_second[-1]:
            return count
        named = count > 1 and self.is_first[-1] and self.is_name[-2]
        return count - 1 - int(named)

    def carried(self, end: int) -> _Carried:
        """The lines from ``end`` on."""
        rows = zip(self.starts[end:], self.ends[end:], strict=True)
        return _Carried(b"".join(self.text[start:stop].tobytes() + b"\n" for start, stop in rows), self.numbers[end:])

    def lack_checksum(self, at: IntArray) -> Mask:
        """Whether the lines ``at`` end before the column of the checksum."""
        return np.asarray(self.ends[at] - self.starts[at] == LINE_CHARS - 1)

    def are_whole(self, at: IntArray) -> Mask:
        """Whether the lines ``at`` have all columns, with nothing behind them or something that stands apart."""
        chars = self.ends[at] - self.starts[at]
        glued = _IS_GLUED[self.text[self.starts[at] + LINE_CHARS]]
        return np.asarray((chars == LINE_CHARS) | ((chars > LINE_CHARS) & ~glued))

    def show(self, at: int) -> str:
        return (
            self.text[self.starts[at] : min(self.ends[at], self.starts[at] + 99)].tobytes().decode("utf-8", "replace")
        )

    def refusal(self, pair: int, fault: Fault) -> Refusal:
        """What is wrong with the record whose first line is ``pair``."""
        text = f"{self.show(pair)}\n{self.show(pair + 1)}"
        return Refusal(int(self.numbers[pair + fault.line - 1]), fault.field, fault.reason, text)

    def stray(self, at: int, run: int) -> Refusal:
        """What is wrong with a line that belongs to no record; ``run`` lines from there are alike."""
        if self.is_first[at]:
            field, reason = "line 1", "no line 2 follows it: the record is cut"
        elif self.is_second[at]:
            field, reason = "line 2", "no line 1 comes before it: the record is cut"
        else:
            which = "this line is" if run == 1 else f"these {run} lines are"
            field, reason = "", f"{which} neither an element set nor its name"
        return Refusal(int(self.numbers[at]), field, reason, self.show(at))


def _without_trailing_blanks(text: Bytes, starts: IntArray, ends: IntArray) -> IntArray:
    """Ends of lines moved back over blanks and backslashes."""
    ends = ends.copy()
    trimming = np.arange(len(ends))
    for _ in range(_PASSES):
        trimming = trimming[ends[trimming] > starts[trimming]]
        trimming = trimming[_IS_END[text[ends[trimming] - 1]]]
        if not len(trimming):
            return ends
        ends[trimming] -= 1
    filled = np.flatnonzero(~_IS_END[text])
    before = np.searchsorted(filled, ends[trimming]) - 1  # the last character that is not blank
    last = np.where(before >= 0, filled[before], -1)
    ends[trimming] = np.maximum(last + 1, starts[trimming])
    return ends


def _read_piece(lines: _Lines, end: int, found: _Found) -> None:
    """Read the records among the first ``end`` lines of a piece, and refuse what belongs to none."""
    pairs = np.flatnonzero(lines.is_first[: max(end - 1, 0)] & lines.is_second[1:end])
    refused = ~lines.is_name[:end]
    refused[pairs] = refused[pairs + 1] = False
    _refuse_strays(lines, np.flatnonzero(refused), found)
    norad_id = np.zeros(len(pairs), dtype=np.int64)
    for block in range(0, len(pairs), _BLOCK_SETS):
        chosen = slice(block, block + _BLOCK_SETS)
        norad_id[chosen] = _read_block(lines, pairs[chosen], found)
    bad = pairs[norad_id == 0]
    refused[bad] = refused[bad + 1] = True
    after_refused = np.append(found.after_refused, refused)
    _read_names(lines, pairs, norad_id, after_refused, found)
    found.after_refused = bool(after_refused[-1])
    found.records += len(pairs)


def _read_block(lines: _Lines, pairs: IntArray, found: _Found) -> IntArray:
    """Decode the pairs whose first lines are ``pairs``, take those without a fault; their objects, 0 where refused."""
    window = np.lib.stride_tricks.sliding_window_view(lines.text, LINE_CHARS)
    one, two = window[lines.starts[pairs]], window[lines.starts[pairs + 1]]
    unverified = lines.lack_checksum(pairs) & lines.lack_checksum(pairs + 1)
    columns, faults = decode(one, two, unverified)
    good = np.ones(len(pairs), dtype=np.bool_)
    for fault in [*_length_faults(lines, pairs, unverified), *faults]:
        failed = pairs[fault.failed & good]
        found.refuse((lines.refusal(pair, fault) for pair in failed), len(failed))
        good &= ~fault.failed
    of_pairs = np.where(good, columns["norad_id"], 0)
    if not good.all():
        columns, one = {name: values[good] for name, values in columns.items()}, one[good]
    found.columns.append(columns)
    found.lines.append(lines.numbers[pairs[good]])
    found.waiting += len(one)
    found.unverified += int(np.count_nonzero(unverified & good))

    # Later rows of the same object replace earlier ones.
    designator = np.ascontiguousarray(one[:, 9:17]).view(np.uint64)[:, 0]
    found.designators.update(zip(columns["norad_id"].tolist(), designator.tolist(), strict=True))
    return of_pairs


def _read_names(lines: _Lines, pairs: IntArray, norad_id: IntArray, after_refused: Mask, found: _Found) -> None:
    """Note the names before the ``pairs``; what has no letter, or follows a refused line, may be a part of a line.

    Parameters
    ----------
    norad_id : (P,) int64
        Objects of the pairs, 0 where refused.
    after_refused : (end + 1,) bool
        Whether the line before each line was refused.
    """
    named = (pairs > 0) & lines.is_name[pairs - 1]
    doubtful = after_refused[pairs - named]
    found.three_lines &= bool((named | doubtful).all())
    taken = named & (norad_id > 0) & ~doubtful
    at, of_names = pairs[taken] - 1, norad_id[taken]
    is_zero = (lines.text[lines.starts[at]] == ord("0")) & (lines.text[lines.starts[at] + 1] == _SPACE)
    is_word = _IS_LETTER[lines.text[lines.starts[at] + 2 * is_zero]]
    is_word[~is_word] = [any(map(str.isalpha, lines.show(row))) for row in at[~is_word]]
    for names, chosen in ((found.zero_names, is_zero & is_word), (found.bare_names, ~is_zero & is_word)):
        last_of = dict(zip(of_names[chosen].tolist(), at[chosen].tolist(), strict=True))
        names.update({norad: lines.show(row).removeprefix("0 ").strip() for norad, row in last_of.items()})


def _length_faults(lines: _Lines, pairs: IntArray, unverified: Mask) -> Iterator[Fault]:
    for line in (1, 2):
        lack = lines.lack_checksum(pairs + line - 1) & ~unverified
        yield Fault(line, "checksum", "68 characters: the checksum is missing", lack)
        reason = f"the line does not have {LINE_CHARS} characters: it is cut, or something follows it"
        yield Fault(line, "length", reason, ~unverified & ~lines.are_whole(pairs + line - 1))


def _refuse_strays(lines: _Lines, stray: IntArray, found: _Found) -> None:
    """Refuse the lines that belong to no record; a run of lines that are nothing at all is one refusal."""
    other = ~(lines.is_first | lines.is_second)[stray]
    begins = np.ones(len(stray), dtype=np.bool_)
    begins[1:] = (np.diff(stray) != 1) | ~other[1:] | ~other[:-1]
    runs = np.diff(np.append(np.flatnonzero(begins), len(stray)))
    found.refuse((lines.stray(at, run) for at, run in zip(stray[begins], runs, strict=True)), len(runs))
    found.records += int(np.count_nonzero(~other))


def _element_sets(columns: list[dict[str, NDArray[Any]]]) -> pd.DataFrame:
    if not columns:
        return frame_of({}, PARSED_DTYPES)
    joined = {name: np.concatenate([block[name] for block in columns]) for name in columns[0]}
    rows = len(joined["norad_id"])
    letters, codes = np.unique(joined["classification"], return_inverse=True)
    typed: dict[str, Any] = {
        **joined,
        "epoch": pd.to_datetime(joined["epoch"], unit="us", utc=True).as_unit("us"),
        "classification": pd.array([chr(letter) for letter in letters], dtype="str").take(codes),
        "creation_date": pd.DatetimeIndex(np.full(rows, np.datetime64("NaT", "us"))).tz_localize("UTC"),
        "supplemental": joined["classification"] == ord(SUPPLEMENTAL_CLASS),
    }
    return pd.DataFrame({name: typed[name] for name in PARSED_DTYPES}, copy=False)


def _names(found: _Found) -> pd.DataFrame:
    """One row an object: its last name and designator. Bare names count only where every record has one."""
    names = {**(found.bare_names if found.three_lines else {}), **found.zero_names}
    norad_ids = sorted(found.designators)
    return frame_of(
        {
            "norad_id": norad_ids,
            "name": [names.get(norad_id, "") for norad_id in norad_ids],
            "object_id": [_object_id(found.designators[norad_id]) for norad_id in norad_ids],
        },
        NAME_DTYPES,
    )


def _object_id(field: int) -> str:
    """`98067A  ` as `1998-067A`; empty where it is not a designator."""
    text = np.uint64(field).tobytes().decode("ascii", "replace").replace(" ", "").upper()
    if len(text) < 6 or not text[:5].isdigit() or not text[5:].isalpha():
        return ""
    year = int(text[:2])
    return f"{1900 + year if year >= FIRST_YEAR % 100 else 2000 + year}-{text[2:5]}{text[5:]}"
