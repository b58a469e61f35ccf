"""The report of a flag as PDF: all that the page says, on paper, with text that can be selected."""

from __future__ import annotations

import io
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from review import words
from review.pdf_story import story
from review.pdf_style import INK_SOFT, LINE, MARGIN, PAGE, PLAIN, SECTION, WIDTH, load_fonts, shown
from review.report_facts import ReportFacts

_FOOT = "Found in public element sets, which are fits over days of tracking: a burn is inferred, not observed. Times are UTC."


def render_pdf(facts: ReportFacts) -> bytes:
    """The report as PDF on A4; the same facts give the same bytes."""
    load_fonts()
    flag = facts.flag
    written = io.BytesIO()
    name = flag.name or f"Object {flag.norad_id}"
    document = _Document(
        written,
        pagesize=PAGE,
        pageTemplates=[PageTemplate(frames=[_column()])],
        title=f"{shown(name)}, {flag.burn_time:%Y-%m-%d}: flag {flag.flag_id[:8]}",
        author="burnwatch",
        subject=f"Flag {flag.flag_id}, version {flag.version}",
        creator="burnwatch",
        lang="en",
        displayDocTitle=True,
        invariant=True,
        initialFontName=PLAIN,
    )
    document.build(story(facts), canvasmaker=_paged(facts))
    return written.getvalue()


def _column() -> Frame:
    height = PAGE[1] - 2 * MARGIN - 7 * mm
    return Frame(MARGIN, MARGIN + 4 * mm, WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)


class _Document(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """Lists its sections in the reader's sidebar."""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 - reportlab calls it so
        """Note a section's place."""
        if isinstance(flowable, Paragraph) and flowable.style.name == SECTION.name:
            key = f"section {self.page} {flowable.getPlainText()}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, 0)


def _paged(facts: ReportFacts) -> type[Canvas]:
    """A canvas that writes at the head and the foot of each page what it is of, and which page of how many."""
    flag = facts.flag

    class Paged(Canvas):  # type: ignore[misc]  # as above
        def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401
            super().__init__(*args, **settings)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                self._frame(number, len(self._pages))
                super().showPage()
            super().save()

        def _frame(self, number: int, pages: int) -> None:
            left, right = MARGIN, PAGE[0] - MARGIN
            top, bottom = PAGE[1] - MARGIN + 1 * mm, MARGIN - 1 * mm
            self.setStrokeColor(HexColor(LINE))
            self.setLineWidth(0.5)
            self.line(left, top - 2 * mm, right, top - 2 * mm)
            self.line(left, bottom + 3 * mm, right, bottom + 3 * mm)
            self.setFillColor(HexColor(INK_SOFT))
            self.setFont(PLAIN, 7)
            self.drawString(left, top, shown(f"burnwatch flag report   {facts.classification}".rstrip()))
            self.drawRightString(right, top, f"Flag {flag.flag_id[:8]}, written {words.moment(facts.generated_at)}")
            self.setFont(PLAIN, 6.5)
            self.drawString(left, bottom, _FOOT)
            self.drawRightString(right, bottom, f"Page {number} of {pages}")

    return Paged
