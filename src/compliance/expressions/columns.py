"""The columns form: many filings at once, over numpy, from the same typed tree and with the same verdicts as the scalar form.

A batch holds every fact as one array over its filings (or over the items of all their lists, with offsets), low and high
ends apart, and one array where all filings know the fact exactly. Whole numbers are 64 bits wide, so before anything runs it
is proved from the batch's own extremes that nothing can overflow; a filing for which that fails is left to the scalar form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product as combinations
from typing import TYPE_CHECKING, Any

from compliance import dates
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Formula, conjuncts, needs_statements
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
_LOOPS = ("sum", "count", "min", "max", "any", "all")


def expressible(formula: Formula) -> str | None:
    """Why a rule cannot take the columns form, or None if it can. ``division`` and ``extreme`` (of numbers over a list)."""
    for node in (part for top in formula.nodes() for part in _distinct(top)):
        if node.op == "div":
            return "division"
        if node.op in ("min", "max") and node.type.kind == "number":
            return "extreme"  # of nothing, it would be an unbounded number of the wrong sign
    return None


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
    is no such row), and the array then holds 0.
    """

    low: Array
    high: Array
    power: int = 0
    finite: int = 0
    below: Array | None = None
    above: Array | None = None


@dataclass(slots=True)
class Listing:
    """A list of many rows: the items of all of them in one table, where each row's items begin, and which lists are open."""

    table: Table
    offsets: Array
    open: Array | None
    longest: int
    parents: Array


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
        return Column(narrow if np.array_equal(low, bits) else low.astype(small), narrow)
    if kind.kind == "truth":
        low, high = np.array(lows, dtype=bool), np.array(highs, dtype=bool)
        return Column(low, low if np.array_equal(low, high) else high)
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
    high = low if not vague and np.array_equal(low, high) else high
    return Column(low, high, power, finite, below if below.any() else None, above if above.any() else None)


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


# The proof


class DoesNotFit(Exception):
    """A number of the batch could pass 64 bits."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A number that is known is at most ``finite`` in magnitude, in units of ``10**power``."""

    finite: int
    power: int


class _Proof:
    """Bounds every number that a formula computes on a batch, given that no known figure is above ``cap``."""

    def __init__(self, root: Table, parameters: Sequence[int], slots: Mapping[str, int], cap: int = LIMIT) -> None:
        self.root = root
        self.parameters = parameters
        self.slots = slots
        self.cap = cap
        self.loops: dict[int, Listing] = {}
        self.known: dict[tuple[Node, tuple[int, ...]], Bound] = {}
        self.reached: set[tuple[Node, tuple[int, ...]]] = set()

    def prove(self, formula: Formula) -> None:
        """Prove that nothing overflows. Raises ``DoesNotFit``."""
        for top in formula.nodes():
            self.reach(top)

    def key(self, node: Node) -> tuple[Node, tuple[int, ...]]:
        """A node and the lists that the items in it belong to."""
        return node, tuple(id(self.loops[depth]) for depth in sorted(free_items(node)))

    def reach(self, node: Node) -> None:
        """Bound every number in a node."""
        if node.op in ("const", "root", "item", "field", "param", "day") or (key := self.key(node)) in self.reached:
            return
        self.reached.add(key)
        if node.op == "cmp":
            self.spread(node)
        elif node.type.kind == "number" or node.op == "months":
            self.number(node)
        if node.op in _LOOPS:
            with self.enter(node):
                for arg in node.args[1:]:
                    self.reach(arg)
            return
        for arg in node.args:
            self.reach(arg)

    @contextmanager
    def enter(self, node: Node) -> Iterator[Listing]:
        """Stand within a loop."""
        source = node.args[0]
        around = self.loops.get(node.value)
        self.loops[node.value] = found = self.table(source.args[0]).listing(source.value[2])
        yield found
        if around is not None:
            self.loops[node.value] = around

    def table(self, row: Node) -> Table:
        """The table that a root, item or reference stands in."""
        if row.op == "root":
            return self.root
        if row.op == "item":
            return self.loops[row.value].table
        return self.table(row.args[0]).reference(row.value[2])[0]

    def note(self, finite: int, power: int) -> Bound:
        """A bound, if it stays within 64 bits."""
        if finite >= LIMIT:
            raise DoesNotFit
        return Bound(finite, power)

    def number(self, node: Node) -> Bound:
        """The bound of a number or a day."""
        key = self.key(node)
        if key not in self.known:
            self.known[key] = getattr(self, f"_{node.op}")(node)
        return self.known[key]

    def at(self, node: Node, scale: int) -> Bound:
        """A number's bound at a finer scale."""
        bound = self.number(node)
        return Bound(bound.finite, bound.power + (scale - node.type.scale if node.type.kind == "number" else 0))

    def aligned(self, bounds: Sequence[Bound]) -> list[Bound]:
        """Bounds in the unit that all share."""
        power = min(bound.power for bound in bounds)
        return [self.shifted(bound, power) for bound in bounds]

    def shifted(self, bound: Bound, power: int) -> Bound:
        """A bound in a finer unit."""
        return self.note(bound.finite * 10 ** (bound.power - power) if bound.finite else 0, power)

    def together(self, bounds: Sequence[Bound]) -> Bound:
        """The bound of a sum."""
        parts = self.aligned(bounds)
        return self.note(sum(part.finite for part in parts), parts[0].power)

    def product(self, a: Bound, b: Bound) -> Bound:
        """The bound of a product."""
        return self.note(a.finite * b.finite, a.power + b.power)

    def exactly(self, value: int) -> Bound:
        """The bound of one whole number."""
        value, power = _factored(value)
        return self.note(abs(value), power)

    def _const(self, node: Node) -> Bound:
        return self.exactly(node.value)

    def _param(self, node: Node) -> Bound:
        return self.exactly(self.parameters[self.slots[node.value]])

    def _day(self, node: Node) -> Bound:
        return self.note(dates.LAST_DAY, 0)

    def _field(self, node: Node) -> Bound:
        found = self.table(node.args[0]).column(node.value[2], node.type)
        return self.note(min(found.finite, self.cap) if node.type.kind == "number" else found.finite, found.power)

    def _add(self, node: Node) -> Bound:
        return self.together([self.at(arg, node.type.scale) for arg in node.args])

    def _neg(self, node: Node) -> Bound:
        return self.number(node.args[0])

    def _mul(self, node: Node) -> Bound:
        return self.product(*(self.number(arg) for arg in node.args))

    def _if(self, node: Node) -> Bound:
        return self.largest([self.at(arg, node.type.scale) for arg in node.args[1:]])

    def _greater(self, node: Node) -> Bound:
        return self.largest([self.at(arg, node.type.scale) for arg in node.args])

    _lesser = _greater

    def largest(self, bounds: Sequence[Bound]) -> Bound:
        """The bound of one of several numbers."""
        return max(self.aligned(bounds), key=lambda bound: bound.finite)

    def _months(self, node: Node) -> Bound:
        self.shifted(self.number(node.args[1]), 0)
        self.number(node.args[0])
        return self.note(dates.LAST_DAY, 0)

    def _sum(self, node: Node) -> Bound:
        with self.enter(node) as found:
            body = self.number(node.args[1])
        return self.note(body.finite * found.longest, body.power)

    _count = _sum

    def _closed(self, node: Node) -> Bound:
        whole, stated, known = node.args
        rest = self.together([self.at(stated, known.type.scale), self.number(known)])
        return self.together([self.number(whole), self.product(rest, self.exactly(node.value))])

    def _extreme_day(self, node: Node) -> Bound:
        with self.enter(node):
            self.number(node.args[1])
        return self.note(dates.LAST_DAY, 0)

    _min = _max = _extreme_day

    def spread(self, node: Node) -> None:
        """Bound the difference of a comparison."""
        parts = []
        for coefficient, atoms in _form(node).terms:
            part = self.exactly(coefficient)
            for atom in sorted(atoms, key=_order_of_factors):
                part = self.product(part, self.number(atom))
            parts.append(part)
        if parts:
            self.together(parts)


def _order_of_factors(node: Node) -> bool:
    return node.op != "param"  # one number for the batch first: multiplied with each other, they cost nothing


@lru_cache(maxsize=10_000)
def _form(node: Node) -> Difference:
    return difference(node.args[0], node.args[1])


# The computation


@dataclass(slots=True)
class Number:
    """Low and high of a number in many rows, in units of ``10**power``; ``low is high`` where all are exact.

    ``below``/``above`` mark the rows that have no lowest or no highest (None: there are none); there, the end says nothing.
    Only a low end is ever without bound below, and only a high end above: what is computed from them is told by its masks.
    """

    low: Any
    high: Any
    power: int = 0
    below: Any = None
    above: Any = None

    @property
    def exact(self) -> bool:
        """Whether every row knows it."""
        return self.low is self.high

    def each(self, change: Callable[[Any], Any]) -> Number:
        """The number with each of its arrays changed."""
        low = change(self.low)
        high = low if self.exact else change(self.high)
        below, above = (None if mask is None else change(mask) for mask in (self.below, self.above))
        return Number(low, high, self.power, below, above)


Truth = tuple[Any, Any]


class _Frame:
    """The rows that a computation runs over: the filings, or the items of a loop with the row of the loop around for each."""

    def __init__(self, depth: int, table: Table, index: Array | None, around: _Frame | None = None, found: Any = None) -> None:
        self.depth = depth
        self.table = table
        self.index = index
        self.around = around
        of_filings: tuple[Any, Any, Any, int] = (None, None, None, table.size)
        self.parents, self.starts, self.open = (found or of_filings)[:3]
        self.size: int = (found or of_filings)[3]
        self.memo: dict[Node, Any] = {}
        self.loops: dict[tuple[int, Node], _Frame] = {}

    def only(self, chosen: Array) -> _Frame:
        """The frame with some of its items."""
        import numpy as np

        assert self.around is not None
        parents = self.parents[chosen]
        offsets = np.searchsorted(chosen, self.starts)
        index = chosen if self.index is None else self.index[chosen]
        return _Frame(self.depth, self.table, index, self.around, (parents, offsets, self.open, len(chosen)))

    def filings(self, rows: Any) -> Any:
        """The filings that some rows of this frame belong to."""
        import numpy as np

        frame, rows = self, _filled(rows, self)
        while frame.around is not None:
            rows = np.bincount(frame.parents[rows], minlength=frame.around.size) > 0
            frame = frame.around
        return rows


class _Run:
    """Computes the nodes of a formula on a batch."""

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
        home = self.home(node, frame)
        if node not in home.memo:
            home.memo[node] = getattr(self, f"_{node.op}")(node, home)
        found = home.memo[node]
        return found if home is frame else self.spread_out(node, found, home, frame)

    def home(self, node: Node, frame: _Frame) -> _Frame:
        """The outermost frame that a node can be told in."""
        needed = max(free_items(node), default=0)
        while frame.depth > needed:
            assert frame.around is not None
            frame = frame.around
        return frame

    def spread_out(self, node: Node, found: Any, home: _Frame, frame: _Frame) -> Any:
        """What is known of outer rows, for each inner row."""
        if node in frame.memo:
            return frame.memo[node]
        assert frame.around is not None
        if frame.around is not home:
            found = self.spread_out(node, found, home, frame.around)
        if isinstance(found, Number):
            result: Any = found.each(lambda values: _taken(values, frame.parents))
        else:
            low = _taken(found[0], frame.parents)
            result = (low, low if found[0] is found[1] else _taken(found[1], frame.parents))
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
        known = Number(found.low, found.high, found.power, found.below, found.above)
        if index is not None:
            known = known.each(lambda values: values[index])
        return known if node.type.kind in ("number", "date") else (known.low, known.high)

    def _param(self, node: Node, frame: _Frame) -> Number:
        return _exactly(self.parameters[self.slots[node.value]])

    def _day(self, node: Node, frame: _Frame) -> Number:
        low, high = self.on
        return Number(low, low if low is high or (isinstance(low, int) and low == high) else high)

    # Numbers

    def at(self, node: Node, scale: int, frame: _Frame) -> Number:
        """A number at a finer scale: another unit, and no computation."""
        found = self.number(node, frame)
        if node.type.kind != "number" or node.type.scale == scale:
            return found
        return replace(found, power=found.power + scale - node.type.scale)

    def _add(self, node: Node, frame: _Frame) -> Number:
        return _total([self.at(arg, node.type.scale, frame) for arg in node.args])

    def _neg(self, node: Node, frame: _Frame) -> Number:
        return _negative(self.number(node.args[0], frame))

    def _mul(self, node: Node, frame: _Frame) -> Number:
        a, b = node.args
        both = a.type.nonnegative and b.type.nonnegative
        return _product(self.number(a, frame), self.number(b, frame), both)

    def _greater(self, node: Node, frame: _Frame) -> Number:
        best, *others = _aligned([self.at(arg, node.type.scale, frame) for arg in node.args])
        for other in others:
            best = _greater(best, other)
        return best

    def _lesser(self, node: Node, frame: _Frame) -> Number:
        best, *others = _aligned([_negative(self.at(arg, node.type.scale, frame)) for arg in node.args])
        for other in others:
            best = _greater(best, other)
        return _negative(best)

    def _months(self, node: Node, frame: _Frame) -> Number:
        import numpy as np

        day, count = self.number(node.args[0], frame), _shifted(self.number(node.args[1], frame), 0)
        low = add_months(day.low, _unless(count.below, count.low, -_CALENDAR))
        exact = day.exact and count.exact
        return Number(low, low if exact else np.asarray(add_months(day.high, _unless(count.above, count.high, _CALENDAR))))

    def _if(self, node: Node, frame: _Frame) -> Any:
        import numpy as np

        sure, possible = self.truth(node.args[0], frame)
        if node.type.kind == "truth":
            (a, c), (b, d) = (self.truth(arg, frame) for arg in node.args[1:])
            if sure is possible:
                low = np.where(sure, a, b)
                return low, low if a is c and b is d else np.where(sure, c, d)
            return (
                np.where(sure, a, np.where(possible, _and(a, b), b)),
                np.where(sure, c, np.where(possible, _or(c, d), d)),
            )
        then, otherwise = _aligned([self.at(arg, node.type.scale, frame) for arg in node.args[1:]])
        below = _chosen(sure, possible, then.below, otherwise.below)
        above = _chosen(sure, possible, then.above, otherwise.above)
        if sure is possible:
            low = np.where(sure, then.low, otherwise.low)
            exact = then.exact and otherwise.exact
            return Number(low, low if exact else np.where(sure, then.high, otherwise.high), then.power, below, above)
        # Where the condition is told, one branch; only the rows where it is not need both.
        low = np.where(sure, then.low, otherwise.low)
        exact = then.exact and otherwise.exact
        high = low.copy() if exact else np.where(sure, then.high, otherwise.high)
        split: Any = (possible & ~sure).nonzero()[0] if low.shape else ...
        ends = [_taken(end, split) for end in (then.low, otherwise.low, then.high, otherwise.high)]
        low[split], high[split] = np.minimum(*ends[:2]), np.maximum(*ends[2:])
        return Number(low, high, then.power, below, above)

    # Truths

    def _in(self, node: Node, frame: _Frame) -> Truth:
        return self.member(node, frame, node.value)

    def _isin(self, node: Node, frame: _Frame) -> Truth:
        return self.member(node, frame, self.parameters[self.slots[node.args[1].value]])

    def member(self, node: Node, frame: _Frame, members: int) -> Truth:
        """Whether an enumeration is one of ``members``."""
        import numpy as np

        known, bits = self.value(node.args[0], frame)
        some = bits & bits.dtype.type(members & int(np.iinfo(bits.dtype).max))
        possible = some != 0
        return (possible if known is bits else some == bits), possible

    def _and(self, node: Node, frame: _Frame) -> Truth:
        return self.joined(node, frame, _and)

    def _or(self, node: Node, frame: _Frame) -> Truth:
        return self.joined(node, frame, _or)

    def joined(self, node: Node, frame: _Frame, join: Any) -> Truth:
        """Kleene's and/or: the ends one by one."""
        low, high = self.truth(node.args[0], frame)
        for arg in node.args[1:]:
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
        if symbol in (">", ">="):
            low, high, below, above, symbol = -high, -low, above, below, symbol.replace(">", "<")
        if symbol in ("<", "<="):
            sure = high < 0 if symbol == "<" else high <= 0
            if found.exact:
                return sure, sure
            possible = low < 0 if symbol == "<" else low <= 0
            return (sure if above is None else sure & ~above), (possible if below is None else possible | below)
        zero = _and(low == 0, high == 0)
        around = (
            zero
            if found.exact
            else _and(low <= 0 if below is None else (low <= 0) | below, high >= 0 if above is None else (high >= 0) | above)
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
            return self.interval(form, atoms)
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
                placed[atom] = Number(at, at, atoms[atom].power)
            found.append(self.interval(form, {**atoms, **placed}))
        low, high = np.minimum.reduce([each.low for each in found]), np.maximum.reduce([each.high for each in found])
        below, above = None, None
        for each in found:
            below, above = _either(below, each.below), _either(above, each.above)
        return Number(low, high, found[0].power, below, above)

    def leave(self, frame: _Frame, rows: Any) -> None:
        """Leave the filings that some rows of a frame belong to."""
        self.unfit = _or(self.unfit, frame.filings(rows))

    def interval(self, form: Difference, atoms: Mapping[Node, Number]) -> Number:
        """The difference as a sum of products of independent ranges."""
        parts = []
        for coefficient, factors in form.terms:
            part, positive = _exactly(coefficient), coefficient >= 0
            for factor in sorted(factors, key=_order_of_factors):
                part = _product(part, atoms[factor], positive and factor.type.nonnegative)
                positive = positive and factor.type.nonnegative
            parts.append(part)
        return _total(parts) if parts else _exactly(0)

    # Loops

    def enter(self, node: Node, frame: _Frame) -> _Frame:
        """The frame of a loop's items."""
        import numpy as np

        source, depth = node.args[0], node.value
        if (depth, source) in frame.loops:
            return frame.loops[depth, source]
        home = self.home(source, frame)
        table, index = self.place(source.args[0], home)
        if home is not frame:
            way = np.arange(home.size)
            for step in _between(home, frame):
                way = way[step.parents]
            index = way if index is None else index[way]
        found = table.listing(source.value[2])
        if index is None:
            inner = _Frame(depth, found.table, None, frame, (found.parents, found.offsets, found.open, len(found.parents)))
        else:
            sizes = np.diff(found.offsets)[index]
            offsets = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
            parents = np.repeat(np.arange(len(sizes)), sizes)
            items = np.arange(offsets[-1]) + (found.offsets[:-1][index] - offsets[:-1])[parents]
            unlisted = None if found.open is None else found.open[index]
            inner = _Frame(depth, found.table, items, frame, (parents, offsets, unlisted, int(offsets[-1])))
        frame.loops[depth, source] = inner
        return inner

    def counted(self, node: Node, frame: _Frame) -> tuple[_Frame, Truth]:
        """The items that may count, with which of them surely do and which may.

        A condition is asked part by part, the cheap ones first; where a part leaves few items, the rest is computed for
        these alone.
        """
        inner = self.enter(node, frame)
        sure: Any = True
        possible: Any = True
        parts = sorted((part for c in node.args[2:] for part in conjuncts(c)), key=needs_statements)
        for number, part in enumerate(parts):
            low, high = self.truth(part, inner)
            exact = sure is possible and low is high
            sure = _and(sure, low)
            possible = sure if exact else _and(possible, high)
            heavy = number + 1 == len(parts) or needs_statements(parts[number + 1])
            if heavy and getattr(possible, "shape", None) and 2 * possible.sum() < possible.size:
                chosen = possible.nonzero()[0]
                inner = inner.only(chosen)
                sure = True if exact else _taken(sure, chosen)
                possible = True
        return inner, (sure, possible)

    def listed(self, node: Node, frame: _Frame) -> tuple[Number, _Frame]:
        """A sum over the items that are named."""
        import numpy as np

        inner, (sure, possible) = self.counted(node, frame)
        body = self.number(node.args[1], inner)
        low, high = body.low, body.high
        exact = body.exact and sure is possible
        if sure is not True:
            if exact or node.args[1].type.nonnegative:
                low = np.where(sure, low, 0)
                high = low if exact else np.where(possible, high, 0)
            else:
                low = np.where(sure | (possible & (low < 0)), low, 0)
                high = np.where(sure | (possible & (high > 0)), high, 0)
        total = _over(np.add, _filled(low, inner), inner, 0)
        masks = [
            None if mask is None else _over(np.logical_or, _filled(_and(possible, mask), inner), inner, False)
            for mask in (body.below, body.above)
        ]
        return Number(total, total if exact else _over(np.add, _filled(high, inner), inner, 0), body.power, *masks), inner

    def _sum(self, node: Node, frame: _Frame) -> Number:
        found, inner = self.listed(node, frame)
        if inner.open is None:
            return found
        below = found.below if node.type.nonnegative else _either(found.below, inner.open)
        # Not exact any more: the high end is a copy, so that nothing takes it for the low one.
        return Number(found.low, found.high.copy(), found.power, below, _either(found.above, inner.open))

    _count = _sum

    def _closed(self, node: Node, frame: _Frame) -> Number:
        import numpy as np

        whole, stated, known = node.args
        found, inner = self.listed(whole, frame)
        if inner.open is None:
            return found
        total, (sum_of_known, _) = self.at(stated, known.type.scale, frame), self.listed(known, frame)
        total, sum_of_known = _aligned([total, sum_of_known])
        rest = np.where(inner.open, np.maximum(total.high - sum_of_known.low, 0), 0)
        more = _product(Number(rest, rest, total.power), _exactly(node.value), True)
        above = found.above if total.above is None or not node.value else _either(found.above, inner.open & total.above)
        found, more = _aligned([found, more])
        return Number(found.low, found.high + more.high, found.power, found.below, above)

    def _max(self, node: Node, frame: _Frame) -> Number:
        return self.outermost(node, frame, 1)

    def _min(self, node: Node, frame: _Frame) -> Number:
        return self.outermost(node, frame, -1)

    def outermost(self, node: Node, frame: _Frame, sign: int) -> Number:
        """The latest or earliest day over a loop."""
        import numpy as np

        pick, nothing, past = (np.maximum, dates.FIRST_DAY, dates.LAST_DAY) if sign > 0 else (np.minimum, dates.LAST_DAY, dates.FIRST_DAY)
        inner, (sure, possible) = self.counted(node, frame)
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
        return Number(at, to) if sign > 0 else Number(to, at)

    def _any(self, node: Node, frame: _Frame) -> Truth:
        import numpy as np

        inner, (sure, possible) = self.counted(node, frame)
        low, high = self.truth(node.args[1], inner)
        exact = low is high and sure is possible
        first = _over(np.logical_or, _filled(_and(sure, low), inner), inner, False)
        second = first if exact else _over(np.logical_or, _filled(_and(possible, high), inner), inner, False)
        return first, second if inner.open is None else second | inner.open

    def _all(self, node: Node, frame: _Frame) -> Truth:
        import numpy as np

        inner, (sure, possible) = self.counted(node, frame)
        low, high = self.truth(node.args[1], inner)
        exact = low is high and sure is possible
        first = _over(np.logical_and, _filled(_or(_negated(possible), low), inner), inner, True)
        second = first if exact else _over(np.logical_and, _filled(_or(_negated(sure), high), inner), inner, True)
        return first if inner.open is None else first & ~inner.open, second


def _between(home: _Frame, frame: _Frame) -> list[_Frame]:
    steps = []
    at: _Frame = frame
    while at is not home:
        steps.append(at)
        assert at.around is not None
        at = at.around
    return steps[::-1]


def _exactly(value: int) -> Number:
    value, power = _factored(value)
    return Number(value, value, power)


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


def _shifted(number: Number, power: int) -> Number:
    if number.power == power:
        return number
    factor = 10 ** min(number.power - power, 18)  # more than that is a multiple of zero alone
    low = number.low * factor
    return Number(low, low if number.exact else number.high * factor, power, number.below, number.above)


def _aligned(numbers: Sequence[Number]) -> list[Number]:
    power = min(number.power for number in numbers)
    return [_shifted(number, power) for number in numbers]


def _total(numbers: Sequence[Number]) -> Number:
    first, *others = _aligned(numbers)
    low, high, exact, below, above = first.low, first.high, first.exact, first.below, first.above
    for other in others:
        exact = exact and other.exact
        low = low + other.low
        high = low if exact else high + other.high
        below, above = _either(below, other.below), _either(above, other.above)
    return Number(low, high, first.power, below, above)


def _negative(number: Number) -> Number:
    low = -number.high
    return Number(low, low if number.exact else -number.low, number.power, number.above, number.below)


def _greater(a: Number, b: Number) -> Number:
    """The greater of two numbers in one unit."""
    import numpy as np

    low = np.maximum(_unless(a.below, a.low, -LIMIT), _unless(b.below, b.low, -LIMIT))
    below = None if a.below is None or b.below is None else a.below & b.below
    low = _unless(below, low, 0)
    if a.exact and b.exact:
        return Number(low, low, a.power)
    return Number(low, np.maximum(a.high, b.high), a.power, below, _either(a.above, b.above))


def _product(a: Number, b: Number, nonnegative: bool) -> Number:
    """The range of the product of two independent ranges."""
    import numpy as np

    power = a.power + b.power
    if a.exact and b.exact:
        low = a.low * b.low
        return Number(low, low, power)
    for one, other in ((a, b), (b, a)):
        if one.exact and isinstance(one.low, int):
            if not one.low:
                return Number(0, 0, 0)
            same = replace(other, power=power) if one.low > 0 else _negative(replace(other, power=power))
            by = abs(one.low)
            low = same.low * by
            return Number(low, low if same.exact else same.high * by, power, same.below, same.above)
    unbounded = any(mask is not None for mask in (a.below, a.above, b.below, b.above))
    if nonnegative:
        above = _either(_reaching(a.above, b), _reaching(b.above, a)) if unbounded else None
        return Number(a.low * b.low, a.high * b.high, power, None, above)
    if unbounded:
        a, b = _bounded(a), _bounded(b)
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    low, high = corners[0], corners[0]
    for corner in corners[1:]:
        low, high = np.minimum(low, corner), np.maximum(high, corner)
    if not unbounded:
        return Number(low, high, power)
    below = above = None
    for one, other in ((a, b), (b, a)):
        negative, positive = _beneath(other), _beneath(_negative(other))
        for mask, down, up in ((one.above, negative, positive), (one.below, positive, negative)):
            if mask is not None:
                below, above = _either(below, _and(mask, down)), _either(above, _and(mask, up))
    return Number(low, high, power, below, above)


def _reaching(mask: Any, other: Number) -> Any:
    """Where a number without bound, times one that is not negative, has none either: not where that other is zero."""
    if mask is None:
        return None
    return _and(mask, other.high != 0 if other.above is None else (other.high != 0) | other.above)


def _beneath(number: Number) -> Any:
    """Where a number may be negative."""
    return number.low < 0 if number.below is None else (number.low < 0) | number.below


def _bounded(number: Number) -> Number:
    """The number with the bound that it has in place of the one that it has not; zero where it has neither."""
    low, high = _unless(number.below, number.low, 0), _unless(number.above, number.high, 0)
    if number.below is not None:
        low = _unless(number.below if number.above is None else number.below & ~number.above, low, high)
    if number.above is not None:
        high = _unless(number.above if number.below is None else number.above & ~number.below, high, low)
    return Number(low, high, number.power, number.below, number.above)


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
    """An array over a loop's items, also of what is the same for all."""
    import numpy as np

    return np.full(inner.size, values) if np.ndim(values) == 0 else np.asarray(values)


def _over(pick: np.ufunc, values: Array, inner: _Frame, nothing: Any) -> Array:
    """The items of each row taken together; a row without items gives ``nothing``."""
    import numpy as np

    starts, ends = inner.starts[:-1], inner.starts[1:]
    full = starts < ends
    if full.all():
        return np.asarray(pick.reduceat(values, starts)) if len(starts) else np.zeros(0, dtype=values.dtype)
    found = np.full(len(starts), nothing, dtype=values.dtype)
    if full.any():
        found[full] = pick.reduceat(values, starts[full])
    return found


def add_months(day: Any, months: Any) -> Any:
    """``dates.add_months`` for arrays of days and months."""
    import numpy as np

    if isinstance(day, int) and isinstance(months, int):
        return dates.add_months(day, months)
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
    nothing = Decided(np.full(root.size, OPEN, dtype=np.int8), np.zeros(root.size, dtype=bool))
    try:
        fits = _fitting(formula, slots, root, parameters)
        if not fits.any():
            return nothing
        run = _Run(root, parameters, slots, on)
        with np.errstate(over="ignore"):  # only in filings that do not fit
            verdicts = _verdicts(formula, run)
        return Decided(verdicts, fits if run.unfit is False else fits & ~run.unfit)
    except DoesNotFit:
        return nothing


def _fitting(formula: Formula, slots: Mapping[str, int], root: Table, parameters: Sequence[int]) -> Array:
    """The filings in which nothing can overflow; those with the largest figures are set aside where the batch does not fit.

    Raises ``DoesNotFit`` where nothing fits.
    """
    import numpy as np

    try:
        _Proof(root, parameters, slots).prove(formula)
        return np.ones(root.size, dtype=bool)
    except DoesNotFit:
        pass
    for bits in range(60, 1, -2):
        try:
            _Proof(root, parameters, slots, 1 << bits).prove(formula)
        except DoesNotFit:
            continue
        return ~_above(formula, _Run(root, parameters, slots, (0, 0)), 1 << bits)
    raise DoesNotFit


def _above(formula: Formula, run: _Run, cap: int) -> Array:
    """The filings in which a figure that the rule reads is above ``cap``."""
    import numpy as np

    found = np.zeros(run.root.size, dtype=bool)

    def visit(node: Node, frame: _Frame) -> None:
        nonlocal found
        if node.op in _LOOPS:
            inner = run.enter(node, frame)
            for arg in node.args[1:]:
                visit(arg, inner)
            return
        if node.op == "field" and node.type.kind == "number":
            known = run.number(node, frame)
            found |= frame.filings((np.abs(known.low) > cap) | (np.abs(known.high) > cap))
        for arg in node.args:
            visit(arg, frame)

    for top in formula.nodes():
        visit(top, run.root)
    return found


def _verdicts(formula: Formula, run: _Run) -> Array:
    """Join the clauses that may be in force, as the scalar form does."""
    import numpy as np

    top = run.root
    sure, possible = run.truth(formula.applies, top) if formula.applies is not None else (True, True)
    low, high = run.truth(formula.clauses[0].require, top)
    certain: Any = False
    kept: Any = False
    broken: Any = False
    for clause in formula.clauses[1:]:
        assert clause.when is not None
        certain = _or(certain, run.truth(clause.when, top)[0])
    low, high = _or(certain, low), _and(_negated(certain), high)
    for clause in formula.clauses[1:]:
        assert clause.when is not None
        (must, may), (ok, could) = run.truth(clause.when, top), run.truth(clause.require, top)
        low, high = _and(low, _or(_negated(may), ok)), _or(high, _and(may, could))
        kept, broken = _or(kept, _and(must, ok)), _or(broken, _and(must, _negated(could)))
    verdicts = np.full(top.size, OPEN, dtype=np.int8)
    for truth, verdict in (
        (_and(sure, _negated(high)), FAIL),
        (low, PASS),
        (_and(kept, broken), CONFLICT),
        (_negated(possible), NOT_APPLICABLE),
    ):
        if truth is not False:
            np.putmask(verdicts, _filled(truth, top), verdict)
    return verdicts
