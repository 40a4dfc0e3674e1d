"""A screening as a workbook: a sheet for each scenario and day, a row for each issuer, a column for each rule, the verdict in words."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

MAX_ROWS = 20_000  # issuers on a sheet: more than a person reads; the tables hold them all
MAX_SHEETS = 12
COLOURS = {"fail": "#FDECED", "judgement": "#FFF2DC", "missing": "#E8EDF4", "pass": "#E5F4EA", "not_applicable": "#F0F2F5"}


class Line(NamedTuple):
    """An issuer in a scenario on a day, with the verdict of each rule in force."""

    scenario: str
    as_of: str
    issuer: str
    name: str
    verdict: str
    verdicts: Mapping[str, str]


def render(lines: Iterable[Line], groups: Sequence[tuple[str, str]], titles: Mapping[str, str], lang: str) -> bytes:
    """The workbook. Raises ``SourceError`` where the library for workbooks is not installed.

    ``groups`` are the scenarios and days, each a sheet; ``titles`` the rules to show, in their order.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("matrix.xlsx"), "extra-needed", {"extra": "office"})]) from None
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})  # the same run gives the same file on any day
    formats = {word: book.add_format({"bg_color": colour}) for word, colour in COLOURS.items()}
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    sheets = {}
    for number, (scenario, day) in enumerate(groups[:MAX_SHEETS], 1):
        sheet = book.add_worksheet(f"{number} {day}")
        sheet.freeze_panes(2, 3)
        sheet.write_string(0, 0, say("screen-head", lang, day=day, scenario=scenario or say("screen-as-filed", lang), issuers=""), head)
        for column, text in enumerate([say(f"screen-{name}", lang) for name in ("code", "name", "verdict")]):
            sheet.write_string(1, column, text, head)
        for column, (rule, title) in enumerate(titles.items(), 3):
            sheet.write_string(0, column, title, head)
            sheet.write_string(1, column, rule, head)
        sheet.set_column(0, 0, 9)
        sheet.set_column(1, 1, 22)
        sheet.set_column(2, 2 + len(titles), 14)
        sheets[scenario, day] = (sheet, 2)
    for line in lines:
        if (line.scenario, line.as_of) not in sheets:
            continue
        sheet, row = sheets[line.scenario, line.as_of]
        if row >= MAX_ROWS + 2:
            continue
        sheet.write_string(row, 0, line.issuer)
        sheet.write_string(row, 1, line.name)
        sheet.write_string(row, 2, say(line.verdict, lang), formats[line.verdict])
        for column, rule in enumerate(titles, 3):
            word = line.verdicts.get(rule)
            if word is None:
                sheet.write_string(row, column, say("screen-absent", lang))
            else:
                sheet.write_string(row, column, say(word, lang), formats[word])
        sheets[line.scenario, line.as_of] = sheet, row + 1
    for sheet, row in sheets.values():
        sheet.autofilter(1, 0, max(1, row - 1), 2 + len(titles))
    book.close()
    return stream.getvalue()


def lines_of(issuers: Iterable[Mapping[str, Any]], findings: Iterable[Mapping[str, Any]]) -> Iterator[Line]:
    """The lines of a matrix out of a run's two tables, which go case by case in one order."""

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return row["item"], row["scenario"], row["as_of"]

    grouped = groupby(findings, key)
    held = next(grouped, None)
    for row in issuers:
        verdicts: dict[str, str] = {}
        if held is not None and held[0] == key(row):
            verdicts = {found["rule"]: found["verdict"] for found in held[1]}
            held = next(grouped, None)
        yield Line(row["scenario"], row["as_of"].isoformat(), row["issuer"], row["name"], row["verdict"], verdicts)
