"""What is missing as a workbook to send to the issuer: what settles most first, from whom, in which document, room for the answer.

Every text is written as text: nothing that a filing holds can become a formula. The answer cells alone can be changed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from compliance.engine.plain import Plain
from compliance.facts.answers import READING
from compliance.reports import sentences
from compliance.reports.printable import visible
from compliance.reports.whole import issuer, missing
from compliance.reports.words import say
from compliance.source import Place, Problem, SourceError

if TYPE_CHECKING:
    from compliance.packs.book import Pack
    from compliance.vocabulary import Field

# Each column: the word for its head, its width in characters, and whether it is for the answer.
COLUMNS = (
    ("rq-number", 6, False),
    ("rq-what", 46, False),
    ("rq-who", 20, False),
    ("rq-document", 26, False),
    ("rq-settles", 44, False),
    ("rq-bears", 30, False),
    ("rq-form", 24, False),
    ("rq-answer", 24, True),
    ("rq-place", 24, True),
    ("rq-by", 18, True),
    ("rq-path", 34, False),
)
MAX_CHOICES = 255  # characters that a drop-down list of a worksheet holds
HEAD = 3  # rows above the table


def workbook(record: Plain, pack: Pack, lang: str) -> bytes:
    """The workbook. Raises ``SourceError`` where the library for it is not installed."""
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("--format xlsx"), "extra-needed", {"extra": "office"})]) from None
    from datetime import datetime

    rows = missing(record, pack)
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(target, options)
    # Not the clock: the same record gives the same bytes.
    book.set_properties({"title": say("rq-title", lang), "created": datetime.fromisoformat(record["as_of"])})
    form = {
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#D9E1F2", "border": 1}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "border": 1}),
        "answer": book.add_format(
            {"text_wrap": True, "valign": "top", "border": 1, "bg_color": "#FFF2CC", "locked": False, "num_format": "@"}
        ),
    }
    sheet = book.add_worksheet(say("rq-sheet", lang))
    sheet.write_string(0, 0, visible(say("rq-head", lang, who=issuer(record, lang))), form["title"])
    sheet.write_string(1, 0, say("rq-say", lang, day=record["as_of"], n=len(rows)))
    for column, (name, wide, _) in enumerate(COLUMNS):
        sheet.set_column(column, column, wide)
        sheet.write_string(HEAD, column, say(name, lang), form["head"])
    for number, row in enumerate(rows, 1):
        at = HEAD + number
        for column, (text, (_, _, answer)) in enumerate(zip(cells(number, row, pack, lang), COLUMNS, strict=True)):
            if answer:
                sheet.write_blank(at, column, None, form["answer"])
            else:
                sheet.write_string(at, column, visible(text), form["text"])
        words = choices(row["path"], pack)
        if words and len(",".join(words)) <= MAX_CHOICES:
            sheet.data_validation(at, 7, at, 7, {"validate": "list", "source": list(words), "error_type": "warning"})
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.autofilter(HEAD, 0, HEAD + max(1, len(rows)), len(COLUMNS) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD)
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
    if field is not None and field.type == "kind":
        members = pack.vocabulary.kinds[field.of]
        return " / ".join(say("code-of", lang, label=label[lang], code=name) for name, label in members.items())
    words = choices(path, pack)
    if words:
        return " / ".join(words)
    return say(f"form-{field.type}", lang) if field is not None else ""


def choices(path: str, pack: Pack) -> tuple[str, ...]:
    """The words that an answer is one of; none where it is a figure, a day, a text or a list."""
    if path.startswith(READING):
        return tuple(pack.readings[path.removeprefix(READING)].options)
    field = _field(path, pack)
    if field is None or field.type not in ("flag", "kind"):
        return ()
    return ("true", "false") if field.type == "flag" else tuple(pack.vocabulary.kinds[field.of])


def _field(path: str, pack: Pack) -> Field | None:
    return sentences.field_of(pack.vocabulary, path)
