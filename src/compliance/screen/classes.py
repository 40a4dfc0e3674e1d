"""Filings that are alike in all that a rule hangs on: the first of each class is decided, and the others are as it is.

Which facts a rule hangs on is read from its typed tree. Each fact of a block, and each list, is given a number for every state
that it has there, once for all rules; filings of the same numbers are of one class. Nothing is left to chance: the numbers are
places in a dictionary, not hashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine.machine import Machine
from compliance.packs.book import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.screen.blocks import Filings, Items, Rows
    from compliance.screen.cells import Cells
    from compliance.vocabulary import Field

    Array = NDArray[Any]

Names = frozenset[tuple[str, str]]
MOST = 1 << 62  # what no number of a state may reach


class Codes(NamedTuple):
    """For each row the number of its state, below ``width``."""

    values: Array
    width: int


class Division(NamedTuple):
    """The filings of a block by classes: the place of the first of each, and the class of each filing."""

    first: Array
    of: Array


class Classes:
    """Divides the filings of a block into classes, rule by rule. Those of ``alone`` (by their places) are each a class of their own."""

    def __init__(self, machine: Machine, filings: Filings, alone: Sequence[int]) -> None:
        self.machine = machine
        self.filings = filings
        self.alone = alone
        self._known: dict[Names, Division] = {}
        self._facts: dict[tuple[int, int, str], Codes | None] = {}  # by the first of the rows, how many they are, and the field

    def of(self, rule: Rule) -> Division:
        """The classes of a rule: filings of one class have the same finding."""
        names = hung_on(self.machine, rule)
        found = self._known.get(names)
        if found is None:
            found = self._known[names] = self._divided(names)
        return found

    def _divided(self, names: Names) -> Division:
        import numpy as np

        codes = self._of_rows(self.filings, names) or Codes(np.zeros(self.filings.size, dtype=np.int64), 1)
        if self.alone:
            values = codes.values.copy()
            values[list(self.alone)] = codes.width + np.arange(len(self.alone))
            codes = Codes(values, codes.width + len(self.alone))
        of, width = numbered(codes.values)
        first = np.empty(width, dtype=np.int64)
        first[of[::-1]] = np.arange(len(of))[::-1]
        return Division(first, of)

    def _of_rows(self, rows: Rows, names: Names) -> Codes | None:
        """The states of rows in some fields, those of their lists among them; None where they all are in one."""
        found = None
        for codes in self._parts(rows, names):
            if found is None:
                found = codes
                continue
            if found.width * codes.width >= MOST:
                found = Codes(*numbered(found.values))
            found = Codes(found.values * codes.width + codes.values, found.width * codes.width)
        return found

    def _parts(self, rows: Rows, names: Names) -> Iterator[Codes]:
        for field in rows.fields:
            asked = (field.entity, field.name) in names
            if field.type == "list":
                yield from self._of_list(rows.lists.get(field.name), names, asked)
            elif field.type == "ref":
                yield from self._of_lead(rows, field, names, asked)
            elif asked and (codes := self._fact(rows, field)) is not None:
                yield codes

    def _of_list(self, items: Items | None, names: Names, asked: bool) -> Iterator[Codes]:
        """The states of a list: its items in their order, as far as a rule reads them, and whether it is complete."""
        if items is None:
            return
        inner = self._of_rows(items.rows, names)
        if inner is not None:
            yield sequences(inner, items.counts)
        elif asked and (counts := states(items.counts)) is not None:
            yield counts
        if asked and (complete := states(items.complete)) is not None:
            yield complete

    def _of_lead(self, rows: Rows, field: Field, names: Names, asked: bool) -> Iterator[Codes]:
        """The states of a reference: the place of the item that it leads to among those of its filing, 0 where it leads nowhere."""
        import numpy as np

        if field.name not in rows.leads:
            return
        target, index = rows.leads[field.name]
        if asked or any(entity == target.entity.name for entity, _ in names):
            place = 1 + index - np.searchsorted(target.filing, rows.filing)
            if (codes := states(np.where(index == target.size, 0, place))) is not None:
                yield codes

    def _fact(self, rows: Rows, field: Field) -> Codes | None:
        key = rows.first, rows.size, f"{field.entity}.{field.name}"
        if key not in self._facts:
            self._facts[key] = fact(rows, field)
        return self._facts[key]


def hung_on(machine: Machine, rule: Rule) -> Names:
    """The fields that a rule's verdict and measures hang on, and those that its questions do."""
    ready = machine.ready(rule)
    names, conditions = ready.asks
    return names.union(machine.steps.names(ready.mask | conditions))


# States as numbers


def fact(rows: Rows, field: Field) -> Codes | None:
    """The states of a fact in some rows; None where they all are in one."""
    import numpy as np

    held = rows.facts.get(field.name)
    if held is not None:
        return of_cells(held)
    if field.name not in rows.few:
        return None
    there, cells = rows.few[field.name]
    values = np.zeros(rows.size, dtype=np.int64)
    codes = of_cells(cells)
    values[there] = 1 if codes is None else 1 + codes.values
    return Codes(values, 2 if codes is None else 1 + codes.width)


def of_cells(cells: Cells) -> Codes | None:
    """The states of cells; None where they all are in one."""
    found = None
    for part in (cells.low, None if cells.high is cells.low else cells.high, cells.below, cells.above):
        codes = None if part is None else states(part)
        if found is not None and codes is not None:
            found = Codes(*numbered(found.values * codes.width + codes.values))
        else:
            found = found or codes
    return found


def states(values: Array) -> Codes | None:
    """The states of an array; None where all of it is the same."""
    import numpy as np

    if not len(values) or (values == values[0]).all():
        return None
    return Codes(values.astype(np.int64), 2) if values.dtype == bool else Codes(*numbered(values))


def numbered(values: Array) -> tuple[Array, int]:
    """The numbers of an array's distinct values in the order in which they first stand, and how many there are."""
    import numpy as np
    import pyarrow as pa

    coded = pa.array(values).dictionary_encode()
    return coded.indices.to_numpy().astype(np.int64), len(coded.dictionary)


def sequences(codes: Codes, counts: Array) -> Codes:
    """The states of lists, of which each has so many items with these states."""
    import numpy as np
    import pyarrow as pa

    ends = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(counts))) * codes.values.itemsize
    texts = pa.Array.from_buffers(pa.large_binary(), len(counts), [None, pa.py_buffer(ends), pa.py_buffer(codes.values)])
    coded = texts.dictionary_encode()
    return Codes(coded.indices.to_numpy().astype(np.int64), len(coded.dictionary))
