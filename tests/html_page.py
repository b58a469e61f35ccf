"""A page as a test reads it."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """The tags in order, the scripts with their attributes, all words, and the words of each table by its id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[tuple[dict[str, str], str]] = []
        self.tables: dict[str, str] = {}
        self._text: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    @property
    def words(self) -> str:
        """What one reads."""
        return " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        named = {name: value or "" for name, value in attrs}
        self.tags.append((tag, named))
        if tag not in _VOID:
            self._open.append((tag, named))

    def handle_endtag(self, tag: str) -> None:
        """Close it, and what was left open in it."""
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text, by where it stands."""
        inside = self._open[-1][0] if self._open else ""
        if inside == "script":
            self.scripts.append((self._open[-1][1], data))
            return
        if inside == "style":
            return
        self._text.append(data)
        for tag, attrs in self._open:
            if tag == "table" and "id" in attrs:
                self.tables[attrs["id"]] = self.tables.get(attrs["id"], "") + data
