"""Exact figures as ranges of whole numbers: money in fen, shares, prices, ratios and counts, read and written with units.

A figure is exact as written. ``≈1.14亿元`` is everything that rounds to it, ``a..b`` a range, ``a..`` and ``..b`` open to
one side. No binary float takes part: a figure is read digit by digit into whole numbers at its scale.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from compliance.source import Unreadable

QuantityKind = Literal["money", "shares", "price", "ratio", "count"]

BEYOND = 10**40  # stands for "no bound": larger than any sum that facts within MAX_FIGURE can reach
SHOWN_AS_OPEN = 10**30  # a bound past this is shown as open
MAX_FIGURE = 10**18  # the largest figure a filing may hold, in the field's own smallest unit
RATIO_DIGITS = 12

# A power of ten for each word that multiplies, and the units that each kind of figure may carry.
_MULTIPLES = {"": 0, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_UNITS: dict[str, tuple[str, ...]] = {"money": ("元",), "shares": ("股",), "price": ("元/股",), "ratio": (), "count": ()}
_FORM = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(万亿|千万|百万|百|千|万|亿)?(.*)")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value as a closed range of whole numbers, at the scale of its field.

    ``step`` is one unit of the last digit printed, at the same scale: what a printed total may be out by in its tail.
    ``text`` is what was written.
    """

    low: int
    high: int
    step: int
    text: str

    @property
    def exact(self) -> bool:
        """Whether the value is known to the last unit."""
        return self.low == self.high


def parse(text: str, kind: QuantityKind, scale: int, rounded: bool = False, least: int | None = None) -> Figure:
    """A figure with its unit as a range of whole numbers at ``10**-scale`` of 元, 股, 元/股 or one.

    ``rounded`` marks a printed ratio, which stands for everything that rounds to it unless ``=`` is set before it.
    ``least`` is the lowest value the field can have, at its scale. Raises ``Unreadable`` with the reason.
    """
    shown = unicodedata.normalize("NFKC", text).replace(" ", "").replace("\N{FULLWIDTH HYPHEN-MINUS}", "-")
    if ".." in shown:
        start, _, end = shown.partition("..")
        unit_end = _FORM.fullmatch(end)
        if start and unit_end and (start_form := _FORM.fullmatch(start)) and not (start_form[4] or start_form[5]):
            start += (unit_end[4] or "") + unit_end[5]  # 156917.70..157125.64万元: one unit for both
        if not start and not end:
            raise Unreadable("amount-unreadable", text=text)
        low = _number(start, text, kind, scale)[0] if start else (-BEYOND if least is None else least)
        high = _number(end, text, kind, scale)[0] if end else BEYOND
        step = 1
    else:
        approximate = shown[:1] in ("≈", "约") or (rounded and shown[:1] != "=")
        value, step = _number(shown.lstrip("≈约="), text, kind, scale)
        half = -(-step // 2) if approximate and step > 1 else 0
        if approximate and step % 2 and step > 1:
            half = step // 2
        low, high = value - half, value + half
        if half and least is not None and low < least <= value:
            low = least
    if low > high:
        raise Unreadable("range-reversed", text=text)
    if least is not None and low < least:
        raise Unreadable("amount-too-small", text=text, least=shown_figure(least, kind, scale))
    if any(MAX_FIGURE < abs(bound) < BEYOND for bound in (low, high)):
        raise Unreadable("amount-too-large", text=text)
    return Figure(low, high, step, text)


def _number(shown: str, text: str, kind: QuantityKind, scale: int) -> tuple[int, int]:
    """A figure's value and the worth of its last digit, both at ``scale``."""
    match = _FORM.fullmatch(shown)
    if match is None:
        raise Unreadable("amount-unreadable", text=text)
    sign, whole, fraction, multiple, unit = match.groups()
    fraction, multiple = fraction or "", multiple or ""
    power = _MULTIPLES[multiple]
    if kind == "ratio":
        if multiple or unit not in ("%", "‰", ""):
            raise Unreadable("ratio-unit", text=text)
        if unit == "" and whole not in ("0", "1"):
            raise Unreadable("ratio-unit", text=text)
        power = {"%": -2, "‰": -3, "": 0}[unit]
    elif kind == "count":
        if multiple or unit not in ("", "人", "家", "个", "名", "月", "年", "日", "天", "次", "项"):
            raise Unreadable("count-unit", text=text)
    elif unit not in _UNITS[kind]:
        raise Unreadable("amount-unit", text=text, unit=" / ".join(_UNITS[kind]), example=_EXAMPLES[kind])
    digits = len(fraction) - power
    if digits > scale:
        cut = digits - scale
        if fraction.ljust(cut, "0")[-cut:].strip("0") or cut > len(fraction):
            raise Unreadable("amount-too-fine", text=text)
        fraction, digits = fraction[:-cut], scale
    value = int(whole.replace(",", "") + fraction) * 10 ** (scale - digits)
    return (-value if sign == "-" else value), 10 ** (scale - digits)


_EXAMPLES = {"money": "78067.85万元", "shares": "78434551股", "price": "9.95元/股"}


def grouped(value: int, scale: int, least_digits: int = 0) -> str:
    """A whole number at ``scale`` as a decimal with thousands separators and at least ``least_digits`` decimals."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(scale + 1, "0")
    whole, fraction = (digits[:-scale], digits[-scale:]) if scale else (digits, "")
    fraction = fraction.rstrip("0").ljust(least_digits, "0")
    return f"{sign}{int(whole):,}" + (f".{fraction}" if fraction else "")


def decimal(value: int, scale: int, digits: int | None = None) -> str:
    """A whole number at ``scale`` as a plain decimal; with ``digits``, exactly so many (the value must fit)."""
    text = grouped(value, scale, digits or 0).replace(",", "")
    return text


def cut_ratio(numerator: int, denominator: int, upwards: bool, digits: int = RATIO_DIGITS) -> str:
    """``numerator / denominator`` with ``digits`` decimals, cut to the safe side: down, or up where ``upwards``."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    scaled = numerator * 10**digits
    value = -(-scaled // denominator) if upwards else scaled // denominator
    sign, text = ("-" if value < 0 else ""), str(abs(value)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}"


def percentage(numerator: int, denominator: int, upwards: bool = False, digits: int = 4) -> str:
    """``numerator / denominator`` in percent with ``digits`` decimals, cut to the safe side."""
    return cut_ratio(numerator * 100, denominator, upwards, digits) + "%"


def shown_figure(value: int, kind: str, scale: int) -> str:
    """A figure for a reader: money in 元 with two decimals, shares in 股, ratios in percent; open bounds as ``…``."""
    if abs(value) >= SHOWN_AS_OPEN:
        return "…"
    if kind == "money":
        return grouped(value, scale, 2) + "元"
    if kind == "shares":
        return grouped(value, scale) + "股"
    if kind == "price":
        return grouped(value, scale, 2) + "元/股"
    if kind == "ratio":
        return grouped(value, scale - 2) + "%" if scale >= 2 else grouped(value * 10 ** (2 - scale), 0) + "%"
    return grouped(value, scale)
