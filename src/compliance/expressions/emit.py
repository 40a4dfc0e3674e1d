"""Generate Python from the formulas of rules: the scalar forms, which decide one filing at a time.

The generated text holds nothing of a pack: names are slot numbers, literals are re-made from whole numbers, and it runs
with a handful of functions and no builtins. Every value is two expressions, low and high; where every fact that a rule
reads is exact, the ``exact`` form writes one expression for both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from compliance import dates
from compliance.expressions.arithmetic import Pair
from compliance.expressions.formula import CONFLICT, FAIL, NOT_APPLICABLE, OPEN, PASS, Formula
from compliance.expressions.interpret import product, quotient
from compliance.expressions.linear import MAX_CORNERS
from compliance.expressions.tree import LOOPS, Node, free_items, opens
from compliance.expressions.writing import Writer

# A search puts the same few answers again and again, so that most days and quotients were computed before.
_add_months = lru_cache(maxsize=10_000)(dates.add_months)
_quotient = lru_cache(maxsize=10_000)(quotient)


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
    return _RuleWriter(slots, known=exact).rule(formula, measures)


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


class _RuleWriter(Writer):
    """Writes the function of one rule."""

    def rule(self, formula: Formula, measures: bool) -> str:
        """The function's text."""
        self.lines = ["def rule(F, P, on_l, on_h):"]
        nodes = formula.nodes()
        # What may stay open even on exact facts: only the ranges tell the truth about it, and about what stands on it.
        self.exact = self.known and not any(opens(node) for node in nodes)
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
            loops = (part for part in clause.require.walk() if part.op in (*LOOPS, "closed") and not free_items(part))
            wanted.update(dict.fromkeys(loops, 2 if clause.when is None else 1))
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
