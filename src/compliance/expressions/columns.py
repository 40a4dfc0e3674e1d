"""The columns form: many filings at once, over numpy, from the same typed tree and with the same verdicts as the scalar form.

A batch holds every fact as one array over its filings (or over the items of all their lists, with offsets), low and high
ends apart, one array where all filings know the fact exactly, and one number where it is the same in all of them. Whole
numbers are 64 bits wide: beside each array goes what none of its numbers can pass, computed in exact integers before the
array is; a filing in which a number could pass 64 bits is left to the scalar form. What a branch reads is computed, and
bounded, for the rows that may take it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import product as combinations
from typing import TYPE_CHECKING, Any

from compliance import dates
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Clause, Formula, conjuncts, needs_statements
from compliance.expressions.linear import MAX_CORNERS, Difference, difference
from compliance.expressions.tree import Node, Type, free_items
from compliance.quantities import BEYOND

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

LIMIT = 1 << 62  # what no number may reach in 64 bits, with room for a sign and one addition
_PAST = BEYOND // 10**10  # a cell from here on says "no bound"
_CALENDAR = 200_000  # months: more than the calendar has
_ZERO_POWER = 99  # zero is a multiple of any power of ten
MAX_BRANCHES = 60  # bits of one word
ROUNDING = 1 - 2**-30  # what a product or sum of floats may be below the exact one, and far more
_ASK = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_LOOPS = ("sum", "count", "min", "max", "any", "all")


@lru_cache(maxsize=1_000)
def expressible(formula: Formula) -> str | None:
    """Why a rule cannot take the columns form, or None if it can: ``division``, ``calendar``, or ``extreme`` (of numbers over a list).

    A greatest number over nothing has no bound that 64 bits could hold, so such rules go to the scalar form.
    """
    for node in (part for top in formula.nodes() for part in _distinct(top)):
        if node.op == "div":
            return "division"
        if node.op in ("session", "period"):
            return "calendar"
        if node.op in ("min", "max") and node.type.kind == "number":
            return "extreme"
    return None


@lru_cache(maxsize=1_000)
def _shared(formula: Formula) -> Formula:
    """The formula with one object for equal nodes, which makes looking them up cheap."""
    known: dict[Node, Node] = {}

    def one(node: Node) -> Node:
        if node not in known:
            known[node] = Node(node.op, node.type, tuple(one(arg) for arg in node.args), node.value)
        return known[node]

    clauses = tuple(Clause(None if part.when is None else one(part.when), one(part.require)) for part in formula.clauses)
    return Formula(None if formula.applies is None else one(formula.applies), clauses)


def _distinct(top: Node) -> set[Node]:
    seen: set[Node] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(node.args)
    return seen


# Filings as columns


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
    """How the items of a list are spread over its rows: the rows that have any, where these begin, how many the longest has.

    ``each`` is how many every row has, where that is one small number.
    """

    def __init__(self, offsets: Array) -> None:
        import numpy as np

        sizes = np.diff(offsets)
        self.rows = len(sizes)
        self.longest = int(sizes.max(initial=0))
        self.full = sizes.nonzero()[0]
        self.begin = offsets[:-1][self.full]
        self.each = self.longest if 0 < self.longest <= 8 and self.longest * self.rows == int(offsets[-1]) else None


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


@dataclass(slots=True)
class Table:
    """Rows of one entity as columns, by slot. What is not there yet is read from ``rows``."""

    size: int
    rows: Sequence[Sequence[Any]] | None = None
    columns: dict[int, Column] = field(default_factory=dict)
    lists: dict[int, Listing] = field(default_factory=dict)
    references: dict[int, tuple[Table, Array]] = field(default_factory=dict)

    def column(self, slot: int, kind: Type) -> Column:
        """The column of a fact."""
        if slot not in self.columns:
            assert self.rows is not None
            lows, highs = [row[slot] for row in self.rows], [row[slot + 1] for row in self.rows]
            self.columns[slot] = column(lows, highs, kind)
        return self.columns[slot]

    def listing(self, slot: int) -> Listing:
        """The list that stands in a slot."""
        if slot not in self.lists:
            assert self.rows is not None
            items = [item for row in self.rows for item in row[slot]]
            counts = [len(row[slot]) for row in self.rows]
            self.lists[slot] = listing(Table(len(items), items), counts, [bool(row[slot + 1]) for row in self.rows])
        return self.lists[slot]

    def reference(self, slot: int) -> tuple[Table, Array]:
        """The table that a reference leads to, and the row in it for each row of this one."""
        import numpy as np

        if slot not in self.references:
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
    """A column from low and high cells; of an enumeration, from the bit if known (else 0) and the possible bits."""
    import numpy as np

    if kind.kind == "enum":
        bits = np.array(highs, dtype=np.uint64)
        low = np.array(lows, dtype=np.uint64)
        small = np.min_scalar_type(int(bits.max(initial=0)))
        narrow = bits.astype(small)
        found, codes = np.unique(bits, return_inverse=True)
        values = tuple(found.tolist())
        same = values[0] if len(values) == 1 else None
        return Column(narrow if np.array_equal(low, bits) else low.astype(small), narrow, same=same, codes=codes, values=values)
    if kind.kind == "truth":
        low, high = np.array(lows, dtype=bool), np.array(highs, dtype=bool)
        exact = np.array_equal(low, high)
        return Column(low, low if exact else high, same=_same(low) if exact else None)
    below, above = np.array([v <= -_PAST for v in lows], dtype=bool), np.array([v >= _PAST for v in highs], dtype=bool)
    vague = bool(below.any() or above.any())
    low = np.array([0 if abs(v) >= _PAST else v for v in lows], dtype=np.int64)
    high = np.array([0 if abs(v) >= _PAST else v for v in highs], dtype=np.int64)
    power = 0
    if kind.kind == "number":
        divisor = int(np.gcd(np.gcd.reduce(low), np.gcd.reduce(high))) if low.size else 0
        power = _zeros(divisor) if divisor else _ZERO_POWER
        if divisor:
            low, high = low // 10**power, high // 10**power
    finite = max(abs(int(end)) for part in (low, high) for end in (part.min(initial=0), part.max(initial=0)))
    exact = not vague and np.array_equal(low, high)
    ends = (below if below.any() else None, above if above.any() else None)
    return Column(low, low if exact else high, power, finite, *ends, same=_same(low) if exact else None)


def _same(values: Array) -> int | None:
    return int(values[0]) if values.size and (values == values[0]).all() else None


def listing(table: Table, counts: Sequence[int], is_open: Sequence[bool]) -> Listing:
    """A list from how many items each row has and whether its list is not declared complete."""
    import numpy as np

    sizes = np.array(counts, dtype=np.int64)
    offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
    unlisted = np.array(is_open, dtype=bool)
    parents = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    return Listing(table, offsets, unlisted if unlisted.any() else None, int(sizes.max(initial=0)), parents)


def _zeros(value: int) -> int:
    power = 0
    while value and value % 10 == 0:
        value, power = value // 10, power + 1
    return power


def _factored(value: int) -> tuple[int, int]:
    """A whole number without its trailing zeros, and how many they were."""
    power = _zeros(value) if value else _ZERO_POWER
    return (value // 10**power if value else 0), power


class DoesNotFit(Exception):
    """A figure that is one for the whole batch passes 64 bits."""


def _order_of_factors(node: Node) -> bool:
    return node.op != "param"  # one number for the batch first: multiplied with each other, they cost nothing


@lru_cache(maxsize=10_000)
def _form(node: Node) -> Difference:
    return difference(node.args[0], node.args[1])


@lru_cache(maxsize=10_000)
def _asked(node: Node) -> Node | None:
    """The one enumeration that a truth hangs on, and nothing else."""
    if node.op == "in" and node.args[0].op == "field":
        return node.args[0]
    if node.op in ("and", "or", "not"):
        found = {_asked(arg) for arg in node.args}
        return found.pop() if len(found) == 1 else None
    return None


def _told(node: Node, bits: int) -> tuple[bool, bool]:
    """A truth that ``_asked`` knows, where its enumeration may be any of some bits."""
    if node.op == "in":
        return not bits & ~node.value, bool(bits & node.value)
    parts = [_told(arg, bits) for arg in node.args]
    if node.op == "not":
        return not parts[0][1], not parts[0][0]
    join = all if node.op == "and" else any
    return join(low for low, _ in parts), join(high for _, high in parts)


@lru_cache(maxsize=10_000)
def _branches(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """A chain of ``if`` that asks one enumeration: its conditions, and its branches with the last ``else`` at the end."""
    conditions: list[Node] = []
    branches: list[Node] = []
    asked = _asked(node.args[0]) if node.op == "if" else None
    while asked is not None and node.op == "if" and _asked(node.args[0]) == asked and len(branches) < MAX_BRANCHES:
        conditions.append(node.args[0])
        branches.append(node.args[1])
        node = node.args[2]
    return tuple(conditions), (*branches, node)


@lru_cache(maxsize=10_000)
def _reached(conditions: tuple[Node, ...], values: tuple[int, ...]) -> tuple[int, ...]:
    """For each value of an enumeration, the bits of the branches of a chain that may be taken."""
    reached = []
    for bits in values:
        found = 0
        for number, condition in enumerate(conditions):
            sure, possible = _told(condition, bits)
            found |= possible << number
            if sure:
                break
        else:
            found |= 1 << len(conditions)
        reached.append(found)
    return tuple(reached)


@lru_cache(maxsize=10_000)
def _heavy(node: Node) -> bool:
    """Whether a branch is worth computing for the rows that may take it alone, or could overflow in the others."""
    return any(part.op in ("mul", "months", "closed", *_LOOPS) for part in _distinct(node))


# The computation


@dataclass(slots=True)
class Number:
    """Low and high of a number in many rows, in units of ``10**power``; ``low is high`` where all are exact.

    ``below``/``above`` mark the rows that have no lowest or no highest (None: there are none); there, the end says nothing.
    No end, told or not, is above ``bound`` in magnitude. One whole number in place of an array stands for all rows.
    """

    low: Any
    high: Any
    power: int
    bound: int
    below: Any = None
    above: Any = None

    @property
    def exact(self) -> bool:
        """Whether every row knows it."""
        return self.low is self.high and self.below is None and self.above is None

    def each(self, change: Callable[[Any], Any]) -> Number:
        """The number with each of its arrays changed."""
        low = change(self.low)
        high = low if self.low is self.high else change(self.high)
        below, above = (None if mask is None else change(mask) for mask in (self.below, self.above))
        return Number(low, high, self.power, self.bound, below, above)

    def unless(self, rows: Any) -> Number:
        """The number with zero in some rows."""
        low = _unless(rows, self.low, 0)
        return replace(self, low=low, high=low if self.low is self.high else _unless(rows, self.high, 0))


@dataclass(slots=True)
class Member:
    """An enumeration in many rows: the possible bits, whether all know theirs, and the distinct values with their codes."""

    bits: Any
    exact: bool
    codes: Any
    values: tuple[int, ...]

    def each(self, change: Callable[[Any], Any]) -> Member:
        """The same in other rows."""
        return Member(change(self.bits), self.exact, change(self.codes), self.values)


Truth = tuple[Any, Any]


class _Frame:
    """The rows that a computation runs over: the filings, or the items of a loop with the row of the loop around for each."""

    def __init__(self, depth: int, table: Table, index: Array | None, around: _Frame | None = None, found: Any = None) -> None:
        self.depth = depth
        self.table = table
        self.index = index
        self.around = around
        of_filings: tuple[Any, Any, Any, int, Any] = (None, None, None, table.size, None)
        self.size: int
        self.parents, self.begun, self.open, self.size, self.shape = found or of_filings
        self.whole: tuple[_Frame, Array] | None = None  # the frame that this one has some rows of, and which
        self.memo: dict[Node, Any] = {}
        self.loops: dict[tuple[int, Node], _Frame] = {}

    def only(self, chosen: Array) -> _Frame:
        """The frame with some of its rows."""
        index = chosen if self.index is None else self.index[chosen]
        if self.around is None:
            return _Frame(self.depth, self.table, index, None, (None, None, None, len(chosen), None))
        found = _Frame(self.depth, self.table, index, self.around, (self.parents[chosen], None, self.open, len(chosen), None))
        found.whole = self, chosen
        return found

    @property
    def starts(self) -> Array:
        """Where the items of each row of the loop around begin."""
        import numpy as np

        if self.begun is None:
            assert self.whole is not None
            whole, chosen = self.whole
            self.begun = np.searchsorted(chosen, whole.starts)
        found: Array = self.begun
        return found

    def filings(self, rows: Any, of: int) -> Any:
        """The filings, of so many, that some rows of this frame belong to."""
        import numpy as np

        frame, rows = self, _filled(rows, self).nonzero()[0]
        while frame.around is not None:
            rows = frame.parents[rows]
            frame = frame.around
        found = np.zeros(of, dtype=bool)
        found[rows if frame.index is None else frame.index[rows]] = True
        return found

    def segments(self) -> Segments:
        """How the items are spread over the rows of the loop around."""
        if self.shape is None:
            self.shape = Segments(self.starts)
        found: Segments = self.shape
        return found


class _Run:
    """Computes the nodes of a formula on a batch, each for the rows that need it."""

    def __init__(self, root: Table, parameters: Sequence[int], slots: Mapping[str, int], on: tuple[Any, Any]) -> None:
        self.root = _Frame(0, root, None)
        self.parameters = parameters
        self.slots = slots
        self.on = on
        self.unfit: Any = False  # filings that the scalar form has to decide

    def value(self, node: Node, frame: _Frame) -> Any:
        """A node's value in a frame, computed in the outermost frame that it can be told in."""
        if node.op == "const":
            return bool(node.value) if node.type.kind == "truth" else _exactly(node.value)
        home = frame
        needed = max(free_items(node), default=0)
        while home.depth > needed:
            assert home.around is not None
            home = home.around
        if node not in home.memo:
            home.memo[node] = getattr(self, f"_{node.op}")(node, home)
        found = home.memo[node]
        return found if home is frame else self.spread_out(node, found, home, frame)

    def spread_out(self, node: Node, found: Any, home: _Frame, frame: _Frame) -> Any:
        """What is known of outer rows, for each inner row."""
        if isinstance(found, tuple):
            if isinstance(found[0], bool) and isinstance(found[1], bool):
                return found
        elif isinstance(found, bool) or (found.exact and isinstance(found.low if isinstance(found, Number) else found.bits, int)):
            return found
        if node in frame.memo:
            return frame.memo[node]
        assert frame.around is not None
        if frame.around is not home:
            found = self.spread_out(node, found, home, frame.around)
        if isinstance(found, tuple):
            low = _taken(found[0], frame.parents)
            result: Any = (low, low if found[0] is found[1] else _taken(found[1], frame.parents))
        else:
            result = found.each(lambda values: _taken(values, frame.parents))
        frame.memo[node] = result
        return result

    def number(self, node: Node, frame: _Frame) -> Number:
        """A number or a day."""
        found: Number = self.value(node, frame)
        return found

    def truth(self, node: Node, frame: _Frame) -> Truth:
        """Whether a truth is proved, and whether it is possible."""
        found = self.value(node, frame)
        return (found, found) if isinstance(found, bool) else found

    # The 64 bits

    def leave(self, frame: _Frame, rows: Any) -> None:
        """Leave the filings that some rows of a frame belong to."""
        self.unfit = _or(self.unfit, frame.filings(rows, self.root.size))

    def within(self, number: Number, limit: int, frame: _Frame) -> Number:
        """The number with no end above ``limit``: where one is, the filing is left."""
        if number.bound <= limit or (number := _tight(number)).bound <= limit:
            return number
        if isinstance(number.low, int) and isinstance(number.high, int):
            raise DoesNotFit
        rows = _or(_beyond(number.low, limit), False if number.low is number.high else _beyond(number.high, limit))
        self.leave(frame, rows)
        return replace(number.unless(rows), bound=limit)

    def aligned(self, numbers: Sequence[Number], frames: Sequence[_Frame]) -> list[Number]:
        """Numbers in the unit that all share, each in its frame."""
        powers = {number.power for number in numbers if number.bound}
        if len(powers) < 2:
            return [replace(number, power=min(powers, default=0)) for number in numbers]
        power = min(powers)
        if any(number.bound * 10 ** max(0, number.power - power) >= LIMIT for number in numbers if number.bound):
            numbers = [_stripped(number) for number in numbers]
            power = min((number.power for number in numbers if number.bound), default=0)
        found = []
        for number, frame in zip(numbers, frames, strict=True):
            if not number.bound:
                found.append(replace(number, power=power))
                continue
            factor = 10 ** (number.power - power)
            if factor > 1:
                number = self.within(number, (LIMIT - 1) // factor, frame)
                number = _scaled(number, factor) if number.bound else number  # all of it is zero, or left
            found.append(replace(number, power=power))
        return found

    def together(self, numbers: Sequence[Number], frame: _Frame) -> Number:
        """The sum of numbers."""
        import numpy as np

        parts = [number for number in numbers if number.bound or not number.exact]
        if len(parts) < 2:
            return parts[0] if parts else _exactly(0)
        parts = self.aligned(parts, [frame] * len(parts))
        if sum(part.bound for part in parts) >= LIMIT:
            parts = [_tight(part) for part in parts]
        if (bound := sum(part.bound for part in parts)) >= LIMIT:
            size = sum((_size(part) for part in parts), np.float64(0))
            rows = size >= float(LIMIT) * ROUNDING
            if not rows.shape and rows:
                raise DoesNotFit
            self.leave(frame, rows)
            parts = [part.unless(rows) for part in parts]
            bound = LIMIT
        low, high, below, above = parts[0].low, parts[0].high, parts[0].below, parts[0].above
        for part in parts[1:]:
            exact = low is high and part.low is part.high
            low = low + part.low
            high = low if exact else high + part.high
            below, above = _either(below, part.below), _either(above, part.above)
        return Number(low, high, parts[0].power, bound, below, above)

    def product(self, a: Number, b: Number, nonnegative: bool, frame: _Frame) -> Number:
        """The range of the product of two independent ranges."""
        import numpy as np

        if a.bound * b.bound >= LIMIT:
            a, b = _stripped(a), _stripped(b)
        power, bound = a.power + b.power, a.bound * b.bound
        if bound >= LIMIT:
            rows = _size(a) * _size(b) >= float(LIMIT) * ROUNDING
            if not np.ndim(rows) and rows:
                raise DoesNotFit
            self.leave(frame, rows)
            a, b, bound = a.unless(rows), b.unless(rows), LIMIT
        if a.exact and b.exact:
            low = a.low * b.low
            return Number(low, low, power, bound)
        for one, other in ((a, b), (b, a)):
            if one.exact and isinstance(one.low, int):
                if not one.low:
                    return _exactly(0)
                same = other if one.low > 0 else _negative(other)
                return replace(_scaled(same, abs(one.low)), power=power, bound=bound)
        unbounded = any(mask is not None for mask in (a.below, a.above, b.below, b.above))
        if nonnegative:
            above = _either(_reaching(a.above, b), _reaching(b.above, a)) if unbounded else None
            return Number(a.low * b.low, a.high * b.high, power, bound, None, above)
        if unbounded:
            a, b = _bounded(a), _bounded(b)
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        low, high = corners[0], corners[0]
        for corner in corners[1:]:
            low, high = _extreme(min, np.minimum, low, corner), _extreme(max, np.maximum, high, corner)
        if not unbounded:
            return Number(low, high, power, bound)
        below = above = None
        for one, other in ((a, b), (b, a)):
            negative, positive = _beneath(other), _beneath(_negative(other))
            for mask, down, up in ((one.above, negative, positive), (one.below, positive, negative)):
                if mask is not None:
                    below, above = _either(below, _and(mask, down)), _either(above, _and(mask, up))
        return Number(low, high, power, bound, below, above)

    # Leaves

    def place(self, row: Node, frame: _Frame) -> tuple[Table, Array | None]:
        """The table and rows that a root, item or reference stands for."""
        if row.op in ("root", "item"):
            return frame.table, frame.index
        table, index = self.place(row.args[0], frame)
        target, leads = table.reference(row.value[2])
        return target, leads if index is None else leads[index]

    def _field(self, node: Node, frame: _Frame) -> Any:
        table, index = self.place(node.args[0], frame)
        found = table.column(node.value[2], node.type)
        kind = node.type.kind
        if kind == "enum":
            exact = found.low is found.high
            if found.same is not None:
                return Member(found.same, True, None, found.values)
            member = Member(found.high, exact, found.codes, found.values)
            return member if index is None else member.each(lambda values: values[index])
        if found.same is not None:
            same = found.same
            return (bool(same), bool(same)) if kind == "truth" else Number(same, same, found.power, abs(same))
        known = Number(found.low, found.high, found.power, found.finite, found.below, found.above)
        if index is not None:
            known = known.each(lambda values: values[index])
        return (known.low, known.high) if kind == "truth" else known

    def _param(self, node: Node, frame: _Frame) -> Number:
        return _exactly(self.parameters[self.slots[node.value]])

    def _day(self, node: Node, frame: _Frame) -> Number:
        low, high = (end if frame.index is None else _taken(end, frame.index) for end in self.on)
        exact = self.on[0] is self.on[1] or (isinstance(low, int) and low == high)
        return Number(low, low if exact else high, 0, dates.LAST_DAY)

    # Numbers

    def at(self, node: Node, scale: int, frame: _Frame) -> Number:
        """A number at a finer scale: another unit, and no computation."""
        found = self.number(node, frame)
        if node.type.kind != "number" or node.type.scale == scale:
            return found
        return replace(found, power=found.power + scale - node.type.scale)

    def _add(self, node: Node, frame: _Frame) -> Number:
        return self.together([self.at(arg, node.type.scale, frame) for arg in node.args], frame)

    def _neg(self, node: Node, frame: _Frame) -> Number:
        return _negative(self.number(node.args[0], frame))

    def _mul(self, node: Node, frame: _Frame) -> Number:
        a, b = node.args
        both = a.type.nonnegative and b.type.nonnegative
        return self.product(self.number(a, frame), self.number(b, frame), both, frame)

    def _greater(self, node: Node, frame: _Frame) -> Number:
        return self.greatest([self.at(arg, node.type.scale, frame) for arg in node.args], frame)

    def _lesser(self, node: Node, frame: _Frame) -> Number:
        return _negative(self.greatest([_negative(self.at(arg, node.type.scale, frame)) for arg in node.args], frame))

    def greatest(self, numbers: Sequence[Number], frame: _Frame) -> Number:
        """The greatest of several numbers."""
        best, *others = self.aligned(numbers, [frame] * len(numbers))
        for other in others:
            best = _greater(best, other)
        return best

    def _months(self, node: Node, frame: _Frame) -> Number:
        test, *branches = node.args[1].args if node.args[1].op == "if" else (node,)
        if branches and all(arg.op in ("const", "param") for arg in branches):
            # Either number of months for all is looked up; one for each row would have to be computed.
            ways = tuple(Node("months", node.type, (node.args[0], count)) for count in branches)
            return self.number(Node("if", node.type, (test, *ways)), frame)
        day = self.number(node.args[0], frame)
        (count,) = self.aligned([self.number(node.args[1], frame)], [frame])
        if count.power:
            count = self.within(count, (LIMIT - 1) // 10**count.power, frame)
            count = replace(_scaled(count, 10**count.power) if count.bound else count, power=0)
        low = add_months(day.low, _unless(count.below, count.low, -_CALENDAR))
        exact = day.exact and count.exact
        high = low if exact else add_months(day.high, _unless(count.above, count.high, _CALENDAR))
        return Number(low, high, 0, dates.LAST_DAY)

    def _if(self, node: Node, frame: _Frame) -> Any:
        if node.type.kind == "truth":
            return self.chosen_truth(node, frame)
        conditions, branches = _branches(node)
        if len(conditions) > 1:
            asked = _asked(conditions[0])
            assert asked is not None
            return self.chain(node, conditions, branches, self.value(asked, frame), frame)
        sure, possible = self.truth(node.args[0], frame)
        ways = [(possible, node.args[1]), (_negated(sure), node.args[2])]
        taken = [arg for way, arg in ways if way is not False]
        if len(taken) == 1:
            return self.at(taken[0], node.type.scale, frame)
        if getattr(possible, "shape", None) and any(_heavy(arg) for arg in taken):
            parts = []
            for way, arg in ways:
                chosen = _filled(way, frame).nonzero()[0]
                inner = frame.only(chosen)
                parts.append((chosen, inner, self.at(arg, node.type.scale, inner)))
            return self.scattered(parts, [], frame, sure is possible, [])
        return self.either(sure, possible, [self.at(arg, node.type.scale, frame) for arg in taken], frame)

    def chosen_truth(self, node: Node, frame: _Frame) -> Truth:
        """A truth by branches."""
        import numpy as np

        sure, possible = self.truth(node.args[0], frame)
        if possible is False:
            return self.truth(node.args[2], frame)
        (a, c) = self.truth(node.args[1], frame)
        if sure is True:
            return a, c
        (b, d) = self.truth(node.args[2], frame)
        if sure is possible:
            low = np.where(sure, a, b)
            return low, low if a is c and b is d else np.where(sure, c, d)
        return (
            np.where(sure, a, np.where(possible, _and(a, b), b)),
            np.where(sure, c, np.where(possible, _or(c, d), d)),
        )

    def either(self, sure: Any, possible: Any, branches: Sequence[Number], frame: _Frame) -> Number:
        """One of two numbers where it is told which, both elsewhere."""
        import numpy as np

        then, otherwise = self.aligned(branches, [frame, frame])
        bound = max(then.bound, otherwise.bound)
        below = _chosen(sure, possible, then.below, otherwise.below)
        above = _chosen(sure, possible, then.above, otherwise.above)
        split = _and(possible, _negated(sure))
        if split is True:
            low, high = _extreme(min, np.minimum, then.low, otherwise.low), _extreme(max, np.maximum, then.high, otherwise.high)
            return Number(low, high, then.power, bound, below, above)
        low = np.where(sure, then.low, otherwise.low)
        exact = then.low is then.high and otherwise.low is otherwise.high
        if sure is possible:
            return Number(low, low if exact else np.where(sure, then.high, otherwise.high), then.power, bound, below, above)
        # Only the rows where the condition is not told need both.
        high = low.copy() if exact else np.where(sure, then.high, otherwise.high)
        split = split.nonzero()[0]
        ends = [_taken(end, split) for end in (then.low, otherwise.low, then.high, otherwise.high)]
        low[split], high[split] = np.minimum(*ends[:2]), np.maximum(*ends[2:])
        return Number(low, high, then.power, bound, below, above)

    def chain(self, node: Node, conditions: tuple[Node, ...], branches: tuple[Node, ...], member: Member, frame: _Frame) -> Number:
        """A number by the kind of each row: looked up where it is one for a kind, and computed for the rows of the kind else."""
        import numpy as np

        reached = _reached(conditions, member.values)
        bits = 0
        for each in reached:
            bits |= each
        ways = [number for number in range(len(branches)) if bits >> number & 1]
        scale = node.type.scale
        if len(ways) == 1:
            return self.at(branches[ways[0]], scale, frame)
        if isinstance(member.bits, int):  # one value, of which several members are possible
            first, *others = (self.at(branches[way], scale, frame) for way in ways)
            for other in others:
                first = self.either(False, True, [first, other], frame)
            return first
        plain = {way: self.at(branches[way], scale, frame) for way in ways if branches[way].op in ("const", "param")}
        which = np.array(reached, dtype=np.min_scalar_type(bits))[member.codes]
        parts = []
        for way in ways:
            if way not in plain:
                chosen = (which & which.dtype.type(1 << way) != 0).nonzero()[0]
                if len(chosen):
                    inner = frame.only(chosen)
                    parts.append((chosen, inner, self.at(branches[way], scale, inner)))
        told = all(each & (each - 1) == 0 for each in reached)
        table = [[place for place, way in enumerate(plain) if each >> way & 1] for each in reached]
        return self.scattered(parts, list(plain.values()), frame, told, table, member.codes)

    def scattered(
        self,
        parts: Sequence[tuple[Array, _Frame, Number]],
        constants: Sequence[Number],
        frame: _Frame,
        told: bool,
        table: Sequence[Sequence[int]],
        codes: Any = None,
    ) -> Number:
        """One number out of several, each for some rows of a frame; ``table`` gives the constants that each code may take.

        ``told`` says that no row has more than one.
        """
        import numpy as np

        aligned = self.aligned([*constants, *(part for _, _, part in parts)], [frame] * len(constants) + [inner for _, inner, _ in parts])
        power = aligned[0].power if aligned else 0
        bound = max((number.bound for number in aligned), default=0)
        exact = told and all(part.low is part.high for _, _, part in parts)
        if any(part.bound >= LIMIT for part in aligned):
            raise DoesNotFit
        values = iter(aligned)
        plain = [next(values).low for _ in constants]
        rows = [[plain[place] for place in places] for places in table]
        if codes is None:
            low = np.full(frame.size, 0 if told else LIMIT, dtype=np.int64)
            high = low if exact else np.full(frame.size, 0 if told else -LIMIT, dtype=np.int64)
        else:
            low = np.array([min(row, default=0 if told else LIMIT) for row in rows], dtype=np.int64)[codes]
            high = low if exact else np.array([max(row, default=0 if told else -LIMIT) for row in rows], dtype=np.int64)[codes]
        below = above = None
        for (chosen, _, _), part in zip(parts, values, strict=True):
            low[chosen] = part.low if told else np.minimum(low[chosen], part.low)
            if not exact:
                high[chosen] = part.high if told else np.maximum(high[chosen], part.high)
            for mask in (part.below, part.above):
                if mask is not None:
                    marked = np.zeros(frame.size, dtype=bool)
                    marked[chosen] = mask
                    if mask is part.below:
                        below = _either(below, marked)
                    else:
                        above = _either(above, marked)
        return Number(low, high, power, bound, below, above)

    # Truths

    def _in(self, node: Node, frame: _Frame) -> Truth:
        return self.member(node, frame, node.value)

    def _isin(self, node: Node, frame: _Frame) -> Truth:
        return self.member(node, frame, self.parameters[self.slots[node.args[1].value]])

    def member(self, node: Node, frame: _Frame, members: int) -> Truth:
        """Whether an enumeration is one of ``members``."""
        import numpy as np

        known: Member = self.value(node.args[0], frame)
        if isinstance(known.bits, int):
            return not known.bits & ~members, bool(known.bits & members)
        if not any(value & members for value in known.values):
            return False, False
        if not any(value & ~members for value in known.values):
            return True, True
        some = known.bits & known.bits.dtype.type(members & int(np.iinfo(known.bits.dtype).max))
        possible = some != 0
        return (possible if known.exact else some == known.bits), possible

    def _and(self, node: Node, frame: _Frame) -> Truth:
        return self.joined(node, frame, _and, False)

    def _or(self, node: Node, frame: _Frame) -> Truth:
        return self.joined(node, frame, _or, True)

    def joined(self, node: Node, frame: _Frame, join: Any, end: bool) -> Truth:
        """Kleene's and/or: the ends one by one, up to one that settles all rows."""
        low, high = self.truth(node.args[0], frame)
        for arg in node.args[1:]:
            if low is end and high is end:
                break
            a, b = self.truth(arg, frame)
            exact = low is high and a is b
            low = join(low, a)
            high = low if exact else join(high, b)
        return low, high

    def _not(self, node: Node, frame: _Frame) -> Truth:
        low, high = self.truth(node.args[0], frame)
        first = _negated(high)
        return first, first if low is high else _negated(low)

    def _cmp(self, node: Node, frame: _Frame) -> Truth:
        symbol = node.value
        left, right = node.args
        if left.type.kind == "date" and symbol not in ("==", "!=") and left != right:
            a, b = self.number(left, frame), self.number(right, frame)
            if symbol in (">", ">="):
                a, b, symbol = b, a, symbol.replace(">", "<")
            sure = a.high < b.low if symbol == "<" else a.high <= b.low
            if a.exact and b.exact:
                return sure, sure
            return sure, (a.low < b.high if symbol == "<" else a.low <= b.high)
        found = self.spread(node, frame)
        low, high, below, above = found.low, found.high, found.below, found.above
        if symbol in ("<", "<=", ">", ">="):
            ask = _ASK[symbol]
            if symbol[0] == ">":
                low, high, below, above = high, low, above, below
            sure = ask(high, 0)
            if found.exact:
                return sure, sure
            possible = ask(low, 0)
            return (sure if above is None else _and(sure, ~above)), (possible if below is None else _or(possible, below))
        zero = _and(low == 0, high == 0)
        around = (
            zero
            if found.exact
            else _and(low <= 0 if below is None else _or(low <= 0, below), high >= 0 if above is None else _or(high >= 0, above))
        )
        for mask in (below, above):
            zero = zero if mask is None else _and(zero, ~mask)
        return (zero, around) if symbol == "==" else (_negated(around), _negated(zero))

    def spread(self, node: Node, frame: _Frame) -> Number:
        """The range of a comparison's difference, facts that stand twice at their corners."""
        import numpy as np

        form = _form(node)
        atoms = {atom: self.number(atom, frame) for _, product in form.terms for atom in product}
        vague = [atom for atom in form.repeated if not atoms[atom].exact]
        if not vague or form.squares:
            return self.interval(form, atoms, frame)
        if len(vague) > MAX_CORNERS:
            raise DoesNotFit
        for atom in vague:
            for mask in (atoms[atom].below, atoms[atom].above):
                if mask is not None:
                    self.leave(frame, mask)  # a corner where nothing is known: the scalar form computes with it
        found: list[Number] = []
        for corner in combinations((0, 1), repeat=len(vague)):
            placed = {}
            for atom, end in zip(vague, corner, strict=True):
                at = atoms[atom].high if end else atoms[atom].low
                placed[atom] = Number(at, at, atoms[atom].power, atoms[atom].bound)
            found.append(self.interval(form, {**atoms, **placed}, frame))
        found = self.aligned(found, [frame] * len(found))
        low, high = found[0].low, found[0].high
        below, above = found[0].below, found[0].above
        for each in found[1:]:
            low, high = _extreme(min, np.minimum, low, each.low), _extreme(max, np.maximum, high, each.high)
            below, above = _either(below, each.below), _either(above, each.above)
        return Number(low, high, found[0].power, max(each.bound for each in found), below, above)

    def interval(self, form: Difference, atoms: Mapping[Node, Number], frame: _Frame) -> Number:
        """The difference as a sum of products of independent ranges."""
        parts = []
        for coefficient, factors in form.terms:
            part, positive = _exactly(coefficient), coefficient >= 0
            for factor in sorted(factors, key=_order_of_factors):
                part = self.product(part, atoms[factor], positive and factor.type.nonnegative, frame)
                positive = positive and factor.type.nonnegative
            parts.append(part)
        return self.together(parts, frame) if parts else _exactly(0)

    # Loops

    def enter(self, node: Node, frame: _Frame) -> _Frame:
        """The frame of a loop's items."""
        import numpy as np

        source, depth = node.args[0], node.value
        if (depth, source) in frame.loops:
            return frame.loops[depth, source]
        home = frame
        needed = max(free_items(source), default=0)
        way: Any = None
        while home.depth > needed:
            assert home.around is not None
            way = home.parents if way is None else home.parents[way]
            home = home.around
        table, index = self.place(source.args[0], home)
        if way is not None:
            index = way if index is None else index[way]
        found = table.listing(source.value[2])
        if index is None:
            shape = found.segments()
            inner = _Frame(depth, found.table, None, frame, (found.parents, found.offsets, found.open, len(found.parents), shape))
        else:
            sizes = np.diff(found.offsets)[index]
            offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
            parents = np.repeat(np.arange(len(sizes)), sizes)
            items = np.arange(offsets[-1]) + (found.offsets[:-1][index] - offsets[:-1])[parents]
            unlisted = None if found.open is None else found.open[index]
            inner = _Frame(depth, found.table, items, frame, (parents, offsets, unlisted, int(offsets[-1]), None))
        frame.loops[depth, source] = inner
        return inner

    def counted(self, node: Node, frame: _Frame) -> tuple[_Frame, Truth]:
        """The items that may count, with which of them surely do and which may.

        A condition is asked part by part, the cheap ones first; where a part leaves few items, the rest is computed for
        these alone.
        """
        import numpy as np

        inner = self.enter(node, frame)
        if not inner.size:
            return inner, (True, True)
        sure: Any = True
        possible: Any = True
        parts = sorted((part for c in node.args[2:] for part in conjuncts(c)), key=needs_statements)
        for number, part in enumerate(parts):
            low, high = self.truth(part, inner)
            exact = sure is possible and low is high
            sure = _and(sure, low)
            possible = sure if exact else _and(possible, high)
            if possible is False:
                return inner.only(np.zeros(0, dtype=np.int64)), (True, True)
            heavy = number + 1 == len(parts) or needs_statements(parts[number + 1])
            if heavy and getattr(possible, "shape", None) and 2 * np.count_nonzero(possible) < possible.size:
                chosen = possible.nonzero()[0]
                inner = inner.only(chosen)
                sure = True if exact else _taken(sure, chosen)
                possible = True
                if not len(chosen):
                    return inner, (True, True)
        return inner, (sure, possible)

    def listed(self, node: Node, frame: _Frame) -> tuple[Number, _Frame]:
        """A sum over the items that are named."""
        import numpy as np

        inner, (sure, possible) = self.counted(node, frame)
        if not inner.size:
            return _exactly(0), inner
        body = self.number(node.args[1], inner)
        low, high = body.low, body.high
        exact = body.low is body.high and sure is possible
        if sure is not True:
            if exact or node.args[1].type.nonnegative:
                low = np.where(sure, low, 0)
                high = low if exact else np.where(possible, high, 0)
            else:
                low = np.where(_or(sure, _and(possible, low < 0)), low, 0)
                high = np.where(_or(sure, _and(possible, high > 0)), high, 0)
        known = self.summable(replace(body, low=low, high=low if exact else high), inner, frame)
        low, high = (_filled(end, inner) for end in (known.low, known.high))
        total = _summed(low, inner)
        masks = [None if mask is None else _any_of(_filled(_and(possible, mask), inner), inner) for mask in (body.below, body.above)]
        return Number(total, total if exact else _summed(high, inner), known.power, known.bound, *masks), inner

    def summable(self, number: Number, inner: _Frame, frame: _Frame) -> Number:
        """A number over a loop's items whose sum stays within 64 bits; its ``bound`` is then that of the sum."""
        longest = inner.segments().longest
        if number.bound * longest >= LIMIT:
            number = _stripped(number)
        if number.bound * longest < LIMIT:
            return replace(number, bound=number.bound * longest)
        rows = _summed(_filled(_size(number), inner), inner) >= float(LIMIT) * ROUNDING
        self.leave(frame, rows)
        return replace(number.unless(rows[inner.parents]), bound=LIMIT)

    def _sum(self, node: Node, frame: _Frame) -> Number:
        found, inner = self.listed(node, frame)
        if inner.open is None:
            return found
        below = found.below if node.type.nonnegative else _either(found.below, inner.open)
        return replace(found, below=below, above=_either(found.above, inner.open))

    _count = _sum

    def _closed(self, node: Node, frame: _Frame) -> Number:
        import numpy as np

        whole, stated, known = node.args
        found, inner = self.listed(whole, frame)
        if inner.open is None:
            return found
        total, (sum_of_known, _) = self.at(stated, known.type.scale, frame), self.listed(known, frame)
        known_low = Number(sum_of_known.low, sum_of_known.low, sum_of_known.power, sum_of_known.bound)
        total_high = Number(total.high, total.high, total.power, total.bound)
        rest = self.together([total_high, _negative(known_low)], frame)
        left = np.where(inner.open, np.maximum(rest.low, 0), 0)
        more = self.product(Number(left, left, rest.power, rest.bound), _exactly(node.value), True, frame)
        more = replace(more, low=0)
        above = found.above if total.above is None or not node.value else _either(found.above, inner.open & total.above)
        return replace(self.together([found, more], frame), above=above)

    def _max(self, node: Node, frame: _Frame) -> Number:
        return self.outermost(node, frame, 1) if node.type.kind == "date" else self.largest(node, frame, 1)

    def _min(self, node: Node, frame: _Frame) -> Number:
        return self.outermost(node, frame, -1) if node.type.kind == "date" else _negative(self.largest(node, frame, -1))

    def largest(self, node: Node, frame: _Frame, sign: int) -> Number:
        """The greatest number over a loop, each times ``sign``.

        Of nothing at all it would be without bound, and known to be: that is left to the scalar form.
        """
        import numpy as np

        inner, (sure, possible) = self.counted(node, frame)
        if not inner.size:
            if inner.open is None:
                raise DoesNotFit
            self.leave(frame, ~inner.open)
            return Number(0, 0, 0, 0, inner.open, inner.open)
        body = self.number(node.args[1], inner)
        body = body if sign > 0 else _negative(body)
        low = _unless(_either(body.below, None if sure is True else _negated(sure)), body.low, -LIMIT)
        high = _unless(None if possible is True else _negated(possible), body.high, -LIMIT)
        low, high = (_over(np.maximum, _filled(end, inner), inner, -LIMIT) for end in (low, high))
        above = None if body.above is None else _any_of(_filled(_and(possible, body.above), inner), inner)
        above = _either(above, inner.open)
        nothing = high == -LIMIT
        self.leave(frame, nothing if above is None else nothing & ~above)
        below = low == -LIMIT
        return Number(_unless(below, low, 0), _unless(nothing, high, 0), body.power, body.bound, below, above)

    def outermost(self, node: Node, frame: _Frame, sign: int) -> Number:
        """The latest or earliest day over a loop."""
        import numpy as np

        pick, nothing, past = (np.maximum, dates.FIRST_DAY, dates.LAST_DAY) if sign > 0 else (np.minimum, dates.LAST_DAY, dates.FIRST_DAY)
        inner, (sure, possible) = self.counted(node, frame)
        at: Any = nothing
        to: Any = nothing
        if inner.size:
            body = self.number(node.args[1], inner)
            near, far = (body.low, body.high) if sign > 0 else (body.high, body.low)
            exact = body.exact and sure is possible
            if sure is not True:
                near = np.where(sure, near, nothing)
                far = near if exact else np.where(possible, far, nothing)
            at = _over(pick, _filled(near, inner), inner, nothing)
            to = at if exact else _over(pick, _filled(far, inner), inner, nothing)
        if inner.open is not None:
            to = np.where(inner.open, past, to)
        return Number(at, to, 0, dates.LAST_DAY) if sign > 0 else Number(to, at, 0, dates.LAST_DAY)

    def _any(self, node: Node, frame: _Frame) -> Truth:
        inner, (sure, possible) = self.counted(node, frame)
        first: Any = False
        second: Any = False
        if inner.size:
            low, high = self.truth(node.args[1], inner)
            exact = low is high and sure is possible
            first = _any_of(_filled(_and(sure, low), inner), inner)
            second = first if exact else _any_of(_filled(_and(possible, high), inner), inner)
        return first, second if inner.open is None else _or(second, inner.open)

    def _all(self, node: Node, frame: _Frame) -> Truth:
        inner, (sure, possible) = self.counted(node, frame)
        first: Any = True
        second: Any = True
        if inner.size:
            low, high = self.truth(node.args[1], inner)
            exact = low is high and sure is possible
            first = ~_any_of(_filled(_and(possible, _negated(low)), inner), inner)
            second = first if exact else ~_any_of(_filled(_and(sure, _negated(high)), inner), inner)
        return first if inner.open is None else _and(first, ~inner.open), second


def _exactly(value: int) -> Number:
    value, power = _factored(value)
    if abs(value) >= LIMIT:
        raise DoesNotFit
    return Number(value, value, power, abs(value))


def _taken(values: Any, places: Any) -> Any:
    shape: tuple[int, ...] | None = getattr(values, "shape", None)
    return values[places] if shape else values


def _unless(mask: Any, values: Any, instead: int) -> Any:
    import numpy as np

    return values if mask is None else np.where(mask, instead, values)


def _either(a: Any, b: Any) -> Any:
    """Two masks together, either of which may be None."""
    if a is None or b is None:
        return b if a is None else a
    return a | b


def _chosen(sure: Any, possible: Any, then: Any, otherwise: Any) -> Any:
    """A mask over the branches of an ``if``: those that may be taken."""
    if then is None and otherwise is None:
        return None
    return _or(False if then is None else _and(possible, then), False if otherwise is None else _and(_negated(sure), otherwise))


def _extreme(plain: Callable[..., Any], pick: np.ufunc, a: Any, b: Any) -> Any:
    """The lesser or greater of two ends."""
    return plain(a, b) if isinstance(a, int) and isinstance(b, int) else pick(a, b)


def _ends(number: Number) -> tuple[Any, ...]:
    return (number.low,) if number.low is number.high else (number.low, number.high)


def _tight(number: Number) -> Number:
    """The number with the least bound that its arrays have."""
    extremes = [abs(end) if isinstance(end, int) else max(-int(end.min(initial=0)), int(end.max(initial=0))) for end in _ends(number)]
    return replace(number, bound=max(extremes))


def _stripped(number: Number) -> Number:
    """The number in the greatest unit that it is a multiple of."""
    import numpy as np

    divisor = 0
    for end in _ends(number):
        divisor = int(np.gcd(divisor, np.gcd.reduce(np.asarray(end, dtype=np.int64).reshape(-1), initial=0)))
    if not divisor:
        return replace(number, power=0, bound=0)
    factor = 10 ** _zeros(divisor)
    low = number.low // factor
    high = low if number.low is number.high else number.high // factor
    return replace(_tight(replace(number, low=low, high=high)), power=number.power + _zeros(divisor))


def _beyond(end: Any, limit: int) -> Any:
    """Where an end is above a limit in magnitude."""
    return abs(end) > limit if isinstance(end, int) else (end > limit) | (end < -limit)


def _size(number: Number) -> Any:
    """The magnitude of each row's ends, as a float of 53 bits; ``ROUNDING`` makes up for what that loses."""
    import numpy as np

    return np.maximum.reduce([np.abs(np.asarray(end, dtype=np.float64)) for end in np.broadcast_arrays(*_ends(number))])


def _scaled(number: Number, factor: int) -> Number:
    """The number times a positive whole number that keeps it within 64 bits."""
    low = number.low * factor
    return replace(number, low=low, high=low if number.low is number.high else number.high * factor, bound=number.bound * factor)


def _negative(number: Number) -> Number:
    low = -number.high
    high = low if number.low is number.high else -number.low
    return Number(low, high, number.power, number.bound, number.above, number.below)


def _greater(a: Number, b: Number) -> Number:
    """The greater of two numbers in one unit."""
    import numpy as np

    bound = max(a.bound, b.bound)
    low = _extreme(max, np.maximum, _unless(a.below, a.low, -LIMIT), _unless(b.below, b.low, -LIMIT))
    below = None if a.below is None or b.below is None else a.below & b.below
    low = _unless(below, low, 0)
    if a.exact and b.exact:
        return Number(low, low, a.power, bound)
    return Number(low, _extreme(max, np.maximum, a.high, b.high), a.power, bound, below, _either(a.above, b.above))


def _reaching(mask: Any, other: Number) -> Any:
    """Where a number without bound, times one that is not negative, has none either: not where that other is zero."""
    if mask is None:
        return None
    return _and(mask, other.high != 0 if other.above is None else _or(other.high != 0, other.above))


def _beneath(number: Number) -> Any:
    """Where a number may be negative."""
    return number.low < 0 if number.below is None else _or(number.low < 0, number.below)


def _bounded(number: Number) -> Number:
    """The number with the bound that it has in place of the one that it has not; zero where it has neither."""
    low, high = _unless(number.below, number.low, 0), _unless(number.above, number.high, 0)
    if number.below is not None:
        low = _unless(number.below if number.above is None else number.below & ~number.above, low, high)
    if number.above is not None:
        high = _unless(number.above if number.below is None else number.above & ~number.below, high, low)
    return replace(number, low=low, high=high)


def _and(a: Any, b: Any) -> Any:
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    return a & b


def _or(a: Any, b: Any) -> Any:
    if isinstance(a, bool):
        return True if a else b
    if isinstance(b, bool):
        return True if b else a
    return a | b


def _negated(a: Any) -> Any:
    return not a if isinstance(a, bool) else ~a


def _filled(values: Any, inner: _Frame) -> Array:
    """An array over a frame's rows, also of what is the same for all."""
    import numpy as np

    return np.full(inner.size, values) if np.ndim(values) == 0 else np.asarray(values)


def _over(pick: np.ufunc, values: Array, inner: _Frame, nothing: Any) -> Array:
    """The items of each row taken together; a row without items gives ``nothing``."""
    import numpy as np

    shape = inner.segments()
    if shape.each is not None:
        found = values[0 :: shape.each]
        for place in range(1, shape.each):
            found = pick(found, values[place :: shape.each])
        return found
    result = np.full(shape.rows, nothing, dtype=values.dtype)
    if len(shape.full):
        result[shape.full] = pick.reduceat(values, shape.begin)
    return result


def _summed(values: Array, inner: _Frame) -> Array:
    """The sum of each row's items. Running sums may go past 64 bits and come back: their differences are right."""
    import numpy as np

    if inner.segments().each is not None or values.dtype != np.int64:
        return _over(np.add, values, inner, 0)
    running = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=running[1:])
    ends = running[inner.starts]
    return np.asarray(ends[1:] - ends[:-1])


def _any_of(values: Array, inner: _Frame) -> Array:
    """Whether any of each row's items holds."""
    import numpy as np

    shape = inner.segments()
    if shape.each is not None:
        return _over(np.logical_or, values, inner, False)
    found = np.zeros(shape.rows, dtype=bool)
    found[inner.parents[values]] = True
    return found


# Months


_WINDOW = (date(1980, 1, 1).toordinal(), date(2080, 1, 1).toordinal())  # days whose months are looked up


def add_months(day: Any, months: Any) -> Any:
    """``dates.add_months`` for arrays of days and months."""
    import numpy as np

    if isinstance(day, int) and isinstance(months, int):
        return dates.add_months(day, months)
    if not isinstance(months, int) or np.ndim(day) == 0 or np.size(day) < _FEW:
        return _each_month_added(day, months)
    first, last = _WINDOW
    places = day - first
    outside = (places.view(np.uint64) >= last - first).nonzero()[0]
    if not len(outside):
        return _window(months)[places]
    places[outside] = 0
    found = _window(months)[places]
    odd = day[outside]
    unknown = (odd <= dates.FIRST_DAY) | (odd >= dates.LAST_DAY)
    found[outside] = odd if unknown.all() else _each_month_added(odd, months)
    return found


_FEW = 64  # days for which a table is not worth its looking up


@lru_cache(maxsize=32)
def _window(months: int) -> Array:
    """Each day of the window some months on."""
    import numpy as np

    found: Array = _each_month_added(np.arange(*_WINDOW), months)
    return found


def _each_month_added(day: Any, months: Any) -> Any:
    import numpy as np

    epoch = 719_163  # the day number of 1970-01-01
    days = np.asarray(day, dtype=np.int64)
    start = (days - epoch).astype("datetime64[D]")
    month = start.astype("datetime64[M]")
    within = (start - month.astype("datetime64[D]")).astype(np.int64)
    target = (month.astype(np.int64) + np.clip(months, -_CALENDAR, _CALENDAR)).astype("datetime64[M]")
    first = target.astype("datetime64[D]").astype(np.int64)
    length = (target + 1).astype("datetime64[D]").astype(np.int64) - first
    end = np.clip(first + np.minimum(within, length - 1) + epoch, dates.FIRST_DAY, dates.LAST_DAY)
    return np.where((days <= dates.FIRST_DAY) | (days >= dates.LAST_DAY), days, end)


# The rule


@dataclass(frozen=True, slots=True)
class Decided:
    """The verdicts of a batch; where ``fits`` is false a filing is left to the scalar form and its verdict says nothing."""

    verdicts: Array
    fits: Array


def batch(rows: Sequence[Sequence[Any]]) -> Table:
    """Filings as a table whose columns are read from their rows when a rule first asks for them."""
    return Table(len(rows), rows)


def decide(formula: Formula, slots: Mapping[str, int], root: Table, parameters: Sequence[int], on: tuple[Any, Any]) -> Decided:
    """Decide a rule on a batch of filings that share the parameters in force.

    ``on`` is the day a window is held against, low and high: two day numbers, or two arrays of them. The verdicts are those
    of the scalar form wherever ``fits`` holds. Raises ``ValueError`` where the rule is not ``expressible``.
    """
    import numpy as np

    reason = expressible(formula)
    if reason is not None:
        raise ValueError(reason)
    formula = _shared(formula)
    run = _Run(root, parameters, slots, on)
    try:
        with np.errstate(over="ignore"):  # a sum may pass 64 bits on its way, see _summed
            verdicts = _verdicts(formula, run)
    except DoesNotFit:
        return Decided(np.full(root.size, OPEN, dtype=np.int8), np.zeros(root.size, dtype=bool))
    return Decided(verdicts, _filled(_negated(run.unfit), run.root))


def _verdicts(formula: Formula, run: _Run) -> Array:
    """Join the clauses that may be in force, as the scalar form does."""
    import numpy as np

    top = run.root
    sure, possible = run.truth(formula.applies, top) if formula.applies is not None else (True, True)
    if possible is False:
        return np.full(top.size, NOT_APPLICABLE, dtype=np.int8)
    certain: Any = False
    kept: Any = False
    broken: Any = False
    clauses = [(run.truth(clause.when, top), clause.require) for clause in formula.clauses[1:] if clause.when is not None]
    clauses = [(when, require) for when, require in clauses if when[1] is not False]
    for (must, _), _ in clauses:
        certain = _or(certain, must)
    low, high = (True, False) if certain is True else run.truth(formula.clauses[0].require, top)
    exact = low is high and not clauses
    low, high = (low, high) if exact else (_or(certain, low), _and(_negated(certain), high))
    for (must, may), require in clauses:
        ok, could = run.truth(require, top)
        low, high = _and(low, _or(_negated(may), ok)), _or(high, _and(may, could))
        kept, broken = _or(kept, _and(must, ok)), _or(broken, _and(must, _negated(could)))
    if exact and sure is True and getattr(low, "shape", None):
        return np.where(low, np.int8(PASS), np.int8(FAIL))
    verdicts = np.full(top.size, OPEN, dtype=np.int8)
    clash = _and(kept, broken) if len(clauses) > 1 else False
    for truth, verdict in ((_and(sure, _negated(high)), FAIL), (low, PASS), (clash, CONFLICT), (_negated(possible), NOT_APPLICABLE)):
        if truth is True:
            verdicts[:] = verdict
        elif truth is not False:
            np.putmask(verdicts, _filled(truth, top), verdict)
    return verdicts
