"""Evaluate a typed tree step by step: slower than the generated code, and able to say what an open value hangs on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product as combinations
from typing import Any

from compliance import dates
from compliance.expressions.linear import MAX_CORNERS, Difference, difference
from compliance.expressions.tree import LOOPS, Node, degree, free_items
from compliance.quantities import BEYOND

Row = Sequence[Any]
Range = tuple[Any, Any]
Address = tuple[list[Any], int]  # a row and the first of the two cells of a fact in it


class Evaluation:
    """The values of nodes on one filing: its row, the parameters in force, and the day ``on``.

    A number or a day is ``(lowest, highest)``; a truth ``(is proved, is possible)``; a member of an enumeration
    ``(the bit if known else 0, the bits it can be)``.
    """

    def __init__(self, row: Row, parameters: Mapping[str, int], on: tuple[int, int] = (dates.FIRST_DAY, dates.LAST_DAY)) -> None:
        self.row = row
        self.parameters = parameters
        self.on = on
        self._difference: dict[Node, Difference] = {}

    def value(self, node: Node, items: tuple[Row, ...] = ()) -> Range:
        """The range of a node; ``items`` are the rows that the loops around it stand on, outermost first."""
        found: Range = getattr(self, f"_{node.op}")(node, items)
        return found

    # Leaves

    def _const(self, node: Node, items: tuple[Row, ...]) -> Range:
        return node.value, node.value

    def _param(self, node: Node, items: tuple[Row, ...]) -> Range:
        value = self.parameters[node.value]
        return value, value

    def _day(self, node: Node, items: tuple[Row, ...]) -> Range:
        return self.on

    def rows_of(self, node: Node, items: tuple[Row, ...]) -> Row:
        """The row that a root, loop item or reference stands for."""
        if node.op == "root":
            return self.row
        if node.op == "item":
            item: Row = items[node.value - 1]
            return item
        owner: Row = self.rows_of(node.args[0], items)[node.value[2]]
        return owner

    def _field(self, node: Node, items: tuple[Row, ...]) -> Range:
        row, slot = self.rows_of(node.args[0], items), node.value[2]
        return row[slot], row[slot + 1]

    # Numbers

    def _at(self, node: Node, scale: int, items: tuple[Row, ...]) -> Range:
        low, high = self.value(node, items)
        factor = 10 ** (scale - node.type.scale) if node.type.kind == "number" else 1
        return low * factor, high * factor

    def _add(self, node: Node, items: tuple[Row, ...]) -> Range:
        parts = [self._at(arg, node.type.scale, items) for arg in node.args]
        return sum(low for low, _ in parts), sum(high for _, high in parts)

    def _neg(self, node: Node, items: tuple[Row, ...]) -> Range:
        low, high = self.value(node.args[0], items)
        return -high, -low

    def _mul(self, node: Node, items: tuple[Row, ...]) -> Range:
        return product(*self.value(node.args[0], items), *self.value(node.args[1], items))

    def _div(self, node: Node, items: tuple[Row, ...]) -> Range:
        a, b = node.args
        return quotient(*self.value(a, items), *self.value(b, items), 10**b.type.scale, 10**a.type.scale)

    def _greater(self, node: Node, items: tuple[Row, ...]) -> Range:
        parts = [self._at(arg, node.type.scale, items) for arg in node.args]
        return max(low for low, _ in parts), max(high for _, high in parts)

    def _lesser(self, node: Node, items: tuple[Row, ...]) -> Range:
        parts = [self._at(arg, node.type.scale, items) for arg in node.args]
        return min(low for low, _ in parts), min(high for _, high in parts)

    def _months(self, node: Node, items: tuple[Row, ...]) -> Range:
        day, count = self.value(node.args[0], items), self.value(node.args[1], items)
        return dates.add_months(day[0], count[0]), dates.add_months(day[1], count[1])

    def _period(self, node: Node, items: tuple[Row, ...]) -> Range:
        low, high = self.value(node.args[0], items)
        return dates.period_end(low, node.value), dates.period_end(high, node.value)

    def _session(self, node: Node, items: tuple[Row, ...]) -> Range:
        return dates.add_trading_days(*self.value(node.args[0], items), *self.value(node.args[1], items), node.value)

    # Truths

    def _in(self, node: Node, items: tuple[Row, ...]) -> Range:
        _, bits = self.value(node.args[0], items)
        return not bits & ~node.value, bool(bits & node.value)

    def _isin(self, node: Node, items: tuple[Row, ...]) -> Range:
        bits, members = self.value(node.args[0], items)[1], self.value(node.args[1], items)[1]
        return not bits & ~members, bool(bits & members)

    def _and(self, node: Node, items: tuple[Row, ...]) -> Range:
        parts = [self.value(arg, items) for arg in node.args]
        return all(low for low, _ in parts), all(high for _, high in parts)

    def _or(self, node: Node, items: tuple[Row, ...]) -> Range:
        parts = [self.value(arg, items) for arg in node.args]
        return any(low for low, _ in parts), any(high for _, high in parts)

    def _not(self, node: Node, items: tuple[Row, ...]) -> Range:
        low, high = self.value(node.args[0], items)
        return not high, not low

    def _cmp(self, node: Node, items: tuple[Row, ...]) -> Range:
        low, high = self.difference(node, items)
        return compared(node.value, low, high)

    def difference(self, node: Node, items: tuple[Row, ...] = ()) -> Range:
        """The range of ``left - right`` of a comparison, divided by its common factor (see ``linear``)."""
        form = self._difference.get(node)
        if form is None:
            form = self._difference[node] = difference(node.args[0], node.args[1])
        known = {atom: self.value(atom, items) for _, atoms in form.terms for atom in atoms}
        vague = [atom for atom in form.repeated if known[atom][0] != known[atom][1]]
        if not vague or form.squares or len(vague) > MAX_CORNERS:
            return _interval(form, known)
        lows, highs = [], []
        for corner in combinations((0, 1), repeat=len(vague)):
            placed = {atom: (known[atom][end], known[atom][end]) for atom, end in zip(vague, corner, strict=True)}
            low, high = _interval(form, {**known, **placed})
            lows.append(low)
            highs.append(high)
        return min(lows), max(highs)

    def _if(self, node: Node, items: tuple[Row, ...]) -> Range:
        test, then, otherwise = node.args
        sure, possible = self.value(test, items)
        if sure:
            return self._at(then, node.type.scale, items)
        if not possible:
            return self._at(otherwise, node.type.scale, items)
        a, b = self._at(then, node.type.scale, items), self._at(otherwise, node.type.scale, items)
        if node.type.kind == "truth":
            return a[0] and b[0], a[1] or b[1]
        return min(a[0], b[0]), max(a[1], b[1])

    # Loops

    def members(self, node: Node, items: tuple[Row, ...]) -> Iterator[tuple[tuple[Row, ...], bool]]:
        """The items that a loop may count, each with whether it surely does."""
        rows, _ = self.value(node.args[0], items)
        condition = node.args[2] if len(node.args) > 2 else None
        for row in rows:
            inner = (*items[: node.value - 1], row)
            if condition is None:
                yield inner, True
            else:
                sure, possible = self.value(condition, inner)
                if possible:
                    yield inner, bool(sure)

    def unlisted(self, node: Node, items: tuple[Row, ...]) -> bool:
        """Whether the loop's list may have items that the filing does not name."""
        return bool(self.value(node.args[0], items)[1])

    def _sum(self, node: Node, items: tuple[Row, ...]) -> Range:
        low, high = self.listed(node, items)
        if self.unlisted(node, items):
            high += beyond(node)
            low -= 0 if node.type.nonnegative else beyond(node)
        return low, high

    _count = _sum

    def listed(self, node: Node, items: tuple[Row, ...]) -> Range:
        """A sum over the items that the filing names."""
        low = high = 0
        for inner, sure in self.members(node, items):
            a, b = self.value(node.args[1], inner)
            low += a if sure or a < 0 else 0
            high += b if sure or b > 0 else 0
        return low, high

    def _closed(self, node: Node, items: tuple[Row, ...]) -> Range:
        total, stated, known = node.args
        low, high = self.listed(total, items)
        if self.unlisted(total, items):
            rest = self._at(stated, known.type.scale, items)[1] - self.listed(known, items)[0]
            high += node.value * max(0, rest)
        return low, high

    def _max(self, node: Node, items: tuple[Row, ...]) -> Range:
        least, most = extremes(node)
        low = high = least
        for inner, sure in self.members(node, items):
            a, b = self.value(node.args[1], inner)
            low = max(low, a) if sure else low
            high = max(high, b)
        return low, max(high, most) if self.unlisted(node, items) else high

    def _min(self, node: Node, items: tuple[Row, ...]) -> Range:
        least, most = extremes(node)
        low = high = most
        for inner, sure in self.members(node, items):
            a, b = self.value(node.args[1], inner)
            high = min(high, b) if sure else high
            low = min(low, a)
        return min(low, least) if self.unlisted(node, items) else low, high

    def _any(self, node: Node, items: tuple[Row, ...]) -> Range:
        found = [(sure and low, high) for inner, sure in self.members(node, items) for low, high in [self.value(node.args[1], inner)]]
        return any(low for low, _ in found), any(high for _, high in found) or self.unlisted(node, items)

    def _all(self, node: Node, items: tuple[Row, ...]) -> Range:
        found = [(low, not sure or high) for inner, sure in self.members(node, items) for low, high in [self.value(node.args[1], inner)]]
        return all(low for low, _ in found) and not self.unlisted(node, items), all(high for _, high in found)

    # What an open value hangs on

    def blame(self, node: Node, items: tuple[Row, ...] = ()) -> Iterator[Address]:
        """The facts that keep a node open, each as the row and slot it stands in; some may come more than once."""
        low, high = self.value(node, items)
        if node.op == "field" and node.type.kind != "list":
            yield from self._blame_row(node.args[0], items)
            if low != high:
                yield self.rows_of(node.args[0], items), node.value[2]  # type: ignore[misc]
            return
        if node.op in LOOPS:
            yield from self._blame_loop(node, items)
            return
        if node.type.kind in ("truth", "number", "date") and low == high:
            return
        if node.op == "if":
            sure, possible = self.value(node.args[0], items)
            if sure == possible:
                yield from self.blame(node.args[1] if sure else node.args[2], items)
                return
        for arg in node.args:
            yield from self.blame(arg, items)

    def _blame_row(self, row: Node, items: tuple[Row, ...]) -> Iterator[Address]:
        """A reference that leads nowhere known is to blame for all that would be read through it."""
        if row.op == "field":
            owner = self.rows_of(row.args[0], items)
            if owner[row.value[2] + 1] is None:
                yield owner, row.value[2]  # type: ignore[misc]

    def _blame_loop(self, node: Node, items: tuple[Row, ...]) -> Iterator[Address]:
        low, high = self.value(node, items)
        if low == high:
            return
        source = node.args[0]
        if self.unlisted(node, items):
            yield from self._blame_row(source.args[0], items)
            yield self.rows_of(source.args[0], items), source.value[2]  # type: ignore[misc]
        condition = node.args[2] if len(node.args) > 2 else None
        for inner, sure in self.members(node, items):
            if not sure and condition is not None:
                yield from self.blame(condition, inner)
            yield from self.blame(node.args[1], inner)


class Remembering(Evaluation):
    """An evaluation of a filing that nothing is put into meanwhile: a node is computed once for the rows that it refers to."""

    def __init__(self, row: Row, parameters: Mapping[str, int], on: tuple[int, int] = (dates.FIRST_DAY, dates.LAST_DAY)) -> None:
        super().__init__(row, parameters, on)
        self._known: dict[Any, Range] = {}

    def value(self, node: Node, items: tuple[Row, ...] = ()) -> Range:
        if not node.args or node.op == "field":
            return super().value(node, items)
        key = (node, *[id(items[depth - 1]) for depth in free_items(node)])
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = super().value(node, items)
        return found


def product(al: Any, ah: Any, bl: Any, bh: Any) -> Range:
    """The range of a product of two independent ranges."""
    corners = (al * bl, al * bh, ah * bl, ah * bh)
    return min(corners), max(corners)


def quotient(al: Any, ah: Any, bl: Any, bh: Any, numerator: int, denominator: int) -> Range:
    """The range of ``a / b`` as exact fractions, times ``numerator / denominator``; open unless b > 0 is proved."""
    if bl <= 0:
        return -(BEYOND**4), BEYOND**4
    corners = [Fraction(a * numerator, b * denominator) for a in (al, ah) for b in (bl, bh)]
    return min(corners), max(corners)


def compared(symbol: str, low: Any, high: Any) -> Range:
    """Whether a difference within ``low..high`` is proved, and whether it is possible, to stand so to zero."""
    if symbol == "<=":
        return high <= 0, low <= 0
    if symbol == "<":
        return high < 0, low < 0
    if symbol == ">=":
        return low >= 0, high >= 0
    if symbol == ">":
        return low > 0, high > 0
    if symbol == "==":
        return low == 0 == high, low <= 0 <= high
    return high < 0 or low > 0, not (low == 0 == high)


def extremes(node: Node) -> tuple[int, int]:
    """The least and greatest value of a node's kind: what a maximum or minimum over nothing is."""
    return (dates.FIRST_DAY, dates.LAST_DAY) if node.type.kind == "date" else (-beyond(node), beyond(node))


def beyond(node: Node) -> int:
    """What stands for "no bound" in what a loop computes: past every product of facts in it."""
    past: int = BEYOND ** max(1, degree(node))
    return past


def _interval(form: Difference, known: Mapping[Node, Range]) -> Range:
    low = high = 0
    for coefficient, atoms in form.terms:
        a, b = coefficient, coefficient
        for atom in atoms:
            a, b = product(a, b, *known[atom])
        low, high = low + a, high + b
    return low, high
