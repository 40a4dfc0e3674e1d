"""The columns form: many filings at once, over numpy, from the same typed tree and with the same verdicts as the scalar form.

A batch holds every fact as one array over its filings (or over the items of all their lists, with offsets), low and high
ends apart, and one array where all filings know the fact exactly. Whole numbers are 64 bits wide, so before anything runs it
is proved from the batch's own extremes that nothing can overflow; a filing for which that fails is left to the scalar form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product as combinations
from typing import TYPE_CHECKING, Any

from compliance import dates
from compliance.expressions.emit import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Formula
from compliance.expressions.linear import MAX_CORNERS, Difference, difference
from compliance.expressions.tree import Node, Type, degree, free_items
from compliance.quantities import BEYOND

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

LIMIT = 1 << 62  # what no number may reach in 64 bits, with room for a sign and one addition
_PAST = BEYOND // 10**10  # a cell from here on says "no bound"
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

    ``low is high`` where the fact is exact in every row. Ends without bound stand as ``without`` (two masks, or None).
    """

    low: Array
    high: Array
    power: int = 0
    finite: int = 0
    without: tuple[Array, Array] | None = None
    placed: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def ends(self, past: int) -> tuple[Array, Array]:
        """Low and high with ``past`` standing for what has no bound."""
        import numpy as np

        if self.without is None:
            return self.low, self.high
        if past not in self.placed:
            below, above = self.without
            self.placed[past] = np.where(below, -past, self.low), np.where(above, past, self.high)
        return self.placed[past]


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
    without = (below, above) if below.any() or above.any() else None
    low = np.array([0 if abs(v) >= _PAST else v for v in lows], dtype=np.int64)
    high = np.array([0 if abs(v) >= _PAST else v for v in highs], dtype=np.int64)
    power = 0
    if kind.kind == "number":
        divisor = int(np.gcd(np.gcd.reduce(low), np.gcd.reduce(high))) if low.size else 0
        power = _ZERO_POWER if divisor == 0 else _zeros(divisor)
        if divisor:
            low, high = low // 10**power, high // 10**power
    finite = max((abs(int(end)) for part in (low, high) for end in (part.min(initial=0), part.max(initial=0))), default=0)
    return Column(low, low if without is None and np.array_equal(low, high) else high, power, finite, without)


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
    """A number is at most ``finite + times * past`` in magnitude, in units of ``10**power``."""

    finite: int
    times: int
    power: int


class _Proof:
    """Bounds every number that a formula computes on a batch, given that no known figure is above ``cap``.

    ``bounded``: and given that every figure has a bound, and every list is complete.
    """

    def __init__(
        self,
        root: Table,
        parameters: Sequence[int],
        slots: Mapping[str, int],
        cap: int = LIMIT,
        bounded: bool = False,
    ) -> None:
        self.root = root
        self.bounded = bounded
        self.parameters = parameters
        self.slots = slots
        self.cap = cap
        self.all: set[tuple[int, int]] = set()
        self.loops: dict[int, Listing] = {}

    def past(self, formula: Formula) -> int:
        """What may stand for "no bound" in the batch. Raises ``DoesNotFit``."""
        for top in formula.nodes():
            self.reach(top)
        finite = max((finite for finite, _ in self.all), default=0)
        past = 1 << (2 * finite + 2).bit_length()
        if any(finite + times * past >= LIMIT for finite, times in self.all):
            raise DoesNotFit
        return past

    def reach(self, node: Node) -> None:
        """Bound every number in a node."""
        if node.op in ("const", "root", "item", "field", "param", "day"):
            return
        if node.op in (*_LOOPS, "closed"):
            self.enter(node if node.op != "closed" else node.args[0])
        if node.op == "cmp":
            self.spread(node)
        elif node.type.kind == "number" or node.op == "months":
            self.number(node)
        for arg in node.args:
            self.reach(arg)

    def enter(self, node: Node) -> Listing:
        """The list of a loop."""
        source = node.args[0]
        found = self.table(source.args[0]).listing(source.value[2])
        self.loops[node.value] = found
        return found

    def table(self, row: Node) -> Table:
        """The table that a root, item or reference stands in."""
        if row.op == "root":
            return self.root
        if row.op == "item":
            return self.loops[row.value].table
        return self.table(row.args[0]).reference(row.value[2])[0]

    def note(self, finite: int, times: int, power: int) -> Bound:
        """Keep a bound for the proof."""
        self.all.add((finite, times))
        return Bound(finite, times, power)

    def number(self, node: Node) -> Bound:
        """The bound of a number or a day."""
        bound: Bound = getattr(self, f"_{node.op}")(node)
        return bound

    def at(self, node: Node, scale: int) -> Bound:
        """A number's bound at a finer scale."""
        bound = self.number(node)
        return Bound(bound.finite, bound.times, bound.power + (scale - node.type.scale if node.type.kind == "number" else 0))

    def aligned(self, bounds: Sequence[Bound]) -> tuple[list[Bound], int]:
        """Bounds in the unit that all share."""
        power = min(bound.power for bound in bounds)
        return [self.shifted(bound, power) for bound in bounds], power

    def shifted(self, bound: Bound, power: int) -> Bound:
        """A bound in a finer unit."""
        factor = 10 ** (bound.power - power) if bound.finite or bound.times else 1
        return self.note(bound.finite * factor, bound.times * factor, power)

    def _const(self, node: Node) -> Bound:
        value, power = _factored(node.value)
        return self.note(abs(value), 0, power)

    def _param(self, node: Node) -> Bound:
        value, power = _factored(self.parameters[self.slots[node.value]])
        return self.note(abs(value), 0, power)

    def _day(self, node: Node) -> Bound:
        return self.note(dates.LAST_DAY, 0, 0)

    def _field(self, node: Node) -> Bound:
        found = self.table(node.args[0]).column(node.value[2], node.type)
        finite = min(found.finite, self.cap) if node.type.kind == "number" else found.finite
        return self.note(finite, 0 if found.without is None or self.bounded else 1, found.power)

    def _add(self, node: Node) -> Bound:
        parts, power = self.aligned([self.at(arg, node.type.scale) for arg in node.args])
        return self.note(sum(part.finite for part in parts), sum(part.times for part in parts), power)

    def _neg(self, node: Node) -> Bound:
        return self.number(node.args[0])

    def _mul(self, node: Node) -> Bound:
        return self.product(*(self.number(arg) for arg in node.args))

    def product(self, a: Bound, b: Bound) -> Bound:
        """The bound of a product; two numbers without bound do not go together."""
        if a.times and b.times:
            raise DoesNotFit
        return self.note(a.finite * b.finite, a.times * b.finite + b.times * a.finite, a.power + b.power)

    def _if(self, node: Node) -> Bound:
        parts, power = self.aligned([self.at(arg, node.type.scale) for arg in node.args[1:]])
        return self.note(max(part.finite for part in parts), max(part.times for part in parts), power)

    def _greater(self, node: Node) -> Bound:
        parts, power = self.aligned([self.at(arg, node.type.scale) for arg in node.args])
        return self.note(max(part.finite for part in parts), max(part.times for part in parts), power)

    _lesser = _greater

    def _months(self, node: Node) -> Bound:
        self.shifted(self.number(node.args[1]), 0)
        self.number(node.args[0])
        return self.note(dates.LAST_DAY, 0, 0)

    def _sum(self, node: Node) -> Bound:
        bound = self.listed(node)
        found = self.loops[node.value]
        if found.open is None or self.bounded:
            return bound
        if degree(node.args[1]) > 1:
            raise DoesNotFit
        return self.note(bound.finite, bound.times + 1, bound.power)

    _count = _sum

    def listed(self, node: Node) -> Bound:
        """The bound of a sum over the items that are named."""
        found = self.enter(node)
        body = self.number(node.args[1])
        return self.note(body.finite * found.longest, body.times * found.longest, body.power)

    def _closed(self, node: Node) -> Bound:
        whole, stated, known = node.args
        bound = self.listed(whole)
        if self.loops[whole.value].open is None:
            return bound
        parts, _ = self.aligned([self.at(stated, known.type.scale), self.listed(known)])
        rest = self.product(
            self.note(sum(p.finite for p in parts), sum(p.times for p in parts), parts[0].power), self._const_of(node.value)
        )
        parts, power = self.aligned([bound, rest])
        return self.note(sum(part.finite for part in parts), sum(part.times for part in parts), power)

    def _const_of(self, value: int) -> Bound:
        value, power = _factored(value)
        return self.note(abs(value), 0, power)

    def _extreme_day(self, node: Node) -> Bound:
        self.enter(node)
        self.number(node.args[1])
        return self.note(dates.LAST_DAY, 0, 0)

    _min = _max = _extreme_day

    def spread(self, node: Node) -> None:
        """Bound the difference of a comparison."""
        parts = []
        for coefficient, atoms in _form(node).terms:
            part = self._const_of(coefficient)
            for atom in atoms:
                part = self.product(part, self.number(atom))
            parts.append(part)
        if parts:
            parts, power = self.aligned(parts)
            self.note(sum(part.finite for part in parts), sum(part.times for part in parts), power)


@lru_cache(maxsize=10_000)
def _form(node: Node) -> Difference:
    return difference(node.args[0], node.args[1])


# The computation


@dataclass(slots=True)
class Number:
    """Low and high of a number in many rows, in units of ``10**power``; ``low is high`` where all are exact."""

    low: Any
    high: Any
    power: int = 0

    @property
    def exact(self) -> bool:
        """Whether every row knows it."""
        return self.low is self.high


Truth = tuple[Any, Any]


class _Frame:
    """The rows that a computation runs over: the filings, or the items of a loop with the row of the loop around for each."""

    def __init__(self, depth: int, table: Table, index: Array | None, around: _Frame | None = None, found: Any = None) -> None:
        self.depth = depth
        self.table = table
        self.index = index
        self.around = around
        self.parents, self.starts, self.open, self.size = found if found is not None else (None, None, None, table.size)
        self.memo: dict[Node, Any] = {}
        self.loops: dict[tuple[int, Node], _Frame] = {}


class _Run:
    """Computes the nodes of a formula on a batch."""

    def __init__(self, root: Table, parameters: Sequence[int], slots: Mapping[str, int], on: tuple[Any, Any], past: int) -> None:
        self.root = _Frame(0, root, None)
        self.parameters = parameters
        self.slots = slots
        self.on = on
        self.past = past

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
            low = _taken(found.low, frame.parents)
            result: Any = Number(low, low if found.exact else _taken(found.high, frame.parents), found.power)
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
        low, high = found.ends(self.past)
        if index is not None:
            high = None if low is high else high[index]
            low = low[index]
            high = low if high is None else high
        return Number(low, high, found.power) if node.type.kind in ("number", "date") else (low, high)

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
        return Number(found.low, found.high, found.power + scale - node.type.scale)

    def _add(self, node: Node, frame: _Frame) -> Number:
        return _total([self.at(arg, node.type.scale, frame) for arg in node.args])

    def _neg(self, node: Node, frame: _Frame) -> Number:
        found = self.number(node.args[0], frame)
        low = -found.high
        return Number(low, low if found.exact else -found.low, found.power)

    def _mul(self, node: Node, frame: _Frame) -> Number:
        a, b = node.args
        both = a.type.nonnegative and b.type.nonnegative
        return _product(self.number(a, frame), self.number(b, frame), both)

    def _greater(self, node: Node, frame: _Frame) -> Number:
        return self.extreme(node, frame, 1)

    def _lesser(self, node: Node, frame: _Frame) -> Number:
        return self.extreme(node, frame, -1)

    def extreme(self, node: Node, frame: _Frame, sign: int) -> Number:
        """The greater or lesser of several numbers."""
        import numpy as np

        pick = np.maximum if sign > 0 else np.minimum
        best, *others = _aligned([self.at(arg, node.type.scale, frame) for arg in node.args])
        for other in others:
            low = pick(best.low, other.low)
            best = Number(low, low if best.exact and other.exact else pick(best.high, other.high), best.power)
        return best

    def _months(self, node: Node, frame: _Frame) -> Number:
        day, count = self.number(node.args[0], frame), _shifted(self.number(node.args[1], frame), 0)
        low = add_months(day.low, count.low)
        return Number(low, low if day.exact and count.exact else add_months(day.high, count.high))

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
        if sure is possible:
            low = np.where(sure, then.low, otherwise.low)
            exact = then.exact and otherwise.exact
            return Number(low, low if exact else np.where(sure, then.high, otherwise.high), then.power)
        low = np.where(sure, then.low, np.where(possible, np.minimum(then.low, otherwise.low), otherwise.low))
        high = np.where(sure, then.high, np.where(possible, np.maximum(then.high, otherwise.high), otherwise.high))
        return Number(low, high, then.power)

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
        low, high = found.low, found.high
        ends = {"<": (high < 0, low < 0), "<=": (high <= 0, low <= 0), ">": (low > 0, high > 0), ">=": (low >= 0, high >= 0)}
        if symbol in ends:
            sure, possible = ends[symbol]
            return sure, sure if found.exact else possible
        zero = _and(low == 0, high == 0)
        around = zero if found.exact else _and(low <= 0, high >= 0)
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
        lows, highs = [], []
        power = 0
        for corner in combinations((0, 1), repeat=len(vague)):
            placed = {}
            for atom, end in zip(vague, corner, strict=True):
                at = atoms[atom].high if end else atoms[atom].low
                placed[atom] = Number(at, at, atoms[atom].power)
            found = self.interval(form, {**atoms, **placed})
            lows.append(found.low)
            highs.append(found.high)
            power = found.power
        return Number(np.minimum.reduce(lows), np.maximum.reduce(highs), power)

    def interval(self, form: Difference, atoms: Mapping[Node, Number]) -> Number:
        """The difference as a sum of products of independent ranges."""
        parts = []
        for coefficient, factors in form.terms:
            part, positive = _exactly(coefficient), coefficient >= 0
            for factor in sorted(factors, key=lambda node: not _scalar(atoms[node])):
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

    def condition(self, node: Node, inner: _Frame) -> Truth:
        """Which items surely count, and which may."""
        return self.truth(node.args[2], inner) if len(node.args) > 2 else (True, True)

    def listed(self, node: Node, frame: _Frame) -> tuple[Number, _Frame]:
        """A sum over the items that are named."""
        import numpy as np

        inner = self.enter(node, frame)
        body, (sure, possible) = self.number(node.args[1], inner), self.condition(node, inner)
        low, high = body.low, body.high
        exact = body.exact and sure is possible
        if sure is not True:
            if exact or node.args[1].type.nonnegative:
                low = np.where(sure, low, 0)
                high = low if exact else np.where(possible, high, 0)
            else:
                low, high = np.where(sure | (possible & (low < 0)), low, 0), np.where(sure | (possible & (high > 0)), high, 0)
        total = _over(np.add, _filled(low, inner), inner, 0)
        return Number(total, total if exact else _over(np.add, _filled(high, inner), inner, 0), body.power), inner

    def _sum(self, node: Node, frame: _Frame) -> Number:
        found, inner = self.listed(node, frame)
        if inner.open is None:
            return found
        rest = inner.open * self.past
        power = found.power
        return Number(found.low if node.type.nonnegative else found.low - rest, found.high + rest, power)

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
        found, more = _aligned([found, more])
        return Number(found.low, found.high + more.high, found.power)

    def _max(self, node: Node, frame: _Frame) -> Number:
        return self.outermost(node, frame, 1)

    def _min(self, node: Node, frame: _Frame) -> Number:
        return self.outermost(node, frame, -1)

    def outermost(self, node: Node, frame: _Frame, sign: int) -> Number:
        """The latest or earliest day over a loop."""
        import numpy as np

        pick, nothing, past = (np.maximum, dates.FIRST_DAY, dates.LAST_DAY) if sign > 0 else (np.minimum, dates.LAST_DAY, dates.FIRST_DAY)
        inner = self.enter(node, frame)
        body, (sure, possible) = self.number(node.args[1], inner), self.condition(node, inner)
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

        inner = self.enter(node, frame)
        (low, high), (sure, possible) = self.truth(node.args[1], inner), self.condition(node, inner)
        exact = low is high and sure is possible
        first = _over(np.logical_or, _filled(_and(sure, low), inner), inner, False)
        second = first if exact else _over(np.logical_or, _filled(_and(possible, high), inner), inner, False)
        return first, second if inner.open is None else second | inner.open

    def _all(self, node: Node, frame: _Frame) -> Truth:
        import numpy as np

        inner = self.enter(node, frame)
        (low, high), (sure, possible) = self.truth(node.args[1], inner), self.condition(node, inner)
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


def _scalar(number: Number) -> bool:
    return isinstance(number.low, int) and isinstance(number.high, int)


def _taken(values: Any, parents: Array) -> Any:
    return values[parents] if getattr(values, "shape", ()) else values


def _shifted(number: Number, power: int) -> Number:
    if number.power == power:
        return number
    if _scalar(number) and not number.low and not number.high:
        return Number(number.low, number.low if number.exact else number.high, power)
    factor = 10 ** min(number.power - power, 18)  # more than that is a multiple of zero alone
    low = number.low * factor
    return Number(low, low if number.exact else number.high * factor, power)


def _aligned(numbers: Sequence[Number]) -> list[Number]:
    power = min(number.power for number in numbers)
    return [_shifted(number, power) for number in numbers]


def _total(numbers: Sequence[Number]) -> Number:
    first, *others = _aligned(numbers)
    low, high, exact = first.low, first.high, first.exact
    for other in others:
        exact = exact and other.exact
        low = low + other.low
        high = low if exact else high + other.high
    return Number(low, high, first.power)


def _product(a: Number, b: Number, nonnegative: bool) -> Number:
    import numpy as np

    power = a.power + b.power
    if a.exact and b.exact:
        low = a.low * b.low
        return Number(low, low, power)
    if nonnegative:
        return Number(a.low * b.low, a.high * b.high, power)
    for one, other in ((a, b), (b, a)):
        if one.exact and isinstance(one.low, int):
            ends = (other.low, other.high) if one.low >= 0 else (other.high, other.low)
            return Number(ends[0] * one.low, ends[1] * one.low, power)
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    low, high = corners[0], corners[0]
    for corner in corners[1:]:
        low, high = np.minimum(low, corner), np.maximum(high, corner)
    return Number(low, high, power)


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
    last = 200_000  # months: more than the calendar has
    target = (month.astype(np.int64) + np.clip(months, -last, last)).astype("datetime64[M]")
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
        past, fits = _fitting(formula, slots, root, parameters)
        if not fits.any():
            return nothing
        with np.errstate(over="ignore"):  # only in filings that do not fit
            return Decided(_verdicts(formula, _Run(root, parameters, slots, on, past)), fits)
    except DoesNotFit:
        return nothing


def _fitting(formula: Formula, slots: Mapping[str, int], root: Table, parameters: Sequence[int]) -> tuple[int, Array]:
    """What may stand for "no bound", and the filings in which nothing can overflow. Raises ``DoesNotFit`` if there is none.

    Where the batch as a whole does not fit, its largest figures are set aside, or the filings with unbounded ones.
    """
    import numpy as np

    try:
        return _Proof(root, parameters, slots).past(formula), np.ones(root.size, dtype=bool)
    except DoesNotFit:
        best: tuple[int, Array] | None = None
    for bounded in (False, True):
        for bits in (62, *range(56, 7, -4)):
            try:
                past = _Proof(root, parameters, slots, 1 << bits, bounded).past(formula)
            except DoesNotFit:
                continue
            fits = ~_set_aside(formula, slots, root, parameters, 1 << bits, bounded)
            if best is None or fits.sum() > best[1].sum():
                best = past, fits
            break
    if best is None:
        raise DoesNotFit
    return best


def _set_aside(formula: Formula, slots: Mapping[str, int], root: Table, parameters: Sequence[int], cap: int, bounded: bool) -> Array:
    """The filings in which a figure that the rule reads is above ``cap``, or (where ``bounded``) has no bound."""
    import numpy as np

    run = _Run(root, parameters, slots, (0, 0), 0)
    found = np.zeros(root.size, dtype=bool)

    def mark(frame: _Frame, rows: Array) -> None:
        nonlocal found
        while frame.around is not None:
            rows = np.bincount(frame.parents[rows], minlength=frame.around.size) > 0
            frame = frame.around
        found = found | rows

    def visit(node: Node, frame: _Frame) -> None:
        if node.op in _LOOPS:
            inner = run.enter(node, frame)
            if bounded and inner.open is not None:
                mark(frame, inner.open)
            for arg in node.args[1:]:
                visit(arg, inner)
            return
        if node.op == "field" and node.type.kind == "number":
            known = run.number(node, frame)
            mark(frame, (np.abs(known.low) > cap) | (np.abs(known.high) > cap))
            if bounded:
                home = run.home(node, frame)
                table, index = run.place(node.args[0], home)
                without = table.column(node.value[2], node.type).without
                if without is not None:
                    rows = without[0] | without[1]
                    mark(home, rows if index is None else rows[index])
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
