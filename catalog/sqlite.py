"""The address of an SQLite file as a URL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def sqlite_url(path: Path, driver: str = "pysqlite") -> str:
    """The URL by which SQLAlchemy, and what builds on it, opens ``path``, whatever characters its folders have.

    Behind ``sqlite:///`` a ``?`` ends the path and nothing can be escaped, so a path with characters that mean something
    in a URL goes through SQLite's own ``file:`` address, where everything can (sqlite.org/uri.html). The driver is named
    because MLflow makes folders of whatever follows a bare ``sqlite:///``.
    """
    text = str(path.absolute())
    if not set(text) & set("?#%"):
        return f"sqlite:///{text}" if driver == "pysqlite" else f"sqlite+{driver}:///{text}"
    return f"sqlite+{driver}:///file:{quote(text)}?uri=true"
