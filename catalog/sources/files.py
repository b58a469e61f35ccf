"""Element sets from files, folders and archives that nobody vouches for.

Content is read in pieces, within the limits of ``IngestConfig``, so neither a bomb nor a file without end fills the memory.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from catalog.errors import CatalogError, shown
from catalog.parse import Parsed, ParseError
from catalog.parse.result import joined
from catalog.sources.packed import SUFFIXES, NothingInside, Outcome, is_known, is_shadow, read_packed
from configs.catalog import IngestConfig

_NOT_A_FILE = "not a regular file"

_log = logging.getLogger(__name__)


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
            f"{shown(path)}: no file of element sets in it ({skipped} files of other kinds); "
            f"known suffixes: {' '.join(sorted(SUFFIXES))}, also with .gz, in .zip and .tar"
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
            errors.append((path, ParseError(shown(path), reason)))
    if skipped:
        _log.info("skipped files of other kinds: %s", ", ".join(f"{count} {kind}" for kind, count in skipped.items()))
    return FileList(list(dict.fromkeys(files)), skipped.total(), errors)


def read_paths(
    paths: Iterable[Path], config: IngestConfig | None = None
) -> Iterator[tuple[Path, Parsed | CatalogError]]:
    """Element sets of files, folders and archives, one result a file, which it is held in memory for.

    Parameters
    ----------
    paths : iterable of Path
        Folders are walked in order of name. A file in an archive comes as `ARCHIVE.zip/MEMBER`.
    config : IngestConfig, optional

    Yields
    ------
    path : Path
    outcome : Parsed or CatalogError
        ``ParseError`` for a file that holds nothing readable, ``NothingToRead`` for a folder or archive without files
        of element sets. An error ends one file, never the reading.
    """
    listed = list_files(paths)
    yield from listed.errors
    for path in listed.files:
        for inside, parts in groupby(read_file(path, config), lambda part: part[0]):
            outcomes = [outcome for _, outcome in parts]
            errors = [outcome for outcome in outcomes if isinstance(outcome, CatalogError)]
            yield inside, errors[0] if errors else joined([part for part in outcomes if isinstance(part, Parsed)])


def read_file(path: Path, config: IngestConfig | None = None) -> Iterator[tuple[Path, Outcome]]:
    """Element sets of one file, in parts: several of a large one, and those of each member of an archive.

    Yields
    ------
    path : Path
        In an archive, `ARCHIVE.zip/MEMBER`; parts of one file follow each other.
    outcome : Parsed or CatalogError
        As from ``read_paths``; an error is the last of its file, and what came before it is good.
    """
    name = shown(path)
    if path.exists() and not path.is_file():  # opening a pipe or a device could wait for ever
        yield path, ParseError(name, _NOT_A_FILE)
        return
    try:
        with path.open("rb") as file:
            for member, outcome in read_packed(file, name, os.fstat(file.fileno()).st_size, config or IngestConfig()):
                if isinstance(outcome, NothingInside):
                    yield path, NothingToRead(path, outcome.skipped)
                else:
                    yield path / member, outcome
    except ParseError as error:
        yield path, error
    except OSError as error:
        yield path, ParseError(name, f"cannot be opened ({error.strerror or error})")


def _walk(folder: Path) -> tuple[list[Path], Counter[str]]:
    """Files with a known suffix below ``folder``, sorted, and the suffixes of the others. Linked folders are left out."""
    files, others = [], Counter[str]()
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            if is_shadow(str(path.relative_to(folder))):
                continue
            if is_known(name) and path.is_file():
                files.append(path)
            else:
                others[path.suffix.lower() or "without suffix"] += 1
    return files, others
