"""Sums and products that keep within 64 bits: where a number could pass them its filing is left to the scalar form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from compliance.expressions.columns.frames import Frame, filled, summed
from compliance.expressions.columns.numbers import (
    LIMIT,
    Number,
    any_,
    beneath,
    both,
    bounded,
    chosen,
    either,
    exactly,
    extreme,
    greater,
    negative,
    past,
    reaching,
    scaled,
    size_of,
    stripped,
    tight,
    times,
)

HALF = 31  # bits of a half of what is below ``LIMIT``: halves of the items of a list are summed without passing 64 bits


def plus(a: Any, b: Any, own: bool) -> Any:
    """A sum, in place of the first where that is an array of our own."""
    if own and getattr(a, "shape", None):
        a += b
        return a
    return a + b


class Fit:
    """Arithmetic on the numbers of one batch. ``unfit`` marks the filings that the scalar form has to decide.

    ``spread`` tells, of scenarios, the filing that each is of.
    """

    def __init__(self, size: int, spread: Any = None) -> None:
        self.size = size
        self.spread = spread
        self.unfit: Any = False

    def leave(self, frame: Frame, rows: Any) -> None:
        """Leave the filings that some rows of a frame belong to."""
        self.unfit = any_(self.unfit, self.filings(frame, rows))

    def filings(self, frame: Frame, rows: Any) -> Any:
        """The filings of the batch that some rows of a frame belong to."""
        return frame.filings(rows, self.size, self.spread)

    def within(self, number: Number, limit: int, frame: Frame) -> Number:
        """The number with no end above ``limit``: where one is, the filing is left."""
        if number.bound <= limit or (number := tight(number)).bound <= limit:
            return number
        if isinstance(number.low, int) and isinstance(number.high, int):
            self.leave(frame, True)
            return exactly(0)
        rows = any_(past(number.low, limit), False if number.low is number.high else past(number.high, limit))
        self.leave(frame, rows)
        return replace(number.unless(rows), bound=limit)

    def aligned(self, numbers: Sequence[Number], frames: Sequence[Frame]) -> list[Number]:
        """Numbers in the unit that all share, each in its frame."""
        powers = {number.power for number in numbers if number.bound}
        if len(powers) < 2:
            return [number.at(min(powers, default=0)) for number in numbers]
        power = min(powers)
        if any(number.bound * 10 ** max(0, number.power - power) >= LIMIT for number in numbers if number.bound):
            numbers = [stripped(number) for number in numbers]
            power = min((number.power for number in numbers if number.bound), default=0)
        found = []
        for number, frame in zip(numbers, frames, strict=True):
            if not number.bound:
                found.append(number.at(power))
                continue
            factor = 10 ** (number.power - power)
            if factor > 1:
                number = self.within(number, (LIMIT - 1) // factor, frame)
                number = scaled(number, factor) if number.bound else number  # all of it is zero, or left
            found.append(number.at(power))
        return found

    def together(self, numbers: Sequence[Number], frame: Frame) -> Number:
        """The sum of numbers."""
        import numpy as np

        parts = [number for number in numbers if number.bound or not number.exact]
        if len(parts) < 2:
            return parts[0] if parts else exactly(0)
        parts = self.aligned(parts, [frame] * len(parts))
        if sum(part.bound for part in parts) >= LIMIT:
            parts = [tight(part) for part in parts]
        if (bound := sum(part.bound for part in parts)) >= LIMIT:
            size, rows = size_of(parts[0]), False
            for part in parts[1:]:
                more = size_of(part)
                rows |= more >= LIMIT - size
                size = np.minimum(size + more, LIMIT)
            if not np.ndim(rows) and rows:
                self.leave(frame, True)
                return exactly(0)
            self.leave(frame, rows)
            parts = [part.unless(rows) for part in parts]
            bound = LIMIT
        low, high, below, above = parts[0].low, parts[0].high, parts[0].below, parts[0].above
        for place, part in enumerate(parts[1:]):
            own = place > 0  # what was added up already is nobody else's
            if low is high and part.low is part.high:
                low = high = plus(low, part.low, own)
            else:
                high = plus(high, part.high, own and low is not high)
                low = plus(low, part.low, own)
            below, above = either(below, part.below), either(above, part.above)
        return Number(low, high, parts[0].power, bound, below, above)

    def product(self, a: Number, b: Number, nonnegative: bool, frame: Frame) -> Number:
        """The range of the product of two independent ranges."""
        import numpy as np

        if a.bound * b.bound >= LIMIT:
            a, b = stripped(a), stripped(b)
        power, bound = a.power + b.power, a.bound * b.bound
        if bound >= LIMIT:
            rows = size_of(a) > (LIMIT - 1) // np.maximum(size_of(b), 1)
            if not np.ndim(rows) and rows:
                self.leave(frame, True)
                return exactly(0)
            self.leave(frame, rows)
            a, b, bound = a.unless(rows), b.unless(rows), LIMIT
        if a.exact and b.exact:
            low = a.low * b.low
            return Number(low, low, power, bound)
        for one, other in ((a, b), (b, a)):
            if one.exact and isinstance(one.low, int):
                if not one.low:
                    return exactly(0)
                return replace(times(other, one.low), power=power, bound=bound)
        unbounded = any(mask is not None for mask in (a.below, a.above, b.below, b.above))
        if nonnegative:
            above = either(reaching(a.above, b), reaching(b.above, a)) if unbounded else None
            return Number(a.low * b.low, a.high * b.high, power, bound, None, above)
        if unbounded:
            a, b = bounded(a), bounded(b)
        corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        low, high = corners[0], corners[0]
        for corner in corners[1:]:
            low, high = extreme(min, np.minimum, low, corner), extreme(max, np.maximum, high, corner)
        if not unbounded:
            return Number(low, high, power, bound)
        below = above = None
        for one, other in ((a, b), (b, a)):
            down, up = beneath(other), beneath(negative(other))
            for mask, lowers, raises in ((one.above, down, up), (one.below, up, down)):
                if mask is not None:
                    below, above = either(below, both(mask, lowers)), either(above, both(mask, raises))
        return Number(low, high, power, bound, below, above)

    def greatest(self, numbers: Sequence[Number], frame: Frame, nothing: Sequence[Any]) -> Number:
        """The greatest of several numbers; where ``nothing`` of one holds there is no such number."""
        best, *others = self.aligned(numbers, [frame] * len(numbers))
        none, *more = nothing
        for other, missing in zip(others, more, strict=True):
            best, none = chosen(missing, best, chosen(none, other, greater(best, other))), both(none, missing)
        self.leave(frame, none)
        return best

    def summable(self, number: Number, inner: Frame, frame: Frame) -> Number:
        """A number over a loop's items whose sum stays within 64 bits; its ``bound`` is then that of the sum."""
        longest = inner.segments().longest
        if number.bound * longest >= LIMIT:
            number = stripped(number)
        if number.bound * longest < LIMIT:
            return replace(number, bound=number.bound * longest)
        size = filled(size_of(number), inner)
        upper, lower = summed(size >> HALF, inner), summed(size & ((1 << HALF) - 1), inner)
        rows = upper + (lower >> HALF) >= LIMIT >> HALF
        self.leave(frame, rows)
        return replace(number.unless(rows[inner.parents]), bound=LIMIT)
