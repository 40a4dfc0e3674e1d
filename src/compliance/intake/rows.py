"""A filing as the rows of the intake workbook, and the rows of a workbook as a filing's nodes.

What goes in comes out: the nodes made of the rows of a filing state the same facts, with the same evidence, judgements,
conclusions and tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from compliance.facts.filing import split
from compliance.facts.loading import key_field
from compliance.facts.values import SCHEMA
from compliance.intake import sheets
from compliance.intake.sheets import ListSheet
from compliance.source import Node, Place, Problem, Scalar, Sequence, SourceError, Table
from compliance.vocabulary import Field, Vocabulary

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
            if field.type == "list":
                _list(f"{part}.{name}", "", value, words.entities[field.of].name, words, book)
            elif value is not None:
                book[sheets.SINGLES].append({"path": f"{part}.{name}", "value": _shown(value, field, words)})
    for path, entity in words.lists.items():
        if plain.get(path) is not None:
            _list(path, "", plain[path], entity, words, book)
    for entry in plain.get("evidence") or ():
        what = "assumed" if entry.get("assumed") else "evidence"
        book[sheets.PROOF] += [_proof(path, entry.get("at"), entry.get("assumed"), what) for path in entry["facts"]]
    for entry in plain.get("judgements") or ():
        row = _proof(entry["path"], entry.get("at"), entry.get("reason"), "judgement")
        book[sheets.PROOF].append({**row, "answer": entry["answer"]})
    for name, form in (plain.get("documents") or {}).items():
        book[sheets.DOCUMENTS].append({"id": name, **{key: text for key, text in form.items() if text is not None}})
    for entry in plain.get("filing_conclusions") or ():
        row = {"rule": entry["rule"], "verdict": entry["verdict"], **_place(entry.get("at"))}
        book[sheets.CONCLUSIONS].append({**row, **_both(entry.get("text"), "text")})
    for table in plain.get("tables") or ():
        book[sheets.TABLES] += _table(table)
    return {name: rows for name, rows in book.items() if rows}


def _list(path: str, parent: str, value: Any, entity: str, words: Vocabulary, book: Book) -> None:
    """A list and its items; ``path`` names the collection, ``parent`` is the path of the item that holds it."""
    form = value if isinstance(value, Mapping) else {"items": value}
    full = f"{parent}.{path.rpartition('.')[2]}" if parent else path
    complete = form.get("complete")
    book[sheets.LISTS].append({"path": full, "complete": complete if complete is not None else "false"})
    if form.get("at"):
        book[sheets.PROOF].append(_proof(full, form["at"], None, "evidence"))
    for item in form.get("items") or ():
        key = item[key_field(words.entities[entity], item) or ""]
        row: Row = {"parent": _key_of(parent)} if parent else {}
        inner = f"{full}[{key}]"
        if item.get("at"):
            book[sheets.PROOF].append(_proof(inner, item["at"], None, "evidence"))
        for name, field in words.entities[entity].fields.items():
            given = item.get(name)
            if given is None:
                continue
            if field.type == "list":
                _list(f"{path}.{name}", inner, given, field.of, words, book)
            else:
                row[name] = _shown(given, field, words)
        book.setdefault(path, []).append(row)


def _key_of(path: str) -> str:
    """The key of the item that a path ends with."""
    return path[path.rindex("[") + 1 : -1]


def _shown(text: str, field: Field, words: Vocabulary) -> str:
    """A value as the form shows it: a member of a kind by its label, a flag as a word, everything else as written."""
    if field.type == "kind":
        return words.kinds[field.of].get(text, {"zh": text})["zh"]
    if field.type == "flag":
        return {"true": "是", "false": "否"}.get(text, text)
    return text


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


def node_of(read: Mapping[str, Sheet], words: Vocabulary, file: str) -> Table:
    """The nodes of the filing that a workbook states. Raises ``SourceError`` with every cell that cannot be placed."""
    return _Reader(words, file).filing(read)


class _Reader:
    """Puts the cells of a workbook where they belong in a filing."""

    def __init__(self, words: Vocabulary, file: str) -> None:
        self.words = words
        self.place = Place(file)
        self.problems: list[Problem] = []

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
        self.singles(read, top)
        self.lists(read, top)
        self.documents(read, top)
        self.proof(read, top)
        self.conclusions(read, top)
        self.tables(read, top)
        if self.problems:
            raise SourceError(self.problems)
        return _made(top, self.place)

    def singles(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """The facts that stand once."""
        parts: dict[str, dict[str, Node]] = {}
        for place, row in _rows(read, sheets.SINGLES):
            if "value" not in row:
                continue
            path = row["path"].text if "path" in row else ""
            part, _, name = path.partition(".")
            field = self.words.root.fields.get(path)
            if field is None or field.type == "list":
                self.wrong(row["path"].place if "path" in row else place, "cell-path", path=path)
                continue
            if name in parts.setdefault(part, {}):
                self.wrong(row["path"].place, "cell-twice", path=path)
            parts[part][name] = self.value(row["value"], field, row["unit"].text if "unit" in row else "")
        top |= {name: _made(values, self.place) for name, values in parts.items()}

    def value(self, cell: Cell, field: Field, unit: str) -> Scalar:
        """A value as a filing writes it: with the unit of its column where it is a bare number, a kind by its name."""
        text = cell.text
        if field.type == "kind":
            by_label = {label["zh"]: name for name, label in self.words.kinds[field.of].items()}
            text = by_label.get(text, text)
        elif field.type == "flag":
            text = {"是": "true", "否": "false"}.get(text, text)
        elif field.type in sheets.UNITS and text[-1:].isdigit() and (unit or field.type == "price"):
            text += unit or "元/股"
        return Scalar(text, cell.place)

    def lists(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """The collections with their items, and whether each is complete."""
        complete: dict[str, Scalar] = {}
        for place, row in _rows(read, sheets.LISTS):
            if "path" in row and "complete" in row:
                complete[row["path"].text] = Scalar(row["complete"].text, row["complete"].place)
            elif "complete" in row:
                self.wrong(place, "cell-path", path="")
        made: dict[str, list[dict[str, Node]]] = {}  # by the path of a list
        items: dict[str, dict[str, Node]] = {}  # by the path of an item
        places: dict[int, Place] = {}
        for sheet in sheets.collections(self.words, None):
            for place, row in _rows(read, sheet.path):
                self.item(sheet, place, row, read[sheet.path].units, made, items, places)
        paths = dict.fromkeys([*made, *complete])
        for path in sorted(paths, key=lambda path: -path.count("[")):  # those within items before what holds them
            nodes = tuple(_made(item, places[id(item)]) for item in made.get(path, ()))
            entries: dict[str, Node] = {"items": Sequence(nodes, self.place)}
            if path in complete:
                entries["complete"] = complete[path]
            owner, name = split(path)
            node = _made(entries, complete[path].place if path in complete else self.place)
            if not owner and name in self.words.lists:
                top[name] = node
            elif owner in items and not path.endswith("]"):
                items[owner][name] = node
            else:
                self.wrong(complete[path].place if path in complete else self.place, "cell-path", path=path)

    def item(
        self,
        sheet: ListSheet,
        place: Place,
        row: Read,
        units: Mapping[str, str],
        made: dict[str, list[dict[str, Node]]],
        items: dict[str, dict[str, Node]],
        places: dict[int, Place],
    ) -> None:
        """One row of a collection as an item of its list."""
        fields = sheet.entity.fields
        given = {name: cell for name, cell in row.items() if name in fields}
        entries: dict[str, Node] = {name: self.value(cell, fields[name], units.get(name, "")) for name, cell in given.items()}
        texts = {name: node.text for name, node in entries.items() if isinstance(node, Scalar)}
        key = texts.get(key_field(sheet.entity, texts) or "", "")
        path = sheet.path
        if sheet.parent:
            if "parent" not in row:
                self.wrong(place, "cell-parent", list=sheet.parent)
                return
            path = f"{sheet.parent}[{row['parent'].text}].{sheet.path.rpartition('.')[2]}"
            if f"{sheet.parent}[{row['parent'].text}]" not in items:
                self.wrong(row["parent"].place, "reference-unknown", list=sheet.parent, name=row["parent"].text)
                return
        made.setdefault(path, []).append(entries)
        items[f"{path}[{key}]"] = entries
        places[id(entries)] = place

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
        evidence, judgements = [], []
        for place, row in _rows(read, sheets.PROOF):
            if "path" not in row:
                self.wrong(place, "cell-path", path="")
                continue
            entry: dict[str, Node] = {"at": at} if (at := self.at(row, place)) is not None else {}
            reason = self.both(row, "reason", place)
            if "answer" in row:
                entry |= {"path": _scalar(row["path"]), "answer": self.answer(row)}
                judgements.append(_made({**entry, **({"reason": reason} if reason else {})}, place))
            elif entry or reason:
                entry["facts"] = Sequence((_scalar(row["path"]),), row["path"].place)
                evidence.append(_made({**entry, **({"assumed": reason} if reason else {})}, place))
        for name, found in (("evidence", evidence), ("judgements", judgements)):
            if found:
                top[name] = Sequence(tuple(found), self.place)

    def answer(self, row: Read) -> Scalar:
        """An answer: a flag or a member of a kind may be given by its word."""
        cell = row["answer"]
        return Scalar({"是": "true", "否": "false"}.get(cell.text, cell.text), cell.place)

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
            text, at = self.both(row, "text", place), self.at(row, place)
            found.append(_made({**entry, **({"text": text} if text else {}), **({"at": at} if at else {})}, place))
        if found:
            top["filing_conclusions"] = Sequence(tuple(found), self.place)

    def tables(self, read: Mapping[str, Sheet], top: dict[str, Node]) -> None:
        """The printed tables."""
        found: dict[str, dict[str, Any]] = {}
        what = {label["zh"]: name for name, label in sheets.WHAT.items()}
        for place, row in _rows(read, sheets.TABLES):
            kind = what.get(row["what"].text, row["what"].text) if "what" in row else ""
            if "id" not in row or kind not in ("columns", "row", "total"):
                self.wrong(row["what"].place if "what" in row else place, "table-row", expected="、".join(_table_words()))
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


def _table_words() -> list[str]:
    return [sheets.WHAT[name]["zh"] for name in ("columns", "row", "total")]


def _rows(read: Mapping[str, Sheet], name: str) -> list[tuple[Place, Read]]:
    return read[name].rows if name in read else []


def _scalar(cell: Cell) -> Scalar:
    return Scalar(cell.text, cell.place)


def _scalars(row: Read, names: Iterable[str]) -> dict[str, Node]:
    return {name: _scalar(row[name]) for name in names if name in row}


def _made(entries: Mapping[str, Node], place: Place) -> Table:
    return Table(dict(entries), {name: node.place for name, node in entries.items()}, place)
