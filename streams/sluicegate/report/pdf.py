"""A report as PDF (A4), by fpdf2: the extra `report`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sluicegate.report.document import Document, Table

if TYPE_CHECKING:
    from fpdf import FPDF

__all__ = ["pdf"]

_FONT = "helvetica"
_CODEC = "cp1252"
"""What the fonts that every reader has can show; other signs become question marks."""


def pdf(document: Document, made_at: int) -> bytes:
    """The report; `made_at` (µs since 1970 UTC) is its only date, so that the same evidence gives the same bytes.

    Raises ModuleNotFoundError where fpdf2 is not installed.
    """
    page = _page(document.title)
    page.set_creation_date(datetime.fromtimestamp(made_at / 1_000_000, UTC))
    page.set_font(_FONT, "B", 18)
    page.multi_cell(0, 9, _plain(document.title), new_x="LMARGIN", new_y="NEXT")
    page.ln(2)
    _facts(page, document.facts)
    for section in document.sections:
        page.ln(4)
        page.set_font(_FONT, "B", 13)
        page.start_section(_plain(section.title))
        page.multi_cell(0, 7, _plain(section.title), new_x="LMARGIN", new_y="NEXT")
        page.set_font(_FONT, "", 9)
        for words in section.words:
            page.multi_cell(0, 5, _plain(words), new_x="LMARGIN", new_y="NEXT")
        for table in section.tables:
            _table(page, table)
    return bytes(page.output())


def _page(title: str) -> FPDF:
    from fpdf import FPDF

    class Page(FPDF):
        """Numbers its pages."""

        def footer(self) -> None:
            self.set_y(-12)
            self.set_font(_FONT, "", 8)
            self.cell(0, 6, f"{_plain(title)}  -  page {self.page_no()} of {{nb}}", align="C")

    page = Page(format="A4")
    page.core_fonts_encoding = _CODEC
    page.set_title(title)
    page.set_creator("Sluicegate")
    page.set_auto_page_break(True, margin=16)
    page.add_page()
    return page


def _facts(page: FPDF, facts: tuple[tuple[str, str], ...]) -> None:
    page.set_font(_FONT, "", 9)
    with page.table(
        borders_layout="NONE", first_row_as_headings=False, col_widths=(18, 82), line_height=5, text_align="LEFT"
    ) as grid:
        for label, words in facts:
            row = grid.row()
            row.cell(_plain(label))
            row.cell(_plain(words))


def _table(page: FPDF, table: Table) -> None:
    page.ln(2)
    if table.title:
        page.set_font(_FONT, "B", 9)
        page.multi_cell(0, 5, _plain(table.title), new_x="LMARGIN", new_y="NEXT")
    page.set_font(_FONT, "", 8)
    headed = any(table.heads)
    with page.table(
        col_widths=table.widths or (1,) * len(table.heads),
        text_align=tuple("RIGHT" if numeric else "LEFT" for numeric in table.numeric),
        borders_layout="HORIZONTAL_LINES",
        first_row_as_headings=headed,
        line_height=4.2,
        padding=(0.6, 1.5),
    ) as grid:
        if headed:
            grid.row([_plain(head) for head in table.heads])
        for cells in table.rows:
            grid.row([_plain(cell) for cell in cells])
        if not table.rows:
            grid.row().cell(table.empty, colspan=len(table.heads))


def _plain(text: str) -> str:
    """
    >>> _plain("Łódź – 5 µs")
    '?ódz – 5 µs'
    """
    import unicodedata

    shown = (one if one.encode(_CODEC, "ignore") else unicodedata.normalize("NFKD", one)[0] for one in text)
    return "".join(shown).encode(_CODEC, "replace").decode(_CODEC)
