"""How far one fact may go with a rule still met: bisection on whole numbers, proved at both sides of the turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from compliance.engine.decide import Put, Subject, decide
from compliance.expressions.emit import FAIL, PASS
from compliance.packs.book import Margin, Rule
from compliance.quantities import MAX_FIGURE
from compliance.vocabulary import Field


@dataclass(frozen=True, slots=True)
class Turn:
    """How far a fact may go: ``sure`` is the last value at which the rule is proved met, ``possible`` the last at which it may be.

    ``upwards`` tells whether the rule is met below the turn (a greatest value) or above it (a least value). None: at no value.
    """

    margin: Margin
    field: Field
    sure: int | None
    possible: int | None
    upwards: bool
    base: tuple[int, int] | None


def turn(made: Subject, rule: Rule, margin: Margin) -> Turn | None:
    """Where a rule turns as one fact moves; None where it is the same at both ends, or turns more than once."""
    words = made.machine.pack.vocabulary
    part = words.root.fields[margin.variable]
    base = words.root.fields[margin.base] if margin.base else None
    span = (made.row[base.slot], made.row[base.slot + 1]) if base is not None else None
    low = 0 if part.least is None else part.least
    high = span[1] if span is not None and span[1] <= MAX_FIGURE else MAX_FIGURE

    def code(value: int) -> int:
        put: Put = (made.row, part.slot, value, value)
        with made.put([put]):
            return decide(made, rule)

    ends = code(low), code(high)
    if ends[0] == ends[1]:
        return None
    upwards = ends[0] == PASS or ends[1] == FAIL
    sure = _last(lambda value: code(value) == PASS, low, high, upwards)
    possible = _last(lambda value: code(value) != FAIL, low, high, upwards)
    return Turn(margin, part, sure, possible, upwards, span)


def _last(met: Callable[[int], bool], low: int, high: int, upwards: bool) -> int | None:
    """The last value from the good end at which ``met`` holds, with the next one not met; None where it never holds."""
    good, bad = (low, high) if upwards else (high, low)
    if not met(good):
        return None
    if met(bad):
        return bad
    while abs(bad - good) > 1:
        middle = (good + bad) // 2
        if met(middle):
            good = middle
        else:
            bad = middle
    return good
