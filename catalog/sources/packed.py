"""What lies in compressed files and archives: gzip, zip and tar, read in pieces and never unpacked to disk.

Compressed content is read through once before anything is taken from it, so a file that is cut or damaged gives nothing,
and a bomb ends where its size stops being plausible.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, cast

from catalog.errors import CatalogError
from catalog.parse import Parsed, ParseError, parse_parts
from catalog.parse.formats import is_tar
from configs.catalog import IngestConfig

Outcome = Parsed | CatalogError

SUFFIXES = frozenset({".tle", ".3le", ".2le", ".tce", ".txt", ".json", ".csv", ".xml", ".kvn", ".omm"})
_ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # lzma may ask for gigabytes before the first byte
_ENCRYPTED = 0x1
_LEAST_BYTES = 1 << 20  # below this no ratio is suspicious
_TAR_HEAD_BYTES = 512
_TAR_HEADER_BYTES = 1 << 16  # longest extended header, such as one with a long name
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, OSError, EOFError, ValueError, RuntimeError)


class NothingInside(CatalogError):  # noqa: N818  # it says what happened, not that something broke
    """An archive without a file of element sets.

    Attributes
    ----------
    skipped : int
        Files of other kinds in it.
    """

    def __init__(self, skipped: int) -> None:
        self.skipped = skipped
        super().__init__("no file of element sets in it")


@dataclass
class _Allowance:
    """How much a file may still unpack to, all layers and members of it together [bytes]."""

    left: float


def is_known(name: str) -> bool:
    """Whether a file's name ends like one of element sets or of an archive."""
    name = name.lower()
    return name.endswith(_ARCHIVES) or PurePosixPath(name.removesuffix(".gz")).suffix in SUFFIXES


def is_shadow(name: str) -> bool:
    """Whether a name is that of the copy in which macOS keeps what other systems cannot (AppleDouble)."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return bool(parts) and (parts[-1].startswith("._") or "__MACOSX" in parts)


def read_packed(file: IO[bytes], name: str, size: int, config: IngestConfig) -> Iterator[tuple[str, Outcome]]:
    """Element sets of an open file, plain, compressed or an archive.

    Parameters
    ----------
    file : binary file
        At its beginning.
    name : str
        The file's name in messages.
    size : int
        [bytes]

    Yields
    ------
    member : str
        Its name in an archive, else empty.
    outcome : Parsed or CatalogError
        A part of the content, or why there is no more of it; ``NothingInside`` for an archive without element sets.

    Raises
    ------
    ParseError
        Nothing can be read from the file.
    """
    allowance = _Allowance(max(_LEAST_BYTES, config.max_compression_ratio * size))
    if _begins(file, 4) in _ZIP_MAGICS:
        yield from _read_zip(file, name, config, allowance)
        return
    with _plain(file, name, size, config, allowance) as content:
        if is_tar(_begins(content, _TAR_HEAD_BYTES)):
            yield from _read_tar(content, name, config, allowance)
        else:
            for outcome in _parts(content, name, config):
                yield "", outcome


def _begins(content: IO[bytes], size: int) -> bytes:
    head = content.read(size)
    content.seek(0)
    return head


@contextmanager
def _plain(
    content: IO[bytes], name: str, size: int, config: IngestConfig, allowance: _Allowance
) -> Iterator[IO[bytes]]:
    """``content`` of ``size`` bytes without its gzip, if it has one, once that is known to be whole."""
    if _begins(content, 2) != _GZIP_MAGIC:
        yield content
        return
    with gzip.GzipFile(fileobj=content) as unpacked:
        _read_through(cast("IO[bytes]", unpacked), name, size, config, allowance)
        yield cast("IO[bytes]", unpacked)


def _read_through(
    content: IO[bytes], name: str, packed_bytes: int, config: IngestConfig, allowance: _Allowance
) -> None:
    """Read compressed content to its end, and go back to its beginning.

    Raises
    ------
    ParseError
        It is cut or damaged, or grows beyond what its compressed size makes plausible.
    """
    most = min(allowance.left, max(_LEAST_BYTES, config.max_compression_ratio * packed_bytes))
    total = 0
    try:
        while chunk := content.read(config.chunk_bytes):
            total += len(chunk)
            if total > most:
                raise ParseError(
                    name,
                    f"unpacks to more than {config.max_compression_ratio:g} times its size, as a decompression bomb "
                    "does: unpack it yourself if you trust it, or raise ingest.max_compression_ratio",
                )
        content.seek(0)
    except EOFError as error:
        raise ParseError(name, "the compressed file is cut: nothing was taken from it, fetch it again") from error
    except _DAMAGE as error:
        raise ParseError(
            name, f"the compressed file is damaged ({error}): nothing was taken from it, fetch it again"
        ) from error
    finally:
        allowance.left -= total


def _parts(content: IO[bytes], name: str, config: IngestConfig) -> Iterator[Outcome]:
    """The parts of a file's element sets, and last what is wrong with it, if anything."""
    try:
        yield from parse_parts(_pieces(content, name, config), name=name, config=config)
    except ParseError as error:
        yield error
    except _DAMAGE as error:
        yield ParseError(name, f"cannot be read ({error})")


def _pieces(content: IO[bytes], name: str, config: IngestConfig) -> Iterator[bytes]:
    total = 0
    while chunk := content.read(config.chunk_bytes):
        total += len(chunk)
        if config.max_file_bytes is not None and total > config.max_file_bytes:
            raise ParseError(
                name, f"larger than {config.max_file_bytes} bytes: split it, or raise ingest.max_file_bytes"
            )
        yield chunk


def _read_zip(file: IO[bytes], name: str, config: IngestConfig, allowance: _Allowance) -> Iterator[tuple[str, Outcome]]:
    """Element sets of each member with a known suffix, in order of name."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise ParseError(name, f"a damaged or cut zip archive ({error}): fetch it again") from error
    with archive:
        # Not is_dir, which fails on a member without a name.
        members = [
            member
            for member in archive.infolist()
            if not member.filename.endswith("/") and not is_shadow(member.filename)
        ]
        _check_count(len(members), name, config)
        known = sorted((member for member in members if is_known(member.filename)), key=lambda member: member.filename)
        if not known:
            yield "", NothingInside(len(members))
        for member in known:
            shown = _printable(member.filename)
            for outcome in _read_zip_member(archive, member, f"{name}/{shown}", config, allowance):
                yield shown, outcome


def _read_zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, config: IngestConfig, allowance: _Allowance
) -> Iterator[Outcome]:
    if member.flag_bits & _ENCRYPTED:
        yield ParseError(name, "the member is encrypted: unpack the archive yourself")
        return
    if member.compress_type not in _PLAIN_METHODS:
        yield ParseError(name, "compressed by a method other than deflate: unpack the archive yourself")
        return
    try:
        with archive.open(member) as content:
            _read_through(content, name, member.compress_size, config, allowance)
            yield from _read_member(content, member.filename, name, member.file_size, config, allowance)
    except _DAMAGE as error:
        yield ParseError(name, f"a damaged member ({error}): fetch the archive again")
    except ParseError as error:
        yield error


def _read_tar(
    content: IO[bytes], name: str, config: IngestConfig, allowance: _Allowance
) -> Iterator[tuple[str, Outcome]]:
    """Element sets of each file with a known suffix, as they come; links, devices and the like are left out."""
    count = found = 0
    try:
        with tarfile.open(fileobj=_ShortReads(content, name, config), mode="r:") as archive:
            while (member := archive.next()) is not None:
                count += 1
                _check_count(count, name, config)
                if not member.isreg() or member.size < 0 or is_shadow(member.name) or not is_known(member.name):
                    continue
                found += 1
                shown = _printable(member.name)
                for outcome in _read_tar_member(archive, member, f"{name}/{shown}", config, allowance):
                    yield shown, outcome
            content.seek(archive.offset)
            end = content.read(_TAR_HEAD_BYTES)
            if not end or end.strip(b"\0"):  # tarfile takes a damaged header for the end
                raise tarfile.ReadError(f"no header and no end at byte {archive.offset}")
    except _DAMAGE as error:  # among them, as a RuntimeError, the recursion of endless extended headers
        raise ParseError(name, f"a damaged or cut tar archive ({error}): fetch it again") from error
    if not found:
        yield "", NothingInside(count)


def _read_tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, name: str, config: IngestConfig, allowance: _Allowance
) -> Iterator[Outcome]:
    content = archive.extractfile(member)
    if content is None or member.issparse():
        yield ParseError(name, "a sparse file in a tar archive: unpack the archive yourself")
        return
    try:
        yield from _read_member(content, member.name, name, member.size, config, allowance)
    except ParseError as error:
        yield error


class _ShortReads(io.RawIOBase):
    """An archive of which nothing large is read at once: a header may claim to be as long as it likes."""

    def __init__(self, content: IO[bytes], name: str, config: IngestConfig) -> None:
        self._content, self._name = content, name
        self._most = max(config.chunk_bytes, _TAR_HEADER_BYTES)

    def read(self, size: int = -1, /) -> bytes:
        if not 0 <= size <= self._most:
            raise ParseError(self._name, f"a tar header of {size} bytes: fetch the archive again")
        return self._content.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._content.seek(offset, whence)

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._content.tell()


def _read_member(
    content: IO[bytes], inside: str, name: str, size: int, config: IngestConfig, allowance: _Allowance
) -> Iterator[Outcome]:
    path = PurePosixPath(inside.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        yield ParseError(
            name, "the member's name leads out of the archive: it was not read; do not unpack this archive"
        )
        return
    with _plain(content, name, size, config, allowance) as plain:
        yield from _parts(plain, name, config)


def _check_count(members: int, name: str, config: IngestConfig) -> None:
    if members > config.max_archive_members:
        raise ParseError(
            name,
            f"{members} members, more than {config.max_archive_members}: unpack it yourself if you trust it",
        )


def _printable(name: str) -> str:
    """A member's name that can be shown and cannot climb out of where it is shown."""
    clean = "".join(char if char.isprintable() else "?" for char in name.replace("\\", "/"))
    return clean.lstrip("/")[:300]
