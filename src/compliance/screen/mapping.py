"""The mapping of a table: which column is which fact, in which unit, and how lists stand in it.

A mapping is a YAML file of the form ``compliance.mapping/1`` (see ``docs/screening.md``). Its entries are held against the
rule book's vocabulary and the table's own head before a row is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from compliance import source
from compliance.facts.filing import steps
from compliance.facts.values import value_of
from compliance.packs.book import Pack
from compliance.quantities import MULTIPLES, narrow
from compliance.source import Node, Place, Problem, Scalar, SourceError, Table, Unreadable
from compliance.vocabulary import ROOT, Entity, Field, Vocabulary
from compliance.wording import listed

SCHEMA = "compliance.mapping/1"
MAX_COLUMNS = 16_384  # of a table: as many as a spreadsheet has
EMPTY = ("", "-", "--", "－", "—", "——", "–", "N/A", "NULL", "无数据")
CELL = "cell"  # a unit that says: each cell carries its own
ENCODINGS = ("utf-8", "gb18030")
_CALLED = {"utf8": "utf-8", "utf-8-sig": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"}  # what else they are called, or are part of
_TOP = ("schema", "pack", "encoding", "separator", "empty", "columns", "constants", "lists")
_COLUMN = ("column", "fact", "unit", "rounded", "values")
_LIST = ("list", "complete", "prefix", "file", "code", "columns")
_BASES: Mapping[str, tuple[str, ...]] = {"money": ("元",), "shares": ("股",), "price": ("元/股",), "ratio": ("%", "‰", "1")}
_SAID = re.compile(r"[(（\[［]([^()（）\[\]［］]*)[)）\]］]\s*$")  # a unit as a column's head says it


class Column(NamedTuple):
    """One column: its name, the fact, its unit (empty where there is none), and how its cells are read."""

    name: str
    fact: str
    unit: str
    rounded: bool
    values: Mapping[str, str]
    place: Place


class Listed(NamedTuple):
    """How one list stands in the table: in columns with a numbered prefix, or in a file of its own keyed by the code."""

    name: str
    complete: str
    prefix: str
    file: str
    code: str
    columns: tuple[Column, ...]
    place: Place


class Plan(NamedTuple):
    """A mapping as read."""

    encoding: str
    separator: str
    empty: tuple[str, ...]
    columns: tuple[Column, ...]
    constants: Mapping[str, str]
    lists: tuple[Listed, ...]


def load(path: Path, pack: Pack) -> tuple[Plan, list[Problem]]:
    """A mapping and what is wrong with its entries, which are left out of it. Raises ``SourceError`` where it is none at all."""
    node = source.load(path)
    reader = _Reader(pack)
    if not isinstance(node, Table):
        raise SourceError([Problem(node.place, "shape-table", {})])
    for name, expected in (("schema", SCHEMA), ("pack", pack.id)):
        found = reader.text(node, name)
        if found != expected:
            reader.wrong(source.locate(node, (name,)), "choice-bad", text=found, expected=expected)
    another = bool(reader.problems)
    reader.known(node, _TOP)
    encoding = (reader.text(node, "encoding") or ENCODINGS[0]).lower()
    encoding = _CALLED.get(encoding, encoding)
    if encoding not in ENCODINGS:
        reader.wrong(source.locate(node, ("encoding",)), "choice-bad", text=encoding, expected=listed(ENCODINGS))
        encoding = ENCODINGS[0]
    separator = reader.text(node, "separator") or ""
    if separator not in ("", ",", ";", "\t", "|"):
        reader.wrong(source.locate(node, ("separator",)), "choice-bad", text=separator, expected=", ; | \\t")
        separator = ""
    empty = tuple(item.text or "" for item in reader.items(node, "empty") if isinstance(item, Scalar)) if "empty" in node.entries else EMPTY
    reader.empty = (*empty, "")
    columns = reader.columns(node, pack.vocabulary.root, True)
    constants = dict(reader.constants(node))
    lists = tuple(reader.lists(node))
    if another:
        raise SourceError(reader.problems)
    return Plan(encoding, separator, reader.empty, columns, constants, lists), reader.problems


class _Reader:
    """Reads the parts of a mapping, noting what is wrong."""

    def __init__(self, pack: Pack) -> None:
        self.words: Vocabulary = pack.vocabulary
        self.problems: list[Problem] = []
        self.facts: dict[str, int] = {}  # where each fact of a filing is mapped already
        self.empty: tuple[str, ...] = EMPTY  # texts that say nothing

    def wrong(self, place: Place, code: str, **values: object) -> None:
        """Note a mistake."""
        self.problems.append(Problem(place, code, values))

    def known(self, node: Table, names: Sequence[str]) -> None:
        """Note the keys that mean nothing here."""
        for name in node.entries:
            if name not in names:
                self.wrong(node.keys[name], "field-extra", name=name, known=listed(names))

    def text(self, node: Table, name: str) -> str:
        """A text of a table, empty where there is none."""
        part = node.entries.get(name)
        if part is None:
            return ""
        if not isinstance(part, Scalar):
            self.wrong(part.place, "shape-text")
            return ""
        return part.text or ""

    def items(self, node: Table, name: str) -> Sequence[Node]:
        """The items of a list, none where it is absent."""
        part = node.entries.get(name)
        if part is None:
            return ()
        if not isinstance(part, source.Sequence):
            self.wrong(part.place, "shape-list")
            return ()
        return part.items

    def flag(self, node: Table, name: str) -> str:
        """``true``, ``false``, or empty."""
        found = self.text(node, name)
        if found not in ("", "true", "false"):
            self.wrong(source.locate(node, (name,)), "flag-bad", text=found)
            return ""
        return found

    def columns(self, node: Table, entity: Entity, whole: bool) -> tuple[Column, ...]:
        """The columns of the filing itself (``whole``) or of the items of a list."""
        found: list[Column] = []
        names: dict[str, int] = {}
        facts = self.facts if whole else {}
        for item in self.items(node, "columns"):
            if not isinstance(item, Table):
                self.wrong(item.place, "shape-table")
                continue
            self.known(item, _COLUMN)
            name, fact = self.text(item, "column"), self.text(item, "fact")
            for key, given in (("column", name), ("fact", fact)):
                if not given:
                    self.wrong(item.place, "field-missing", name=key)
            if not name or not fact:
                continue
            at = source.locate(item, ("column",))
            if name in names:
                self.wrong(at, "mapping-column-twice", name=name, line=names[name])
                continue
            names[name] = at.line
            field = self.field(fact, entity)
            to = source.locate(item, ("fact",))
            if field is None:
                self.wrong(to, "path-unknown", path=fact)
                continue
            if fact in facts:
                self.wrong(to, "mapping-fact-twice", path=fact, line=facts[fact])
                continue
            facts[fact] = to.line
            unit = self.unit(item, name, field)
            if unit is None:
                continue
            noted = len(self.problems)
            values = dict(self.values(item, field))
            if len(self.problems) == noted:
                found.append(Column(name, fact, unit, self.flag(item, "rounded") == "true", values, at))
        return tuple(found)

    def unit(self, item: Table, name: str, field: Field) -> str | None:
        """The unit of a column's cells; None where it is wrong or not stated."""
        given = self.text(item, "unit")
        place = source.locate(item, ("unit",)) if given else item.place
        bases = _BASES.get(field.type)
        if bases is None:
            if given and field.type != "count":
                self.wrong(place, "mapping-unit-none", path=field.name, unit=given)
                return None
            return ""
        if given == CELL:
            return given
        if not given:
            self.wrong(place, "mapping-unit-missing", name=name, expected=_example(field.type))
            return None
        if not _is_unit(given, field.type):
            self.wrong(place, "mapping-unit-bad", unit=given, path=field.name, expected=_example(field.type))
            return None
        said = _SAID.search(name)
        if said and _is_unit(said[1], field.type) and narrow(said[1]) != narrow(given):
            self.wrong(place, "mapping-units-differ", name=name, said=said[1], unit=given)
            return None
        return given

    def values(self, item: Table, field: Field) -> Iterator[tuple[str, str]]:
        """What texts of the table stand for. What is no value of the fact is noted: no row could be read with it."""
        part = item.entries.get("values")
        if part is not None and not isinstance(part, Table):
            self.wrong(part.place, "shape-table")
        elif part is not None:
            for name, value in part.entries.items():
                if not isinstance(value, Scalar):
                    self.wrong(value.place, "shape-text")
                    continue
                text = value.text or ""
                labels = {label for member in self.words.kinds.get(field.of, {}).values() for label in member.values()}
                if text in self.empty or text in labels or field.type not in ("kind", "flag") or self.readable(value, field):
                    yield name, text

    def constants(self, node: Table) -> Iterator[tuple[str, str]]:
        """What holds for every row."""
        part = node.entries.get("constants")
        if part is None:
            return
        if not isinstance(part, Table):
            self.wrong(part.place, "shape-table")
            return
        for path, value in part.entries.items():
            field = self.field(path, self.words.root)
            if field is None:
                self.wrong(part.keys[path], "path-unknown", path=path)
            elif path in self.facts:
                self.wrong(part.keys[path], "mapping-fact-twice", path=path, line=self.facts[path])
            elif not isinstance(value, Scalar):
                self.wrong(value.place, "shape-text")
            elif value.text is None or self.readable(value, field):
                yield path, value.text or ""

    def readable(self, node: Scalar, field: Field) -> bool:
        """Whether a text is a value of a field, as a filing writes it; noted where it is not."""
        try:
            value_of(field, self.words, node.text)
        except Unreadable as error:
            self.wrong(node.place, error.code, **error.values)
            return False
        return True

    def lists(self, node: Table) -> Iterator[Listed]:
        """The lists of the filing."""
        seen: dict[str, int] = {}
        for item in self.items(node, "lists"):
            if not isinstance(item, Table):
                self.wrong(item.place, "shape-table")
                continue
            self.known(item, _LIST)
            name = self.text(item, "list")
            at = source.locate(item, ("list",))
            if name not in self.words.lists:
                self.wrong(at, "path-unknown", path=name)
                continue
            if name in seen:
                self.wrong(at, "mapping-fact-twice", path=name, line=seen[name])
                continue
            seen[name] = at.line
            prefix, file, code = (self.text(item, key) for key in ("prefix", "file", "code"))
            columns = self.columns(item, self.words.entities[self.words.lists[name]], False)
            if (prefix and file) or (prefix and "{n}" not in prefix) or (columns and not (prefix or file)) or (file and not code):
                self.wrong(at, "mapping-list-form", name=name)
                continue
            yield Listed(name, self.flag(item, "complete"), prefix, file, code, columns, at)

    def field(self, path: str, entity: Entity) -> Field | None:
        """The field that a path leads to: of the filing, with a key for an item of a list, or of an item; None for a list."""
        if entity.name != ROOT:
            field = entity.fields.get(path)
        else:
            parts = list(steps(path))
            if len(parts) != 2 or any(key == "" and "[" in path for _, key in parts[:1]):
                return None
            (head, key), (name, _) = parts
            if key:
                field = self.words.entities[self.words.lists[head]].fields.get(name) if head in self.words.lists else None
            else:
                field = self.words.root.fields.get(path)
        return None if field is None or field.type == "list" else field


def _is_unit(text: str, kind: str) -> bool:
    """Whether a text is a unit of a kind of figure, with or without a multiple: 万元, 亿股, %."""
    plain = narrow(text)
    if plain is None:
        return False
    if kind == "ratio":
        return plain in _BASES[kind]
    return any(plain == f"{multiple}{base}" for multiple in MULTIPLES for base in _BASES[kind])


def _example(kind: str) -> str:
    return {"money": "元, 万元, 亿元", "shares": "股, 万股, 亿股", "price": "元/股", "ratio": "%, ‰, 1"}[kind] + f", {CELL}"


def as_plain(found: Any) -> Any:
    """A mapping as plain data, as a run notes it."""
    if isinstance(found, tuple) and hasattr(found, "_asdict"):
        return {name: as_plain(part) for name, part in found._asdict().items() if name != "place"}
    if isinstance(found, (list, tuple)):
        return [as_plain(part) for part in found]
    return dict(found) if isinstance(found, Mapping) else found


def of_plain(plain: Mapping[str, Any]) -> Plan:
    """The mapping out of plain data."""
    here = Place("mapping")

    def columns(given: Any) -> tuple[Column, ...]:
        return tuple(Column(**part, place=here) for part in given)

    lists = tuple(Listed(**{**part, "columns": columns(part["columns"])}, place=here) for part in plain["lists"])
    rest = {name: plain[name] for name in ("encoding", "separator", "constants")}
    return Plan(**rest, empty=tuple(plain["empty"]), columns=columns(plain["columns"]), lists=lists)
