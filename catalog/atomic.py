"""Files that are either the old or the new one, never half-written."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import pandas as pd
import pyarrow as pa

from catalog.errors import CorruptFileError

_COLUMNS = "columns"


_PRIVATE = 0o600


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[Path]:
    """A scratch path beside ``path`` that takes its place, durably, when the block ends without an error.

    A ``private`` one is for its owner alone, whatever the umask.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not mkstemp: its files are for their owner alone, and a home may be shared by a group.
    scratch = path.parent / f".{path.name}.{uuid4().hex[:12]}.tmp"
    try:
        with _held(scratch, lambda: scratch.touch(mode=_PRIVATE if private else 0o666, exist_ok=False)):
            try:
                yield scratch
                _sync(scratch)
                scratch.replace(path)
                _sync(path.parent)
            finally:
                scratch.unlink(missing_ok=True)
    except OSError as error:
        # A write that fails names no file, and people know nothing of the scratch file.
        if error.errno is not None and error.filename in (None, str(scratch)):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """An empty folder in ``parent`` for as long as the block takes."""
    scratch = parent / f".{uuid4().hex[:12]}.tmp"
    with _held(scratch, lambda: scratch.mkdir(parents=True)):
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove the scratch files and folders that killed processes left in ``folder``; those at work keep theirs.

    With ``name`` only those of the file of this name, in a folder that is not ours alone.
    """
    for path in folder.glob(".*.tmp" if name is None else f".{escape(name)}.*.tmp"):
        with suppress(OSError), _locked(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                for beside in folder.glob(f"{escape(path.name)}-*"):  # SQLite's, of a scratch file that is a database
                    beside.unlink()
                path.unlink()


@contextmanager
def _held(scratch: Path, make: Callable[[], None]) -> Iterator[None]:
    """Make what `sweep` leaves alone while this process lives."""
    with ExitStack() as held:
        while not scratch.exists():  # someone may sweep it before it is held
            make()
            with suppress(FileNotFoundError):
                held.enter_context(_locked(scratch, fcntl.LOCK_EX))
        yield


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def replace_bytes(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write ``data`` to ``path`` atomically."""
    with replacing(path, private=private) as scratch:
        scratch.write_bytes(data)


def replace_parquet(path: Path, frame: pd.DataFrame, attrs: Mapping[Hashable, Any] = MappingProxyType({})) -> None:
    """Write ``frame`` to ``path`` atomically, with checksums; `read_parquet` gives it back with these ``attrs``."""
    written = frame.copy(deep=False)
    written.attrs = {**attrs, _COLUMNS: [str(name) for name in frame.columns]}
    with replacing(path) as scratch:
        written.to_parquet(scratch, index=False, write_page_checksum=True)


def read_parquet(path: Path, remedy: str) -> pd.DataFrame:
    """The frame of a file that `replace_parquet` wrote.

    Parameters
    ----------
    path : Path
    remedy : str
        What to do where the file is damaged.

    Raises
    ------
    CorruptFileError
    """
    try:
        frame = pd.read_parquet(path, page_checksum_verification=True)
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorruptFileError(path, "damaged: not a table that can be read", remedy) from error
    # The checksums are those of the values, not of what says where and what they are.
    if frame.attrs.pop(_COLUMNS, [*frame.columns]) != [*frame.columns]:
        raise CorruptFileError(path, "damaged: its columns are not those that were written", remedy)
    return frame


def make_private(path: Path) -> None:
    """Make an empty file for its owner alone, whatever the umask, where there is none."""
    with suppress(FileExistsError):
        path.touch(mode=_PRIVATE, exist_ok=False)


def stamp_of(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is replaced or written to (time [ns], size [bytes], inode); None where there is none."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
