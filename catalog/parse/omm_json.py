"""OMM as JSON: a list of objects, or one object."""

from __future__ import annotations

from catalog.parse.json_items import JsonError, json_items
from catalog.parse.omm import KEYWORDS, OmmRecords
from catalog.parse.result import Parsed, ParseError

_QUOTED_CHARS = 200


def parse_json(text: str, *, name: str, max_refusals: int) -> Parsed:
    """Element sets of a JSON document.

    Raises
    ------
    ParseError
        The document is cut or malformed (then none of its records is taken), or every record was refused.
    """
    records = OmmRecords(name, max_refusals)
    try:
        for count, item in enumerate(json_items(text), start=1):
            label = f"record {count}: " if item.in_list else ""
            if item.fields is not None and not item.in_list and not KEYWORDS & {key.upper() for key in item.fields}:
                says = " ".join(text.split())[:_QUOTED_CHARS]
                raise ParseError(name, f"no element set in it but a message: '{says}'", line=item.line)
            if item.fields is None:
                records.refuse(item.line, "", f"{label}not a JSON object", item.text)
            elif item.twice:
                records.refuse(item.line, item.twice, f"{label}given twice in one record", item.text)
            else:
                records.add(item.line, {key.upper(): value for key, value in item.fields.items()}, label=label)
    except JsonError as error:
        reason = f"{error.reason}; nothing was taken from it, fetch it again"
        raise ParseError(name, reason, line=error.line, column=error.column) from error
    return records.parsed()
