"""Which format a file has, told by its first bytes."""

from __future__ import annotations

import re
from enum import Enum

from catalog.parse.result import ParseError

HEAD_BYTES = 4096
BOM = b"\xef\xbb\xbf"
_FOREIGN = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a zip archive inside another file, or without the suffix .zip",
    b"\x1f\x8b": "gzip inside another file, or without the suffix .gz",
    b"BZh": "a bzip2 file",
    b"7z\xbc\xaf": "a 7-zip archive",
    b"\xfd7zXZ": "an xz file",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "an SQLite database",
    b"\xff\xfe": "UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "UTF-16 text: save it as UTF-8",
}
_KVN = re.compile(rb"\A(?:\s*COMMENT[^\n]*\n)*\s*(?:CCSDS_OMM_VERS|OBJECT_NAME|CREATION_DATE)\s*=", re.IGNORECASE)
_PARTED = re.compile(rb"[,;\t]")
_RECORD = re.compile(rb"(?:\A|[\r\n])[12] ")
# A name, however odd, with a two-line set below it.
_NAMED_SET = re.compile(rb"\A[^\r\n]{1,100}\s*[\r\n]\s*1 [^\r\n]{60,}\s*[\r\n]\s*2 [^\r\n]{60}")


class Format(Enum):
    """Formats of element sets; a three-line set is a two-line set with a name."""

    TLE = "TLE"
    JSON = "JSON"
    CSV = "CSV"
    XML = "XML"
    KVN = "KVN"


def detect(head: bytes, *, name: str) -> Format:
    """Format of the file that begins with ``head``.

    Raises
    ------
    ParseError
        The file is empty, or surely not element sets.
    """
    text = head.removeprefix(BOM).lstrip()
    if _NAMED_SET.match(text):
        return Format.TLE
    for magic, what in _FOREIGN.items():
        if head.startswith(magic):
            raise ParseError(name, f"not element sets: {what}")
    if is_tar(head):
        raise ParseError(name, "not element sets: a tar archive inside another file")
    if not text:
        blank = len(head) >= HEAD_BYTES
        raise ParseError(
            name, f"begins with {HEAD_BYTES} blank bytes: not element sets" if blank else "the file is empty"
        )
    if text[:1] in (b"{", b"["):
        return Format.JSON
    if text[:1] == b"<":
        if re.match(rb"<(!doctype\s+)?html", text, re.IGNORECASE):
            raise ParseError(name, "a web page, not element sets: probably an error or a log-in page", line=1)
        return Format.XML
    if _KVN.match(text):
        return Format.KVN
    lines = [line for line in text.upper().splitlines() if line.strip() and not line.startswith(b"#")]
    first = lines[0] if lines else b""
    if _PARTED.search(first) and (b"NORAD_CAT_ID" in first or (b"," in first and _has_suffix(name, ".csv"))):
        return Format.CSV
    if b"\0" in head and not _RECORD.search(head):
        raise ParseError(name, "not element sets: a binary file")
    return Format.TLE


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a tar archive."""
    return head[257:262] == b"ustar"


def _has_suffix(name: str, suffix: str) -> bool:
    return name.lower().removesuffix(".gz").endswith(suffix)
