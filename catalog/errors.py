"""What can go wrong with data from outside."""

import os
from pathlib import Path

from configs.documents import one_line
from configs.errors import BurnwatchError


class CatalogError(BurnwatchError):
    """Base of every error that the package ``catalog`` raises."""


class CorruptFileError(CatalogError):
    """A file of the home that cannot be read.

    Attributes
    ----------
    path : Path
    reason : str
    """

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: {reason}; {remedy}")


class FileError(CatalogError):
    """A file that cannot be used.

    Attributes
    ----------
    file : str
    line : int or None
    field : str or None
    """

    def __init__(self, message: str, *, file: str, line: int | None = None, field: str | None = None) -> None:
        self.file, self.line, self.field = file, line, field
        where = ", ".join(str(part) for part in (f"line {line}" if line else None, field) if part)
        super().__init__(one_line(f"{file}: {where + ': ' if where else ''}{message}"))


def shown(path: Path) -> str:
    """A path as messages and stored tables name it: bytes in it that are not UTF-8 are written out."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
