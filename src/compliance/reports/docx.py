"""The dossier as a Word document, in the shape that sponsors file, with a copy for lawyers and one for accountants.

Text comes from the view and from ``filed``, the markup from ``wordml``, the file itself from ``wordfile``.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from compliance.packs.book import PARTIES
from compliance.reports import filed, sentences, wordfile
from compliance.reports.bars import Bar
from compliance.reports.dossier import Dossier
from compliance.reports.filed import dated
from compliance.reports.glance import sentence
from compliance.reports.model import FindingView, View
from compliance.reports.printable import short
from compliance.reports.wordml import SPACE, WIDTH, Lines, cell, lines, paragraph, plain, row, spread, table, tall, twip
from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

CHECKED = (
    ("fl-number", 9), ("fl-matter", 24), ("fl-basis", 30), ("fl-facts", 54), ("fl-working", 36), ("fl-conclusion", 46),
    ("fl-papers", 13), ("fl-review", 25), ("fl-differs", 30),
)  # fmt: skip
UNNAMED = 3  # rows to sign where the book does not say who does
PROPERTY = 255  # characters of a property of the file


def render(dossier: Dossier, party: str = "sponsor") -> bytes:
    """The document for a party of ``PARTIES``. Raises ``SourceError`` where the library for it is not installed."""
    assert party in PARTIES
    try:
        import docx
    except ImportError:
        raise SourceError([Problem(Place("--format docx"), "extra-needed", {"extra": "office"})]) from None
    view = dossier.view()
    made = _Document(docx.Document(), view, filed.tables(dossier, view, party), party, dossier)
    made.whole()
    return made.bytes()


class _Document:
    """One document in the making."""

    def __init__(self, made: Any, view: View, tables: filed.Filed, party: str, dossier: Dossier) -> None:
        self.made = made
        self.view = view
        self.tables = tables
        self.party = party
        self.dossier = dossier
        self.body = made.element.body
        self.end = self.body[-1]  # the properties of the section come last
        self.remarks: list[tuple[str, str]] = []

    def say(self, code: str, /, **values: object) -> str:
        """A text in the view's language."""
        return say(code, self.view.lang, **values)

    def dated(self, texts: Iterable[str]) -> list[str]:
        """Texts with their days as a filing writes them."""
        return [dated(text, self.view.lang) for text in texts]

    def put(self, markup: str) -> Any:
        """Markup at the end of the body."""
        from docx.oxml import parse_xml

        element = parse_xml(markup)
        self.end.addprevious(element)
        return element

    def paragraphs(self, texts: Lines, style: str = "Normal") -> None:
        """Paragraphs of a style."""
        from docx.oxml import parse_xml

        made = "".join(paragraph(text, style) for text in self.dated(texts))
        for element in list(parse_xml(f'<w:body xmlns:w="{SPACE}">{made}</w:body>')):
            self.end.addprevious(element)

    def heading(self, text: str, level: int = 1, fresh: bool = False) -> None:
        """A heading, perhaps on a fresh page."""
        self.paragraphs([text], f"Heading{level}")
        if fresh:
            self.end.getprevious().get_or_add_pPr().get_or_add_pageBreakBefore()

    def table(self, heads: Lines, widths: Sequence[int], rows: Iterable[str]) -> Any:
        """A table, and the gap that keeps it from the next."""
        made = self.put(table(heads, widths, rows))
        self.paragraphs([""], "Gap")
        return made

    # The document

    def whole(self) -> None:
        """Everything, in the order of a report."""
        wordfile.bare(self.made)
        wordfile.dress(self.made)
        self.page()
        self.properties()
        self.cover()
        for code, make in SECTIONS.items():
            self.heading(self.say(code), fresh=code == "h-findings")
            make(self)
        self.signatures()
        self.appendix()

    def bytes(self) -> bytes:
        """The file."""
        target = io.BytesIO()
        self.made.save(target)
        return wordfile.unstamped(target.getvalue())

    def page(self) -> None:
        """The page: A4 lying, who it is about on top, the record and the page's number below."""
        from docx.enum.section import WD_ORIENT
        from docx.oxml import parse_xml

        section = self.made.sections[0]
        section.orientation = WD_ORIENT.LANDSCAPE
        section.different_first_page_header_footer = True
        top, below = section.header.paragraphs[0], section.footer.paragraphs[0]
        top.style = below.style = self.made.styles["Note"]
        top.text = self.title()
        below.add_run(self.say("fl-record", id=self.view.record_id) + self.say("fl-page"))
        field = '<w:fldSimple xmlns:w="{0}" w:instr="{1}"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        below._p.append(parse_xml(field.format(SPACE, "PAGE")))
        below.add_run(self.say("fl-of"))
        below._p.append(parse_xml(field.format(SPACE, "NUMPAGES")))
        below.add_run(self.say("fl-pages"))

    def properties(self) -> None:
        """What the file says of itself; its day is the day of the check, not the clock's."""
        core = self.made.core_properties
        core.title, core.subject = self.title(), self.say("title")
        core.author = core.last_modified_by = "compliance"
        core.comments, core.keywords = short(self.view.disclaimer, PROPERTY), self.view.record_id
        core.created = core.modified = self.day()
        core.revision, core.language = 1, "zh-CN" if self.view.lang == "zh" else "en"

    def day(self) -> datetime:
        """The day of the check."""
        return datetime.fromisoformat(self.view.as_of).replace(tzinfo=UTC)

    def title(self) -> str:
        """Who it is about, and what it is; a long name is cut, for a header as high as its page can be laid out by no program."""
        return self.say("fl-heading", who=short(self.view.issuer), title=self.called())

    def called(self) -> str:
        """What the document is, and whose copy."""
        title = self.say("fl-title", condition=self.dossier.pack.force("condition")[self.view.lang])
        return title if self.party == PARTIES[0] else self.say("fl-copy", title=title, party=self.say(f"party-{self.party}"))

    def cover(self) -> None:
        """The first page."""
        from docx.oxml import parse_xml
        from docx.oxml.ns import qn

        self.paragraphs([self.view.cover[0][1]], "CoverName")
        self.paragraphs([self.called()], "CoverTitle")
        widths = (50, 130)
        stated = ((label, dated(value, self.view.lang)) for label, value in self.view.cover)
        made = self.table((), widths, [plain(pair, widths, "Table Wide") for pair in stated])
        made.tblPr.find(qn("w:tblW")).addnext(parse_xml(f'<w:jc xmlns:w="{SPACE}" w:val="center"/>'))
        if self.view.disclaimer:
            self.paragraphs([self.view.disclaimer], "CoverNote")
        self.put(f'<w:p xmlns:w="{SPACE}"><w:r><w:br w:type="page"/></w:r></w:p>')

    def rows_of(self, rules: Iterable[str]) -> str:
        """Rules by the numbers of their rows."""
        # Spaces, so that a long list breaks between its numbers.
        return ", ".join(str(number) for number in sorted(self.tables.numbers.get(rule, 0) for rule in rules) if number)

    # One: the verdict

    def verdict(self) -> None:
        """The sentence, the counts, coverage, what follows."""
        view = self.view
        self.paragraphs([view.sentence], "Sentence")
        widths = spread(len(view.counts), 200)
        counts = zip(view.counts, widths, strict=True)
        cells = (cell(paragraph(str(number), "TableWide", code, word), twip(width)) for (code, word, number), width in counts)
        self.table((), widths, [row("".join(cells))])
        self.heading(self.say("gl-head"), 2)
        widths = (45, 222)
        first = ((one.label, [dated(sentence(line, view.lang), view.lang) for line in one.lines]) for one in view.glance)
        self.table((), widths, [plain(pair, widths, "Table Wide") for pair in first])
        self.paragraphs([line for line in (view.passes, *view.coverage, view.route) if line], "ListBullet")
        parts = (
            ("sec-conclusions", tuple(one.text for one in view.conclusions)),
            ("sec-inconsistent", view.inconsistencies),
            ("sec-drafts", view.drafts),
            ("sec-ties", view.mismatches),
        )
        for code, texts in parts:
            if texts:
                self.heading(self.say(code), 2)
                self.paragraphs(texts, "ListBullet")
        self.duties()

    def duties(self) -> None:
        """What the party must opine on, with room for the opinion; nothing in a book that asks nobody to."""
        if not any(one.parties for one in self.dossier.pack.conclusions):
            return
        party = self.say(f"party-{self.party}")
        self.heading(self.say("fl-opine", party=party), 2)
        if not self.tables.duties:
            self.paragraphs([self.say("fl-opine-none", party=party)])
            return
        widths = (120, 47, 100)
        rows = (plain((duty.text, self.rows_of(duty.rules), ""), widths, "Table Wide") for duty in self.tables.duties)
        self.table([self.say(code) for code in ("fl-matter", "fl-rows", "fl-opinion")], widths, rows)

    # Two to five

    def headroom(self) -> None:
        """The figures of each rule that measures, then how far single facts may go."""
        measured = [(one, one.bar) for one in self.view.findings() if one.bar]
        names = ("l-measure", "l-ratio", "l-limit", "l-headroom", "l-span")
        if not measured:
            self.paragraphs([self.say("headroom-none")])
        else:
            widths = (10, 62, 45, 32, 40, 38, 40)
            heads = [self.say(code) for code in ("fl-number", "fl-matter", *names)]
            self.table(heads, widths, (self.figures(one, bar, names, widths) for one, bar in measured))
        reaching = [dated(reach.sentence, self.view.lang) for one in self.view.findings() for reach in one.reaches]
        if reaching:
            self.heading(self.say("l-margins"), 2)
            self.paragraphs(reaching, "ListBullet")

    def figures(self, one: FindingView, bar: Bar, names: Lines, widths: Sequence[int]) -> str:
        """A rule's figures as a row."""
        found = dict(bar.labels)
        cells = [cell(lines([str(self.tables.numbers[one.rule])]), twip(widths[0]))]
        cells.append(cell(paragraph(one.title, "TableText", one.verdict, one.word), twip(widths[1])))
        for name, width in zip(names, widths[2:], strict=True):
            cells.append(cell(lines([dated(found.get(self.say(name), "—"), self.view.lang)]), twip(width)))
        return row("".join(cells))

    def routes(self) -> None:
        """The routes side by side."""
        matrix = self.view.routes
        if matrix is None:
            self.missing("routes")
            return
        widths = (24, *spread(len(matrix.columns), WIDTH - 24))
        heads = ["", *(one.label for one in matrix.columns)]
        top = [cell(lines([self.say("l-verdict")]), twip(widths[0]))]
        for one, width in zip(matrix.columns, widths[1:], strict=True):
            stated = self.say("where", items=self.say("stated-route")) if one.stated else ""
            top.append(cell(paragraph(stated, "TableText", one.verdict, one.word), twip(width)))
        rows = [plain((line.label, *(self.dated(part) or "—" for part in line.cells)), widths) for line in matrix.rows]
        self.table(heads, widths, [row("".join(top)), *rows])

    def timeline(self) -> None:
        """The days: what is marked, what runs, what goes stale."""
        found, lang = self.view.timeline, self.view.lang
        if found is None:
            self.missing("timeline")
            return
        widths = (80, WIDTH - 80)
        self.table((), widths, (plain((mark.label, dated(mark.day, lang)), widths) for mark in found.marks))
        for code, lanes in (("days-windows", found.windows), ("days-courses", found.courses)):
            if lanes:
                self.heading(self.say(code), 2)
                self.table((), widths, (plain((lane.label, dated(lane.sentence, lang)), widths) for lane in lanes))
        for code, texts in (("days-stale", found.stale), ("days-law", found.law), ("days-calendars", found.calendars)):
            if texts:
                self.heading(self.say(code), 2)
                self.paragraphs(texts, "ListBullet")

    def todo(self) -> None:
        """What would settle an open finding or turn a decided one, what is nearest to a verdict first."""
        if not self.view.agenda:
            self.paragraphs([self.say("todo-none")])
            return
        self.paragraphs([self.say("agenda-note"), self.say("answer-note")], "Note")
        widths = (12, 105, 33, 47, 22, 22, 26)
        heads = [self.say(code) for code in ("l-distance", "l-what", "l-who", "l-document", "l-decides", "l-turns", "l-bears")]
        settled = {"judgement": "todo-person", "market": "todo-market", "filing": "party-filing"}
        lang = self.view.lang
        rows = (
            plain(
                (str(step.distance), filed.keyed(step.label, keys, lang), step.who or self.say(settled[step.settled_by]), step.document,
                 self.rows_of(step.settles), self.rows_of(step.turns), self.rows_of(step.bears)),
                widths,
            )
            for step, keys in filed.agenda(self.view.agenda)
        )  # fmt: skip
        self.table(heads, widths, rows)

    # Six: the tables

    def findings(self) -> None:
        """The table of findings, then the comparison article by article."""
        self.heading(self.say("fl-checked"), 2)
        self.paragraphs([self.say("fl-checked-note")], "Note")
        if self.view.documents:
            documents = self.say("join").join(self.view.documents)
            self.paragraphs([self.say("fl-documents", items=documents)], "Note")
        if self.tables.common:
            self.paragraphs([self.say("fl-common") + self.say("join").join(self.tables.common)], "Note")
        widths = [width for _, width in CHECKED]
        rows: list[str] = []
        changed: list[tuple[int, str]] = []
        band = f'<w:gridSpan w:val="{len(widths)}"/><w:shd w:val="clear" w:color="auto" w:fill="F2F2F2"/>'
        for chapter, group in self.tables.rows:
            rows.append(row(cell(paragraph(chapter, "TableBand"), twip(WIDTH), band)))
            for one in group:
                changed += [(len(rows), one.changed)] if one.changed else []
                rows.append(self.checked(one, widths))
        if rows:
            whose = sentences.named("issuer", self.dossier.pack, self.view.lang)
            made = self.table([self.say(code, issuer=whose) for code, _ in CHECKED], widths, rows)
            self.remark(made, changed)
        self.heading(self.say("fl-articles"), 2)
        if self.tables.compared:
            self.comparison()

    def comparison(self) -> None:
        """The comparison article by article; where the user brought official wording, it stands in a column of its own."""
        brought = self.view.brought
        self.paragraphs([brought] if brought else [], "Note")
        codes, widths = ["fl-article", "fl-means", "fl-found"], [45, 82, 140]
        if brought:
            codes[1:1], widths = ["fl-official"], [28, 79, 60, 100]
        self.table([self.say(code) for code in codes], widths, [self.compared(one, widths) for one in self.tables.compared])

    def checked(self, one: filed.Checked, widths: Sequence[int]) -> str:
        """A finding as a row of the table."""
        told, *more = one.conclusion
        title = [one.title, *([self.say("where", items=one.force)] if one.force else [])]
        said = paragraph(told, "TableText", one.verdict, self.say("fl-word", word=one.word)) + "".join(
            paragraph(text, "TableText") for text in more
        )
        texts = ([str(one.number)], title, one.basis, one.facts, one.working, one.conclusion, one.papers, one.review, one.differs)
        parts = (said if part is one.conclusion else lines(part) for part in texts)
        cells = (cell(part, twip(width)) for part, width in zip(parts, widths, strict=True))
        return row("".join(cells), splits=tall(texts, widths))

    def remark(self, made: Any, changed: Iterable[tuple[int, str]]) -> None:
        """A comment on the finding of each row that changed since the earlier record."""
        from docx.oxml.ns import qn
        from docx.text.run import Run

        column = [code for code, _ in CHECKED].index("fl-conclusion")
        rows = made.tr_lst
        for at, text in changed:
            spoken = Run(next(rows[at + 1].tc_lst[column].iter(qn("w:r"))), self.made)
            told = f"{self.say('changed-since')}{self.say('colon')}{text}"
            comment = self.made.add_comment(spoken, text=told, author="compliance", initials="C")
            comment._comment_elm.set(qn("w:date"), self.day().strftime("%Y-%m-%dT00:00:00Z"))

    def compared(self, one: filed.Compared, widths: Sequence[int]) -> str:
        """A row of the comparison; an article with several matters is one cell down the page."""
        merged = '<w:vMerge w:val="restart"/>' if one.article else "<w:vMerge/>"
        down = [[one.article] if one.article else []]
        if self.view.brought:
            down.append([*one.official] or [self.say("fl-official-none")] if one.article else [])
        parts = [(part, merged) for part in down] + [(one.means, ""), (one.found, "")]
        cells = (cell(lines(part), twip(width), more) for (part, more), width in zip(parts, widths, strict=True))
        return row("".join(cells), splits=tall([part for part, _ in parts], widths))

    # Seven to eleven

    def changes(self) -> None:
        """What changed since an earlier record."""
        if self.dossier.difference is None:
            self.missing("difference")
        elif not self.view.changes:
            self.paragraphs([self.say("changes-none")])
        else:
            widths = (12, 70, 30, 50, 50, 55)
            heads = [self.say(code) for code in ("fl-number", "fl-matter", "l-what", "l-old", "l-new", "l-cause")]
            cells = ((self.rows_of([one.rule]), one.title, one.part, one.old, one.new, one.cause) for one in self.view.changes)
            self.table(heads, widths, (plain(self.dated(part), widths) for part in cells))

    def silent(self) -> None:
        """What does not apply, what is not yet in force, what the book leaves out, each with its reason."""
        if self.tables.silent:
            widths = (10, 75, 72, 110)
            heads = [self.say(code) for code in ("fl-number", "fl-matter", "fl-basis", "fl-reason")]
            self.table(heads, widths, (plain((str(one.number), one.title, one.basis, one.why), widths) for one in self.tables.silent))
        if self.view.upcoming:
            self.heading(self.say("sec-upcoming"), 2)
            self.paragraphs(self.view.upcoming, "ListBullet")
        if self.view.out_of_scope:
            self.heading(self.say("sec-out"), 2)
            pair = (30, WIDTH - 30)
            self.table((), pair, (plain(part, pair) for part in self.view.out_of_scope))

    def differences(self) -> None:
        """The filing's own conclusions and the answers of the parties, side by side."""
        view = self.view
        if not view.agreement and not view.opinions:
            self.paragraphs([self.say("differences-none")])
        if view.agreement:
            self.paragraphs([view.agreement])
            self.paragraphs(view.disagreements, "ListBullet")
        if view.opinions:
            widths: Sequence[int] = (97, *spread(len(view.opinions_of), WIDTH - 97))
            heads = [self.say("l-questions"), *view.opinions_of]
            mark = self.say("parties-differ")
            rows = (plain(([one.question, *([mark] if one.differ else [])], *one.answers), widths) for one in view.opinions)
            self.table(heads, widths, rows)
        elif view.agreement:
            self.paragraphs([self.say("opinions-none")], "Note")
        if view.tie_rows:
            self.heading(self.say("sec-ties"), 2)
            names = ("l-what", "l-fact", "computed", "stated-total", "difference", "l-finding", "l-place")
            wide = (62, 40, 35, 35, 30, 25, 40)
            self.table([self.say(code) for code in names], wide, (plain(part, wide) for part in view.tie_rows))

    def provenance(self) -> None:
        """From what it was made, and what was taken for granted."""
        widths = (50, WIDTH - 50)
        self.table((), widths, (plain((label, dated(value, self.view.lang)), widths) for label, value in self.view.provenance))
        self.paragraphs([self.say("same-bytes")], "Note")
        for code, texts in (("l-documents", self.view.documents), ("sec-assumptions", self.view.assumptions)):
            if texts:
                self.heading(self.say(code), 2)
                self.paragraphs(texts, "ListBullet")

    def missing(self, name: str) -> None:
        """The line of a section for which nothing was brought."""
        self.paragraphs([dict(self.view.absent)[name]])

    # Twelve, and the appendix

    def signatures(self) -> None:
        """A page of its own for those who sign."""
        self.heading(self.say("fl-signatures"), fresh=True)
        self.paragraphs([self.view.issuer, self.say("fl-declare")])
        widths = (75, 110, 82)
        rows = (plain((role, "", self.say("fl-blank")), widths, "Signing") for role in self.signing())
        self.table([self.say(code) for code in ("fl-role", "fl-name", "fl-on")], widths, rows)
        self.paragraphs([self.say("fl-stamp"), self.view.disclaimer], "Note")

    def signing(self) -> list[str]:
        """In which capacity the copy of the party is signed, as the book names it; else room for some who say it themselves."""
        named = self.dossier.pack.signatures.get(self.party)
        return [""] * UNNAMED if named is None else [role[self.view.lang] for role in named]

    def appendix(self) -> None:
        """What the cells of the table leave out, whole."""
        rest = [one for _, group in self.tables.rows for one in group if one.rest]
        if rest:
            self.heading(self.say("fl-appendix"), fresh=True)
            for one in rest:
                self.heading(f"{one.number} {one.title}", 2)
                self.paragraphs(one.rest, "TableText")


SECTIONS = {
    "h-verdict": _Document.verdict, "h-headroom": _Document.headroom, "h-routes": _Document.routes, "h-timeline": _Document.timeline,
    "h-todo": _Document.todo, "h-findings": _Document.findings, "h-changes": _Document.changes,
    "h-silent": _Document.silent, "h-differences": _Document.differences, "h-provenance": _Document.provenance,
}  # fmt: skip
