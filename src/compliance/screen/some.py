"""Some filings of a batch of columns as a batch of their own, whose columns are cut out of the others when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from compliance.engine import many
from compliance.engine.subject import Subject
from compliance.expressions import columns
from compliance.expressions.columns import Column, Listing, Table
from compliance.expressions.tree import Type
from compliance.screen.subjects import Subjects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


class Some(Subjects):
    """Some filings of others."""

    def __init__(self, made: Sequence[Subject], rows: Array) -> None:
        self.made = made
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def one(self, index: int) -> Subject:
        """The filing at a place."""
        return self.made[int(self.rows[index])]


class Part:
    """Some rows of a table, as a source of columns."""

    def __init__(self, table: Table, rows: Array) -> None:
        self.table = table
        self.rows = rows

    def tokens(self) -> Array:
        """A number for each row that no other row has."""
        found: Array = self.table.tokens()[self.rows]
        return found

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact."""
        return columns.part(self.table.column(slot, kind), self.rows)

    def listing(self, slot: int) -> Listing:
        """A list."""
        import numpy as np

        whole = self.table.listing(slot)
        begin = whole.offsets[self.rows]
        counts = whole.offsets[self.rows + 1] - begin
        items = np.arange(counts.sum()) + np.repeat(begin - np.cumsum(counts) + counts, counts)
        is_open = np.zeros(len(counts), dtype=bool) if whole.open is None else whole.open[self.rows]
        return columns.listing(table_of(whole.table, items), counts, is_open)

    def reference(self, slot: int) -> tuple[Table, Array]:
        """Where a reference leads."""
        table, index = self.table.reference(slot)
        return table, index[self.rows]


def table_of(table: Table, rows: Array) -> Table:
    """Some rows of a table as a table."""
    return Table(len(rows), source=Part(table, rows))


def some_of(batch: many.Batch, made: Sequence[Subject], rows: Array) -> tuple[many.Batch, Sequence[Subject]]:
    """Some filings of a batch of columns, each as it is there, and one by one."""
    assert isinstance(batch.columns, Table)
    some = Some(made, rows)
    alone = None if batch.alone is None else batch.alone[rows]
    as_of = batch.as_of[rows] if getattr(batch.as_of, "shape", None) else batch.as_of
    table = table_of(batch.columns, rows)
    found = many.of_table(batch.machine, table, as_of, some.__getitem__, lambda names: batch.vague(names)[rows], alone)
    found.ways, found.put = batch.ways, batch.put
    return found, some
