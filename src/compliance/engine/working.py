"""The working of a verdict: what was added up, compared, and how it came out, a line for each step.

What a line says is laid out once for a rule. On a filing only the values are looked up and written into it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from compliance.engine.figures import Figures, style_of, truth
from compliance.engine.machine import Machine
from compliance.expressions.interpret import Range
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import LOOPS, Node, Type
from compliance.facts.filing import Filing

MAX_PARTS = 60  # items listed one by one in a line of working
_DAYS = {"months": "add_months", "period": "period_end", "session": "add_trading_days"}
_SIGNS = {"add": " + ", "mul": " × ", "div": " ÷ "}


class Look(NamedTuple):
    """What lines are filled from: the evaluation, the filing, and the figures of it that were written before."""

    evaluation: Stepping
    filing: Filing
    figures: Figures


Line = Callable[[Look], str]  # what writes a line, or a part of one


def layout(machine: Machine, require: Node) -> list[Line]:
    """The lines of what one clause requires, each to be filled on a filing."""
    return list(_Layout(machine).lines(require))


def filled(lines: list[Line], look: Look) -> list[str]:
    """The lines on a filing; what two of them say alike stands once."""
    return list(dict.fromkeys([line(look) for line in lines]))


class _Layout:
    """Lays out lines from typed trees."""

    def __init__(self, machine: Machine) -> None:
        self.step = machine.steps.of
        self.named = machine.measure_name

    def lines(self, require: Node) -> Iterator[Line]:
        """The lines of a requirement."""
        for part in _comparisons(require):
            if part.op == "cmp":
                for side in part.args:
                    yield from self.steps(side)
                yield self.comparison(part)
            else:
                yield self.loop(part, part.op)

    def comparison(self, node: Node) -> Line:
        """Two sides and how they compare."""
        left, right = (self.value(side) for side in node.args)
        symbol, truth = node.value, self.value(node)
        return lambda look: f"{left(look)} {symbol} {right(look)}: {truth(look)}"

    def steps(self, node: Node) -> Iterator[Line]:
        """The steps that lead to a number: loops item by item, then the number itself with what it is made of."""
        for part in _outermost(node):
            yield self.loop(part, self.named(part) or part.op)
        name = self.named(node)
        if name is not None and node.op not in LOOPS:
            yield self.equation(f"{name} = ", node)
        elif node.op in ("add", "mul", "div", "neg", "greater", "lesser", *_DAYS):
            yield self.equation("", node)

    def equation(self, start: str, node: Node) -> Line:
        """A number as its parts, and its value."""
        formula, value = self.formula(node), self.value(node)
        return lambda look: f"{start}{formula(look)} = {value(look)}"

    def formula(self, node: Node) -> Line:
        """A number as its parts, each with its value."""
        if node.op in _SIGNS:
            return _joined("", _SIGNS[node.op], [self.part(arg) for arg in node.args], "")
        if node.op == "neg":
            return _joined("-", "", [self.part(node.args[0])], "")
        if node.op in ("greater", "lesser"):
            return _joined("max(" if node.op == "greater" else "min(", ", ", [self.part(arg) for arg in node.args], ")")
        if node.op in _DAYS:
            end = f", {node.value})" if node.op == "period" else ")"
            return _joined(f"{_DAYS[node.op]}(", ", ", [self.part(arg) for arg in node.args], end)
        return self.value(node)

    def part(self, node: Node) -> Line:
        """One part of a number, with its name where it has one."""
        if node.op == "neg":
            return _joined("(-", "", [self.part(node.args[0])], ")")
        value = self.value(node)
        if node.op == "param":
            name, kind = node.value, node.type
            return lambda look: f"{name} {_percent(value(look), kind)}"
        if node.op == "field" and node.args[0].op == "root":
            start = f"{node.value[1]} "
            return lambda look: start + value(look)
        return value

    def value(self, node: Node) -> Line:
        """The value of a node."""
        step, write = self.step(node), _writer(node.type)
        return lambda look: write(look, step(look.evaluation, ()))

    def loop(self, node: Node, name: str) -> Line:
        """A loop item by item: what each adds, and the result."""
        source, body = self.step(node.args[0]), self.step(node.args[1])
        condition = self.step(node.args[2]) if len(node.args) > 2 else None
        result, write = self.value(node), _writer(node.args[1].type)
        adds = node.op in ("sum", "count")
        between = " + " if node.op == "sum" else ", "

        def line(look: Look) -> str:
            evaluation, parts, total = look.evaluation, [], 0
            rows, unlisted = source(evaluation, ())
            for row in rows:
                items = (row,)
                sure, possible = condition(evaluation, items) if condition is not None else (True, True)
                if not possible:
                    continue
                value = body(evaluation, items)
                if adds and value == (0, 0):
                    continue
                total += 1
                if total <= MAX_PARTS:
                    parts.append(f"{look.filing.item_of(row)} {write(look, value)}{'' if sure else ' (?)'}".strip())
            joined = between.join(parts) or "-"
            if total > MAX_PARTS:
                joined += f" … ({total})"
            return f"{name} = {node.op}({joined}{' + …' if unlisted else ''}) = {result(look)}"

        return line


def _writer(kind: Type) -> Callable[[Look, Range], str]:
    """What writes a range of a type; of one filing each figure is written once."""
    style = style_of(kind)
    if kind.kind == "truth":
        return lambda look, value: truth(*value)
    if not style.remembered:
        return lambda look, value: style.text(*value)

    def write(look: Look, value: Range) -> str:
        key = style, value
        found = look.figures.get(key)
        if found is None:
            found = look.figures[key] = style.text(*value)
        return found

    return write


def _joined(start: str, between: str, parts: list[Line], end: str) -> Line:
    return lambda look: f"{start}{between.join([part(look) for part in parts])}{end}"


def _comparisons(node: Node) -> Iterator[Node]:
    """The comparisons and loops over items that a truth is made of."""
    if node.op in ("cmp", "any", "all"):
        yield node
    elif node.op in ("and", "or", "not", "if"):
        for arg in node.args:
            yield from _comparisons(arg)


def _outermost(node: Node) -> Iterator[Node]:
    """The loops in a number that stand in no other loop."""
    if node.op in LOOPS:
        yield node
    else:
        for arg in node.args:
            yield from _outermost(arg)


def _percent(value: str, kind: Type) -> str:
    """A ratio of the law as a percentage, exactly."""
    if kind.kind != "number" or style_of(kind).unit != "ratio":
        return value
    digits = value.replace(".", "")
    whole, fraction = digits[:-10].lstrip("0") or "0", digits[-10:].rstrip("0")
    return f"{whole}{'.' + fraction if fraction else ''}%"
