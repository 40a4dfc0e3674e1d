"""A screening as a workbook: a sheet for each scenario and day, a row for each issuer, a column for each rule, the verdict in words.

A sheet has a million cells, of six kinds. The library for workbooks makes all but these, with one of each kind as a pattern, and
the rows are filled with copies of the patterns afterwards: cell by cell it would take longer than all else in a screening.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

MAX_ROWS = 20_000  # issuers on a sheet: more than a person reads; the tables hold them all
MAX_SHEETS = 12
COLOURS = {"fail": "#FDECED", "judgement": "#FFF2DC", "missing": "#E8EDF4", "pass": "#E5F4EA", "not_applicable": "#F0F2F5"}
HEADS, OWN = 2, 3  # rows of heads, columns that are no rule's
_CELL = re.compile(rb'<c r="[A-Z]+[0-9]+"(.*?</c>)')
_SPANS = re.compile(rb' spans="[^"]*"')


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
        for row, (issuer, name, verdict) in enumerate(zip(one.issuers, one.names, one.verdicts, strict=True), HEADS):
            sheet.write_string(row, 0, issuer)
            sheet.write_string(row, 1, name)
            sheet.write_string(row, 2, shown[verdict], formats[verdict])
        patterns = HEADS + len(one.issuers)
        for column, (text, form) in enumerate(zip(shown, formats, strict=True)):
            sheet.write_string(patterns, column, text, form)
        sheet.write_string(patterns, len(shown), say("screen-absent", lang))
        sheet.autofilter(HEADS - 1, 0, patterns - 1, OWN - 1 + len(titles))
    book.close()
    return _filled(stream, sheets, len(titles))


def _heads(sheet: Any, one: Sheet, titles: Mapping[str, str], form: Any, lang: str) -> None:
    """What stands over and beside the verdicts."""
    sheet.freeze_panes(HEADS, OWN)
    text = say("screen-head", lang, day=one.as_of, scenario=one.scenario or say("screen-as-filed", lang), issuers="")
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
    """A workbook with the verdicts in its rows, and its patterns taken out."""
    filled = io.BytesIO()
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, 1)}
    with ZipFile(stream) as given, ZipFile(filled, "w", ZIP_DEFLATED) as made:
        for entry in given.infolist():
            data = given.read(entry)
            with made.open(entry, "w") as target:
                if entry.filename in parts:
                    for piece in _rows(data, parts[entry.filename], columns):
                        target.write(piece)
                else:  # how often the shared texts are used is no longer known, and need not be said
                    target.write(re.sub(rb'(<sst [^>]*?) count="[0-9]+"', rb"\1", data, count=1))
    return filled.getvalue()


def _rows(data: bytes, sheet: Sheet, columns: int) -> Iterator[bytes]:
    """The parts of a sheet, its rows filled."""
    from xlsxwriter.utility import xl_col_to_name, xl_range

    end = b"</row>"
    *rows, rest = data.split(end)
    heads, own, patterns = rows[:HEADS], rows[HEADS:-1], [match[1] for match in _CELL.finditer(rows[-1])]
    whole = xl_range(0, 0, HEADS + len(own) - 1, OWN - 1 + columns)
    heads[0] = re.sub(rb'<dimension ref="[^"]*"', f'<dimension ref="{whole}"'.encode(), heads[0], count=1)
    spans = f' spans="1:{OWN + columns}"'.encode()  # else said of the cells that were there before
    yield from (head + end for head in heads)
    begins = [f'<c r="{xl_col_to_name(column)}'.encode() for column in range(OWN, OWN + columns)]
    for number, (row, cells) in enumerate(zip(own, sheet.cells, strict=True), HEADS + 1):
        ends = [b'%d"%b' % (number, pattern) for pattern in patterns]
        yield _SPANS.sub(spans, row, count=1) + b"".join([begin + ends[cell] for begin, cell in zip(begins, cells, strict=True)]) + end
    yield rest
