"""OMM as CSV: a header of keywords, one record a row."""

from __future__ import annotations

import csv
import io

from catalog.parse.omm import OmmRecords
from catalog.parse.result import Parsed, ParseError

_NEEDED = ("NORAD_CAT_ID", "EPOCH")


def parse_csv(text: str, *, name: str, max_refusals: int) -> Parsed:
    """Element sets of a CSV document.

    Raises
    ------
    ParseError
        The header lacks the keywords of an OMM, a quoted cell does not end, or every record was refused.
    """
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    records = OmmRecords(name, max_refusals)
    line = 1
    try:
        header = [cell.strip().upper() for cell in next((row for row in rows if "".join(row).strip()), [])]
        for keyword in _NEEDED:
            if keyword not in header:
                reason = "the header has no such column: not element sets"
                raise ParseError(name, reason, line=rows.line_num, field=keyword)
        line = rows.line_num + 1
        for row in rows:
            if len(row) == len(header):
                records.add(line, dict(zip(header, row, strict=True)))
            elif any(row):
                reason = f"{len(row)} cells under a header of {len(header)}: the row is cut or shifted"
                records.refuse(line, "", reason, ",".join(row))
            line = rows.line_num + 1
    except csv.Error as error:
        raise ParseError(name, f"not CSV, or cut ({error}); nothing was taken from it", line=line) from error
    return records.parsed()
