"""The intake workbook: written with labels, units, drop-downs and remarks, and read back cell by cell.

Every cell that holds a value is a text, so that digits stay as they were written. A number that a user types into Excel is
kept by it to fifteen digits; so many are read, and no more.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from compliance.facts.values import SCHEMA
from compliance.intake import guide, sheets
from compliance.intake.rows import NO, YES, Book, Row
from compliance.intake.sheets import HEAD, LABELS, TITLES, Asked, ListSheet
from compliance.source import Place, Problem, SourceError
from compliance.vocabulary import Field, Text, Vocabulary
from compliance.wording import VERDICTS, word

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

EMPTY_ROWS = 20  # rows below the data that are framed for more
OFFERED = 2_000  # rows down to which drop-downs reach
MAX_TEXT = 32_767  # characters that a cell holds, by Excel
SHOWN = 20  # characters by which a text is known that the form cannot hold
_UNHELD = re.compile(r"[\x00-\x08\x0b-\x1f]")  # what a cell does not give back as it was
CHOICES = "choices"  # the hidden sheet that holds what drop-downs offer
_WIDTHS: Mapping[str, int] = {
    "key": 30,
    "value": 26,
    "value_en": 70,
    "label": 28,
    "label_en": 28,
    "unit": 8,
    "meaning": 50,
    "who": 13,
    "source": 18,
    "path": 32,
    "complete": 12,
    "answer": 16,
    "reason": 40,
    "reason_en": 40,
    "document": 18,
    "page": 8,
    "line": 8,
    "index": 14,
    "id": 18,
    "title": 40,
    "rule": 30,
    "text": 50,
    "text_en": 50,
}
_LINE = 14  # points of a line of text, as _TALLEST is of the tallest row by Excel
_TALLEST = 409
_TABS: Mapping[str, str] = {sheets.GUIDE: "#7F7F7F", sheets.SINGLES: "#1F3864", sheets.LISTS: "#1F3864"}
_TAB_LIST, _TAB_WITHIN, _TAB_OTHER = "#548235", "#A9D08E", "#BF8F00"


def write(words: Vocabulary, pack: str, book: Book, asked: Asked | None, as_of: str = "") -> bytes:
    """A workbook with the rows of a book, and room for more, for the facts that are asked for (None: for all).

    ``as_of`` is the filing's own day. Raises ``SourceError`` where the library for workbooks is not installed, or where
    something is too long for a cell or too wide for the form.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("xlsx"), "extra-needed", {"extra": "office"})]) from None
    if problems := list(_too_much(book)):
        raise SourceError(problems)
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False})
    made.set_properties({"created": datetime(2000, 1, 1)})  # the same facts give the same file on any day
    _Writer(made, words, asked, book).whole([("schema", SCHEMA), ("pack", pack), ("as_of", as_of)])
    made.close()
    return stream.getvalue()


def _too_much(book: Book) -> Iterator[Problem]:
    """What the form cannot hold: nothing is cut."""
    for name, rows in book.items():
        for row in rows:
            wide = [int(column) for column in row if column.isdigit() and int(column) > sheets.TABLE_COLUMNS]
            if wide and row["what"] == sheets.WHAT["columns"]["zh"]:
                yield Problem(Place("xlsx"), "cell-columns", {"name": row["id"], "limit": sheets.TABLE_COLUMNS})
            if any(len(text) > MAX_TEXT for text in row.values()):
                yield Problem(Place("xlsx"), "cell-long", {"sheet": name, "limit": MAX_TEXT})
            for text in row.values():
                if text != text.strip():
                    yield Problem(Place("xlsx"), "cell-blank", {"sheet": name, "text": text.strip()[:SHOWN]})
                elif found := _UNHELD.search(text):
                    yield Problem(Place("xlsx"), "cell-control", {"sheet": name, "char": f"U+{ord(found[0]):04X}", "text": text[:SHOWN]})


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, made: Workbook, words: Vocabulary, asked: Asked | None, book: Book) -> None:
        self.made = made
        self.words = words
        self.asked = asked
        self.book = book
        self.choices: dict[tuple[str, ...], str] = {}  # what a drop-down offers, by where it stands on the hidden sheet
        self.collections = self.wanted()
        self.names: dict[str, str] = {}
        self.labels: dict[str, Text] = {name: TITLES[name] for name in (sheets.GUIDE, sheets.SINGLES, sheets.LISTS)}
        self.labels |= {sheet.path: sheet.entity.label for sheet in self.collections}
        self.labels |= {name: TITLES[name] for name in (sheets.DOCUMENTS, sheets.PROOF, sheets.CONCLUSIONS, sheets.TABLES)}
        for key, label in self.labels.items():
            self.names[key] = sheets.sheet_name(label["zh"], [CHOICES, *self.names.values()])
        frame = {"valign": "top", "text_wrap": True, "border": 1, "border_color": "#D9D9D9"}
        self.column = self.format(num_format="@", valign="top", text_wrap=True)
        self.text = self.format(num_format="@", bg_color="#FFF9DB", **frame)
        self.fixed = self.format(font_color="#404040", **frame)
        self.code = self.format(font_color="#7F7F7F", font_size=8, **frame)
        self.link = self.format(font_color="#1F3864", underline=1, **frame)
        self.part = self.format(bold=True, bg_color="#D9E2F3", valign="vcenter")
        self.head = self.format(bold=True, bg_color="#1F3864", font_color="#FFFFFF", text_wrap=True, valign="vcenter", border=1)
        self.head_en = self.format(italic=True, bg_color="#D9E2F3", text_wrap=True, valign="vcenter", border=1, font_size=9)
        self.hint = self.format(bg_color="#F2F2F2", font_color="#595959", border=1, font_size=9, valign="vcenter", text_wrap=True)
        self.unit = self.format(num_format="@", bg_color="#E2EFDA", font_size=9, **frame)

    def format(self, **given: Any) -> Format:
        """A format; the fonts are those that Chinese desks have."""
        return self.made.add_format({"font_name": "宋体", "font_size": 10, **given})

    def wanted(self) -> list[ListSheet]:
        """The collections that are asked for or stated, each with the fields that are."""
        asked = {sheet.path: sheet.fields for sheet in sheets.collections(self.words, self.asked)}
        found = []
        for sheet in sheets.collections(self.words, None):
            used = {name for row in self.book.get(sheet.path, ()) for name in row}
            fields = tuple(field for field in sheet.fields if field in asked.get(sheet.path, ()) or field.name in used)
            if fields:
                found.append(sheet._replace(fields=fields))
        return found

    def whole(self, head: Sequence[tuple[str, str]]) -> None:
        """Every sheet, in the order in which a desk fills them in."""
        self.guide(head)
        self.singles()
        self.completeness()
        for sheet in self.collections:
            self.collection(sheet)
        for name in (sheets.DOCUMENTS, sheets.PROOF, sheets.CONCLUSIONS, sheets.TABLES):
            self.plain(name)
        self.offered()

    def sheet(self, key: str, columns: Sequence[str], labels: Mapping[str, Text], frozen: int, units: bool = False) -> Worksheet:
        """A sheet with its head: the names by which it is read, and the labels by which it is filled in."""
        sheet: Worksheet = self.made.add_worksheet(self.names[key])
        texts = [labels.get(given, {"zh": given, "en": given}) for given in columns]
        widths = [width_of(given, text) for given, text in zip(columns, texts, strict=True)]
        for column, (given, text) in enumerate(zip(columns, texts, strict=True)):
            sheet.set_column(column, column, widths[column], self.column)
            sheet.write_string(0, column, f"{key}:{given}" if column == 0 else given, self.code)
            sheet.write_string(1, column, text["zh"], self.head)
            sheet.write_string(2, column, text["en"], self.head_en)
        sheet.set_row(0, None, None, {"hidden": True})
        for row, lang in ((1, "zh"), (2, "en")):
            sheet.set_row(row, height([text[lang] for text in texts], widths))
        if not units:
            sheet.set_row(HEAD - 1, None, None, {"hidden": True})
        sheet.freeze_panes(HEAD, frozen)
        sheet.set_tab_color(_TABS.get(key, _TAB_OTHER if key in TITLES else _TAB_WITHIN if "." in key else _TAB_LIST))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1, HEAD - 1)
        sheet.set_footer("&L&A&R&P / &N")
        return sheet

    def guide(self, head: Sequence[tuple[str, str]]) -> None:
        """How to fill the form in, and where its sheets are."""
        sheet = self.sheet(sheets.GUIDE, sheets.COLUMNS[sheets.GUIDE], {**LABELS, "value": {"zh": "内容", "en": "in Chinese"}}, 0)
        sheet.set_column(1, 1, 70, self.column)
        row = HEAD
        for key, value in head:
            self.cell(sheet, row, 0, key, self.code)
            self.cell(sheet, row, 1, value, self.text if key == "as_of" else self.code)
            self.cell(sheet, row, 2, f"{guide.AS_OF['zh']} {guide.AS_OF['en']}" if key == "as_of" else "", self.code)
            row += 1
        for number, step in enumerate((guide.NOTE, *guide.STEPS)):
            for column, text in enumerate((str(number) if number else "", step["zh"], step["en"])):
                self.cell(sheet, row, column, text, self.fixed)
            sheet.set_row(row, height((step["zh"], step["en"]), (70, 70)))
            row += 1
        for key, name in self.names.items():
            if key != sheets.GUIDE:
                self.goto(sheet, row, 0, key, name)
                self.cell(sheet, row, 1, self.labels[key]["zh"], self.fixed)
                self.cell(sheet, row, 2, self.labels[key]["en"], self.fixed)
                sheet.set_row(row, height((name,), (_WIDTHS["key"],)))
                row += 1

    def goto(self, sheet: Worksheet, row: int, column: int, key: str, text: str) -> None:
        """A link to another sheet."""
        quoted = self.names[key].replace("'", "''")
        sheet.write_url(row, column, f"internal:'{quoted}'!A{HEAD + 1}", self.link, text)

    def singles(self) -> None:
        """The facts that stand once: one row each, those of the book filled in, with what a field means beside it."""
        columns = sheets.COLUMNS[sheets.SINGLES]
        sheet = self.sheet(sheets.SINGLES, columns, LABELS, columns.index("value"))
        values = {row["path"]: row["value"] for row in self.book.get(sheets.SINGLES, [])}
        wanted = {field.name for field in sheets.singles(self.words, self.asked)} | set(values)
        row, part = HEAD, ""
        for path, field in self.words.root.fields.items():
            if path not in wanted or field.type == "list":
                continue
            owner = path.partition(".")[0]
            if owner != part:
                label, part = self.words.entities[self.words.singles[owner]].label, owner
                for column in range(len(columns)):
                    self.cell(sheet, row, column, {0: label["zh"], 1: label["en"]}.get(column, ""), self.part)
                row += 1
            self.single(sheet, row, path, field, values.get(path, ""))
            row += 1

    def single(self, sheet: Worksheet, row: int, path: str, field: Field, value: str) -> None:
        """The row of one fact."""
        units = sheets.units(field)
        told = {
            "label": field.label["zh"],
            "label_en": field.label["en"],
            "meaning": f"{remark(field, 'zh', label=False)}\n{remark(field, 'en', label=False)}",
            "who": (field.who or {}).get("zh", ""),
            "source": (field.document or {}).get("zh", ""),
            "path": path,
            "value": value,
            "unit": units[0] if units and not value else "",  # what is stated brings its unit, or has none
        }
        forms = {"value": self.text, "path": self.code, "unit": self.unit if units else self.fixed}
        sheet.set_row(row, height(told.values(), [_WIDTHS[name] for name in told]))
        for column, name in enumerate(sheets.COLUMNS[sheets.SINGLES]):
            self.cell(sheet, row, column, told[name], forms.get(name, self.fixed))
            if name == "value":
                self.offer_field(sheet, field, column, row, row)
            elif name == "unit" and units:
                self.offer(sheet, column, row, row, units)

    def completeness(self) -> None:
        """Each list with whether it is complete: those of the book as stated, the others still to be said."""
        columns = sheets.COLUMNS[sheets.LISTS]
        sheet = self.sheet(sheets.LISTS, columns, LABELS, 0)
        stated = {row["path"]: row["complete"] for row in self.book.get(sheets.LISTS, ())}
        shown = [one for one in sheets.collections(self.words, None) if one.path in stated or one.path in self.names]
        row = HEAD
        for one in shown:
            if one.parent:
                continue
            if one.path in self.names:
                self.goto(sheet, row, 0, one.path, one.entity.label["zh"])
            else:
                self.cell(sheet, row, 0, one.entity.label["zh"], self.fixed)
            self.cell(sheet, row, 1, one.entity.label["en"], self.fixed)
            self.cell(sheet, row, 2, stated.get(one.path, ""), self.text)
            self.cell(sheet, row, 3, one.path, self.code)
            sheet.set_row(row, height(one.entity.label.values(), (_WIDTHS["label"], _WIDTHS["label_en"])))
            row += 1
        self.offer(sheet, 2, HEAD, max(row - 1, HEAD), (YES, NO))

    def collection(self, one: ListSheet) -> None:
        """The sheet of one collection: a row an item, a column a field."""
        labels: dict[str, Text] = {field.name: field.label for field in one.fields}
        if one.parent:
            above = next(other for other in self.collections if other.path == one.parent).entity.label
            labels["parent"] = {"zh": f"{LABELS['parent']['zh']}（{above['zh']}）", "en": f"{LABELS['parent']['en']}: {above['en']}"}
        for field in one.fields:
            if field.type == "list":
                labels[field.name] = {"zh": f"{field.label['zh']}：已全部列出", "en": f"{field.label['en']}: all listed"}
        rows = self.book.get(one.path, [])
        frozen = 2 if one.parent else 1
        sheet = self.sheet(one.path, one.columns, labels, frozen, units=True)
        self.framed(sheet, one.columns, rows)
        if one.parent:
            sheet.write_string(HEAD - 1, 0, word("form-ref", "zh"), self.hint)
            self.offer_keys(sheet, one.parent, 0)
        for column, field in enumerate(one.fields, int(bool(one.parent))):
            self.top(sheet, column, field, [row[field.name] for row in rows if field.name in row])
            remarks = [remark(field, "zh"), remark(field, "en"), f"{one.path.replace('.', '[…].')}[…].{field.name}"]
            remarks += [text for text in ((field.who or {}).get("zh", ""), (field.document or {}).get("zh", "")) if text]
            sheet.write_comment(1, column, "\n".join(remarks), {"x_scale": 3, "y_scale": 2, "font_size": 9})

    def top(self, sheet: Worksheet, column: int, field: Field, stated: Sequence[str]) -> None:
        """Above a column: its unit, which a bare number takes, or how it is filled in; and its drop-down."""
        units = sheets.units(field)
        if units:
            bare = any(text.removesuffix("..")[-1:].isdigit() for text in stated)  # a bare share has no unit and takes none
            self.cell(sheet, HEAD - 1, column, "" if bare else units[0], self.unit)
            self.offer(sheet, column, HEAD - 1, HEAD - 1, units)
        else:
            sheet.write_string(HEAD - 1, column, hint(field), self.hint)
        self.offer_field(sheet, field, column, HEAD, OFFERED)

    def plain(self, name: str) -> None:
        """A sheet of texts."""
        columns = list(sheets.COLUMNS[name])
        if name == sheets.TABLES:
            columns += [str(number) for number in range(1, sheets.TABLE_COLUMNS + 1)]
        sheet = self.sheet(name, columns, LABELS, 1)
        self.framed(sheet, columns, self.book.get(name, []))
        what = ("columns", "row", "total") if name == sheets.TABLES else ("evidence", "judgement", "assumed")
        offers = {"what": tuple(sheets.WHAT[one]["zh"] for one in what), "verdict": tuple(word(one, "zh") for one in VERDICTS)}
        for column, given in enumerate(columns):
            if given in offers:
                self.offer(sheet, column, HEAD, OFFERED, offers[given])
            elif given == "document":
                self.offer_keys(sheet, sheets.DOCUMENTS, column)

    def framed(self, sheet: Worksheet, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """The rows of a sheet, and framed room for more."""
        for number in range(len(rows) + EMPTY_ROWS):
            row = rows[number] if number < len(rows) else {}
            tall = height(row.values(), [_WIDTHS.get(name, 14) for name in row])
            if tall > _LINE:
                sheet.set_row(HEAD + number, tall)
            for column, given in enumerate(columns):
                self.cell(sheet, HEAD + number, column, row.get(given, ""), self.text)

    def cell(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        """A text, never a formula."""
        if text:
            sheet.write_string(row, column, text, form)
        else:
            sheet.write_blank(row, column, None, form)

    def offer_field(self, sheet: Worksheet, field: Field, column: int, first: int, last: int) -> None:
        """A drop-down for a flag, a kind, a reference to an item, and whether a list within an item is complete."""
        if field.type in ("flag", "list"):
            self.offer(sheet, column, first, last, (YES, NO))
        elif field.type == "kind":
            self.offer(sheet, column, first, last, tuple(sheets.labels(self.words.kinds[field.of])))
        elif field.type == "ref" and field.of in self.names:
            self.offer_keys(sheet, field.of, column, first, last)

    def offer_keys(self, sheet: Worksheet, key: str, column: int, first: int = HEAD, last: int = OFFERED) -> None:
        """A drop-down with the keys of another sheet, as they are filled in."""
        columns = next((one.columns for one in self.collections if one.path == key), sheets.COLUMNS.get(key, ()))
        names = [self.words.entities[entity].key for path, entity in sheets.lists(self.words).items() if path == key]
        at = next((columns.index(name) for name in (*names, "name", "id") if name in columns), 0)
        quoted = self.names[key].replace("'", "''")
        self.rule(sheet, column, first, last, f"='{quoted}'!${letters(at)}${HEAD + 1}:${letters(at)}${OFFERED}")

    def offer(self, sheet: Worksheet, column: int, first: int, last: int, choices: Sequence[str]) -> None:
        """A drop-down."""
        key = tuple(choices)
        if key not in self.choices:
            letter = letters(len(self.choices))
            self.choices[key] = f"={CHOICES}!${letter}$1:${letter}${len(key)}"
        self.rule(sheet, column, first, last, self.choices[key])

    def rule(self, sheet: Worksheet, column: int, first: int, last: int, source: str) -> None:
        """What is not offered may still be typed, and is then told by the check: no form knows every case."""
        sheet.data_validation(first, column, last, column, {"validate": "list", "source": source, "error_type": "warning"})

    def offered(self) -> None:
        """The hidden sheet with what the drop-downs offer."""
        sheet = self.made.add_worksheet(CHOICES)
        for column, choices in enumerate(self.choices):
            for row, text in enumerate(choices):
                sheet.write_string(row, column, text)
        sheet.hide()


def remark(field: Field, lang: str, label: bool = True) -> str:
    """What a field means, and how it is written."""
    said: Any = "en" if lang == "en" else "zh"
    parts = [field.label[lang] if label else "", (field.meaning or {}).get(lang, "")]
    parts.append(word("form-complete" if field.type == "list" else f"form-{field.type}", said))
    if field.settled_by != "filing":
        parts.append(word(f"form-{field.settled_by}", said))
    return ("; " if lang == "en" else "；").join(part for part in parts if part)


def hint(field: Field) -> str:
    """How a column is filled in, in a word."""
    return word(f"form-{'flag' if field.type == 'list' else field.type}", "zh").partition("，")[0]


def width_of(column: str, label: Text) -> int:
    """The width of a column in characters: that of its name, else what its label needs in one or two lines."""
    return _WIDTHS.get(column, min(26, max(13, wide(label["zh"]) + 2, wide(label["en"]) // 2 + 4)))


def wide(text: str) -> int:
    """How wide a text stands in a typewriter's columns: a Chinese character takes two."""
    return len(text.encode("gb18030", "replace"))


def height(texts: Iterable[str], widths: Iterable[int]) -> int:
    """The height in points that a row needs for its texts; no program reckons it while a file is only being converted."""
    lines = [sum(max(1, -(-wide(line) // (width - 1))) for line in text.split("\n")) for text, width in zip(texts, widths, strict=False)]
    return min(_TALLEST, _LINE * max(lines, default=1))


def letters(column: int) -> str:
    """A column, counted from 0, as a spreadsheet names it."""
    from xlsxwriter.utility import xl_col_to_name

    name: str = xl_col_to_name(column)
    return name
