"""The dossier as a workbook for review: a row for each finding, everything fixed but the reviewer's yellow cells.

Every text is written as text: nothing that a filing holds can become a formula. A hidden column holds each finding's fingerprint, so
that a comment can be led back to the finding it was made on.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.reports.csv import fitted
from compliance.reports.dossier import Dossier
from compliance.reports.model import FindingView, View
from compliance.reports.printable import short
from compliance.reports.view import viewed
from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

HEAD = 3  # rows above a table: the title, a line on how to use it, a gap
A4 = 9
LINE, MODERATE, HIGHEST = 13, 67, 409  # points: a line, the most that columns beside the printed ones ask for, the most Excel knows
# Each column of the findings: the word for its head, its width in characters, and whether the reviewer fills it in.
COLUMNS = (
    ("l-rule", 20, False), ("l-title", 30, False), ("l-force", 9, False), ("l-finding", 11, False), ("l-robust", 11, False),
    ("l-message", 46, False), ("rv-status", 10, True), ("rv-comment", 34, True), ("rv-by", 10, True), ("rv-on", 12, True),
    ("l-measure", 24, False), ("l-ratio", 20, False), ("l-limit", 24, False), ("l-headroom", 24, False), ("l-rests", 32, False),
    ("l-flips", 40, False), ("l-needs", 40, False), ("l-requirement", 40, False), ("l-citations", 44, False), ("l-working", 44, False),
    ("l-filing", 30, False), ("changed-since", 30, False), ("l-covers", 14, False), ("l-fingerprint", 20, False),
)  # fmt: skip
STATES = ("rv-unread", "rv-agree", "rv-differ", "rv-more")
FINGERPRINT = len(COLUMNS) - 1
PRINTED = [name for name, _, _ in COLUMNS].index("rv-on")  # the last column on paper
COLOURS = {"fail": "#B00020", "missing": "#8A5A00", "judgement": "#1F4E9E", "pass": "#1B6B3A", "not_applicable": "#595959"}


def render(dossier: Dossier) -> bytes:
    """The workbook. Raises ``SourceError`` where the library for it is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("--format xlsx"), "extra-needed", {"extra": "office"})]) from None
    view, target = viewed(dossier), io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    made = xlsxwriter.Workbook(target, options)
    # Not the clock: the same record gives the same bytes.
    made.set_properties({"title": say("rv-title", view.lang), "created": datetime.fromisoformat(view.as_of)})
    _Book(made, view).whole()
    made.close()
    return target.getvalue()


def height(texts: Sequence[str], widths: Sequence[int]) -> int:
    """The height of a row in points in which its texts can be read; not every program fits rows to their text by itself."""
    needed = (sum(-(-breadth(line) // wide) or 1 for line in text.split("\n")) for text, wide in zip(texts, widths, strict=True))
    return min(HIGHEST, LINE * max(needed, default=1) + 2)


def breadth(line: str) -> int:
    """The columns that a line takes: a Chinese character, three bytes long, takes two."""
    return (len(line.encode()) + len(line) + 1) // 2


class _Book:
    """One workbook in the making."""

    def __init__(self, made: Workbook, view: View) -> None:
        self.made = made
        self.view = view
        self.titles = {found.rule: found.title for found in (*view.findings(), *view.not_applicable)}
        self.title = self.form(bold=True, font_size=14)
        self.note = self.form(font_color="#595959")
        self.head = self.form(bold=True, text_wrap=True, valign="vcenter", bg_color="#D9E2F3", border=1)
        self.text = self.form(text_wrap=True, valign="top", border=1, num_format="@")
        self.answer = self.form(text_wrap=True, valign="top", border=1, num_format="@", bg_color="#FFF2CC", locked=False)
        self.day = self.form(valign="top", border=1, num_format="yyyy-mm-dd", bg_color="#FFF2CC", locked=False)
        self.verdicts = {
            code: self.form(text_wrap=True, valign="top", border=1, num_format="@", bold=True, font_color=colour)
            for code, colour in COLOURS.items()
        }

    def form(self, **given: Any) -> Format:
        """A format; the font is one that Chinese desks have."""
        return self.made.add_format({"font_name": "宋体", "font_size": 10, **given})

    def say(self, code: str, /, **values: object) -> str:
        """A text in the view's language."""
        return say(code, self.view.lang, **values)

    def whole(self) -> None:
        """Every sheet."""
        self.findings()
        self.todo()
        self.facts()
        self.table("rv-assumed", (("rv-item", 140),), [(text,) for text in self.view.assumptions])
        documents = ((self.say("l-documents"), text) for text in self.view.documents)
        rows = [*dict.fromkeys((*self.view.cover, *self.view.provenance)), *documents]
        self.table("rv-provenance", (("rv-item", 30), ("l-value", 110)), rows)

    def sheet(self, code: str, columns: Sequence[tuple[str, int]], rows: int, note: str) -> Worksheet:
        """A sheet with its head, frozen and with filters; it prints lying on A4, as wide as the page."""
        sheet: Worksheet = self.made.add_worksheet(self.say(code))
        self.put(sheet, 0, 0, f"{short(self.view.issuer)}{self.say('colon')}{self.say(code)}", self.title)
        self.put(sheet, 1, 0, note, self.note)
        for column, (name, wide) in enumerate(columns):
            sheet.set_column(column, column, wide)
            self.put(sheet, HEAD, column, self.say(name), self.head)
        sheet.freeze_panes(HEAD + 1, min(2, len(columns) - 1))
        sheet.autofilter(HEAD, 0, HEAD + max(1, rows), len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, HEAD + max(1, rows), len(columns) - 1)  # else a heading that runs over its columns widens the page
        sheet.repeat_rows(HEAD)
        sheet.set_footer("&C&P / &N")
        sheet.protect("", {"autofilter": True, "sort": True, "format_rows": True, "format_columns": True})
        return sheet

    def put(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        """A text, never a formula, and never more than a cell holds."""
        sheet.write_string(row, column, fitted(text, self.view.lang), form)

    def table(self, code: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[str]]) -> Worksheet:
        """A sheet of texts."""
        listed = list(rows)
        sheet = self.sheet(code, columns, len(listed), self.view.disclaimer)
        for at, row in enumerate(listed, HEAD + 1):
            sheet.set_row(at, height(row, [wide for _, wide in columns]))
            for column, text in enumerate(row):
                self.put(sheet, at, column, text, self.text)
        return sheet

    def findings(self) -> None:
        """A row for each finding, those that apply or may first, with room for the review."""
        view = self.view
        listed = (*view.findings(), *view.not_applicable)
        sheet = self.sheet("rv-findings", [(name, wide) for name, wide, _ in COLUMNS], len(listed), self.say("rv-note") + view.disclaimer)
        for at, found in enumerate(listed, HEAD + 1):
            cells = self.finding(found)
            widths = [wide for _, wide, _ in COLUMNS]
            paper = height(cells[: PRINTED + 1], widths[: PRINTED + 1])
            sheet.set_row(at, max(paper, min(MODERATE, height(cells, widths))))
            for column, ((name, _, open_cell), text) in enumerate(zip(COLUMNS, cells, strict=True)):
                if open_cell:
                    sheet.write_blank(at, column, None, self.day if name == "rv-on" else self.answer)
                else:
                    self.put(sheet, at, column, text, self.verdicts[found.verdict] if name == "l-finding" else self.text)
        sheet.set_column(FINGERPRINT, FINGERPRINT, COLUMNS[FINGERPRINT][1], None, {"hidden": True})
        # What is printed is the finding and the review of it: on paper all columns could not be read.
        sheet.print_area(0, 0, HEAD + max(1, len(listed)), PRINTED)
        self.choices(sheet, HEAD + 1, HEAD + max(1, len(listed)))

    def choices(self, sheet: Worksheet, first: int, last: int) -> None:
        """What may stand in the status and the day of a review."""
        names = [name for name, _, _ in COLUMNS]
        status, day = names.index("rv-status"), names.index("rv-on")
        sheet.data_validation(first, status, last, status, {"validate": "list", "source": [self.say(code) for code in STATES]})
        rule = {"validate": "date", "criteria": ">=", "value": datetime(2000, 1, 1), "error_message": self.say("rv-date")}
        sheet.data_validation(first, day, last, day, rule)

    def finding(self, found: FindingView) -> tuple[str, ...]:
        """A finding as cells, those of the reviewer empty."""
        figures = dict(found.figures)
        joined = "\n".join
        robust = "" if found.robust is None else self.say("robust" if found.robust else "fragile")
        return (
            found.rule, found.title, found.force_word, found.word, robust, found.message, "", "", "", "",
            *(figures.get(self.say(code), "") for code in ("l-measure", "l-ratio", "l-limit", "l-headroom")),
            found.rests, joined(found.flips), joined(found.needs), found.restated, joined(found.citations), joined(found.working),
            found.filing_says, found.changed, self.say("and").join(found.covers), found.fingerprint,
        )  # fmt: skip

    def todo(self) -> None:
        """What to bring or to judge, what is nearest to a verdict first."""
        columns = (("l-distance", 8), ("l-what", 52), ("l-who", 22), ("l-document", 28), ("l-decides", 44), ("l-turns", 44),
                   ("l-bears", 44), ("l-path", 34))  # fmt: skip
        settled = {"judgement": "todo-person", "market": "todo-market", "filing": "party-filing"}
        rows = []
        for step in self.view.agenda:
            ruled = (self.say("join").join(self.titles[rule] for rule in rules) for rules in (step.settles, step.turns, step.bears))
            rows.append((str(step.distance), step.label, step.who or self.say(settled[step.settled_by]), step.document, *ruled, step.path))
        self.table("rv-todo", columns, rows)

    def facts(self) -> None:
        """Every fact that a finding read, once, with its place and the rules that read it."""
        read: dict[tuple[str, ...], list[str]] = {}
        for found in (*self.view.findings(), *self.view.not_applicable):
            for group in found.facts:
                for row in group.rows:
                    read.setdefault((row.path, group.label, row.label, row.value, row.place, row.paper), []).append(found.rule)
        columns = (("l-path", 40), ("rv-item", 30), ("l-fact", 26), ("l-value", 30), ("l-place", 34), ("fl-papers", 16), ("l-rule", 40))
        self.table(
            "rv-facts",
            columns,
            [(*row, self.say("join").join(self.titles[rule] for rule in dict.fromkeys(rules))) for row, rules in read.items()],
        )
