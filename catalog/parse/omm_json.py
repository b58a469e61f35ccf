"""OMM as JSON: a list of objects, or one object."""

from __future__ import annotations

import json
from typing import NoReturn

from catalog.parse.omm import OmmRecords
from catalog.parse.result import Parsed, ParseError

_BLANK = " \t\r\n"


def parse_json(text: str, *, name: str, max_refusals: int) -> Parsed:
    """Element sets of a JSON document.

    Raises
    ------
    ParseError
        The document is cut or malformed (then none of its records is taken), or every record was refused.
    """
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    records = OmmRecords(name, max_refusals)

    def skip(position: int, also: str = "") -> int:
        while position < len(text) and text[position] in _BLANK + also:
            position += 1
        return position

    def fail(position: int, reason: str) -> NoReturn:
        line = text.count("\n", 0, position) + 1
        column = position - text.rfind("\n", 0, position)
        raise ParseError(name, f"{reason}; nothing was taken from it, fetch it again", line=line, column=column)

    def take(position: int) -> tuple[object, int]:
        try:
            return decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            fail(error.pos, f"not JSON, or cut ({error.msg})")
        except (ValueError, RecursionError) as error:
            fail(position, f"not JSON that can be read ({error})")

    position = skip(0)
    is_list = text.startswith("[", position)
    position = skip(position + 1) if is_list else position
    line, counted, count = 1, 0, 0
    while not (is_list and count == 0 and text.startswith("]", position)):
        value, end = take(position)
        count += 1
        line, counted = line + text.count("\n", counted, position), position
        label = f"record {count}: " if is_list else ""
        if isinstance(value, dict):
            records.add(line, {str(key).upper(): item for key, item in value.items()}, label=label)
        else:
            records.refuse(line, "", f"{label}not a JSON object", text[position : position + 200])
        position = skip(end)
        if not is_list or not text.startswith(",", position):
            break
        position = skip(position + 1)
    if is_list:
        if not text.startswith("]", position):
            fail(position, "not JSON, or cut (expected ',' or ']')")
        position = skip(position + 1)
    if position < len(text):
        fail(position, "something follows the end of the JSON document")
    return records.parsed()


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
