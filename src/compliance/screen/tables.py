"""Filings out of the rows of a table, as CSV or a workbook, by a mapping: each cell keeps its digits and its place."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance import packed
from compliance.facts.filing import steps
from compliance.facts.values import NO, SCHEMA, YES, labelled, value_of
from compliance.packs.book import Pack
from compliance.quantities import narrow
from compliance.screen.mapping import CELL, ENCODINGS, MAX_COLUMNS, Column, Listed, Plan, as_plain, load, of_plain
from compliance.screen.parts import MAX_ITEM, Chunk, Item, Ranges, file_hash, piece, records, records_in
from compliance.source import Node, Place, Problem, Scalar, SourceError, Table, Unreadable, read_bytes
from compliance.source import Sequence as Listing
from compliance.vocabulary import Entity, Field, Vocabulary
from compliance.wording import listed

if TYPE_CHECKING:
    from compliance.screen.parts import Input

MAX_WORKBOOK = 128 * 1024 * 1024
MAX_ROWS = 200_000  # of a workbook; a longer table goes as CSV
COMPUTED = "#?"  # a cell of a workbook that holds a formula or an error
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_TAIL = re.compile(r"[^0-9.,\s]+$")
_DAY = re.compile(r"(\d{4})(?:(\d{2})(\d{2})|([-/.])(\d{1,2})\4(\d{1,2}))(?: 0?0:00(?::00)?)?")  # a spreadsheet may show the hour as well
_CODE = re.compile(r"(\d{6})\.[A-Za-z]{2}")


class Row(NamedTuple):
    """One row of a table: its cells by the names of the columns, and the place of each."""

    cells: Mapping[str, str]
    at: Callable[[str], Place]


# Looking through


def look(path: Path, size: int, pack: Pack, mapping: Path, lenient: bool) -> Input:
    """A table as an input. Raises ``SourceError`` with every mistake; with ``lenient`` those of single entries are left out."""
    from compliance.screen.parts import Input

    plan, problems = load(mapping, pack)
    try:
        head = head_of(path, plan)
    except SourceError as error:
        raise SourceError([*problems, *error.problems]) from None
    problems += _twice(path, head, _used(plan))
    plan = _held_against(plan, head, path, problems)
    if path.suffix.lower() == ".xlsx" and any(problem.code == "mapping-column-absent" for problem in problems):
        first, *others = _workbook(str(path), file_hash(path))[2]
        if others:
            problems.append(Problem(Place(str(path), sheet=first), "mapping-sheet", {"name": first, "others": listed(others)}))
    files = {}
    for part in plan.lists:
        if part.file:
            beside = mapping.parent / part.file
            try:
                inner = head_of(beside, plan)
                used = (part.code, *(column.name for column in part.columns))
                problems += _twice(beside, inner, re.compile("|".join(map(re.escape, used))))
                problems += _absent(used, inner, part.place)
                files[part.name] = {"path": str(beside), "sha256": file_hash(beside)}
            except SourceError as error:
                problems += error.problems
    fatal = [problem for problem in problems if not lenient or problem.code in FATAL]
    if fatal:
        raise SourceError(problems)
    plain = as_plain(plan._replace(lists=tuple(part for part in plan.lists if not part.file or part.name in files)))
    reading = {"mapping": plain, "head": list(head), "files": files}
    if path.suffix.lower() == ".xlsx":
        rows = len(_workbook(str(path), file_hash(path))[1])
        chunks = [Chunk(number, at, min(size, rows - at), {}) for number, at in enumerate(range(0, rows, size))]
        sha256 = file_hash(path)
        chunks = [chunk._replace(part={"sha256": sha256}) for chunk in chunks]
    else:
        ranges = Ranges(size)
        given = records(path, separator_of(path, plan))
        ranges.skip(*next(given))
        for record, lines in given:
            ranges.add(record, lines, counts=bool(record.strip()))
        ranges.close()
        chunks, sha256 = ranges.chunks, ranges.whole.hexdigest()
    if not chunks:
        raise SourceError([Problem(Place(str(path)), "screen-empty", {})])
    whole = hashlib.sha256(" ".join([sha256, *(part["sha256"] for part in files.values())]).encode()).hexdigest()
    return Input("table", str(path), whole, tuple(chunks), reading, tuple(problems))


FATAL = ("file-absent", "file-unreadable", "mapping-columns-many", "mapping-encoding", "mapping-head-twice", "mapping-row-broken")


def head_of(path: Path, plan: Plan) -> tuple[str, ...]:
    """The names of a table's columns. Raises ``SourceError``."""
    if path.suffix.lower() == ".xlsx":
        return _workbook(str(path), file_hash(path))[0]
    first = next(records(path, separator_of(path, plan)), None)
    if first is None:
        raise SourceError([Problem(Place(str(path)), "file-empty", {})])
    try:
        text = _decoded(first[0], plan.encoding).removeprefix("\N{BYTE ORDER MARK}")
        found = text.count(separator_of(path, plan)) + 1
        if found > MAX_COLUMNS or len(first[0]) > MAX_ITEM:
            raise SourceError(
                [Problem(Place(str(path), 1, 1), "mapping-columns-many", {"found": f"{found:,}", "limit": f"{MAX_COLUMNS:,}"})]
            )
        return tuple(name.strip() for name in _split(text, separator_of(path, plan)))
    except UnicodeDecodeError:
        other = next(name for name in ENCODINGS if name != plan.encoding)
        raise SourceError([Problem(Place(str(path), 1, 1), "mapping-encoding", {"encoding": plan.encoding, "other": other})]) from None
    except csv.Error as error:
        raise SourceError([Problem(Place(str(path), 1, 1), "mapping-row-broken", {"reason": str(error)})]) from None


def _decoded(head: bytes, encoding: str) -> str:
    """A head as text. Raises ``UnicodeDecodeError``, also where GB 18030 would make other words of what is plainly UTF-8."""
    utf8 = ENCODINGS[0]
    if encoding != utf8 and not head.isascii():
        try:
            head.decode(utf8)
        except UnicodeDecodeError:
            pass
        else:
            raise UnicodeDecodeError(encoding, head, 0, len(head), utf8)
    return head.decode(encoding)


def separator_of(path: Path, plan: Plan) -> str:
    """What stands between cells."""
    return plan.separator or ("\t" if path.suffix.lower() == ".tsv" else ",")


def _split(text: str, separator: str) -> list[str]:
    """The cells of one record."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    if len(rows) > 1:
        raise csv.Error("unclosed quote")
    return rows[0] if rows else []


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, UnicodeDecodeError) else str(error)


def _used(plan: Plan) -> re.Pattern[str]:
    """The names of the columns that a mapping reads, those of numbered items under any number."""
    names = [re.escape(column.name) for column in plan.columns]
    for part in plan.lists:
        before, _, after = map(re.escape, part.prefix.partition("{n}"))
        names += [f"{before}[0-9]+{after}{re.escape(column.name)}" for column in part.columns if part.prefix]
    return re.compile("|".join(names))


def _twice(path: Path, head: Sequence[str], used: re.Pattern[str]) -> list[Problem]:
    """Columns of the same name that are read: nobody can tell which of them is meant."""
    return [
        Problem(Place(str(path), 1, number), "mapping-head-twice", {"name": name})
        for number, name in enumerate(head, 1)
        if name and name in head[: number - 1] and used.fullmatch(name)
    ]


def _absent(names: Sequence[str], head: Sequence[str], place: Place) -> list[Problem]:
    return [Problem(place, "mapping-column-absent", {"name": name, "known": listed(head[:30])}) for name in names if name not in head]


def _held_against(plan: Plan, head: Sequence[str], path: Path, problems: list[Problem]) -> Plan:
    """The mapping without the columns that the table does not have, which are noted."""
    known = set(head)
    kept = []
    for column in plan.columns:
        if column.name in known:
            kept.append(column)
        else:
            problems += _absent([column.name], head, column.place)
    for part in plan.lists:
        if part.prefix:
            first = [part.prefix.replace("{n}", "1") + column.name for column in part.columns]
            problems += _absent([name for name in first if name not in known], head, part.place)
    return plan._replace(columns=tuple(kept))


# Reading


def read(path: Path, chunk: Chunk, pack: Pack, reading: Mapping[str, Any]) -> Iterator[Item]:
    """The filings of a chunk of rows. Raises ``SourceError`` where a file is no longer what it was."""
    plan = of_plain(reading["mapping"])
    beside = {}
    for part in plan.lists:
        if part.file:
            file = reading["files"][part.name]
            beside[part.name] = _beside(file["path"], file["sha256"], part.code, plan.encoding, plan.separator)
    maker = _Maker(pack, plan, beside, set(reading["head"]))
    rows = _of_workbook(path, chunk) if path.suffix.lower() == ".xlsx" else _of_csv(path, chunk, plan, tuple(reading["head"]))
    for number, (place, row) in enumerate(rows, chunk.first):
        if isinstance(row, Problem):
            yield Item(number, place, None, (row,))
            continue
        node, problems = maker.filing(row, place)
        yield Item(number, place, node, tuple(problems))


def _of_csv(path: Path, chunk: Chunk, plan: Plan, head: Sequence[str]) -> Iterator[tuple[Place, Row | Problem]]:
    line = chunk.part["line"]
    for record, lines in records_in(io.BytesIO(piece(path, chunk.part)), separator_of(path, plan)):
        if record.strip():
            place = Place(path.name, line, 1)
            yield place, _row(record, place, plan.encoding, separator_of(path, plan), head)
        line += lines


def _row(record: bytes, place: Place, encoding: str, separator: str, head: Sequence[str]) -> Row | Problem:
    try:
        cells = _split(record.decode(encoding), separator)
    except (UnicodeDecodeError, csv.Error) as error:
        return Problem(place, "mapping-row-broken", {"reason": _reason(error)})
    if len(cells) != len(head):
        return Problem(place, "mapping-row-width", {"found": len(cells), "expected": len(head)})
    columns = {name: number for number, name in enumerate(head, 1)}
    return Row(dict(zip(head, cells, strict=True)), lambda name: place._replace(column=columns.get(name, 1)))


@lru_cache(maxsize=4)
def _beside(path: str, sha256: str, code: str, encoding: str, separator: str) -> Mapping[str, list[tuple[Place, Row | Problem]]]:
    """The rows of a list's own table by the code that they belong to: all of them, in memory."""
    from compliance.screen.parts import changed

    file = Path(path)
    if file_hash(file) != sha256:
        raise changed(file)
    plan = Plan(encoding, separator, (), (), {}, ())
    head = head_of(file, plan)
    found: dict[str, list[tuple[Place, Row | Problem]]] = {}
    if file.suffix.lower() == ".xlsx":
        given: Iterator[tuple[Place, Row | Problem]] = _of_workbook(file, Chunk(0, 0, MAX_ROWS, {"sha256": sha256}))
    else:
        given = _all_rows(file, plan, head)
    for place, row in given:
        key = "" if isinstance(row, Problem) else plain_code(row.cells.get(code, ""))
        found.setdefault(key, []).append((place, row))
    return found


def _all_rows(path: Path, plan: Plan, head: Sequence[str]) -> Iterator[tuple[Place, Row | Problem]]:
    given = records(path, separator_of(path, plan))
    line = 1 + next(given)[1]
    for record, lines in given:
        if record.strip():
            place = Place(path.name, line, 1)
            yield place, _row(record, place, plan.encoding, separator_of(path, plan), head)
        line += lines


def _of_workbook(path: Path, chunk: Chunk) -> Iterator[tuple[Place, Row | Problem]]:
    head, rows, (title, *_) = _workbook(str(path), chunk.part["sha256"])
    columns = {name: number for number, name in enumerate(head, 1)}
    for number, cells in rows[chunk.first : chunk.first + chunk.size]:
        place = Place(path.name, number, 1, title)
        yield place, Row(dict(zip(head, cells, strict=True)), lambda name, place=place: place._replace(column=columns.get(name, 1)))  # type: ignore[misc]


@lru_cache(maxsize=2)
def _workbook(path: str, sha256: str) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]], tuple[str, ...]]:
    """The head and rows (with their numbers) of a workbook's first sheet, and the titles of all. Raises ``SourceError``."""
    from compliance.intake.reading import text_of
    from compliance.screen.parts import changed

    place = Place(path)
    data = read_bytes(Path(path), limit=MAX_WORKBOOK)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise changed(Path(path))
    packed.parts(data, place, "workbook-unreadable", "workbook-encrypted")
    try:
        import openpyxl
    except ImportError:
        raise SourceError([Problem(place, "extra-needed", {"extra": "office"})]) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False, data_only=False)
        sheet = book.worksheets[0]
        titles = tuple(one.title for one in book.worksheets)
        sheet.reset_dimensions()  # what a file says of its size is not relied on
        rows: list[tuple[int, list[str]]] = []
        for number, cells in enumerate(sheet.iter_rows(), 1):
            if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
                raise SourceError([Problem(place, "workbook-large", {"limit": MAX_ROWS if number > MAX_ROWS else MAX_COLUMNS})])
            texts = ["" if cell.value is None else _cell(cell, text_of) for cell in cells]
            if any(texts):
                rows.append((number, texts))
    except SourceError:
        raise
    except Exception:  # the library raises whatever its XML parser meets
        raise SourceError([Problem(place, "workbook-unreadable", {})]) from None
    if not rows:
        raise SourceError([Problem(place, "file-empty", {})])
    head = tuple(name.strip() for name in rows[0][1])
    return head, [(number, tuple((*texts, *([""] * len(head)))[: len(head)])) for number, texts in rows[1:]], titles


def _cell(cell: Any, text_of: Callable[[Any, str], str | None]) -> str:
    """A cell's text; what a program would have to compute is no figure, which is told where it is read."""
    found = None if cell.data_type in ("f", "e") else text_of(cell.value, cell.number_format or "")
    return COMPUTED if found is None else found


# A row as a filing


def plain_code(text: str) -> str:
    """A stock code without the exchange that vendors put behind it: 000001.SZ is 000001."""
    match = _CODE.fullmatch(text.strip())
    return match[1] if match else text.strip()


class _Maker:
    """Makes the nodes of filings out of rows, by one mapping."""

    def __init__(
        self, pack: Pack, plan: Plan, beside: Mapping[str, Mapping[str, list[tuple[Place, Row | Problem]]]], head: set[str]
    ) -> None:
        self.pack = pack
        self.words: Vocabulary = pack.vocabulary
        self.plan = plan
        self.beside = beside
        self.head = head
        self.empty = frozenset(plan.empty)
        self.labels = {
            kind: {label[lang]: name for name, label in members.items() for lang in ("zh", "en")}
            for kind, members in self.words.kinds.items()
        }

    def filing(self, row: Row, place: Place) -> tuple[Node, list[Problem]]:
        """The nodes of a row's filing, and what is wrong in its cells."""
        problems: list[Problem] = []
        singles: dict[str, dict[str, Node]] = {}
        items: dict[str, dict[str, dict[str, Node]]] = {}
        code = ""
        given = [(column, self.cell(row, column.name, column, problems)) for column in self.plan.columns]
        values = [(column.fact, value) for column, value in given if value is not None]
        values += [(path, Scalar(text, place)) for path, text in self.plan.constants.items()]
        for path, value in values:
            (head, key), (name, _) = steps(path)
            if key:
                items.setdefault(head, {}).setdefault(key, {})[name] = value
            else:
                singles.setdefault(head, {})[name] = value
            if path == "issuer.code":
                code = value.text or ""
        top: dict[str, Node] = {"schema": Scalar(SCHEMA, place), "pack": Scalar(self.pack.id, place)}
        top |= {name: _table(entries, place) for name, entries in singles.items()}
        declared = {part.name: part for part in self.plan.lists}
        for name in dict.fromkeys((*items, *declared)):
            made = [self.keyed(name, key, entries, place) for key, entries in items.get(name, {}).items()]
            part = declared.get(name)
            if part is not None:
                made += self.items(row, part, code, problems)
            complete = part.complete if part is not None else ""
            if made or complete == "true":
                entries: dict[str, Node] = {"complete": Scalar(complete or "false", place), "items": Listing(tuple(made), place)}
                top[name] = _table(entries, place)
        return _table(top, place), problems

    def keyed(self, name: str, key: str, entries: dict[str, Node], place: Place) -> Node:
        """An item under a key that the mapping gives it."""
        entity = self.words.entities[self.words.lists[name]]
        return _table({entity.key or "name": Scalar(key, place), **entries}, place)

    def items(self, row: Row, part: Listed, code: str, problems: list[Problem]) -> Iterator[Node]:
        """The items of a list: out of numbered columns, or out of a table of its own."""
        entity = self.words.entities[self.words.lists[part.name]]
        if part.prefix:
            number = 1
            while any((prefix := part.prefix.replace("{n}", str(number))) + column.name in self.head for column in part.columns):
                yield from self.item(row, part, entity, prefix, number, problems)
                number += 1
            return
        for number, (_, other) in enumerate(self.beside.get(part.name, {}).get(code, ()), 1):
            if isinstance(other, Problem):
                problems.append(other)
            else:
                yield from self.item(other, part, entity, "", number, problems)

    def item(self, row: Row, part: Listed, entity: Entity, prefix: str, number: int, problems: list[Problem]) -> Iterator[Node]:
        """One item, nothing where all its cells are empty. One that names no key has its number."""
        entries: dict[str, Node] = {}
        place = row.at(prefix + part.columns[0].name) if part.columns else row.at("")
        for column in part.columns:
            value = self.cell(row, prefix + column.name, column, problems, entity)
            if value is not None:
                entries[column.fact] = value
        if entries:
            if not any(name in entries for name in (entity.key, "name") if name):
                entries[entity.key or "name"] = Scalar(str(number), place)
            yield _table(entries, place)

    def cell(self, row: Row, name: str, column: Column, problems: list[Problem], entity: Entity | None = None) -> Scalar | None:
        """A cell as a filing would write it, None where it is empty."""
        text = row.cells.get(name, "").strip()
        text = column.values.get(text, text)
        if text in self.empty:
            return None
        place = row.at(name)
        if text == COMPUTED:
            problems.append(Problem(place, "cell-formula", {}))
            return None
        try:
            return Scalar(self.written(text, column, self.field(column.fact, entity)), place)
        except Unreadable as error:
            problems.append(Problem(place, error.code, error.values))
            return None

    def field(self, path: str, entity: Entity | None) -> Field:
        """The field that a column leads to."""
        if entity is not None:
            return entity.fields[path]
        (head, key), (name, _) = steps(path)
        return self.words.entities[self.words.lists[head]].fields[name] if key else self.words.root.fields[path]

    def written(self, text: str, column: Column, field: Field) -> str:
        """A cell's text as a filing would write it. Raises ``Unreadable``."""
        if field.type == "code":
            return plain_code(text)
        if field.type == "date" and (day := _DAY.fullmatch(text)):
            return "-".join(part for part in day.groups() if part and part.isdigit())
        if field.type in ("kind", "flag"):
            return self.word(text, field)
        if not column.unit or column.unit == CELL or not field.numeric:
            return text
        plain = narrow(text)
        if plain is None:
            return text
        if column.unit == "1":
            return marked(in_percent(plain, text), column.rounded)
        tail = _TAIL.search(plain)
        if tail is None:
            shown = (
                plain if len(plain) == len(text) else text
            )  # with its blanks: digits that one parts are for the reader of figures to refuse
            return marked(shown + column.unit, column.rounded and _NUMBER.fullmatch(plain) is not None)
        if tail[0] == narrow(column.unit):
            return text
        if _NUMBER.fullmatch(plain[: tail.start()]):
            raise Unreadable("mapping-cell-unit", text=text, unit=column.unit)
        return text

    def word(self, text: str, field: Field) -> str:
        """A member of a kind, or a flag, as a filing would write it. Raises ``Unreadable``: it has to stand under ``values``."""
        members = self.words.kinds.get(field.of, {})
        known = self.labels.get(field.of, {}).get(text, text)
        try:
            value_of(field, self.words, known)
        except Unreadable:
            raise Unreadable("mapping-value", text=text, members=labelled(members) if members else listed((*YES, *NO))) from None
        return known


def in_percent(plain: str, text: str) -> str:
    """A share of one as a percentage, digit by digit. Raises ``Unreadable``."""
    try:
        if not _NUMBER.fullmatch(plain) or len(plain) != len(text):
            raise InvalidOperation
        return f"{Decimal(plain.replace(',', '')).scaleb(2):f}%"
    except InvalidOperation:
        raise Unreadable("ratio-unit", text=text) from None


def marked(text: str, rounded: bool) -> str:
    """A figure that stands for everything that rounds to it, where the vendor rounds."""
    return f"≈{text}" if rounded else text


def _table(entries: Mapping[str, Node], place: Place) -> Table:
    return Table(dict(entries), {name: node.place for name, node in entries.items()}, place)
