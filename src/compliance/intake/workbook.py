"""The intake workbook: written with labels, units, drop-downs and remarks, and read back cell by cell.

Every cell that holds a value is a text, so that digits stay as they were written. A number that a user types into Excel is
kept by it to fifteen digits; so many are read, and no more.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compliance import packed
from compliance.facts.values import SCHEMA
from compliance.intake import sheets
from compliance.intake.rows import Book, Cell, Read, Row, Sheet, node_of
from compliance.intake.sheets import HEAD, LABELS, TITLES, Asked
from compliance.source import Place, Problem, SourceError, Table, read_bytes
from compliance.vocabulary import Entity, Field, Text, Vocabulary
from compliance.wording import word

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

ENDING = ".xlsx"
EMPTY_ROWS = 60  # rows below the data that are made ready for more
MAX_ROWS, MAX_COLUMNS = 100_000, 400
_WIDTHS = {"path": 34, "label": 30, "label_en": 34, "value": 26, "meaning": 44, "who": 16, "source": 24, "reason": 40, "reason_en": 40}
_CHOICES = "choices"  # the hidden sheet that holds what drop-downs offer


# Writing


def write(words: Vocabulary, pack: str, book: Book, asked: Asked | None, guide: Sequence[tuple[str, str]]) -> bytes:
    """A workbook with the rows of a book, and room for more, for the facts that are asked for (None: for all).

    ``guide`` are the lines of the first sheet after the form and the pack, as key and value. Raises ``SourceError`` where the
    library for workbooks is not installed.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise SourceError([Problem(Place("xlsx"), "extra-needed", {"extra": "office"})]) from None
    stream = io.BytesIO()
    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    made = xlsxwriter.Workbook(stream, {"in_memory": True, **never})
    made.set_properties({"created": datetime(2000, 1, 1)})  # the same facts give the same file on any day
    _Writer(made, words, asked).whole(book, [("schema", SCHEMA), ("pack", pack), *guide])
    made.close()
    return stream.getvalue()


class _Writer:
    """Writes the sheets of one workbook."""

    def __init__(self, made: Workbook, words: Vocabulary, asked: Asked | None) -> None:
        self.made = made
        self.words = words
        self.asked = asked
        self.names: list[str] = []
        self.choices: dict[tuple[str, ...], str] = {}  # what a drop-down offers, by where it stands on the hidden sheet
        self.form = self.format(text_wrap=True, valign="top")
        self.text = self.format(num_format="@", valign="top", bg_color="#FFFBE6", border=1, border_color="#D9D9D9")
        self.fixed = self.format(valign="top", text_wrap=True, font_color="#595959")
        self.code = self.format(font_color="#A6A6A6", font_size=8)
        self.head = self.format(bold=True, bg_color="#1F3864", font_color="#FFFFFF", text_wrap=True, valign="vcenter", border=1)
        self.head_en = self.format(italic=True, bg_color="#D9E2F3", text_wrap=True, valign="vcenter", border=1, font_size=9)
        self.unit = self.format(num_format="@", bg_color="#E2EFDA", border=1, font_size=9)

    def format(self, **given: Any) -> Format:
        """A format; the fonts are those that Chinese desks have."""
        return self.made.add_format({"font_name": "宋体", "font_size": 10, **given})

    def whole(self, book: Book, guide: Sequence[tuple[str, str]]) -> None:
        """Every sheet, in the order in which a desk fills them in."""
        self.plain(sheets.GUIDE, [{"key": key, "value": value} for key, value in guide])
        self.singles(book.get(sheets.SINGLES, []))
        stated = {name for name in book if name not in TITLES}
        for sheet in sheets.collections(self.words, None):
            wanted = next((other for other in sheets.collections(self.words, self.asked) if other.path == sheet.path), None)
            if wanted is not None or sheet.path in stated:
                rows = book.get(sheet.path, [])
                used = {name for row in rows for name in row}
                kept = wanted.fields if wanted else ()
                fields = [field for field in sheet.fields if field in kept or field.name in used]
                self.collection(sheet.path, sheet.entity, fields, bool(sheet.parent), rows)
        self.plain(sheets.LISTS, self.completeness(book.get(sheets.LISTS, []), book))
        for name in (sheets.DOCUMENTS, sheets.PROOF, sheets.CONCLUSIONS, sheets.TABLES):
            self.plain(name, book.get(name, []))
        self.offered()

    def sheet(self, key: str, label: str, columns: Sequence[str], labels: Mapping[str, Text]) -> Worksheet:
        """A sheet with its head: the names by which it is read, and the labels by which it is filled in."""
        name = sheets.sheet_name(label, self.names)
        self.names.append(name)
        sheet: Worksheet = self.made.add_worksheet(name)
        for column, given in enumerate(columns):
            sheet.write_string(0, column, f"{key}:{given}" if column == 0 else given, self.code)
            text = labels.get(given, {"zh": given, "en": given})
            sheet.write_string(1, column, text["zh"], self.head)
            sheet.write_string(2, column, text["en"], self.head_en)
            sheet.write_blank(3, column, None, self.head_en)
            sheet.set_column(column, column, _WIDTHS.get(given, 16))
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.freeze_panes(HEAD, 1)
        return sheet

    def plain(self, name: str, rows: Sequence[Row]) -> None:
        """A sheet of texts."""
        columns = list(sheets.COLUMNS[name])
        if name == sheets.TABLES:
            columns += [str(number) for number in range(1, sheets.TABLE_COLUMNS + 1)]
        sheet = self.sheet(name, TITLES[name]["zh"], columns, LABELS)
        for number in range(len(rows) + (0 if name == sheets.GUIDE else EMPTY_ROWS)):
            row = rows[number] if number < len(rows) else {}
            for column, given in enumerate(columns):
                fixed = name == sheets.LISTS and given in ("path", "label", "label_en") and number < len(rows)
                self.cell(sheet, HEAD + number, column, row.get(given, ""), self.fixed if fixed else self.text)
        last = HEAD + len(rows) + EMPTY_ROWS - 1
        offers = {"complete": ("是", "否"), "what": tuple(text["zh"] for text in sheets.WHAT.values())}
        for column, given in enumerate(columns):
            if given in offers:
                self.offer(sheet, column, HEAD, last, offers[given])

    def singles(self, rows: Sequence[Row]) -> None:
        """The facts that stand once: one row each, those of the book filled in, with what a field means beside it."""
        columns = sheets.COLUMNS[sheets.SINGLES]
        sheet = self.sheet(sheets.SINGLES, TITLES[sheets.SINGLES]["zh"], columns, LABELS)
        values = {row["path"]: row for row in rows}
        fields = {path: field for path, field in self.words.root.fields.items() if field.type != "list"}
        wanted = {field.name for field in sheets.singles(self.words, self.asked)} | set(values)
        for number, path in enumerate(path for path in fields if path in wanted):
            field, row = fields[path], HEAD + number
            for column, text in enumerate((path, field.label["zh"], field.label["en"])):
                self.cell(sheet, row, column, text, self.fixed)
            self.cell(sheet, row, 3, values.get(path, {}).get("value", ""), self.text)
            self.cell(sheet, row, 4, sheets.UNITS[field.type][0] if field.type in sheets.UNITS and path not in values else "", self.unit)
            who, source = (field.who or {}).get("zh", ""), (field.document or {}).get("zh", "")
            for column, text in ((5, remark(field, "zh")), (6, who), (7, source)):
                self.cell(sheet, row, column, text, self.fixed)
            self.offer_field(sheet, field, 3, row, row)
            if field.type in sheets.UNITS:
                self.offer(sheet, 4, row, row, sheets.UNITS[field.type])

    def collection(self, path: str, entity: Entity, fields: Sequence[Field], within: bool, rows: Sequence[Row]) -> None:
        """The sheet of one collection: a row an item, a column a field."""
        columns = (["parent"] if within else []) + [field.name for field in fields]
        labels = {field.name: field.label for field in fields} | ({"parent": LABELS["parent"]} if within else {})
        sheet = self.sheet(path, entity.label["zh"], columns, labels)
        last = HEAD + len(rows) + EMPTY_ROWS - 1
        for number in range(len(rows) + EMPTY_ROWS):
            row = rows[number] if number < len(rows) else {}
            for column, given in enumerate(columns):
                self.cell(sheet, HEAD + number, column, row.get(given, ""), self.text)
        for column, field in enumerate(fields, int(within)):
            if field.type in sheets.UNITS:
                sheet.write_string(3, column, sheets.UNITS[field.type][0], self.unit)
                self.offer(sheet, column, 3, 3, sheets.UNITS[field.type])
            self.offer_field(sheet, field, column, HEAD, last)
            sheet.write_comment(2, column, f"{remark(field, 'zh')}\n{remark(field, 'en')}", {"x_scale": 2, "y_scale": 2})

    def completeness(self, rows: Sequence[Row], book: Book) -> list[Row]:
        """Each list with whether it is complete: those of the book as stated, the others still to be said."""
        stated = {row["path"]: row for row in rows}
        found: list[Row] = []
        for sheet in sheets.collections(self.words, self.asked):
            if not sheet.parent:
                label = sheet.entity.label
                found.append({"label": label["zh"], "label_en": label["en"], **stated.pop(sheet.path, {"path": sheet.path})})
        found += stated.values()
        shown = {"true": "是", "false": "否"}
        return [{**row, **({"complete": shown.get(row["complete"], row["complete"])} if "complete" in row else {})} for row in found]

    def cell(self, sheet: Worksheet, row: int, column: int, text: str, form: Format) -> None:
        """A text, never a formula."""
        if text:
            sheet.write_string(row, column, text, form)
        else:
            sheet.write_blank(row, column, None, form)

    def offer_field(self, sheet: Worksheet, field: Field, column: int, first: int, last: int) -> None:
        """A drop-down for a flag or a kind."""
        if field.type == "flag":
            self.offer(sheet, column, first, last, ("是", "否"))
        elif field.type == "kind":
            self.offer(sheet, column, first, last, tuple(label["zh"] for label in self.words.kinds[field.of].values()))

    def offer(self, sheet: Worksheet, column: int, first: int, last: int, choices: Sequence[str]) -> None:
        """A drop-down. What is not offered may still be typed: a range, an unknown."""
        key = tuple(choices)
        if key not in self.choices:
            letter = _letters(len(self.choices))
            self.choices[key] = f"={_CHOICES}!${letter}$1:${letter}${len(key)}"
        rule = {"validate": "list", "source": self.choices[key], "error_type": "warning", "ignore_blank": True}
        sheet.data_validation(first, column, last, column, rule)

    def offered(self) -> None:
        """The hidden sheet with what the drop-downs offer."""
        sheet = self.made.add_worksheet(_CHOICES)
        for column, choices in enumerate(self.choices):
            for row, text in enumerate(choices):
                sheet.write_string(row, column, text)
        sheet.hide()


def remark(field: Field, lang: str) -> str:
    """What a field means, and how it is written."""
    parts = [field.label[lang], (field.meaning or {}).get(lang, ""), word(f"form-{field.type}", "en" if lang == "en" else "zh")]
    if field.settled_by != "filing":
        parts.append(word(f"form-{field.settled_by}", "en" if lang == "en" else "zh"))
    return ("; " if lang == "en" else "；").join(part for part in parts if part)


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    name: str = xl_col_to_name(column)
    return name


# Reading


def load(path: Path, name: str, words: Vocabulary) -> Table:
    """The nodes of the filing in a workbook; ``name`` is what places show. Raises ``SourceError`` with every mistake found."""
    data = read_bytes(path, name)
    place = Place(name)
    held = packed.parts(data, place, "workbook-unreadable", "workbook-encrypted")
    if any(part.lower().endswith("vbaproject.bin") for part in held):
        raise SourceError([Problem(place, "workbook-macro", {})])
    try:
        import openpyxl
    except ImportError:
        raise SourceError([Problem(place, "extra-needed", {"extra": "office"})]) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=False, keep_links=False)
    except Exception:  # the library raises whatever its XML parser meets
        raise SourceError([Problem(place, "workbook-unreadable", {})]) from None
    problems: list[Problem] = []
    read: dict[str, Sheet] = {}
    known = {*TITLES, *(sheet.path for sheet in sheets.collections(words, None))}
    for sheet in book.worksheets:
        first = sheet.cell(1, 1).value
        key, colon, _ = first.partition(":") if isinstance(first, str) else ("", "", "")
        if colon and key in known:
            read[key] = _sheet(sheet, key, name, words, problems)
    if sheets.GUIDE not in read:
        problems.append(Problem(place, "workbook-other", {"name": TITLES[sheets.GUIDE]["zh"]}))
    if problems:
        raise SourceError(problems)
    return node_of(read, words, name)


def _sheet(sheet: Any, key: str, name: str, words: Vocabulary, problems: list[Problem]) -> Sheet:
    """One sheet: its columns by the names in its first row, its units, and the rows in which something is filled in."""
    place = Place(name, 0, 0, sheet.title)
    if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
        problems.append(Problem(place, "workbook-large", {"limit": MAX_ROWS if sheet.max_row > MAX_ROWS else MAX_COLUMNS}))
        return Sheet(place, {}, [])
    known = _columns(key, words)
    columns: dict[int, str] = {}
    rows: list[tuple[Place, Read]] = []
    units: dict[str, str] = {}
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number == 1:
            for cell in cells:
                given = str(cell.value or "").partition(":")[2] if cell.column == 1 else str(cell.value or "")
                if given in known and given not in columns.values():
                    columns[cell.column] = given
                elif given:
                    problems.append(Problem(Place(name, 1, cell.column, sheet.title), "cell-column", {"name": given}))
            continue
        filled = {columns[cell.column]: cell for cell in cells if cell.column in columns and cell.value is not None}
        if number == HEAD:
            units = {given: str(cell.value).strip() for given, cell in filled.items()}
        if number <= HEAD:
            continue
        row = dict(_cells(filled, name, sheet.title, problems))
        # A row of a form that nobody filled in holds its path and labels only.
        if row and not (key == sheets.SINGLES and "value" not in row):
            rows.append((Place(name, number, 0, sheet.title), row))
    return Sheet(place, units, rows)


def _columns(key: str, words: Vocabulary) -> set[str]:
    """The columns that a sheet may have."""
    if key in TITLES:
        return {*sheets.COLUMNS[key], *(str(number) for number in range(1, sheets.TABLE_COLUMNS + 1))}
    sheet = next(sheet for sheet in sheets.collections(words, None) if sheet.path == key)
    return {*sheet.columns, *(["parent"] if sheet.parent else [])}


def _cells(filled: Mapping[str, Any], name: str, title: str, problems: list[Problem]) -> Iterator[tuple[str, Cell]]:
    for given, cell in filled.items():
        place = Place(name, cell.row, cell.column, title)
        if cell.data_type in ("f", "e"):
            problems.append(Problem(place, "cell-formula", {}))
            continue
        text = text_of(cell.value, cell.number_format)
        if text:
            yield given, Cell(text, place)


def text_of(value: Any, form: str = "") -> str:
    """A cell's value as text; a number with the fifteen digits that Excel keeps of it, a percentage with its sign."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.strip()
    number = Decimal(format(value, ".15g"))
    if form.endswith("%"):
        return f"{(number * 100).normalize():f}%"
    return f"{number:f}"
