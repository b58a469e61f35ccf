"""What can go wrong with data from outside."""


class CatalogError(Exception):
    """Base of every error that the package ``catalog`` raises."""


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
        super().__init__(f"{file}: {where + ': ' if where else ''}{message}")
