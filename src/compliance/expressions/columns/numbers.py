"""Ranges of whole numbers in many rows, with what none of them can pass; truths as pairs of masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

LIMIT = 1 << 62  # what no number may reach in 64 bits, with room for a sign and one addition
ZERO_POWER = 99  # zero is a multiple of any power of ten

Truth = tuple[Any, Any]  # whether it is proved, and whether it is possible: masks, or one bool for all rows


class DoesNotFit(Exception):
    """A figure that is one for the whole batch passes 64 bits."""


@dataclass(slots=True)
class Number:
    """Low and high of a number in many rows, in units of ``10**power``; ``low is high`` where all are exact.

    ``below``/``above`` mark the rows that have no lowest or no highest (None: there are none); there, the end says nothing.
    No end, told or not, is above ``bound`` in magnitude. One whole number in place of an array stands for all rows.
    """

    low: Any
    high: Any
    power: int
    bound: int
    below: Any = None
    above: Any = None

    @property
    def exact(self) -> bool:
        """Whether every row knows it."""
        return self.low is self.high and self.below is None and self.above is None

    def at(self, power: int) -> Number:
        """The same whole numbers in another unit."""
        return self if power == self.power else Number(self.low, self.high, power, self.bound, self.below, self.above)

    def each(self, change: Callable[[Any], Any]) -> Number:
        """The number with each of its arrays changed."""
        low = change(self.low)
        high = low if self.low is self.high else change(self.high)
        below, above = (None if mask is None else change(mask) for mask in (self.below, self.above))
        return Number(low, high, self.power, self.bound, below, above)

    def unless(self, rows: Any) -> Number:
        """The number with zero in some rows."""
        low = unless(rows, self.low, 0)
        return replace(self, low=low, high=low if self.low is self.high else unless(rows, self.high, 0))


@dataclass(slots=True)
class Member:
    """An enumeration in many rows: the possible bits, whether all know theirs, and the distinct values with their codes."""

    bits: Any
    exact: bool
    codes: Any
    values: tuple[int, ...]

    def each(self, change: Callable[[Any], Any]) -> Member:
        """The same in other rows."""
        return Member(change(self.bits), self.exact, change(self.codes), self.values)


def zeros(value: int) -> int:
    power = 0
    while value and value % 10 == 0:
        value, power = value // 10, power + 1
    return power


def factored(value: int) -> tuple[int, int]:
    """A whole number without its trailing zeros, and how many they were."""
    power = zeros(value) if value else ZERO_POWER
    return (value // 10**power if value else 0), power


def exactly(value: int) -> Number:
    value, power = factored(value)
    if abs(value) >= LIMIT:
        raise DoesNotFit
    return Number(value, value, power, abs(value))


def taken(values: Any, places: Any) -> Any:
    shape: tuple[int, ...] | None = getattr(values, "shape", None)
    return values[places] if shape else values


def told(mask: Any) -> Any:
    """A mask; a bool where it is the same for all rows."""
    if not getattr(mask, "shape", None) or not mask.size:
        return mask
    first = bool(mask[0])
    return first if (mask.all() if first else not mask.any()) else mask


def unless(mask: Any, values: Any, instead: Any) -> Any:
    import numpy as np

    if mask is None:
        return values
    nought = isinstance(instead, int) and not instead
    return counting(np.logical_not(mask), values) if nought else np.where(mask, instead, values)


def counting(mask: Any, values: Any) -> Any:
    """The values where a mask holds, zero elsewhere: as a product, which takes no longer where the mask changes from row to row."""
    return values * mask


def either(a: Any, b: Any) -> Any:
    """Two masks together, either of which may be None."""
    if a is None or b is None:
        return b if a is None else a
    return a | b


def chosen_by(sure: Any, possible: Any, then: Any, otherwise: Any) -> Any:
    """A mask over the branches of an ``if``: those that may be taken."""
    if then is None and otherwise is None:
        return None
    return any_(False if then is None else both(possible, then), False if otherwise is None else both(negated(sure), otherwise))


def extreme(plain: Callable[..., Any], pick: np.ufunc, a: Any, b: Any) -> Any:
    """The lesser or greater of two ends."""
    return plain(a, b) if isinstance(a, int) and isinstance(b, int) else pick(a, b)


def ends(number: Number) -> tuple[Any, ...]:
    return (number.low,) if number.low is number.high else (number.low, number.high)


def tight(number: Number) -> Number:
    """The number with the least bound that its arrays have."""
    extremes = [abs(end) if isinstance(end, int) else max(-int(end.min(initial=0)), int(end.max(initial=0))) for end in ends(number)]
    return replace(number, bound=max(extremes))


def stripped(number: Number) -> Number:
    """The number in the greatest unit that it is a multiple of."""
    import numpy as np

    divisor = 0
    for end in ends(number):
        divisor = int(np.gcd(divisor, np.gcd.reduce(np.asarray(end, dtype=np.int64).reshape(-1), initial=0)))
    if not divisor:
        return replace(number, power=0, bound=0)
    factor = 10 ** zeros(divisor)
    low = number.low // factor
    high = low if number.low is number.high else number.high // factor
    return replace(tight(replace(number, low=low, high=high)), power=number.power + zeros(divisor))


def past(end: Any, limit: int) -> Any:
    """Where an end is above a limit in magnitude."""
    return abs(end) > limit if isinstance(end, int) else (end > limit) | (end < -limit)


def size_of(number: Number) -> Any:
    """The magnitude of each row's ends."""
    import numpy as np

    return np.maximum.reduce([np.abs(np.asarray(end, dtype=np.int64)) for end in np.broadcast_arrays(*ends(number))])


def scaled(number: Number, factor: int) -> Number:
    """The number times a positive whole number that keeps it within 64 bits."""
    low = number.low * factor
    high = low if number.low is number.high else number.high * factor
    return Number(low, high, number.power, number.bound * factor, number.below, number.above)


def times(number: Number, factor: int) -> Number:
    """The number times a whole number that keeps it within 64 bits."""
    if factor > 0:
        return number if factor == 1 else scaled(number, factor)
    low = number.high * factor
    high = low if number.low is number.high else number.low * factor
    return Number(low, high, number.power, number.bound * -factor, number.above, number.below)


def negative(number: Number) -> Number:
    low = -number.high
    high = low if number.low is number.high else -number.low
    return Number(low, high, number.power, number.bound, number.above, number.below)


def greater(a: Number, b: Number) -> Number:
    """The greater of two numbers in one unit."""
    import numpy as np

    bound = max(a.bound, b.bound)
    low = extreme(max, np.maximum, unless(a.below, a.low, -LIMIT), unless(b.below, b.low, -LIMIT))
    below = None if a.below is None or b.below is None else a.below & b.below
    low = unless(below, low, 0)
    if a.exact and b.exact:
        return Number(low, low, a.power, bound)
    return Number(low, extreme(max, np.maximum, a.high, b.high), a.power, bound, below, either(a.above, b.above))


def chosen(mask: Any, then: Number, otherwise: Number) -> Number:
    """One of two numbers in one unit, by a mask."""
    import numpy as np

    if mask is False or mask is True:
        return then if mask else otherwise
    low, high = np.where(mask, then.low, otherwise.low), np.where(mask, then.high, otherwise.high)
    below, above = (
        None if a is None and b is None else any_(both(mask, a is not None and a), both(negated(mask), b is not None and b))
        for a, b in ((then.below, otherwise.below), (then.above, otherwise.above))
    )
    return Number(low, high, then.power, max(then.bound, otherwise.bound), below, above)


def reaching(mask: Any, other: Number) -> Any:
    """Where a number without bound, times one that is not negative, has none either: not where that other is zero."""
    if mask is None:
        return None
    return both(mask, other.high != 0 if other.above is None else any_(other.high != 0, other.above))


def beneath(number: Number) -> Any:
    """Where a number may be negative."""
    return number.low < 0 if number.below is None else any_(number.low < 0, number.below)


def bounded(number: Number) -> Number:
    """The number with the bound that it has in place of the one that it has not; zero where it has neither."""
    low, high = unless(number.below, number.low, 0), unless(number.above, number.high, 0)
    if number.below is not None:
        low = unless(number.below if number.above is None else number.below & ~number.above, low, high)
    if number.above is not None:
        high = unless(number.above if number.below is None else number.above & ~number.below, high, low)
    return replace(number, low=low, high=high)


def both(a: Any, b: Any) -> Any:
    if isinstance(a, bool):
        return b if a else False
    if isinstance(b, bool):
        return a if b else False
    return a & b


def any_(a: Any, b: Any) -> Any:
    if isinstance(a, bool):
        return True if a else b
    if isinstance(b, bool):
        return True if b else a
    return a | b


def negated(a: Any) -> Any:
    return not a if isinstance(a, bool) else ~a
