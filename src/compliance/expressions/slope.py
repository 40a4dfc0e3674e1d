"""Which way a formula moves on one filing as some of its facts move together: bounds on what one step changes.

``monotone`` reads the direction from the tree alone and for one field. Here several facts move at once, each by so much a
step, and the other facts are known: what a step changes is bounded by the rules of differences, in ranges. The cells that
move have to hold everything that they take on the way, so that the bounds hold for every step of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from compliance import dates
from compliance.expressions.formula import Formula
from compliance.expressions.interpret import Range, Remembering, Row, product
from compliance.expressions.monotone import DOWN, STILL, UP
from compliance.expressions.tree import Node

ANY = 10**400  # stands for "by any amount": past every product of facts
NONE: Range = (0, 0)
BOTH: Range = (-ANY, ANY)


class Slope(Remembering):
    """What one step changes at most and at least, node by node.

    ``moving`` holds by row id and slot what a step adds to a cell, ``day`` what it adds to ``on``. Of a truth only the signs
    count: it may become false where the lower end is negative, and true where the upper is positive.
    """

    def __init__(
        self,
        row: Row,
        parameters: Mapping[str, int],
        moving: Mapping[tuple[int, int], Range],
        blank: Callable[[str], Row],
        on: Range = (dates.FIRST_DAY, dates.LAST_DAY),
        day: Range = NONE,
    ) -> None:
        super().__init__(row, parameters, on)
        self.moving = moving
        self.blank = blank
        self.day = day
        self._slots = frozenset(slot for _, slot in moving)
        self._blanks: dict[str, Row] = {}

    def rows_of(self, node: Node, items: tuple[Row, ...]) -> Row:
        """As on a filing; an item that is not named refers to one of which nothing is known."""
        row: Row | None = super().rows_of(node, items)
        return row if row is not None else self._unknown(node.type.of)

    def _unknown(self, entity: str) -> Row:
        """A row of an entity of which nothing is known, always the same one."""
        if entity not in self._blanks:
            self._blanks[entity] = self.blank(entity)
        return self._blanks[entity]

    def of(self, node: Node, items: tuple[Row, ...] = ()) -> Range:
        """The bounds of what a step changes of a node, at the node's scale; ``items`` as in ``value``."""
        if self._slots.isdisjoint(slots_of(node)) and (self.day == NONE or not holds_day(node)):
            return NONE
        if node.type.kind in ("number", "date", "truth"):
            low, high = self.value(node, items)
            if low == high and node.op != "field":
                return NONE  # the same on the whole way
        step = getattr(self, f"_step_{node.op}", self._step_still)
        found: Range = step(node, items)
        return found

    def _step_still(self, node: Node, items: tuple[Row, ...]) -> Range:
        """What has no rule of its own stands still where its parts do."""
        return NONE if all(self.of(arg, items) == NONE for arg in node.args) else BOTH

    def _step_field(self, node: Node, items: tuple[Row, ...]) -> Range:
        row = self.rows_of(node.args[0], items)
        return self.moving.get((id(row), node.value[2]), NONE)

    def _step_day(self, node: Node, items: tuple[Row, ...]) -> Range:
        return self.day

    # Numbers and days

    def _scaled(self, node: Node, scale: int, items: tuple[Row, ...]) -> Range:
        low, high = self.of(node, items)
        factor = 10 ** (scale - node.type.scale) if node.type.kind == "number" else 1
        return low * factor, high * factor

    def _step_add(self, node: Node, items: tuple[Row, ...]) -> Range:
        return total(self._scaled(arg, node.type.scale, items) for arg in node.args)

    def _step_neg(self, node: Node, items: tuple[Row, ...]) -> Range:
        return turned(self.of(node.args[0], items))

    def _step_mul(self, node: Node, items: tuple[Row, ...]) -> Range:
        """(a + da)(b + db) - ab = da (b + db) + a db."""
        a, b = node.args
        first = product(*self.of(a, items), *self.value(b, items))
        second = product(*self.value(a, items), *self.of(b, items))
        return total((first, second))

    def _step_div(self, node: Node, items: tuple[Row, ...]) -> Range:
        """The sign of da b - a db, where b is proved positive."""
        a, b = node.args
        if self.value(b, items)[0] <= 0:
            return BOTH
        first = product(*self.of(a, items), *self.value(b, items))
        second = product(*self.value(a, items), *self.of(b, items))
        return signs(total((first, turned(second))))

    def _step_greater(self, node: Node, items: tuple[Row, ...]) -> Range:
        return hull(self._scaled(arg, node.type.scale, items) for arg in node.args)

    _step_lesser = _step_greater

    def _step_months(self, node: Node, items: tuple[Row, ...]) -> Range:
        """A day that is counted on from another moves with it and with the count, by how much the calendar says."""
        return signs(hull(self.of(arg, items) for arg in node.args))

    _step_period = _step_session = _step_months

    def _step_if(self, node: Node, items: tuple[Row, ...]) -> Range:
        test, then, otherwise = node.args
        if self.of(test, items) != NONE:
            return BOTH
        sure, possible = self.value(test, items)
        branches = [then] if sure else [then, otherwise] if possible else [otherwise]
        return hull(self._scaled(branch, node.type.scale, items) for branch in branches)

    # Truths

    def _step_cmp(self, node: Node, items: tuple[Row, ...]) -> Range:
        left, right = node.args
        scale = max(left.type.scale, right.type.scale)
        change = signs(total((self._scaled(left, scale, items), turned(self._scaled(right, scale, items)))))
        if change == NONE:
            return NONE
        if node.value in ("<", "<="):
            return turned(change)
        return change if node.value in (">", ">=") else BOTH

    def _step_and(self, node: Node, items: tuple[Row, ...]) -> Range:
        return hull(self.of(arg, items) for arg in node.args)

    _step_or = _step_and

    def _step_not(self, node: Node, items: tuple[Row, ...]) -> Range:
        return turned(self.of(node.args[0], items))

    # Loops

    def _step_sum(self, node: Node, items: tuple[Row, ...]) -> Range:
        """What each item adds; one that begins or ceases to count changes the sum by its whole part."""
        found = []
        for inner, sure, counts in self._items(node, items):
            low, high = self.of(node.args[1], inner)
            part = (low, high) if sure else (min(low, 0), max(high, 0))
            least, most = self.value(node.args[1], inner)
            jump = product(*counts, min(least, 0), max(most, 0)) if counts != NONE else NONE
            found.append(total((part, signs(jump))))
        if self.unlisted(node, items):
            found.append(signs(self._unnamed(node, items)))
        return total(found)

    _step_count = _step_sum

    def _step_closed(self, node: Node, items: tuple[Row, ...]) -> Range:
        listed, stated, known = node.args
        if self.unlisted(listed, items) and (self.of(stated, items) != NONE or self.of(known, items) != NONE):
            return BOTH
        return self.of(listed, items)

    def _step_max(self, node: Node, items: tuple[Row, ...]) -> Range:
        return self._extreme(node, items, raises=True)

    def _step_min(self, node: Node, items: tuple[Row, ...]) -> Range:
        return self._extreme(node, items, raises=False)

    _step_any, _step_all = _step_max, _step_min

    def _extreme(self, node: Node, items: tuple[Row, ...], raises: bool) -> Range:
        """A greatest or least moves within what its items move; an item that begins to count can only raise or only lower it."""
        found = [NONE]
        for inner, sure, counts in self._items(node, items):
            low, high = self.of(node.args[1], inner)
            found.append((low, high) if sure else (min(low, 0), max(high, 0)))
            if counts != NONE:
                found.append(signs(counts) if raises else turned(signs(counts)))
        if self.unlisted(node, items):
            found.append(signs(self._unnamed(node, items)))
        return hull(found)

    def _items(self, node: Node, items: tuple[Row, ...]) -> Iterable[tuple[tuple[Row, ...], bool, Range]]:
        """The items that may count, whether they surely do, and how that changes with a step."""
        condition = node.args[2] if len(node.args) > 2 else None
        for inner, sure in self.members(node, items):
            yield inner, sure, self.of(condition, inner) if condition is not None else NONE

    def _unnamed(self, node: Node, items: tuple[Row, ...]) -> Range:
        """How an item that the filing does not name would move: it may read what moves outside it."""
        inner = (*items[: node.value - 1], self._unknown(node.args[0].type.of))
        ways = [self.of(part, inner) for part in node.args[1:]]
        return NONE if all(way == NONE for way in ways) else BOTH


@lru_cache(maxsize=100_000)
def slots_of(node: Node) -> frozenset[int]:
    """The slots that a node reads, of whatever entity."""
    return frozenset(part.value[2] for part in node.walk() if part.op == "field")


@lru_cache(maxsize=100_000)
def holds_day(node: Node) -> bool:
    """Whether a node reads the day that a window is held against."""
    return any(part.op == "day" for part in node.walk())


@lru_cache(maxsize=100_000)
def fixed(node: Node) -> bool:
    """Whether a node hangs on facts alone, on no day and no dated parameter."""
    return not any(part.op in ("day", "param") for part in node.walk())


def total(parts: Iterable[Range]) -> Range:
    """The sum of ranges."""
    found = list(parts)
    return sum(low for low, _ in found), sum(high for _, high in found)


def hull(parts: Iterable[Range]) -> Range:
    """The range that holds all of the ranges."""
    found = list(parts)
    return min(low for low, _ in found), max(high for _, high in found)


def turned(change: Range) -> Range:
    """A range with its sign changed."""
    return -change[1], -change[0]


def signs(change: Range) -> Range:
    """Whether a change may go down and up, by any amount."""
    return (-ANY if change[0] < 0 else 0), (ANY if change[1] > 0 else 0)


def course(formula: Formula, slope: Slope) -> int | None:
    """Which way a rule moves with a step: ``UP`` towards being met (or not applying), ``DOWN``, ``STILL``; None: not known.

    A clause whose condition moves has no direction; clauses that are surely not in force say nothing.
    """
    found = [turned(slope.of(formula.applies))] if formula.applies is not None else []
    whens = [slope.value(clause.when) if clause.when is not None else (False, False) for clause in formula.clauses]
    sure = any(low for low, _ in whens)
    for number, clause in enumerate(formula.clauses):
        if clause.when is not None and slope.of(clause.when) != NONE:
            return None
        if whens[number][1] or (not number and not sure):
            found.append(slope.of(clause.require))
    low, high = hull(found)
    if low < 0 and high > 0:
        return None
    return DOWN if low < 0 else UP if high > 0 else STILL
