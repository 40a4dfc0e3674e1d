"""A workbook read back: its cells as texts with their places, and through them the nodes of a filing.

A workbook comes from a stranger's hands: macros, formulas and passwords are refused, and it is read row by row within bounds.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from compliance import packed
from compliance.intake import sheets
from compliance.intake.rows import Cell, Read, Sheet, node_of
from compliance.intake.sheets import HEAD, TITLES
from compliance.source import Place, Problem, SourceError, Table, read_bytes
from compliance.vocabulary import Vocabulary

MAX_ROWS, MAX_COLUMNS = 100_000, 400
_BLOCK, _OVERLAP = 1 << 20, 64  # bytes that are looked through at once, and of those before: more than one merge takes
_MERGED = re.compile(rb'<(?:[a-z]+:)?mergeCell ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_LITERAL = re.compile(r'\[[^\]]*\]|"[^"]*"|\\.')  # what a number format holds beside its codes


def load(path: Path, name: str, words: Vocabulary) -> Table:
    """The nodes of the filing in a workbook; ``name`` is what places show. Raises ``SourceError`` with every mistake found."""
    problems: list[Problem] = []
    read = sheets_in(path, name, words, problems)
    if sheets.GUIDE not in read:
        raise SourceError([Problem(Place(name), "workbook-other", {"name": TITLES[sheets.GUIDE]["zh"]})])
    return node_of(read, words, name, problems)


def sheets_in(path: Path, name: str, words: Vocabulary, problems: list[Problem]) -> dict[str, Sheet]:
    """The sheets of a workbook of ours by what they hold; mistakes in cells are noted. Raises ``SourceError`` where it is none."""
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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the library speaks of styles that it does not know
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            return _sheets(book.worksheets, name, words, problems)
    except Exception:  # the library raises whatever its XML parser meets
        raise SourceError([Problem(place, "workbook-unreadable", {})]) from None


def _sheets(given: list[Any], name: str, words: Vocabulary, problems: list[Problem]) -> dict[str, Sheet]:
    """The sheets of the form by what they hold. A sheet of the user's own is none of them and passed over."""
    labels = {text["zh"] for text in TITLES.values()} | {sheet.entity.label["zh"] for sheet in sheets.collections(words, None)}
    known = {**sheets.COLUMNS, **{sheet.path: sheet.columns for sheet in sheets.collections(words, None)}}
    known[sheets.TABLES] = (*known[sheets.TABLES], *(str(number) for number in range(1, sheets.TABLE_COLUMNS + 1)))
    found: dict[str, Sheet] = {}
    for sheet in given:
        sheet.reset_dimensions()  # what a file says of its size is not relied on
        place = Place(name, 0, 0, sheet.title)
        rows = sheet.iter_rows(max_col=MAX_COLUMNS)
        names = [str(cell.value) if isinstance(cell.value, str) else "" for cell in next(rows, ())]
        key, colon, first = names[0].partition(":") if names else ("", "", "")
        if not colon or key not in known:
            if sheet.title in labels:
                problems.append(Problem(place, "sheet-headless", {}))
        elif key in found:
            problems.append(Problem(place, "sheet-twice", {"name": found[key].place.sheet}))
        else:
            columns = _columns([first, *names[1:]], known[key], place, problems)
            found[key] = _sheet(rows, key, columns, place, problems)
            problems += _merged(sheet, columns, place)
    return found


def _merged(sheet: Any, columns: Mapping[int, str], place: Place) -> Iterator[Problem]:
    """The merged cells among those that are filled in: what stood in all but the first is gone. The library passes them over."""
    from openpyxl.utils.cell import column_index_from_string

    tail = b""
    with _stored(sheet) as stream:
        while block := stream.read(_BLOCK):
            data = tail + block
            for match in _MERGED.finditer(data):
                at, end, *rows = (text.decode() for text in match.group(1, 3, 2, 4))
                first, last = column_index_from_string(at), column_index_from_string(end)
                if int(rows[1]) > HEAD and any(first <= column + 1 <= last for column in columns):
                    span = f"{at}{rows[0]}:{end}{rows[1]}"
                    yield Problem(place._replace(line=int(rows[0]), column=first), "cell-merged", {"range": span})
            tail = data[-_OVERLAP:]


def _stored(sheet: Any) -> Any:
    """The XML of a sheet, opened.

    Read row by row the library tells of no merged cells, and to read the book whole for their sake would lift the bound on
    memory. Where a sheet's XML lies it knows under names of its own only: they stand here and nowhere else, and the tests of
    merged cells fail where a release renames them.
    """
    return sheet.parent._archive.open(sheet._worksheet_path)


def _columns(names: list[str], known: tuple[str, ...], place: Place, problems: list[Problem]) -> dict[int, str]:
    """The columns that are read, by their position from 0; one without a name is the user's own."""
    columns: dict[int, str] = {}
    for number, given in enumerate(names):
        if given in known and given not in columns.values():
            columns[number] = given
        elif given:
            problems.append(Problem(place._replace(line=1, column=number + 1), "cell-column", {"name": given}))
    return columns


def _sheet(lines: Iterator[Any], key: str, columns: Mapping[int, str], place: Place, problems: list[Problem]) -> Sheet:
    """One sheet after its first row: its units, and the rows in which something is filled in."""
    rows: list[tuple[Place, Read]] = []
    units: dict[str, str] = {}
    stated = {sheets.SINGLES: "value", sheets.LISTS: "complete"}.get(key)  # without it a row only says what is asked
    for number, cells in enumerate(lines, 2):
        if number > MAX_ROWS:
            problems.append(Problem(place, "workbook-large", {"limit": MAX_ROWS}))
            break
        filled = {columns[at]: cell for at, cell in enumerate(cells) if at in columns and cell.value is not None}
        if number == HEAD:
            units = {given: str(cell.value).strip() for given, cell in filled.items()}
        if number > HEAD and filled:
            row = dict(_cells(filled, place, problems))
            if row and (stated is None or stated in row):
                rows.append((place._replace(line=number), row))
    return Sheet(place, units, rows)


def _cells(filled: Mapping[str, Any], place: Place, problems: list[Problem]) -> Iterator[tuple[str, Cell]]:
    for given, cell in filled.items():
        here = place._replace(line=cell.row, column=cell.column)
        if cell.data_type in ("f", "e"):
            problems.append(Problem(here, "cell-formula", {}))
            continue
        text = text_of(cell.value, cell.number_format)
        if text is None:
            problems.append(Problem(here, "cell-number", {}))
        elif text:
            yield given, Cell(text, here)


def text_of(value: Any, form: str) -> str | None:
    """A cell's value as text; ``form`` is its number format. None for what is neither text, number, flag nor day.

    A number has the fifteen digits that Excel keeps of it, a percentage its sign; a day shown as a month is that month.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    codes = _LITERAL.sub("", form or "").lower()
    if isinstance(value, datetime | date):
        day = value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
        return day if "d" in codes or "m" not in codes else day[:7]
    if not isinstance(value, int | float):
        return None
    number = Decimal(format(value, ".15g"))
    if "%" in codes:
        return f"{(number * 100).normalize():f}%"
    return f"{number:f}"
