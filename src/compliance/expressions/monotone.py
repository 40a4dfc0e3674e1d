"""Which way a node moves with one field, read from the typed tree alone: up, down, not at all, or not known.

Where a truth moves one way with every fact that is put, its extremes lie at the ends of these facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from compliance.expressions.tree import LOOPS, Node

UP, DOWN, STILL = 1, -1, 0
Name = tuple[str, str]  # an entity and a field of it


@lru_cache(maxsize=100_000)
def direction(node: Node, name: Name) -> int | None:
    """``UP``, ``DOWN`` or ``STILL`` as the field grows (a truth from false to true); None where it may go both ways."""
    if node.op == "field":
        return UP if node.value[:2] == name and node.type.kind in ("number", "date", "truth") else _touches(node, name)
    if node.op in ("const", "param", "day", "root", "item", "bits"):
        return STILL
    if node.op in ("add", "and", "or", "greater", "lesser", "months", "period", "session"):
        return _joined(direction(arg, name) for arg in node.args)
    if node.op in ("neg", "not"):
        return _turned(direction(node.args[0], name))
    if node.op == "mul":
        return _product(node, name)
    if node.op == "cmp":
        left, right = (direction(arg, name) for arg in node.args)
        if node.value in ("<", "<="):
            return _joined((_turned(left), right))
        if node.value in (">", ">="):
            return _joined((left, _turned(right)))
        return STILL if left == right == STILL else None
    if node.op in LOOPS:
        return _loop(node, name)
    return STILL if all(direction(arg, name) == STILL for arg in node.args) else None


def _product(node: Node, name: Name) -> int | None:
    """A product moves as one factor does where the other stands still and cannot be negative."""
    a, b = node.args
    ways = direction(a, name), direction(b, name)
    if ways == (STILL, STILL):
        return STILL
    if STILL in ways:
        still, way = (a, ways[1]) if ways[0] == STILL else (b, ways[0])
        return way if still.type.nonnegative else None
    return _joined(ways) if a.type.nonnegative and b.type.nonnegative else None


def _loop(node: Node, name: Name) -> int | None:
    """A loop moves with its body, and with its condition where one more item can only raise or only lower it."""
    source, body, *conditions = node.args
    inner = direction(body, name)
    if direction(source, name) != STILL:
        return None
    if not conditions:
        return inner
    way = direction(conditions[0], name)
    if way == STILL:
        return inner
    raises = node.op in ("count", "any", "max") or (node.op == "sum" and body.type.nonnegative)
    lowers = node.op in ("all", "min")
    if not raises and not lowers:
        return None
    return _joined((inner, way if raises else _turned(way)))


def _touches(node: Node, name: Name) -> int | None:
    """A field that is read through another one: still, unless what it is reached by is the field at hand."""
    return None if any(part.op == "field" and part.value[:2] == name for part in node.walk()) else STILL


def _joined(ways: Iterable[int | None]) -> int | None:
    found = set(ways) - {STILL}
    if not found:
        return STILL
    return found.pop() if len(found) == 1 else None


def _turned(way: int | None) -> int | None:
    return None if way is None else -way
