"""The filings of a block of columns: rows of which each can be had as the filing that it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any
from weakref import ref

from compliance.expressions import columns
from compliance.expressions.columns import Column, Table
from compliance.expressions.tree import Type
from compliance.facts.answers import READING
from compliance.facts.filing import Filing, Row
from compliance.screen.cells import same_for_all
from compliance.screen.rows import Names, Rows
from compliance.vocabulary import ROOT, Field

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.packs.book import Pack

    Array = NDArray[Any]


class Filings(Rows):
    """The filings of a block: rows of the root, whose readings of the law stand as the rule book has them."""

    def __init__(self, pack: Pack, filing: Array) -> None:
        super().__init__(pack.vocabulary, pack.vocabulary.root, filing)
        self.readings = {
            reading.slot: (("reading", reading.id), reading.all_bits if reading.default == "both" else reading.bit(reading.default))
            for reading in pack.readings.values()
        }

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact, or of a reading, which is one for all."""
        import numpy as np

        if slot not in self.readings:
            return super().column(slot, kind)
        _, bits = self.readings[slot]
        low = 0 if bits & (bits - 1) else bits
        return columns.member_column(np.full(self.size, low, dtype=np.uint64), np.full(self.size, bits, dtype=np.uint64))

    def vague_in(self, names: Names) -> Array:
        """In which filings any of some fields is vague (see ``Subject.vague``)."""
        import numpy as np

        found = np.full(self.size, any(name in names and bits & (bits - 1) for name, bits in self.readings.values()))
        for filings in self.vague(names):
            found[filings] = True
        return found

    def put(self, settings: Sequence[tuple[str, str]], pack: Pack) -> tuple[Filings, Table, Array] | None:
        """The filings with facts of their own put otherwise, as texts by path, and which of them are then in doubt.

        What hangs on no such fact stays as it is. None where a path leads elsewhere, or a text is not plainly a value.
        """
        import numpy as np

        found, doubt, changed = copy(self), np.zeros(self.size, dtype=bool), set()
        found.facts, found.readings = dict(self.facts), dict(self.readings)
        for path, text in settings:
            reading = pack.readings.get(path.removeprefix(READING)) if path.startswith(READING) else None
            field = self.entity.fields.get(path)
            if reading is not None and text in reading.options:
                found.readings[reading.slot] = ("reading", reading.id), reading.bit(text)
                changed.add(reading.slot)
                continue
            cells = None if field is None else same_for_all(field, self.words, text, self.size)
            if field is None or cells is None:
                return None
            found.facts[path] = cells
            changed.add(field.slot)
            if field.settled_by == "judgement":
                doubt |= ~self.stated(path)  # it would stand among the judgements
            if self.needs_more(path):
                doubt |= ~self.stated(path)
        known = {slot: column for slot, column in self.table.columns.items() if slot not in changed}
        table = Table(self.size, source=found, columns=known, lists=self.table.lists, references=self.table.references)
        found._tables = {False: ref(table)}
        return found, table, doubt

    def needs_more(self, path: str) -> bool:
        """Whether the part of a filing that a fact stands in needs other facts."""
        part = self.words.entities[self.words.singles[path.partition(".")[0]]]
        return any(field.required and not path.endswith(f".{field.name}") for field in part.fields.values())

    def one(self, index: int) -> Filing:
        """The filing of a row as far as deciding goes: its rows of cells, and its items by path, but no facts with their texts."""
        return _Bare(self, index).filing()

    def text(self, name: str) -> list[str]:
        """A text of each filing, empty where it states none."""
        given = self.texts.get(name)
        return [""] * self.size if given is None else given.fill_null("").to_pylist()

    def text_at(self, name: str, index: int) -> str:
        """A text of one filing."""
        given = self.texts.get(name)
        return "" if given is None else given[index].as_py() or ""


class _Bare:
    """Makes a filing out of a row, in the order in which loading makes one."""

    def __init__(self, filings: Filings, index: int) -> None:
        self.filings = filings
        self.words = filings.words
        self.index = index
        self.items: dict[str, tuple[str, Row]] = {}
        self.rows: dict[tuple[int, int], Row] = {}
        self.references: list[tuple[Row, int, Rows, int]] = []

    def filing(self) -> Filing:
        """The filing."""
        filings, words = self.filings, self.words
        row = self.blank(ROOT)
        for _ in filings.readings:
            row += [0, 0]  # the engine sets the readings
        self.items[""] = ROOT, row
        listed = [field for field in filings.fields if field.type == "list"]
        self.fill(filings, self.index, row, "", sorted(listed, key=lambda field: field.name in words.lists))
        for held, slot, target, place in self.references:
            if place < target.size:
                held[slot] = held[slot + 1] = self.rows[target.first, place]
        code, name = (filings.text_at(part, self.index) for part in ("issuer.code", "issuer.name"))
        return Filing(
            name="", words=words, row=row, facts={}, items=self.items, answers={}, assumed={}, documents={}, stated=(), ties=(), sha256="",
            as_of=None, code=code, issuer_name=name,
        )  # fmt: skip

    def blank(self, entity: str) -> Row:
        """A row of which nothing is known. A reference in it leads to another such row."""
        row = self.words.blank_row(entity)
        for field in self.words.entity(entity).fields.values():
            if field.type == "ref":
                row[field.slot] = self.words.blank_row(self.words.lists[field.of])
        return row

    def fill(self, rows: Rows, index: int, row: Row, prefix: str, listed: Iterable[Field]) -> None:
        """What a row states, its items among it."""
        rows.cells_at(index, row)
        for name, (target, leads) in rows.leads.items():
            self.references.append((row, rows.entity.fields[name].slot, target, int(leads[index])))
        for field in listed:
            items = rows.lists.get(field.name)
            if items is None or not items.stated[index]:
                continue
            first = int(items.begin[index])
            inner = items.rows
            lists = [part for part in inner.fields if part.type == "list"]
            found = []
            for number in range(first, first + int(items.counts[index])):
                path = f"{prefix}{field.name}[{inner.named[number]}]"
                new = self.blank(inner.entity.name)
                self.items[path] = inner.entity.name, new
                self.rows[inner.first, number] = new
                self.fill(inner, number, new, f"{path}.", lists)
                found.append(new)
            row[field.slot], row[field.slot + 1] = found, 0 if items.complete[index] else 1
