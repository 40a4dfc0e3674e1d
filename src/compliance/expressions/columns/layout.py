"""Filings as columns: low and high arrays for each fact, offsets for lists, one array where a fact is exact in the batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from compliance.expressions.columns.numbers import ZERO_POWER, zeros
from compliance.expressions.tree import Type
from compliance.quantities import BEYOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_PAST = BEYOND // 10**10  # a cell from here on says "no bound"
_EVEN = 8  # items of every row that are sooner taken one after another, each from all rows, than row by row
_SOME = 64  # numbers that mostly tell with how many zeros all end
_FEW = 4  # the same, of rows that have so many at most


@dataclass(slots=True)
class Column:
    """One fact of many rows. A number is its array times ``10**power``; ``finite`` is the greatest magnitude that is known.

    ``low is high`` where the fact is exact in every row. An end without bound is marked in ``below`` or ``above`` (None: there
    is no such row), and the array then holds 0. ``same`` is the one value that all rows share exactly. An enumeration also has
    its distinct ``values`` (the bits that are possible) and which of them each row holds (``codes``), as a Parquet dictionary.
    """

    low: Array
    high: Array
    power: int = 0
    finite: int = 0
    below: Array | None = None
    above: Array | None = None
    same: int | None = None
    codes: Array | None = None
    values: tuple[int, ...] = ()


class Segments:
    """How the items of a list are spread over its rows: where each row's begin, and how many the longest has.

    ``each`` is how many every row has, where that is one small number; who knows it beforehand says so.
    """

    def __init__(self, offsets: Array, each: int | None = None) -> None:
        self.offsets = offsets
        self.rows = len(offsets) - 1
        self.longest = int(self.counts.max(initial=0)) if each is None else each
        self.each = self.longest if 0 < self.longest <= _EVEN and self.longest * self.rows == int(offsets[-1]) else None

    @cached_property
    def counts(self) -> Array:
        """How many items each row has."""
        return self.offsets[1:] - self.offsets[:-1]

    @cached_property
    def full(self) -> Array:
        """The rows that have any."""
        return self.counts.nonzero()[0]

    @cached_property
    def begin(self) -> Array:
        """Where the items of those rows begin."""
        return self.offsets[:-1][self.full]

    @cached_property
    def sizes(self) -> Array:
        """How many they have."""
        return self.counts[self.full]

    @cached_property
    def later(self) -> list[Array]:
        """Where the second, third … item of those rows stands, the last once more for rows that have no more; if none has many."""
        import numpy as np

        if self.longest > _FEW:
            return []
        last = self.sizes - 1
        return [self.begin + np.minimum(last, place) for place in range(1, self.longest)]


@dataclass(slots=True)
class Listing:
    """A list of many rows: the items of all of them in one table, where each row's items begin, and which lists are open."""

    table: Table
    offsets: Array
    open: Array | None
    longest: int
    parents: Array
    shape: Segments | None = None

    def segments(self) -> Segments:
        """How the items are spread over the rows."""
        if self.shape is None:
            self.shape = Segments(self.offsets)
        return self.shape


class Source(Protocol):
    """Where rows of one entity come from that are no rows of cells: their facts by slot, made when first asked for."""

    def tokens(self) -> Array:
        """A number for each row: see ``Table.tokens``."""

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact."""

    def listing(self, slot: int) -> Listing:
        """The list that stands in a slot."""

    def reference(self, slot: int) -> tuple[Table, Array]:
        """The table that a reference leads to, and the row in it for each row of this one."""


@dataclass(slots=True, weakref_slot=True)
class Table:
    """Rows of one entity as columns, by slot. What is not there yet is read from ``rows``, or asked of ``source``."""

    size: int
    rows: Sequence[Sequence[Any]] | None = None
    source: Source | None = None
    columns: dict[int, Column] = field(default_factory=dict)
    lists: dict[int, Listing] = field(default_factory=dict)
    references: dict[int, tuple[Table, Array]] = field(default_factory=dict)
    _tokens: Array | None = None

    def tokens(self) -> Array:
        """A number for each row that tells it from all others; one row that stands in two tables has the same in both."""
        import numpy as np

        if self._tokens is None:
            if self.source is not None:
                self._tokens = self.source.tokens()
            elif self.rows is not None:
                self._tokens = np.array([id(row) for row in self.rows], dtype=np.int64)
            else:
                self._tokens = np.arange(self.size, dtype=np.int64)
        return self._tokens

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact."""
        if slot not in self.columns and self.source is not None:
            self.columns[slot] = self.source.column(slot, kind)
        elif slot not in self.columns:
            assert self.rows is not None
            lows, highs = [row[slot] for row in self.rows], [row[slot + 1] for row in self.rows]
            self.columns[slot] = column(lows, highs, kind)
        return self.columns[slot]

    def listing(self, slot: int) -> Listing:
        """The list that stands in a slot."""
        if slot not in self.lists and self.source is not None:
            self.lists[slot] = self.source.listing(slot)
        elif slot not in self.lists:
            assert self.rows is not None
            items = [item for row in self.rows for item in row[slot]]
            counts = [len(row[slot]) for row in self.rows]
            self.lists[slot] = listing(Table(len(items), items), counts, [bool(row[slot + 1]) for row in self.rows])
        return self.lists[slot]

    def reference(self, slot: int) -> tuple[Table, Array]:
        """The table that a reference leads to, and the row in it for each row of this one."""
        import numpy as np

        if slot not in self.references and self.source is not None:
            self.references[slot] = self.source.reference(slot)
        elif slot not in self.references:
            assert self.rows is not None
            places: dict[int, int] = {}
            targets: list[Sequence[Any]] = []
            index = []
            for row in self.rows:
                target = row[slot]
                if id(target) not in places:
                    places[id(target)] = len(targets)
                    targets.append(target)
                index.append(places[id(target)])
            self.references[slot] = Table(len(targets), targets), np.array(index, dtype=np.int64)
        return self.references[slot]


def column(lows: Sequence[int], highs: Sequence[int], kind: Type) -> Column:
    """A column from low and high cells; of an enumeration, from the bit if known (else 0) and the possible bits.

    Who knows that all cells are exact gives the same cells twice. Arrays are not to change afterwards.
    """
    import numpy as np

    if kind.kind == "enum":
        return member_column(np.array(lows, dtype=np.uint64), np.array(highs, dtype=np.uint64))
    if kind.kind == "truth":
        return truth_column(np.array(lows, dtype=bool), np.array(highs, dtype=bool))
    low, below = _end(lows)
    high, above = (low, below) if lows is highs else _end(highs)
    return number_column(low, high, below, above, kind.kind == "number")


def member_column(low: Array, bits: Array) -> Column:
    """A column of an enumeration from arrays of 64 bits: the bit if known (else 0) and the possible bits."""
    import numpy as np

    small = np.min_scalar_type(int(bits.max(initial=0)))
    narrow = bits.astype(small)
    found, codes = np.unique(bits, return_inverse=True)
    values = tuple(found.tolist())
    same = values[0] if len(values) == 1 else None
    return Column(narrow if np.array_equal(low, bits) else low.astype(small), narrow, same=same, codes=codes, values=values)


def truth_column(low: Array, high: Array) -> Column:
    """A column of a truth from what is proved and what is possible."""
    import numpy as np

    exact = np.array_equal(low, high)
    return Column(low, low if exact else high, same=_same(low) if exact else None)


def number_column(low: Array, high: Array, below: Array | None, above: Array | None, scaled: bool) -> Column:
    """A column of a number (``scaled``) or a day from arrays of 64 bits, which hold 0 where there is no end.

    A number is kept without the zeros that all of it ends with.
    """
    import numpy as np

    vague = below is not None or above is not None
    ends = (low,) if low is high else (low, high)
    power = _power(ends) if scaled else 0
    if 0 < power < ZERO_POWER:
        ends = tuple(end // 10**power for end in ends)
    finite = max(abs(int(end)) for part in ends for end in (part.min(initial=0), part.max(initial=0)))
    exact = not vague and (len(ends) == 1 or np.array_equal(*ends))
    low = ends[0]
    return Column(low, low if exact else ends[-1], power, finite, below, above, same=_same(low) if exact else None)


def _power(ends: Sequence[Array]) -> int:
    """With how many zeros all of some numbers end."""
    import numpy as np

    divisor = 0
    for end in ends:
        for part in (end[:_SOME], end[_SOME:]):
            divisor = int(np.gcd(divisor, np.gcd.reduce(part))) if part.size else divisor
            if divisor % 10:  # some have none: no need to look at the others
                return 0
    return zeros(divisor) if divisor else ZERO_POWER


def _end(cells: Sequence[int]) -> tuple[Array, Array | None]:
    """One end of a number in many rows, and where there is none."""
    import numpy as np

    try:
        return np.asarray(cells, dtype=np.int64), None
    except OverflowError:
        past = np.array([abs(cell) >= _PAST for cell in cells], dtype=bool)
        return np.array([0 if abs(cell) >= _PAST else cell for cell in cells], dtype=np.int64), past


def _same(values: Array) -> int | None:
    return int(values[0]) if values.size and (values == values[0]).all() else None


def listing(table: Table, counts: Sequence[int] | Array, is_open: Sequence[bool] | Array) -> Listing:
    """A list from how many items each row has and whether its list is not declared complete."""
    import numpy as np

    sizes = np.array(counts, dtype=np.int64)
    offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
    unlisted = np.array(is_open, dtype=bool)
    parents = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    return Listing(table, offsets, unlisted if unlisted.any() else None, int(sizes.max(initial=0)), parents)


def batch(rows: Sequence[Sequence[Any]]) -> Table:
    """Filings as a table whose columns are read from their rows when a rule first asks for them."""
    return Table(len(rows), rows)
