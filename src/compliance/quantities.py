"""Exact figures as ranges of whole numbers: money in fen, shares, prices, ratios and counts, with their units.

A figure is exact as written. ``≈1.14亿元`` is everything that rounds to it, ``a..b`` a range, ``a..`` and ``..b`` open
to one side. No binary float takes part: a figure is read digit by digit into whole numbers at its scale.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

from compliance.source import Unreadable

QuantityKind = Literal["money", "shares", "price", "ratio", "count"]

BEYOND = 10**40  # stands for "no bound": larger than any sum that facts within MAX_FIGURE can reach
SHOWN_AS_OPEN = 10**34  # a bound past this is shown as open
MAX_FIGURE = 10**18  # the largest figure a filing may hold, in the field's own smallest unit
RATIO_DIGITS = 12

# A power of ten for each word that multiplies, and the units that each kind of figure may carry.
MULTIPLES = {"": 0, "百": 2, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_UNITS: dict[str, tuple[str, ...]] = {"money": ("元",), "shares": ("股",), "price": ("元/股",)}
_EXAMPLES = {"money": "78067.85万元", "shares": "78434551股", "price": "9.95元/股"}
_RATIO_UNITS = {"%": -2, "‰": -3}
COUNTED = ("人", "家", "个", "名", "月", "个月", "年", "日", "天", "次", "项", "户", "份", "张", "台", "套", "件")
_CONTINUOUS = ("ratio", "price")  # kinds whose true value may lie between two whole numbers at the field's scale
_UNREADABLE = {"ratio": "ratio-unit", "count": "count-unit"}  # how to mend what is no figure
_LONGEST = 100  # characters of a figure
_FORM = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?(万亿|千万|百万|百|千|万|亿)?([^0-9.,]*)")


class Figure(NamedTuple):
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


_PLAIN = frozenset("0123456789.,+-%‰≈约=万亿元股年月日/")  # characters that stand for themselves


def narrow(text: str) -> str | None:
    """A text with full-width forms and look-alike characters made plain and without spaces.

    None where it holds a digit that would change the figure if it were made plain: a footnote mark, a fraction.
    """
    if text.isascii():
        return text.replace(" ", "")
    if _PLAIN.issuperset(text):
        return text
    if any(unicodedata.category(char) == "No" for char in text):
        return None
    return unicodedata.normalize("NFKC", text).replace(" ", "").replace("\N{MINUS SIGN}", "-")


def parse(text: str, kind: QuantityKind, scale: int, rounded: bool = False, least: int | None = None, most: int | None = None) -> Figure:
    """A figure with its unit as a range of whole numbers at ``10**-scale`` of 元, 股, 元/股 or one.

    ``rounded`` marks a printed ratio, which stands for everything that rounds to it unless ``=`` is set before it.
    ``least`` and ``most`` bound what the field can be, at its scale. Raises ``Unreadable`` with the reason.
    """
    shown = narrow(text)
    if shown is None or len(shown) > _LONGEST or (len(shown) != len(text) and _parted(text)):
        raise Unreadable(_UNREADABLE.get(kind, "amount-unreadable"), text=text)
    if ".." in shown:
        low, high, step, stated = _range(shown, text, kind, scale)
    else:
        low, high, step, stated = _printed(shown, text, kind, scale, rounded)
    if low > high:
        raise Unreadable("range-reversed", text=text)
    if any(abs(value) > MAX_FIGURE for value in stated):
        raise Unreadable("amount-too-large", text=text)
    if least is not None:
        if min(stated) < least:
            raise Unreadable("amount-too-small", text=text, least=shown_figure(least, kind, scale))
        low = max(low, least)
    if most is not None:
        if max(stated) > most:
            raise Unreadable("amount-too-great", text=text, most=shown_figure(most, kind, scale))
        high = min(high, most)
    return Figure(low, high, step, text)


def _parted(text: str) -> bool:
    """Whether a blank parts digits otherwise than by thousands: ``12 5%`` may have lost a point, ``1 000元`` has not."""
    return re.search("[0-9] +(?![0-9]{3}(?![0-9]))[0-9]", unicodedata.normalize("NFKC", text)) is not None


_Read = tuple[int, int, int, list[int]]  # low, high, the worth of the last digit, and the values that were written


def _range(shown: str, text: str, kind: QuantityKind, scale: int) -> _Read:
    """The ends of ``a..b``, ``a..`` or ``..b``; one unit may serve both: ``156917.70..157125.64万元``."""
    start, _, end = shown.partition("..")
    if not start and not end:
        raise Unreadable(_UNREADABLE.get(kind, "amount-unreadable"), text=text)
    first, last = _FORM.fullmatch(start), _FORM.fullmatch(end)
    if first and last and not first[5]:
        start += ("" if first[4] else last[4] or "") + last[5]
    stated = [_number(part, text, kind, scale)[0] for part in (start, end) if part]
    return (stated[0] if start else -BEYOND), (stated[-1] if end else BEYOND), 1, stated


def _printed(shown: str, text: str, kind: QuantityKind, scale: int, rounded: bool) -> _Read:
    """The lowest and highest value that a printed figure stands for."""
    mark = shown[:1] if shown[:1] in ("≈", "约", "=") else ""
    value, step = _number(shown[len(mark) :], text, kind, scale)
    if mark not in ("≈", "约") and (mark == "=" or not rounded):
        return value, value, step, [value]
    half = step // 2 if step > 1 else int(kind in _CONTINUOUS)
    return value - half, value + half, step, [value]


def _number(shown: str, text: str, kind: QuantityKind, scale: int) -> tuple[int, int]:
    """A figure's value and the worth of its last digit, both at ``scale``."""
    match = _FORM.fullmatch(shown)
    if match is None:
        raise Unreadable(_UNREADABLE.get(kind, "amount-unreadable"), text=text)
    sign, whole, fraction, multiple, unit = match.groups(default="")
    power = MULTIPLES[multiple]
    if kind == "ratio":
        if multiple or (unit not in _RATIO_UNITS and (unit or whole != "0")):
            raise Unreadable("ratio-unit", text=text)
        power = _RATIO_UNITS.get(unit, 0)
    elif kind == "count":
        if multiple or (unit and unit not in COUNTED):
            raise Unreadable("count-unit", text=text)
    elif unit not in _UNITS[kind]:
        raise Unreadable("amount-unit", text=text, unit=" / ".join(_UNITS[kind]), example=_EXAMPLES[kind])
    value = int(whole.replace(",", "") + fraction)
    digits = len(fraction) - power  # decimals that the figure has in its own unit
    if digits > scale:
        value, rest = divmod(value, 10 ** (digits - scale))
        if rest:
            raise Unreadable("amount-too-fine", text=text)
        digits = scale
    step = 10 ** (scale - digits)
    return (-value if sign == "-" else value) * step, step


def grouped(value: int, scale: int, least_digits: int = 0) -> str:
    """A whole number at ``scale`` as a decimal with thousands separators and at least ``least_digits`` decimals."""
    sign, digits = ("-" if value < 0 else ""), str(abs(value)).rjust(scale + 1, "0")
    whole, fraction = (digits[:-scale], digits[-scale:]) if scale else (digits, "")
    fraction = fraction.rstrip("0").ljust(least_digits, "0")
    return f"{sign}{int(whole):,}" + (f".{fraction}" if fraction else "")


def decimal(value: int, scale: int, digits: int | None = None) -> str:
    """A whole number at ``scale`` as a plain decimal; with ``digits``, at least so many."""
    sign, text = ("-" if value < 0 else ""), str(abs(value)).rjust(scale + 1, "0")
    whole, fraction = (text[:-scale], text[-scale:].rstrip("0")) if scale else (text, "")
    fraction = fraction.ljust(digits or 0, "0")
    return f"{sign}{whole}.{fraction}" if fraction else sign + whole


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
