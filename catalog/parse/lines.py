"""Text in chunks as pieces of whole lines, whatever their newlines and however long they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def whole_records(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Pieces that end with a line and split no record, each with the number of its first line; newlines are LF."""
    line, carry = 1, b""
    for chunk in whole_lines(chunks, max_line_bytes):
        text = carry + chunk
        end = _end_of_last_record(text)
        if end:
            yield line, text[:end]
            line += text.count(b"\n", 0, end)
        carry = text[end:]
    if carry:
        yield line, carry


def whole_lines(chunks: Iterable[bytes], max_line_bytes: int) -> Iterator[bytes]:
    """The text with LF as its only newline, cut after a newline; a line above the limit loses its end."""
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
            yield text[:end]
    if tail:
        yield tail.replace(b"\r", b"\n").rstrip(b"\n") + b"\n"


def _end_of_last_record(text: bytes) -> int:
    """Where to cut so that no record is split: after the last second line, or before the last two lines."""
    after_second = text.find(b"\n", text.rfind(b"\n2 ") + 1) + 1 if b"\n2 " in text else 0
    body = text.rstrip()
    last = body.rfind(b"\n")
    before_last_two = body.rfind(b"\n", 0, max(last, 0)) + 1
    return max(after_second, before_last_two)
