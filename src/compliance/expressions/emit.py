"""Generate Python from typed trees: the scalar forms, which decide one filing at a time.

The generated text holds nothing of a pack: names are slot numbers, literals are re-made from whole numbers, and it runs
with a handful of functions and no builtins. Every value is two expressions, low and high; where every fact that a rule
reads is exact, the ``exact`` form writes one expression for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compliance import dates
from compliance.expressions.interpret import extremes, product, quotient
from compliance.expressions.linear import MAX_CORNERS, Difference, difference
from compliance.expressions.tree import Node, free_items
from compliance.quantities import BEYOND

Pair = tuple[str, str]

NOT_APPLICABLE, PASS, FAIL, OPEN, CONFLICT = range(5)


@dataclass(frozen=True, slots=True)
class Clause:
    """One way a rule can ask for something: the base (``when`` is None) or a labelled exception."""

    when: Node | None
    require: Node


@dataclass(frozen=True, slots=True)
class Formula:
    """What is generated for one rule: when it applies (None: always), the base clause and its exceptions."""

    applies: Node | None
    clauses: tuple[Clause, ...]

    def nodes(self) -> list[Node]:
        """The top nodes, in the order in which they are evaluated."""
        found = [self.applies] if self.applies is not None else []
        for clause in self.clauses:
            found += [clause.when] if clause.when is not None else []
            found.append(clause.require)
        return found


Decide = Callable[[Sequence[Any], Sequence[Any], int, int], int]
Measure = Callable[[Sequence[Any], Sequence[Any], int, int], tuple[Any, ...]]


def compile_rule(formula: Formula, slots: Mapping[str, int], *, exact: bool, measures: bool) -> Callable[..., Any]:
    """A function of ``(row, parameters, on_low, on_high)`` that decides the rule.

    ``slots`` gives each parameter its position. The deciding form gives one of ``NOT_APPLICABLE`` … ``CONFLICT``; the
    measuring form a tuple of that, the index bits of the clauses that may be in force, whether the rule applies (low,
    high), and for each clause ``(left low, left high, right low, right high, difference low, difference high)`` or None.
    """
    source = source_of(formula, slots, exact=exact, measures=measures)
    namespace: dict[str, Any] = {
        "__builtins__": {},
        "M": dates.add_months,
        "X": product,
        "Q": quotient,
        "K": _corners,
    }
    exec(compile(source, "<rule>", "exec"), namespace)  # noqa: S102 - from the typed tree alone, without builtins
    function: Callable[..., Any] = namespace["rule"]
    return function


def source_of(formula: Formula, slots: Mapping[str, int], *, exact: bool, measures: bool) -> str:
    """The Python text of a rule; see ``compile_rule``."""
    return _Writer(slots, exact).rule(formula, measures)


def _corners(evaluate: Callable[..., tuple[Any, Any]], lows: tuple[Any, ...], highs: tuple[Any, ...]) -> tuple[Any, Any]:
    """The extremes of a difference that is linear in each of the given facts, the vague ones put at both ends."""
    vague = [i for i, low in enumerate(lows) if low != highs[i]]
    if len(vague) > MAX_CORNERS:
        return evaluate(*lows, *highs)
    found = []
    for corner in range(1 << len(vague)):
        at = list(lows)
        for bit, i in enumerate(vague):
            if corner >> bit & 1:
                at[i] = highs[i]
        found.append(evaluate(*at, *at))
    return min(low for low, _ in found), max(high for _, high in found)


class _Writer:
    """Writes one function. Nodes that stand on the filing alone are computed once, before any loop that needs them."""

    def __init__(self, slots: Mapping[str, int], exact: bool) -> None:
        self.slots = slots
        self.exact = exact
        self.lines: list[str] = []
        self.indent = 1
        self.count = 0
        self.known: dict[Node, Pair] = {}
        self.loaded: list[dict[int, str]] = []  # for each loop around: the cells read into names at its head

    # The rule

    def rule(self, formula: Formula, measures: bool) -> str:
        """The function's text."""
        self.lines = ["def rule(F, P, on_l, on_h):"]
        applies: Pair = ("True", "True")
        if formula.applies is not None:
            applies = self.named(self.truth(formula.applies))
        if not measures:
            if applies[1] != "True":
                self.write(f"if not {applies[1]}: return {NOT_APPLICABLE}")
        judged, detail = [], []
        for clause in formula.clauses:
            when = self.named(self.truth(clause.when)) if clause.when is not None else None
            require = self.named(self.truth(clause.require))
            judged.append((when, require))
            detail.append(self.detail(clause.require) if measures else "")
        self.verdict(applies, judged, measures)
        if measures:
            self.write(f"return V, W, {applies[0]}, {applies[1]}, ({', '.join(detail)},)")
        return "\n".join(self.lines) + "\n"

    def verdict(self, applies: Pair, judged: list[tuple[Pair | None, Pair]], measures: bool) -> None:
        """Join the clauses that may be in force. ``W``: their bits. Two sure exceptions that disagree are a conflict."""
        base = judged[0][1]
        others = [(when, require) for when, require in judged[1:] if when is not None]
        answer: Callable[[int], str] = (lambda v: f"V = {v}") if measures else (lambda v: f"return {v}")
        if not others:
            low, high = base
            self.write("W = 1") if measures else None
        else:
            self.write("L = True; H = False; A = B = C = False; W = 0")
            for number, (when, require) in enumerate(others, 1):
                self.write(f"if {when[1]}:")
                self.write(f"    L = L and {require[0]}; H = H or {require[1]}; W |= {1 << number}")
                self.write(f"    if {when[0]}:")
                self.write("        A = True")
                self.write(f"        if {require[0]}: B = True")
                self.write(f"        elif not {require[1]}: C = True")
            self.write(f"if not A: L = L and {base[0]}; H = H or {base[1]}; W |= 1")
            low, high = "L", "H"
        unless = f"if not {applies[1]}: {answer(NOT_APPLICABLE)}" if measures and applies[1] != "True" else ""
        branches = [unless] if unless else []
        if others:
            branches.append(f"if B and C: {answer(CONFLICT)}")
        branches.append(f"if {low}: {answer(PASS)}")
        if applies[0] == "True":
            branches.append(f"if not {high}: {answer(FAIL)}")
        else:
            branches.append(f"if {applies[0]} and not {high}: {answer(FAIL)}")
        for number, branch in enumerate(branches):
            self.write(("el" if number and measures else "") + branch)
        self.write(f"else: {answer(OPEN)}" if measures else answer(OPEN))

    def detail(self, require: Node) -> str:
        """The sides and the difference of a comparison, as one tuple; ``None`` where a requirement is no comparison."""
        if require.op != "cmp":
            return "None"
        left, right = self.number(require.args[0]), self.number(require.args[1])
        low, high = self.spread(require)
        return f"({left[0]}, {left[1]}, {right[0]}, {right[1]}, {low}, {high})"

    # Writing

    def write(self, line: str) -> None:
        """Add a line at the present depth."""
        self.lines.append("    " * self.indent + line)

    def fresh(self) -> Pair:
        """Two new names (one, in the exact form)."""
        self.count += 1
        return (f"v{self.count}", f"v{self.count}") if self.exact else (f"v{self.count}l", f"v{self.count}h")

    def named(self, pair: Pair) -> Pair:
        """The pair under names, so that it may be used twice."""
        if all(part.isidentifier() or part.lstrip("-").isdigit() for part in pair):
            return pair
        name = self.fresh()
        self.write(f"{name[0]} = {pair[0]}")
        if not self.exact:
            self.write(f"{name[1]} = {pair[1]}")
        return name

    def once(self, node: Node, make: Callable[[Node], Pair]) -> Pair:
        """The pair of a node that stands on the filing alone, computed once at the top of the function."""
        if self.indent > 1 or free_items(node):
            found = self.known.get(node)
            return found if found is not None else make(node)
        if node not in self.known:
            self.known[node] = self.named(make(node))
        return self.known[node]

    def hoist(self, node: Node) -> None:
        """Compute what a loop needs of the filing before the loop starts."""
        if self.indent > 1 or node.op in ("const", "root", "item"):
            return
        if not free_items(node) and node.type.kind in ("number", "date", "truth"):
            (self.truth if node.type.kind == "truth" else self.number)(node)
            return
        for arg in node.args:
            self.hoist(arg)

    # Leaves

    def row(self, node: Node) -> str:
        """The expression for the row that a root, item or reference stands for."""
        if node.op == "root":
            return "F"
        if node.op == "item":
            return f"u{node.value}"
        return f"{self.row(node.args[0])}[{node.value[2]}]"

    def cell(self, node: Node) -> Pair:
        """The two cells of a field; enumerations and lists use the second and the first."""
        owner, slot = node.args[0], node.value[2]
        if owner.op == "item" and owner.value <= len(self.loaded):
            names = self.loaded[owner.value - 1]
            low, high = names.get(slot), names.get(slot + 1)
        else:
            low = high = None
        row = self.row(owner)
        low = low or f"{row}[{slot}]"
        return (low, low) if self.exact and node.type.kind != "enum" else (low, high or f"{row}[{slot + 1}]")

    def number(self, node: Node) -> Pair:
        """Low and high of a number or a day."""
        if node.op == "const":
            return str(node.value), str(node.value)
        if node.op == "param":
            text = f"P[{self.slots[node.value]}]"
            return self.once(node, lambda _: (text, text))
        if node.op == "day":
            return ("on_l", "on_l") if self.exact else ("on_l", "on_h")
        if node.op == "field":
            return self.once(node, self.cell)
        writer: Callable[[Node], Pair] = getattr(self, f"number_{node.op}")
        return self.once(node, writer)

    def scaled(self, node: Node, scale: int) -> Pair:
        """A number's pair at a finer scale than its own."""
        low, high = self.number(node)
        if node.type.kind != "number" or node.type.scale == scale:
            return low, high
        factor = 10 ** (scale - node.type.scale)
        return _times(low, factor), _times(high, factor)

    # Numbers

    def number_add(self, node: Node) -> Pair:
        parts = [self.scaled(arg, node.type.scale) for arg in node.args]
        return f"({' + '.join(p[0] for p in parts)})", f"({' + '.join(p[1] for p in parts)})"

    def number_neg(self, node: Node) -> Pair:
        low, high = self.number(node.args[0])
        return f"-{high}", f"-{low}"

    def number_mul(self, node: Node) -> Pair:
        a, b = node.args
        return self.times(self.number(a), a, self.number(b), b)

    def times(self, left: Pair, a: Node, right: Pair, b: Node) -> Pair:
        """The product of two independent pairs, plain where the signs are known."""
        if self.exact:
            return (f"{left[0]} * {right[0]}",) * 2
        if a.type.nonnegative and b.type.nonnegative:
            return f"{left[0]} * {right[0]}", f"{left[1]} * {right[1]}"
        name = self.fresh()
        self.write(f"{name[0]}, {name[1]} = X({left[0]}, {left[1]}, {right[0]}, {right[1]})")
        return name

    def number_div(self, node: Node) -> Pair:
        a, b = node.args
        left, right = self.number(a), self.number(b)
        self.count += 1
        name = (f"v{self.count}l", f"v{self.count}h")
        up, down = 10**b.type.scale, 10**a.type.scale
        self.write(f"{name[0]}, {name[1]} = Q({left[0]}, {left[1]}, {right[0]}, {right[1]}, {up}, {down})")
        return name

    def number_months(self, node: Node) -> Pair:
        day, count = (self.number(arg) for arg in node.args)
        return f"M({day[0]}, {count[0]})", f"M({day[1]}, {count[1]})"

    def number_greater(self, node: Node) -> Pair:
        return self.extreme(node, ">")

    def number_lesser(self, node: Node) -> Pair:
        return self.extreme(node, "<")

    def extreme(self, node: Node, sign: str) -> Pair:
        """The greater or lesser of several numbers."""
        best = self.named(self.scaled(node.args[0], node.type.scale))
        for arg in node.args[1:]:
            other = self.named(self.scaled(arg, node.type.scale))
            best = self.named(
                (
                    f"({best[0]} if {best[0]} {sign} {other[0]} else {other[0]})",
                    f"({best[1]} if {best[1]} {sign} {other[1]} else {other[1]})",
                )
            )
        return best

    def number_if(self, node: Node) -> Pair:
        test, then, otherwise = node.args
        if self.exact:
            condition = self.truth(test)[0]
            if not _needs_statements(then) and not _needs_statements(otherwise):
                a, b = self.scaled(then, node.type.scale)[0], self.scaled(otherwise, node.type.scale)[0]
                return (f"({a} if {condition} else {b})",) * 2
        sure, possible = self.named(self.truth(test))
        result = self.fresh()
        parts: list[Pair] = []
        for branch, guard in ((then, possible), (otherwise, f"not {sure}")):
            if branch.op == "const":
                parts.append(self.scaled(branch, node.type.scale))
                continue
            name = self.fresh()
            self.write(f"if {guard}:")
            self.indent += 1
            low, high = self.scaled(branch, node.type.scale)
            self.write(f"{name[0]} = {low}")
            if not self.exact:
                self.write(f"{name[1]} = {high}")
            self.indent -= 1
            parts.append(name)
        a, b = parts
        if self.exact:
            self.write(f"{result[0]} = {a[0]} if {sure} else {b[0]}")
            return result
        self.write(f"if {sure}: {result[0]} = {a[0]}; {result[1]} = {a[1]}")
        self.write(f"elif not {possible}: {result[0]} = {b[0]}; {result[1]} = {b[1]}")
        self.write("else:")
        self.write(f"    {result[0]} = {a[0]} if {a[0]} < {b[0]} else {b[0]}")
        self.write(f"    {result[1]} = {a[1]} if {a[1]} > {b[1]} else {b[1]}")
        return result

    # Truths

    def truth(self, node: Node) -> Pair:
        """Whether a truth is proved, and whether it is possible."""
        if node.op == "const":
            return str(bool(node.value)), str(bool(node.value))
        if node.op == "field":
            return self.once(node, self.cell)
        writer: Callable[[Node], Pair] = getattr(self, f"truth_{node.op}")
        return self.once(node, writer)

    def truth_in(self, node: Node) -> Pair:
        bits = self.cell(node.args[0])[1]
        if self.exact:
            return (f"({bits} & {node.value} != 0)",) * 2
        return f"(not {bits} & {~node.value})", f"({bits} & {node.value} != 0)"

    def truth_isin(self, node: Node) -> Pair:
        bits, members = self.cell(node.args[0])[1], self.number(node.args[1])[0]
        if self.exact:
            return (f"({bits} & {members} != 0)",) * 2
        return f"(not {bits} & ~{members})", f"({bits} & {members} != 0)"

    def truth_and(self, node: Node) -> Pair:
        return self.joined(node, " and ")

    def truth_or(self, node: Node) -> Pair:
        return self.joined(node, " or ")

    def joined(self, node: Node, word: str) -> Pair:
        """Kleene's and/or: the ends one by one."""
        parts = [self.truth(arg) for arg in node.args]
        return f"({word.join(p[0] for p in parts)})", f"({word.join(p[1] for p in parts)})"

    def truth_not(self, node: Node) -> Pair:
        low, high = self.truth(node.args[0])
        return f"(not {high})", f"(not {low})"

    def truth_if(self, node: Node) -> Pair:
        test, then, otherwise = (self.named(self.truth(arg)) for arg in node.args)
        if self.exact:
            return (f"({then[0]} if {test[0]} else {otherwise[0]})",) * 2
        low = f"({then[0]} if {test[0]} else {otherwise[0]} if not {test[1]} else {then[0]} and {otherwise[0]})"
        high = f"({then[1]} if {test[0]} else {otherwise[1]} if not {test[1]} else {then[1]} or {otherwise[1]})"
        return low, high

    def truth_cmp(self, node: Node) -> Pair:
        left, right = node.args
        symbol = node.value
        if left.type.kind == "date" and symbol not in ("==", "!="):
            a, b = self.number(left), self.number(right)
            if symbol in ("<", "<="):
                return f"({a[1]} {symbol} {b[0]})", f"({a[0]} {symbol} {b[1]})"
            return f"({a[0]} {symbol} {b[1]})", f"({a[1]} {symbol} {b[0]})"
        low, high = self.named(self.spread(node))
        if symbol in ("<", "<="):
            return f"({high} {symbol} 0)", f"({low} {symbol} 0)"
        if symbol in (">", ">="):
            return f"({low} {symbol} 0)", f"({high} {symbol} 0)"
        if symbol == "==":
            return f"({low} == 0 == {high})", f"({low} <= 0 <= {high})"
        return f"({high} < 0 or {low} > 0)", f"(not {low} == 0 == {high})"

    def spread(self, node: Node) -> Pair:
        """Low and high of a comparison's difference, facts that stand twice at their corners."""
        key = Node("spread", node.type, (node,))
        return self.once(key, lambda _: self.spread_of(node))

    def spread_of(self, node: Node) -> Pair:
        form = difference(node.args[0], node.args[1])
        atoms = {atom: self.number(atom) for _, product_ in form.terms for atom in product_}
        if self.exact or not form.repeated or form.squares:
            return self.interval(form, atoms)
        repeated = list(form.repeated)
        lows = ", ".join(atoms[atom][0] for atom in repeated)
        highs = ", ".join(atoms[atom][1] for atom in repeated)
        result = self.fresh()
        plain = " and ".join(f"{atoms[atom][0]} == {atoms[atom][1]}" for atom in repeated)
        self.count += 1
        number = self.count
        inner = {atom: (f"l{number}_{i}", f"h{number}_{i}") for i, atom in enumerate(repeated)}
        self.write(f"if {plain}:")
        self.indent += 1
        low, high = self.interval(form, atoms)
        self.write(f"{result[0]} = {low}; {result[1]} = {high}")
        self.indent -= 1
        self.write("else:")
        self.indent += 1
        names = [*(inner[a][0] for a in repeated), *(inner[a][1] for a in repeated)]
        self.write(f"def k{number}({', '.join(names)}):")
        self.indent += 1
        low, high = self.interval(form, {**atoms, **inner})
        self.write(f"return {low}, {high}")
        self.indent -= 1
        self.write(f"{result[0]}, {result[1]} = K(k{number}, ({lows},), ({highs},))")
        self.indent -= 1
        return result

    def interval(self, form: Difference, atoms: Mapping[Node, Pair]) -> Pair:
        """The difference as a sum of products of independent pairs."""
        lows, highs = [], []
        for coefficient, factors in form.terms:
            if not factors:
                lows.append(str(coefficient))
                highs.append(str(coefficient))
                continue
            low, high = atoms[factors[0]]
            node = factors[0]
            for factor in factors[1:]:
                low, high = self.times((low, high), node, atoms[factor], factor)
                both = node.type.nonnegative and factor.type.nonnegative
                node = Node("mul", node.type._replace(least=0 if both else None), (node, factor))
            if coefficient < 0:
                low, high = high, low
            lows.append(_times(low, coefficient))
            highs.append(_times(high, coefficient))
        return " + ".join(lows) or "0", " + ".join(highs) or "0"

    # Loops

    def loop(self, node: Node, body: Callable[[Pair, Pair], None]) -> str:
        """Write the loop of a node, ``body`` for each item that may count; gives the expression for an unlisted rest."""
        source, inside, *conditions = node.args
        for part in (inside, *conditions):
            self.hoist(part)
        owner, slot = self.row(source.args[0]), source.value[2]
        depth = node.value
        self.write(f"for u{depth} in {owner}[{slot}]:")
        self.indent += 1
        self.loaded.append(self.load(depth, (inside, *conditions)))
        sure: Pair = ("True", "True")
        if conditions:
            sure = self.truth(conditions[0])
            if not self.exact:
                sure = self.named(sure)
            self.write(f"if {sure[1]}:")
            self.indent += 1
        value = self.number(inside) if inside.type.kind != "truth" else self.truth(inside)
        body(sure, value)
        self.indent -= 2 if conditions else 1
        self.loaded.pop()
        return f"{owner}[{slot + 1}]"

    def load(self, depth: int, parts: Sequence[Node]) -> dict[int, str]:
        """Read the cells that are used more than once into names at the head of a loop."""
        uses: dict[int, int] = {}
        for part in parts:
            for node in part.walk():
                if node.op == "field" and node.args[0].op == "item" and node.args[0].value == depth and node.type.kind not in ("list", "ref"):
                    slot = node.value[2]
                    if node.type.kind == "enum":
                        uses[slot + 1] = uses.get(slot + 1, 0) + (1 if self.exact else 2)
                    else:
                        uses[slot] = uses.get(slot, 0) + 1
                        if not self.exact:
                            uses[slot + 1] = uses.get(slot + 1, 0) + 1
        names = {}
        for slot, times in uses.items():
            if times > 1:
                names[slot] = f"c{depth}_{slot}"
                self.write(f"{names[slot]} = u{depth}[{slot}]")
        return names

    def number_sum(self, node: Node) -> Pair:
        total = self.fresh()
        self.write(f"{total[0]} = 0" if self.exact else f"{total[0]} = {total[1]} = 0")
        nonnegative = node.args[1].type.nonnegative

        def add(sure: Pair, value: Pair) -> None:
            if self.exact:
                self.write(f"{total[0]} += {value[0]}")
                return
            if sure[0] == "True":
                self.write(f"{total[0]} += {value[0]}; {total[1]} += {value[1]}")
                return
            value = self.named(value) if not nonnegative else value
            self.write(f"if {sure[0]}: {total[0]} += {value[0]}; {total[1]} += {value[1]}")
            if nonnegative:
                self.write(f"else: {total[1]} += {value[1]}")
            else:
                self.write("else:")
                self.write(f"    if {value[0]} < 0: {total[0]} += {value[0]}")
                self.write(f"    if {value[1]} > 0: {total[1]} += {value[1]}")

        unlisted = self.loop(node, add)
        if not self.exact:
            lower = "" if nonnegative else f"; {total[0]} -= {BEYOND}"
            self.write(f"if {unlisted}: {total[1]} += {BEYOND}{lower}")
        return total

    number_count = number_sum

    def number_max(self, node: Node) -> Pair:
        return self.outermost(node, ">")

    def number_min(self, node: Node) -> Pair:
        return self.outermost(node, "<")

    def outermost(self, node: Node, sign: str) -> Pair:
        """The greatest or least over a loop: the near end counts sure items only, the far end every possible one."""
        least, most = extremes(node)
        start, beyond = (least, most) if sign == ">" else (most, least)
        best = self.fresh()
        self.write(f"{best[0]} = {start}" if self.exact else f"{best[0]} = {best[1]} = {start}")
        near, far = (0, 1) if sign == ">" else (1, 0)

        def take(sure: Pair, value: Pair) -> None:
            value = self.named(value)
            if self.exact:
                self.write(f"if {value[0]} {sign} {best[0]}: {best[0]} = {value[0]}")
                return
            guard = "" if sure[0] == "True" else f"{sure[0]} and "
            self.write(f"if {guard}{value[near]} {sign} {best[near]}: {best[near]} = {value[near]}")
            self.write(f"if {value[far]} {sign} {best[far]}: {best[far]} = {value[far]}")

        unlisted = self.loop(node, take)
        if not self.exact:
            self.write(f"if {unlisted}: {best[far]} = {beyond}")
        return best

    def truth_any(self, node: Node) -> Pair:
        found = self.fresh()
        self.write(f"{found[0]} = False" if self.exact else f"{found[0]} = {found[1]} = False")

        def meet(sure: Pair, value: Pair) -> None:
            if self.exact:
                self.write(f"if {value[0]}: {found[0]} = True; break")
                return
            value = self.named(value)
            guard = "" if sure[0] == "True" else f"{sure[0]} and "
            self.write(f"if {value[1]}:")
            self.write(f"    {found[1]} = True")
            self.write(f"    if {guard}{value[0]}: {found[0]} = True; break")

        unlisted = self.loop(node, meet)
        if not self.exact:
            self.write(f"if {unlisted}: {found[1]} = True")
        return found

    def truth_all(self, node: Node) -> Pair:
        kept = self.fresh()
        self.write(f"{kept[0]} = True" if self.exact else f"{kept[0]} = {kept[1]} = True")

        def meet(sure: Pair, value: Pair) -> None:
            if self.exact:
                self.write(f"if not {value[0]}: {kept[0]} = False; break")
                return
            value = self.named(value)
            guard = "" if sure[0] == "True" else f"{sure[0]} and "
            self.write(f"if not {value[0]}:")
            self.write(f"    {kept[0]} = False")
            self.write(f"    if {guard}not {value[1]}: {kept[1]} = False; break")

        unlisted = self.loop(node, meet)
        if not self.exact:
            self.write(f"if {unlisted}: {kept[0]} = False")
        return kept


def _times(text: str, factor: int) -> str:
    if factor == 1:
        return text
    if text.lstrip("-").isdigit():
        return str(int(text) * factor)
    return f"-({text})" if factor == -1 else f"{factor} * ({text})" if " " in text and not text.startswith("(") else f"{factor} * {text}"


def _needs_statements(node: Node) -> bool:
    """Whether a node cannot be written as one expression."""
    return any(part.op in ("sum", "count", "min", "max", "any", "all", "div", "greater", "lesser") for part in node.walk())
