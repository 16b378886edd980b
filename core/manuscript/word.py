"""Tables as a Word document: three lines, captions above, notes below."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from core.language import joining
from core.manuscript.table import Table

FONT, CHINESE = "Times New Roman", "SimSun"
POINTS, SMALL = 9.0, 7.5
WIDE = 9  # columns from which on the letters are smaller
# Eighths of a point.
THICK, THIN = 12, 6


def document(tables: Sequence[Table]) -> bytes:
    """One document with all tables."""
    made = Document()
    made.core_properties.author = "SlideScope"
    made.core_properties.language = joining.tag()
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(POINTS)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), CHINESE)
    _spoken(style)
    page = made.sections[0]
    # A table of the scores has nine columns.
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Mm(297), Mm(210)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(20)
    for table in tables:
        _caption(made, table)
        _table(made, table)
        _notes(made, table)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def _spoken(style: Any) -> None:
    """Tell Word the language of the letters, by which it breaks lines and checks spelling."""
    mark = OxmlElement("w:lang")
    mark.set(qn("w:val"), "en-US")
    mark.set(qn("w:eastAsia"), "zh-CN")
    style.element.rPr.append(mark)


def _caption(made: Any, table: Table) -> None:
    number, words = table.numbered
    paragraph = made.add_paragraph()
    paragraph.add_run(f"{number} " if number else "").bold = True
    paragraph.add_run(words)
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_after = Pt(3)


def _table(made: Any, table: Table) -> None:
    drawn = made.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    drawn.alignment, drawn.autofit = WD_TABLE_ALIGNMENT.CENTER, True
    points = SMALL if len(table.columns) >= WIDE else POINTS
    last = len(table.rows)
    for number, texts in enumerate([table.head, *table.shown]):
        for column, (cell, text) in enumerate(zip(drawn.rows[number].cells, texts)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size, run.bold = Pt(points), (number - 1, column) in table.bold
            paragraph.paragraph_format.space_after = Pt(0)
            if table.is_number(column):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            lines = {"top": THICK, "bottom": THIN} if number == 0 else {}
            _ruled(cell, lines | ({"bottom": THICK} if number == last else {}))
    _repeated(drawn.rows[0])


def _notes(made: Any, table: Table) -> None:
    paragraph = made.add_paragraph()
    run = paragraph.add_run(joining.paragraph(table.notes))
    run.font.size = Pt(SMALL)
    paragraph.paragraph_format.space_after = Pt(18)


def _ruled(cell: Any, lines: dict[str, int]) -> None:
    """Draw lines of so many eighths of a point on sides of a cell."""
    borders = OxmlElement("w:tcBorders")
    for side, width in lines.items():
        line = OxmlElement(f"w:{side}")
        for name, value in {"val": "single", "sz": str(width), "color": "000000"}.items():
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _repeated(row: Any) -> None:
    """Have the head on every page that the table goes over."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)
