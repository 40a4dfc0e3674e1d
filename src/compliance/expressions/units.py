"""What unit and bounds a number has that others are added, multiplied, divided or joined to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from compliance.expressions.tree import Node, Type

Unit = tuple[tuple[str, int], ...]  # the powers of what is counted, by their names


def bounded(kind: Type, least: int | None, most: int | None) -> Type:
    """The type with other bounds."""
    return kind._replace(least=least, most=most)


def bounds(kind: Type, parts: Sequence[Node], end: str) -> list[Any]:
    """One end of the bounds (``least`` or ``most``) of several numbers, each at the scale of ``kind``; None: no bound."""
    ends = [(getattr(part.type, end), kind.scale - part.type.scale) for part in parts]
    return [None if bound is None else bound * 10**power for bound, power in ends]


def sum_of_bounds(kind: Type, parts: Sequence[Node], end: str) -> int | None:
    """That end of their sum; None where one of them has none."""
    found = bounds(kind, parts, end)
    return None if None in found else sum(found)


def product_of_bounds(a: Type, b: Type) -> tuple[int | None, int | None]:
    """The bounds of a product, at the scale of both factors together."""
    if a.least is None or a.most is None or b.least is None or b.most is None:
        return (0 if a.nonnegative and b.nonnegative else None), None
    corners = [x * y for x in (a.least, a.most) for y in (b.least, b.most)]
    return min(corners), max(corners)


def negated(bound: int | None) -> int | None:
    """The bound of a number with its sign turned: the other end becomes it."""
    return None if bound is None else -bound


def product(left: Unit, right: Unit) -> Unit:
    """The unit of a product; what is counted above and below falls away."""
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def inverse(unit: Unit) -> Unit:
    """The unit of one over a number."""
    return tuple((name, -power) for name, power in unit)
