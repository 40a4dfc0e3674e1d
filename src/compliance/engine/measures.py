"""What a comparison measures: the measure, its limit, how far the one is from the other, and the share that it is of a base."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compliance import dates
from compliance.engine.decide import Sides
from compliance.engine.figures import Figures, style_of
from compliance.expressions.tree import Node, Type
from compliance.quantities import SHOWN_AS_OPEN, cut_ratio

_DAYS = Type("number", unit=(("day", 1),))
_ENDS = {dates.FIRST_DAY, dates.LAST_DAY}


class Comparison:
    """How the sides of a comparison are shown, laid out once for a rule.

    ``base`` is the number of which the measure is a share, where the limit is a parameter or constant times a base. ``times`` is a
    number of the law by which the measure is multiplied, so that a share such as two thirds stays exact: of such a comparison
    the share alone is shown, for sides and headroom are multiples of what anybody counts.
    """

    def __init__(self, require: Node) -> None:
        left, right = (side.type for side in require.args)
        scale = max(left.scale, right.scale)
        self.left, self.right = style_of(left), style_of(right)
        self.falls = require.value in ("<", "<=")
        self.dated = left.kind == "date"
        room = Type("number", scale, left.unit or right.unit, fraction=left.fraction or right.fraction)
        self.room = style_of(_DAYS if self.dated else room)
        self.finer = 10 ** (scale - left.scale), 10 ** (scale - right.scale)
        self.base = _base(require) if left.unit != _DAYS.unit else None  # days are compared with days, never told as a share of one
        self.times = _rate(require.args[0])
        if self.base is not None:
            finer = self.base.type.scale + (self.times.type.scale if self.times is not None else 0)
            scale = max(left.scale, finer)
            self.up, self.down = 10**finer, 10**left.scale
            self.exact = 10 ** (scale - left.scale), 10 ** (scale - finer)

    def enter(self, found: dict[str, Any], sides: Sides, value: Callable[[Node], Any], figures: Figures) -> None:
        """Enter measure, limit, ratio and headroom into a finding; ``value`` gives the range of a node."""
        if self.times is None:
            found["measure"] = self.left.written(figures, sides.left)
            found["limit"] = self.right.written(figures, sides.right)
        ratio = self.ratio(sides, value)
        if ratio:
            found["ratio"] = ratio
        if self.times is None:
            found["headroom"] = self.headroom(sides)
        if sides.difference == (0, 0):
            found["on_the_line"] = True

    def measure(self, sides: Sides) -> dict[str, str]:
        """The measure alone; nothing where it is a multiple of what is counted."""
        return self.left.span(*sides.left) if self.times is None else {}

    def headroom(self, sides: Sides) -> dict[str, str]:
        """How far the measure is from the limit, on the side that is allowed."""
        if self.dated and not _ENDS.isdisjoint((*sides.left, *sides.right)):
            return {}
        finer = self.finer
        a, b = sides.left[0] * finer[0], sides.left[1] * finer[0]
        c, d = sides.right[0] * finer[1], sides.right[1] * finer[1]
        return self.room.span(c - b, d - a) if self.falls else self.room.span(a - d, b - c)

    def ratio(self, sides: Sides, value: Callable[[Node], Any]) -> dict[str, Any]:
        """``left / base``; nothing where there is no base, or it is not known to be above nought."""
        if self.base is None:
            return {}
        times = value(self.times)[0] if self.times is not None else 1
        low, high = (end * times for end in value(self.base))
        a, b = sides.left
        if low <= 0 or any(abs(end) >= SHOWN_AS_OPEN for end in (high, a, b)):
            return {}
        ends = [(a * self.up, (high if a >= 0 else low) * self.down), (b * self.up, (low if b >= 0 else high) * self.down)]
        found: dict[str, Any] = {"low": cut_ratio(*ends[0], upwards=False), "high": cut_ratio(*ends[1], upwards=True)}
        if a == b and low == high:
            exact = [str(a * self.exact[0]), str(low * self.exact[1])]
            shared = _trailing_zeros(exact)
            found["exact"] = [text[: len(text) - shared] or "0" for text in exact]
        return found


def _base(require: Node) -> Node | None:
    left, right = require.args
    if right.op != "mul" or left.type.unit != right.type.unit:
        return None
    rate = _rate(right)
    bases = [arg for arg in right.args if arg is not rate]
    return bases[0] if rate is not None and len(bases) == 1 else None


def _rate(product: Node) -> Node | None:
    """The one number of the law, without unit, by which something is multiplied."""
    rates = [arg for arg in product.args if arg.op in ("param", "const") and not arg.type.unit] if product.op == "mul" else []
    return rates[0] if len(rates) == 1 else None


def _trailing_zeros(texts: list[str]) -> int:
    return min(len(text) - len(text.rstrip("0")) if text.strip("-0") else len(text) for text in texts)
