"""Two-line and three-line element sets, in pieces of any size.

A record is a line that begins with `1 `, the next line that is not blank and begins with `2 `, and, in three-line
files, a name before them (`0 NAME` or the bare name). After a damaged or orphaned line reading goes on with the next record.
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
from catalog.parse.lines import whole_records
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

_NAME_CHARS = 64  # anything longer before a record is a damaged line, not its name
_BLOCK_SETS = 8192  # the columns of a block fit the processor's cache
_LF, _SPACE, _TAB = 10, 32, 9
_SPARE = bytes([_SPACE]) * LINE_CHARS


@dataclass
class _Found:
    """What the pieces read so far held."""

    file: str
    max_refusals: int
    columns: list[dict[str, NDArray[Any]]] = field(default_factory=list)
    designators: list[pd.DataFrame] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    uncounted: int = 0
    records: int = 0

    def refuse(self, refusals: Iterator[Refusal], count: int) -> None:
        """Keep ``refusals``, of which there are ``count``, up to the limit; beyond it they are only counted."""
        kept = min(count, self.max_refusals - len(self.refusals))
        self.refusals += islice(refusals, kept)
        self.uncounted += count - kept


def parse_tle(chunks: Iterable[bytes], *, name: str, config: IngestConfig | None = None) -> Parsed:
    """Element sets of a TLE or 3LE file.

    Parameters
    ----------
    chunks : iterable of bytes
        The file's content in order, cut anywhere.
    name : str
        The file's name in messages.

    Returns
    -------
    Parsed

    Raises
    ------
    ParseError
        The file holds no element set.
    """
    config = config or IngestConfig()
    found = _Found(name, config.max_refused_per_file)
    for first_number, piece in whole_records(chunks, config.max_line_bytes):
        _read_piece(_Lines.of(piece, first_number), found)
    if not found.records:
        raise ParseError(name, "no element set in it: expected TLE, 3LE or OMM (JSON, CSV, XML, KVN)", line=1)
    found.refusals.sort(key=lambda refusal: refusal.line)
    return finish(name, _element_sets(found), _names(found), found.refusals, found.uncounted)


@dataclass(frozen=True)
class _Lines:
    """The lines of a piece that are not blank: where each begins and ends, its number in the file, what it looks like."""

    text: Bytes
    starts: IntArray
    ends: IntArray
    numbers: IntArray
    is_first: Mask
    is_second: Mask
    is_name: Mask

    @classmethod
    def of(cls, piece: bytes, first_number: int) -> _Lines:
        text: Bytes = np.frombuffer(piece + _SPARE, dtype=np.uint8)
        ends = np.flatnonzero(text[: len(piece)] == _LF)
        starts = np.concatenate([[0], ends + 1])[:-1]
        ends = _without_trailing_blanks(text, starts, ends)
        filled = np.flatnonzero(ends > starts)
        starts, ends = starts[filled], ends[filled]
        spaced = text[starts + 1] == _SPACE
        is_first = (text[starts] == ord("1")) & spaced
        is_second = (text[starts] == ord("2")) & spaced
        is_name = ~is_first & ~is_second & np.append(is_first[1:], False) & (ends - starts <= _NAME_CHARS)
        return cls(text, starts, ends, first_number + filled, is_first, is_second, is_name)

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
    """Ends of lines moved back over spaces and tabs."""
    ends = ends.copy()
    trimming = np.arange(len(ends))
    while len(trimming):
        trimming = trimming[ends[trimming] > starts[trimming]]
        last = text[ends[trimming] - 1]
        trimming = trimming[(last == _SPACE) | (last == _TAB)]
        ends[trimming] -= 1
    return ends


def _read_piece(lines: _Lines, found: _Found) -> None:
    """Read the records of a piece, and refuse what belongs to none."""
    pairs = np.flatnonzero(lines.is_first[:-1] & lines.is_second[1:])
    stray = ~lines.is_name
    stray[pairs] = stray[pairs + 1] = False
    for block in range(0, len(pairs), _BLOCK_SETS):
        _read_block(lines, pairs[block : block + _BLOCK_SETS], found)
    _refuse_strays(lines, np.flatnonzero(stray), found)
    found.records += len(pairs)


def _read_block(lines: _Lines, pairs: IntArray, found: _Found) -> None:
    """Decode the pairs whose first lines are ``pairs`` and take those without a fault."""
    window = np.lib.stride_tricks.sliding_window_view(lines.text, LINE_CHARS)
    one = window[lines.starts[pairs]]
    columns, faults = decode(one, window[lines.starts[pairs + 1]])
    good = np.ones(len(pairs), dtype=np.bool_)
    for fault in [*_length_faults(lines, pairs), *faults]:
        failed = pairs[fault.failed & good]
        found.refuse((lines.refusal(pair, fault) for pair in failed), len(failed))
        good &= ~fault.failed
    if not good.all():
        columns, one, pairs = {name: values[good] for name, values in columns.items()}, one[good], pairs[good]
    found.columns.append(columns)

    norad_id = columns["norad_id"]
    designator = np.ascontiguousarray(one[:, 9:17]).view(np.uint64)[:, 0]
    found.designators.append(pd.DataFrame({"norad_id": norad_id, "designator": designator}).drop_duplicates())
    named = (pairs > 0) & lines.is_name[pairs - 1]
    # Later rows of the same object replace earlier ones.
    last_of = dict(zip(norad_id[named].tolist(), pairs[named] - 1, strict=True))
    found.names.update({norad: lines.show(at).removeprefix("0 ").strip() for norad, at in last_of.items()})


def _length_faults(lines: _Lines, pairs: IntArray) -> Iterator[Fault]:
    for line in (1, 2):
        chars = (lines.ends - lines.starts)[pairs + line - 1]
        yield Fault(line, "checksum", "68 characters: the checksum is missing", chars == LINE_CHARS - 1)
        reason = f"the line does not have {LINE_CHARS} characters: it is cut, or something follows it"
        yield Fault(line, "length", reason, chars != LINE_CHARS)


def _refuse_strays(lines: _Lines, stray: IntArray, found: _Found) -> None:
    """Refuse the lines that belong to no record; a run of lines that are nothing at all is one refusal."""
    other = ~(lines.is_first | lines.is_second)[stray]
    begins = np.ones(len(stray), dtype=np.bool_)
    begins[1:] = (np.diff(stray) != 1) | ~other[1:] | ~other[:-1]
    runs = np.diff(np.append(np.flatnonzero(begins), len(stray)))
    found.refuse((lines.stray(at, run) for at, run in zip(stray[begins], runs, strict=True)), len(runs))
    found.records += int(np.count_nonzero(~other))


def _element_sets(found: _Found) -> pd.DataFrame:
    if not found.columns:
        return frame_of({}, PARSED_DTYPES)
    joined = {name: np.concatenate([block[name] for block in found.columns]) for name in found.columns[0]}
    found.columns.clear()
    rows = len(joined["norad_id"])
    letters, codes = np.unique(joined["classification"], return_inverse=True)
    columns: dict[str, Any] = {
        **joined,
        "epoch": pd.to_datetime(joined["epoch"], unit="us", utc=True).as_unit("us"),
        "classification": pd.array([chr(letter) for letter in letters], dtype="str").take(codes),
        "creation_date": pd.DatetimeIndex(np.full(rows, np.datetime64("NaT", "us"))).tz_localize("UTC"),
        "supplemental": joined["classification"] == ord(SUPPLEMENTAL_CLASS),
    }
    return pd.DataFrame({name: columns[name] for name in PARSED_DTYPES}, copy=False)


def _names(found: _Found) -> pd.DataFrame:
    """One row an object: its last name and designator."""
    if not found.designators:
        return frame_of({}, NAME_DTYPES)
    last = pd.concat(found.designators).drop_duplicates("norad_id", keep="last").sort_values("norad_id")
    norad_id = last["norad_id"].to_numpy()
    fields = last["designator"].to_numpy().astype(np.uint64).tobytes()
    return frame_of(
        {
            "norad_id": norad_id,
            "name": [found.names.get(int(norad), "") for norad in norad_id],
            "object_id": [_object_id(fields[8 * row : 8 * row + 8]) for row in range(len(norad_id))],
        },
        NAME_DTYPES,
    )


def _object_id(designator: bytes) -> str:
    """`98067A  ` as `1998-067A`; empty where it is not a designator."""
    text = designator.decode("ascii", "replace").replace(" ", "")
    if len(text) < 6 or not text[:5].isdigit() or not text[5:].isalpha():
        return ""
    year = int(text[:2])
    return f"{1900 + year if year >= FIRST_YEAR % 100 else 2000 + year}-{text[2:5]}{text[5:]}"
