"""Typed trees as linked functions that remember: each node is evaluated once for the facts it stands on.

It gives what ``interpret`` gives, and is ready at once where generated code would first have to be made. Rules of one book
share most of what they are made of, and to vary a fact touches little of it: what was put (see ``memory``) makes a layer of
values over the remembered ones, and only what reads a fact that was put is evaluated again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product as combinations
from typing import Any

from compliance.dates import add_months
from compliance.expressions.hanging import Hangings
from compliance.expressions.interpret import Evaluation, Range, Row, beyond, compared, extremes, product
from compliance.expressions.linear import MAX_CORNERS, Difference, difference
from compliance.expressions.memory import Memory
from compliance.expressions.once import Items, WithMemory, once
from compliance.expressions.tree import Node

Step = Callable[["Stepping", Items], Range]

_PLAIN = frozenset({"const", "param", "day", "root", "item", "bits", "field"})


class Stepping(WithMemory):
    """An evaluation by steps."""

    def __init__(self, steps: Steps, memory: Memory, row: Row, parameters: Mapping[str, int], on: tuple[int, int], world: int) -> None:
        super().__init__(row, parameters, on, memory, world)
        self.steps = steps

    def value(self, node: Node, items: Items = ()) -> Range:
        """The range of a node."""
        return self.steps.of(node)(self, items)

    def difference(self, node: Node, items: Items = ()) -> Range:
        """The range of ``left - right`` of a comparison (see ``interpret``)."""
        return self.steps.spread(node)(self, items)


class Steps(Hangings):
    """The steps of a book's nodes, made when first needed; equal nodes are one step."""

    def __init__(self) -> None:
        super().__init__()
        # By the node's id, which is sooner looked up than the node; the node is kept, so that its id stays its own.
        self._made: dict[int, tuple[Step, Node]] = {}
        self._spreads: dict[int, tuple[Step, Node]] = {}
        self._numbers = 0

    def number(self) -> int:
        """A number that no other step has, to remember values under."""
        self._numbers += 1
        return self._numbers

    def of(self, node: Node) -> Step:
        """The step of a node."""
        found = self._made.get(id(node))
        if found is not None:
            return found[0]
        make = getattr(self, f"_{node.op}", None)
        step = make(node) if make is not None else self._as_written(node)
        if not (node.op in _PLAIN or (node.op in ("in", "isin", "not") and node.args[0].op in _PLAIN)):
            step = once(self.hangs(node), self.number(), step)
        self._made[id(node)] = step, node
        return step

    def spread(self, node: Node) -> Step:
        """The step of a comparison's difference."""
        found = self._spreads.get(id(node))
        if found is None:
            found = self._spreads[id(node)] = once(self.hangs(node), self.number(), self._difference(difference(*node.args))), node
        return found[0]

    def _as_written(self, node: Node) -> Step:
        """A step that does what the plain interpreter does."""
        method = getattr(Evaluation, f"_{node.op}")
        return lambda e, items: method(e, node, items)

    # Leaves

    def _const(self, node: Node) -> Step:
        pair = node.value, node.value
        return lambda e, items: pair

    def _param(self, node: Node) -> Step:
        name = node.value

        def step(e: Stepping, items: Items) -> Range:
            value = e.parameters[name]
            return value, value

        return step

    def _field(self, node: Node) -> Step:
        owner, slot = node.args[0], node.value[2]
        if owner.op == "root":

            def of_filing(e: Stepping, items: Items) -> Range:
                row = e.row
                return row[slot], row[slot + 1]

            return of_filing
        if owner.op == "item":
            depth = owner.value - 1

            def of_item(e: Stepping, items: Items) -> Range:
                row = items[depth]
                return row[slot], row[slot + 1]

            return of_item

        found = self.row(owner)

        def of_reference(e: Stepping, items: Items) -> Range:
            row = found(e, items)
            return row[slot], row[slot + 1]

        return of_reference

    def row(self, node: Node) -> Callable[[Stepping, Items], Row]:
        """What finds the row that a root, loop item or reference stands for."""
        if node.op == "root":
            return lambda e, items: e.row
        if node.op == "item":
            depth = node.value - 1
            return lambda e, items: items[depth]
        around, slot = self.row(node.args[0]), node.value[2]

        def referred(e: Stepping, items: Items) -> Row:
            found: Row = around(e, items)[slot]
            return found

        return referred

    # Numbers

    def _at(self, node: Node, scale: int) -> tuple[Step, int]:
        """A node's step, and what brings it to a finer scale."""
        return self.of(node), 10 ** (scale - node.type.scale) if node.type.kind == "number" else 1

    def _scaled(self, node: Node, scale: int) -> Step:
        """A node's step at a finer scale than its own."""
        part, factor = self._at(node, scale)
        if factor == 1:
            return part

        def step(e: Stepping, items: Items) -> Range:
            low, high = part(e, items)
            return low * factor, high * factor

        return step

    def _add(self, node: Node) -> Step:
        parts = [self._at(arg, node.type.scale) for arg in node.args]

        def step(e: Stepping, items: Items) -> Range:
            low = high = 0
            for part, factor in parts:
                a, b = part(e, items)
                low += a * factor
                high += b * factor
            return low, high

        return step

    def _mul(self, node: Node) -> Step:
        left, right = (self.of(arg) for arg in node.args)
        return lambda e, items: _product(*left(e, items), *right(e, items))

    def _neg(self, node: Node) -> Step:
        part = self.of(node.args[0])

        def step(e: Stepping, items: Items) -> Range:
            low, high = part(e, items)
            return -high, -low

        return step

    def _greater(self, node: Node) -> Step:
        parts = [self._scaled(arg, node.type.scale) for arg in node.args]

        def step(e: Stepping, items: Items) -> Range:
            found = [part(e, items) for part in parts]
            return max([low for low, _ in found]), max([high for _, high in found])

        return step

    def _lesser(self, node: Node) -> Step:
        parts = [self._scaled(arg, node.type.scale) for arg in node.args]

        def step(e: Stepping, items: Items) -> Range:
            found = [part(e, items) for part in parts]
            return min([low for low, _ in found]), min([high for _, high in found])

        return step

    def _months(self, node: Node) -> Step:
        day, count = (self.of(arg) for arg in node.args)

        def step(e: Stepping, items: Items) -> Range:
            (first, last), (least, most) = day(e, items), count(e, items)
            low = add_months(first, least)
            return low, low if first == last and least == most else add_months(last, most)

        return step

    # Truths

    def _in(self, node: Node) -> Step:
        inside, outside = node.value, ~node.value
        owner, slot = (node.args[0].args[0], node.args[0].value[2] + 1) if node.args[0].op == "field" else (None, 0)
        if owner is not None and owner.op == "root":

            def of_filing(e: Stepping, items: Items) -> Range:
                bits = e.row[slot]
                return not bits & outside, bits & inside != 0

            return of_filing
        if owner is not None and owner.op == "item":
            depth = owner.value - 1

            def of_item(e: Stepping, items: Items) -> Range:
                bits = items[depth][slot]
                return not bits & outside, bits & inside != 0

            return of_item
        part = self.of(node.args[0])

        def step(e: Stepping, items: Items) -> Range:
            bits = part(e, items)[1]
            return not bits & outside, bits & inside != 0

        return step

    def _and(self, node: Node) -> Step:
        parts = [self.of(arg) for arg in node.args]

        def step(e: Stepping, items: Items) -> Range:
            sure = True
            for part in parts:
                low, high = part(e, items)
                if not high:
                    return False, False
                sure = sure and bool(low)
            return sure, True

        return step

    def _or(self, node: Node) -> Step:
        parts = [self.of(arg) for arg in node.args]

        def step(e: Stepping, items: Items) -> Range:
            possible = False
            for part in parts:
                low, high = part(e, items)
                if low:
                    return True, True
                possible = possible or bool(high)
            return False, possible

        return step

    def _not(self, node: Node) -> Step:
        part = self.of(node.args[0])

        def step(e: Stepping, items: Items) -> Range:
            low, high = part(e, items)
            return not high, not low

        return step

    def _cmp(self, node: Node) -> Step:
        symbol, spread = node.value, self.spread(node)
        return lambda e, items: compared(symbol, *spread(e, items))

    def _difference(self, form: Difference) -> Step:
        """The sum of products that a difference is; what stands in several of them is put at its ends."""
        step = {atom: self.of(atom) for _, atoms in form.terms for atom in atoms}
        number = {atom: index for index, atom in enumerate(step)}
        atoms = list(step.values())
        terms = [(coefficient, tuple(number[atom] for atom in of)) for coefficient, of in form.terms]
        twice = () if form.squares else tuple(number[atom] for atom in form.repeated)
        if all(len(of) < 2 for _, of in terms):
            constant = sum(coefficient for coefficient, of in terms if not of)
            linear = [(coefficient, atoms[of[0]]) for coefficient, of in terms if of]

            def of_sum(e: Stepping, items: Items) -> Range:
                low = high = constant
                for coefficient, part in linear:
                    a, b = part(e, items)
                    if coefficient < 0:
                        a, b = b, a
                    low += coefficient * a
                    high += coefficient * b
                return low, high

            return of_sum

        def of_products(e: Stepping, items: Items) -> Range:
            known = [atom(e, items) for atom in atoms]
            vague = [index for index in twice if known[index][0] != known[index][1]]
            if not vague or len(vague) > MAX_CORNERS:
                return _interval(terms, known)
            lows, highs = [], []
            for corner in combinations((0, 1), repeat=len(vague)):
                placed = list(known)
                for index, end in zip(vague, corner, strict=True):
                    placed[index] = (known[index][end],) * 2
                low, high = _interval(terms, placed)
                lows.append(low)
                highs.append(high)
            return min(lows), max(highs)

        return of_products

    def _if(self, node: Node) -> Step:
        test = self.of(node.args[0])
        then, otherwise = (self._scaled(arg, node.type.scale) for arg in node.args[1:])
        truth = node.type.kind == "truth"

        def step(e: Stepping, items: Items) -> Range:
            sure, possible = test(e, items)
            if sure:
                return then(e, items)
            if not possible:
                return otherwise(e, items)
            a, b = then(e, items), otherwise(e, items)
            if truth:
                return a[0] and b[0], a[1] or b[1]
            return min(a[0], b[0]), max(a[1], b[1])

        return step

    # Loops

    def _parts(self, node: Node) -> tuple[Step, Step, Step | None, int]:
        """Of a loop: its list, its body, its condition if any, and how many loops stand around it."""
        source, body, *conditions = node.args
        return self.of(source), self.of(body), self.of(conditions[0]) if conditions else None, node.value - 1

    def _listed(self, node: Node) -> Callable[[Stepping, Items], tuple[Any, Any, Any]]:
        """A sum over the items that the filing names, and whether there may be others."""
        source, body, condition, depth = self._parts(node)

        def step(e: Stepping, items: Items) -> tuple[Any, Any, Any]:
            rows, unlisted = source(e, items)
            around = items[:depth]
            low = high = 0
            for row in rows:
                inner = (*around, row)
                sure, possible = condition(e, inner) if condition is not None else (True, True)
                if possible:
                    a, b = body(e, inner)
                    low += a if sure or a < 0 else 0
                    high += b if sure or b > 0 else 0
            return low, high, unlisted

        return step

    def _sum(self, node: Node) -> Step:
        listed, nonnegative, past = self._listed(node), node.type.nonnegative, beyond(node)

        def step(e: Stepping, items: Items) -> Range:
            low, high, unlisted = listed(e, items)
            return (low if nonnegative else low - past, high + past) if unlisted else (low, high)

        return step

    _count = _sum

    def _closed(self, node: Node) -> Step:
        total, stated, known = node.args
        whole, part, limit, factor = self._listed(total), self._listed(known), self._scaled(stated, known.type.scale), node.value

        def step(e: Stepping, items: Items) -> Range:
            low, high, unlisted = whole(e, items)
            if unlisted:
                high += factor * max(0, limit(e, items)[1] - part(e, items)[0])
            return low, high

        return step

    def _max(self, node: Node) -> Step:
        source, body, condition, depth = self._parts(node)
        least, most = extremes(node)

        def step(e: Stepping, items: Items) -> Range:
            rows, unlisted = source(e, items)
            around = items[:depth]
            low = high = least
            for row in rows:
                inner = (*around, row)
                sure, possible = condition(e, inner) if condition is not None else (True, True)
                if possible:
                    a, b = body(e, inner)
                    low = a if sure and a > low else low
                    high = b if b > high else high
            return low, max(high, most) if unlisted else high

        return step

    def _any(self, node: Node) -> Step:
        source, body, condition, depth = self._parts(node)

        def step(e: Stepping, items: Items) -> Range:
            rows, unlisted = source(e, items)
            around = items[:depth]
            maybe = bool(unlisted)
            for row in rows:
                inner = (*around, row)
                sure, possible = condition(e, inner) if condition is not None else (True, True)
                if possible:
                    low, high = body(e, inner)
                    if low and sure:
                        return True, True
                    maybe = maybe or bool(high)
            return False, maybe

        return step

    def _all(self, node: Node) -> Step:
        source, body, condition, depth = self._parts(node)

        def step(e: Stepping, items: Items) -> Range:
            rows, unlisted = source(e, items)
            around = items[:depth]
            proved = not unlisted
            for row in rows:
                inner = (*around, row)
                sure, possible = condition(e, inner) if condition is not None else (True, True)
                if possible:
                    low, high = body(e, inner)
                    if sure and not high:
                        return False, False
                    proved = proved and bool(low)
            return proved, True

        return step


def _product(al: Any, ah: Any, bl: Any, bh: Any) -> Range:
    """``interpret.product``, sooner done where neither can be negative or both are exact."""
    if al >= 0 <= bl:
        return al * bl, ah * bh
    if al == ah and bl == bh:
        return (al * bl,) * 2
    return product(al, ah, bl, bh)


def _interval(terms: list[tuple[int, tuple[int, ...]]], known: list[Range]) -> Range:
    """The sum of products of independent ranges."""
    low = high = 0
    for coefficient, factors in terms:
        a = b = 1
        for factor in factors:
            a, b = _product(a, b, *known[factor])
        if coefficient < 0:
            a, b = b, a
        low += coefficient * a
        high += coefficient * b
    return low, high
