"""How a PDF report looks: its font, which is embedded, its colors, and the styles of its text and tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import matplotlib as mpl
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, Table

# Of review/templates/report.css in the light; Okabe and Ito's palette, told apart with any color vision.
INK, INK_SOFT, LINE, WASH = "#18202c", "#556071", "#d8dde5", "#f4f6f8"
BEFORE, AFTER, BURN, QUIET, ACCENT = "#0072b2", "#009e73", "#d55e00", "#7d8797", "#b04e00"

PAGE = A4
MARGIN = 17 * mm
WIDTH = A4[0] - 2 * MARGIN

PLAIN, BOLD, MONO = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
_MISSING, _NO_BREAK = "\ufffd", "\u00a0"

Row = list[Any]


@cache
def load_fonts() -> frozenset[int]:
    """Make the fonts known to reportlab; the characters that they can show. matplotlib carries them."""
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name in (PLAIN, BOLD, MONO):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(pdfmetrics.getFont(PLAIN).face.charToGlyph)


def shown(text: object) -> str:
    """Text that the font can show: what it has no glyph for is a replacement character, controls are blanks."""
    glyphs = load_fonts()
    plain = "".join(char if char.isprintable() or char == _NO_BREAK else " " for char in str(text))
    return "".join(char if ord(char) in glyphs else _MISSING for char in plain)


def markup(text: object) -> str:
    """Text to stand in a paragraph's markup; lines stay lines."""
    return "<br/>".join(escape(shown(line)) for line in str(text).splitlines())


def soft(text: object) -> str:
    """Text in a quieter color, as markup."""
    return f'<font color="{INK_SOFT}">{markup(text)}</font>'


def bold(text: object) -> str:
    """Text in bold, as markup."""
    return f"<b>{markup(text)}</b>"


def mono(text: object) -> str:
    """An id or a hash, as markup."""
    return f'<font face="{MONO}" size="7">{markup(text)}</font>'


def _style(name: str, size: float, leading: float, **more: Any) -> ParagraphStyle:  # noqa: ANN401
    settings = {"fontName": PLAIN, "bulletFontName": PLAIN, "textColor": HexColor(INK), "splitLongWords": 1} | more
    return ParagraphStyle(name, fontSize=size, leading=leading, **settings)


BODY = _style("body", 9, 13, spaceAfter=3)
ITEM = _style("item", 9, 13, spaceAfter=2, leftIndent=13, firstLineIndent=-13)
NOTE = _style("note", 8, 11, textColor=HexColor(INK_SOFT), spaceAfter=4)
CELL = _style("cell", 7.5, 10)
RIGHT = _style("right", 7.5, 10, alignment=TA_RIGHT)
HEAD = _style("head", 7, 9, textColor=HexColor(INK_SOFT))
HEAD_RIGHT = _style("head right", 7, 9, textColor=HexColor(INK_SOFT), alignment=TA_RIGHT)
TITLE = _style("title", 22, 27, fontName=BOLD)
HEADLINE = _style("headline", 11.5, 16.5, spaceBefore=6, spaceAfter=8)
SECTION = _style("section", 12, 15, fontName=BOLD, spaceBefore=13, spaceAfter=5, keepWithNext=1)
SUBSECTION = _style("subsection", 9, 12, fontName=BOLD, spaceBefore=6, spaceAfter=2, keepWithNext=1)
FIGURE = _style("figure", 13, 17, fontName=BOLD)


def paragraph(text: str, style: ParagraphStyle = BODY) -> Paragraph:
    """A paragraph of markup (`markup`, `bold`, `soft`, `mono`)."""
    return Paragraph(text, style)


def table(
    head: Row, rows: list[Row], widths: list[float], *, right: tuple[int, ...] = (), marked: tuple[int, ...] = ()
) -> Flowable:
    """A table whose head is repeated on each page.

    Parameters
    ----------
    head : list
        Titles of the columns, as plain text.
    rows : list of list
        Cells as markup.
    widths : list of float
        Shares of the page's width.
    right : tuple of int
        Columns of figures.
    marked : tuple of int
        Rows to shade.
    """
    cells = [[paragraph(markup(title), HEAD_RIGHT if place in right else HEAD) for place, title in enumerate(head)]]
    cells += [[paragraph(cell, RIGHT if place in right else CELL) for place, cell in enumerate(row)] for row in rows]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("FONTNAME", (0, 0), (-1, -1), PLAIN),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("LEFTPADDING", (1, 0), (-1, -1), 6),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK_SOFT)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.3, HexColor(LINE)),
    ]
    style += [("BACKGROUND", (0, row + 1), (-1, row + 1), HexColor("#fbeee3")) for row in marked]
    total = sum(widths)
    return Table(
        cells, [WIDTH * width / total for width in widths], repeatRows=1, splitInRow=1, style=style, spaceAfter=4
    )


def pairs(rows: list[Row]) -> Flowable:
    """Names and what they stand for, as markup."""
    cells = [[paragraph(soft(name), CELL), paragraph(value, CELL)] for name, value in rows]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("FONTNAME", (0, 0), (-1, -1), PLAIN),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    return Table(cells, [0.27 * WIDTH, 0.73 * WIDTH], splitInRow=1, style=style, spaceAfter=4)
