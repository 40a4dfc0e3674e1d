"""A filing as the rows of the intake workbook, and the rows of a workbook as a filing's nodes.

What goes in comes out: the nodes made of the rows of a filing state the same facts, with the same evidence, judgements,
conclusions and tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from compliance.facts.filing import split
from compliance.facts.loading import key_field
from compliance.facts.values import SCHEMA
from compliance.intake import sheets
from compliance.intake.sheets import ListSheet
from compliance.source import Node, Place, Problem, Scalar, Sequence, SourceError, Table
from compliance.vocabulary import Entity, Field, Vocabulary
from compliance.wording import VERDICTS, listed, word

YES, NO = "是", "否"
_FLAGS = {"true": YES, "false": NO}
_STATED = {YES: "true", NO: "false", "yes": "true", "no": "false"}
_SLASHED = re.compile(r"[0-9]{4}/[0-9]{1,2}(/[0-9]{1,2})?")  # how Excel shows a day, and so what is typed
_KEY = re.compile(r"\[[^\[\]]*\]")
_TABLE_ROWS = ("columns", "row", "total")

Row = dict[str, str]
Book = dict[str, list[Row]]  # the rows of each sheet, by column, under the sheet's own name or a collection's path


class Cell(NamedTuple):
    """A cell that was filled in: its text and its place."""

    text: str
    place: Place


Read = Mapping[str, Cell]  # a row as read: its filled cells by column


class Sheet(NamedTuple):
    """A sheet as read: its place, the unit in the head of each column, and its rows with their places."""

    place: Place
    units: Mapping[str, str]
    rows: list[tuple[Place, Read]]


# A filing as rows


def rows_of(plain: Mapping[str, Any], words: Vocabulary) -> Book:
    """The rows that say what a filing says; ``plain`` is the filing as plain data, every value the text that was written."""
    book: Book = {name: [] for name in sheets.TITLES if name != sheets.GUIDE}
    for part, entity in words.singles.items():
        for name, value in (plain.get(part) or {}).items():
            field = words.entities[entity].fields[name]
            if value is not None and field.type != "list":
                book[sheets.SINGLES].append({"path": f"{part}.{name}", "value": shown(value, field, words)})
    for path, entity in sheets.lists(words).items():
        part, _, name = path.rpartition(".")
        value = ((plain.get(part) or {}) if part else plain).get(name)
        if value is not None:
            book[sheets.LISTS].append({"path": path, "complete": _complete(value)})
            _list(path, "", value, words.entities[entity], words, book)
    for entry in plain.get("evidence") or ():
        what = "assumed" if entry.get("assumed") else "evidence"
        book[sheets.PROOF] += [_proof(path, entry.get("at"), entry.get("assumed"), what) for path in entry["facts"]]
    for entry in plain.get("judgements") or ():
        asked = field_of(entry["path"], words)
        answer = shown(entry["answer"], asked, words) if asked else entry["answer"]
        book[sheets.PROOF].append({**_proof(entry["path"], entry.get("at"), entry.get("reason"), "judgement"), "answer": answer})
    for name, form in (plain.get("documents") or {}).items():
        book[sheets.DOCUMENTS].append({"id": name, **{key: text for key, text in form.items() if text is not None}})
    for entry in plain.get("filing_conclusions") or ():
        row = {"rule": entry["rule"], "verdict": word(entry["verdict"], "zh"), **_place(entry.get("at"))}
        book[sheets.CONCLUSIONS].append({**row, **_both(entry.get("text"), "text")})
    for table in plain.get("tables") or ():
        book[sheets.TABLES] += _table(table)
    return {name: rows for name, rows in book.items() if rows}


def _list(path: str, parent: str, value: Any, entity: Entity, words: Vocabulary, book: Book) -> None:
    """The items of a list; ``path`` names the collection, ``parent`` is the path of the item that holds the list."""
    form = value if isinstance(value, Mapping) else {"items": value}
    full = f"{parent}.{path.rpartition('.')[2]}" if parent else path
    if form.get("at"):
        book[sheets.PROOF].append(_proof(full, form["at"], None, "evidence"))
    for item in form.get("items") or ():
        row: Row = {"parent": _within(parent)} if parent else {}
        inner = f"{full}[{item[key_field(entity, item) or '']}]"
        if item.get("at"):
            book[sheets.PROOF].append(_proof(inner, item["at"], None, "evidence"))
        given = [(field, item[name]) for name, field in entity.fields.items() if item.get(name) is not None]
        row |= {field.name: _complete(part) if field.type == "list" else shown(part, field, words) for field, part in given}
        book.setdefault(path, []).append(row)
        for field, part in given:
            if field.type == "list":
                _list(f"{path}.{field.name}", inner, part, words.entities[field.of], words, book)


def _within(path: str) -> str:
    """How a row names the item that it belongs to: by its key, or by its path where that item lies within another."""
    return path if path.count("[") > 1 else path[path.index("[") + 1 : -1]


def _complete(value: Any) -> str:
    """Whether a list is declared complete, as the form shows it."""
    stated = value.get("complete") if isinstance(value, Mapping) else None
    return NO if stated is None else _FLAGS.get(str(stated), str(stated))


def field_of(path: str, words: Vocabulary) -> Field | None:
    """The field that a path leads to, whatever the items on its way are called; None where it leads to none."""
    *way, name = _KEY.sub("", path).split(".")
    entity = words.entities.get(words.singles.get(way[0], words.lists.get(way[0], ""))) if way else None
    for step in way[1:]:
        entity = words.entities.get(entity.fields[step].of) if entity and step in entity.fields else None
    return entity.fields.get(name) if entity else None


def shown(text: str, field: Field, words: Vocabulary) -> str:
    """A value as the form shows it: a member of a kind by its label, a flag as a word, everything else as written."""
    if field.type == "kind":
        return next((label for label, name in sheets.labels(words.kinds[field.of]).items() if name == text), text)
    return _FLAGS.get(text, text) if field.type == "flag" else text


def _proof(path: str, at: Any, reason: Any, what: str) -> Row:
    return {"path": path, "what": sheets.WHAT[what]["zh"], **_both(reason, "reason"), **_place(at)}


def _place(at: Any) -> Row:
    return {name: at[name] for name in sheets.PLACE if at and at.get(name) is not None}


def _both(text: Any, name: str) -> Row:
    if text is None:
        return {}
    return {name: text} if isinstance(text, str) else {name: text["zh"], f"{name}_en": text["en"]}


def _table(table: Mapping[str, Any]) -> Iterator[Row]:
    head = {"id": table["id"], "title": table["title"], "unit": table["unit"], **_place(table.get("at"))}
    yield {**head, "what": sheets.WHAT["columns"]["zh"], **_numbered(table["columns"])}
    for row in table["rows"]:
        yield {"id": table["id"], "what": sheets.WHAT["row"]["zh"], "title": row["name"], **_numbered(row["values"])}
    yield {"id": table["id"], "what": sheets.WHAT["total"]["zh"], **_numbered(table["total"])}


def _numbered(values: Iterable[str]) -> Row:
    return {str(number): value for number, value in enumerate(values, 1)}


# Rows as a filing


def node_of(read: Mapping[str, Sheet], words: Vocabulary, file: str, problems: Iterable[Problem] = ()) -> Table:
    """The nodes of the filing that a workbook states.

    Raises ``SourceError`` with every cell that cannot be placed, after the ``problems`` that were found before.
    """
    return _Reader(words, file, problems).filing(read)


class _List:
    """A list on its way into a filing: what holds it, under which name, its items as they grow, and what its head says."""

    def __init__(self, owner: dict[str, Node], name: str, place: Place) -> None:
        self.owner = owner
        self.name = name
        self.place = place
        self.head: dict[str, Node] = {}
        self.items: list[tuple[dict[str, Node], Place]] = []

    def close(self) -> None:
        """Put the list where it belongs; the lists within its items are closed before."""
        items = tuple(_made(entries, place) for entries, place in self.items)
        self.owner[self.name] = _made({**self.head, "items": Sequence(items, self.place)}, self.place)


class _Reader:
    """Puts the cells of a workbook where they belong in a filing."""

    def __init__(self, words: Vocabulary, file: str, problems: Iterable[Problem]) -> None:
        self.words = words
        self.place = Place(file)
        self.problems = list(problems)
        self.parts: dict[str, dict[str, Node]] = {}  # the single parts, and under an empty name the lists of the filing itself
        self.open: dict[str, _List] = {}  # the lists by their paths, those of items after those that hold the items
        self.items: dict[str, dict[str, Node]] = {}  # the items by their paths
        self.of: dict[str, str] = {}  # the collection that each of them belongs to

    def wrong(self, place: Place, code: str, **values: object) -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, code, values))

    def filing(self, read: Mapping[str, Sheet]) -> Table:
        """Everything."""
        top: dict[str, Node] = {}
        guide = {row["key"].text: row["value"] for _, row in _rows(read, sheets.GUIDE) if "key" in row and "value" in row}
        for name in ("schema", "pack", "as_of"):
            if name in guide:
                top[name] = _scalar(guide[name])
        top.setdefault("schema", Scalar(SCHEMA, self.place))
        self.singles(read)
        self.lists(read)
        beside: dict[str, Node] = {}
        self.documents(read, beside)
        self.proof(read, beside)
        self.conclusions(read, beside)
        self.tables(read, beside)
        for opened in reversed(self.open.values()):
            opened.close()
        top |= self.parts.pop("", {}) | {name: _made(values, self.place) for name, values in self.parts.items()} | beside
        if self.problems:
            raise SourceError(self.problems, _made(top, self.place))
        return _made(top, self.place)

    def singles(self, read: Mapping[str, Sheet]) -> None:
        """The facts that stand once."""
        for place, row in _rows(read, sheets.SINGLES):
            path = row["path"].text if "path" in row else ""
            field = self.words.root.fields.get(path)
            if field is None or field.type == "list":
                self.no_path(place, row)
                continue
            part, _, name = path.partition(".")
            entries = self.parts.setdefault(part, {})
            if name in entries:
                self.wrong(row["path"].place, "cell-twice", path=path)
            entries[name] = written(row["value"], field, self.words, row["unit"].text if "unit" in row else "")

    def no_path(self, place: Place, row: Read) -> None:
        """A row whose path leads to nothing that it could fill in, or that has none."""
        if "path" in row:
            self.wrong(row["path"].place, "cell-path", path=row["path"].text)
        else:
            self.wrong(place, "field-missing", name=sheets.LABELS["path"])

    def lists(self, read: Mapping[str, Sheet]) -> None:
        """The collections with their items, and whether each is complete."""
        known = sheets.lists(self.words)
        for place, row in _rows(read, sheets.LISTS):
            path = row["path"].text if "path" in row else ""
            if path not in known:
                self.no_path(place, row)
            elif path in self.open:
                self.wrong(row["path"].place, "cell-twice", path=path)
            else:
                self.list(path, None, row["complete"].place).head["complete"] = flag(row["complete"])
        for sheet in sheets.collections(self.words, None):
            for place, row in _rows(read, sheet.path):
                self.item(sheet, place, row, read[sheet.path])

    def list(self, path: str, owner: dict[str, Node] | None, place: Place) -> _List:
        """The list of a path, opened where it is not; without an owner it belongs to the filing or a single part of it."""
        if path not in self.open:
            part, name = split(path)
            self.open[path] = _List(self.parts.setdefault(part, {}) if owner is None else owner, name, place)
        return self.open[path]

    def item(self, sheet: ListSheet, place: Place, row: Read, held: Sheet) -> None:
        """One row of a collection as an item of its list."""
        owner, path = None, sheet.path
        if sheet.parent:
            parent = self.parent(sheet, place, row)
            if not parent:
                return
            owner, path = self.items[parent], f"{parent}.{split(path)[1]}"
        fields = sheet.entity.fields
        given = {name: cell for name, cell in row.items() if name in fields}
        flat = {name: cell for name, cell in given.items() if fields[name].type != "list"}
        entries: dict[str, Node] = {name: written(cell, fields[name], self.words, held.units.get(name, "")) for name, cell in flat.items()}
        texts = {name: node.text for name, node in entries.items() if isinstance(node, Scalar)}
        inner = f"{path}[{texts.get(key_field(sheet.entity, texts) or '', '')}]"
        self.list(path, owner, held.place).items.append((entries, place))
        self.items[inner] = entries
        self.of[inner] = sheet.path
        for name in (name for name in given if name not in flat):
            self.list(f"{inner}.{name}", entries, given[name].place).head["complete"] = flag(given[name])

    def parent(self, sheet: ListSheet, place: Place, row: Read) -> str:
        """The path of the item that a row belongs to, named by its key or its path; empty where there is none."""
        if "parent" not in row:
            self.wrong(place, "cell-parent", list=sheet.parent)
            return ""
        key = row["parent"].text
        found = next((item for item in (f"{sheet.parent}[{key}]", key) if self.of.get(item) == sheet.parent), "")
        if not found:
            self.wrong(row["parent"].place, "reference-unknown", list=sheet.parent, name=key)
        return found

    def documents(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """The documents."""
        found: dict[str, Node] = {}
        for place, row in _rows(read, sheets.DOCUMENTS):
            if "id" not in row:
                self.wrong(place, "key-missing", name="id")
            elif row["id"].text in found:
                self.wrong(row["id"].place, "cell-twice", path=row["id"].text)
            else:
                found[row["id"].text] = _made(_scalars(row, ("title", "date", "number")), place)
        if found:
            top["documents"] = _made(found, self.place)

    def proof(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """Evidence, what is taken for granted, and judgements."""
        found: dict[str, list[Node]] = {"evidence": [], "judgements": []}
        for place, row in _rows(read, sheets.PROOF):
            what = self.what(row, ("evidence", "assumed", "judgement"))
            if what is None:
                continue
            if "path" not in row:
                self.no_path(place, row)
            elif what == "judgement" or (not what and "answer" in row):
                found["judgements"] += self.judgement(row, place)
            elif what == "evidence" and ("reason" in row or "answer" in row):
                self.wrong(row["answer" if "answer" in row else "reason"].place, "cell-evidence")
            elif what or len(row) > 1:  # a path alone says nothing yet
                found["evidence"] += self.evidence(row, place, what)
        top |= {name: Sequence(tuple(entries), self.place) for name, entries in found.items() if entries}

    def what(self, row: Read, known: tuple[str, ...]) -> str | None:
        """What a row is said to be: empty where it is left open, None where it is nothing that is known."""
        words = {sheets.WHAT[name]["zh"]: name for name in known}
        if "what" not in row:
            return ""
        if row["what"].text not in words:
            self.wrong(row["what"].place, "choice-bad", text=row["what"].text, expected=listed(words))
        return words.get(row["what"].text)

    def evidence(self, row: Read, place: Place, what: str) -> Iterator[Table]:
        """A place in a document, what is taken for granted, or both; nothing where the row says neither."""
        entry: dict[str, Node] = {"facts": Sequence((_scalar(row["path"]),), row["path"].place)}
        at, reason = self.at(row, place), self.both(row, "reason", place)
        if reason is None and what == "assumed":
            self.wrong(place, "field-missing", name=sheets.LABELS["reason"])
        elif at is None and reason is None:
            self.wrong(place, "field-missing", name=sheets.LABELS["document"])
        if at or reason:
            yield _made({**entry, **({"at": at} if at else {}), **({"assumed": reason} if reason else {})}, place)

    def judgement(self, row: Read, place: Place) -> Iterator[Table]:
        """An answer with its reason and place; a flag or a member of a kind may be given by its word.

        What stands in the fact's own cell is the answer, where none is given here or the same; nothing where there is none at all.
        """
        entry: dict[str, Node] = {"path": _scalar(row["path"])}
        owner, name = split(row["path"].text)
        entries = self.items.get(owner) or self.parts.get(owner) or {}
        stated, given, field = entries.get(name), None, field_of(row["path"].text, self.words)
        if "answer" in row:
            entry["answer"] = given = written(row["answer"], field, self.words) if field else _scalar(row["answer"])
        judged = field is not None and field.settled_by == "judgement"
        if judged and isinstance(stated, Scalar) and (given is None or given.text == stated.text):
            entry["answer"] = entries.pop(name)
        if "answer" not in entry:
            self.wrong(place, "field-missing", name=sheets.LABELS["answer"])
            return
        reason, at = self.both(row, "reason", place), self.at(row, place)
        yield _made({**entry, **({"reason": reason} if reason else {}), **({"at": at} if at else {})}, place)

    def at(self, row: Read, place: Place) -> Table | None:
        """The place in a document that a row gives."""
        found = _scalars(row, sheets.PLACE)
        return _made(found, place) if found else None

    def both(self, row: Read, name: str, place: Place) -> Node | None:
        """A text in one language, or in both."""
        if f"{name}_en" not in row:
            return _scalar(row[name]) if name in row else None
        zh = row.get(name, row[f"{name}_en"])
        return _made({"zh": _scalar(zh), "en": _scalar(row[f"{name}_en"])}, place)

    def conclusions(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """What the filing itself concludes."""
        found = []
        for place, row in _rows(read, sheets.CONCLUSIONS):
            entry = _scalars(row, ("rule", "verdict"))
            if "verdict" in row:
                verdicts = {word(name, "zh"): name for name in VERDICTS}
                entry["verdict"] = Scalar(verdicts.get(row["verdict"].text, row["verdict"].text), row["verdict"].place)
            text, at = self.both(row, "text", place), self.at(row, place)
            found.append(_made({**entry, **({"text": text} if text else {}), **({"at": at} if at else {})}, place))
        if found:
            top["filing_conclusions"] = Sequence(tuple(found), self.place)

    def tables(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """The printed tables."""
        found: dict[str, dict[str, Any]] = {}
        for place, row in _rows(read, sheets.TABLES):
            kind = self.what(row, _TABLE_ROWS)
            if kind is None:
                continue
            if "id" not in row or not kind:
                self.wrong(place, "table-row", expected=listed(sheets.WHAT[name]["zh"] for name in _TABLE_ROWS))
                continue
            table = found.setdefault(row["id"].text, {"id": _scalar(row["id"]), "rows": [], "place": place})
            cells = [row[str(number)] for number in range(1, sheets.TABLE_COLUMNS + 1) if str(number) in row]
            values = Sequence(tuple(_scalar(cell) for cell in cells), place)
            if kind == "columns":
                table |= {**_scalars(row, ("title", "unit")), "columns": values}
                if (at := self.at(row, place)) is not None:
                    table["at"] = at
            elif kind == "row":
                table["rows"].append(_made({**({"name": _scalar(row["title"])} if "title" in row else {}), "values": values}, place))
            else:
                table["total"] = values
        made = []
        for table in found.values():
            place = table.pop("place")
            made.append(_made({**table, "rows": Sequence(tuple(table["rows"]), place)}, place))
        if made:
            top["tables"] = Sequence(tuple(made), self.place)


def _rows(read: Mapping[str, Sheet], name: str) -> list[tuple[Place, Read]]:
    return read[name].rows if name in read else []


def _scalar(cell: Cell) -> Scalar:
    return Scalar(cell.text, cell.place)


def written(cell: Cell, field: Field, words: Vocabulary, unit: str = "") -> Scalar:
    """A value as a filing writes it: with the unit of its column where it is a bare number, a kind by its name."""
    text = cell.text
    if field.type == "date" and _SLASHED.fullmatch(text):
        text = text.replace("/", "-")
    elif field.type == "kind":
        text = sheets.member(text, words.kinds[field.of])
    elif field.type == "flag":
        return flag(cell)
    elif field.type in sheets.UNITS:
        number = text.removesuffix("..")
        text = number + unit + text[len(number) :] if number[-1:].isdigit() else text
    return Scalar(text, cell.place)


def flag(cell: Cell) -> Scalar:
    """Yes or no as a cell says it, in either language, as a filing writes it; other texts as they are."""
    return Scalar(_STATED.get(cell.text, cell.text), cell.place)


def _scalars(row: Read, names: Iterable[str]) -> dict[str, Node]:
    return {name: _scalar(row[name]) for name in names if name in row}


def _made(entries: Mapping[str, Node], place: Place) -> Table:
    return Table(dict(entries), {name: node.place for name, node in entries.items()}, place)
