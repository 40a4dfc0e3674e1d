"""A Word file as such: the template without what is not used, fonts and styles for both scripts, and no stamp of the clock."""

from __future__ import annotations

import io
import zipfile
from fractions import Fraction
from typing import Any

from compliance.reports.wordml import LATIN, MARGIN, PAGE, SERIF, STYLES

COLOURS = {"fail": "B00020", "missing": "8A5A00", "judgement": "1F4E9E", "pass": "1B6B3A", "not_applicable": "595959"}
UNUSED = ("/thumbnail", "/stylesWithEffects", "/customXml")  # what the template's parts are there for


def bare(made: Any) -> None:
    """The library's template without what no page of ours uses: its picture, its table styles, most of the file."""
    from docx.enum.style import WD_STYLE_TYPE

    for rels in (made.part.package.rels, made.part.rels):
        for name in [name for name, one in rels.items() if one.reltype.endswith(UNUSED)]:
            del rels[name]
    for style in list(made.styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in ("Normal Table", "Table Grid"):
            style.delete()


def dress(made: Any) -> None:
    """Fonts for both scripts, headings, and the styles of the tables."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Length, Mm, Pt, RGBColor

    styles = made.styles
    defaults = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    fonts(defaults.find(qn("w:rFonts")), SERIF)
    tongue = defaults.find(qn("w:lang"))
    tongue.set(qn("w:eastAsia"), "zh-CN")
    tongue.set(qn("w:val"), "en-US")

    known = {style.name for style in styles}
    for name, (size, face, before, after, spacing, centred) in STYLES.items():
        style = styles[name] if name in known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.font.size, style.font.bold, style.font.italic = Length(size * Pt(1) // 2), False, False
        style.font.color.rgb = RGBColor(0, 0, 0)
        fonts(style.element.get_or_add_rPr().get_or_add_rFonts(), face)
        form = style.paragraph_format
        form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), Fraction(spacing, 100)
        form.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.LEFT
    styles["Table Band"].paragraph_format.keep_with_next = True
    for code, colour in COLOURS.items():
        style = styles.add_style(f"Verdict {code}", WD_STYLE_TYPE.CHARACTER)
        style.font.bold, style.font.color.rgb = True, RGBColor.from_string(colour)
        style.element.set(qn("w:styleId"), f"Verdict{code}")
    section = made.sections[0]
    section.page_width, section.page_height = Mm(PAGE[0]), Mm(PAGE[1])
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(MARGIN)


def fonts(element: Any, face: str) -> None:
    """The fonts of a style: ``face`` for Chinese, one for everything else; what the template's theme says gives way."""
    from docx.oxml.ns import qn

    for name in list(element.attrib):
        del element.attrib[name]
    for name in ("ascii", "hAnsi", "cs"):
        element.set(qn(f"w:{name}"), LATIN)
    element.set(qn("w:eastAsia"), face)


def unstamped(written: bytes) -> bytes:
    """A zip file whose parts all have the first day there is; the library stamps them with the clock.

    The stamps are overwritten where they stand (PKWARE, APPNOTE 4.3.7 and 4.3.12): to pack the parts again takes as long as the rest.
    """
    data = bytearray(written)
    with zipfile.ZipFile(io.BytesIO(written)) as whole:
        stamps = [(one.header_offset, b"PK\3\4", 10) for one in whole.infolist()]
        at = whole.start_dir
        for one in whole.infolist():
            stamps.append((at, b"PK\1\2", 12))
            at += 46 + len(one.orig_filename.encode()) + len(one.extra) + len(one.comment)
    for start, mark, offset in stamps:
        assert data[start : start + 4] == mark
        data[start + offset : start + offset + 4] = b"\0\0\x21\0"  # midnight, 1980-01-01
    return bytes(data)
