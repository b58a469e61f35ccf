"""OMM as CSV: a header of keywords, one record a row; by comma, semicolon or tab, after comments."""

from __future__ import annotations

from catalog.delimited import DelimitedError, delimited, first_names
from catalog.parse.omm import KEYWORDS, OmmRecords
from catalog.parse.result import Parsed, ParseError

_NEEDED = ("NORAD_CAT_ID", "EPOCH")


def parse_csv(text: str, *, name: str, max_refusals: int) -> Parsed:
    """Element sets of a CSV document.

    Raises
    ------
    ParseError
        The header lacks the keywords of an OMM or has one twice, a quoted cell does not end, or every record was refused.
    """
    table = delimited(text, lambda names: set(_NEEDED) <= {one.upper() for one in names}, strict=True)
    if table is None:
        found = {one.upper() for one in first_names(text)}
        missing = next((keyword for keyword in _NEEDED if keyword not in found), _NEEDED[0])
        raise ParseError(name, "the header has no such column: not element sets", line=1, field=missing)
    header = [one.upper() for one in table.header]
    twice = next((one for one in header if one in KEYWORDS and header.count(one) > 1), None)
    if twice:
        raise ParseError(name, "the header has this column twice", line=table.line, field=twice)
    records = OmmRecords(name, max_refusals)
    try:
        for line, row in table.rows:
            if len(row) == len(header):
                records.add(line, dict(zip(header, row, strict=True)))
            else:
                reason = f"{len(row)} cells under a header of {len(header)}: the row is cut or shifted"
                records.refuse(line, "", reason, ",".join(row))
    except DelimitedError as error:
        reason = f"not CSV, or cut ({error.reason}); nothing was taken from it"
        raise ParseError(name, reason, line=error.line) from error
    return records.parsed()
