"""The sheets of an Excel workbook (.xlsx: ECMA-376, part 1, section 18) as rows of text, and no more of it than a table needs."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError as XmlError  # only the error: defusedxml parses

import defusedxml
from defusedxml.ElementTree import iterparse

from catalog.delimited import MOST_ROWS
from catalog.errors import FileError

MAGIC = b"PK\x03\x04"
_MOST_SHEETS = 10
_MOST_COLUMNS = 1_000
_MOST_PART_BYTES = 64 * 2**20
_LARGEST_RATIO = 40
_RATIO_FLOOR_BYTES = 1 << 20
_SHEET = re.compile(r"xl/worksheets/sheet(\d{1,3})\.xml", re.ASCII)
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_DATE_FORMATS = {*range(14, 18), 22}  # those built in; 22 has the time too
_DATE_LETTERS = re.compile(r"[ymd]", re.IGNORECASE)
_NOT_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')  # quoted text, colors and conditions, escaped letters
_DAY_ZERO = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - days, without a zone
_LAST_DAY = 2_958_465  # 9999-12-31

Row = dict[int, str]
Refuse = type[FileError]  # the error to raise


def sheets(data: bytes, *, file: str, refuse: Refuse) -> Iterator[list[tuple[int, Row]]]:
    """The sheets of a workbook in order, each as rows: their number, and the text of each column that has any.

    Dates come as ``2026-05-31``. Formulas give what they gave when the workbook was saved.

    Raises
    ------
    FileError
        As ``refuse``: it is no workbook, is damaged, or unpacks to more than a table does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {part.filename: part for part in archive.infolist()}
            numbers = sorted(int(match[1]) for name in parts if (match := _SHEET.fullmatch(name)))
            if not numbers:
                raise refuse("is a zip archive without a sheet: no Excel workbook", file=file)
            texts = _shared_texts(_part(archive, parts, "xl/sharedStrings.xml", file, refuse))
            dates = _date_styles(_part(archive, parts, "xl/styles.xml", file, refuse))
            since = _DAY_ZERO[b'date1904="1"' in _part(archive, parts, "xl/workbook.xml", file, refuse)]
            for number in numbers[:_MOST_SHEETS]:
                sheet = _part(archive, parts, f"xl/worksheets/sheet{number}.xml", file, refuse)
                yield list(_rows(sheet, texts, dates, since))
    except (XmlError, defusedxml.DefusedXmlException) as error:
        raise refuse(f"is no Excel workbook that can be read ({error})", file=file) from error
    except (zipfile.BadZipFile, RuntimeError, EOFError, OSError, zlib.error, ValueError) as error:
        raise refuse(f"is a damaged or cut Excel workbook ({error})", file=file) from error


def _part(archive: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], name: str, file: str, refuse: Refuse) -> bytes:
    """A part of the workbook, empty where there is none of this name."""
    if name not in parts:
        return b""
    limit = min(_MOST_PART_BYTES, max(_RATIO_FLOOR_BYTES, _LARGEST_RATIO * parts[name].compress_size))
    if parts[name].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse("is packed by a method other than deflate: save it again", file=file)
    with archive.open(parts[name]) as content:
        data = content.read(limit + 1)
    if len(data) > limit:
        raise refuse("unpacks to more than a table does, as a decompression bomb does", file=file)
    return data


def _elements(data: bytes, *tags: str) -> Iterator[Any]:
    """The elements of these names as they end; each is emptied once it was seen."""
    if not data.strip():
        return
    for _, element in iterparse(io.BytesIO(data), events=("end",), forbid_dtd=True):
        if element.tag.rpartition("}")[2] in tags:
            yield element
            element.clear()


def _text(element: Any) -> str:  # noqa: ANN401
    """The text of a cell or shared string, without the reading aids of East Asian text."""
    runs = [part for part in element if part.tag.rpartition("}")[2] != "rPh"]
    own = element.text or "" if element.tag.rpartition("}")[2] in ("t", "v") else ""
    return own + "".join(_text(part) for part in runs if part.tag.rpartition("}")[2] in ("t", "r", "is", "v"))


def _shared_texts(data: bytes) -> list[str]:
    return [_text(element) for element in _elements(data, "si")]


def _date_styles(data: bytes) -> set[int]:
    """Which of the cell styles show a number as a date."""
    formats, styles = set(_DATE_FORMATS), set()
    for element in _elements(data, "numFmt", "cellXfs"):
        if element.tag.endswith("numFmt"):
            if _DATE_LETTERS.search(_NOT_LETTERS.sub("", element.get("formatCode", ""))):
                formats.add(_whole(element.get("numFmtId")))
        else:
            styles = {place for place, style in enumerate(element) if _whole(style.get("numFmtId")) in formats}
    return styles


def _rows(data: bytes, texts: list[str], dates: set[int], since: datetime) -> Iterator[tuple[int, Row]]:
    for number, row in enumerate(_elements(data, "row"), start=1):
        if number > MOST_ROWS:
            return
        cells: Row = {}
        for place, cell in enumerate(row):
            column = _column(cell.get("r"), place)
            value = _value(cell, texts, dates, since).strip() if column < _MOST_COLUMNS else ""
            if value:
                cells[column] = value
        yield _whole(row.get("r")) or number, cells


def _value(cell: Any, texts: list[str], dates: set[int], since: datetime) -> str:  # noqa: ANN401
    text = _text(cell)
    kind = cell.get("t", "n")
    if kind == "s":
        place = _whole(text)
        return texts[place] if 0 <= place < len(texts) else ""
    if kind != "n" or not text:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    if _whole(cell.get("s")) in dates and 0 < number <= _LAST_DAY:
        return (since + timedelta(days=int(number))).date().isoformat()
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


def _column(reference: str | None, place: int) -> int:
    """Which column a reference such as ``AB12`` names, from 0; ``place`` where there is none."""
    match = _REFERENCE.fullmatch(reference or "")
    if match is None:
        return place
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column - 1


def _whole(text: str | None) -> int:
    """A whole number of at most nine digits, -1 where it is none; 0 where there is no text."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else -1
