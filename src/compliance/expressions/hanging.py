"""What the nodes of a book hang on, as bits of a whole number: facts, parameters, the day, and the items of loops around them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

from compliance.expressions.tree import LOOPS, OPENING, Node

Name = tuple[str, str]

PARAMETER, DAY, OPENS = 1, 2, 4  # what a value may hang on beside facts, or that it may be open on exact ones; each fact has a bit above
_FIRST_FACT = 8
_NO_ITEM: Mapping[int, int] = {}


class Hanging(NamedTuple):
    """What a node's value hangs on: ``mask``, of which ``own`` is read of a loop's item itself, by the loop's depth, and ``other`` not.

    ``items`` are the loop items that it refers to from outside, a bit for each depth; ``parameters`` a bit for each.
    """

    mask: int
    items: int
    parameters: int
    own: Mapping[int, int]
    other: int
    node: Node


class _Bits(dict[Name, int]):
    """The bit of each field, given to it when first asked for; ``names`` are the fields in the order of their bits."""

    def __init__(self, names: list[Name]) -> None:
        self.names = names

    def __missing__(self, name: Name) -> int:
        bit = self[name] = _FIRST_FACT << len(self.names)
        self.names.append(name)
        return bit


class Hangings:
    """What a book's nodes hang on, found when first needed; each of its fields has a bit of its own."""

    def __init__(self) -> None:
        self._hangs: dict[int, Hanging] = {}  # by the node's id; the node is kept, so that its id stays its own
        self._parameters: list[str] = []
        self._names: list[Name] = []
        self._bits = _Bits(self._names)

    def bit(self, name: Name) -> int:
        """The bit of a field in masks."""
        return self._bits[name]

    def mask_of(self, names: Iterable[Name]) -> int:
        """The bits of several fields."""
        return reduce(or_, map(self._bits.__getitem__, names), 0)

    def names(self, mask: int) -> list[Name]:
        """The fields that a mask holds."""
        return _held(self._names, mask // _FIRST_FACT)

    def mask(self, node: Node) -> int:
        """What a node's value hangs on."""
        return self.hangs(node).mask

    def hangs(self, node: Node) -> Hanging:
        """What a node's value hangs on."""
        found = self._hangs.get(id(node))
        if found is None:
            found = self._hangs[id(node)] = self._hanging(node)
        return found

    def _hanging(self, node: Node) -> Hanging:
        op = node.op
        mask = items = parameters = 0
        own: Mapping[int, int] = _NO_ITEM
        other = 0
        if op == "field":
            mask = self.bit(node.value[:2])
            if node.args[0].op == "root":  # as most are
                return Hanging(mask, 0, 0, own, mask, node)
            if node.args[0].op == "item":
                depth = node.args[0].value
                return Hanging(mask, 1 << depth, 0, {depth: mask}, 0, node)
            other = mask
        elif op == "param":
            mask, parameters = PARAMETER, 1 << len(self._parameters)
            self._parameters.append(node.value)
        elif op == "day":
            mask = DAY
        elif op == "item":
            items = 1 << node.value
        elif op in OPENING:
            mask = OPENS
        for arg in node.args:
            arg_mask, arg_items, arg_parameters, arg_own, arg_other, _ = self._hangs.get(id(arg)) or self.hangs(arg)
            mask |= arg_mask
            items |= arg_items
            parameters |= arg_parameters
            other |= arg_other
            if arg_own and arg_own is not own:
                own = {**own, **{depth: own.get(depth, 0) | bits for depth, bits in arg_own.items()}} if own else arg_own
        if items and op in LOOPS:
            items &= ~(1 << node.value)
            if node.value in own:
                own = dict(own)
                other |= own.pop(node.value)
        return Hanging(mask, items, parameters, own, other, node)

    def parameters(self, nodes: Iterable[Node]) -> list[str]:
        """The parameters that nodes read."""
        bits = 0
        for node in nodes:
            bits |= self.hangs(node).parameters
        return _held(self._parameters, bits)


def _held(names: Sequence[Any], bits: int) -> list[Any]:
    """The names whose bits are set."""
    found = []
    while bits:
        number = bits.bit_length() - 1
        found.append(names[number])
        bits ^= 1 << number
    return found
