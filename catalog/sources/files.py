"""Element sets from files, folders and archives that nobody vouches for.

Nothing is ever unpacked to disk. Content is read in pieces, and reading stops at the limits of ``IngestConfig``, so
neither a bomb nor a file without end fills the memory.
"""

from __future__ import annotations

import gzip
import logging
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from catalog.errors import CatalogError
from catalog.parse import Parsed, ParseError, parse_chunks
from configs.catalog import IngestConfig

_SUFFIXES = frozenset({".tle", ".3le", ".2le", ".tce", ".txt", ".json", ".csv", ".xml", ".kvn", ".omm"})
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGICS = (b"PK\x03\x04", b"PK\x05\x06")
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # lzma may ask for gigabytes before the first byte
_ENCRYPTED = 0x1
_RATIO_FLOOR_BYTES = 1 << 20  # below this no ratio is suspicious

_NOT_A_FILE = "not a regular file"

_log = logging.getLogger(__name__)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class NothingToRead(CatalogError):  # noqa: N818  # it says what happened, not that something broke
    """A folder or archive without a file of element sets.

    Attributes
    ----------
    path : Path
    skipped : int
        Files of other kinds in it.
    """

    def __init__(self, path: Path, skipped: int) -> None:
        self.path, self.skipped = path, skipped
        super().__init__(
            f"{path}: no file of element sets in it ({skipped} files of other kinds); "
            f"known suffixes: {' '.join(sorted(_SUFFIXES))}, also with .gz, and .zip"
        )


@dataclass(frozen=True)
class FileList:
    """What a list of files and folders amounts to.

    Parameters
    ----------
    files : list of Path
        To be read, in order.
    skipped : int
        Files in folders whose suffix is not that of element sets.
    errors : list of (Path, CatalogError)
        Paths that cannot be read at all.
    """

    files: list[Path]
    skipped: int
    errors: list[tuple[Path, CatalogError]]


def list_files(paths: Iterable[Path]) -> FileList:
    """Files to read at ``paths``: those given, whatever their names, and those with a known suffix in given folders."""
    files: list[Path] = []
    skipped: Counter[str] = Counter()
    errors: list[tuple[Path, CatalogError]] = []
    for path in paths:
        if path.is_dir():
            inside, others = _walk(path)
            files += inside
            skipped.update(others)
            if not inside:
                errors.append((path, NothingToRead(path, others.total())))
        elif path.is_file():
            files.append(path)
        else:
            reason = _NOT_A_FILE if path.exists() else "there is no such file or folder: check the path"
            errors.append((path, ParseError(str(path), reason)))
    if skipped:
        _log.info("skipped files of other kinds: %s", ", ".join(f"{count} {kind}" for kind, count in skipped.items()))
    return FileList(list(dict.fromkeys(files)), skipped.total(), errors)


def read_paths(
    paths: Iterable[Path], config: IngestConfig | None = None
) -> Iterator[tuple[Path, Parsed | CatalogError]]:
    """Element sets of files, folders and archives, one result a file.

    Parameters
    ----------
    paths : iterable of Path
        Folders are walked in order of name. A file in a zip archive comes as `ARCHIVE.zip/MEMBER`.
    config : IngestConfig, optional

    Yields
    ------
    path : Path
    outcome : Parsed or CatalogError
        ``ParseError`` for a file that holds nothing readable, ``NothingToRead`` for a folder or archive without files
        of element sets. An error ends one file, never the reading.
    """
    config = config or IngestConfig()
    listed = list_files(paths)
    yield from listed.errors
    for path in listed.files:
        yield from read_file(path, config)


def read_file(path: Path, config: IngestConfig | None = None) -> Iterator[tuple[Path, Parsed | CatalogError]]:
    """Element sets of one file, plain, gzip or zip; several results only from a zip archive."""
    config = config or IngestConfig()
    if path.exists() and not path.is_file():  # opening a pipe or a device could wait for ever
        yield path, ParseError(str(path), _NOT_A_FILE)
        return
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            if magic in _ZIP_MAGICS:
                yield from _read_zip(path, file, config)
                return
            size = os.fstat(file.fileno()).st_size
            if magic.startswith(_GZIP_MAGIC):
                with gzip.GzipFile(fileobj=file) as content:
                    chunks = _limited(content, str(path), size, config)
                    yield path, _outcome(chunks, str(path), config)
            else:
                yield path, _outcome(_limited(file, str(path), None, config), str(path), config)
    except ParseError as error:
        yield path, error
    except OSError as error:
        yield path, ParseError(str(path), f"cannot be opened ({error.strerror or error})")


def _walk(folder: Path) -> tuple[list[Path], Counter[str]]:
    """Files with a known suffix below ``folder``, sorted, and the suffixes of the others. Linked folders are left out."""
    files, others = [], Counter[str]()
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if _is_known(name) and path.is_file():
                files.append(path)
            else:
                others[path.suffix.lower() or "without suffix"] += 1
    return files, others


def _is_known(name: str) -> bool:
    name = name.lower()
    return name.endswith(".zip") or PurePosixPath(name.removesuffix(".gz")).suffix in _SUFFIXES


def _outcome(chunks: Iterator[bytes], name: str, config: IngestConfig) -> Parsed | ParseError:
    """The file's element sets, or what is wrong with it: damage to its compression is a fault of this file alone."""
    try:
        return parse_chunks(chunks, name=name, config=config)
    except ParseError as error:
        return error
    except EOFError:
        return ParseError(name, "the compressed file is cut: nothing was taken from it, fetch it again")
    except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        return ParseError(name, f"the compressed file is damaged ({error}): nothing was taken from it, fetch it again")
    except (OSError, RuntimeError, NotImplementedError) as error:
        return ParseError(name, f"cannot be read ({error})")


def _limited(content: _Readable, name: str, compressed_bytes: int | None, config: IngestConfig) -> Iterator[bytes]:
    """Pieces of ``content``, up to the limits.

    Raises
    ------
    ParseError
        The content is larger than ``config.max_file_bytes``, or grows above ``config.max_compression_ratio``.
    """
    total = 0
    while chunk := content.read(config.chunk_bytes):
        total += len(chunk)
        if total > config.max_file_bytes:
            raise ParseError(
                name, f"larger than {config.max_file_bytes} bytes: split it, or raise ingest.max_file_bytes"
            )
        if compressed_bytes is not None and total > max(
            _RATIO_FLOOR_BYTES, config.max_compression_ratio * compressed_bytes
        ):
            raise ParseError(
                name,
                f"unpacks to more than {config.max_compression_ratio:g} times its size, as a decompression bomb does: "
                "unpack it yourself if you trust it, or raise ingest.max_compression_ratio",
            )
        yield chunk


def _read_zip(path: Path, file: IO[bytes], config: IngestConfig) -> Iterator[tuple[Path, Parsed | CatalogError]]:
    """Element sets of each member with a known suffix, in order of name."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise ParseError(str(path), f"a damaged or cut zip archive ({error}): fetch it again") from error
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > config.max_archive_members:
            raise ParseError(
                str(path),
                f"{len(members)} members, more than {config.max_archive_members}: unpack it yourself if you trust it",
            )
        known = sorted((member for member in members if _is_known(member.filename)), key=lambda member: member.filename)
        if not known:
            yield path, NothingToRead(path, len(members))
        declared = sum(member.file_size for member in known)
        if declared > config.max_file_bytes:
            raise ParseError(
                str(path),
                f"unpacks to {declared} bytes, more than {config.max_file_bytes}: split it, or raise ingest.max_file_bytes",
            )
        for member in known:
            yield (
                path / _printable(member.filename),
                _read_member(archive, member, f"{path}/{_printable(member.filename)}", config),
            )


def _read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, config: IngestConfig
) -> Parsed | ParseError:
    inside = PurePosixPath(member.filename.replace("\\", "/"))
    if inside.is_absolute() or ".." in inside.parts or ":" in inside.parts[0]:
        return ParseError(
            name, "the member's name leads out of the archive: it was not read; do not unpack this archive"
        )
    if member.flag_bits & _ENCRYPTED:
        return ParseError(name, "the member is encrypted: unpack the archive yourself")
    if member.compress_type not in _PLAIN_METHODS:
        return ParseError(name, "compressed by a method other than deflate: unpack the archive yourself")
    try:
        with archive.open(member) as content:
            if member.filename.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=content) as unpacked:
                    return _outcome(_limited(unpacked, name, member.compress_size, config), name, config)
            return _outcome(_limited(content, name, member.compress_size, config), name, config)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error) as error:
        return ParseError(name, f"a damaged member ({error}): fetch the archive again")


def _printable(name: str) -> str:
    """A member's name that can be shown and cannot climb out of where it is shown."""
    clean = "".join(char if char.isprintable() else "?" for char in name.replace("\\", "/"))
    return clean.lstrip("/")[:300]
