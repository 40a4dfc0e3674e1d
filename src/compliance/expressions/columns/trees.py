"""What is read from a typed tree once: its shape, its branches by kind, and whether columns can carry it."""

from __future__ import annotations

from functools import lru_cache

from compliance.expressions.formula import Clause, Formula
from compliance.expressions.linear import Difference, difference
from compliance.expressions.tree import LOOPS, Node, free_items

MAX_BRANCHES = 60  # bits of one word
READING = "reading"  # the entity of what stands in a filing's own row for the readings of the law
_SCALAR = frozenset({"div"})  # left to the scalar form


@lru_cache(maxsize=1_000)
def expressible(formula: Formula) -> str | None:
    """Why a rule cannot take the columns form, or None if it can.

    ``division``: the whole of what every clause requires is a comparison of quotients, so that no filing would be decided.
    """
    return "division" if all(divides(one(clause.require)) for clause in formula.clauses) else None


@lru_cache(maxsize=1_000)
def shared(formula: Formula) -> Formula:
    """The formula with one object for equal nodes, which makes looking them up cheap."""
    clauses = tuple(Clause(None if part.when is None else one(part.when), one(part.require)) for part in formula.clauses)
    return Formula(None if formula.applies is None else one(formula.applies), clauses)


@lru_cache(maxsize=100_000)
def one(node: Node) -> Node:
    """The one object that stands for all nodes equal to this one, in any formula."""
    return Node(node.op, node.type, tuple([one(arg) for arg in node.args]), node.value)


def distinct(top: Node) -> set[Node]:
    seen: set[Node] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(node.args)
    return seen


def order_of_factors(node: Node) -> bool:
    return node.op != "param"  # one number for the batch first: multiplied with each other, they cost nothing


@lru_cache(maxsize=100_000)
def depth_of(node: Node) -> int:
    """The innermost loop whose item a node refers to (0: none)."""
    return max(free_items(node), default=0)


@lru_cache(maxsize=100_000)
def told_of(node: Node) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], bool]:
    """The parameters and readings that a node reads, and whether it reads the day that a window is held against."""
    found = [told_of(arg) for arg in node.args]
    names = {name for each, _, _ in found for name in each} | ({node.value} if node.op == "param" else set())
    readings = {name for _, each, _ in found for name in each}
    if node.op == "field" and node.value[0] == READING:
        readings.add(node.value[:2])
    return tuple(sorted(names)), tuple(sorted(readings)), node.op == "day" or any(by_day for *_, by_day in found)


@lru_cache(maxsize=10_000)
def form_of(node: Node) -> Difference:
    return difference(node.args[0], node.args[1])


@lru_cache(maxsize=10_000)
def asked_of(node: Node) -> Node | None:
    """The one enumeration that a truth hangs on, and nothing else."""
    if node.op == "in" and node.args[0].op == "field":
        return node.args[0]
    if node.op in ("and", "or", "not"):
        found = {asked_of(arg) for arg in node.args}
        return found.pop() if len(found) == 1 else None
    return None


def told_by(node: Node, bits: int) -> tuple[bool, bool]:
    """A truth that ``asked_of`` knows, where its enumeration may be any of some bits."""
    if node.op == "in":
        return not bits & ~node.value, bool(bits & node.value)
    parts = [told_by(arg, bits) for arg in node.args]
    if node.op == "not":
        return not parts[0][1], not parts[0][0]
    join = all if node.op == "and" else any
    return join(low for low, _ in parts), join(high for _, high in parts)


@lru_cache(maxsize=10_000)
def branches_of(node: Node) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
    """A chain of ``if`` that asks one enumeration: its conditions, and its branches with the last ``else`` at the end."""
    conditions: list[Node] = []
    branches: list[Node] = []
    asked = asked_of(node.args[0]) if node.op == "if" else None
    while asked is not None and node.op == "if" and asked_of(node.args[0]) == asked and len(branches) < MAX_BRANCHES:
        conditions.append(node.args[0])
        branches.append(node.args[1])
        node = node.args[2]
    return tuple(conditions), (*branches, node)


@lru_cache(maxsize=10_000)
def reached_by(conditions: tuple[Node, ...], values: tuple[int, ...]) -> tuple[int, ...]:
    """For each value of an enumeration, the bits of the branches of a chain that may be taken."""
    reached = []
    for bits in values:
        found = 0
        for number, condition in enumerate(conditions):
            sure, possible = told_by(condition, bits)
            found |= possible << number
            if sure:
                break
        else:
            found |= 1 << len(conditions)
        reached.append(found)
    return tuple(reached)


@lru_cache(maxsize=10_000)
def heavy(node: Node) -> bool:
    """Whether a branch is worth computing for the rows that may take it alone, or could overflow in the others."""
    return any(part.op in ("mul", "months", "closed", *LOOPS) for part in distinct(node))


@lru_cache(maxsize=10_000)
def divides(node: Node) -> bool:
    """Whether a number, or the sides of a comparison, hold a quotient other than in a condition."""
    if node.op in _SCALAR:
        return True
    if node.type.kind == "truth" and node.op != "cmp":
        return False
    return any(divides(arg) for arg in node.args if arg.type.kind != "truth")


@lru_cache(maxsize=10_000)
def divides_anywhere(node: Node) -> bool:
    """Whether a quotient stands anywhere in a node."""
    return any(part.op in _SCALAR for part in distinct(node))
