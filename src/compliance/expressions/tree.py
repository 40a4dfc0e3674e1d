"""The typed tree of an expression: one kind of node, frozen, that turns into JSON and back.

Nothing of a pack's text survives in it but what has been resolved: names have become slots, literals whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple


class Type(NamedTuple):
    """What a node yields.

    ``kind``: number, date, truth, enum, ref, list or item. ``unit``: for numbers, powers of base units, sorted. ``scale``:
    the number held is the value times ``10**scale``. ``of``: the enumeration or entity. ``least``/``most``: bounds that
    hold whatever the facts are, at the scale. ``fraction``: an exact quotient rather than a whole number.
    """

    kind: str
    scale: int = 0
    unit: tuple[tuple[str, int], ...] = ()
    of: str = ""
    least: int | None = None
    most: int | None = None
    fraction: bool = False

    @property
    def nonnegative(self) -> bool:
        """Whether no fact can make it negative."""
        return self.least is not None and self.least >= 0


TRUTH = Type("truth")
DATE = Type("date")


@dataclass(frozen=True, slots=True)
class Node:
    """One node: ``op`` says what it does with ``args``; ``value`` holds what is not a node (a slot, a number, bits).

    ====== =============================== ==========================================================
    op     args                            value
    ====== =============================== ==========================================================
    const  -                               the whole number
    root   -                               -                      (the filing's row)
    item   -                               depth of the loop      (the row a loop stands on)
    field  (row,)                          (entity, field, slot)
    param  -                               name                   (a dated parameter)
    day    -                               name                   (``on``: the day a window is held against)
    bits   -                               the bits               (a member of an enumeration)
    add    terms                           -
    mul    two factors                     -
    neg    (x,)                            -
    div    (a, b)                          -                      (an exact fraction; open unless b > 0 is proved)
    cmp    (left, right)                   < <= > >= == !=
    in     (x,)                            bits
    isin   (x, set parameter)              -
    and or truths                          -
    not    (x,)                            -
    if     (condition, then, otherwise)    -
    sum count min max any all              (list, body, condition or None)   depth of the loop
    closed (sum, total, sum of the field)  most of the factor     (a sum that a stated total bounds from above)
    greater lesser numbers or days         -                      (``max``/``min`` of several)
    months (date, number)                  -                      (``add_months``)
    ====== =============================== ==========================================================
    """

    op: str
    type: Type
    args: tuple[Node, ...] = ()
    value: Any = None
    _hash: int = field(default=0, compare=False, repr=False)
    _below: tuple[Node, ...] = field(default=(), compare=False, repr=False)

    def __hash__(self) -> int:
        if not self._hash:
            object.__setattr__(self, "_hash", hash((self.op, self.type, self.args, self.value)) or 1)
        return self._hash

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, parents first."""
        if not self._below:
            object.__setattr__(self, "_below", (self, *(part for arg in self.args for part in arg.walk())))
        return iter(self._below)


def to_json(node: Node) -> list[Any]:
    """The node as lists, numbers and texts."""
    return [node.op, list(node.type), node.value, [to_json(arg) for arg in node.args]]


def from_json(data: list[Any]) -> Node:
    """The node that ``to_json`` wrote."""
    op, kind, value, args = data
    kind = list(kind)
    kind[2] = tuple(tuple(unit) for unit in kind[2])
    return Node(op, Type(*kind), tuple(from_json(arg) for arg in args), tuple(value) if isinstance(value, list) else value)


_LOOPS = frozenset({"sum", "count", "min", "max", "any", "all"})


@lru_cache(maxsize=100_000)
def free_items(node: Node) -> frozenset[int]:
    """The loop items that a node refers to from outside (none: it stands on the filing alone)."""
    if node.op == "item":
        return frozenset({node.value})
    found: frozenset[int] = frozenset().union(*(free_items(arg) for arg in node.args))
    return found - {node.value} if node.op in _LOOPS else found


@lru_cache(maxsize=100_000)
def size(node: Node) -> int:
    """How many nodes a tree has, those that stand twice counted twice."""
    return 1 + sum(size(arg) for arg in node.args)


@lru_cache(maxsize=100_000)
def degree(node: Node) -> int:
    """How many unbounded facts a product in the node multiplies: how far past one unknown fact the node can reach."""
    if node.op == "field":
        return 0 if node.type.least is not None and node.type.most is not None else 1
    if node.op in _LOOPS:
        return max(1, degree(node.args[1]))
    below = [degree(arg) for arg in node.args]
    return sum(below) if node.op in ("mul", "div") else max(below, default=0)
