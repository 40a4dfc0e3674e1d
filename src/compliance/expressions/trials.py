"""What an open truth would become by each fact that keeps it open, were that fact alone known: all trials at once, a bit for each.

A trial puts one vague fact at one of its ends (a member of a kind: at each that is possible; a list: as complete). The logic of a
truth is followed exactly, trial by trial. Of what is computed, a fact on its own and a day so many months from it are as well; of
the rest only how far it can move is known, so that there are two answers: what a trial surely gives and what it could give. Where
they differ the trial has to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from compliance.expressions.formula import Formula
from compliance.expressions.interpret import Row, compared
from compliance.expressions.interpret import product as multiplied
from compliance.expressions.linear import difference
from compliance.expressions.steps import DAY, PARAMETER, Stepping
from compliance.expressions.tree import Node

Items = tuple[Row, ...]
Cells = tuple[int, ...]  # facts by their numbers, as they are met
EVERY = -1  # all trials, as a mask
_ORDERED = frozenset({"<", "<=", ">", ">="})


class Cell(NamedTuple):
    """A vague fact: its row and slot, the ends that it is tried at, and the bit of the first of these trials."""

    row: Row
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

    def __init__(self) -> None:
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

    def number(self, row: Row, slot: int, kind: str) -> int:
        """The number of a vague fact as it stands in a row."""
        low, high = row[slot], row[slot + 1]
        key = (id(row), slot, low if low.__class__ is int else id(low), high)
        number = self._numbers.get(key)
        if number is None:
            ends: tuple[tuple[Any, Any], ...] = ((low, low), (high, high))
            if kind == "enum":
                ends = tuple([(bit, bit) for place in range(high.bit_length()) if (bit := 1 << place) & high])
            elif kind == "list":
                ends = ((low, 0),)
            elif kind == "ref":
                ends = ()
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
        row, slot = e.rows_of(node.args[0], items), node.value[2]
        cells = self._row(e, node.args[0], items)
        return (*cells, self.number(row, slot, node.type.kind)) if row[slot] != row[slot + 1] else cells

    def _row(self, e: Stepping, row: Node, items: Items) -> Cells:
        """A reference that leads nowhere known keeps open all that would be read through it."""
        if row.op != "field":
            return ()
        owner = e.rows_of(row.args[0], items)
        return (self.number(owner, row.value[2], "ref"),) if owner[row.value[2] + 1] is None else ()

    def _list(self, e: Stepping, loop: Node, items: Items) -> Cells:
        """The list of a loop, if it may have items that the filing does not name."""
        if not e.unlisted(loop, items):
            return ()
        source = loop.args[0]
        return (*self._row(e, source.args[0], items), self.number(e.rows_of(source.args[0], items), source.value[2], "list"))

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
        """A comparison: by how much each part that is open can move the difference."""
        cells = _together([cell for arg in node.args for cell in self.blamed(e, arg, items)])
        form = difference(*node.args)
        values = {atom: e.value(atom, items) for _, atoms in form.terms for atom in atoms}
        if any(values[atom][0] != values[atom][1] for atom in form.repeated):
            return self._maybe(cells)
        low, high = e.difference(node, items)
        symbol, seen = node.value, 0
        true = maybe_true = false = maybe_false = 0
        for coefficient, atoms in form.terms:
            vague = [atom for atom in atoms if values[atom][0] != values[atom][1]]
            if not vague:
                continue
            ranges = [values[atom] for atom in atoms]
            least, most = _term(coefficient, ranges)
            moving = _together([cell for atom in vague for cell in self.blamed(e, atom, items)])
            mask = self.mask(moving)
            if seen & mask:
                return self._maybe(cells)  # one that stands in several parts
            seen |= mask
            if len(moving) == 1 and len(vague) == 1 and _even(e, vague[0], items):
                place = atoms.index(vague[0])
                for end, bit in enumerate((1 << self.cells[moving[0]].first, 2 << self.cells[moving[0]].first)):
                    value = ranges[place][end]
                    a, b = _term(coefficient, [*ranges[:place], (value, value), *ranges[place + 1 :]])
                    sure, possible = compared(symbol, low - least + a, high - most + b)
                    true |= bit if sure else 0
                    false |= 0 if possible else bit
            elif symbol in _ORDERED:
                # At best all that the part leaves open falls away at the end that counts.
                sure, possible = compared(symbol, low + most - least, high + least - most)
                maybe_true |= mask if sure else 0
                maybe_false |= 0 if possible else mask
            else:
                maybe_true |= mask
                maybe_false |= mask
        return Told(cells, true, true | maybe_true, false, false | maybe_false)


_Teller = Callable[[Trials, Stepping, Node, Items], Told]
_LEAVES: dict[str, _Teller] = {"field": Trials._flag, "in": Trials._member, "isin": Trials._member, "not": Trials._not}  # sooner found than looked up
_TOLD: dict[str, _Teller] = {
    "and": Trials._and,
    "or": Trials._or,
    "if": Trials._if,
    "any": Trials._loop,
    "all": Trials._loop,
    "cmp": Trials._compared,
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


def _term(coefficient: int, factors: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    """A product of independent ranges."""
    low, high = coefficient, coefficient
    for factor in factors:
        low, high = multiplied(low, high, *factor)
    return low, high


def _even(e: Stepping, node: Node, items: Items) -> bool:
    """Whether a node's ends are what it is at the ends of the one fact that it hangs on: the fact itself, or a day counted from it."""
    while node.op in ("months", "period"):
        if any(low != high for low, high in [e.value(arg, items) for arg in node.args[1:]]):
            return False
        node = node.args[0]
    return node.op == "field"
