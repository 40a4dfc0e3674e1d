"""The typed tree of an expression: one kind of node, frozen, that turns into JSON and back.

Nothing of a pack's text survives in it but what has been resolved: names have become slots, literals whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True, init=False)
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
    period (date,)                         months of the period   (``period_end``)
    session (date, number)                 the calendar           (``add_trading_days``; open beyond what is known)
    ====== =============================== ==========================================================
    """

    op: str
    type: Type
    args: tuple[Node, ...] = ()
    value: Any = None
    # What is found out when it is first asked for. Not taken along by ``replace``: a node with other parts is another.
    _hash: int = field(init=False, compare=False, repr=False)
    _size: int = field(init=False, compare=False, repr=False)
    _below: tuple[Node, ...] = field(init=False, compare=False, repr=False)

    def __init__(self, op: str, type: Type, args: tuple[Node, ...] = (), value: Any = None) -> None:
        _op(self, op)
        _type(self, type)
        _args(self, args)
        _value(self, value)

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            # Of the type what tells most apart: the whole of it would take most of the time.
            _hash(self, hash((self.op, self.value, self.args, self.type.kind, self.type.scale, self.type.of)))
            return self._hash

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, parents first."""
        try:
            return iter(self._below)
        except AttributeError:
            _below(self, (self, *(part for arg in self.args for part in arg.walk())))
            return iter(self._below)


# What sets each part of a node that is new and frozen: a pack has thousands, and this takes half the time of the usual way.
_op, _type, _args, _value, _hash, _size, _below = (getattr(Node, name).__set__ for name in Node.__slots__)


class Forest:
    """Trees on their way into JSON: each node once, as a row that names its type and its parts by their numbers.

    Formulas share much of what they are made of; so it is written once, read once and one object afterwards.
    """

    def __init__(self) -> None:
        self._types: dict[Type, int] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._met: dict[int, tuple[int, Node]] = {}  # the node is kept, so that its id stays its own
        self._rows: list[list[Any]] = []
        self._fields: dict[int, frozenset[tuple[str, str]]] = {}

    def put(self, node: Node) -> int:
        """The number of a node, entered with all below it if it is new."""
        met = self._met.get(id(node))
        if met is not None:
            return met[0]
        parts = [self.put(arg) for arg in node.args]
        row = [node.op, self._types.setdefault(node.type, len(self._types)), node.value, *parts]
        number = self._numbers.setdefault(tuple(row), len(self._rows))
        if number == len(self._rows):
            self._rows.append(row)
        self._met[id(node)] = number, node
        return number

    def fields(self, numbers: Iterable[int]) -> frozenset[tuple[str, str]]:
        """The (entity, field) pairs that the trees of these numbers read; the day a window is held on stands under no entity."""
        return frozenset().union(*[self._fields_of(number) for number in numbers])

    def _fields_of(self, number: int) -> frozenset[tuple[str, str]]:
        found = self._fields.get(number)
        if found is None:
            op, _, value, *parts = self._rows[number]
            found = self.fields(parts).union((value[:2],) if op == "field" else (("", value),) if op == "day" else ())
            self._fields[number] = found
        return found

    def named(self) -> set[str]:
        """The parameters and readings that stand anywhere in the trees."""
        used = {value for op, _, value, *_ in self._rows if op == "param"}
        return used | {name for entity, name in self.fields(range(len(self._rows))) if entity == "reading"}

    def to_json(self) -> dict[str, Any]:
        """The nodes as lists, numbers and texts, parts before what they are parts of."""
        return {"types": [list(kind) for kind in self._types], "nodes": self._rows}


def from_json(plain: Mapping[str, Any]) -> list[Node]:
    """The nodes of a ``Forest``, each at its number."""
    types = [type_of(kind) for kind in plain["types"]]
    nodes: list[Node] = []
    known = nodes.__getitem__
    for op, kind, value, *parts in plain["nodes"]:
        nodes.append(Node(op, types[kind], tuple(map(known, parts)), tuple(value) if value.__class__ is list else value))
    return nodes


def type_of(plain: Sequence[Any]) -> Type:
    """A type from the list that JSON holds of it."""
    kind, scale, unit, *rest = plain
    return Type(kind, scale, tuple(tuple(part) for part in unit), *rest)


OPENING = frozenset({"div", "session"})  # what may be open even on exact facts
LOOPS = ("sum", "count", "min", "max", "any", "all")  # what goes over the items of a list


_NONE: frozenset[Any] = frozenset()


@lru_cache(maxsize=100_000)
def free_items(node: Node) -> frozenset[int]:
    """The loop items that a node refers to from outside (none: it stands on the filing alone)."""
    if node.op == "item":
        return frozenset({node.value})
    found = _together(free_items, node.args)
    return found - {node.value} if found and node.op in LOOPS else found


@lru_cache(maxsize=100_000)
def names_of(node: Node) -> frozenset[tuple[str, str]]:
    """The (entity, field) pairs that a node reads; a reading stands under the entity ``reading``."""
    found = _together(names_of, node.args)
    return found | {node.value[:2]} if node.op == "field" else found


@lru_cache(maxsize=100_000)
def parameters_of(node: Node) -> frozenset[str]:
    """The parameters that a node reads."""
    return frozenset({node.value}) if node.op == "param" else _together(parameters_of, node.args)


@lru_cache(maxsize=100_000)
def opens(node: Node) -> bool:
    """Whether a node may be open even where every fact is exact."""
    return node.op in OPENING or any(opens(arg) for arg in node.args)


def _together(of: Callable[[Node], frozenset[Any]], parts: Iterable[Node]) -> frozenset[Any]:
    """What is found in any of the parts. Most have nothing, or no more than one that came before."""
    found = _NONE
    for part in parts:
        here = of(part)
        if not found:
            found = here
        elif here and here is not found:
            found = found | here
    return found


def size(node: Node) -> int:
    """How many nodes a tree has, those that stand twice counted twice."""
    try:
        return node._size
    except AttributeError:
        _size(node, 1 + sum([size(arg) for arg in node.args]))
        return node._size


@lru_cache(maxsize=100_000)
def degree(node: Node) -> int:
    """How many unbounded facts a product in the node multiplies: how far past one unknown fact the node can reach."""
    if node.op == "field":
        return 0 if node.type.least is not None and node.type.most is not None else 1
    if node.op in LOOPS:
        return max(1, degree(node.args[1]))
    below = [degree(arg) for arg in node.args]
    return sum(below) if node.op in ("mul", "div") else max(below, default=0)
