"""OMM as XML: one `<omm>`, or several in an `<ndm>`. Entities and document types are refused (defusedxml)."""

from __future__ import annotations

import io
from typing import Any
from xml.sax import SAXException, SAXParseException  # only its errors: defusedxml parses
from xml.sax.handler import ContentHandler

import defusedxml
import defusedxml.sax

from catalog.parse.omm import KEYWORDS, OmmRecords, unit_fault
from catalog.parse.result import Parsed, ParseError

_ROOTS = ("omm", "ndm")
_MAX_DEPTH = 64
_MAX_VALUE_CHARS = 1000


def parse_xml(data: bytes, *, name: str, max_refusals: int) -> Parsed:
    """Element sets of an XML document.

    Raises
    ------
    ParseError
        The document is cut or malformed (then none of its records is taken), declares entities or a document type, is
        not an OMM, or every record was refused.
    """
    handler = _OmmHandler(name, max_refusals)
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(handler)
    try:
        parser.parse(io.BytesIO(data))
    except SAXParseException as error:
        raise ParseError(
            name,
            f"not XML, or cut ({error.getMessage()}); nothing was taken from it, fetch it again",
            line=error.getLineNumber(),
            column=(error.getColumnNumber() or 0) + 1,
        ) from error
    except defusedxml.DefusedXmlException as error:
        line = parser.getLineNumber()
        raise ParseError(
            name, "declares a document type or entities, which an OMM has no use for", line=line
        ) from error
    except (SAXException, ValueError, LookupError) as error:
        raise ParseError(name, f"not XML that can be read ({error})", line=parser.getLineNumber()) from error
    return handler.records.parsed()


class _OmmHandler(ContentHandler):
    """Gathers the keywords below each `<omm>`."""

    def __init__(self, file: str, max_refusals: int) -> None:
        super().__init__()
        self.records = OmmRecords(file, max_refusals)
        self._file = file
        self._locator: Any = None
        self._depth = 0
        self._begin = 0
        self._message: dict[str, object] | None = None
        self._fault = ("", "")  # of the message: keyword and reason
        self._open = 0  # messages within one another
        self._keyword = ""
        self._value: list[str] = []

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: ANN401, N802  # the name is SAX's
        self._locator = locator

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: ANN401, N802
        tag = name.rpartition(":")[2]
        line = int(self._locator.getLineNumber())
        self._depth += 1
        if self._depth == 1 and tag.lower() not in _ROOTS:
            raise ParseError(
                self._file, f"the document is <{tag[:40]}>, not <ndm> or <omm>: not element sets", line=line
            )
        if self._depth > _MAX_DEPTH:
            raise ParseError(self._file, f"elements are nested more than {_MAX_DEPTH} deep: not an OMM", line=line)
        if tag.lower() == "omm":
            self._open += 1
            if self._open == 1:
                self._message, self._begin, self._fault = {}, line, ("", "")
            else:
                self._note("", f"a message within a message, at line {line}")
        self._keyword = tag.upper() if tag.upper() in KEYWORDS else ""
        self._value = []
        for attribute in ("units", "unit"):
            self._note(self._keyword, unit_fault(self._keyword, attrs.get(attribute, "")) if attribute in attrs else "")

    def _note(self, keyword: str, reason: str) -> None:
        """Keep what is wrong with the message, the first of several things."""
        if reason and not self._fault[1]:
            self._fault = (keyword, reason)

    def characters(self, content: str) -> None:
        if self._keyword and len(self._value) < _MAX_VALUE_CHARS:
            self._value.append(content[:_MAX_VALUE_CHARS])

    def endElement(self, name: str) -> None:  # noqa: N802
        tag = name.rpartition(":")[2]
        self._depth -= 1
        if tag.lower() == "omm":
            self._open -= 1
        if tag.lower() == "omm" and self._open == 0 and self._message is not None:
            keyword, reason = self._fault
            if reason:
                self.records.refuse(self._begin, keyword, reason, str(self._message))
            else:
                self.records.add(self._begin, self._message)
            self._message = None
        elif self._keyword and self._message is not None and tag.upper() == self._keyword:
            if self._keyword in self._message:
                self._note(self._keyword, "given twice in one message")
            self._message[self._keyword] = "".join(self._value).strip()
        self._keyword = ""
