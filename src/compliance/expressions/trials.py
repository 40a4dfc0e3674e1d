"""What an open truth would become by each fact that keeps it open, were that fact alone known: all trials at once, a bit for each.

A trial puts one vague fact at one of its ends (a member of a kind: at each that is possible; a list: as complete). What becomes
of a truth by each is a mask; of a number or day, a range for each trial that moves it. Where something cannot be followed there
are two answers, what a trial surely gives and what it could give; where they differ the trial has to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from operator import or_
from typing import Any, NamedTuple

from compliance import dates
from compliance.expressions.formula import Formula
from compliance.expressions.hanging import DAY, PARAMETER
from compliance.expressions.interpret import Range, Row, beyond, collected, compared, extremes, product, quotient
from compliance.expressions.linear import difference
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import Node

Items = tuple[Row, ...]
Cells = tuple[int, ...]  # facts by their numbers, as they are met
EVERY = -1  # all trials, as a mask
_ORDERED = frozenset({"<", "<=", ">", ">="})


class Cell(NamedTuple):
    """A vague fact: its row and slot, the ends that it is tried at, and the bit of the first of these trials."""

    row: list[Any]
    slot: int
    ends: tuple[tuple[Any, Any], ...]
    first: int

    @property
    def mask(self) -> int:
        """Its trials."""
        return ((1 << len(self.ends)) - 1) << self.first


class Told(NamedTuple):
    """What becomes of a truth: the facts that keep it open, and the trials by which it is true or false, surely and possibly."""

    cells: Cells
    true: int
    maybe_true: int
    false: int
    maybe_false: int


TRUE, FALSE = Told((), EVERY, EVERY, 0, 0), Told((), 0, 0, EVERY, EVERY)


class Moved(NamedTuple):
    """The range of a number or day as it stands, and by the trials that move it: ``mask`` holds these, ``ranges`` those that are told."""

    base: Range
    mask: int
    ranges: Mapping[int, Range]


_NOTHING = Moved((0, 0), 0, {})


class Verdicts(NamedTuple):
    """The trials by which a rule passes, fails or does not apply, surely and possibly; the first bit tells what it does without any."""

    passed: int
    maybe_passed: int
    failed: int
    maybe_failed: int
    void: int
    maybe_void: int


NEVER = Verdicts(0, 0, 0, 0, 0, 0)


class Trials:
    """The trials of a filing's vague facts, numbered as the facts are met."""

    def __init__(self, stateable: Callable[[list[Any], int, Any], Any] = lambda row, slot, end: end) -> None:
        self._stateable = stateable  # what may be said of a fact that is nearest to an end of it
        self.cells: list[Cell] = []
        self._numbers: dict[tuple[int, int, Any, Any], int] = {}
        self._bits = 1  # the first stands for no trial at all

    def told(self, e: Stepping, node: Node, items: Items = ()) -> Told:
        """What becomes of a truth by each trial, on the facts as they stand."""
        low, high = e.steps.of(node)(e, items)
        if low == high:
            return TRUE if low else FALSE
        tell = _LEAVES.get(node.op)
        if tell is not None:
            return tell(self, e, node, items)
        known, key = _remembered("told", e, node, items)
        found: Told | None = known.get(key)
        if found is None:
            found = known[key] = _TOLD.get(node.op, Trials._of_others)(self, e, node, items)
        return found

    def verdicts(self, e: Stepping, formula: Formula) -> Verdicts:
        """What becomes of a rule by each trial (see ``steps.Stepwise.verdict``)."""
        applies = self.told(e, formula.applies) if formula.applies is not None else TRUE
        met = maybe_met = unmet = maybe_unmet = EVERY
        excepted = maybe_excepted = 0
        for clause in formula.clauses[1:]:
            assert clause.when is not None
            when = self.told(e, clause.when)
            require = self.told(e, clause.require) if when is not FALSE else TRUE
            excepted |= when.true
            maybe_excepted |= when.maybe_true
            met &= when.false | require.true
            maybe_met &= when.maybe_false | require.maybe_true
            unmet &= when.false | require.false
            maybe_unmet &= when.maybe_false | require.maybe_false
        base = self.told(e, formula.clauses[0].require) if excepted != EVERY else TRUE
        met &= excepted | base.true
        maybe_met &= maybe_excepted | base.maybe_true
        unmet &= excepted | base.false
        maybe_unmet &= maybe_excepted | base.maybe_false
        return Verdicts(
            met & ~applies.maybe_false,
            maybe_met & ~applies.false,
            unmet & applies.true,
            maybe_unmet & applies.maybe_true,
            applies.false,
            applies.maybe_false,
        )

    def blamed(self, e: Stepping, node: Node, items: Items = ()) -> Cells:
        """The facts that keep a node open, as ``told`` gives them for a truth."""
        kind = node.type.kind
        if kind == "truth":
            return self.told(e, node, items).cells
        if node.op == "field":
            return self._field(e, node, items)
        low, high = e.steps.of(node)(e, items)
        if low == high and kind in ("number", "date"):
            return ()
        known, key = _remembered("blamed", e, node, items)
        found: Cells | None = known.get(key)
        if found is None:
            found = known[key] = self._blamed(e, node, items)
        return found

    def _blamed(self, e: Stepping, node: Node, items: Items) -> Cells:
        if node.op in ("sum", "count", "min", "max"):
            cells = [*self._list(e, node, items)]
            for inner, sure in e.members(node, items):
                if not sure:
                    cells += self.told(e, node.args[2], inner).cells
                cells += self.blamed(e, node.args[1], inner)
            return _together(cells)
        args = node.args
        if node.op == "if":
            sure, possible = e.value(args[0], items)
            if sure == possible:
                return self.blamed(e, args[1] if sure else args[2], items)
        return _together([cell for arg in args for cell in self.blamed(e, arg, items)])

    # Facts

    def number(self, row: list[Any], slot: int, kind: str) -> int:
        """The number of a vague fact as it stands in a row."""
        low, high = row[slot], row[slot + 1]
        key = (id(row), slot, low if low.__class__ is int else id(low), high)
        number = self._numbers.get(key)
        if number is None:
            ends: tuple[tuple[Any, Any], ...]
            if kind == "enum":
                ends = tuple([(bit, bit) for place in range(high.bit_length()) if (bit := 1 << place) & high])
            elif kind == "list":
                ends = ((low, 0),)
            elif kind == "ref":
                ends = ()
            else:
                ends = tuple([(end, end) for end in [self._stateable(row, slot, end) for end in (low, high)]])
            number = self._numbers[key] = len(self.cells)
            self.cells.append(Cell(row, slot, ends, self._bits))
            self._bits += len(ends)
        return number

    def mask(self, cells: Iterable[int]) -> int:
        """The trials of some facts."""
        found = 0
        for cell in cells:
            found |= self.cells[cell].mask
        return found

    def _field(self, e: Stepping, node: Node, items: Items) -> Cells:
        row: Any = e.rows_of(node.args[0], items)
        slot = node.value[2]
        cells = self._row(e, node.args[0], items)
        return (*cells, self.number(row, slot, node.type.kind)) if row[slot] != row[slot + 1] else cells

    def _row(self, e: Stepping, row: Node, items: Items) -> Cells:
        """A reference that leads nowhere known keeps open all that would be read through it."""
        if row.op != "field":
            return ()
        owner: Any = e.rows_of(row.args[0], items)
        return (self.number(owner, row.value[2], "ref"),) if owner[row.value[2] + 1] is None else ()

    def _list(self, e: Stepping, loop: Node, items: Items) -> Cells:
        """The list of a loop, if it may have items that the filing does not name."""
        if not e.unlisted(loop, items):
            return ()
        source = loop.args[0]
        owner: Any = e.rows_of(source.args[0], items)
        return (*self._row(e, source.args[0], items), self.number(owner, source.value[2], "list"))

    # Truths

    def _of_others(self, e: Stepping, node: Node, items: Items) -> Told:
        """One of which nothing is known but what keeps it open."""
        return self._maybe(_together([cell for arg in node.args for cell in self.blamed(e, arg, items)]))

    def _maybe(self, cells: Cells) -> Told:
        mask = self.mask(cells)
        return Told(cells, 0, mask, 0, mask)

    def _flag(self, e: Stepping, node: Node, items: Items) -> Told:
        cells = self._field(e, node, items)
        first = 1 << self.cells[cells[-1]].first
        return Told(cells, first << 1, first << 1, first, first)

    def _member(self, e: Stepping, node: Node, items: Items) -> Told:
        part = node.args[0]
        if part.op != "field" or (node.op == "isin" and node.args[1].op != "param"):
            return self._of_others(e, node, items)
        inside = node.value if node.op == "in" else e.value(node.args[1], items)[1]
        cells = self._field(e, part, items)
        cell = self.cells[cells[-1]]
        true = false = 0
        for number, (bit, _) in enumerate(cell.ends, cell.first):
            if bit & inside:
                true |= 1 << number
            else:
                false |= 1 << number
        return Told(cells, true, true, false, false)

    def _not(self, e: Stepping, node: Node, items: Items) -> Told:
        cells, true, maybe_true, false, maybe_false = self.told(e, node.args[0], items)
        return Told(cells, false, maybe_false, true, maybe_true)

    def _and(self, e: Stepping, node: Node, items: Items) -> Told:
        return _all([self.told(e, arg, items) for arg in node.args])

    def _or(self, e: Stepping, node: Node, items: Items) -> Told:
        return _any([self.told(e, arg, items) for arg in node.args])

    def _if(self, e: Stepping, node: Node, items: Items) -> Told:
        test, then, otherwise = node.args
        sure, possible = e.value(test, items)
        if sure == possible:
            return self.told(e, then if sure else otherwise, items)
        tests, a, b = (self.told(e, arg, items) for arg in node.args)
        return Told(
            _together([*tests.cells, *a.cells, *b.cells]),
            (tests.true & a.true) | (tests.false & b.true) | (a.true & b.true),
            (tests.maybe_true & a.maybe_true) | (tests.maybe_false & b.maybe_true) | (a.maybe_true & b.maybe_true),
            (tests.true & a.false) | (tests.false & b.false) | (a.false & b.false),
            (tests.maybe_true & a.maybe_false) | (tests.maybe_false & b.maybe_false) | (a.maybe_false & b.maybe_false),
        )

    def _loop(self, e: Stepping, node: Node, items: Items) -> Told:
        """Whether something holds for any, or for all items: those that are not named may be such or not."""
        anything = node.op == "any"
        listed = self._list(e, node, items)
        parts = []
        if listed:
            closed = self.mask(listed)
            parts.append(Told(listed, 0, 0, closed, closed) if anything else Told(listed, closed, closed, 0, 0))
        for inner, sure in e.members(node, items):
            body = self.told(e, node.args[1], inner)
            if not sure:
                test = self.told(e, node.args[2], inner)
                body = _all([test, body]) if anything else _any([_denied(test), body])
            parts.append(body)
        return _any(parts) if anything else _all(parts)

    def _compared(self, e: Stepping, node: Node, items: Items) -> Told:
        """A comparison, by the ranges of what stands in its difference."""
        cells = _together([cell for arg in node.args for cell in self.blamed(e, arg, items)])
        whole = self._difference(e, node, items)
        true = false = told = 0
        for trial, (low, high) in whole.ranges.items():
            sure, possible = compared(node.value, low, high)
            told |= 1 << trial
            if sure:
                true |= 1 << trial
            elif not possible:
                false |= 1 << trial
        left = whole.mask & ~told
        return Told(cells, true, true | left, false, false | left)

    def _difference(self, e: Stepping, node: Node, items: Items) -> Moved:
        """The difference of a comparison by the trials that may turn it: a part that moves too little to turn it alone is left aside."""
        form = difference(*node.args)
        values = {atom: e.value(atom, items) for _, factors in form.terms for atom in factors}
        if any(low != high for low, high in [values[atom] for atom in form.repeated]):
            return _along(
                [self.moved(e, atom, items) for atom in values], lambda ranges: collected(form, dict(zip(values, ranges, strict=True)))
            )
        low, high = base = e.difference(node, items)
        masks = [self.mask([cell for atom in factors for cell in self.blamed(e, atom, items)]) for _, factors in form.terms]
        alone = node.value in _ORDERED and sum(masks) == reduce(or_, masks, 0)  # no fact stands in two parts
        still, parts = (0, 0), []
        for coefficient, factors in form.terms:
            least, most = _product((coefficient, coefficient), [values[atom] for atom in factors])
            sure, possible = compared(node.value, low + most - least, high + least - most) if alone else (True, True)
            if least == most or (possible and not sure):
                still = still[0] + least, still[1] + most
            else:
                moved = [self.moved(e, atom, items) for atom in factors]
                parts.append(
                    _along(moved, partial(_product, (coefficient, coefficient))) if len(moved) > 1 or coefficient != 1 else moved[0]
                )
        return _along([Moved(still, 0, {}), *parts], _sum, gathers=True) if parts else Moved(base, 0, {})

    # Numbers and days

    def moved(self, e: Stepping, node: Node, items: Items) -> Moved:
        """The range of a number or day as it stands, and by the trials that move it."""
        base = e.steps.of(node)(e, items)
        if base[0] == base[1]:
            return Moved(base, 0, {})
        if node.op == "field":
            cells = self._field(e, node, items)
            cell = self.cells[cells[-1]]
            return Moved(base, cell.mask, dict(enumerate(cell.ends, cell.first)))
        known, key = _remembered("moved", e, node, items)
        found: Moved | None = known.get(key)
        if found is None:
            move = _MOVED.get(node.op)
            combine = _COMBINED.get(node.op)
            if move is not None:
                found = move(self, e, node, items)
            elif combine is not None:
                found = _along([self.moved(e, arg, items) for arg in node.args], partial(combine, node))
            else:
                found = Moved(base, self.mask(self.blamed(e, node, items)), {})
            known[key] = found
        return found

    def _branch(self, e: Stepping, node: Node, items: Items) -> Moved:
        test, *ways = node.args
        sure, possible = e.value(test, items)
        if sure == possible:
            return _at(self.moved(e, ways[not sure], items), ways[not sure], node)
        return _chosen(self.told(e, test, items), *[_at(self.moved(e, way, items), way, node) for way in ways])

    def _items(self, e: Stepping, loop: Node, items: Items, none: int) -> list[Moved]:
        """What each item of a loop gives; ``none`` is what one gives that does not count."""
        found = []
        for inner, sure in e.members(loop, items):
            body = self.moved(e, loop.args[1], inner)
            found.append(body if sure else _chosen(self.told(e, loop.args[2], inner), body, Moved((none, none), 0, {})))
        return found

    def _total(self, e: Stepping, node: Node, items: Items) -> Moved:
        listed = _along([_NOTHING, *self._items(e, node, items, 0)], _sum, gathers=True)
        below, above = 0 if node.type.nonnegative else -beyond(node), beyond(node)
        return self._opened(e, node, items, listed, lambda low, high: (low + below, high + above))

    def _extreme(self, e: Stepping, node: Node, items: Items) -> Moved:
        least, most = extremes(node)
        none = least if node.op == "max" else most
        combine = _greatest if node.op == "max" else _smallest
        listed = _along([Moved((none, none), 0, {}), *self._items(e, node, items, none)], combine, gathers=True)
        if node.op == "max":
            return self._opened(e, node, items, listed, lambda low, high: (low, max(high, most)))
        return self._opened(e, node, items, listed, lambda low, high: (min(low, least), high))

    def _closed(self, e: Stepping, node: Node, items: Items) -> Moved:
        total, stated, known = node.args
        listed, part = (_along([_NOTHING, *self._items(e, loop, items, 0)], _sum, gathers=True) for loop in (total, known))
        if not e.unlisted(total, items):
            return listed

        def bounded(ranges: Sequence[Range]) -> Range:
            (low, high), (_, limit), (sure, _) = ranges
            return low, high + node.value * max(0, limit - sure)

        found = _along([listed, _at(self.moved(e, stated, items), stated, known), part], bounded)
        return self._complete(e, total, items, found, listed.base)

    def _opened(self, e: Stepping, loop: Node, items: Items, listed: Moved, further: Callable[[Any, Any], Range]) -> Moved:
        """What a loop gives with the items, if any, that the filing does not name."""
        if not e.unlisted(loop, items):
            return listed
        ranges = {trial: further(*moved) for trial, moved in listed.ranges.items()}
        return self._complete(e, loop, items, Moved(further(*listed.base), listed.mask, ranges), listed.base)

    def _complete(self, e: Stepping, loop: Node, items: Items, found: Moved, listed: Range) -> Moved:
        """The same with the trial of the list as complete."""
        cells = self._list(e, loop, items)
        return Moved(found.base, found.mask | self.mask(cells), {**found.ranges, self.cells[cells[-1]].first: listed})


_Teller = Callable[[Trials, Stepping, Node, Items], Told]
# Sooner found than looked up.
_LEAVES: Mapping[str, _Teller] = {"field": Trials._flag, "in": Trials._member, "isin": Trials._member, "not": Trials._not}
_TOLD: Mapping[str, _Teller] = {
    "and": Trials._and,
    "or": Trials._or,
    "if": Trials._if,
    "any": Trials._loop,
    "all": Trials._loop,
    "cmp": Trials._compared,
}
_MOVED: Mapping[str, Callable[[Trials, Stepping, Node, Items], Moved]] = {
    "if": Trials._branch,
    "sum": Trials._total,
    "count": Trials._total,
    "max": Trials._extreme,
    "min": Trials._extreme,
    "closed": Trials._closed,
}


def _remembered(what: str, e: Stepping, node: Node, items: Items) -> tuple[dict[Any, Any], Any]:
    """Where what is found of a node is remembered, and under which key: the facts, the law, the day and the items that it stands on."""
    hangs, memory = e.steps.hangs(node), e.memory
    mask, free = hangs.mask, hangs.items
    known = memory.layer(mask) if mask & memory.dirty else memory.known
    key = what, id(node), e.world if mask & PARAMETER else 0, e.on if mask & DAY else 0
    return known, (*key, *[id(row) for depth, row in enumerate(items, 1) if free >> depth & 1]) if free else key


def _together(cells: list[int]) -> Cells:
    """Facts in the order in which they are met, each once."""
    return tuple(dict.fromkeys(cells)) if len(cells) > 1 else tuple(cells)


def _all(parts: list[Told]) -> Told:
    cells: list[int] = []
    true = maybe_true = EVERY
    false = maybe_false = 0
    for part in parts:
        cells += part[0]
        true &= part[1]
        maybe_true &= part[2]
        false |= part[3]
        maybe_false |= part[4]
    return Told(_together(cells), true, maybe_true, false, maybe_false)


def _any(parts: list[Told]) -> Told:
    cells: list[int] = []
    true = maybe_true = 0
    false = maybe_false = EVERY
    for part in parts:
        cells += part[0]
        true |= part[1]
        maybe_true |= part[2]
        false &= part[3]
        maybe_false &= part[4]
    return Told(_together(cells), true, maybe_true, false, maybe_false)


def _denied(told: Told) -> Told:
    return Told(told.cells, told.false, told.maybe_false, told.true, told.maybe_true)


# Ranges


def _along(parts: Sequence[Moved], combine: Callable[[Sequence[Range]], Range], gathers: bool = False) -> Moved:
    """What is made of several, by each trial that is told of all that it moves.

    ``gathers``: what is made of some may be taken along as one of them.
    """
    base = [part.base for part in parts]
    mask = several = 0
    for part in parts:
        several |= mask & part.mask
        mask |= part.mask
    ranges: dict[int, Range] = {}
    for number, part in enumerate(parts):
        if not part.ranges:
            continue
        rest = [combine(base[:number] + base[number + 1 :])] if gathers and len(parts) > 2 else base[:number] + base[number + 1 :]
        for trial, moved in part.ranges.items():
            if not several >> trial & 1:
                ranges[trial] = combine([moved, *rest]) if gathers else combine([*rest[:number], moved, *rest[number:]])
            elif trial not in ranges:
                here = [one.ranges.get(trial) or (None if one.mask >> trial & 1 else one.base) for one in parts]
                if None not in here:
                    ranges[trial] = combine(here)  # type: ignore[arg-type]
    return Moved(combine(base), mask, ranges)


def _chosen(test: Told, then: Moved, otherwise: Moved) -> Moved:
    """One or the other, as an open test comes out; both where it stays open."""
    turned = test.maybe_true | test.maybe_false
    mask = then.mask | otherwise.mask | turned
    ranges = {}
    for trial in _trials(mask):
        sure, not_at_all = test.true >> trial & 1, test.false >> trial & 1
        if turned >> trial & 1 and not sure and not not_at_all:
            continue
        ways = [way for way, out in ((then, not_at_all), (otherwise, sure)) if not out]
        here = [way.ranges.get(trial) or (None if way.mask >> trial & 1 else way.base) for way in ways]
        if None not in here:
            ranges[trial] = _hull(here)  # type: ignore[arg-type]
    return Moved(_hull([then.base, otherwise.base]), mask, ranges)


def _trials(mask: int) -> Iterator[int]:
    """The trials of a mask."""
    while mask:
        last = mask & -mask
        yield last.bit_length() - 1
        mask ^= last


def _at(moved: Moved, node: Node, of: Node) -> Moved:
    """A number at the scale of another."""
    factor = 10 ** (of.type.scale - node.type.scale) if node.type.kind == "number" else 1
    if factor == 1:
        return moved
    (low, high), mask, ranges = moved
    return Moved((low * factor, high * factor), mask, {trial: (a * factor, b * factor) for trial, (a, b) in ranges.items()})


def _hull(ranges: Sequence[Range]) -> Range:
    return min([low for low, _ in ranges]), max([high for _, high in ranges])


def _product(start: Range, ranges: Sequence[Range]) -> Range:
    low, high = start
    for one in ranges:
        low, high = product(low, high, *one)
    return low, high


def _sum(ranges: Sequence[Range]) -> Range:
    return sum([low for low, _ in ranges]), sum([high for _, high in ranges])


def _greatest(ranges: Sequence[Range]) -> Range:
    return max([low for low, _ in ranges]), max([high for _, high in ranges])


def _smallest(ranges: Sequence[Range]) -> Range:
    return min([low for low, _ in ranges]), min([high for _, high in ranges])


def _scaled(node: Node, ranges: Sequence[Range]) -> list[Range]:
    """The parts of a node at its own scale."""
    factors = [10 ** (node.type.scale - arg.type.scale) if arg.type.kind == "number" else 1 for arg in node.args]
    return [(low * factor, high * factor) for factor, (low, high) in zip(factors, ranges, strict=True)]


def _divided(node: Node, ranges: Sequence[Range]) -> Range:
    a, b = node.args
    return quotient(*ranges[0], *ranges[1], 10**b.type.scale, 10**a.type.scale)


def _months(node: Node, ranges: Sequence[Range]) -> Range:
    (first, last), (least, most) = ranges
    return dates.add_months(first, least), dates.add_months(last, most)


_COMBINED: Mapping[str, Callable[[Node, Sequence[Range]], Range]] = {
    "add": lambda node, ranges: _sum(_scaled(node, ranges)),
    "greater": lambda node, ranges: _greatest(_scaled(node, ranges)),
    "lesser": lambda node, ranges: _smallest(_scaled(node, ranges)),
    "neg": lambda node, ranges: (-ranges[0][1], -ranges[0][0]),
    "mul": lambda node, ranges: product(*ranges[0], *ranges[1]),
    "div": _divided,
    "months": _months,
    "period": lambda node, ranges: (dates.period_end(ranges[0][0], node.value), dates.period_end(ranges[0][1], node.value)),
    "session": lambda node, ranges: dates.add_trading_days(*ranges[0], *ranges[1], node.value),
}
