"""Decide a rule on many filings at once, or on one filing in many scenarios, with the verdicts of ``decide`` and ``measure``.

A rule is decided for a whole batch (see ``batch`` for the ways to one)::

    batch = many.of_scenarios(made, {"offering.new_shares": (shares, shares), "uses[p1].proceeds": (low, high)})
    found = many.measure(batch, machine.pack.rule("issue-size"))
    found.codes          # int8, one for each scenario: the codes of ``engine.decide``, SPLIT and ABSENT among them
    found.scalar         # bool: the scenarios that took the scalar form, since 64 bits could not hold them
    found.sides[0]       # of the base clause: left, right and difference, each with its low and high ends

What the columns form cannot hold goes to the scalar form one by one, and is counted; the answers are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.engine.batch import Batch, of_filings, of_scenarios, of_table
from compliance.engine.decide import Decision
from compliance.engine.decide import decide as decide_one
from compliance.engine.decide import measure as measure_one
from compliance.engine.evaluating import evaluated
from compliance.expressions import columns
from compliance.packs.book import Rule

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from compliance.expressions.columns import Number

    Array = NDArray[Any]

__all__ = ["Batch", "Ends", "Measured", "Sides", "Verdicts", "decide", "measure", "of_filings", "of_scenarios", "of_table"]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The code of ``engine.decide`` for each filing of a batch, and which of them took the scalar form."""

    codes: Array
    scalar: Array


@dataclass(slots=True)
class Ends:
    """One number for each filing, as a range: whole numbers times ``10**power`` at the scale of the compared side.

    ``below``/``above`` mark the filings without a lowest or highest end; ``low`` and ``high`` say nothing there. ``known`` marks
    those that it was measured for: not those to which the rule does not apply, nor those in ``Measured.other``.
    """

    low: Array
    high: Array
    power: int
    below: Array
    above: Array
    known: Array

    def at(self, index: int) -> tuple[int | None, int | None]:
        """The ends for one filing at the scale of the compared side, None for one that is not there."""
        if not self.known[index]:
            return None, None
        low, high = (int(end[index]) * 10**self.power for end in (self.low, self.high))
        return None if self.below[index] else low, None if self.above[index] else high


class Sides(NamedTuple):
    """A comparison as evaluated for each filing: see ``engine.decide.Sides``."""

    left: Ends
    right: Ends
    difference: Ends


@dataclass(frozen=True, slots=True)
class Measured:
    """Verdicts with the clauses that may be in force (as bits) and, for each clause that is a comparison, its sides.

    ``other`` holds, by their place in the batch, the decisions of those that took the scalar form.
    """

    codes: Array
    scalar: Array
    clauses: Array
    sides: tuple[Sides | None, ...]
    other: Mapping[int, Decision]


def decide(batch: Batch, rule: Rule) -> Verdicts:
    """The verdict of a rule on each filing, as ``engine.decide.decide`` gives it."""
    codes, scalar = evaluated(batch, rule, columns.decide)
    for index in scalar.nonzero()[0].tolist():
        with batch.subject(index) as one:
            codes[index] = decide_one(one, rule)
    return Verdicts(codes, scalar)


def measure(batch: Batch, rule: Rule) -> Measured:
    """The verdict of a rule on each filing with its measures, as ``engine.decide.measure`` gives them."""
    import numpy as np

    clauses = np.zeros(batch.size, dtype=np.int64)
    sides = [_Hulls(batch.size) if clause.require.op == "cmp" else None for clause in rule.formula.clauses]

    def take(mask: Array, bits: Array, measured: Sequence[Any]) -> None:
        clauses[mask] |= bits[mask]
        for hulls, numbers in zip(sides, measured, strict=True):
            if hulls is not None and numbers is not None:
                hulls.add(mask, numbers)

    codes, scalar = evaluated(batch, rule, columns.measure, take)
    other = {}
    for index in scalar.nonzero()[0].tolist():
        with batch.subject(index) as one:
            other[index] = measure_one(one, rule)
        codes[index], clauses[index] = other[index].code, other[index].clauses
    return Measured(codes, scalar, clauses, tuple(None if each is None else each.sides(scalar) for each in sides), other)


class _Hulls:
    """The hull, over all evaluations, of the sides of one clause."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.ends: list[Ends | None] = [None, None, None]

    def add(self, mask: Array, numbers: Sequence[Number]) -> None:
        """One more evaluation of some filings."""
        self.ends = [_hull(old, _ends(number, mask, self.size)) for old, number in zip(self.ends, numbers, strict=True)]

    def sides(self, scalar: Array) -> Sides | None:
        """What was found, but for the filings that took the scalar form."""
        left, right, difference = self.ends
        if left is None or right is None or difference is None:
            return None
        for part in (left, right, difference):
            part.known &= ~scalar
        return Sides(left, right, difference)


def _ends(number: Number, mask: Array, size: int) -> Ends:
    import numpy as np

    def filled(end: Any) -> Array:
        return np.full(size, end) if np.ndim(end) == 0 else np.asarray(end)

    below, above = (filled(False if end is None else end) for end in (number.below, number.above))
    return Ends(filled(number.low), filled(number.high), number.power, below, above, mask.copy())


def _hull(old: Ends | None, new: Ends) -> Ends:
    """The hull where both are known, else the one that is."""
    import numpy as np

    if old is None:
        return new
    power = min(old.power, new.power)
    (a, b), (c, d) = _in_units(old, power), _in_units(new, power)
    low = np.where(old.known & new.known, np.minimum(a, c), np.where(new.known, c, a))
    high = np.where(old.known & new.known, np.maximum(b, d), np.where(new.known, d, b))
    below = (old.below & old.known) | (new.below & new.known)
    above = (old.above & old.known) | (new.above & new.known)
    return Ends(low, high, power, below, above, old.known | new.known)


def _in_units(ends: Ends, power: int) -> tuple[Array, Array]:
    """The ends in units of ``10**power``, as whole numbers of any size where 64 bits do not hold them."""
    factor = 10 ** (ends.power - power)
    if factor == 1:
        return ends.low, ends.high
    most = max(max(-int(end.min(initial=0)), int(end.max(initial=0))) for end in (ends.low, ends.high))
    if most * factor < 2**62 and factor < 2**62:
        return ends.low * factor, ends.high * factor
    return ends.low.astype(object) * factor, ends.high.astype(object) * factor
