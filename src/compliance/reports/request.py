"""What is missing as a workbook to send to the issuer: what settles most first, from whom, in which document, room for the answer.

Every text is written as text: nothing that a filing holds can become a formula. The answer cells alone can be changed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from compliance.engine.plain import Plain
from compliance.facts.answers import READING
from compliance.intake.sheets import REQUEST, labels
from compliance.reports import sentences
from compliance.reports.printable import visible
from compliance.reports.whole import issuer, missing
from compliance.reports.words import say
from compliance.reports.xlsx import height
from compliance.source import Place, Problem, SourceError

if TYPE_CHECKING:
    from compliance.packs.book import Pack
    from compliance.vocabulary import Field

# Each column: the word for its head, its width in characters, and whether it is for the answer.
COLUMNS = (
    ("rq-number", 6, False),
    ("rq-what", 34, False),
    ("rq-who", 14, False),
    ("rq-document", 20, False),
    ("rq-settles", 34, False),
    ("rq-bears", 24, False),
    ("rq-form", 24, False),
    ("rq-answer", 22, True),
    ("rq-place", 18, True),
    ("rq-by", 14, True),
    ("rq-path", 30, False),
)
HEAD = 3  # rows above the table
ANSWER = [name for name, _, _ in COLUMNS].index("rq-answer")
PRINTED = len(COLUMNS) - 2  # the last column on paper: the path is for whoever carries the answer into the filing
CHOICES = "choices"  # the hidden sheet that holds what drop-downs offer: a label may have a comma, which would part a list in the cell


def workbook(record: Plain, pack: Pack, lang: str) -> bytes:
    """The workbook. Raises ``SourceError`` where the library for it is not installed."""
    try:
        import xlsxwriter
        from xlsxwriter.utility import xl_range_abs
    except ImportError:
        raise SourceError([Problem(Place("--format xlsx"), "extra-needed", {"extra": "office"})]) from None
    from datetime import datetime

    rows = missing(record, pack)
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    # Not the clock: the same record gives the same bytes.
    book.set_properties({"title": say("rq-title", lang), "created": datetime.fromisoformat(record["as_of"])})
    face = {"font_name": "宋体", "font_size": 10}
    form = {
        "head": book.add_format({**face, "bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D9E1F2", "border": 1}),
        "title": book.add_format({**face, "bold": True, "font_size": 14}),
        "text": book.add_format({**face, "text_wrap": True, "valign": "top", "border": 1}),
        "answer": book.add_format(
            {**face, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFF2CC", "locked": False, "num_format": "@"}
        ),
    }
    sheet = book.add_worksheet(say("rq-sheet", lang))
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.write_string(1, 0, visible(say("rq-head", lang, who=issuer(record, lang))), form["title"])
    sheet.write_string(2, 0, say("rq-say", lang, day=record["as_of"], n=len(rows)))
    for column, (name, wide, _) in enumerate(COLUMNS):
        sheet.set_column(column, column, wide)
        key = name.removeprefix("rq-")
        sheet.write_string(0, column, key if column else f"{REQUEST}:{key}")  # by which it is read back
        sheet.write_string(HEAD, column, say(name, lang), form["head"])
    offered: dict[tuple[str, ...], int] = {}  # rows of the hidden sheet
    for number, row in enumerate(rows, 1):
        at = HEAD + number
        texts = cells(number, row, pack, lang)
        sheet.set_row(at, height(texts, [wide for _, wide, _ in COLUMNS]))
        for column, (text, (_, _, answer)) in enumerate(zip(texts, COLUMNS, strict=True)):
            if answer:
                sheet.write_blank(at, column, None, form["answer"])
            else:
                sheet.write_string(at, column, visible(text), form["text"])
        if words := choices(row["path"], pack, lang):
            line = offered.setdefault(words, len(offered))
            source = "=" + CHOICES + "!" + xl_range_abs(line, 0, line, len(words) - 1)
            sheet.data_validation(at, ANSWER, at, ANSWER, {"validate": "list", "source": source, "error_type": "warning"})
    hidden = book.add_worksheet(CHOICES)
    hidden.hide()
    for words, at in offered.items():
        for column, text in enumerate(words):
            hidden.write_string(at, column, text)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.autofilter(HEAD, 0, HEAD + max(1, len(rows)), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.print_area(0, 0, HEAD + max(1, len(rows)), PRINTED)
    sheet.repeat_rows(HEAD)
    sheet.set_footer("&C&P / &N")
    sheet.protect("", {"autofilter": True, "sort": True, "format_rows": True, "format_columns": True})
    book.close()
    return target.getvalue()


def cells(number: int, row: Plain, pack: Pack, lang: str) -> Sequence[str]:
    """The cells of one row, those for the answer empty."""
    join = say("join", lang)
    settles = [
        say("rq-decides", lang, title=pack.rule(rule).title[lang], verdicts=say("or", lang).join(say(word, lang) for word in words))
        for rule, words in row["decides"].items()
    ]
    bears = [pack.rule(rule).title[lang] for rule in row["bears"] if rule not in row["decides"]]
    who = row.get("who", {}).get(lang) or say("todo-market" if row["settled_by"] == "market" else "todo-person", lang)
    document = row.get("document", {}).get(lang, "")
    wanted = form_of(row["path"], pack, lang)
    return (str(number), row["label"][lang], who, document, join.join(settles), join.join(bears), wanted, "", "", "", row["path"])


def form_of(path: str, pack: Pack, lang: str) -> str:
    """How the answer is to be written."""
    field = _field(path, pack)
    words = choices(path, pack, lang)
    if words:
        return " / ".join(words)
    return say(f"form-{field.type}", lang) if field is not None else ""


def choices(path: str, pack: Pack, lang: str) -> tuple[str, ...]:
    """The words that an answer is one of, as the intake form takes them; none where it is a figure, a day, a text or a list."""
    if path.startswith(READING):
        return tuple(labels(pack.readings[path.removeprefix(READING)].options, lang))
    field = _field(path, pack)
    if field is None or field.type not in ("flag", "kind"):
        return ()
    if field.type == "flag":
        return tuple(say(f"rq-{name}", lang) for name in ("true", "false"))
    return tuple(labels(pack.vocabulary.kinds[field.of], lang))


def _field(path: str, pack: Pack) -> Field | None:
    return sentences.field_of(pack.vocabulary, path)
