"""The difference of two sides as a sum of products, like terms collected: what a comparison is made on.

Interval arithmetic is exact where every fact stands once. A fact that still stands in two products is put at its corners:
a difference that is linear in it takes its extremes there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from compliance.expressions.tree import Node

MAX_TERMS = 64
MAX_CORNERS = 8  # facts that stand twice and are put at both their ends: at most 2**8 evaluations


class Difference(NamedTuple):
    """``left - right`` as ``sum(coefficient * product of atoms)``; a positive common factor has been divided out.

    ``factor`` and ``scale`` give the difference back: ``difference = value * factor / 10**scale``. ``repeated`` are the
    atoms that stand in more than one product, or twice in one (``squares`` then; corners prove nothing for these).
    """

    terms: tuple[tuple[int, tuple[Node, ...]], ...]
    factor: int
    scale: int
    repeated: tuple[Node, ...]
    squares: bool


@lru_cache(maxsize=100_000)
def difference(left: Node, right: Node) -> Difference:
    """The collected difference of two numbers or two days."""
    scale = max(left.type.scale, right.type.scale)
    if left.op not in _MADE_OF_TERMS and right.op not in _MADE_OF_TERMS and hash(left) != hash(right):
        return _of_two(left, right, scale)
    terms: dict[tuple[Node, ...], int] = {}
    for node, sign in ((left, 1), (right, -1)):
        for atoms, coefficient in _expand(node).items():
            value = terms.get(atoms, 0) + sign * coefficient * 10 ** (scale - node.type.scale)
            terms[atoms] = value
    terms = {atoms: value for atoms, value in terms.items() if value}
    factor = gcd(*terms.values()) if terms else 1
    count: dict[Node, int] = {}
    squares = False
    for atoms in terms:
        for atom in atoms:
            count[atom] = count.get(atom, 0) + 1
        squares = squares or len(set(atoms)) < len(atoms)
    repeated = tuple(atom for atom, times in count.items() if times > 1 and atom.op != "param")
    ordered = tuple((value // factor, atoms) for atoms, value in terms.items())
    return Difference(ordered, factor, scale, repeated, squares)


_MADE_OF_TERMS = frozenset({"const", "neg", "add", "mul"})


def _of_two(left: Node, right: Node, scale: int) -> Difference:
    """The difference of two that are not the same and are made of nothing further."""
    a, b = 10 ** (scale - left.type.scale), 10 ** (scale - right.type.scale)
    factor = gcd(a, b)
    return Difference(((a // factor, (left,)), (-b // factor, (right,))), factor, scale, (), False)


Polynomial = Mapping[tuple[Node, ...], int]


def _expand(node: Node) -> Polynomial:
    """The node as products of atoms, at the node's own scale."""
    if node.op == "const":
        return {(): node.value} if node.value else {}
    if node.op == "neg":
        return {atoms: -value for atoms, value in _expand(node.args[0]).items()}
    if node.op == "add":
        total: dict[tuple[Node, ...], int] = {}
        for arg in node.args:
            for atoms, value in _expand(arg).items():
                total[atoms] = total.get(atoms, 0) + value * 10 ** (node.type.scale - arg.type.scale)
        return total
    if node.op == "mul":
        left, right = _expand(node.args[0]), _expand(node.args[1])
        if len(left) * len(right) <= MAX_TERMS:
            product: dict[tuple[Node, ...], int] = {}
            for a, x in left.items():
                for b, y in right.items():
                    atoms = _ordered(a, b) if a and b else a or b
                    product[atoms] = product.get(atoms, 0) + x * y
            return product
    return {(node,): 1}


def _ordered(a: tuple[Node, ...], b: tuple[Node, ...]) -> tuple[Node, ...]:
    if len(a) == len(b) == 1 and (a[0].op == "param") != (b[0].op == "param"):
        return (*a, *b) if a[0].op == "param" else (*b, *a)
    return tuple(sorted((*a, *b), key=_order))


def _order(node: Node) -> tuple[bool, str]:
    # Parameters first, so that the cheap exact factor stands in front; then any stable order.
    return (node.op != "param", _text(node))


@lru_cache(maxsize=100_000)
def _text(node: Node) -> str:
    """A node as a text that no other has, made of those of its parts: trees share most of theirs."""
    return f"({node.op} {node.value} {node.type[:]} {' '.join([_text(arg) for arg in node.args])})"
