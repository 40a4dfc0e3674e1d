"""The view as CSV: a row for each finding, which Excel opens as it is meant, and in which no cell can become a formula."""

from __future__ import annotations

import csv
import io
import re

from compliance.reports.model import FindingView, View
from compliance.reports.words import say

MARK = "\ufeff"  # tells Excel that the text is UTF-8
_FORMULA = re.compile(r"\s*[=+\-@|＝＋－＠]")
_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?%?")
MAX_CELL = 32_767  # characters that Excel takes into one cell
COLUMNS = (
    "l-rule", "l-chapter", "l-title", "l-force", "l-finding", "l-robust", "l-message", "l-measure", "l-ratio", "l-limit", "l-headroom",
    "l-rests", "l-flips", "l-needs", "l-requirement", "l-citations", "l-working", "l-facts", "l-filing", "l-covers", "l-fingerprint",
)  # fmt: skip


def render(view: View) -> str:
    """The table, with the byte order mark that Excel wants and its line ends."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([say(code, view.lang) for code in COLUMNS])
    chapters = {one.code: one.label for one in view.chapters}
    for found in (*view.findings(), *view.not_applicable):
        writer.writerow([fitted(defused(cell), view.lang) for cell in row(found, chapters[found.chapter], view.lang)])
    return MARK + stream.getvalue()


def row(found: FindingView, chapter: str, lang: str) -> tuple[str, ...]:
    """A finding as cells, its chapter by name."""
    figures = dict(found.figures)
    joined = say("join", lang)
    facts = (
        f"{one.path} {one.label} {one.value}" + (f" [{one.place}]" if one.place else "") for group in found.facts for one in group.rows
    )
    robust = "" if found.robust is None else say("robust" if found.robust else "fragile", lang)
    return (
        found.rule, chapter, found.title, found.force_word, found.word, robust, found.message,
        *(figures.get(say(code, lang), "") for code in ("l-measure", "l-ratio", "l-limit", "l-headroom")),
        found.rests, joined.join(found.flips), joined.join(found.needs), found.restated, joined.join(found.citations),
        joined.join(found.working), joined.join(facts), found.filing_says, say("and", lang).join(found.covers), found.fingerprint,
    )  # fmt: skip


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what would start one, unless it is a number."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def fitted(cell: str, lang: str) -> str:
    """A cell that Excel takes whole: one that is too long ends in a note that says so."""
    if len(cell) <= MAX_CELL:
        return cell
    note = say("cell-cut", lang, n=len(cell))
    return cell[: MAX_CELL - len(note)] + note
