"""The items of a JSON list one by one, so that a bad one costs no other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from catalog.errors import CatalogError

_BLANK = " \t\r\n"
_LONGEST_WHOLE = 19  # digits that fit 64 bits; a longer number stays the text that it is
_SHOWN_CHARS = 200


class JsonError(CatalogError):
    """A document that is cut or malformed.

    Attributes
    ----------
    reason : str
    line, column : int
        Counted from 1.
    """

    def __init__(self, reason: str, *, line: int, column: int) -> None:
        self.reason, self.line, self.column = reason, line, column
        super().__init__(f"line {line}, column {column}: {reason}")


@dataclass(frozen=True)
class Item:
    """One item of a list, or the one object of a document.

    Parameters
    ----------
    line : int
        Where it begins, from 1.
    fields : dict or None
        Its names and values, of which none is a list or an object; None where it is no object.
    twice : str
        A name that it gives more than once, whatever its case; else empty.
    text : str
        How it begins.
    in_list : bool
    """

    line: int
    fields: dict[str, object] | None
    twice: str
    text: str
    in_list: bool


class Nested:
    """Stands for a list or an object where a plain value belongs."""

    def __str__(self) -> str:
        """What it was."""
        return "a list or an object"


class _Pairs(list[tuple[str, object]]):
    """An object as its pairs, so that a name given twice is seen."""


def json_items(text: str) -> Iterator[Item]:
    """The items of a JSON list, or a document's one value as a single item.

    Whole numbers that fit no 64 bits, and NaN and Infinity, come as the text that stands there, decimal ones that fit no
    double as infinity.

    Raises
    ------
    JsonError
        The document is cut or malformed; what came before is to be thrown away.
    """
    decoder = json.JSONDecoder(object_pairs_hook=_Pairs, parse_int=_whole, parse_constant=lambda constant: constant)

    def fail(position: int, reason: str) -> NoReturn:
        column = position - text.rfind("\n", 0, position)
        raise JsonError(reason, line=text.count("\n", 0, position) + 1, column=column)

    def skip(position: int) -> int:
        while position < len(text) and text[position] in _BLANK:
            position += 1
        return position

    position = skip(0)
    is_list = text.startswith("[", position)
    position = skip(position + 1) if is_list else position
    line, counted, count = 1, 0, 0
    while not (is_list and count == 0 and text.startswith("]", position)):
        try:
            value, end = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            fail(error.pos, f"not JSON, or cut ({error.msg})")
        except RecursionError:
            fail(position, "not JSON that can be read: it is nested beyond use")
        count += 1
        line, counted = line + text.count("\n", counted, position), position
        yield _item(value, line, text[position : min(end, position + _SHOWN_CHARS)], is_list)
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


def _item(value: object, line: int, text: str, in_list: bool) -> Item:
    if not isinstance(value, _Pairs):
        return Item(line, None, "", text, in_list)
    fields = dict(value)
    twice = "" if len({name.upper() for name in fields}) == len(value) else _first_repeated(value)
    for name, one in value:
        if isinstance(one, list):
            fields[name] = Nested()
    return Item(line, fields, twice, text, in_list)


def _first_repeated(pairs: _Pairs) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name.upper() in seen:
            return name
        seen.add(name.upper())
    return ""


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_WHOLE else digits
