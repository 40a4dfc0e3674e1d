"""Decide a whole book on one filing: the verdicts alone, by generated code, as fast as one filing can be decided."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from compliance.engine.decide import ABSENT, across, decide
from compliance.engine.machine import Machine
from compliance.engine.subject import ALWAYS, Subject
from compliance.expressions.emit import CONFLICT, OPEN
from compliance.packs.book import Rule


class Line(NamedTuple):
    """One rule under the law of one day: ``exact`` decides where every fact that it reads is exact, ``ranges`` on any facts.

    ``mask`` is what it reads. ``exact`` is None where the law of the day is not one.
    """

    rule: Rule
    mask: int
    parameters: tuple[int, ...]
    exact: Callable[..., int] | None
    ranges: Callable[..., int]


def decide_all(made: Subject) -> list[int]:
    """The code of each rule's verdict as ``decide`` gives it, in the order of the book; meant for many filings in a row.

    Generated code is made for every rule when it is first needed: on a single filing that takes longer than it saves.
    """
    machine, row = made.machine, made.row
    vague = 0
    for name in made.vague:
        vague |= machine.steps.bit(name)
    low, high = ALWAYS
    found = []
    for line in sheet(made):
        if line is None:
            found.append(ABSENT)
            continue
        rule, mask, parameters, exact, ranges = line
        if exact is None:
            found.append(decide(made, rule))
        elif rule.held_on:
            found.append(_held(made, line, vague))
        elif not mask & vague:
            found.append(exact(row, parameters, low, high))
        else:
            code = ranges(row, parameters, low, high)
            found.append(code if code < OPEN else decide(made, rule))
    return found


def _held(made: Subject, line: Line, vague: int) -> int:
    """The verdict of a rule whose window is held against several days."""
    assert line.exact is not None
    by_day = {}
    for name in line.rule.held_on:
        on = made.day(name)
        if on is not None:
            exact = on[0] == on[1] and not line.mask & vague
            by_day[name] = (line.exact if exact else line.ranges)(made.row, line.parameters, *on)
            if by_day[name] in (OPEN, CONFLICT) and not exact:
                return decide(made, line.rule)
    return across(by_day) if by_day else decide(made, line.rule)


def sheet(made: Subject) -> list[Line | None]:
    """Every rule under the law of the filing's days; None for one that is not in force."""
    machine = made.machine
    laws: dict[tuple[str, ...], tuple[int, int]] = {}
    for rule in machine.laws:
        laws[rule.law] = made.law_day(rule)[1]
    key = tuple([bisect_right(machine.turns, low) if low == high else 0 for low, high in laws.values()])
    found: list[Line | None] | None = machine.sheets.get(key)
    if found is None:
        found = machine.sheets[key] = [_line(machine, rule, *laws[rule.law]) for rule in machine.pack.rules]
    return found


def _line(machine: Machine, rule: Rule, low: int, high: int) -> Line | None:
    ready = machine.ready(rule)
    ranges = ready.code(False, False)
    if low != high:
        return Line(rule, ready.mask, (), None, ranges)
    segment = next(part for part in ready.segments if part.start <= low < part.end)
    return Line(rule, ready.mask, segment.parameters, ready.code(True, False), ranges) if segment.in_force else None
