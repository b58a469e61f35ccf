"""Text in chunks as whole lines, whatever their newlines, blanks and length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# What copying out of web pages and word processors makes of a blank, in UTF-8 and in Latin-1.
_ODD_BLANK = re.compile(
    rb"\xc2\xa0|\xe2\x80[\x80-\x8a\xaf]|\xe2\x81\x9f|\xe3\x80\x80|(?<![\x80-\x9f\xa1-\xff])\xa0(?![\x80-\x9f\xa1-\xff])"
)


def whole_lines(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[bytes]:
    """The text with LF as its only newline, cut after a newline; a line above the limit loses its end.

    No-break spaces and their like become blanks.
    """
    tail = b""
    for chunk in chunks:
        text = tail + chunk
        held = b"\r" if text.endswith(b"\r") else b""  # its LF may begin the next chunk
        if b"\r" in text:
            text = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        end = text.rfind(b"\n") + 1
        # Keeping one byte too many of an overlong line is enough to refuse it, however long it goes on.
        tail = text[end:][: max_line_bytes + 1] + held
        if end:
            yield _plain_blanks(text[:end])
    if tail:
        yield _plain_blanks(tail.replace(b"\r", b"\n").rstrip(b"\n") + b"\n")


def _plain_blanks(text: bytes) -> bytes:
    return text if text.isascii() else _ODD_BLANK.sub(b" ", text)
