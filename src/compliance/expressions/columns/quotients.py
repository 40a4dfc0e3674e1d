"""Comparisons of quotients: each quotient between two figures of so many digits, and what these do not tell left to the scalar form.

An exact quotient is a fraction, which columns do not hold. It lies between the figure below and the figure above it. A comparison is
made twice: with every quotient as wide as these, and as narrow; where both say the same, so would the fractions.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from compliance.expressions.columns.frames import Frame
from compliance.expressions.columns.numbers import LIMIT, Number, any_, both, either, exactly
from compliance.expressions.columns.run import Run
from compliance.expressions.tree import Node

DIGITS = 8  # decimals of a quotient at the scale of its sides
WIDE, NARROW = "wide", "narrow"


@lru_cache(maxsize=1_000)
def rounded(node: Node, how: str) -> Node | None:
    """A number with its quotients rounded one way; None where rounding does not carry through what is done with them."""
    if not any(part.op == "div" for part in node.walk()):
        return node
    if node.op == "div":
        return None if any(part.op == "div" for arg in node.args for part in arg.walk()) else Node("div", node.type, node.args, how)
    if node.op not in ("add", "neg", "sum", "cmp"):
        return None
    inside = node.args[1:2] if node.op == "sum" else node.args
    parts = [rounded(arg, how) for arg in inside]
    if None in parts:
        return None
    held = [part for part in parts if part is not None]
    args = (node.args[0], held[0], *node.args[2:]) if node.op == "sum" else tuple(held)
    return Node(node.op, node.type, args, node.value)


def divided(run: Run, node: Node, frame: Frame) -> Number:
    """A quotient, rounded outwards or inwards; without bound both ways where it is not proved that its divisor is above nought."""
    import numpy as np

    a, b = (run.number(arg, frame) for arg in node.args)
    a = a if a.bound else replace(a, power=0)  # nothing, in any unit
    power = a.power - node.args[0].type.scale - (b.power - node.args[1].type.scale)
    digits = max(0, DIGITS + power)
    positive = b.low > 0 if b.below is None else both(b.low > 0, ~b.below)
    run.fit.leave(frame, both(positive, a.low < 0 if a.below is None else any_(a.low < 0, a.below)))
    if b.bound * 10 >= LIMIT:
        run.fit.leave(frame, True)
        return exactly(0)
    wide = node.value == WIDE
    size = (frame.size,)  # also where both are one number for all rows: of a quotient each row may be without an end
    least, fits_low = long_division(a.low, b.high, digits, not wide, size)
    most, fits_high = long_division(a.high, b.low, digits, wide, size)
    if b.above is not None:  # a share of what has no bound: next to nothing, and nothing only of nothing
        least = np.where(b.above, 0 if wide else np.minimum(np.asarray(a.low), 1), least)
    run.fit.leave(frame, both(positive, np.logical_not(fits_low & fits_high)))
    open_ = np.broadcast_to(np.logical_not(positive), size)
    below = open_ if open_.any() else None
    return Number(np.where(open_, 0, least), np.where(open_, 0, most), power - digits, LIMIT >> 1, below, either(below, a.above))


def long_division(a: Any, b: Any, digits: int, up: bool, size: tuple[int, ...]) -> tuple[Any, Any]:
    """Whole numbers divided with so many decimals."""
    import numpy as np

    dividend, divisor = (np.broadcast_to(np.asarray(part, dtype=np.int64), size) for part in (a, b))
    divisor = np.maximum(divisor, 1)
    found, rest = np.divmod(np.maximum(dividend, 0), divisor)
    fits = found < LIMIT // 10 ** (digits + 1) if digits < 17 else np.zeros(size, dtype=bool)
    found = np.where(fits, found, 0)
    for _ in range(digits if digits < 17 else 0):
        more, rest = np.divmod(rest * 10, divisor)
        found = found * 10 + more
    return found + (rest > 0 if up else 0), fits
