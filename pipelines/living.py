"""Which runs are at work: each holds the lock of a file of its own, which the system takes back however the run ends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def alive(folder: Path, run_id: str, bury: Callable[[Collection[str]], None]) -> Iterator[None]:
    """Hold the lock of a run while the block takes.

    Parameters
    ----------
    folder : Path
        Of these locks.
    run_id : str
    bury : callable
        Takes the ids of the runs that are at work: the processes of all others are gone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):  # else one may look at a lock that is made but not yet held
        _bury_gone(folder, bury)
        own = FileLock(folder / f"{run_id}.lock")
        own.acquire()
    try:
        yield
    finally:
        own.release()


def bury_gone(folder: Path, bury: Callable[[Collection[str]], None]) -> None:
    """Bury earlier runs whose process is gone, where none is begun; the arguments are those of `alive`."""
    if folder.is_dir():
        with FileLock(folder.with_suffix(".lock")):
            _bury_gone(folder, bury)


def laid_to_rest(folder: Path, run_id: str) -> None:
    """Say that how the run ended is known."""
    (folder / f"{run_id}.lock").unlink(missing_ok=True)


def _bury_gone(folder: Path, bury: Callable[[Collection[str]], None]) -> None:
    locks = set(folder.glob("*.lock"))
    gone = {path for path in locks if _is_free(path)}
    bury([path.stem for path in locks - gone])
    for path in gone:
        laid_to_rest(folder, path.stem)


def _is_free(path: Path) -> bool:
    try:
        with FileLock(path, timeout=0):
            return True
    except Timeout:
        return False
