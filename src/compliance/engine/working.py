"""The working of a verdict: what was added up, compared, and how it came out, step by step.

What a step says is laid out once for a rule. On a filing only the values are looked up and written into it. A step is plain data,
as the record holds it (``docs/record.md``, *A step of the working*); ``line`` tells it in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from compliance.engine.figures import Figures, style_of
from compliance.engine.machine import Machine
from compliance.engine.plain import Plain
from compliance.expressions.interpret import Range, Row
from compliance.expressions.steps import Stepping
from compliance.expressions.tree import LOOPS, Node, Type
from compliance.facts.filing import Filing

MAX_PARTS = 60  # items listed one by one in a step
OPEN = "open"  # a truth that is not known
_DAYS = {"months": "add_months", "period": "period_end", "session": "add_trading_days"}
_SIGNS = {"add": " + ", "mul": " × ", "div": " ÷ "}
_OPS = {**{op: op for op in ("add", "mul", "div", "neg", "greater", "lesser")}, **_DAYS}
_CALLED = {"greater": "max", "lesser": "min"}  # of several values; ``max`` and ``min`` as an op go over the items of a list

Value = Plain | str  # a range as the record writes it, or a truth: true, false, open


class Look(NamedTuple):
    """What steps are filled from: the evaluation, the filing, the figures of it written before, and the items of the loops around."""

    evaluation: Stepping
    filing: Filing
    figures: Figures
    items: tuple[Row, ...] = ()


Fill = Callable[[Look], Any]
Why = Callable[[Look], list[Plain]]


def layout(machine: Machine, require: Node) -> list[Fill]:
    """The steps of what one clause requires, each to be filled on a filing."""
    return list(_Layout(machine).steps(require))


def filled(steps: Iterable[Fill], look: Look) -> dict[str, Plain]:
    """The steps on a filing by the line that tells each; what two of them say alike stands once."""
    found: dict[str, Plain] = {}
    for fill in steps:
        step = fill(look)
        found.setdefault(line(step), step)
    return found


class _Layout:
    """Lays out steps from typed trees."""

    def __init__(self, machine: Machine) -> None:
        self.step = machine.steps.of
        self.named = machine.measure_name

    def steps(self, require: Node) -> Iterator[Fill]:
        """The steps of a requirement."""
        for part in _comparisons(require):
            if part.op == "cmp":
                for side in part.args:
                    yield from self.leading(side)
                yield self.made(part.value, part.args, part)
            else:
                yield self.loop(part, self.named(part))

    def leading(self, node: Node) -> Iterator[Fill]:
        """The steps that lead to a number: loops item by item, then the number itself with what it is made of."""
        name = self.named(node)
        for index, part in enumerate(_outermost(node)):
            # Of a sum that a stated total closes the items come first, then what the total adds up.
            yield self.loop(part, name if node.op == "closed" and not index else self.named(part))
        if node.op in _OPS:
            yield self.made(_OPS[node.op], node.args, node, name)
        elif name is not None and node.op not in LOOPS:
            yield self.made("is", (), node, name)

    def made(self, op: str, args: tuple[Node, ...], node: Node, name: str | None = None) -> Fill:
        """A value with the parts that it is made of."""
        parts, value = [self.part(arg) for arg in args], self.value(node)
        start: Plain = {"name": name, "op": op} if name else {"op": op}
        if op == _DAYS["period"]:
            start["months"] = node.value

        def fill(look: Look) -> Plain:
            step = {**start}
            if parts:
                step["parts"] = [part(look) for part in parts]
            step["value"] = value(look)
            return step

        return fill

    def part(self, node: Node) -> Fill:
        """One part of a value, with its name where it has one."""
        if node.op == "neg":
            return self.made("neg", node.args, node)
        value = self.value(node)
        key, name = "name", self.named(node)
        if node.op == "param":
            key, name = "parameter", node.value
        elif node.op == "field" and node.args[0].op == "root":
            key, name = "path", node.value[1]
        return lambda look: {key: name, "value": value(look)} if name else {"value": value(look)}

    def value(self, node: Node) -> Callable[[Look], Value]:
        """The value of a node."""
        step, write = self.step(node), _writer(node.type)
        return lambda look: write(look.figures, step(look.evaluation, look.items))

    def loop(self, node: Node, name: str | None) -> Fill:
        """A loop item by item: what each adds, and the result."""
        source, body = self.step(node.args[0]), self.step(node.args[1])
        condition = self.step(node.args[2]) if len(node.args) > 2 else None
        result, write = self.value(node), _writer(node.args[1].type)
        adds = node.op in ("sum", "count")
        why = self.why(node.args[1]) if not adds else None
        start: Plain = {"name": name, "op": node.op} if name else {"op": node.op}

        def fill(look: Look) -> Plain:
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
                    part: Plain = {"item": look.filing.item_of(row), "value": write(look.figures, value)}
                    if not sure:
                        part["perhaps"] = True
                    if why is not None and (because := why(look._replace(items=items))):
                        part["because"] = because
                    parts.append(part)
            step = {**start}
            if parts:
                step["parts"] = parts
            if total > MAX_PARTS:
                step["count"] = total
            if unlisted:
                step["unlisted"] = True
            step["value"] = result(look)
            return step

        return fill

    def why(self, node: Node) -> Why | None:
        """What tells how an item came by its value: the comparisons on which its truth hangs, or how its day was counted; None: nothing."""
        if node.op in _DAYS:
            step = self.made(_OPS[node.op], node.args, node)
            return lambda look: [step(look)]
        if node.op == "cmp":
            steps = [self.made(_OPS[side.op], side.args, side) for side in node.args if side.op in _OPS]
            steps.append(self.made(node.value, node.args, node))
            return lambda look: [step(look) for step in steps]
        if node.op == "not":
            return self.why(node.args[0])
        if node.op == "if":
            return self.of_branch(node)
        return self.of_several(node) if node.op in ("and", "or") else None

    def of_branch(self, node: Node) -> Why | None:
        """Of a choice what tells of the branch that is taken; nothing where that is not known."""
        condition, *ways = self.step(node.args[0]), *[self.why(arg) for arg in node.args[1:]]

        def why(look: Look) -> list[Plain]:
            taken = _known(condition(look.evaluation, look.items))
            way = None if taken is None else ways[0] if taken else ways[1]
            return way(look) if way is not None else []

        return why if any(ways) else None

    def of_several(self, node: Node) -> Why | None:
        """Of truths joined by ``and`` or ``or`` those on which the whole hangs; nothing where one that compares nothing settles it."""
        parts = [(self.step(arg), self.why(arg)) for arg in node.args]
        settling = node.op == "or"  # the truth of one that settles the whole

        def why(look: Look) -> list[Plain]:
            truths = [_known(step(look.evaluation, look.items)) for step, _ in parts]
            whole = settling if settling in truths else None if None in truths else not settling
            found = [way(look) if way is not None else [] for truth, (_, way) in zip(truths, parts, strict=True) if truth is whole]
            if whole is settling:
                return found[0] if all(found) else []
            return [step for steps in found for step in steps]

        return why if any(way for _, way in parts) else None


def _known(truth: Range) -> bool | None:
    """A truth, or None where it is not known."""
    sure, possible = truth
    return bool(sure) if bool(sure) == bool(possible) else None


def _writer(kind: Type) -> Callable[[Figures, Range], Value]:
    """What writes a range of a type; of one filing each figure is written once."""
    if kind.kind == "truth":
        return lambda figures, value: OPEN if bool(value[0]) != bool(value[1]) else "true" if value[0] else "false"
    return style_of(kind).written


# The line that tells a step


def line(step: Mapping[str, Any]) -> str:
    """A step in one line, figures as the record has them: ``…`` for an end that is open, ``?`` for a truth that is not known."""
    name, op, value = step.get("name"), step["op"], told(step["value"])
    parts = step.get("parts", ())
    if op in LOOPS:
        shown = (" + " if op == "sum" else ", ").join([_item(part) for part in parts]) or "-"
        more = f" … ({step['count']})" if "count" in step else ""
        return f"{name or op} = {op}({shown}{more}{' + …' if 'unlisted' in step else ''}) = {value}"
    if op in COMPARED:
        left, right = (told(part["value"]) for part in parts)
        return f"{left} {op} {right}: {value}"
    return f"{name + ' = ' if name else ''}{_formula(step) if parts else value} = {value}"


COMPARED = frozenset(("<", "<=", ">", ">=", "==", "!="))


def told(value: Value) -> str:
    """A value in a line: a truth, or a range as ``low..high``."""
    if isinstance(value, str):
        return "?" if value == OPEN else value
    low, high = value.get("low", "…"), value.get("high", "…")
    return low if low == high and low != "…" else f"{low}..{high}"


def _item(part: Mapping[str, Any]) -> str:
    return f"{part['item']} {told(part['value'])}{' (?)' if 'perhaps' in part else ''}".strip()


def _formula(step: Mapping[str, Any]) -> str:
    op, parts = step["op"], [_part(part) for part in step["parts"]]
    if op in _SIGNS:
        return _SIGNS[op].join(parts)
    if op == "neg":
        return f"-{parts[0]}"
    if "months" in step:
        parts.append(str(step["months"]))
    return f"{_CALLED.get(op, op)}({', '.join(parts)})"


def _part(part: Mapping[str, Any]) -> str:
    if "op" in part:
        return f"({_formula(part)})"
    value = told(part["value"])
    if "parameter" in part:
        return f"{part['parameter']} {_percent(value) if part['value'].get('unit') == 'ratio' else value}"
    return f"{part['path']} {value}" if "path" in part else value


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


def _percent(value: str) -> str:
    """A ratio of the law as a percentage, exactly; a range stays as it is."""
    if ".." in value:
        return value
    digits = value.replace(".", "")
    whole, fraction = digits[:-10].lstrip("0") or "0", digits[-10:].rstrip("0")
    return f"{whole}{'.' + fraction if fraction else ''}%"
