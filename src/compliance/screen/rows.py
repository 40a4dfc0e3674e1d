"""Rows of one entity as a source of columns: facts as cells, lists with the rows of their items, and where references lead."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

from compliance.expressions import columns
from compliance.expressions.columns import Column, Listing, Table
from compliance.expressions.tree import Type
from compliance.facts.filing import Row
from compliance.screen.cells import Cells, spread, unknown
from compliance.vocabulary import Entity, Field, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Names = frozenset[tuple[str, str]]


class Items(NamedTuple):
    """A list of many rows: the items of all of them, where those of each begin and how many they are.

    ``stated`` are the lists that are stated, ``complete`` those that are declared complete.
    """

    rows: Rows
    begin: Array
    counts: Array
    stated: Array
    complete: Array


class Rows:
    """Rows of one entity, as a source of columns: its facts, lists and references by name, as far as any row states them.

    ``filing`` is the number of the filing that each row belongs to; ``keys`` are the keys of items. A reference of a row is the
    row that it leads to, or the number of all rows where it leads nowhere. ``first`` tells the rows from all others of a block.
    """

    def __init__(self, words: Vocabulary, entity: Entity, filing: Array, first: int = 0) -> None:
        self.words = words
        self.entity = entity
        self.filing = filing
        self.first = first
        self.size = len(filing)
        self.fields: tuple[Field, ...] = tuple(entity.fields.values())
        self.facts: dict[str, Cells] = {}
        self.few: dict[str, tuple[Array, Cells]] = {}  # facts that few rows state: which ones, and the cells of these
        self.texts: dict[str, Any] = {}
        self.lists: dict[str, Items] = {}
        self.leads: dict[str, tuple[Rows, Array]] = {}
        self.keys: Any = None
        self._tables: dict[bool, ref[Table]] = {}

    @property
    def table(self) -> Table:
        """The rows as a table of the columns form."""
        return self._table(False)

    @property
    def ended(self) -> Table:
        """The same with one more row, of which nothing is known: where references lead that lead nowhere."""
        return self._table(True)

    def _table(self, ended: bool) -> Table:
        """One table as long as anybody holds it: rows that held theirs would outlive the block, for a table knows its rows."""
        held = self._tables.get(ended)
        found = None if held is None else held()
        if found is None:
            found = Table(self.size + 1, source=_Ended(self)) if ended else Table(self.size, source=self)
            self._tables[ended] = ref(found)
        return found

    def cells(self, field: Field) -> Cells:
        """The cells of a fact."""
        found = self.facts.get(field.name)
        if found is None:
            found = unknown(field, self.words, self.size)
            if field.name in self.few:
                found = self.facts[field.name] = spread(found, *self.few[field.name])
        return found

    def items(self, field: Field) -> Items:
        """The items of a list."""
        import numpy as np

        found = self.lists.get(field.name)
        if found is None:
            no, none = np.zeros(self.size, dtype=bool), np.zeros(self.size, dtype=np.int64)
            found = self.lists[field.name] = Items(self.of(field.of), none, none, no, no)
        return found

    def lead(self, field: Field) -> tuple[Rows, Array]:
        """The rows that a reference leads to, and which of them."""
        import numpy as np

        found = self.leads.get(field.name)
        if found is None:
            found = self.leads[field.name] = self.of(self.words.lists[field.of]), np.zeros(self.size, dtype=np.int64)
        return found

    def of(self, entity: str) -> Rows:
        """No rows of an entity."""
        return Rows(self.words, self.words.entities[entity], self.filing[:0])

    def stated(self, name: str) -> Array:
        """The rows that state a fact or a list."""
        import numpy as np

        held = self.facts.get(name) or self.lists.get(name)
        if held is not None:
            return held.stated
        found = np.zeros(self.size, dtype=bool)
        if name in self.few:
            found[self.few[name][0]] = True
        return found

    # As a source of columns

    def tokens(self) -> Array:
        """A number for each row that no other row has."""
        import numpy as np

        return np.arange(self.first, self.first + self.size, dtype=np.int64)

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact."""
        return _column(self.cells(self.fields[slot // 2]), kind)

    def listing(self, slot: int) -> Listing:
        """A list."""
        items = self.items(self.fields[slot // 2])
        return columns.listing(items.rows.table, items.counts, ~items.complete)

    def reference(self, slot: int) -> tuple[Table, Array]:
        """Where a reference leads."""
        return _led(*self.lead(self.fields[slot // 2]))

    # As rows of cells

    @cached_property
    def named(self) -> list[str]:
        """The key of each item."""
        found: list[str] = self.keys.to_pylist()
        return found

    def cells_at(self, index: int, row: Row) -> Row:
        """Put what a row states of facts into a row of cells of which nothing is known."""
        for name in {**self.few, **self.facts}:
            field = self.entity.fields[name]
            at, held = index, self.facts.get(name)
            if held is None:
                there, held = self.few[name]
                at = int(there.searchsorted(index))
                if at == len(there) or there[at] != index:
                    continue
            if held.low is None or not held.stated[at]:
                continue
            if held.below is None or not held.below[at]:
                row[field.slot] = int(held.low[at])
            if held.above is None or not held.above[at]:
                row[field.slot + 1] = int(held.high[at])
        return row

    # What is vague

    def vague(self, names: Names) -> Iterator[Array]:
        """The filings, by their numbers, in which any of some fields of these rows or of the items in them is vague."""
        for field in self.fields:
            asked = (field.entity, field.name) in names
            if field.type == "list":
                items = self.items(field)
                if asked:
                    yield self.filing[~items.complete]
                yield from items.rows.vague(names)
            elif field.type == "ref":
                target, index = self.lead(field)
                if asked or any(entity == target.entity.name for entity, _ in names):
                    yield self.filing[index == target.size]
            elif asked and field.type not in ("text", "code"):
                yield self.filing[_open(self.cells(field))]


class _Ended:
    """Rows with one more, of which nothing is known."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def tokens(self) -> Array:
        import numpy as np

        return np.append(self.rows.tokens(), -1)

    def column(self, slot: int, kind: Type) -> Column:
        import numpy as np

        field = self.rows.fields[slot // 2]
        known, more = self.rows.cells(field), unknown(field, self.rows.words, 1)
        no = np.zeros(self.rows.size, dtype=bool)
        below, above = (
            None if a is None and b is None else np.append(no if a is None else a, False if b is None else b)
            for a, b in ((known.below, more.below), (known.above, more.above))
        )
        return _column(Cells(np.append(known.low, more.low), np.append(known.high, more.high), below, above, no, no), kind)

    def listing(self, slot: int) -> Listing:
        import numpy as np

        items = self.rows.items(self.rows.fields[slot // 2])
        return columns.listing(items.rows.table, np.append(items.counts, 0), np.append(~items.complete, True))

    def reference(self, slot: int) -> tuple[Table, Array]:
        import numpy as np

        target, index = self.rows.lead(self.rows.fields[slot // 2])
        return _led(target, np.append(index, target.size))


def _led(target: Rows, index: Array) -> tuple[Table, Array]:
    return (target.ended if (index == target.size).any() else target.table), index


def _column(cells: Cells, kind: Type) -> Column:
    if kind.kind == "enum":
        return columns.member_column(cells.low, cells.high)
    if kind.kind == "truth":
        return columns.truth_column(cells.low, cells.high)
    return columns.number_column(cells.low, cells.high, cells.below, cells.above, kind.kind == "number")


def _open(cells: Cells) -> Array:
    found: Array = cells.low != cells.high
    for mask in (cells.below, cells.above):
        found = found if mask is None else found | mask
    return found
