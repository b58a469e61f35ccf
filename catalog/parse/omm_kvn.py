"""OMM in keyword-value notation: `KEYWORD = value [unit]`, one or more messages in a file."""

from __future__ import annotations

import re

from catalog.parse.omm import KEYWORDS, OmmRecords, unit_fault
from catalog.parse.result import Parsed, ParseError

_UNIT = re.compile(r"\s*\[([^\[\]]*)\]$")
_BEGIN = "CCSDS_OMM_VERS"
_MATTERS = KEYWORDS - {"MEAN_MOTION_DDOT"}  # SGP4 does not use it, and it is often the last line


def parse_kvn(text: str, *, name: str, max_refusals: int) -> Parsed:
    """Element sets of a file of KVN messages.

    A message begins at `CCSDS_OMM_VERS`, or at another `OBJECT_NAME` where the messages have no header.

    Raises
    ------
    ParseError
        There is no message in it, or every one was refused.
    """
    records = OmmRecords(name, max_refusals)
    message: dict[str, object] = {}
    first_line = 0
    broken: tuple[int, str, str, str] | None = None

    def close() -> None:
        if broken:
            records.refuse(*broken)
        elif first_line:
            records.add(first_line, message)

    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        before, equals, after = line.partition("=")
        keyword, value = before.strip(), after.strip()
        if not (keyword or equals) or (keyword[:7] == "COMMENT" and keyword[7:8] in ("", " ")):
            continue
        keyword = keyword.upper()
        if not first_line or keyword == _BEGIN or (keyword == "OBJECT_NAME" and keyword in message):
            close()
            message, first_line, broken = {}, number, None
        if not equals:
            broken = broken or (number, "", "no '=' in this line: the message is damaged or cut", line)
        elif keyword in message:
            broken = broken or (number, keyword, "given twice in one message", line)
        elif number == len(lines) and keyword in _MATTERS:  # the standard ends every line with a newline
            broken = broken or (number, keyword, "the file ends within this line: the message is cut", line)
        elif keyword in KEYWORDS:
            unit = _UNIT.search(value)
            message[keyword] = value[: unit.start()] if unit else value
            if unit and (fault := unit_fault(keyword, unit[1])):
                broken = broken or (number, keyword, fault, line)
    close()
    if not first_line:
        raise ParseError(name, "no message in it", line=1)
    return records.parsed()
