"""Generate Python from typed trees: the scalar forms, which decide one filing at a time.

The generated text holds nothing of a pack: names are slot numbers, literals are re-made from whole numbers, and it runs
with a handful of functions and no builtins. Every value is two expressions, low and high; where every fact that a rule
reads is exact, the ``exact`` form writes one expression for both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from compliance import dates
from compliance.expressions.interpret import beyond, extremes, product, quotient
from compliance.expressions.linear import MAX_CORNERS, Difference, difference
from compliance.expressions.tree import LOOPS, OPENING, Node, free_items

Pair = tuple[str, str]
Sink = Callable[[Pair], None]

_MAX_LINES = 250  # past this, branches are joined rather than written out
_SIMPLE = re.compile(r"-?\w+(\[\w+\])?")

NOT_APPLICABLE, PASS, FAIL, OPEN, CONFLICT = range(5)


class Clause(NamedTuple):
    """One way a rule can ask for something: the base (``when`` is None) or a labelled exception."""

    when: Node | None
    require: Node


class Formula(NamedTuple):
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


# A search puts the same few answers again and again, so that most days and quotients were computed before.
_add_months = lru_cache(maxsize=10_000)(dates.add_months)
_quotient = lru_cache(maxsize=10_000)(quotient)

Decide = Callable[[Sequence[Any], Sequence[Any], int, int], int]
Measure = Callable[[Sequence[Any], Sequence[Any], int, int], tuple[Any, ...]]


def compile_rule(formula: Formula, slots: Mapping[str, int], *, exact: bool, measures: bool) -> Callable[..., Any]:
    """A function of ``(row, parameters, on_low, on_high)`` that decides the rule.

    ``slots`` gives each parameter its position. The deciding form gives one of ``NOT_APPLICABLE`` … ``CONFLICT``; the
    measuring form a tuple of that, the index bits of the clauses that may be in force, whether the rule applies (low,
    high), and for each clause ``(left low, left high, right low, right high, difference low, difference high)`` or None; of
    a rule that does not apply nothing is measured.
    """
    source = source_of(formula, slots, exact=exact, measures=measures)
    namespace: dict[str, Any] = {
        "__builtins__": {},
        "M": _add_months,
        "E": dates.period_end,
        "S": dates.add_trading_days,
        "X": product,
        "Q": _quotient,
        "K": _corners,
    }
    exec(compile(source, "<rule>", "exec"), namespace)
    function: Callable[..., Any] = namespace["rule"]
    return function


def source_of(formula: Formula, slots: Mapping[str, int], *, exact: bool, measures: bool) -> str:
    """The Python text of a rule; see ``compile_rule``."""
    # What may stay open even on exact facts: only the ranges tell the truth about it.
    opening = any(part.op in OPENING for node in formula.nodes() for part in node.walk())
    return _Writer(slots, exact and not opening).rule(formula, measures)


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
    """Writes one function.

    A block's names (``scopes``) hold what was computed in it, and are forgotten at its end; what a loop needs of outside is
    computed before the loop. ``sharp`` are the enumeration cells known, in the present block, to hold one member.
    """

    def __init__(self, slots: Mapping[str, int], exact: bool) -> None:
        self.slots = slots
        self.exact = exact
        self.lines: list[str] = []
        self.indent = 1
        self.count = 0
        self.uses: Counter[Node] = Counter()
        self.scopes: list[dict[Node, Pair]] = [{}]
        self.items: dict[int, str] = {}  # for each loop around, by its depth: the name of its row
        self.sharp: list[Node] = []
        self.blurred: list[Node] = []

    # The rule

    def rule(self, formula: Formula, measures: bool) -> str:
        """The function's text."""
        self.lines = ["def rule(F, P, on_l, on_h):"]
        nodes = formula.nodes()
        if measures:
            nodes += [side for clause in formula.clauses if clause.require.op == "cmp" for side in (clause.require, *clause.require.args)]
        self.uses = _uses(nodes)
        applies: Pair = ("True", "True")
        if formula.applies is not None:
            applies = self.truth(formula.applies)
            if measures:
                applies = self.named(applies)
            nothing = f", 0, False, False, ({'None, ' * len(formula.clauses)})" if measures else ""
            self.write(f"if not {applies[1]}: return {NOT_APPLICABLE}{nothing}")
            applies = ("True" if applies[0] == applies[1] else applies[0], "True")
        self.shared(formula)
        if measures:
            self.measured(formula, applies)
        else:
            self.decided(formula, applies)
        return "\n".join(self.lines) + "\n"

    def shared(self, formula: Formula) -> None:
        """Compute first the loops that the base or several exceptions need, so that they are written and run once."""
        wanted: Counter[Node] = Counter()
        for clause in formula.clauses:
            found = {part for part in clause.require.walk() if part.op in (*LOOPS, "closed") and not free_items(part)}
            wanted.update(dict.fromkeys(found, 2 if clause.when is None else 1))
        below = {part for top in wanted for arg in top.args for part in arg.walk()}
        for part, times in wanted.items():
            if times > 1 and part not in below:
                self.value(part)

    def decided(self, formula: Formula, applies: Pair) -> None:
        """Write the deciding form's end: what a clause requires is computed only where that clause may be in force."""
        base, groups = formula.clauses[0].require, _groups(formula)
        if len(groups) < 2 and (self.exact or not groups):
            for whens, require in groups:
                with self.block(f"if {' or '.join(self.truth(when)[1] for when in whens)}:"):
                    self.answer(self.truth(require), applies)
            self.answer(self.truth(base), applies)
            return
        if len(groups) == 1:
            (whens, require) = groups[0]
            conditions = [self.truth(when) for when in whens]
            sure, possible = self.named((" or ".join(low for low, _ in conditions), " or ".join(high for _, high in conditions)))
            with self.block(f"if {possible}:"):
                there = self.named(self.truth(require))
                with self.block(f"if {sure}:"):
                    self.answer(there, applies)
                here = self.truth(base)
                self.answer((f"({there[0]} and {here[0]})", f"({there[1]} or {here[1]})"), applies)
            self.answer(self.truth(base), applies)
            return
        joined = self.joined_clauses(formula)
        self.write(f"if B and C: return {CONFLICT}")
        self.answer(joined, applies)

    def answer(self, require: Pair, applies: Pair) -> None:
        """Return the verdict on one requirement."""
        low, high = require
        if low == high and applies[0] == "True":
            self.write(f"return {PASS} if {low} else {FAIL}")
            return
        self.write(f"if {low}: return {PASS}")
        sure = "" if applies[0] == "True" else f"{applies[0]} and "
        self.write(f"return {FAIL} if {sure}not {high} else {OPEN}")

    def joined_clauses(self, formula: Formula) -> Pair:
        """Join the clauses that may be in force. Two sure exceptions that disagree: ``B and C``; one that is sure: ``A``."""
        base, groups = formula.clauses[0].require, _groups(formula)
        if not groups:
            return self.truth(base)
        many = len(groups) > 1
        self.write("L = True; H = A = B = C = False")
        for whens, require in groups:
            conditions = [self.truth(when) for when in whens]
            sure = self.named((" or ".join(low for low, _ in conditions), " or ".join(high for _, high in conditions)))
            with self.block(f"if {sure[1]}:"):
                low, high = self.named(self.truth(require))
                self.write(f"L = L and {low}; H = H or {high}")
                with self.block(f"if {sure[0]}:"):
                    self.write("A = True")
                    if many:
                        self.write(f"if {low}: B = True")
                        self.write(f"elif not {high}: C = True")
        with self.block("if not A:"):
            low, high = self.truth(base)
            self.write(f"L = L and {low}; H = H or {high}")
        return "L", "H"

    def measured(self, formula: Formula, applies: Pair) -> None:
        """Write the measuring form's end: the verdict, the clauses that may be in force, and every comparison's sides."""
        details = [self.detail(clause.require) for clause in formula.clauses]
        low, high = self.joined_clauses(formula)
        exceptions = [(number, self.truth(clause.when)) for number, clause in enumerate(formula.clauses) if clause.when is not None]
        bits = "1"
        if exceptions:
            bits = "W"
            self.write("W = 0 if A else 1")
            for number, when in exceptions:
                self.write(f"if {when[1]}: W |= {1 << number}")
        verdict = f"{CONFLICT} if B and C else " if len(_groups(formula)) > 1 else ""
        if low == high and applies[0] == applies[1]:
            verdict += f"{PASS} if {low} else {FAIL}"
        else:
            sure = "" if applies[0] == "True" else f"{applies[0]} and "
            verdict += f"{PASS} if {low} else {FAIL} if {sure}not {high} else {OPEN}"
        yes = "" if formula.applies is None or _is_boolean(formula.applies) else "not not "
        self.write(f"return {verdict}, {bits}, {yes}{applies[0]}, {yes}{applies[1]}, ({', '.join(details)},)")

    def detail(self, require: Node) -> str:
        """The sides and the difference of a comparison, as one tuple; ``None`` where a requirement is no comparison."""
        if require.op != "cmp":
            return "None"
        left, right = (self.named(self.number(side)) for side in require.args)
        low, high = self.named(self.spread(require))
        return f"({left[0]}, {left[1]}, {right[0]}, {right[1]}, {low}, {high})"

    # Writing

    def write(self, line: str) -> None:
        """Add a line at the present depth."""
        self.lines.append("    " * self.indent + line)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Write a block; what is computed in it is known in it alone."""
        self.write(header)
        self.indent += 1
        self.scopes.append({})
        start = len(self.lines)
        yield
        if len(self.lines) == start:
            self.write("pass")
        self.scopes.pop()
        self.indent -= 1

    def fresh(self) -> Pair:
        """Two new names (one, in the exact form)."""
        self.count += 1
        return (f"v{self.count}", f"v{self.count}") if self.exact else (f"v{self.count}l", f"v{self.count}h")

    def named(self, pair: Pair) -> Pair:
        """The pair under names, so that it may be used twice."""
        if all(_SIMPLE.fullmatch(part) for part in pair):
            return pair
        if pair[0] == pair[1]:
            self.count += 1
            self.write(f"v{self.count} = {pair[0]}")
            return (f"v{self.count}",) * 2
        name = self.fresh()
        self.write(f"{name[0]} = {pair[0]}")
        self.write(f"{name[1]} = {pair[1]}")
        return name

    def found(self, node: Node) -> Pair | None:
        """What the present block or one around it knows of a node."""
        for scope in reversed(self.scopes):
            if node in scope:
                return scope[node]
        return None

    def once(self, node: Node, make: Callable[[Node], Pair]) -> Pair:
        """The pair of a node, computed once in a block; under names where it is used again."""
        found = self.found(node)
        if found is None:
            found = make(node)
            if self.uses[node] > 1:
                found = self.named(found)
            self.scopes[-1][node] = found
        return found

    def hoist(self, node: Node, depth: int) -> None:
        """Compute before a loop what its body needs and what does not change from item to item."""
        if node.op in ("const", "root", "item", "bits"):
            return
        if any(item >= depth for item in free_items(node)) or node.type.kind not in ("number", "date", "truth", "enum"):
            for arg in node.args:
                self.hoist(arg, depth)
        elif node.op in ("field", "param", "day"):
            if depth > 1 and node.op == "param" and self.found(node) is None:
                self.count += 1
                self.write(f"v{self.count} = {self.number(node)[0]}")
                self.scopes[-1][node] = (f"v{self.count}",) * 2
        elif self.found(node) is None:
            self.scopes[-1][node] = self.named(self.value(node))

    # Leaves

    def value(self, node: Node) -> Pair:
        """Low and high of a number, a day or a truth."""
        return self.truth(node) if node.type.kind == "truth" else self.number(node)

    def row(self, node: Node) -> str:
        """The expression for the row that a root, item or reference stands for."""
        if node.op == "root":
            return "F"
        if node.op == "item":
            return self.items[node.value]
        return f"{self.row(node.args[0])}[{node.value[2]}]"

    def cell(self, node: Node) -> Pair:
        """The two cells of a field. What an enumeration can be stands in the second."""
        found = self.found(node)
        if found is not None:
            return found
        row, slot = self.row(node.args[0]), node.value[2]
        low, high = f"{row}[{slot}]", f"{row}[{slot + 1}]"
        return (low, low) if self.exact and node.type.kind != "enum" else (low, high)

    def number(self, node: Node) -> Pair:
        """Low and high of a number or a day."""
        if node.op == "const":
            return str(node.value), str(node.value)
        if node.op == "param":
            return self.found(node) or (f"P[{self.slots[node.value]}]",) * 2
        if node.op == "day":
            return ("on_l", "on_l") if self.exact else ("on_l", "on_h")
        if node.op == "field":
            return self.cell(node)
        writer: Callable[[Node], Pair] = getattr(self, f"number_{node.op}")
        return self.once(node, writer)

    def scaled(self, node: Node, scale: int) -> Pair:
        """A number's pair at a finer scale than its own."""
        return _scaled(self.number(node), node, scale)

    # Numbers

    def number_add(self, node: Node) -> Pair:
        parts = [self.scaled(arg, node.type.scale) for arg in node.args]
        return _sum(p[0] for p in parts), _sum(p[1] for p in parts)

    def number_neg(self, node: Node) -> Pair:
        low, high = self.number(node.args[0])
        return _times(high, -1), _times(low, -1)

    def number_mul(self, node: Node) -> Pair:
        a, b = node.args
        return self.times(self.number(a), a, self.number(b), b)

    def times(self, left: Pair, a: Node, right: Pair, b: Node) -> Pair:
        """The product of two independent pairs, plain where the signs are known."""
        for one, other in ((left, right), (right, left)):
            if one[0] == one[1] and _is_number(one[0]):
                factor = int(one[0])
                low, high = other if factor >= 0 else (other[1], other[0])
                return _times(low, factor), _times(high, factor)
        if self.exact:
            return (_product(left[0], right[0]),) * 2
        if a.type.nonnegative and b.type.nonnegative:
            return _product(left[0], right[0]), _product(left[1], right[1])
        name = self.fresh()
        self.write(f"{name[0]}, {name[1]} = X({left[0]}, {left[1]}, {right[0]}, {right[1]})")
        return name

    def number_div(self, node: Node) -> Pair:
        a, b = node.args
        left, right = self.number(a), self.number(b)
        name = self.fresh()
        up, down = 10**b.type.scale, 10**a.type.scale
        self.write(f"{name[0]}, {name[1]} = Q({left[0]}, {left[1]}, {right[0]}, {right[1]}, {up}, {down})")
        return name

    def number_months(self, node: Node) -> Pair:
        day, count = (self.number(arg) for arg in node.args)
        return f"M({day[0]}, {count[0]})", f"M({day[1]}, {count[1]})"

    def number_period(self, node: Node) -> Pair:
        low, high = self.number(node.args[0])
        return f"E({low}, {node.value})", f"E({high}, {node.value})"

    def number_session(self, node: Node) -> Pair:
        day, count = (self.number(arg) for arg in node.args)
        name = self.fresh()
        self.write(f"{name[0]}, {name[1]} = S({day[0]}, {day[1]}, {count[0]}, {count[1]}, {node.value})")
        return name

    def number_greater(self, node: Node) -> Pair:
        return self.extreme(node, ">")

    def number_lesser(self, node: Node) -> Pair:
        return self.extreme(node, "<")

    def extreme(self, node: Node, sign: str) -> Pair:
        """The greater or lesser of several numbers."""
        best = self.named(self.scaled(node.args[0], node.type.scale))
        for arg in node.args[1:]:
            other = self.named(self.scaled(arg, node.type.scale))
            low, high = (f"({best[end]} if {best[end]} {sign} {other[end]} else {other[end]})" for end in (0, 1))
            best = self.named((low, high))
        return best

    def number_if(self, node: Node) -> Pair:
        test, then, otherwise = node.args
        if self.exact and not any(needs_statements(arg) for arg in node.args):
            condition = self.truth(test)[1]
            a, b = self.scaled(then, node.type.scale)[0], self.scaled(otherwise, node.type.scale)[0]
            return (f"({a} if {condition} else {b})",) * 2
        if len(self.lines) > _MAX_LINES:
            return self.joined_branches(node)
        result = self.fresh()

        def assign(value: Pair) -> None:
            self.write(f"{result[0]} = {value[0]}" if self.exact else f"{result[0]} = {value[0]}; {result[1]} = {value[1]}")

        self.into(node, assign)
        return result

    def into(self, node: Node, sink: Sink) -> None:
        """Hand a number to ``sink`` in each branch that it takes, so that a chain of conditions costs what it would by hand."""
        if len(self.lines) > _MAX_LINES or self.found(node) is not None:
            sink(self.number(node))
        elif node.op == "if":
            self.branches(node, lambda arg: self.into(arg, lambda value: sink(_scaled(value, arg, node.type.scale))), sink)
        elif node.op == "mul" and (node.args[0].op == "if") != (node.args[1].op == "if"):
            chain, other = node.args if node.args[0].op == "if" else node.args[::-1]
            if any(needs_statements(part) for part in (*other.args, other)):
                sink(self.number(node))
            else:
                self.into(chain, lambda value: sink(self.times(value, chain, self.number(other), other)))
        else:
            sink(self.number(node))

    def branches(self, node: Node, branch: Callable[[Node], None], sink: Sink) -> None:
        """Write the branches of an ``if``; where its condition is open, both are joined and handed to ``sink``."""
        test, then, otherwise = node.args
        cell = self.blunt(test)
        if cell is not None:
            with self.block(f"if {self.cell(cell)[0]}:"):
                self.sharp.append(cell)
                self.branches(node, branch, sink)
                self.sharp.pop()
            with self.block("else:"):
                self.blurred.append(cell)
                sink(self.named(self.joined_branches(node)))
                self.blurred.pop()
            return
        sure, possible = self.truth(test)
        if sure != possible:
            if needs_statements(then) or needs_statements(otherwise):
                sink(self.named(self.joined_branches(node)))
                return
            sure, possible = self.named((sure, possible))
        with self.block(f"if {sure}:"):
            branch(then)
        if sure != possible:
            with self.block(f"elif {possible}:"):
                sink(self.named(self.hull(node)))
        with self.block("else:"):
            branch(otherwise)

    def blunt(self, test: Node) -> Node | None:
        """An enumeration on which a condition alone hangs, and of which it is not known here whether it is known."""
        if self.exact:
            return None
        while test.op == "not":
            test = test.args[0]
        if test.op != "in" or self.found(test) is not None:
            return None
        cell = test.args[0]
        return None if cell.args[0].op == "root" or cell in self.sharp or cell in self.blurred else cell

    def hull(self, node: Node) -> Pair:
        """The range over both branches of an ``if``."""
        a, b = (self.named(self.scaled(arg, node.type.scale)) for arg in node.args[1:])
        return _lesser(a[0], b[0]), _greater(a[1], b[1])

    def joined_branches(self, node: Node) -> Pair:
        """An ``if`` with its branches computed apart and joined after: longer to run, shorter to write."""
        test, *branches = node.args
        sure, possible = self.named(self.truth(test))
        result = self.fresh()
        parts: list[Pair] = []
        for branch, guard in zip(branches, (possible, f"not {sure}"), strict=True):
            if branch.op == "const":
                parts.append(self.scaled(branch, node.type.scale))
                continue
            name = self.fresh()
            with self.block(f"if {guard}:"):
                nested = branch.op == "if" and not self.exact and self.found(branch) is None
                low, high = (
                    _scaled(self.joined_branches(branch), branch, node.type.scale) if nested else self.scaled(branch, node.type.scale)
                )
                self.write(f"{name[0]} = {low}")
                if not self.exact:
                    self.write(f"{name[1]} = {high}")
            parts.append(name)
        a, b = parts
        if self.exact:
            self.write(f"{result[0]} = {a[0]} if {sure} else {b[0]}")
            return result
        self.write(f"if {sure}: {result[0]} = {a[0]}; {result[1]} = {a[1]}")
        self.write(f"elif not {possible}: {result[0]} = {b[0]}; {result[1]} = {b[1]}")
        self.write(f"else: {result[0]} = {_lesser(a[0], b[0])}; {result[1]} = {_greater(a[1], b[1])}")
        return result

    # Truths

    def truth(self, node: Node) -> Pair:
        """Whether a truth is proved, and whether it is possible."""
        if node.op == "const":
            return str(bool(node.value)), str(bool(node.value))
        if node.op == "field":
            return self.cell(node)
        writer: Callable[[Node], Pair] = getattr(self, f"truth_{node.op}")
        if node.op in ("in", "isin"):
            return self.found(node) or writer(node)  # what is known of the enumeration may differ from block to block
        return self.once(node, writer)

    def truth_in(self, node: Node) -> Pair:
        bits = self.cell(node.args[0])[1]
        if self.exact or node.args[0] in self.sharp:
            return (f"{bits} & {node.value} != 0",) * 2
        return f"not {bits} & {~node.value}", f"{bits} & {node.value} != 0"

    def truth_isin(self, node: Node) -> Pair:
        bits, members = self.cell(node.args[0])[1], self.number(node.args[1])[0]
        if self.exact or node.args[0] in self.sharp:
            return (f"{bits} & {members} != 0",) * 2
        return f"not {bits} & ~{members}", f"{bits} & {members} != 0"

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
        if test[0] == test[1]:
            return f"({then[0]} if {test[0]} else {otherwise[0]})", f"({then[1]} if {test[0]} else {otherwise[1]})"
        low = f"({then[0]} if {test[0]} else {otherwise[0]} if not {test[1]} else {then[0]} and {otherwise[0]})"
        high = f"({then[1]} if {test[0]} else {otherwise[1]} if not {test[1]} else {then[1]} or {otherwise[1]})"
        return low, high

    def truth_cmp(self, node: Node) -> Pair:
        left, right = node.args
        symbol = node.value
        if left.type.kind == "date" and symbol not in ("==", "!=") and left != right:
            a, b = self.number(left), self.number(right)
            if symbol in ("<", "<="):
                return f"{a[1]} {symbol} {b[0]}", f"{a[0]} {symbol} {b[1]}"
            return f"{a[0]} {symbol} {b[1]}", f"{a[1]} {symbol} {b[0]}"
        low, high = self.spread(node)
        if symbol in ("<", "<="):
            return f"{high} {symbol} 0", f"{low} {symbol} 0"
        if symbol in (">", ">="):
            return f"{low} {symbol} 0", f"{high} {symbol} 0"
        low, high = self.named((low, high))
        if symbol == "==":
            return f"({low} == 0 == {high})", f"({low} <= 0 <= {high})"
        return f"({high} < 0 or {low} > 0)", f"(not {low} == 0 == {high})"

    def spread(self, node: Node) -> Pair:
        """Low and high of a comparison's difference, facts that stand twice at their corners."""
        key = Node("spread", node.type, (node,))
        self.uses[key] = self.uses[node]
        return self.once(key, lambda _: self.spread_of(node))

    def spread_of(self, node: Node) -> Pair:
        form = difference(node.args[0], node.args[1])
        atoms = {atom: self.number(atom) for _, product_ in form.terms for atom in product_}
        if self.exact or not form.repeated or form.squares:
            return self.interval(form, atoms)
        repeated = list(form.repeated)
        for atom in repeated:
            atoms[atom] = self.named(atoms[atom])
        lows = ", ".join(atoms[atom][0] for atom in repeated)
        highs = ", ".join(atoms[atom][1] for atom in repeated)
        result = self.fresh()
        plain = " and ".join(f"{atoms[atom][0]} == {atoms[atom][1]}" for atom in repeated)
        self.count += 1
        number = self.count
        inner = {atom: (f"l{number}_{i}", f"h{number}_{i}") for i, atom in enumerate(repeated)}
        with self.block(f"if {plain}:"):
            low, high = self.interval(form, atoms)
            self.write(f"{result[0]} = {low}; {result[1]} = {high}")
        with self.block("else:"):
            names = [*(inner[a][0] for a in repeated), *(inner[a][1] for a in repeated)]
            with self.block(f"def k{number}({', '.join(names)}):"):
                low, high = self.interval(form, {**atoms, **inner})
                self.write(f"return {low}, {high}")
            self.write(f"{result[0]}, {result[1]} = K(k{number}, ({lows},), ({highs},))")
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
        return _sum(lows), _sum(highs)

    # Loops

    def loop(self, node: Node, body: Callable[[str], None]) -> str:
        """Write the loop of a node, ``body`` for each item that may count; gives the expression for an unlisted rest.

        ``body`` is told the expression for whether the item surely counts, ``True`` where it does if it may at all.
        """
        source, inside, *conditions = node.args
        depth = node.value
        for part in (inside, *conditions):
            self.hoist(part, depth)
        owner, slot = self.row(source.args[0]), source.value[2]
        self.count += 1
        around = self.items.get(depth)
        self.items[depth] = f"u{self.count}"
        with self.block(f"for u{self.count} in {owner}[{slot}]:"):
            self.load(depth, (inside, *conditions))
            # What takes one expression is asked first, so that a loop within a condition runs only where it matters.
            parts = sorted((part for c in conditions for part in conjuncts(c)), key=needs_statements)
            self.guarded(parts, [], body)
        if around is not None:
            self.items[depth] = around
        return f"{owner}[{slot + 1}]"

    def guarded(self, parts: Sequence[Node], sure: Sequence[str], body: Callable[[str], None]) -> None:
        """Write ``body`` where every part may hold."""
        ready = [part for part in parts if not needs_statements(part)] or list(parts[:1])
        if not ready:
            body(self.named((" and ".join(sure),) * 2)[0] if sure else "True")
            return
        pairs = [self.truth(part) for part in ready]
        lows = [*sure, *(low for low, high in pairs if low != high)]
        with self.block(f"if {' and '.join(high for _, high in pairs)}:"):
            self.guarded([part for part in parts if part not in ready], lows, body)

    def load(self, depth: int, parts: Sequence[Node]) -> None:
        """Name the enumerations that are asked more than once, at the head of a loop."""
        found = Counter(
            node
            for part in parts
            for node in part.walk()
            if node.op == "field" and node.type.kind == "enum" and node.args[0].op == "item" and node.args[0].value == depth
        )
        for node, times in found.items():
            if times > 1:
                self.count += 1
                low, high = self.cell(node)
                self.write(f"c{self.count} = {high}")
                self.scopes[-1][node] = (low, f"c{self.count}")

    def number_sum(self, node: Node) -> Pair:
        total, unlisted = self.listed(node)
        if not self.exact:
            lower = "" if node.type.nonnegative else f"; {total[0]} -= {beyond(node)}"
            self.write(f"if {unlisted}: {total[1]} += {beyond(node)}{lower}")
        return total

    number_count = number_sum

    def listed(self, node: Node) -> tuple[Pair, str]:
        """Write the sum over the items that the filing names; also gives the expression for an unlisted rest."""
        total = self.fresh()
        self.write(f"{total[0]} = 0" if self.exact else f"{total[0]} = {total[1]} = 0")
        inside = node.args[1]
        nonnegative = inside.type.nonnegative

        def add(sure: str, value: Pair) -> None:
            for end, text in ((0, value[0]), (1, value[1])):
                if text != "0" and sure == "True" and not (end and self.exact):
                    self.write(f"{total[end]} += {text}")
            if sure == "True":
                return
            value = self.named(value)
            if value[0] != "0":
                self.write(
                    f"if {sure}: {total[0]} += {value[0]}" if nonnegative else f"if {sure} or {value[0]} < 0: {total[0]} += {value[0]}"
                )
            if value[1] != "0":
                self.write(f"{total[1]} += {value[1]}" if nonnegative else f"if {sure} or {value[1]} > 0: {total[1]} += {value[1]}")

        unlisted = self.loop(node, lambda sure: self.into(inside, lambda value: add(sure, value)))
        return total, unlisted

    def number_closed(self, node: Node) -> Pair:
        whole, stated, known = node.args
        if self.exact:
            return self.number(whole)
        limit = self.scaled(stated, known.type.scale)[1]
        total, unlisted = self.listed(whole)
        with self.block(f"if {unlisted}:"):
            (low, _), _ = self.listed(known)
            self.write(f"if {limit} > {low}: {total[1]} += {_times(f'{limit} - {low}', node.value)}")
        return total

    def number_max(self, node: Node) -> Pair:
        return self.outermost(node, ">")

    def number_min(self, node: Node) -> Pair:
        return self.outermost(node, "<")

    def outermost(self, node: Node, sign: str) -> Pair:
        """The greatest or least over a loop: the near end counts sure items only, the far end every possible one."""
        least, most = extremes(node)
        start, past = (least, most) if sign == ">" else (most, least)
        best = self.fresh()
        self.write(f"{best[0]} = {start}" if self.exact else f"{best[0]} = {best[1]} = {start}")
        near, far = (0, 1) if sign == ">" else (1, 0)

        def take(sure: str, value: Pair) -> None:
            value = self.named(value)
            if self.exact:
                self.write(f"if {value[0]} {sign} {best[0]}: {best[0]} = {value[0]}")
                return
            guard = "" if sure == "True" else f"{sure} and "
            self.write(f"if {guard}{value[near]} {sign} {best[near]}: {best[near]} = {value[near]}")
            self.write(f"if {value[far]} {sign} {best[far]}: {best[far]} = {value[far]}")

        unlisted = self.loop(node, lambda sure: self.into(node.args[1], lambda value: take(sure, value)))
        if not self.exact:
            self.write(f"if {unlisted} and {past} {sign} {best[far]}: {best[far]} = {past}")
        return best

    def truth_any(self, node: Node) -> Pair:
        found = self.fresh()
        self.write(f"{found[0]} = False" if self.exact else f"{found[0]} = {found[1]} = False")

        def meet(sure: str) -> None:
            low, high = self.truth(node.args[1])
            if self.exact:
                self.write(f"if {high}: {found[0]} = True; break")
                return
            guard = "" if sure == "True" else f"{sure} and "
            with self.block(f"if {high}:"):
                self.write(f"{found[1]} = True")
                self.write(f"if {guard}{low}: {found[0]} = True; break")

        unlisted = self.loop(node, meet)
        if not self.exact:
            self.write(f"if {unlisted}: {found[1]} = True")
        return found

    def truth_all(self, node: Node) -> Pair:
        kept = self.fresh()
        self.write(f"{kept[0]} = True" if self.exact else f"{kept[0]} = {kept[1]} = True")

        def meet(sure: str) -> None:
            low, high = self.truth(node.args[1])
            if self.exact:
                self.write(f"if not {low}: {kept[0]} = False; break")
                return
            guard = "" if sure == "True" else f"{sure} and "
            with self.block(f"if not ({low}):"):
                self.write(f"{kept[0]} = False")
                self.write(f"if {guard}not ({high}): {kept[1]} = False; break")

        unlisted = self.loop(node, meet)
        if not self.exact:
            self.write(f"if {unlisted}: {kept[0]} = False")
        return kept


def _uses(nodes: Sequence[Node]) -> Counter[Node]:
    """How many times each node is asked for, where equal nodes are computed once."""
    uses = Counter(nodes)
    seen: set[Node] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            uses.update(node.args)
            waiting.extend(node.args)
    return uses


def _groups(formula: Formula) -> list[tuple[tuple[Node, ...], Node]]:
    """The exceptions by what they require: the conditions of each group, and its requirement.

    Two that are in force together and require different things are two groups, though their conditions be the same.
    """
    found: dict[Node, list[Node]] = {}
    for clause in formula.clauses:
        if clause.when is not None:
            found.setdefault(clause.require, []).append(clause.when)
    return [(tuple(whens), require) for require, whens in found.items()]


def _is_boolean(node: Node) -> bool:
    """Whether the text of a truth gives True or False; the cell of a flag holds 1 or 0."""
    if node.op in ("and", "or", "if"):
        return all(_is_boolean(arg) for arg in node.args)
    return node.op != "field"


def conjuncts(node: Node) -> Iterator[Node]:
    """The parts of a condition that all have to hold."""
    if node.op == "and":
        for arg in node.args:
            yield from conjuncts(arg)
    else:
        yield node


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdigit()


def _bracketed(text: str) -> str:
    """The text so that it may stand in a product."""
    if _SIMPLE.fullmatch(text) and not text.startswith("-"):
        return text
    return f"({text})"


def _product(a: str, b: str) -> str:
    if _is_number(a):
        return _times(b, int(a))
    return _times(a, int(b)) if _is_number(b) else f"{_bracketed(a)} * {_bracketed(b)}"


def _times(text: str, factor: int) -> str:
    if factor == 0:
        return "0"
    if factor == 1:
        return text
    if _is_number(text):
        return str(int(text) * factor)
    return f"-{_bracketed(text)}" if factor == -1 else f"{factor} * {_bracketed(text)}"


def _scaled(pair: Pair, node: Node, scale: int) -> Pair:
    """A node's pair at a finer scale than its own."""
    if node.type.kind != "number" or node.type.scale == scale:
        return pair
    factor = 10 ** (scale - node.type.scale)
    return _times(pair[0], factor), _times(pair[1], factor)


def _sum(texts: Iterable[str]) -> str:
    parts = [text for text in texts if text != "0"]
    if all(_is_number(text) for text in parts):
        return str(sum(int(text) for text in parts))
    return f"({' + '.join(parts)})".replace(" + -", " - ") if len(parts) > 1 else parts[0]


def _lesser(a: str, b: str) -> str:
    if _is_number(a) and _is_number(b):
        return str(min(int(a), int(b)))
    return f"{a} if {a} < {b} else {b}"


def _greater(a: str, b: str) -> str:
    if _is_number(a) and _is_number(b):
        return str(max(int(a), int(b)))
    return f"{a} if {a} > {b} else {b}"


def needs_statements(node: Node) -> bool:
    """Whether a node cannot be written as one expression."""
    return any(part.op in (*LOOPS, *OPENING, "closed", "greater", "lesser") for part in node.walk())
