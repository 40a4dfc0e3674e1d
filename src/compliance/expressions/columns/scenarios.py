"""Filings of which scenarios change some cells: what is untouched stays as it was, and is computed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.expressions.columns.layout import Column, Table
from compliance.expressions.columns.trees import told_of
from compliance.expressions.tree import Node, names_of
from compliance.vocabulary import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]


OWN = (ROOT, "reading")  # what stands in a filing's own row, of which there is one


class Cells(NamedTuple):
    """What stands in a fact's cells instead: for each change its scenario, the row that it is made in, and the column of both ends.

    Of a list the column tells whether it is open; its items stay.
    """

    scenario: Array
    token: Array  # see ``Table.tokens``
    column: Column


@dataclass(slots=True)
class Scenarios:
    """Scenarios of a table's filings: ``of`` is the filing that each is of, ``cells`` what is changed, by (entity, field)."""

    table: Table
    of: Array
    cells: Mapping[tuple[str, str], Cells]
    _own: dict[tuple[str, str], Array | None] = field(default_factory=dict)
    _keys: dict[tuple[str, str], tuple[Array, Array, Array]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.of)

    def touch(self, node: Node, moving: bool) -> bool:
        """Whether a node may differ between the scenarios of a filing; ``moving``: the day ``on`` does."""
        return (moving and told_of(node)[2]) or not names_of(node).isdisjoint(self.cells)

    def column(self, node: Node, table: Table, index: Array, numbers: Array) -> Column:
        """A field for some rows of a table, each in its scenario."""
        name = node.value[:2]
        over = self.cells[name].column
        if name[0] in OWN and self.own(name) is None:  # another in each scenario
            return over if len(numbers) == self.size else part(over, numbers)
        hit, at = self.changed(name, table.tokens()[index], numbers)
        known = table.column(node.value[2], node.type)
        if len(hit) == len(index):
            return part(over, at)
        return merged(part(known, index), over, hit, at, node.type.kind) if len(hit) else part(known, index)

    def changed(self, name: tuple[str, str], tokens: Array, numbers: Array) -> tuple[Array, Array]:
        """Of rows, each with its token and scenario, those that are changed, and where each stands among the changes."""
        import numpy as np

        if name[0] in OWN:
            own = self.own(name)
            at = numbers if own is None else own[numbers]
            hit = (at >= 0).nonzero()[0]
            return hit, at[hit]
        rows, keys, order = self.keys(name)
        rank = np.searchsorted(rows, tokens)
        rank[rank == len(rows)] = 0
        key = numbers * len(rows) + rank
        at = np.searchsorted(keys, key)
        at[at == len(keys)] = 0
        hit = ((rows[rank] == tokens) & (keys[at] == key)).nonzero()[0]
        return hit, order[at[hit]]

    def own(self, name: tuple[str, str]) -> Array | None:
        """For each scenario the change of a fact of the filing itself, -1 where there is none; None where each has its own in order."""
        import numpy as np

        if name not in self._own:
            scenario = self.cells[name].scenario
            places = np.arange(len(scenario))
            found = None
            if len(scenario) != self.size or not np.array_equal(scenario, places):
                found = np.full(self.size, -1, dtype=np.int64)
                found[scenario[::-1]] = places[::-1]
            self._own[name] = found
        return self._own[name]

    def keys(self, name: tuple[str, str]) -> tuple[Array, Array, Array]:
        """The changes of a fact by scenario and row: the rows' tokens, the keys in order, and the change at each."""
        import numpy as np

        if name not in self._keys:
            cells = self.cells[name]
            rows, rank = np.unique(cells.token, return_inverse=True)
            keys = cells.scenario * len(rows) + rank
            order = np.argsort(keys, kind="stable")
            self._keys[name] = rows, keys[order], order
        return self._keys[name]


def varied(batch: Table | Scenarios, of: Array, cells: Mapping[tuple[str, str], Cells]) -> Scenarios:
    """Scenarios of filings, or of scenarios: ``of`` is the one that each is of, ``cells`` what is changed beyond that."""
    import numpy as np

    if isinstance(batch, Table):
        return Scenarios(batch, of, cells)
    found = dict(cells)
    for name, held in batch.cells.items():
        order = np.argsort(held.scenario, kind="stable")
        begin, end = (np.searchsorted(held.scenario[order], of, side=side) for side in ("left", "right"))
        scenario = np.repeat(np.arange(len(of)), end - begin)
        if not len(scenario):
            continue
        before = np.cumsum(end - begin) - (end - begin)
        old = order[np.arange(len(scenario)) - np.repeat(before - begin, end - begin)]
        kept = Cells(scenario, held.token[old], part(held.column, old))
        # Of two changes of one cell the first counts.
        found[name] = joined(cells[name], kept) if name in cells else kept
    return Scenarios(batch.table, batch.of[of], found)


def joined(first: Cells, second: Cells) -> Cells:
    """The changes of one fact together."""
    import numpy as np

    if not len(first.scenario) or not len(second.scenario):
        return first if len(first.scenario) else second
    count, more = len(first.scenario), len(second.scenario)
    kind = "enum" if first.column.codes is not None else "truth" if first.column.low.dtype == bool else "number"
    wide = part(first.column, np.concatenate((np.arange(count), np.zeros(more, dtype=np.int64))))
    column = merged(wide, second.column, np.arange(count, count + more), np.arange(more), kind)
    scenario, token = np.concatenate((first.scenario, second.scenario)), np.concatenate((first.token, second.token))
    return Cells(scenario, token, column)


def part(whole: Column, rows: Array) -> Column:
    """A column for some of its rows."""
    low = whole.low[rows]
    high = low if whole.low is whole.high else whole.high[rows]
    below, above, codes = (None if values is None else values[rows] for values in (whole.below, whole.above, whole.codes))
    return Column(low, high, whole.power, whole.finite, below, above, whole.same, codes, whole.values)


def merged(known: Column, over: Column, hit: Array, at: Array, kind: str) -> Column:
    """A column with other cells in some rows: ``hit`` are these rows, ``at`` the places in ``over`` of what stands there instead."""
    import numpy as np

    power = min((each.power for each in (known, over) if each.finite), default=0)

    def factor(each: Column) -> int:
        return int(10 ** (each.power - power)) if each.finite else 1

    def joined(a: Any, b: Any, dtype: Any) -> Any:
        found = np.array(a, dtype=dtype)
        found[hit] = np.asarray(b, dtype=dtype)[at]
        return found

    if kind == "enum":
        wide = np.promote_types(known.high.dtype, over.high.dtype)
        high = joined(known.high, over.high, wide)
        low = high if known.low is known.high and over.low is over.high else joined(known.low, over.low, wide)
        values, codes = np.unique(high, return_inverse=True)
        return Column(low, high, codes=codes, values=tuple(values.tolist()))
    exact = known.low is known.high and over.low is over.high
    if kind == "truth":
        low = joined(known.low, over.low, bool)
        return Column(low, low if exact else joined(known.high, over.high, bool))
    low = joined(known.low * factor(known), over.low * factor(over), np.int64)
    high = low if exact else joined(known.high * factor(known), over.high * factor(over), np.int64)
    masks: list[Array | None] = []
    for a, b in ((known.below, over.below), (known.above, over.above)):
        mask = np.zeros(len(low), dtype=bool) if a is None else a.copy()
        mask[hit] = False if b is None else b[at]
        masks.append(mask if mask.any() else None)
    finite = max(each.finite * factor(each) for each in (known, over))
    return Column(low, high, power, finite, masks[0], masks[1])
