"""A screening as a workbook: a sheet for each scenario and day, a row for each issuer, a column for each rule, the verdict in words.

A sheet has a million cells, of six kinds. The library for workbooks makes all but the issuers' rows, with one cell of each kind as
a pattern, and the rows are made of copies of the patterns afterwards: cell by cell it would take longer than all else in a screening.
No cell in them says where it stands: each follows the one before, as the format has it where nothing is said (ECMA-376, part 1,
18.3.1.4), and what is left is a quarter as long when it is packed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

MAX_ROWS = 20_000  # issuers on a sheet: more than a person reads; the tables hold them all
MAX_SHEETS = 12
COLOURS = {"fail": "#FDECED", "judgement": "#FFF2DC", "missing": "#E8EDF4", "pass": "#E5F4EA", "not_applicable": "#F0F2F5"}
HEADS, OWN = 2, 3  # rows of heads, columns that are no rule's
_CELL = re.compile(rb'<c r="[A-Z]+[0-9]+"(.*?</c>)')
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LEVEL = 3  # of compression: a third of the time of the usual, for a file a quarter longer


class Sheet(NamedTuple):
    """The issuers of a scenario on a day: code, name and verdict as a whole of each, and a byte for each rule.

    Verdicts are places in the words that the workbook is made with; the place after the last is a rule that is not in force.
    """

    scenario: str
    as_of: str
    issuers: Sequence[str]
    names: Sequence[str]
    verdicts: Sequence[int]
    cells: Sequence[bytes]


def render(sheets: Sequence[Sheet], titles: Mapping[str, str], words: Sequence[str], lang: str) -> bytes:
    """The workbook. Raises ``SourceError`` where the library for workbooks is not installed.

    ``titles`` are the rules to show, in the order of the bytes.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("matrix.xlsx"), "extra-needed", {"extra": "office"})]) from None
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same run gives the same file on any day
    formats = [book.add_format({"bg_color": COLOURS[word]}) for word in words]
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    shown = [say(word, lang) for word in words]
    for number, one in enumerate(sheets, 1):
        sheet = book.add_worksheet(f"{number} {one.as_of}")
        _heads(sheet, one, titles, head, lang)
        for column, (text, form) in enumerate(zip(shown, formats, strict=True)):
            sheet.write_string(HEADS, column, text, form)
        sheet.write_string(HEADS, len(shown), say("screen-absent", lang))
        sheet.autofilter(HEADS - 1, 0, HEADS + len(one.issuers) - 1, OWN - 1 + len(titles))
    book.close()
    return _filled(stream, sheets, len(titles))


def _heads(sheet: Any, one: Sheet, titles: Mapping[str, str], form: Any, lang: str) -> None:
    """What stands over and beside the verdicts."""
    sheet.freeze_panes(HEADS, OWN)
    text = say("screen-head", lang, day=one.as_of, scenario=one.scenario or say("screen-as-filed", lang), issuers=len(one.issuers))
    if len(one.issuers) >= MAX_ROWS:
        text += say("screen-first", lang)
    sheet.write_string(0, 0, text, form)
    for column, name in enumerate(("code", "name", "verdict")):
        sheet.write_string(1, column, say(f"screen-{name}", lang), form)
    for column, (rule, title) in enumerate(titles.items(), OWN):
        sheet.write_string(0, column, title, form)
        sheet.write_string(1, column, rule, form)
    sheet.set_column(0, 0, 9)
    sheet.set_column(1, 1, 22)
    sheet.set_column(2, OWN - 1 + len(titles), 14)


def _filled(stream: io.BytesIO, sheets: Sequence[Sheet], columns: int) -> bytes:
    """A workbook with the issuers' rows in place of its patterns."""
    filled = io.BytesIO()
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, 1)}
    with ZipFile(stream) as given, ZipFile(filled, "w", ZIP_DEFLATED, compresslevel=LEVEL) as made:
        for entry in given.infolist():
            data = given.read(entry)
            if entry.filename in parts:
                data = _rows(data, parts[entry.filename], columns)
            else:  # how often the shared texts are used is no longer known, and need not be said
                data = re.sub(rb'(<sst [^>]*?) count="[0-9]+"', rb"\1", data, count=1)
            made.writestr(entry, data, compresslevel=LEVEL)
    return filled.getvalue()


def _rows(data: bytes, sheet: Sheet, columns: int) -> bytes:
    """A sheet with the issuers' rows."""
    from xlsxwriter.utility import xl_range

    end = b"</row>"
    first, second, pattern, rest = data.split(end)
    whole = xl_range(0, 0, HEADS + len(sheet.issuers) - 1, OWN - 1 + columns)
    first = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{whole}"'.encode(), first, count=1)
    patterns = [b"<c" + match[1] for match in _CELL.finditer(pattern)]
    made = [first, second]
    for number, (issuer, name, verdict, cells) in enumerate(zip(*sheet[2:], strict=True), HEADS + 1):
        row = f'<row r="{number}" spans="1:{OWN + columns}">{_text(issuer)}{_text(name)}'.encode()
        made.append(row + b"".join([patterns[cell] for cell in (verdict, *cells)]))
    return end.join((*made, rest))


def _text(text: str) -> str:
    """A cell with a text of its own; what XML cannot hold is shown as a replacement character."""
    sound = _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(sound)}</t></is></c>'
