"""Element sets out of files: TLE, 3LE, and OMM as JSON, CSV, XML and KVN."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from catalog.parse.formats import BOM, HEAD_BYTES, Format, detect
from catalog.parse.omm_csv import parse_csv
from catalog.parse.omm_json import parse_json
from catalog.parse.omm_kvn import parse_kvn
from catalog.parse.omm_xml import parse_xml
from catalog.parse.result import Parsed, ParseError, joined
from catalog.parse.tle import parse_tle
from configs.catalog import IngestConfig

__all__ = ["ParseError", "Parsed", "parse_bytes", "parse_chunks", "parse_parts"]

# What parts a document, and how many of its bytes there are at least to each such mark where it holds element sets: real
# ones have more. Millions of empty records, cells or lines would cost minutes.
_DENSITY = {
    Format.JSON: ((b"{", b"[", b","), 6),
    Format.XML: ((b"<",), 12),
    Format.CSV: ((b"\n",), 12),
    Format.KVN: ((b"\n",), 12),
}
_ALWAYS_MARKS = 20_000
_OF_TEXT = {Format.JSON: parse_json, Format.CSV: parse_csv, Format.KVN: parse_kvn}


def parse_bytes(data: bytes, *, name: str, config: IngestConfig | None = None) -> Parsed:
    """Element sets of a file held in memory, whatever its format. See ``parse_chunks``."""
    config = config or IngestConfig()
    starts = range(0, len(data), config.chunk_bytes)
    return parse_chunks((data[start : start + config.chunk_bytes] for start in starts), name=name, config=config)


def parse_chunks(chunks: Iterable[bytes], *, name: str, config: IngestConfig | None = None) -> Parsed:
    """Element sets of a file that comes in pieces, all at once. See ``parse_parts``."""
    return joined(list(parse_parts(chunks, name=name, config=config)))


def parse_parts(chunks: Iterable[bytes], *, name: str, config: IngestConfig | None = None) -> Iterator[Parsed]:
    """Element sets of a file that comes in pieces, whatever its format.

    Two-line and three-line sets are read as they come; an OMM document is gathered first.

    Parameters
    ----------
    chunks : iterable of bytes
        The content in order, cut anywhere.
    name : str
        The file's name in messages.
    config : IngestConfig, optional

    Yields
    ------
    Parsed
        One part of the file after the other; the last holds the names of all its objects.

    Raises
    ------
    ParseError
        No element set can be read from the file.
    """
    config = config or IngestConfig()
    rest = iter(chunks)
    head = b""
    for chunk in rest:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    form = detect(head[:HEAD_BYTES], name=name)
    chunks = chain([head.removeprefix(BOM)], rest)
    if form is Format.TLE:
        yield from parse_tle(chunks, name=name, config=config)
        return
    data = _gathered(chunks, form, name, config.max_document_bytes)
    if form is Format.XML:
        yield parse_xml(data, name=name, max_refusals=config.max_refused_per_file)
    else:
        yield _OF_TEXT[form](_text(data, name), name=name, max_refusals=config.max_refused_per_file)


def _gathered(chunks: Iterator[bytes], form: Format, name: str, max_bytes: int) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > max_bytes:
            raise ParseError(
                name,
                f"an OMM {form.value} document above {max_bytes} bytes: split it, or raise ingest.max_document_bytes",
            )
    marks, fewest_bytes = _DENSITY[form]
    count = sum(data.count(mark) for mark in marks)
    if count > _ALWAYS_MARKS and len(data) < fewest_bytes * count:
        raise ParseError(name, f"consists of the marks of {form.value} and hardly of text: not element sets")
    return bytes(data)


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ParseError(
            name, f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8 and read it again", line=line
        ) from error
