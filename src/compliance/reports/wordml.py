"""The markup of a Word document: the page, the styles, and runs, paragraphs, rows and tables in them.

Tables are written as markup and parsed once each: cell by cell the library takes seconds. Every text is escaped, so nothing that a
filing holds can become anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

Lines = Sequence[str]
PAGE = (297, 210)  # millimetres, A4 lying
MARGIN = 15
WIDTH = PAGE[0] - 2 * MARGIN
ROOM = (PAGE[1] - 2 * MARGIN) * 3 // 4  # millimetres: a row that may be higher than this splits, for a page has to hold its head too
LEADING = 130  # percent of its size that a line of a Chinese face is high
INSET = 57  # twentieths of a point between a cell's border and its text
SERIF, SANS, LATIN = "宋体", "黑体", "Times New Roman"
# The styles of paragraphs: size in half points, face, points before and after, line spacing in percent, whether centred.
STYLES = {
    "Normal": (21, SERIF, 0, 4, 125, False), "Heading 1": (30, SANS, 14, 8, 100, False), "Heading 2": (24, SANS, 10, 6, 100, False),
    "List Bullet": (21, SERIF, 0, 3, 115, False), "Cover Name": (36, SANS, 70, 10, 100, True), "Cover Title": (52, SANS, 6, 20, 100, True),
    "Cover Note": (18, SERIF, 20, 0, 100, True), "Sentence": (24, SANS, 0, 8, 125, False), "Note": (18, SERIF, 0, 6, 115, False),
    "Table Text": (15, SERIF, 0, 1, 110, False), "Table Wide": (18, SERIF, 0, 1, 115, False), "Table Head": (16, SANS, 2, 2, 100, True),
    "Table Band": (17, SANS, 2, 2, 100, False), "Signing": (24, SERIF, 10, 10, 100, False), "Gap": (8, SERIF, 0, 0, 100, False),
}  # fmt: skip
SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def run(text: str, style: str = "") -> str:
    """A run of text in a character style."""
    named = f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""
    return f'<w:r>{named}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(text: str, style: str, verdict: str = "", word: str = "") -> str:
    """A paragraph; a verdict's word stands before the text, in its colour."""
    first = run(word + " ", f"Verdict{verdict}") if word else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{first}{run(text)}</w:p>'


def cell(paragraphs: str, width: int, more: str = "") -> str:
    """A cell of a width in twentieths of a point."""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{more}</w:tcPr>{paragraphs}</w:tc>'


def lines(texts: Lines, style: str = "TableText") -> str:
    """The paragraphs of a cell; an empty cell has one that is empty."""
    return "".join(paragraph(text, style) for text in texts) or f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr></w:p>'


def row(cells: str, head: bool = False, splits: bool = False) -> str:
    """A row that does not split over pages, unless it is said to; a head repeats on each."""
    return f"<w:tr><w:trPr>{'' if splits else '<w:cantSplit/>'}{'<w:tblHeader/>' if head else ''}</w:trPr>{cells}</w:tr>"


def table(heads: Lines, widths: Sequence[int], rows: Iterable[str]) -> str:
    """A table with its columns in millimetres; without heads it has no head row."""
    twips = [twip(width) for width in widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="D9E2F3"/>'
    top = "".join(cell(lines([text], "TableHead"), width, shade) for text, width in zip(heads, twips, strict=True)) if heads else ""
    return (
        f'<w:tbl xmlns:w="{SPACE}"><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(twips)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="{INSET}" w:type="dxa"/><w:right w:w="{INSET}" w:type="dxa"/>'
        f'</w:tblCellMar><w:tblLook w:val="0420" w:firstRow="1" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{row(top, True) if heads else ''}{''.join(rows)}</w:tbl>"
    )


def plain(cells: Sequence[Lines | str], widths: Sequence[int], style: str = "Table Text") -> str:
    """A row of texts in a style of ``STYLES``."""
    parts = [[part] if isinstance(part, str) else part for part in cells]
    named = style.replace(" ", "")
    made = (cell(lines(part, named), twip(width)) for part, width in zip(parts, widths, strict=True))
    return row("".join(made), splits=tall(parts, widths, style))


def tall(cells: Iterable[Lines], widths: Sequence[int], style: str = "Table Text") -> bool:
    """Whether a row of texts may be too high to be kept on one page.

    A row that may not split and is higher than its page is laid out by no program for sure: LibreOffice tries for ever.
    """
    return any(height(texts, width, style) > ROOM for texts, width in zip(cells, widths, strict=True))


def height(texts: Lines, width: int, style: str) -> int:
    """About how high texts stand in a column, both in millimetres: a Chinese character is as wide as its size, others half of it."""
    size, _, before, after, spacing, _ = STYLES[style]
    halves = max(1, (twip(width) - 2 * INSET) // (5 * size))  # a half point is ten twips
    count = sum(1 + (len(text) + len(text.encode())) // 2 // halves for text in texts)  # in UTF-8 Chinese takes three bytes
    points = count * size * spacing * LEADING // 20_000 + (before + after) * len(texts)
    return points * 254 // 720


def twip(millimetres: int) -> int:
    """Millimetres as twentieths of a point."""
    return millimetres * 1440 * 10 // 254


def spread(count: int, total: int) -> tuple[int, ...]:
    """A width shared out evenly."""
    return tuple(total // count for _ in range(count)) if count else ()
