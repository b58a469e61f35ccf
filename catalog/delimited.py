"""Tables as people save them: by comma, semicolon or tab, with comments before the header, packed or not, and bounded."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import CatalogError, FileError

MOST_ROWS = 1_000_000
MOST_REFUSALS = 10_000  # of one file, kept one by one
_MOST_LINES_BEFORE = 50
_MOST_HEADER_CHARS = 100_000
_LARGEST_RATIO = 50  # of what gzip makes of a table; a bomb's is a thousand
_RATIO_FLOOR_BYTES = 1 << 20
_DELIMITERS = ",;\t"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")

Refuse = type[FileError]  # the error to raise


class DelimitedError(CatalogError):
    """A row that is no CSV, such as one whose quotation never ends.

    Attributes
    ----------
    line : int
        Where it begins.
    reason : str
    """

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason
        super().__init__(f"line {line}: is no CSV: {reason}")


@dataclass(frozen=True)
class Delimited:
    """A table's header and its rows.

    Parameters
    ----------
    header : list of str
        Without blanks around the names.
    line : int
        Where the header stands, counted from 1.
    rows : iterator of (int, list of str)
        The line at which each row begins, and its cells. It may raise ``DelimitedError``.
    """

    header: list[str]
    line: int
    rows: Iterator[tuple[int, list[str]]]


def read_bytes(path: Path, *, max_bytes: int, refuse: Refuse) -> bytes:
    """The content of a file, unpacked where gzip packed it.

    Raises
    ------
    FileError
        As ``refuse``: it cannot be read, or unpacks to more than ``max_bytes`` or than fifty times its size.
    """
    try:
        with path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
        size = path.stat().st_size
        limit = min(max_bytes, max(_RATIO_FLOOR_BYTES, _LARGEST_RATIO * size)) if packed else max_bytes
        with gzip.open(path) if packed else path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise refuse(f"cannot be read: {error}; is the file whole?", file=path.name) from error
    if len(data) > max_bytes:
        raise refuse(f"is larger than {max_bytes} bytes: split it", file=path.name)
    if len(data) > limit:
        raise refuse(
            f"unpacks to more than {_LARGEST_RATIO} times its size, as a decompression bomb does: unpack it yourself if "
            "you trust it",
            file=path.name,
        )
    return data


def decoded(data: bytes, *, file: str, refuse: Refuse) -> str:
    """Text in UTF-8, or in Latin-1 where it is no UTF-8, as older tables are.

    Raises
    ------
    FileError
        As ``refuse``: there are zero bytes in it.
    """
    if b"\x00" in data:
        raise refuse("holds zero bytes: not a text file", file=file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # never fails


def delimited(text: str, is_header: Callable[[list[str]], bool], *, strict: bool = False) -> Delimited | None:
    """The table in a text, whichever of comma, semicolon and tab parts it.

    Its header is the first line that satisfies ``is_header``, after comments and blank lines; None where none does. Rows
    without any text, and comments that do not fit the header, are passed over.

    Parameters
    ----------
    text : str
    is_header : callable
        Whether these names, without blanks around them, are the header that is looked for.
    strict : bool
        Take a quotation mark at a wrong place for an error.
    """
    for number, (start, end) in enumerate(_first_lines(text), start=1):
        line = text[start:end]
        for delimiter in _DELIMITERS:
            try:
                header = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
            except csv.Error:
                continue
            if is_header(header):
                # Only a quotation mark pairs cells, and a header that is a comment itself (GCAT's) comes without any.
                rest = io.StringIO(text[end:], newline="")
                if line.startswith("#"):
                    reader = csv.reader(rest, delimiter=delimiter, quoting=csv.QUOTE_NONE)
                else:
                    reader = csv.reader(rest, delimiter=delimiter, strict=strict)
                return Delimited(header, number, _rows(reader, number, len(header)))
    return None


def first_names(text: str) -> list[str]:
    """The names in the first line that is neither blank nor a comment, for saying what a file is instead."""
    lines = (text[start:end].strip() for start, end in _first_lines(text))
    line = next((line for line in lines if line and not line.startswith("#")), "")
    delimiter = max(_DELIMITERS, key=line.count)
    return [name.strip() for name in line.split(delimiter) if name.strip()]


def _first_lines(text: str) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end among which a header is looked for."""
    start = 0
    for _ in range(_MOST_LINES_BEFORE):
        match = _LINE.match(text, start)
        if match is None or match.end() == start or match.end() - start > _MOST_HEADER_CHARS:
            return
        yield start, match.end()
        start = match.end()


def _rows(reader: Any, before: int, width: int) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv names no type
    line = before + 1
    try:
        for cells in reader:
            comment = len(cells) != width and cells and cells[0].startswith("#")
            if not comment and any(cell.strip() for cell in cells):
                yield line, cells
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise DelimitedError(line, str(error)) from error
