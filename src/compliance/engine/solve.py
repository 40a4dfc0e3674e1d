"""How far one fact may go with a rule still met: bisection on whole numbers, proved at both sides of the turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from compliance.engine.decide import Decision, decide_with, measure
from compliance.engine.subject import Put, Subject
from compliance.engine.weights import clause_in_force
from compliance.expressions.formula import FAIL, PASS
from compliance.facts.filing import Row
from compliance.packs.book import Margin, Rule, Scenario
from compliance.quantities import MAX_FIGURE
from compliance.vocabulary import Field

GROWTH = 16  # of the strides away from a guess


class Turn(NamedTuple):
    """How far a fact may go: ``sure`` is the last value at which the rule is proved met, ``possible`` the last at which it may be.

    ``upwards`` tells whether the rule is met below the turn (a greatest value) or above it (a least value). None: ``sure`` at
    no value, ``possible`` without end. ``scenario`` is what was put besides, if anything.
    """

    margin: Margin
    path: str
    field: Field
    sure: int | None
    possible: int | None
    upwards: bool
    base: tuple[int, int] | None
    scenario: Scenario | None


def turns(made: Subject, rule: Rule, margin: Margin) -> Iterator[Turn]:
    """Where a rule turns as one fact moves: on the facts as they are, then in each scenario of the margin."""
    for path, row, part in cells(made, margin.variable):
        if path != margin.variable and row[part.slot] == row[part.slot + 1]:
            continue  # of a list's items only the vague ones are still to be settled
        for scenario in (None, *margin.scenarios):
            with made.put(puts_of(made, scenario)):
                found = turn(made, rule, margin, path, row, part, scenario)
            if found is not None:
                yield found


def cells(made: Subject, path: str) -> Iterator[tuple[str, Row, Field]]:
    """The cells that a path of the pack leads to: one of the filing itself, or one for each item of a list."""
    first, *inner = made.machine.pack.vocabulary.along(path)
    if not inner:
        yield path, made.row, first
        return
    (part,) = inner
    for row in made.row[first.slot]:
        yield made.filing.path_of(row, part.slot), row, part


def puts_of(made: Subject, scenario: Scenario | None) -> list[Put]:
    """What a scenario puts: each of its facts at one end."""
    found: list[Put] = []
    for path, end in (scenario.at if scenario is not None else {}).items():
        for _, row, part in cells(made, path):
            value = row[part.slot] if end == "least" else row[part.slot + 1]
            found.append((row, part.slot, value, value))
    return found


def turn(made: Subject, rule: Rule, margin: Margin, path: str, row: Row, part: Field, scenario: Scenario | None) -> Turn | None:
    """Where a rule turns as one cell moves from its least to its greatest value; None where it does not, or nobody knows where."""
    words = made.machine.pack.vocabulary
    base = words.root.fields[margin.base] if margin.base else None
    span = (made.row[base.slot], made.row[base.slot + 1]) if base is not None else None
    low = 0 if part.least is None else part.least
    high = span[1] if span is not None and span[1] <= MAX_FIGURE else MAX_FIGURE

    def code(value: int) -> int:
        return decide_with(made, rule, [(row, part.slot, value, value)])

    ends = code(low), code(high)
    if ends[0] == ends[1]:
        return None
    upwards = ends[0] == PASS or ends[1] == FAIL
    measured = []
    for value in (low, high):
        with made.put([(row, part.slot, value, value)]):
            measured.append(measure(made, rule))
    sure = last(lambda value: code(value) == PASS, low, high, upwards, crossing(rule, measured, low, high, True))
    possible = last(lambda value: code(value) != FAIL, low, high, upwards, crossing(rule, measured, low, high, False))
    good, bad = (low, high) if upwards else (high, low)
    if possible == bad == MAX_FIGURE:  # as far as figures go: nothing is known of what would end it
        possible = None
    if possible is None and sure in (None, good):
        return None
    return Turn(margin, path, part, sure, possible, upwards, span, scenario)


def last(met: Callable[[int], bool], low: int, high: int, upwards: bool, near: int | None = None) -> int | None:
    """The last value from the good end at which ``met`` holds, with the next one not met; None where it never holds.

    ``near`` is where the turn is looked for first; a bad guess costs time and nothing else.
    """
    good, bad = (low, high) if upwards else (high, low)
    if not met(good):
        return None
    if met(bad):
        return bad
    if near is not None:
        good, bad = _narrowed(met, good, bad, near)
    while abs(bad - good) > 1:
        middle = (good + bad) // 2
        if met(middle):
            good = middle
        else:
            bad = middle
    return good


def _narrowed(met: Callable[[int], bool], good: int, bad: int, near: int) -> tuple[int, int]:
    """The two ends drawn together around a guess, in strides that grow until the turn lies between them."""
    ahead = 1 if good < bad else -1
    stride, first = 1, None
    while min(good, bad) < near < max(good, bad):
        found = met(near)
        if found:
            good = near
        else:
            bad = near
        if first is None:
            first = found
        elif found != first:
            break
        near += ahead * stride if found else -ahead * stride
        stride *= GROWTH
    return good, bad


def crossing(rule: Rule, ends: Sequence[Decision], low: int, high: int, proved: bool) -> int | None:
    """Where a rule would turn between two values if what it compares moved evenly from one to the other; None: no telling.

    ``ends`` are its decisions at the two values; with ``proved`` the turn of a pass, else that of a possible one.
    """
    clauses = {clause_in_force(decision) for decision in ends}
    clause = clauses.pop()
    if clauses or clause is None:
        return None
    require = rule.formula.clauses[clause].require
    if require.op != "cmp" or require.value not in ("<", "<=", ">", ">="):
        return None
    end = 1 if (require.value in ("<", "<=")) == proved else 0
    start, stop = (sides.difference[end] if (sides := decision.sides[clause]) is not None else 0 for decision in ends)
    return int(low + (high - low) * start // (start - stop)) if start * stop < 0 else None
