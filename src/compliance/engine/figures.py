"""Figures, days and truths as the record writes them: exact decimals in units that outside tools rely on."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from compliance import dates
from compliance.expressions.tree import Type
from compliance.quantities import SHOWN_AS_OPEN, cut_ratio, decimal

UNIT_NAMES = {(("CNY", 1),): "CNY", (("share", 1),): "shares", (("CNY", 1), ("share", -1)): "CNY/share", (("day", 1),): "days"}
DIGITS = 12  # decimals at most
_SCALED = 10**10  # a quotient has no scale: the ends of what is open are divided by those of its sides


Figures = dict[tuple["Style", tuple[Any, Any]], dict[str, str]]  # ranges as the record writes them, by their style


class Style:
    """How the values of one type are written."""

    __slots__ = ("keep", "kind", "open", "remembered", "scale", "unit")

    def __init__(self, kind: Type) -> None:
        self.kind = kind.kind
        self.scale = kind.scale
        self.unit = _unit(kind)
        self.open = SHOWN_AS_OPEN // _SCALED if kind.fraction else SHOWN_AS_OPEN
        self.keep = 2 if self.unit == "CNY" else 0
        self.remembered = not kind.fraction  # equal values have one text: a whole fraction is written as no whole number is

    def end(self, value: Any, upwards: bool = False) -> str | None:
        """One end of a range: an exact decimal (ratios with twelve digits cut to the safe side); None where open."""
        if self.kind == "date":
            return dates.iso(value) or None
        if abs(value) >= self.open:
            return None
        if value.denominator == 1 and self.unit != "ratio":
            value = value.numerator  # a quotient that comes out whole
        elif self.unit == "ratio" or not isinstance(value, int):
            return cut_ratio(value.numerator, value.denominator * 10**self.scale, upwards)
        whole, scale, keep = value, self.scale, self.keep
        while scale > keep and whole % 10 == 0:
            whole, scale = whole // 10, scale - 1
        if scale > DIGITS:
            cut = 10 ** (scale - DIGITS)
            whole, scale = (-(-whole // cut) if upwards else whole // cut), DIGITS
        return decimal(whole, scale, keep if scale <= keep else None)

    def span(self, low: Any, high: Any) -> dict[str, str]:
        """A range as the record writes it; an open end is left out."""
        found = {}
        a, b = self.end(low), self.end(high, upwards=True)
        if a is not None:
            found["low"] = a
        if b is not None:
            found["high"] = b
        found["unit"] = self.unit
        return found

    def written(self, figures: Figures, value: tuple[Any, Any]) -> dict[str, str]:
        """The same, written once for all that share ``figures``."""
        if not self.remembered:
            return self.span(*value)
        key = self, value
        found = figures.get(key)
        if found is None:
            found = figures[key] = self.span(*value)
        return found

    def text(self, low: Any, high: Any) -> str:
        """A range in a line of working."""
        if self.kind == "truth":
            return "?" if bool(low) != bool(high) else ("true" if low else "false")
        a = self.end(low)
        if low == high:
            return a or "…"
        return f"{a or '…'}..{self.end(high, upwards=True) or '…'}"


@lru_cache(maxsize=1000)
def style_of(kind: Type) -> Style:
    """How the values of a type are written."""
    return Style(kind)


def _unit(kind: Type) -> str:
    if kind.kind == "date":
        return "date"
    name = UNIT_NAMES.get(kind.unit)
    return name or (
        "ratio"
        if not kind.unit and (kind.scale or kind.fraction)
        else "count"
        if not kind.unit
        else "×".join(f"{u}^{p}" for u, p in kind.unit)
    )


def unit_of(kind: Type) -> str:
    """The name of a number's or day's unit."""
    return style_of(kind).unit


def shown(value: Any, kind: Type, upwards: bool = False) -> str | None:
    """One end of a range as the record writes it (see ``Style.end``)."""
    return style_of(kind).end(value, upwards)


def span(low: Any, high: Any, kind: Type) -> dict[str, str]:
    """A range as the record writes it; an open end is left out."""
    return style_of(kind).span(low, high)


def text_of(low: Any, high: Any, kind: Type) -> str:
    """A range in a line of working."""
    return style_of(kind).text(low, high)
